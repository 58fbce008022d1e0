"""Survival by response at a landmark (rule R9.7): groups are formed at the landmark, and time runs from there on."""

from dataclasses import dataclass, replace

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.estimates.cox_model import ONE_GROUP, cox_data, one_ratio, ratio_method, record_ratio
from analysis.estimates.response import ONSET_ENDPOINT
from analysis.estimates.survival import LOGRANK, SOURCE, SURVIVAL, axis_ticks, record_logrank, record_survival
from analysis.marts import StudyMarts, Times
from analysis.statistics.arrays import Flags, Integers
from analysis.statistics.landmark import landmark
from models.protocol import Protocol

LANDMARK = "landmark"
ENDPOINT = "OS"
GROUP = "response_at_landmark"
RESPONDERS = "Responders"
NON_RESPONDERS = "Non-responders"
LEVELS = (NON_RESPONDERS, RESPONDERS)
"""Levels by their code: 0 had not responded by the landmark, 1 had."""


@dataclass(frozen=True)
class Landmark:
    """A landmark in months; the primary one is the parameter, the others are sensitivity analyses."""

    months: float
    is_primary: bool

    @property
    def endpoint(self) -> str:
        """Endpoint in the results: survival from this landmark, such as OSLM2."""
        return f"{ENDPOINT}LM{self.months:g}"


def landmarks(protocol: Protocol, primary: float) -> tuple[Landmark, ...]:
    """The landmark of the parameters, then the protocol's others."""
    others = dict.fromkeys(protocol.analysis.landmark_sensitivity_months)
    return (Landmark(primary, True), *(Landmark(months, False) for months in others if months != primary))


def analyse_landmark(marts: StudyMarts, protocol: Protocol, conventions: Conventions, record: Recorder) -> None:
    """Every landmark, where the study reports overall survival."""
    if all(endpoint.paramcd != ENDPOINT for endpoint in protocol.analysis.endpoints):
        return
    onset, survival = marts.times(ONSET_ENDPOINT), marts.times(ENDPOINT)
    for one in landmarks(protocol, conventions.landmark_months):
        found = landmark(onset.months, survival.months, one.months)
        _record_who(record, one, survival, found.is_kept, onset.has & (onset.months <= one.months))
        times = replace(survival, months=found.months, is_event=survival.is_event & found.is_kept)
        group = np.where(found.is_kept, found.had_status, -1).astype(np.int64)
        _record_groups(record, one, times, group, protocol, conventions)


def _record_who(record: Recorder, one: Landmark, survival: Times, is_kept: Flags, had_responded: Flags) -> None:
    """Who is in, and who is out because the time had ended by the landmark, by death or by censoring."""
    is_out = survival.has & ~is_kept
    counts = {
        "n": is_kept,
        "n_died_before": is_out & survival.is_event,
        "n_censored_before": is_out & ~survival.is_event,
        "n_responded_and_out": is_out & had_responded,
        "n_without_time": ~survival.has,
    }
    place = Place(LANDMARK, one.endpoint)
    record.add(place, "landmark_months", one.months, source="meta.parameters")
    record.add_all(place, {name: int(members.sum()) for name, members in counts.items()}, source=SOURCE)


def _record_groups(
    record: Recorder, one: Landmark, times: Times, group: Integers, protocol: Protocol, conventions: Conventions
) -> None:
    ticks = axis_ticks(float(times.months[times.has].max(initial=0.0)))
    for code, label in enumerate(LEVELS):
        place = Place(SURVIVAL, one.endpoint, GROUP, label)
        record_survival(record, place, times.of(group == code), protocol.analysis.rate_months, ticks, conventions)
    record_logrank(record, Place(LOGRANK, one.endpoint, GROUP), times, group)
    _record_ratio(record, one, times, group, conventions)


def _record_ratio(record: Recorder, one: Landmark, times: Times, group: Integers, conventions: Conventions) -> None:
    """Hazard ratio of responders against non-responders."""
    members, has_responded = times.has, (group == LEVELS.index(RESPONDERS))[times.has]
    data = cox_data(times, members, has_responded[:, None].astype(np.float64), conventions)
    found = one_ratio(data) if np.unique(has_responded).size == len(LEVELS) else ONE_GROUP
    place = Place(LANDMARK, one.endpoint, GROUP, RESPONDERS)
    n, events = int(members.sum()), int(data.is_event.sum())
    record_ratio(record, place, found, method=ratio_method(times, conventions), n=n, events=events)
