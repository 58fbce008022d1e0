"""Why the index treatment ended, and how long it lasted (rules R7.1 and R7.6)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import pytest

from tests.rules.harness import patient_key, protocol, run_models

START = date(2024, 1, 1)
LAST_DOSE = 13

Row = dict[str, object]


def on(offset: int) -> str:
    """The day so many days after the index date."""
    return (START + timedelta(offset)).isoformat()


@dataclass(frozen=True)
class Course:
    """One pack of anlotinib, its last capsule on day 13, and one infusion; then what is known, by day after index."""

    reason_stop: str | None = None
    progressed: int | None = None
    progressed_clinically: int | None = None
    died: int | None = None
    cause: str | None = None
    seen: int | None = 150


COURSES: dict[str, tuple[Course, str]] = {
    "progressed_42_days_after_the_last_dose": (Course(progressed=LAST_DOSE + 42), "PD"),
    "progressed_43_days_after_the_last_dose": (Course(progressed=LAST_DOSE + 43), "OTHER"),
    "progressed_by_the_clinic_only": (Course(progressed_clinically=20), "PD"),
    "progression_outranks_toxicity": (Course("TOXICITY", progressed=LAST_DOSE + 42), "PD"),
    "toxicity_and_a_late_progression": (Course("TOXICITY", progressed=LAST_DOSE + 43), "AE"),
    "intolerance": (Course("INTOLERANCE"), "AE"),
    "decision_of_the_patient": (Course("PATIENT_DECISION"), "PATIENT_DECISION"),
    "planned_course_completed": (Course("COMPLETED"), "COMPLETED"),
    "another_recorded_reason": (Course("OTHER"), "OTHER"),
    "progression_recorded_and_never_dated": (Course("PROGRESSION"), "OTHER"),
    "recorded_as_lost": (Course("LOST"), "LOST"),
    "never_seen_again": (Course(seen=None), "LOST"),
    "not_resumed_without_a_reason": (Course(), "OTHER"),
    "died_42_days_after_the_last_dose": (Course(died=LAST_DOSE + 42, seen=None), "DEATH"),
    "died_43_days_after_the_last_dose": (Course(died=LAST_DOSE + 43, seen=None), "OTHER"),
    "death_outranks_toxicity": (Course("TOXICITY", died=20, seen=None), "DEATH"),
    "died_in_an_accident": (Course(died=20, cause="ACCIDENT", seen=None), "OTHER"),
    "progressed_and_died": (Course(progressed=18, died=20, seen=None), "PD"),
}
ONGOING = "in_supply_at_the_cutoff"


def rows_of(name: str, course: Course) -> dict[str, list[Row]]:
    """The course as rows of the contract tables."""
    treated: Row = {
        "raw_name": "安罗替尼",
        "raw_spec": "12mg",
        "route": "PO",
        "source_kind": "DISPENSE",
        "qty": 14,
        "units_per_day": 1,
        "start_text": on(0),
        "reason_stop": course.reason_stop,
    }
    infused: Row = {"raw_name": "卡瑞利珠单抗", "route": "IV", "source_kind": "ADMIN", "start_text": on(0)}
    rows: dict[str, list[Row]] = {"drug_row": [treated, infused]}
    if course.progressed is not None:
        rows["response"] = [{"reader": "INV", "response_date": on(course.progressed), "response": "PD"}]
    if course.progressed_clinically is not None:
        rows["disease_event"] = [{"event": "CLIN_PD", "event_date_text": on(course.progressed_clinically)}]
    if course.died is not None:
        rows["death"] = [{"source": "REGISTRY", "date_text": on(course.died), "cause": course.cause}]
    if course.seen is not None:
        rows["contact"] = [{"kind": "OUTPATIENT_VISIT", "date_text": on(course.seen)}]
    return {table: [{"patient_id": name, **row} for row in found] for table, found in rows.items()}


def ongoing_rows() -> list[Row]:
    """Ten packs in a row, the last one three weeks before the cutoff, and one infusion at the start."""
    start = date(2024, 12, 3)
    packs: list[Row] = [
        {
            "raw_name": "安罗替尼",
            "raw_spec": "12mg",
            "route": "PO",
            "source_kind": "DISPENSE",
            "qty": 14,
            "units_per_day": 1,
            "start_text": (start + timedelta(21 * cycle)).isoformat(),
        }
        for cycle in range(10)
    ]
    infused: Row = {
        "raw_name": "卡瑞利珠单抗",
        "route": "IV",
        "source_kind": "ADMIN",
        "start_text": start.isoformat(),
    }
    return [{"patient_id": ONGOING, **row} for row in [*packs, infused]]


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Disposition of all courses, in a study as it stands and in one that counts to the first component to stop."""
    lake: dict[str, list[Row]] = {"drug_row": ongoing_rows()}
    for name, (course, _) in COURSES.items():
        for table, rows in rows_of(name, course).items():
            lake.setdefault(table, []).extend(rows)
    shorter = protocol({"duration_end": "first_of_components"}).replace('id = "rule_cases"', 'id = "first_to_stop"')
    with run_models("+dosing +disposition", lake=lake, protocols=[protocol(), shorter]) as made:
        yield made


