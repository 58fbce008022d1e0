"""Hypertension from blood pressures and drugs (R8.5): the worked cases of 08d, medians, units, windows and drugs."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.reference import grading
from tests.reference.tables import SEEDS, read_csv
from tests.rules import harness
from tests.rules.lab_cases import graded

FIRST_DAY = "2024-01-01"
HYPERTENSION = [row for row in read_csv(SEEDS / "ctcae_labs.csv") if row["ctcae_term"] == "Hypertension"]

READINGS: Mapping[str, Sequence[tuple[str, int, int]]] = {
    "systolic_on_the_bound": [(FIRST_DAY, 110, 70), ("2024-02-01", 140, 70), ("2024-02-02", 140, 70)],
    "systolic_below_the_bound": [(FIRST_DAY, 110, 70), ("2024-02-01", 139, 70), ("2024-02-02", 139, 70)],
    "diastolic_on_the_bound": [(FIRST_DAY, 110, 70), ("2024-02-01", 118, 100), ("2024-02-02", 118, 100)],
    "diastolic_below_the_bound": [(FIRST_DAY, 110, 70), ("2024-02-01", 118, 99), ("2024-02-02", 118, 99)],
    "median_of_three": [(FIRST_DAY, 110, 70), *[("2024-02-01", sbp, 70) for sbp in (110, 165, 150)]],
    "median_of_two": [(FIRST_DAY, 110, 70), *[("2024-02-01", sbp, 70) for sbp in (119, 120)]],
    "highest_grade_held_twice": [
        (FIRST_DAY, 110, 70),
        ("2024-02-01", 165, 80),
        ("2024-02-02", 145, 80),
        ("2024-02-03", 125, 70),
    ],
    "one_day_with_two_readings": [(FIRST_DAY, 110, 70), ("2024-02-01", 165, 101), ("2024-02-01", 165, 101)],
    "no_baseline": [("2024-02-01", 150, 80), ("2024-02-02", 150, 80)],
    "baseline_too_old": [("2023-12-10", 150, 95), ("2024-02-01", 150, 80), ("2024-02-02", 150, 80)],
    "baseline_late": [("2023-12-11", 150, 95), ("2024-02-01", 150, 80), ("2024-02-02", 150, 80)],
    "pressure_of_the_index_day": [("2024-01-08", 150, 95), ("2024-02-01", 150, 80), ("2024-02-02", 150, 80)],
}


def _worked() -> dict[str, list[tuple[str, int, int]]]:
    cases: dict[str, list[tuple[str, int, int]]] = {}
    for row in harness.example("08d_bp__input"):
        cases.setdefault(str(row["case_id"]), []).append((str(row["date"]), int(row["sbp"] or 0), int(row["dbp"] or 0)))
    return cases


def _two_rows() -> Iterator[dict[str, object]]:
    for patient, readings in {**_worked(), **READINGS}.items():
        for day, sbp, dbp in readings:
            for test, value in (("SBP", sbp), ("舒张压", dbp)):
                yield _vital(patient, day, test, str(value))


def _vital(patient: str, day: str, test: str, value: str, unit: str | None = "mmHg") -> dict[str, object]:
    return {"patient_id": patient, "specimen_date": day, "test": test, "value_text": value, "unit": unit}


AS_WRITTEN = [
    _vital("one_cell", "2024-02-01", "血压", "150／95", "mmHg"),
    _vital("one_cell", "2024-02-02", "BP", "150/95", "mm[Hg]"),
    _vital("blank_unit", "2024-02-01", "BP", "150/95", None),
    _vital("kilopascal", "2024-02-01", "BP", "20/12", "kPa"),
    _vital("systolic_only_and_normal", "2024-02-01", "SBP", "110"),
    _vital("systolic_only_and_raised", "2024-02-01", "SBP", "150"),
    _vital("half_of_a_pair", "2024-02-01", "BP", "150"),
]

STARTED = [
    # patient, drug, day
    ("one_drug_started", "amlodipine", "2024-02-01"),
    ("two_drugs_started", "amlodipine", "2024-02-01"),
    ("two_drugs_started", "valsartan", "2024-03-01"),
    ("second_drug_on_top", "amlodipine", "2023-10-01"),
    ("second_drug_on_top", "valsartan", "2024-03-01"),
    ("treated_all_along", "amlodipine", "2023-10-01"),
    ("treated_all_along", "amlodipine", "2024-02-01"),
    ("two_agents_in_one_tablet", "valsartan_amlodipine", "2024-02-01"),
]


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    drugs = [
        {"patient_id": patient, "drug_key": drug, "source_kind": "DISPENSE", "start_date": dt.date.fromisoformat(day)}
        for patient, drug, day in STARTED
    ]
    people = sorted(
        {*_worked(), *READINGS} | {str(row["patient_id"]) for row in AS_WRITTEN} | {row[0] for row in STARTED}
    )
    lake: dict[str, Sequence[Mapping[str, object]]] = {
        "patient": [{"patient_id": patient} for patient in people],
        "vital": [*_two_rows(), *AS_WRITTEN],
    }
    with graded(lake, drugs) as connection:
        yield connection


def summary(warehouse: duckdb.DuckDBPyConnection, patient: str) -> dict[str, Any]:
    """The patient's row of int_blood_pressure_grades."""
    rows = warehouse.execute(
        "select * from intermediate.int_blood_pressure_grades where patient_key = ?", [harness.patient_key(patient)]
    )
    columns = [column[0] for column in rows.description or []]
    [values] = rows.fetchall()
    return dict(zip(columns, values, strict=True))


