"""Variants: one build derives the study under every set of parameters and says whom each of them moves."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.rules import harness

STABLE_ON_DAY_38 = "stable_on_day_38"
SECOND_DRUG_ON_DAY_20 = "second_drug_on_day_20"
NOBODY_MOVES = "nobody_moves"
PATIENTS = (STABLE_ON_DAY_38, SECOND_DRUG_ON_DAY_20, NOBODY_MOVES)

STUDY = f"""{harness.protocol()}
[[variants]]
name = "sd_35"
label = "Stable disease counts from day 35"
parameters = {{ sd_min_days = "35" }}

[[variants]]
name = "combo_14"
label = "Drugs join a line within 14 days"
parameters = {{ combo_window_days = "14" }}
"""

INDEX = date(2023, 6, 1)


def _drug(patient: str, name: str, day: str, **columns: object) -> dict[str, object]:
    return {
        "patient_id": patient,
        "raw_name": name,
        "start_text": day,
        "source_kind": "ADMIN",
        "route": "IV",
        **columns,
    }


def _capsules(patient: str) -> dict[str, object]:
    supply: Mapping[str, object] = {"raw_spec": "12mg", "qty": 14, "units_per_day": 1, "dispense_setting": "OUTPATIENT"}
    return {**_drug(patient, "anlotinib", str(INDEX)), "source_kind": "DISPENSE", "route": "PO", **supply}


LAKE: dict[str, list[harness.Row]] = {
    "disease_event": [
        {"patient_id": p, "event": "M1", "event_date_text": "2022-12-01", "organ": "LIVER", "is_distant": "Y"}
        for p in PATIENTS
    ],
    "drug_row": [
        *(_drug(p, "carboplatin", "2023-01-01") for p in PATIENTS),
        _drug(SECOND_DRUG_ON_DAY_20, "irinotecan", "2023-01-21"),
        *(_drug(p, "tislelizumab", str(INDEX)) for p in PATIENTS),
        *(_capsules(p) for p in PATIENTS),
    ],
    "response": [
        *({"patient_id": p, "reader": "INV", "response_date": "2023-05-25", "response": "PD"} for p in PATIENTS),
        {"patient_id": STABLE_ON_DAY_38, "reader": "INV", "response_date": "2023-07-09", "response": "SD"},
        {"patient_id": NOBODY_MOVES, "reader": "INV", "response_date": "2023-07-13", "response": "SD"},
    ],
}


@pytest.fixture(scope="module")
def warehouse() -> duckdb.DuckDBPyConnection:
    """Three patients under the primary and two variants, in one run."""
    return harness.run_models("+variant_differences +variant_parameters", lake=LAKE, protocols=[STUDY])


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_every_variant_holds_every_patient(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The marts carry the variant: three patients are screened and included in each."""
    found = _rows(
        warehouse,
        "select variant, count(*), count(*) filter (is_included)"
        " from warehouse.marts.study_cohort group by 1 order by 1",
    )
    assert found == [("combo_14", 3, 3), ("primary", 3, 3), ("sd_35", 3, 3)]


def test_only_those_are_moved_whom_the_parameter_touches(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Each difference names patient, item and both values; a patient whom nothing moves is not listed."""
    names = {harness.patient_key(patient): patient for patient in PATIENTS}
    found = {
        (variant, names[key], item, before, after)
        for variant, key, item, before, after in _rows(
            warehouse,
            "select variant, patient_key, item, primary_value, variant_value"
            " from warehouse.marts.variant_differences where is_included_in_both",
        )
    }
    assert found == {
        ("sd_35", STABLE_ON_DAY_38, "BOR", "NE", "SD"),
        ("sd_35", STABLE_ON_DAY_38, "CONFIRMED_BOR", "NE", "SD"),
        ("combo_14", SECOND_DRUG_ON_DAY_20, "PRIOR_LINES", "1", "2"),
    }


def test_what_a_variant_changes_is_a_row(warehouse: duckdb.DuckDBPyConnection) -> None:
    """meta.variant_parameters lists the one parameter that each variant sets differently."""
    found = _rows(
        warehouse,
        "select variant, parameter, primary_value, variant_value from warehouse.meta.variant_parameters order by all",
    )
    assert found == [("combo_14", "combo_window_days", "28", "14"), ("sd_35", "sd_min_days", "42", "35")]
