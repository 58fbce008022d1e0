"""Grades the laboratory results and blood pressures of invented patients, all included with one index date."""

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb

from tests.generated.lab_results import LabCase
from tests.rules import harness

INDEX = date(2024, 1, 8)
BASELINE_DAY = "2024-01-01"
RESULT_DAY = "2024-02-01"

GRADING = (
    "+int_measurements stg_ae int_included_patients "
    "int_parameters_r3 int_parameters_r8 path:models/intermediate/labs path:models/intermediate/blood_pressure"
    " laboratory_grades blood_pressure_days blood_pressure_grades"
)

Row = Mapping[str, object]


def graded(
    lake: Mapping[str, Sequence[Row]],
    drugs: Sequence[Row] = (),
    cases: Sequence[Row] | None = None,
    protocol: str | None = None,
) -> duckdb.DuckDBPyConnection:
    """Grade the lake's `lab` and `vital` rows of patients who are all included with index date `INDEX`.

    Args:
        lake: rows by contract table.
        drugs: rows of int_drug_rows_selected (patient_id instead of patient_key).
        cases: rows of int_lab_cases, to grade bare values without a lake.
        protocol: TOML text of the study.
    """
    text = protocol or harness.protocol()
    patients = sorted({str(row["patient_id"]) for rows in (*lake.values(), drugs) for row in rows})
    cohort = {"param_set_id": harness.param_set("R3", text), "centre_id": harness.CENTRE}
    lines = {"param_set_id": harness.param_set("R2", text), "centre_id": harness.CENTRE}
    people = [{"patient_key": harness.patient_key(patient)} for patient in patients]
    replaced: dict[str, Sequence[Row]] = {
        "int_index": [{**cohort, **person, "index_date": INDEX, "data_cutoff": date(2025, 7, 5)} for person in people],
        "int_eligibility_patients": [{**cohort, **person, "is_included": True} for person in people],
        "int_drug_rows_selected": [
            {
                **lines,
                **{column: value for column, value in row.items() if column != "patient_id"},
                "patient_key": harness.patient_key(str(row["patient_id"])),
                "row_key": f"drug_{number}",
                "part_no": 1,
                "is_kept": True,
            }
            for number, row in enumerate(drugs)
        ],
    }
    if cases is not None:
        replaced["int_lab_cases"] = cases
    return harness.run_models(GRADING, lake=lake, protocols=[text], replaced=replaced)


def bare_grades(cases: Sequence[LabCase]) -> list[dict[str, int | None]]:
    """Grades by CTCAE term of bare results with their baselines, in the order of the cases; no lake is read."""
    rows = [
        {
            "param_set_id": harness.param_set("R8"),
            "centre_id": harness.CENTRE,
            "patient_key": "bare",
            "row_key": f"{number:06d}",
            "test": case.test,
            "index_date": INDEX,
            "specimen_date": date.fromisoformat(RESULT_DAY),
            "value": case.reading.value,
            "value_flag": case.reading.flag,
            "value_side": {"L": -1, "G": 1}.get(case.reading.flag, 0),
            "unit": case.reading.unit,
            "uln": case.reading.uln,
            "lln": case.reading.lln,
            "base": case.baseline and case.baseline.value,
            "base_unit": case.baseline and case.baseline.unit,
            "base_uln": case.baseline and case.baseline.uln,
        }
        for number, case in enumerate(cases)
    ]
    connection = harness.run_models("int_ctcae_bounds int_lab_grades", replaced={"int_lab_cases": rows})
    graded: list[dict[str, int | None]] = [{} for _ in cases]
    with connection:
        found = connection.execute("select row_key, ctcae_term, grade from intermediate.int_lab_grades").fetchall()
    for row_key, term, grade in found:
        graded[int(row_key)][term] = grade
    return graded
