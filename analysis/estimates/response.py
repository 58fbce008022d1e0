"""Best overall response with exact intervals, its depth, onset and duration (rules R5.4, R5.5, R9.5)."""

from collections.abc import Sequence

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.estimates.summaries import record_numbers
from analysis.estimates.survival import SURVIVAL, axis_ticks, record_survival
from analysis.marts import StudyMarts
from analysis.statistics.descriptive import clopper_pearson
from models.protocol import Protocol

SOURCE = "marts.best_response"
TIMES = "marts.survival_times"
RESPONSE = "response"
CONFIRMED = "response_confirmed"
DEPTH = "depth_of_response"
ONSET = "time_to_response"
DURATION_ENDPOINT = "DOR"
ONSET_ENDPOINT = "TTR"
RESPONDING = ("CR", "PR")
CONTROLLED = (*RESPONDING, "SD", "NON-CR/NON-PD")
NOT_EVALUABLE = ("NE", "MISSING")
CATEGORIES = (*CONTROLLED, "PD", *NOT_EVALUABLE)
METHOD = "Clopper-Pearson"


def analyse_response(marts: StudyMarts, protocol: Protocol, conventions: Conventions, record: Recorder) -> None:
    """Categories, ORR and DCR among all included patients, then how deep, how soon and how long they responded."""
    rows = marts.select(
        "select bor, is_responder, is_controlled, confirmed_bor, is_clinical_benefit, best_pct_base::double "
        f"from {SOURCE} where study_id = ? and variant = ?"
    )
    _record_best(marts, rows, record)
    _record_confirmed(marts, [row[3] for row in rows], record)
    benefit = [row[4] for row in rows]
    record_proportion(record, Place(RESPONSE, variable="cbr"), benefit.count(True), marts.n)
    record.add(Place(RESPONSE, variable="cbr"), "n_unknown", benefit.count(None), source=SOURCE, n=marts.n)
    measured = [row for row in rows if row[5] is not None]
    groups = {None: measured, "responders": [row for row in measured if row[1]]}
    for group, members in groups.items():
        changes = np.array([row[5] for row in members], dtype=np.float64)
        record_numbers(record, Place(DEPTH, variable=group), changes, conventions, source=SOURCE)
    _record_onset_and_duration(marts, protocol, conventions, record)


def _record_best(marts: StudyMarts, rows: Sequence[tuple[object, ...]], record: Recorder) -> None:
    """Without confirmation; the rates among evaluable patients stand beside the main ones as a sensitivity."""
    best = [row[0] for row in rows]
    for category in CATEGORIES:
        place = Place(RESPONSE, variable="bor", variable_level=category)
        record_proportion(record, place, best.count(category), marts.n)
    missing = sum(best.count(category) for category in NOT_EVALUABLE)
    record_proportion(record, Place(RESPONSE, variable="not_evaluable"), missing, marts.n)
    for name, column in (("orr", 1), ("dcr", 2)):
        count = sum(bool(row[column]) for row in rows)
        record_proportion(record, Place(RESPONSE, variable=name), count, marts.n)
        record_proportion(record, Place(RESPONSE, variable=f"{name}_evaluable"), count, marts.n - missing)


def _record_confirmed(marts: StudyMarts, confirmed: Sequence[object], record: Recorder) -> None:
    for category in CATEGORIES:
        place = Place(CONFIRMED, variable="bor", variable_level=category)
        record_proportion(record, place, confirmed.count(category), marts.n)
    for name, members in (("orr", RESPONDING), ("dcr", CONTROLLED)):
        count = sum(confirmed.count(category) for category in members)
        record_proportion(record, Place(CONFIRMED, variable=name), count, marts.n)


def _record_onset_and_duration(
    marts: StudyMarts, protocol: Protocol, conventions: Conventions, record: Recorder
) -> None:
    """Time to response is described, since only responders have one; duration is a curve from the first response on."""
    onset = marts.times(ONSET_ENDPOINT)
    record_numbers(record, Place(ONSET, ONSET_ENDPOINT), onset.months[onset.has], conventions, source=TIMES)
    if any(endpoint.paramcd == DURATION_ENDPOINT for endpoint in protocol.analysis.endpoints):
        return
    duration = marts.times(DURATION_ENDPOINT)
    among = duration.of(duration.has)
    ticks = axis_ticks(float(among.months.max(initial=0.0)))
    place = Place(SURVIVAL, DURATION_ENDPOINT)
    record_survival(record, place, among, protocol.analysis.rate_months, ticks, conventions)


def record_proportion(record: Recorder, place: Place, count: int, total: int, source: str = SOURCE) -> None:
    """A count of a total in percent, with its exact interval."""
    found = clopper_pearson(count, total)
    record.add(place, "n", count, source=source, n=total)
    record.add(place, "total", total, source=source)
    limits = {"pct": found.percent, "pct_lower": found.lower, "pct_upper": found.upper}
    record.add_all(place, limits, source=source, method=METHOD, n=total)
