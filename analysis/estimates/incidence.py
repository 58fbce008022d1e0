"""Cumulative incidence with competing events (rule R9.6): progression or death first, and reasons to stop treatment."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.ard import About, Place, Recorder
from analysis.estimates.levels import Factor, read_factor
from analysis.estimates.survival import axis_ticks
from analysis.marts import NO_LEVEL, StudyMarts
from analysis.statistics.arrays import Flags, Floats, Integers
from analysis.statistics.competing_risks import CENSORED, Incidence, cumulative_incidence
from analysis.statistics.gray import gray_test
from models.protocol import EndpointChoice, Protocol

INCIDENCE = "cumulative_incidence"
CURVE = "incidence_curve"
GRAY = "gray"
CAUSE = "cause"
STOPPING = "TTD"
"""Endpoint of the incidence of stopping treatment: its times are the durations of marts.disposition (R7.6)."""

EVENT, DEATH_FIRST = "EVENT", "DEATH_FIRST"
STOPPED_FOR = ("PD", "DEATH", "AE", "PATIENT_DECISION", "COMPLETED", "OTHER")
"""Reasons that end treatment; who is still on it or lost is censored, as in the time to discontinuation (R6.2)."""

METHOD = "Aalen-Johansen, log-log interval from Aalen's variance"
GRAY_METHOD = "Gray's test, two-sided"
_EVENT_CODE, _COMPETING_CODE = 0, 9
_TIMES = "marts.survival_times"
_DISPOSITION = "marts.disposition"


@dataclass(frozen=True)
class CompetingTimes:
    """One endpoint: months (nan for a patient outside it) and what ended them, 0 or the place of a cause from 1."""

    endpoint: str
    months: Floats
    ended_by: Integers
    causes: tuple[str, ...]
    source: str

    @property
    def has(self) -> Flags:
        """Who has a time."""
        return np.isfinite(self.months)


def analyse_incidence(marts: StudyMarts, protocol: Protocol, record: Recorder) -> None:
    """Every cause of every endpoint, for all patients and by the first covariate whose curves the study compares."""
    group = next(iter(protocol.analysis.curves_by), None)
    factor = read_factor(marts, protocol, group) if group else None
    for times in _endpoints(marts, protocol):
        ticks = axis_ticks(float(times.months[times.has].max(initial=0.0)))
        _record_group(record, protocol, times, Place(INCIDENCE, times.endpoint), times.has, ticks)
        if factor:
            _record_by(record, protocol, times, factor, ticks)


def _endpoints(marts: StudyMarts, protocol: Protocol) -> Iterator[CompetingTimes]:
    for endpoint in protocol.analysis.competing:
        yield _read_endpoint(marts, endpoint)
    stopping = _read_stopping(marts)
    if stopping.causes:
        yield stopping


def _read_endpoint(marts: StudyMarts, endpoint: EndpointChoice) -> CompetingTimes:
    """The endpoint's event is the first cause, the event that the rule book calls competing the second (R6.1)."""
    months, ended_by = np.full(marts.n, np.nan), np.zeros(marts.n, dtype=np.int64)
    for place, (time, code) in marts.by_patient(
        f"select centre_id, patient_key, aval_months, cnsr from {_TIMES} "
        "where study_id = ? and variant = ? and paramcd = ?",
        endpoint.paramcd,
    ):
        months[place] = time
        ended_by[place] = {_EVENT_CODE: 1, _COMPETING_CODE: 2}.get(code, CENSORED)
    return CompetingTimes(endpoint.paramcd, months, ended_by, (EVENT, DEATH_FIRST), _TIMES)


def _read_stopping(marts: StudyMarts) -> CompetingTimes:
    """Durations of treatment with the reasons that occur; who was never treated has no time."""
    rows = marts.by_patient(
        f"select centre_id, patient_key, duration_months, reason from {_DISPOSITION} "
        "where study_id = ? and variant = ? and duration_months is not null"
    )
    reasons = {reason for _, (_, reason) in rows}
    causes = tuple(reason for reason in STOPPED_FOR if reason in reasons)
    months, ended_by = np.full(marts.n, np.nan), np.zeros(marts.n, dtype=np.int64)
    for place, (time, reason) in rows:
        months[place] = time
        ended_by[place] = 1 + causes.index(reason) if reason in causes else CENSORED
    return CompetingTimes(STOPPING, months, ended_by, causes, _DISPOSITION)


def _record_by(record: Recorder, protocol: Protocol, times: CompetingTimes, factor: Factor, ticks: list[float]) -> None:
    level = factor.values.level
    for code, label in enumerate(factor.labels):
        place = Place(INCIDENCE, times.endpoint, factor.name, label)
        _record_group(record, protocol, times, place, times.has & (level == code), ticks)
    members = times.has & (level != NO_LEVEL)
    for code, cause in enumerate(times.causes, start=1):
        found = gray_test(times.months[members], times.ended_by[members], code, level[members])
        place = Place(GRAY, times.endpoint, factor.name, variable=CAUSE, variable_level=cause)
        values = {"p_value": found.p_value, "chi2": found.chi2, "degrees": found.degrees}
        n, events = int(members.sum()), int((times.ended_by[members] == code).sum())
        record.add_all(place, values, source=times.source, method=GRAY_METHOD, n=n, events=events)


def _record_group(
    record: Recorder, protocol: Protocol, times: CompetingTimes, place: Place, members: Flags, ticks: list[float]
) -> None:
    months, ended_by = times.months[members], times.ended_by[members]
    record.add(place, "n", months.size, source=times.source)
    record.add(place, "n_censored", int((ended_by == CENSORED).sum()), source=times.source, n=months.size)
    for tick in ticks:
        record.add(place, "at_risk", int((months >= tick).sum()), time=tick, source=times.source)
    longest = float(months.max(initial=0.0))
    for code, cause in enumerate(times.causes, start=1):
        at = Place(INCIDENCE, place.endpoint, place.group_name, place.group_level, CAUSE, cause)
        record.add(at, "n_events", int((ended_by == code).sum()), source=times.source, n=months.size)
        found = cumulative_incidence(months, ended_by, code)
        for month in protocol.analysis.rate_months:
            about: About = {"source": times.source, "time": float(month), "method": METHOD, "n": months.size}
            _record_rate(record, at, found, longest, about)
        _record_curve(record, at, found, times.source)


def _record_rate(record: Recorder, place: Place, found: Incidence, longest: float, about: About) -> None:
    """Percent with its interval at a month; nothing is said past the longest follow-up."""
    month = about["time"] or 0.0
    is_reached = month <= longest
    shares = (found.at(month), *found.interval(month)) if is_reached else (np.nan,) * 3
    about["text"] = "not estimable" if is_reached else "not reached"
    names = ("incidence", "incidence_lower", "incidence_upper")
    record.add_all(place, {name: 100 * share for name, share in zip(names, shares, strict=True)}, **about)


def _record_curve(record: Recorder, place: Place, found: Incidence, source: str) -> None:
    at = Place(CURVE, place.endpoint, place.group_name, place.group_level, place.variable, place.variable_level)
    for time, value in zip(found.times, found.incidence, strict=True):
        record.add(at, "incidence", float(value), time=float(time), source=source, method=METHOD)
