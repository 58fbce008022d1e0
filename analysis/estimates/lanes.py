"""One row of numbers a patient for waterfall, spider and swimmer (rule R5.5).

A lane's number is its place in its own figure and nothing else: no key, no date, and no way from one figure's lane to
another's. Months count from the index date as time to event does, so that a mark and its survival time agree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from analysis.ard import Place, Recorder
from analysis.marts import StudyMarts

BEST = "marts.best_response"
TIMEPOINTS = "marts.tumour_timepoints"
DISPOSITION = "marts.disposition"
WATERFALL = "waterfall"
SPIDER = "spider"
SWIMMER = "swimmer"
LANE = "lane"
UNMEASURED = "unmeasured"
MOST_LANES = 300
"""Patients above which lanes are not told apart on a page; then only the counts are recorded."""

MARKS = {"FIRST_RESPONSE": "response_months", "FIRST_PROGRESSION": "progression_months"}
"""Dated events that the swimmer marks, and the statistic that holds their month."""

_Row = TypeVar("_Row")

_WITHIN_WINDOW = """
    select
        points.centre_id, points.patient_key, points.last_date - cohort.index_date, points.pct_base::double,
        points.new_lesion in ('UNEQUIVOCAL', 'CONFIRMED_LATER'), best.bor
    from marts.tumour_timepoints as points
    inner join marts.best_response as best using (study_id, variant, centre_id, patient_key)
    inner join marts.study_cohort as cohort using (study_id, variant, centre_id, patient_key)
    where
        study_id = ? and variant = ? and not points.is_baseline and points.pct_base is not null
        and points.reader = (
            select min_by(deepest.reader, (deepest.reader = 'IND') <> (best.response_source = 'INDEPENDENT'))
            from marts.tumour_timepoints as deepest
            where
                deepest.study_id = best.study_id and deepest.variant = best.variant
                and deepest.centre_id = best.centre_id and deepest.patient_key = best.patient_key
                and deepest.tp_date = best.best_sum_date and deepest.pct_base = best.best_pct_base
        )
        and points.tp_date > cohort.index_date
        and (best.window_end_date is null or points.first_date <= best.window_end_date)
    order by points.centre_id, points.patient_key, points.last_date
"""
"""Complete sums up to progression or the switch of therapy, of the reader whose deepest sum the waterfall shows."""


def analyse_lanes(marts: StudyMarts, parameters: Mapping[str, str], record: Recorder) -> None:
    """The three figures with one lane a patient."""
    clock = _Clock(parameters)
    _record_waterfall(marts, record)
    _record_spider(marts, clock, record)
    _record_swimmer(marts, clock, record)


class _Clock:
    """Days after the index date as months of a time to event (rule R0.5)."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._days_per_month = float(parameters["days_per_month"])
        self._added = int(parameters["tte_add_one"])

    def months(self, days: int) -> float:
        return (days + self._added) / self._days_per_month


def _lane(analysis: str, number: int) -> Place:
    return Place(analysis, variable=LANE, variable_level=str(number))


def _lanes(rows: Sequence[_Row]) -> Iterable[tuple[int, _Row]]:
    """Rows with the numbers of their lanes; none where there are too many to tell apart."""
    return enumerate(rows if len(rows) <= MOST_LANES else (), start=1)


