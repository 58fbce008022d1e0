"""Whether the adjusted model's hazards are proportional, and restricted means where they are not (rule R9.4)."""

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.estimates.cox_model import SOURCE, CoxModel
from analysis.estimates.levels import Factor
from analysis.estimates.regression import multivariable_model
from analysis.marts import StudyMarts
from analysis.statistics import cox, kaplan_meier
from analysis.statistics.arrays import Flags
from analysis.statistics.proportional_hazards import ProportionalHazards, Residuals, ScoreTest, check, smooth
from analysis.statistics.restricted_mean import Estimate, difference, longest_common_month, restricted_mean
from models.protocol import PRIMARY, Protocol

PROPORTIONAL = "proportional_hazards"
RESIDUALS = "schoenfeld"
SMOOTH = "schoenfeld_smooth"
RESTRICTED = "restricted_mean"
DEATH = "death"

UNEQUAL_P = 0.05
"""Rule R9.4: at a P value below this the report adds restricted means."""

METHOD = "Score test of scaled Schoenfeld residuals, time as one minus the Kaplan-Meier curve"
MEAN_METHOD = "Area under the Kaplan-Meier curve up to the largest common time, Greenwood's variance"


def analyse_hazards(marts: StudyMarts, protocol: Protocol, conventions: Conventions, record: Recorder) -> None:
    """Test each factor of the adjusted model and all together; the residuals are kept for the primary's plot."""
    if not protocol.analysis.cox_multivariable:
        return
    model = multivariable_model(marts, protocol, conventions)
    factors = [factor for factor in model.factors if model.columns(factor.name)]
    found = _check(model, factors)
    tests: list[ScoreTest | None] = [None] * len(factors) if isinstance(found, str) else list(found.factors)
    overall = None if isinstance(found, str) else found.overall
    words = found if isinstance(found, str) else "not estimable"
    for name, test in [*zip((factor.name for factor in factors), tests, strict=True), (None, overall)]:
        _record_test(record, model, Place(PROPORTIONAL, model.endpoint, variable=name), test, words)
    if isinstance(found, str):
        return
    if marts.variant == PRIMARY:
        _record_residuals(record, model, found.residuals)
    for factor, test in zip(factors, found.factors, strict=True):
        if min(test.p_value, found.overall.p_value) < UNEQUAL_P:
            _record_means(record, model, factor)


def _check(model: CoxModel, factors: list[Factor]) -> ProportionalHazards | str:
    if isinstance(model.fitted, str):
        return model.fitted
    try:
        return check(model.data, [model.columns(factor.name) for factor in factors])
    except cox.NotEstimable as reason:
        return str(reason)


def _record_test(record: Recorder, model: CoxModel, place: Place, test: ScoreTest | None, words: str) -> None:
    n, events = model.size
    values: dict[str, float | None] = dict.fromkeys(("chi2", "degrees", "p_value"))
    if test is not None:
        values = {"chi2": test.chi2, "degrees": test.degrees, "p_value": test.p_value}
    record.add_all(place, values, text=words, source=SOURCE, method=METHOD, n=n, events=events)


def _record_residuals(record: Recorder, model: CoxModel, residuals: Residuals) -> None:
    for column, (factor, code) in enumerate(model.terms):
        of = {"variable": factor.name, "variable_level": factor.labels[code]}
        for number, (month, value) in enumerate(zip(residuals.months, residuals.values[:, column], strict=True), 1):
            place = Place(RESIDUALS, model.endpoint, DEATH, str(number), **of)
            record.add_all(place, {"months": float(month), "residual": float(value)}, source=SOURCE, method=METHOD)
        try:
            line = smooth(residuals, column)
        except cox.NotEstimable:
            continue
        place = Place(SMOOTH, model.endpoint, **of)
        for at in np.unique(line.months, return_index=True)[1]:
            values = {"log_hr": line.log_hr[at], "lower": line.lower[at], "upper": line.upper[at]}
            method = "Natural cubic spline with four degrees of freedom, two standard errors"
            record.add_all(place, values, time=float(line.months[at]), source=SOURCE, method=method)


def _record_means(record: Recorder, model: CoxModel, factor: Factor) -> None:
    """Restricted mean of every level up to the largest common time, and its difference from the reference's."""
    level = factor.values.level[model.members]
    present = [code for code in range(len(factor.labels)) if (level == code).any()]
    until = longest_common_month(model.months, level)
    means = {code: _mean(model, level == code, until) for code in present}
    for code in present:
        inside = level == code
        n, events = int(inside.sum()), int(model.is_event[inside].sum())
        place = Place(RESTRICTED, model.endpoint, factor.name, factor.labels[code])
        record.add_all(place, {"n": n, "n_events": events, "until": until}, source=SOURCE)
        record.add_all(place, _limits("mean", means[code]), source=SOURCE, method=MEAN_METHOD, n=n, events=events)
        if code != factor.reference and factor.reference in means:
            found = difference(means[code], means[factor.reference])
            values = {**_limits("difference", found), "p_value": found.p_value}
            record.add_all(place, values, source=SOURCE, method=MEAN_METHOD, n=n, events=events)


def _mean(model: CoxModel, inside: Flags, until: float) -> Estimate:
    return restricted_mean(kaplan_meier.fit(model.months[inside], model.is_event[inside]), until)


def _limits(name: str, found: Estimate) -> dict[str, float | None]:
    return {name: found.value, f"{name}_lower": found.lower, f"{name}_upper": found.upper}
