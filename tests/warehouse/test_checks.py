"""The contract check: each check on both sides of its boundary."""

import csv
import json
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.hospital import one_cell, patients_of
from warehouse.intake.dates import create_date_macros

ORDER: dict[str, object] = {"source_kind": {"constant": "ORDER"}, "raw_name": {"constant": "x"}}


def read_date(macro: str, cell: str) -> tuple[str | None, str | None]:
    """Candidate and date of a cell."""
    with duckdb.connect() as connection:
        create_date_macros(connection)
        row = connection.execute(f"SELECT c, calendar_date(c) FROM (SELECT {macro}(?) AS c)", [cell]).fetchone()
    assert row is not None
    return row[0], row[1]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024", "2024"),
        ("2024-03", "2024-03"),
        ("2024-3", "2024-03"),
        ("2024-03-15", "2024-03-15"),
        ("2024-3-5", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("2024/03/15", "2024-03-15"),
        ("20240315", "2024-03-15"),
        ("2024年3月5日", "2024-03-05"),
        ("2024年12月", "2024-12"),
        ("2024-03-15 08:30:00", "2024-03-15"),
        ("2024-03-15T08:30:00Z", "2024-03-15"),
        ("2024/3/5 8:30", "2024-03-05"),
        ("2024年3月5日 23:59", "2024-03-05"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_forms_of_dates(cell: str, expected: str) -> None:
    """Every form of rule R0.3 becomes ISO text at the precision given; a time of day is cut off."""
    assert read_date("text_date", cell) == (expected, expected)


@pytest.mark.parametrize(
    "cell", ["15/03/2024", "2024/3", "202403", "March 2024", "45000", "2024-03-15 abc", "24-03-15", "2024.3.5", "上周"]
)
def test_other_forms_are_no_dates(cell: str) -> None:
    """A form that rule R0.3 does not list has no candidate (DQ004)."""
    assert read_date("text_date", cell) == (None, None)


@pytest.mark.parametrize(
    "cell", ["2023-02-29", "2023-02-30", "2024/13/1", "20240431", "2024年2月30日", "2024-00", "2024-13", "0000"]
)
def test_impossible_dates_never_roll_over(cell: str) -> None:
    """A date that the calendar does not have keeps its form and has no date (DQ005)."""
    candidate, found = read_date("text_date", cell)
    assert candidate is not None
    assert found is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("19999", None),
        ("20000", "1954-10-03"),
        ("45000", "2023-03-15"),
        ("45000.75", "2023-03-15"),
        ("60000", "2064-04-08"),
        ("60001", None),
    ],
)
def test_excel_serials(cell: str, expected: str | None) -> None:
    """Serials from 20000 to 60000 are days since 1899-12-30, as spreadsheets show them."""
    assert read_date("serial_or_text_date", cell) == (expected, expected)


@pytest.mark.parametrize(
    ("table", "column", "cell", "others", "values", "failures"),
    [
        (
            "ae",
            "ctcae_grade",
            "cell",
            {"raw_term": {"constant": "x"}},
            ["0", "1", "5", "6"],
            [(2, "DQ014", "out_of_range"), (5, "DQ014", "out_of_range")],
        ),
        (
            "ae",
            "ctcae_grade",
            "cell",
            {"raw_term": {"constant": "x"}},
            ["2级", "2.5", "3.0"],
            [(2, "DQ014", "not_a_number"), (3, "DQ014", "not_a_number")],
        ),
        (
            "drug_row",
            "dose",
            "cell",
            ORDER,
            ["12.5", ".5", "1e3", "12mg", "１２"],
            [(4, "DQ000", "not_a_number"), (5, "DQ000", "not_a_number"), (6, "DQ000", "not_a_number")],
        ),
        ("drug_row", "units_per_day", "cell", ORDER, ["0", "-1"], [(3, "DQ000", "out_of_range")]),
        ("drug_row", "dose_unit", "cell", ORDER, ["mg", "毫克"], [(3, "DQ009", "not_permitted")]),
        (
            "response",
            "response",
            "cell",
            {"reader": {"constant": "INV"}},
            ["PR", "XX", ""],
            [(3, "DQ016", "not_permitted"), (4, "DQ016", "empty")],
        ),
        (
            "patient",
            "sex",
            {"column": "cell", "map": {"男": "M"}},
            {},
            ["男", "other", ""],
            [(3, "DQ000", "not_in_map")],
        ),
        (
            "death",
            "date_text",
            "cell",
            {"source": {"constant": "REGISTRY"}},
            ["2024-02-29", "2023-02-29", "soon"],
            [(3, "DQ005", "impossible_date"), (4, "DQ004", "not_a_date")],
        ),
    ],
)
def test_boundaries(
    tmp_path: Path,
    table: str,
    column: str,
    cell: object,
    others: dict[str, object],
    values: list[str],
    failures: list[tuple[object, ...]],
) -> None:
    """A value inside the contract lands, one outside goes to quarantine with its check and its row."""
    hospital = one_cell(tmp_path, table, column, cell, values, **others)
    hospital.land()
    assert hospital.quarantine("source_row", "check_id", "reason") == failures
    failed = {row for row, _, _ in failures}
    assert [row for (row,) in hospital.rows(table, "source_row")] == [
        row for row in range(2, len(values) + 2) if row not in failed
    ]


