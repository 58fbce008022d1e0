"""Cox regression (rule R9.4): one factor at a time, numbers as linear terms, and the protocol's factors together."""

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.estimates.cox_model import ABSENT, SOURCE, CoxModel, cox_data, one_ratio, ratio_method, record_ratio
from analysis.estimates.levels import Factor, read_factor
from analysis.marts import StudyMarts, Times
from models.protocol import Protocol

UNIVARIATE = "cox_univariate"
MULTIVARIABLE = "cox_multivariable"
LINEAR = "cox_linear"
SELECTION = "cox_selection"
CAP_METHOD = "events divided by the events that each coefficient needs (epv_min)"


def analyse_cox(marts: StudyMarts, protocol: Protocol, conventions: Conventions, record: Recorder) -> None:
    """Hazard ratios of every level against its reference, a global test of each factor, and what selection would do."""
    chosen = protocol.analysis
    if not chosen.cox_univariate and not chosen.cox_multivariable:
        return
    times = marts.times(chosen.cox_endpoint)
    alone = [
        univariate_model(chosen.cox_endpoint, read_factor(marts, protocol, name), times, conventions)
        for name in chosen.cox_univariate
    ]
    for model in alone:
        model.record(record)
        _record_size(record, model, Place(UNIVARIATE, model.endpoint, variable=model.factors[0].name))
    for term in chosen.cox_linear:
        factor = read_factor(marts, protocol, term.covariate)
        _record_linear(record, factor, float(term.per), chosen.cox_endpoint, times, conventions)
    if chosen.cox_multivariable:
        model = multivariable_model(marts, protocol, conventions)
        model.record(record)
        _record_size(record, model, Place(MULTIVARIABLE, model.endpoint))
        _record_cap(record, model)
    _record_selection(record, protocol, alone, times)


def record_univariate(record: Recorder, endpoint: str, factor: Factor, times: Times, conventions: Conventions) -> None:
    """Hazard ratios of one factor's levels among the patients who have a time and a level."""
    univariate_model(endpoint, factor, times, conventions).record(record)


def univariate_model(endpoint: str, factor: Factor, times: Times, conventions: Conventions) -> CoxModel:
    """The model of one factor among the patients who have a time and a level."""
    return CoxModel(UNIVARIATE, endpoint, (factor,), times, conventions)


def multivariable_model(marts: StudyMarts, protocol: Protocol, conventions: Conventions) -> CoxModel:
    """The protocol's adjusted model."""
    chosen = protocol.analysis
    factors = tuple(read_factor(marts, protocol, name) for name in chosen.cox_multivariable)
    return CoxModel(MULTIVARIABLE, chosen.cox_endpoint, factors, marts.times(chosen.cox_endpoint), conventions)


def _record_size(record: Recorder, model: CoxModel, place: Place) -> None:
    n, events = model.size
    record.add_all(place, {"n": n, "n_events": events, "n_coefficients": len(model.terms)}, source=SOURCE)


def _record_linear(
    record: Recorder, factor: Factor, per: float, endpoint: str, times: Times, conventions: Conventions
) -> None:
    """Hazard ratio for each `per` units of a number that no cut into levels has coarsened."""
    place = Place(LINEAR, endpoint, variable=factor.name)
    members = times.has & np.isfinite(factor.values.number)
    design = (factor.values.number[members] / per)[:, None]
    method = f"{ratio_method(times, conventions)}, linear term"
    n, events = int(members.sum()), int(times.is_event[members].sum())
    record.add_all(place, {"n": n, "n_events": events, "per": per}, source=SOURCE)
    varies = design.size and np.ptp(design)
    found = one_ratio(cox_data(times, members, design, conventions)) if varies else ABSENT
    record_ratio(record, place, found, method=method, n=n, events=events)


def _record_cap(record: Recorder, model: CoxModel) -> None:
    """Coefficients that the events allow at `epv_min` events each, and whether the protocol's model has more."""
    place = Place(MULTIVARIABLE, model.endpoint)
    _, events = model.size
    coefficients = len(model.terms)
    most = int(events // model.conventions.epv_min)
    per_coefficient = events / coefficients if coefficients else None
    record.add(place, "events_per_coefficient", per_coefficient, source=SOURCE)
    record.add(place, "most_coefficients", most, source=SOURCE, method=CAP_METHOD, events=events)
    exceeds = float(coefficients > most)
    record.add(place, "exceeds_cap", exceeds, source=SOURCE, method=CAP_METHOD, events=events)


def _record_selection(record: Recorder, protocol: Protocol, alone: list[CoxModel], times: Times) -> None:
    """Which factors univariate selection would take, beside what the protocol takes; nothing is selected by it."""
    chosen = protocol.analysis
    if not alone:
        return
    conventions = alone[0].conventions
    method = conventions.wald_method
    coefficients = 0
    for model in alone:
        name = model.factors[0].name
        p_value = model.global_test(name).p_value
        enters = p_value is not None and p_value < conventions.uni_p_enter
        is_forced = name in chosen.cox_forced
        coefficients += len(model.terms) if enters or is_forced else 0
        flags = {"enters": enters, "is_forced": is_forced, "is_in_model": name in chosen.cox_multivariable}
        place = Place(SELECTION, chosen.cox_endpoint, variable=name)
        for statistic, flag in flags.items():
            record.add(place, statistic, float(flag), source=SOURCE, method=method)
    events = int(times.is_event[times.has].sum())
    most = int(events // conventions.epv_min)
    place = Place(SELECTION, chosen.cox_endpoint)
    record.add(place, "p_enter", conventions.uni_p_enter, source=SOURCE, method=method)
    record.add(place, "n_coefficients", coefficients, source=SOURCE, method=method)
    record.add(place, "most_coefficients", most, source=SOURCE, method=CAP_METHOD, events=events)
    exceeds = float(coefficients > most)
    record.add(place, "exceeds_cap", exceeds, source=SOURCE, method=CAP_METHOD, events=events)
