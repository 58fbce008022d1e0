"""Files of a standard: columns that may be missing, names in any letter case, dates of which part is unknown."""

from pathlib import Path

import duckdb
import pytest

from tests.warehouse.hospital import Hospital, patients_of
from warehouse.intake.dates import create_date_macros

STANDARD = {"files": ["dm.csv"], "letter_case": "upper", "optional": ["SEX", "AGE"]}
COLUMNS = {"patient_id": {"column": "USUBJID", "system": "USUBJID"}, "sex": "SEX", "age_at_diagnosis": "AGE"}


def delivered(root: Path, name: str, content: str) -> Hospital:
    """A hospital of that standard, with one file delivered."""
    hospital = patients_of(root, COLUMNS, source=STANDARD)
    hospital.deliver("2025-07-05", name, content)
    return hospital


@pytest.mark.parametrize(
    ("name", "content"),
    [("dm.csv", "USUBJID,SEX\n1,F\n"), ("DM.CSV", "usubjid,sex\n1,F\n"), ("Dm.csv", "Usubjid,SEX\n1,F\n")],
)
def test_letter_case_does_not_matter(tmp_path: Path, name: str, content: str) -> None:
    """A file and its columns are found however the exporting tool spells them."""
    hospital = delivered(tmp_path, name, content)
    assert not hospital.land().problems
    assert hospital.rows("patient", "sex", "age_at_diagnosis") == [("F", None)]


def test_without_a_letter_case_names_are_taken_as_they_are(tmp_path: Path) -> None:
    """Only a source that asks for it is matched in any case."""
    hospital = patients_of(tmp_path, {"sex": "SEX"}, source={"optional": ["SEX"]})
    hospital.deliver("2025-07-05", "patients.csv", "id,sex\n1,F\n")
    hospital.land()
    assert hospital.rows("patient", "sex") == [(None,)]


def test_an_optional_column_may_be_missing(tmp_path: Path) -> None:
    """Its contract column is empty, and nothing is reported."""
    hospital = delivered(tmp_path, "dm.csv", "USUBJID\n1\n2\n")
    report = hospital.land()
    assert report.problems == ()
    assert report.warnings == ()
    assert hospital.rows("patient", "source_row", "sex") == [(2, None), (3, None)]


def test_another_column_may_not(tmp_path: Path) -> None:
    """The message names the column that is missing and those that were found, and none of the optional ones."""
    (problem,) = delivered(tmp_path, "dm.csv", "SUBJID,SEX\n1,F\n").land().problems
    assert "column 'USUBJID' missing; found are SUBJID, SEX." in problem


def test_a_file_of_none_of_the_columns_is_refused(tmp_path: Path) -> None:
    """A source whose columns are all optional still has to have one of them."""
    hospital = patients_of(tmp_path, {}, source={"optional": ["id"]})
    hospital.deliver("2025-07-05", "patients.csv", "number\n1\n")
    (problem,) = hospital.land().problems
    assert "column 'id' missing; found are number." in problem


def test_quarantine_names_the_column_of_the_file(tmp_path: Path) -> None:
    """Whoever did not write the mapping reads which variable is wrong, not only what it would have become."""
    hospital = delivered(tmp_path, "dm.csv", "USUBJID,SEX,AGE\n1,F,sixty\n")
    (warning,) = hospital.land().warnings
    assert "1 records have a age_at_diagnosis (AGE) that is no number" in warning
    assert "first in dm.csv row 2" in warning


def test_a_table_without_any_file_is_told(tmp_path: Path) -> None:
    """Files that need not be there are missed by name; a table that one of its files feeds is not."""
    patient = {"patient_id": {"column": "USUBJID", "system": "USUBJID"}}
    response = {**patient, "reader": {"constant": "INV"}, "response": {"constant": "SD"}}
    feeds = [{"source": source, "columns": patient} for source in ("dm", "other")]
    tables = [
        {"table": "patient", "feed": feeds},
        {"table": "response", "feed": [{"source": "rs", "columns": response}]},
    ]
    sources = {name: {"files": [f"{name}.xpt", f"{name}.csv"], "required": False} for name in ("dm", "other", "rs")}
    hospital = Hospital(tmp_path, sources, tables)
    hospital.deliver("2025-07-05", "dm.csv", "USUBJID\n1\n")
    (warning,) = hospital.land().warnings
    assert "no file feeds response (rs.xpt, rs.csv): nothing landed in it." in warning


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024", "2024"),
        ("2024-03", "2024-03"),
        ("2024-03-15", "2024-03-15"),
        ("2024---15", "2024"),
        ("2024-03--", "2024-03"),
        ("2024-----T07:15", "2024"),
        ("2024-03-15T11", "2024-03-15"),
        ("2024-03-15T11:45", "2024-03-15"),
        ("2024-03-15T11:45:30.5+08:00", "2024-03-15"),
        ("2024-03-15T-:15", "2024-03-15"),
        ("2024-02-30T11:45", "2024-02-30"),
        ("20240315", "2024-03-15"),
        ("15MAR2024", None),
        ("--03-15", None),
    ],
)
def test_iso_8601_dates_are_read_as_far_as_they_are_known(cell: str, expected: str | None) -> None:
    """What comes after the first unknown part is left out, hours too; a date without a year is none."""
    with duckdb.connect() as connection:
        create_date_macros(connection)
        assert connection.execute("SELECT iso_date(?)", [cell]).fetchone() == (expected,)
