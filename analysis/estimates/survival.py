"""Time to event (rules R9.2, R9.3, R6.4): curves, medians, rates, numbers at risk, log-rank, follow-up."""

import math
from dataclasses import replace

import numpy as np

from analysis.ard import About, Place, Recorder
from analysis.conventions import FEW_AT_RISK, Conventions
from analysis.estimates.levels import read_factor
from analysis.marts import StudyMarts, Times
from analysis.statistics import kaplan_meier
from analysis.statistics.arrays import Flags, Floats, Integers
from analysis.statistics.descriptive import quantile
from analysis.statistics.kaplan_meier import Curve
from analysis.statistics.logrank import logrank
from models.protocol import Protocol

SOURCE = "marts.survival_times"
SURVIVAL = "survival"
CURVE = "survival_curve"
WEIGHTED = "weighted_survival"
CURVES = {SURVIVAL: CURVE, WEIGHTED: "weighted_curve"}
"""Analysis of a curve's steps, by the analysis of its numbers."""

LOGRANK = "logrank"
FOLLOW_UP = "follow_up"
FOLLOW_UP_ENDPOINT = "OS"

_STEPS = (3, 6, 12)
_MOST_TICKS = 8
_RATES = ("rate", "rate_lower", "rate_upper")


def analyse_survival(marts: StudyMarts, protocol: Protocol, conventions: Conventions, record: Recorder) -> None:
    """Every endpoint for all patients and by each covariate of `curves_by`; follow-up from overall survival."""
    chosen = protocol.analysis
    for endpoint in chosen.endpoints:
        times = marts.times(endpoint.paramcd)
        ticks = axis_ticks(float(times.months[times.has].max(initial=0.0)))
        places = [(Place(SURVIVAL, endpoint.paramcd), times.has)]
        for name in chosen.curves_by:
            factor = read_factor(marts, protocol, name)
            places += [
                (Place(SURVIVAL, endpoint.paramcd, name, label), times.has & (factor.values.level == code))
                for code, label in enumerate(factor.labels)
            ]
            record_logrank(record, Place(LOGRANK, endpoint.paramcd, name), times, factor.values.level)
        for place, members in places:
            record_survival(record, place, times.of(members), chosen.rate_months, ticks, conventions)
        if endpoint.paramcd == FOLLOW_UP_ENDPOINT:
            _record_follow_up(record, times, conventions)


def record_survival(
    record: Recorder,
    place: Place,
    times: Times,
    rate_months: tuple[int, ...],
    ticks: list[float],
    conventions: Conventions,
    weights: Floats | None = None,
) -> None:
    """Median, rates, numbers at risk and curve of these times; the place's analysis must be one of `CURVES`.

    Weights, one a patient, bear on the curve, its median and its rates; counts stay those of patients.
    """
    curve = kaplan_meier.fit(times.months, times.is_event, weights)
    conventions = replace(conventions, is_weighted=weights is not None)
    _record_summary(record, place, curve, rate_months, conventions)
    _record_ticks(record, place, curve, ticks)
    _record_curve(record, place, curve, conventions)


def axis_ticks(longest: float) -> list[float]:
    """Months of axis ticks and numbers at risk: steps of 3, 6 or 12 (or whole years), up to the longest follow-up."""
    steps = [*_STEPS, *range(24, 241, 12)]
    step = next((step for step in steps if longest / step <= _MOST_TICKS), steps[-1])
    return [float(tick) for tick in range(0, int(longest) + 1, step)]


def record_median(record: Recorder, place: Place, curve: Curve, conventions: Conventions) -> None:
    """Patients, events, and the median (months) with its interval."""
    record.add(place, "n", curve.n, source=SOURCE)
    record.add(place, "n_events", curve.n_events, source=SOURCE, n=curve.n)
    lower, upper = kaplan_meier.median_interval(curve, conventions.median_ci)
    values = {"median": kaplan_meier.median(curve), "median_lower": lower, "median_upper": upper}
    text = "not reached" if curve.n else "no patients"
    n, events = curve.n, curve.n_events
    record.add_all(place, values, text=text, source=SOURCE, method=conventions.median_method, n=n, events=events)


