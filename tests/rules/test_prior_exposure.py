"""R3.4, R3.5, R4: what a patient had before the index line, where the chart names it, hints at it or is silent."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from tests.rules.harness import patient_key, protocol, run_models

Row = dict[str, object]

INDEX = date(2023, 6, 15)
OTHER_CENTRE = "centre_without_procedures"
COVARIATES = """
[[covariates]]
name = "prior_ici"
label = "Previous immune checkpoint inhibitor"
type = "prior_class"
flags = ["is_ici"]

[[covariates]]
name = "prior_platinum"
label = "Previous platinum"
type = "prior_class"
classes = ["PLATINUM"]

[[covariates]]
name = "prior_surgery"
label = "Previous surgery"
type = "prior_procedure"
kinds = ["SURGERY_CURATIVE"]

[[covariates]]
name = "radiotherapy"
label = "Combined with radiotherapy"
type = "procedure_in_window"
item = "RT"
"""


def _day(days_from_index: int) -> str:
    return (INDEX + timedelta(days=days_from_index)).isoformat()


def _drug(patient: str, name: str, days_from_index: int, **other: object) -> Row:
    plain: Row = {"patient_id": patient, "source_kind": "ADMIN", "raw_name": name, "route": "IV"}
    return {**plain, "start_text": _day(days_from_index), **other}


def _history(patient: str, name: str, start: str | None) -> Row:
    return {"patient_id": patient, "source_kind": "HISTORY", "raw_name": name, "start_text": start}


def _combination(patient: str, **other: object) -> list[Row]:
    supply: Row = {"source_kind": "DISPENSE", "route": "PO", "qty": 14, "units_per_day": 1, "raw_spec": "12mg"}
    return [_drug(patient, "anlotinib", 0, **supply, **other), _drug(patient, "tislelizumab", 0, **other)]


def _operated(patient: str, kind: str, start: str | None) -> Row:
    return {"patient_id": patient, "kind": kind, "start_text": start}


EARLIER: dict[str, list[Row]] = {
    "nothing_told": [],
    "history_of_an_unreadable_drug": [_history("history_of_an_unreadable_drug", "外院化疗方案不详", "2022-03")],
    "history_of_a_drug_without_a_date": [_history("history_of_a_drug_without_a_date", "顺铂", None)],
    "unreadable_history_beside_a_platinum": [
        _history("unreadable_history_beside_a_platinum", "外院化疗方案不详", "2022-03"),
        _drug("unreadable_history_beside_a_platinum", "顺铂", -300),
    ],
    "unreadable_history_after_the_index": [
        _history("unreadable_history_after_the_index", "外院化疗方案不详", "2024-03"),
    ],
    "blinded_only": [_drug("blinded_only", "研究用药", -300, trial_id="NCT1")],
    "noted_the_day_before": [],
    "noted_on_the_index_day": [],
    "progressed_clinically_the_day_before": [],
    "progressed_clinically_on_the_index_day": [],
    "progressed_clinically_after_radiotherapy": [],
    "two_antibodies_at_index": [
        _drug("two_antibodies_at_index", "camrelizumab", 0),
        _drug("two_antibodies_at_index", "tislelizumab", -200),
    ],
    "capsules_until_shortly_before": [
        _drug(
            "capsules_until_shortly_before", "apatinib", -60,
            source_kind="DISPENSE", route="PO", qty=28, units_per_day=1,
        ),
    ],
    "capsules_until_the_index": [
        _drug("capsules_until_the_index", "apatinib", -20, source_kind="DISPENSE", route="PO", qty=28, units_per_day=1),
    ],
    "operated_the_day_before": [],
    "operated_on_the_index_day": [],
    "operated_in_the_index_month": [],
    "operated_some_time": [],
    "irradiated_28_days_before": [],
    "irradiated_29_days_before": [],
    "irradiated_in_the_index_month": [],
}  # fmt: skip
LAKE: dict[str, list[Row]] = {
    "drug_row": [
        *(row for patient, rows in EARLIER.items() for row in [*rows, *_combination(patient)]),
        *_combination("treated_where_nobody_delivers_procedures", centre_id=OTHER_CENTRE),
    ],
    "clinical_note_flag": [
        {"patient_id": "noted_the_day_before", "date_text": _day(-1), "flag": "PRIOR_SYSTEMIC_THERAPY"},
        {"patient_id": "noted_on_the_index_day", "date_text": _day(0), "flag": "PRIOR_SYSTEMIC_THERAPY"},
    ],
    "disease_event": [
        {"patient_id": patient, "event": "CLIN_PD", "event_date_text": _day(day)}
        for patient, day in (
            ("progressed_clinically_the_day_before", -1),
            ("progressed_clinically_on_the_index_day", 0),
            ("progressed_clinically_after_radiotherapy", -1),
        )
    ],
    "response": [
        {"patient_id": patient, "reader": "INV", "response_date": _day(-1), "response": "PD"}
        for patient in ("two_antibodies_at_index", "capsules_until_shortly_before", "capsules_until_the_index")
    ],
    "procedure": [
        _operated("operated_the_day_before", "SURGERY_CURATIVE", _day(-1)),
        _operated("operated_on_the_index_day", "SURGERY_CURATIVE", _day(0)),
        _operated("operated_in_the_index_month", "SURGERY_CURATIVE", "2023-06"),
        _operated("operated_some_time", "SURGERY_CURATIVE", None),
        _operated("irradiated_28_days_before", "RT", _day(-28)),
        _operated("irradiated_29_days_before", "RT", _day(-29)),
        _operated("irradiated_in_the_index_month", "RT", "2023-06"),
        _operated("progressed_clinically_after_radiotherapy", "RT", _day(-100)),
    ],
}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    """Covariates and intervals of all the patients above."""
    select = "+int_covariates +int_treatment_free_intervals"
    return run_models(select, lake=LAKE, protocols=[protocol() + COVARIATES])


@pytest.fixture(scope="module")
def covariates(connection: duckdb.DuckDBPyConnection) -> Mapping[tuple[str, str], str | None]:
    """value_text by patient_key and covariate."""
    query = "select patient_key, covariate, value_text from intermediate.int_covariates"
    return {(key, name): value for key, name, value in connection.execute(query).fetchall()}


@pytest.mark.parametrize(
    ("patient", "prior_ici", "prior_platinum"),
    [
        ("nothing_told", "No", "No"),
        ("history_of_an_unreadable_drug", "Unknown", "Unknown"),
        ("history_of_a_drug_without_a_date", "Unknown", "Unknown"),
        ("unreadable_history_beside_a_platinum", "No", "Yes"),
        ("unreadable_history_after_the_index", "No", "No"),
        ("blinded_only", "Unknown", "Unknown"),
        ("noted_the_day_before", "Unknown", "Unknown"),
        ("noted_on_the_index_day", "No", "No"),
        ("progressed_clinically_the_day_before", "Unknown", "Unknown"),
        ("progressed_clinically_on_the_index_day", "No", "No"),
        ("progressed_clinically_after_radiotherapy", "No", "No"),
        ("two_antibodies_at_index", "Yes", "No"),
    ],
)
def test_therapy_that_the_chart_does_not_name_is_unknown(
    covariates: Mapping[tuple[str, str], str | None], patient: str, prior_ici: str, prior_platinum: str
) -> None:
    """R3.4: a prior line by chart without a drug row, or a blinded drug alone, leaves the flags unknown."""
    key = patient_key(patient)
    assert (covariates[key, "prior_ici"], covariates[key, "prior_platinum"]) == (prior_ici, prior_platinum)


@pytest.mark.parametrize(
    ("patient", "covariate", "expected"),
    [
        ("operated_the_day_before", "prior_surgery", "Yes"),
        ("operated_on_the_index_day", "prior_surgery", "No"),
        ("operated_in_the_index_month", "prior_surgery", "Unknown"),
        ("operated_some_time", "prior_surgery", "Unknown"),
        ("nothing_told", "prior_surgery", "No"),
        ("irradiated_28_days_before", "radiotherapy", "Yes"),
        ("irradiated_29_days_before", "radiotherapy", "No"),
        ("irradiated_in_the_index_month", "radiotherapy", "Unknown"),
        ("nothing_told", "radiotherapy", "No"),
    ],
)
def test_procedures_count_by_their_date(
    covariates: Mapping[tuple[str, str], str | None], patient: str, covariate: str, expected: str
) -> None:
    """R3.4, R3.6: before the index, or in the 28 days up to it; a date that leaves it open decides nothing."""
    assert covariates[patient_key(patient), covariate] == expected


def test_a_centre_that_delivers_no_procedures_says_nothing(
    covariates: Mapping[tuple[str, str], str | None],
) -> None:
    """R0.2: no row is only then No when the centre delivers the table."""
    key = patient_key("treated_where_nobody_delivers_procedures", OTHER_CENTRE)
    assert (covariates[key, "prior_surgery"], covariates[key, "radiotherapy"]) == ("Unknown", "Unknown")


@pytest.fixture(scope="module")
def intervals(connection: duckdb.DuckDBPyConnection) -> Mapping[str, Mapping[str, Any]]:
    """The row of R4 by patient_key."""
    found = connection.execute("select * from intermediate.int_treatment_free_intervals")
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {row["patient_key"]: row for row in rows}


@pytest.mark.parametrize(
    ("patient", "column", "expected"),
    [
        ("nothing_told", "ici_class", "NAIVE"),
        ("history_of_an_unreadable_drug", "ici_class", "UNKNOWN"),
        ("history_of_an_unreadable_drug", "prior_ici", "U"),
        ("unreadable_history_beside_a_platinum", "ici_class", "NAIVE"),
        ("two_antibodies_at_index", "index_agent", "camrelizumab + tislelizumab"),
        ("two_antibodies_at_index", "same_agent", "Y"),
        ("two_antibodies_at_index", "ici_class", "RECHALLENGE_SAME"),
        ("two_antibodies_at_index", "washout_days", 200),
        ("capsules_until_shortly_before", "washout_days", 60 - 27),
        ("capsules_until_the_index", "washout_days", 1),
        ("nothing_told", "washout_days", None),
    ],
)
def test_rechallenge_reads_every_agent_and_every_capsule(
    intervals: Mapping[str, Mapping[str, Any]], patient: str, column: str, expected: object
) -> None:
    """R4: any index antibody makes the same agent, unnamed therapy makes the class unknown, capsules last on-days."""
    assert intervals[patient_key(patient)][column] == expected
