"""R0.1, R0.4, R5.3, R10: what the derivations are given to read."""

from datetime import date

import duckdb
import pytest

from tests.rules.harness import CENTRE, Row, patient_key, run_models

FIRST = {"delivery_id": "delivery_1", "extract_date": "2025-06-01", "delivery_seq": 1}
SECOND = {"delivery_id": "delivery_2", "extract_date": "2025-07-01", "delivery_seq": 1}


def _ecog(patient: str, key: str, value: int, **other: object) -> Row:
    content = {"patient_id": patient, "test": "ECOG", "value": value, "specimen_date": "2024-01-01", "row_key": key}
    return {**content, **other}


def _read(patient: str, reader: str, day: str, response: str) -> Row:
    return {"patient_id": patient, "reader": reader, "response_date": day, "response": response}


LAKE: dict[str, list[Row]] = {
    "patient": [
        {"patient_id": patient}
        for patient in (
            "corrected_later",
            "withdrawn_later",
            "sent_twice",
            "above_the_scale",
            "registered_twice",
            "registered_twice",
            "reread_independently",
            "reread_once_only",
        )
    ],
    "ecog": [
        _ecog("corrected_later", "corrected", 1, **SECOND, source_row=5),
        _ecog("corrected_later", "corrected", 2, **FIRST, source_row=9),
        _ecog("withdrawn_later", "withdrawn", 1, **FIRST),
        _ecog("withdrawn_later", "withdrawn", 1, **SECOND, is_withdrawn=True),
        _ecog("sent_twice", "sent_twice", 0),
        _ecog("sent_twice", "sent_twice", 0),
        _ecog("above_the_scale", "impossible", 6),
        _ecog("in_no_patient_table", "orphan", 1),
    ],
    "response": [
        # The investigator alone saw the earlier line; both read the later one and disagree about the progression.
        _read("reread_independently", "INV", "2023-01-01", "PD"),
        _read("reread_independently", "INV", "2024-01-01", "SD"),
        _read("reread_independently", "INV", "2024-03-01", "PD"),
        _read("reread_independently", "IND", "2024-01-08", "SD"),
        _read("reread_independently", "IND", "2024-03-01", "SD"),
        _read("reread_independently", "IND", "2024-05-01", "PD"),
        # The independent reader missed the second assessment, so the investigator counts throughout.
        _read("reread_once_only", "INV", "2024-01-01", "SD"),
        _read("reread_once_only", "INV", "2024-03-01", "SD"),
        _read("reread_once_only", "INV", "2024-03-01", "PD"),
        _read("reread_once_only", "IND", "2024-01-01", "PR"),
        _read("reread_once_only", "INV", "2025-07-06", "PD"),
    ],
}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    """Staging and responses of the rows above."""
    return run_models("+stg_ecog +int_staging_rejections +int_progressions", lake=LAKE)


def test_the_newest_version_of_a_record_counts(connection: duckdb.DuckDBPyConnection) -> None:
    """R0.1: the last word goes by extract date, not by row; a withdrawn record is gone; a double is one."""
    found = connection.execute("select patient_key, value from staging.stg_ecog").fetchall()
    assert dict(found) == {patient_key("corrected_later"): 1, patient_key("sent_twice"): 0}
    assert len(found) == 2


def test_rows_left_out_are_counted_by_check(connection: duckdb.DuckDBPyConnection) -> None:
    """R10: an orphan, a second registration, a double and an ECOG above its scale are counted by table."""
    query = "select centre_id, table_name, check_id, n_rows from intermediate.int_staging_rejections order by all"
    assert connection.execute(query).fetchall() == [
        (CENTRE, "ecog", "DQ001", 1),
        (CENTRE, "ecog", "DQ003", 1),
        (CENTRE, "ecog", "DQ013", 1),
        (CENTRE, "patient", "DQ002", 1),
    ]


def test_an_independent_reader_counts_from_its_first_assessment(connection: duckdb.DuckDBPyConnection) -> None:
    """R5.3: the independent stream replaces the investigator's, whose progression of the earlier line stays known."""
    query = """
        select progression_date from intermediate.int_progressions where patient_key = ? order by progression_date
    """
    found = connection.execute(query, [patient_key("reread_independently")]).fetchall()
    assert found == [(date(2023, 1, 1),), (date(2024, 5, 1),)]


def test_a_reader_who_missed_an_assessment_is_not_chosen(connection: duckdb.DuckDBPyConnection) -> None:
    """R5.3, R0.7, R0.4: the investigator counts throughout, the worse of two on a day, nothing after the cutoff."""
    query = """
        select response_date, response, reader_used from intermediate.int_responses
        where patient_key = ? order by response_date
    """
    assert connection.execute(query, [patient_key("reread_once_only")]).fetchall() == [
        (date(2024, 1, 1), "SD", "INVESTIGATOR"),
        (date(2024, 3, 1), "PD", "INVESTIGATOR"),
    ]


def test_a_centre_without_a_calendar_has_no_cutoff() -> None:
    """R0.4: days counted from an anchor know no cutoff, so nothing of them is dropped."""
    rows = [_read("followed_for_decades", "INV", "2080-01-01", "PD")]
    connection = run_models("+int_progressions", lake={"response": rows}, calendar="relative")
    query = "select progression_date from intermediate.int_progressions"
    assert connection.execute(query).fetchall() == [(date(2080, 1, 1),)]