def told(connection: duckdb.DuckDBPyConnection, patient: str, columns: str, study: str = "rule_cases") -> object:
    """Columns of one patient's row of marts.disposition."""
    return connection.execute(
        f"select {columns} from warehouse.marts.disposition where patient_key = ? and study_id = ?",
        [patient_key(patient), study],
    ).fetchone()


@pytest.mark.parametrize("patient", COURSES)
def test_one_reason_by_precedence_ends_treatment(connection: duckdb.DuckDBPyConnection, patient: str) -> None:
    """R7.6: progression or death within 42 days, adverse event, patient's decision, completed, lost, else other."""
    _, reason = COURSES[patient]
    assert told(connection, patient, "reason, is_ongoing") == (reason, False)


def test_treatment_in_supply_at_the_cutoff_goes_on(connection: duckdb.DuckDBPyConnection) -> None:
    """R7.1, R7.6: ongoing while one component is, up to the last dose known at the cutoff."""
    last_dose = date(2024, 12, 3) + timedelta(21 * 9 + LAST_DOSE)
    found = told(connection, ONGOING, "reason, is_ongoing, stop_date, duration_end_date, duration_days")
    assert found == ("ONGOING", True, None, last_dose, 21 * 9 + LAST_DOSE + 1)
    components = connection.execute(
        """select component, is_ongoing from warehouse.marts.dosing
        where patient_key = ? and study_id = 'rule_cases' order by component""",
        [patient_key(ONGOING)],
    ).fetchall()
    assert components == [("anlotinib", True), ("pd1", False)]


def test_duration_runs_to_the_last_component_or_to_the_first(connection: duckdb.DuckDBPyConnection) -> None:
    """R7.1: 14 days to the last capsule, 1 day to the only infusion where a study counts to the first to stop."""
    months = "duration_days, round(duration_months, 4)"
    assert told(connection, "intolerance", months) == (14, round(14 / 30.4375, 4))
    assert told(connection, "intolerance", months, "first_to_stop") == (1, round(1 / 30.4375, 4))


def test_ongoing_and_reasons_add_up_to_the_included(connection: duckdb.DuckDBPyConnection) -> None:
    """DQ027: every included patient is on treatment or has exactly one reason."""
    rows = connection.execute(
        "select patient_key, reason from warehouse.marts.disposition where study_id = 'rule_cases'"
    ).fetchall()
    assert len(rows) == len({key for key, _ in rows}) == len(COURSES) + 1
    expected = Counter(reason for _, reason in COURSES.values()) + Counter(["ONGOING"])
    assert Counter(reason for _, reason in rows) == expected