def day_grades(warehouse: duckdb.DuckDBPyConnection, patient: str) -> list[int | None]:
    """Grades of the patient's days, in order."""
    rows = warehouse.execute(
        "select grade from intermediate.int_blood_pressure_days where patient_key = ? order by specimen_date",
        [harness.patient_key(patient)],
    )
    return [row[0] for row in rows.fetchall()]


@pytest.mark.parametrize("case", [row["case_id"] for row in harness.example("08d_bp__expected")])
def test_worked_blood_pressures(case: str, warehouse: duckdb.DuckDBPyConnection) -> None:
    """Each worked case of 08d has the baseline grade, the shown grade and the verdict of the rule book."""
    [expected] = [row for row in harness.example("08d_bp__expected") if row["case_id"] == case]
    found = summary(warehouse, case)
    assert {name: str(found[name]) for name in ("baseline_grade", "derived_grade")} == {
        name: expected[name] for name in ("baseline_grade", "derived_grade")
    }
    assert found["te_hypertension_flag"] == expected["te_hypertension"]


@pytest.mark.parametrize("patient", [*READINGS, *_worked()])
def test_sql_and_reference_agree_on_blood_pressure(patient: str, warehouse: duckdb.DuckDBPyConnection) -> None:
    """On bounds, medians, windows and repeated days, SQL and the slow reference say the same."""
    readings = [
        (dt.date.fromisoformat(day), Decimal(sbp), Decimal(dbp)) for day, sbp, dbp in {**_worked(), **READINGS}[patient]
    ]
    expected = grading.hypertension(HYPERTENSION, readings, dt.date(2024, 1, 8), min_days=2)
    found = summary(warehouse, patient)
    assert (found["baseline_grade"] or 0, found["derived_grade"], found["te_hypertension_flag"]) == (
        expected.baseline_grade,
        expected.derived_grade,
        expected.te_hypertension,
    )


def test_a_single_day_is_capped_and_flagged(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Grade 3 on one day alone is shown as grade 2 with SINGLE_DAY, however often it was measured that day."""
    found = summary(warehouse, "one_day_with_two_readings")
    assert (found["highest_grade"], found["persistent_grade"], found["derived_grade"]) == (3, 0, 2)
    assert (found["grade_flag"], found["te_hypertension_flag"]) == ("SINGLE_DAY", "N")


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ("one_cell", [2, 2]),
        ("blank_unit", []),
        ("kilopascal", []),
        ("systolic_only_and_normal", [None]),
        ("systolic_only_and_raised", [2]),
        ("half_of_a_pair", []),
    ],
)
def test_pressures_are_read_as_hospitals_write_them(
    patient: str, expected: list[int | None], warehouse: duckdb.DuckDBPyConnection
) -> None:
    """150/95 in one cell is two readings; without mmHg there is no grade; half of a normal pair is not grade 0."""
    assert day_grades(warehouse, patient) == expected


def test_a_patient_without_pressures_after_the_index_date_has_no_grade(warehouse: duckdb.DuckDBPyConnection) -> None:
    """No reading is not grade 0."""
    found = summary(warehouse, "one_drug_started")
    assert (found["derived_grade"], found["grade_flag"], found["te_hypertension_flag"]) == (
        None,
        "NO_DAY_AFTER_INDEX",
        None,
    )


@pytest.mark.parametrize(
    ("patient", "grade"),
    [
        ("one_drug_started", 2),
        ("two_drugs_started", 3),
        ("second_drug_on_top", 3),
        ("treated_all_along", 0),
        ("two_agents_in_one_tablet", 3),
        ("no_baseline", 0),
    ],
)
def test_drugs_started_after_the_index_date_are_evidence(
    patient: str, grade: int, warehouse: duckdb.DuckDBPyConnection
) -> None:
    """One antihypertensive started is grade 2, a further one grade 3; one that was taken before is none."""
    assert summary(warehouse, patient)["treatment_grade"] == grade
