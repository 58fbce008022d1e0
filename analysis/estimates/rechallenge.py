"""Earlier checkpoint inhibitors (rule R4): classes, conformity, treatment-free interval, and outcomes by class."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.estimates.response import SOURCE as RESPONSES
from analysis.estimates.response import record_proportion
from analysis.estimates.summaries import record_numbers
from analysis.estimates.survival import record_median
from analysis.marts import StudyMarts
from analysis.statistics import kaplan_meier
from analysis.statistics.arrays import Flags, Floats
from models.protocol import Protocol

SOURCE = "marts.treatment_free_intervals"
RECHALLENGE = "rechallenge"
OUTCOMES = "rechallenge_outcomes"
INTERVALS = "treatment_free_interval"
CLASSES = (
    "RECHALLENGE_SAME",
    "RECHALLENGE_SWITCH",
    "CONTINUATION_BEYOND_PD",
    "RESUMPTION_NO_PD",
    "ADD_ON",
    "UNKNOWN",
    "NAIVE",
)
QUESTIONS = ("pd_after", "same_agent", "same_agent_ever", "gap_gt_3m", "irae_ok", "conforms_protocol")
"""What rule R4 asks of each patient with an earlier inhibitor; answers Y, N or U (unknown)."""

ANSWERS = ("Y", "N", "U")
GROUP = "ici_class"
BIN_MONTHS = 3.0


class _Course(NamedTuple):
    """One patient's row of the mart."""

    ici_class: str
    prior_ici: str
    tfi_months: float | None
    washout_days: float | None
    answers: tuple[str | None, ...]


def analyse_rechallenge(marts: StudyMarts, protocol: Protocol, conventions: Conventions, record: Recorder) -> None:
    """Classes of all included patients; questions and intervals of those with an earlier inhibitor."""
    courses = _read(marts)
    pretreated = [course for course in courses.values() if course.prior_ici == "Y"]
    place = Place(RECHALLENGE)
    record.add(place, "n_prior_ici", len(pretreated), source=SOURCE, n=marts.n)
    unknown = sum(course.prior_ici == "U" for course in courses.values())
    record.add(place, "n_unknown", unknown, source=SOURCE, n=marts.n)
    classes = Counter(course.ici_class for course in courses.values())
    for name in CLASSES:
        record_proportion(
            record, Place(RECHALLENGE, variable=GROUP, variable_level=name), classes[name], marts.n, SOURCE
        )
    for position, question in enumerate(QUESTIONS):
        answers = Counter(course.answers[position] for course in pretreated)
        for answer in ANSWERS:
            at = Place(RECHALLENGE, variable=question, variable_level=answer)
            record_proportion(record, at, answers[answer], len(pretreated), SOURCE)
    _record_intervals(pretreated, conventions, record)
    _record_outcomes(marts, protocol, conventions, courses, record)


def _read(marts: StudyMarts) -> dict[int, _Course]:
    rows = marts.by_patient(
        "select centre_id, patient_key, ici_class, prior_ici, tfi_months, washout_days::double, "
        f"{', '.join(QUESTIONS)} from {SOURCE} where study_id = ? and variant = ?"
    )
    return {patient: _Course(row[0], row[1], row[2], row[3], row[4:]) for patient, row in rows}


def _record_intervals(pretreated: list[_Course], conventions: Conventions, record: Recorder) -> None:
    """Months from the last dose of the earlier inhibitor to index (both days exact), days since any earlier drug."""
    months = np.array([c.tfi_months for c in pretreated if c.tfi_months is not None], dtype=np.float64)
    record_numbers(record, Place(INTERVALS), months, conventions, source=SOURCE)
    washout = np.array([c.washout_days for c in pretreated if c.washout_days is not None], dtype=np.float64)
    record_numbers(record, Place(INTERVALS, variable="washout_days"), washout, conventions, source=SOURCE)
    for name in CLASSES:
        own = [c.tfi_months for c in pretreated if c.ici_class == name and c.tfi_months is not None]
        if own:
            _record_bins(record, name, np.array(own), float(months.max()))


def _record_bins(record: Recorder, name: str, months: Floats, longest: float) -> None:
    """Patients of one class in steps of three months: from the lower end, that end included, to the next."""
    for step in range(int(longest // BIN_MONTHS) + 1):
        lower = step * BIN_MONTHS
        inside = int(((months >= lower) & (months < lower + BIN_MONTHS)).sum())
        record.add(Place(INTERVALS, None, GROUP, name), "n_in_step", inside, time=lower, source=SOURCE, n=months.size)


def _record_outcomes(
    marts: StudyMarts, protocol: Protocol, conventions: Conventions, courses: dict[int, _Course], record: Recorder
) -> None:
    """ORR and medians of each class that somebody is in; described, not compared."""
    responders = np.zeros(marts.n, dtype=bool)
    for patient, (is_responder,) in marts.by_patient(
        f"select centre_id, patient_key, is_responder from {RESPONSES} where study_id = ? and variant = ?"
    ):
        responders[patient] = bool(is_responder)
    for name in CLASSES:
        members = _members(courses, name, marts.n)
        if not members.any():
            continue
        place = Place(OUTCOMES, None, GROUP, name, "orr")
        record_proportion(record, place, int(responders[members].sum()), int(members.sum()), RESPONSES)
        for endpoint in protocol.analysis.endpoints:
            times = marts.times(endpoint.paramcd)
            own = times.of(members & times.has)
            at = Place(OUTCOMES, endpoint.paramcd, GROUP, name)
            record_median(record, at, kaplan_meier.fit(own.months, own.is_event), conventions)


def _members(courses: dict[int, _Course], name: str, n: int) -> Flags:
    members = np.zeros(n, dtype=bool)
    members[[patient for patient, course in courses.items() if course.ici_class == name]] = True
    return members