def _record_summary(
    record: Recorder, place: Place, curve: Curve, months: tuple[int, ...], conventions: Conventions
) -> None:
    record_median(record, place, curve, conventions)
    n, events = curve.n, curve.n_events
    for month in months:
        found = kaplan_meier.rate(curve, month, conventions.km_ci)
        rates = (math.nan,) * 3 if found is None else (found.survival, found.lower, found.upper)
        percents = {name: 100 * rate for name, rate in zip(_RATES, rates, strict=True)}
        text = "not reached" if found is None else "not estimable"
        record.add_all(
            place,
            percents,
            text=text,
            time=float(month),
            source=SOURCE,
            method=conventions.curve_method,
            n=n,
            events=events,
        )


def _record_ticks(record: Recorder, place: Place, curve: Curve, ticks: list[float]) -> None:
    for tick in ticks:
        counts = {
            "at_risk": curve.count_at_risk(tick),
            "cum_events": curve.events_before(tick),
            "cum_censored": curve.censored_before(tick),
        }
        record.add_all(place, counts, time=tick, source=SOURCE)


def _record_curve(record: Recorder, place: Place, curve: Curve, conventions: Conventions) -> None:
    at = Place(CURVES[place.analysis], place.endpoint, place.group_name, place.group_level)
    lower, upper = kaplan_meier.band(curve, conventions.km_ci)
    known = kaplan_meier.has_variance(curve)
    for step in range(curve.times.size):
        time = float(curve.times[step])
        record.add(
            at, "survival", float(curve.survival[step]), time=time, source=SOURCE, method=conventions.curve_method
        )
        if known[step]:
            record.add(at, "lower", float(lower[step]), time=time, source=SOURCE, method=conventions.curve_method)
            record.add(at, "upper", float(upper[step]), time=time, source=SOURCE, method=conventions.curve_method)
        if curve.censored[step]:
            record.add(at, "n_censored", int(curve.censored[step]), time=time, source=SOURCE)
    thin_from = kaplan_meier.thin_from(curve, FEW_AT_RISK)
    record.add(at, "thin_from", thin_from, text="never", source=SOURCE, n=FEW_AT_RISK)


def record_logrank(record: Recorder, place: Place, times: Times, level: Integers) -> None:
    """Compare the patients who have a time between levels (codes, below 0 for none)."""
    members: Flags = times.has & (level >= 0)
    found = logrank(times.months[members], times.is_event[members], level[members])
    values = {"p_value": found.p_value, "chi2": found.chi2, "degrees": found.degrees}
    n, events = int(members.sum()), int(times.is_event[members].sum())
    record.add_all(place, values, source=SOURCE, method="Log-rank, two-sided, unweighted", n=n, events=events)


def _record_follow_up(record: Recorder, times: Times, conventions: Conventions) -> None:
    months, is_event = times.months[times.has], times.is_event[times.has]
    reverse = kaplan_meier.fit(months, ~is_event)
    lower, upper = kaplan_meier.median_interval(reverse, conventions.median_ci)
    place = Place(FOLLOW_UP, FOLLOW_UP_ENDPOINT, variable="reverse_km")
    values = {"median": kaplan_meier.median(reverse), "median_lower": lower, "median_upper": upper}
    record.add(place, "n", months.size, source=SOURCE)
    record.add_all(place, values, text="not reached", source=SOURCE, method=f"Reverse {conventions.median_method}")
    for name, group in (("naive_all", months), ("naive_alive", months[~is_event])):
        place = Place(FOLLOW_UP, FOLLOW_UP_ENDPOINT, variable=name)
        record.add(place, "n", group.size, source=SOURCE)
        ends = {"min": group.min(initial=np.inf), "max": group.max(initial=-np.inf)}
        median = quantile(group, 0.5, conventions.quantile_type)
        about: About = {"source": SOURCE, "method": conventions.quantile_method, "n": group.size}
        record.add_all(place, {"median": median, **ends}, **about)
