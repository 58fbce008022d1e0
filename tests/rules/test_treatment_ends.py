"""How the index treatment ended (rules R6.2 and R7.6), from drug rows, contacts and deaths."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.rules import harness


@dataclass(frozen=True)
class Course:
    """Packs of 14 capsules of anlotinib and infusions of camrelizumab every three weeks, and what else is known."""

    packs: tuple[str, ...]
    infusions: tuple[str, ...]
    last_visit: str | None = None
    death: str | None = None
    progression: str | None = None
    irinotecan: str | None = None
    reason_with_pack: tuple[str, str] | None = None
    reason_with_order: tuple[str, str, str | None] | None = None


# A pack covers 21 days and has 28 days of grace; an infusion covers 21 days and has 21 days of grace.
COURSES = {
    "capsules_in_grace_on_the_cutoff": Course(("2025-04-01", "2025-04-22", "2025-05-18"), ("2025-04-01",)),
    "capsules_out_of_grace_a_day_before_the_cutoff": Course(
        ("2025-04-01", "2025-04-22", "2025-05-17"), ("2025-04-01",), last_visit="2025-07-05"
    ),
    "infusions_in_grace_on_the_cutoff": Course(
        ("2025-04-01",), ("2025-04-01", "2025-04-22", "2025-05-13", "2025-05-25"), last_visit="2025-07-05"
    ),
    "infusions_out_of_grace_a_day_before_the_cutoff": Course(
        ("2025-04-01",), ("2025-04-01", "2025-04-22", "2025-05-13", "2025-05-24"), last_visit="2025-07-05"
    ),
    "last_seen_on_the_last_day_of_grace": Course(("2024-01-01",), ("2024-01-01",), last_visit="2024-02-18"),
    "seen_the_day_after_the_grace": Course(("2024-01-01",), ("2024-01-01",), last_visit="2024-02-19"),
    "died_on_treatment": Course(("2024-01-01",), ("2024-01-01",), death="2024-01-10"),
    "died_in_grace_before_the_cutoff": Course(("2025-06-20",), ("2025-06-20",), death="2025-07-01"),
    "dispute_about_the_death": Course(("2024-01-01",), ("2024-01-01", "2024-02-12"), death="2024-01-30"),
    "switched_after_progression": Course(
        ("2024-01-01", "2024-01-22"),
        ("2024-01-01", "2024-01-22", "2024-02-12"),
        progression="2024-02-01",
        irinotecan="2024-02-05",
    ),
    "stopped_for_toxicity_near_the_cutoff": Course(
        ("2025-06-20",), ("2025-06-20",), reason_with_pack=("2025-06-20", "TOXICITY")
    ),
    "reason_before_more_doses": Course(
        ("2025-06-01", "2025-06-22"), ("2025-06-01",), reason_with_pack=("2025-06-01", "TOXICITY")
    ),
    "recorded_as_lost": Course(
        ("2024-01-01",), ("2024-01-01",), last_visit="2024-06-01", reason_with_pack=("2024-01-01", "LOST")
    ),
    "order_stopped_at_discharge": Course(
        ("2025-06-20",), ("2025-06-20",), reason_with_order=("2025-06-20", "2025-06-21", None)
    ),
    "reason_on_the_order_after_the_last_infusion": Course(
        ("2025-06-01",), ("2025-06-01", "2025-06-22"), reason_with_order=("2025-06-21", "2025-06-23", "TOXICITY")
    ),
    "reason_on_the_order_before_the_last_infusion": Course(
        ("2025-06-01",), ("2025-06-01", "2025-06-22"), reason_with_order=("2025-06-01", "2025-06-02", "TOXICITY")
    ),
    "doses_after_the_cutoff": Course(("2025-06-20",), ("2025-06-20", "2025-07-11")),
}

EXPECTED = [
    ("capsules_in_grace_on_the_cutoff", "ALL", ("2025-05-31", "ONGOING", None)),
    ("capsules_in_grace_on_the_cutoff", "pd1", ("2025-04-01", "LOST", None)),
    ("capsules_out_of_grace_a_day_before_the_cutoff", "ALL", ("2025-05-30", "NOT_RESUMED", "2025-05-30")),
    ("infusions_in_grace_on_the_cutoff", "pd1", ("2025-05-25", "ONGOING", None)),
    ("infusions_in_grace_on_the_cutoff", "anlotinib", ("2025-04-14", "NOT_RESUMED", "2025-04-14")),
    ("infusions_in_grace_on_the_cutoff", "ALL", ("2025-05-25", "ONGOING", None)),
    ("infusions_out_of_grace_a_day_before_the_cutoff", "ALL", ("2025-05-24", "NOT_RESUMED", "2025-05-24")),
    ("last_seen_on_the_last_day_of_grace", "anlotinib", ("2024-01-14", "LOST", None)),
    ("last_seen_on_the_last_day_of_grace", "pd1", ("2024-01-01", "NOT_RESUMED", "2024-01-01")),
    ("last_seen_on_the_last_day_of_grace", "ALL", ("2024-01-14", "LOST", None)),
    ("seen_the_day_after_the_grace", "ALL", ("2024-01-14", "NOT_RESUMED", "2024-01-14")),
    ("died_on_treatment", "ALL", ("2024-01-10", "DEATH", "2024-01-10")),
    ("died_on_treatment", "pd1", ("2024-01-01", "DEATH", "2024-01-01")),
    ("died_in_grace_before_the_cutoff", "ALL", ("2025-07-01", "DEATH", "2025-07-01")),
    ("dispute_about_the_death", "pd1", ("2024-01-01", "LOST", None)),
    ("switched_after_progression", "pd1", ("2024-01-22", "NEW_LINE", "2024-01-22")),
    ("switched_after_progression", "anlotinib", ("2024-02-04", "NEW_LINE", "2024-02-04")),
    ("stopped_for_toxicity_near_the_cutoff", "anlotinib", ("2025-07-03", "RECORDED_STOP", "2025-07-03")),
    ("stopped_for_toxicity_near_the_cutoff", "ALL", ("2025-07-03", "ONGOING", None)),
    ("reason_before_more_doses", "anlotinib", ("2025-07-05", "ONGOING", None)),
    ("recorded_as_lost", "anlotinib", ("2024-01-14", "LOST", None)),
    ("order_stopped_at_discharge", "pd1", ("2025-06-20", "ONGOING", None)),
    ("reason_on_the_order_after_the_last_infusion", "pd1", ("2025-06-22", "RECORDED_STOP", "2025-06-22")),
    ("reason_on_the_order_before_the_last_infusion", "pd1", ("2025-06-22", "ONGOING", None)),
    ("doses_after_the_cutoff", "pd1", ("2025-06-20", "ONGOING", None)),
]

End = tuple[str, str, str | None]


def _drug_rows(course: Course) -> Iterator[harness.Row]:
    for day in course.packs:
        reason = course.reason_with_pack[1] if course.reason_with_pack and course.reason_with_pack[0] == day else None
        supply = {"source_kind": "DISPENSE", "route": "PO", "qty": 14, "units_per_day": 1, "reason_stop": reason}
        yield {**supply, "raw_name": "anlotinib", "start_text": day, "dispense_setting": "OUTPATIENT"}
    infusion = {"raw_name": "camrelizumab", "route": "IV", "cycle_days": 21}
    for day in course.infusions:
        yield {**infusion, "source_kind": "ADMIN", "start_text": day}
    if course.reason_with_order:
        start, end, reason = course.reason_with_order
        order = {"source_kind": "ORDER", "status": "STOPPED", "reason_stop": reason}
        yield {**infusion, **order, "start_text": start, "end_text": end}
    if course.irinotecan:
        yield {"source_kind": "ADMIN", "raw_name": "irinotecan", "route": "IV", "start_text": course.irinotecan}


def _lake() -> dict[str, list[harness.Row]]:
    lake: dict[str, list[harness.Row]] = {name: [] for name in ("drug_row", "contact", "death", "response")}
    for case, course in COURSES.items():
        who = {"patient_id": case}
        lake["drug_row"] += [{**who, **row} for row in _drug_rows(course)]
        if course.last_visit:
            lake["contact"].append({**who, "date_text": course.last_visit, "kind": "OUTPATIENT_VISIT"})
        if course.death:
            lake["death"].append({**who, "source": "REGISTRY", "date_text": course.death})
        if course.progression:
            lake["response"].append({**who, "reader": "INV", "response_date": course.progression, "response": "PD"})
    return lake


@pytest.fixture(scope="module")
def ends() -> dict[tuple[str, str], End]:
    """Ends of treatment by course and component, from one run."""
    names = {harness.patient_key(case): case for case in COURSES}
    with harness.run_models("+int_treatment_ends", lake=_lake()) as connection:
        found = connection.execute(
            "select patient_key, component, cast(last_dose_date as varchar), end_reason, cast(stop_date as varchar) "
            "from intermediate.int_treatment_ends"
        ).fetchall()
    return {(names[key], component): (*end,) for key, component, *end in found}


@pytest.mark.parametrize(("case", "component", "expected"), EXPECTED)
def test_how_a_treatment_ended(ends: dict[tuple[str, str], End], case: str, component: str, expected: End) -> None:
    """Supply with its grace decides between ongoing, lost and ended; a reason counts unless doses followed."""
    assert ends[case, component] == expected