def _record_waterfall(marts: StudyMarts, record: Recorder) -> None:
    rows = marts.by_patient(
        "select centre_id, patient_key, best_pct_base::double, bor, coalesce(has_new_lesion, false), depth_status "
        f"from {BEST} where study_id = ? and variant = ? order by best_pct_base desc, bor, patient_key"
    )
    measured = [row for _, row in rows if row[0] is not None]
    for number, (change, best, has_new_lesion, _) in _lanes(measured):
        place = _lane(WATERFALL, number)
        record.add(place, "pct_change", change, source=BEST)
        record.add(place, "best_response", None, text=best, source=BEST)
        record.add(place, "has_new_lesion", int(has_new_lesion), source=BEST)
    changes = np.array([row[0] for row in measured], dtype=np.float64)
    place = Place(WATERFALL)
    record.add(place, "n", changes.size, source=BEST, n=marts.n)
    record.add(place, "n_shrunk", int((changes < 0).sum()), source=BEST, n=changes.size)
    record.add(place, "mean", float(changes.mean()) if changes.size else None, source=BEST, n=changes.size)
    record.add(place, "n_unmeasured", marts.n - changes.size, source=BEST, n=marts.n)
    reasons = Counter(row[3] for _, row in rows if row[0] is None)
    for reason, count in sorted(reasons.items()):
        at = Place(WATERFALL, variable=UNMEASURED, variable_level=reason)
        record.add(at, "n", count, source=BEST, n=marts.n)


def _record_spider(marts: StudyMarts, clock: _Clock, record: Recorder) -> None:
    courses: dict[int, list[tuple[float, float, bool, str]]] = {}
    for patient, (days, change, is_new_lesion, best) in marts.by_patient(_WITHIN_WINDOW):
        courses.setdefault(patient, []).append((clock.months(days), change, bool(is_new_lesion), best))
    longest_first = sorted(courses.values(), key=lambda course: (-course[-1][0], course[-1][1]))
    for number, course in _lanes(longest_first):
        place = _lane(SPIDER, number)
        record.add(place, "best_response", None, text=course[0][3], source=BEST)
        for months, change, is_new_lesion, _ in course:
            record.add(place, "pct_change", change, time=months, source=TIMEPOINTS)
            if is_new_lesion:
                record.add(place, "has_new_lesion", 1, time=months, source=TIMEPOINTS)
    record.add(Place(SPIDER), "n", len(courses), source=TIMEPOINTS, n=marts.n)


def _record_swimmer(marts: StudyMarts, clock: _Clock, record: Recorder) -> None:
    treated = marts.by_patient(
        "select centre_id, patient_key, duration_months, reason, bor "
        f"from {DISPOSITION} inner join {BEST} using (study_id, variant, centre_id, patient_key) "
        "where study_id = ? and variant = ?"
    )
    survival = marts.times("OS")
    marks = _marks(marts, clock)
    by_length = sorted(treated, key=lambda row: (-(row[1][0] or 0.0), -np.nan_to_num(survival.months[row[0]]), row[0]))
    for number, (patient, (duration, reason, best)) in _lanes(by_length):
        place = _lane(SWIMMER, number)
        record.add(place, "treatment_months", duration, text="never treated", source=DISPOSITION)
        record.add(place, "is_ongoing", int(reason == "ONGOING"), source=DISPOSITION)
        record.add(place, "best_response", None, text=best, source=BEST)
        followed = float(survival.months[patient])
        record.add(place, "followed_months", followed, text="not recorded", source="marts.survival_times")
        record.add(place, "has_died", int(survival.is_event[patient]), source="marts.survival_times")
        for statistic, months in marks.get(patient, {}).items():
            record.add(place, statistic, months, source="marts.event_dates")
    record.add(Place(SWIMMER), "n", len(by_length), source=DISPOSITION, n=marts.n)


def _marks(marts: StudyMarts, clock: _Clock) -> dict[int, dict[str, float]]:
    found: dict[int, dict[str, float]] = {}
    for patient, (event, days) in marts.by_patient(
        "select centre_id, patient_key, event, min(event_date - index_date) "
        "from marts.event_dates inner join marts.study_cohort using (study_id, variant, centre_id, patient_key) "
        "where study_id = ? and variant = ? and event in ('FIRST_RESPONSE', 'FIRST_PROGRESSION') "
        "and event_date >= index_date group by all order by all"
    ):
        found.setdefault(patient, {})[MARKS[event]] = clock.months(days)
    return found