@pytest.mark.parametrize("case", ["DQX10"])
def test_worked_case(tmp_path: Path, case: str) -> None:
    """The impossible date of the worked case goes to quarantine under the check that the rule book names."""
    lines = Path(__file__).resolve().parents[1] / "rules" / "examples" / "10_dq__input_expected.csv"
    with lines.open(encoding="utf-8") as file:
        (row,) = (row for row in csv.DictReader(file) if row["case_id"] == case)
    text = json.loads(row["row_json"])["date_text"]
    hospital = one_cell(tmp_path, "death", "date_text", "cell", [text], source={"constant": "REGISTRY"})
    hospital.land()
    assert hospital.quarantine("check_id") == [(row["expected_check_id"],)]
    assert hospital.rows("death", "source_row") == []


def test_numbers_that_a_spreadsheet_has_spoilt(tmp_path: Path) -> None:
    """What a spreadsheet leaves of long numbers is nobody's number (DQ001); numbers that only look alike land."""
    hospital = patients_of(tmp_path, {})
    numbers = ["4.10105E+17", "#N/A", "####", "4.10105E17", "#12", "4.1E+x"]
    hospital.deliver("2025-07-05", "patients.csv", [["id", "more"], *([number, "x"] for number in numbers)])
    hospital.land()
    assert hospital.quarantine("source_row", "check_id", "reason") == [
        (row, "DQ001", "spoilt_number") for row in (2, 3, 4)
    ]
    assert [row for (row,) in hospital.rows("patient", "source_row")] == [5, 6, 7]


def test_row_without_patient(tmp_path: Path) -> None:
    """A row without a patient's number goes to quarantine (DQ001); a row with nothing in it at all is skipped."""
    hospital = patients_of(tmp_path, {"sex": "sex"})
    hospital.deliver("2025-07-05", "patients.csv", [["id", "sex"], ["", "F"], ["", ""], ["1", "M"]])
    report = hospital.land()
    assert hospital.quarantine("check_id", "column_name", "source_row") == [("DQ001", "patient_id", 2)]
    assert report.deliveries[0].files[0].skipped == {"blank": 1}


def test_message_names_where_and_what_to_do(tmp_path: Path) -> None:
    """A warning names centre, table, file, row and check, says what landed, and quotes no value."""
    hospital = one_cell(
        tmp_path, "death", "date_text", "cell", ["2024-01-01", "2023-02-30"], source={"constant": "REGISTRY"}
    )
    (warning,) = hospital.land().warnings
    for part in ("Centre hospital", "table death", "file.csv row 3", "DQ005", "quarantine; 1 landed"):
        assert part in warning
    assert "02-30" not in warning


def test_quarantine_tells_the_shape_not_the_text(tmp_path: Path) -> None:
    """Of a value in the wrong column quarantine keeps the shape alone; of an impossible date it keeps the date."""
    hospital = one_cell(
        tmp_path, "death", "date_text", "cell", ["王小明13912345678", "2023-02-30"], source={"constant": "REGISTRY"}
    )
    hospital.land()
    assert hospital.quarantine("source_row", "value_shape", "original_text") == [
        (2, "字字字99999999999", None),
        (3, "9999-99-99", "2023-02-30"),
    ]
