"""Files as hospitals deliver them: encodings, broken rows, workbooks, Parquet. Nothing crashes and nothing is lost."""

import datetime
import os
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from tests.warehouse.hospital import SEX, TABLE, Hospital, only_file, patients_of


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """Each usual encoding is read, with and without a byte order mark."""
    hospital = patients_of(tmp_path, SEX, source={"encoding": encoding})
    hospital.deliver("2025-07-05", "patients.csv", TABLE, encoding)
    hospital.land()
    assert hospital.rows("patient", "source_row", "sex") == [(2, "M"), (3, "F")]


def test_byte_order_mark_on_a_file_declared_without(tmp_path: Path) -> None:
    """A byte order mark never becomes part of the first column's name."""
    hospital = patients_of(tmp_path, SEX, source={"encoding": "utf-8"})
    hospital.deliver("2025-07-05", "patients.csv", TABLE, "utf-8-sig")
    assert only_file(hospital).used == 2


def test_instants_are_told_in_the_days_of_the_centre(tmp_path: Path) -> None:
    """An instant late in the day of UTC is the next day in Shanghai; without a zone, that is told."""
    table = pa.table(
        {
            "id": pa.array([Decimal(1)]),
            "date": pa.array(["2024-03-04 16:30:00"]).cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC")),
        }
    )
    columns = {
        "patient_id": {"column": "id", "system": "HIS"},
        "source": {"constant": "REGISTRY"},
        "date_text": "date",
    }
    for zone, day in (("Asia/Shanghai", "2024-03-05"), (None, "2024-03-04")):
        root = tmp_path / day
        source = {"files": ["d.parquet"], "time_zone": zone}
        hospital = Hospital(
            root, {"file": source}, [{"table": "death", "feed": [{"source": "file", "columns": columns}]}]
        )
        parquet.write_table(table, hospital.deliver("2025-07-05", "d.parquet", b""))
        warnings = hospital.land().warnings
        assert hospital.rows("death", "date_text") == [(day,)]
        assert any("days are those of Greenwich" in warning for warning in warnings) == (zone is None)


def test_nested_parquet_is_refused(tmp_path: Path) -> None:
    """A mapped column of lists is refused with its name; one that nobody asks for does no harm."""
    hospital = patients_of(tmp_path, SEX)
    path = hospital.deliver("2025-07-05", "patients.parquet", b"")
    parquet.write_table(pa.table({"id": [1], "性别": [["男"]]}), path)
    assert "column '性别' is list" in hospital.land().problems[0]
    parquet.write_table(pa.table({"id": [1], "性别": ["男"], "more": [["x"]]}), path)
    assert only_file(hospital).used == 1


@pytest.mark.parametrize("kind", ["folder", "link to nothing", "pipe"])
def test_what_only_has_a_files_name(tmp_path: Path, kind: str) -> None:
    """Something that has a file's name and is none refuses the delivery: what it should hold is not known."""
    hospital = patients_of(tmp_path, SEX, source={"files": ["patients_*.csv"]})
    hospital.deliver("2025-07-05", "patients_1.csv", TABLE)
    path = hospital.deliveries / "2025-07-05" / "patients_2.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("nowhere.csv")
    assert "patients_2.csv is no file" in hospital.land().problems[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="the system lets its administrator read every file")
def test_file_that_may_not_be_read(tmp_path: Path) -> None:
    """A file that we may not read refuses the delivery and says so."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", TABLE).chmod(0)
    assert "cannot be read" in hospital.land().problems[0]


def test_wrong_encoding_names_the_one_to_try(tmp_path: Path) -> None:
    """A file in another encoding is refused with centre, file, row and the encoding to try; the other file lands."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients_1.csv", "id,性别\n1,男\n", "utf-8")
    hospital.deliver("2025-07-05", "patients_2.csv", "id,性别\n2,女\n", "gb18030")
    report = hospital.land()
    (problem,) = report.problems
    for part in ("Centre hospital", "patients_2.csv", "row 1", "gb18030", "set encoding in centre.toml"):
        assert part in problem
    assert hospital.rows("patient", "source_file") == [("patients_1.csv",)]


def test_wrong_encoding_far_down_leaves_nothing(tmp_path: Path) -> None:
    """Rows read before the first wrong byte do not stay, and the message names that byte's row."""
    lines = "".join(f"{number},男\n" for number in range(50_000))
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", ("id,性别\n" + lines).encode() + b"x,\xff\n")
    report = hospital.land()
    assert "row 50002" in report.problems[0]
    assert hospital.rows("patient", "source_row") == []


def test_rows_of_the_wrong_width(tmp_path: Path) -> None:
    """Rows with too few or too many cells fail and are numbered; the row numbers of the others stay right."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", "id,性别\n1,男\n2\n3,女\n4,男,x\n5,女\n")
    file = only_file(hospital)
    assert (file.read, file.used, file.failed) == (5, 3, {"wrong number of cells": 2})
    assert [row for (row,) in hospital.rows("patient", "source_row")] == [2, 4, 6]
    assert "first rows 3, 5" in hospital.land().warnings[0]


def test_truncated_last_line(tmp_path: Path) -> None:
    """A file cut in its last line loses that line alone."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", "id,性别\n1,男\n2,女\n3")
    assert only_file(hospital).failed == {"wrong number of cells": 1}
    assert len(hospital.rows("patient", "patient_id")) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_file_cut_inside_a_character(tmp_path: Path, encoding: str) -> None:
    """A file cut inside a character loses its last line alone, and says why."""
    content = "id,性别\n1,男\n2,女".encode(encoding)[:-1]
    hospital = patients_of(tmp_path, SEX, source={"encoding": encoding})
    hospital.deliver("2025-07-05", "patients.csv", content)
    file = only_file(hospital)
    assert (file.read, file.used, file.failed) == (2, 1, {"file ends inside a character": 1})


def test_quote_left_open_costs_its_own_line(tmp_path: Path) -> None:
    """A quote that is never closed does not swallow the rest of the file."""
    rows = "".join(f"{number},男\n" for number in range(2, 2000))
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", 'id,性别\n1,"男\n' + rows)
    file = only_file(hospital)
    assert (file.read, file.used, file.failed) == (1999, 1998, {"quote left open": 1})
    assert [row for (row,) in hospital.rows("patient", "source_row")] == sorted(
        range(3, 2001), key=lambda row: repr((row,))
    )


def test_line_breaks_inside_quotes_are_values(tmp_path: Path) -> None:
    """A quoted cell may hold a line break, and counts as one row."""
    columns = {"patient_id": {"column": "id", "system": "HIS"}, "name": {"constant": "x"}, "value_text": "text"}
    hospital = Hospital(
        tmp_path,
        {"file": {"files": ["f.csv"]}},
        [{"table": "biomarker", "feed": [{"source": "file", "columns": columns}]}],
    )
    hospital.deliver("2025-07-05", "f.csv", 'id,text\n1,"two\nlines"\n2,one\n')
    hospital.land()
    assert hospital.rows("biomarker", "source_row", "value_text") == [(2, "two\nlines"), (3, "one")]


def test_nul_bytes_are_taken_out(tmp_path: Path) -> None:
    """NUL bytes vanish, and the report says so."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", "id,性别\n1\0,男\n".encode())
    report = hospital.land()
    assert hospital.rows("patient", "sex") == [("M",)]
    assert "1 NUL bytes" in report.warnings[0]


@pytest.mark.parametrize("content", ["id,性别,,\n1,男,,\n", "id,性别\n1,男,,\n", "id,性别,,\n1,男\n"])
def test_trailing_empty_columns(tmp_path: Path, content: str) -> None:
    """Trailing empty columns do no harm, whether header, rows or both have them."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", content)
    assert only_file(hospital).used == 1


@pytest.mark.parametrize("content", ["id,性别\n", "id,性别", "id,性别\r\n\r\n\n"])
def test_no_rows(tmp_path: Path, content: str) -> None:
    """A file of headers, or of headers and empty lines, lands nothing and is no error."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", content)
    file = only_file(hospital)
    assert (file.used, file.error) == (0, None)


@pytest.mark.parametrize("content", ["", "\n", "id\n"])
def test_no_header(tmp_path: Path, content: str) -> None:
    """An empty file, or one without the mapped columns, is refused with a message that says what is missing."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", content)
    (problem,) = hospital.land().problems
    assert "header row" in problem or "missing" in problem


def test_missing_column(tmp_path: Path) -> None:
    """A missing column is named with centre, file, table and the columns found."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", "id,gender\n1,M\n")
    (problem,) = hospital.land().problems
    for part in ("Centre hospital", "patients.csv", "table patient", "'性别'", "found are id, gender"):
        assert part in problem


def test_missing_column_of_one_table_spares_the_others(tmp_path: Path) -> None:
    """Where one table of a file lacks a column, the other tables of that file still land."""
    patient = {
        "table": "patient",
        "feed": [{"source": "file", "columns": {"patient_id": {"column": "id", "system": "HIS"}}}],
    }
    death = {
        "table": "death",
        "feed": [
            {
                "source": "file",
                "columns": {
                    "patient_id": {"column": "id", "system": "HIS"},
                    "source": {"constant": "FAMILY"},
                    "date_text": "死亡日期",
                },
            }
        ],
    }
    hospital = Hospital(tmp_path, {"file": {"files": ["f.csv"]}}, [patient, death])
    hospital.deliver("2025-07-05", "f.csv", "id\n1\n")
    (problem,) = hospital.land().problems
    assert "table death" in problem
    assert len(hospital.rows("patient", "patient_id")) == 1


def test_endless_line(tmp_path: Path) -> None:
    """One line longer than any table could have is refused, not held in memory."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", "id,性别\n1,".encode() + b"x" * (40 << 20))
    assert "longer than" in hospital.land().problems[0]


def test_workbook(tmp_path: Path) -> None:
    """A sheet below merged headers is read: dates as serials and as text, row numbers as a spreadsheet shows them."""
    path = tmp_path / "deliveries" / "2025-07-05" / "forms.xlsx"
    path.parent.mkdir(parents=True)
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("cover")
        sheet = workbook.add_worksheet("死亡")
        sheet.merge_range(1, 0, 1, 1, "患者与死亡")
        sheet.write_row(2, 0, ["id", "date"])
        sheet.write_row(3, 0, ["number", "day"])
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write(4, 0, 1001)
        sheet.write_datetime(4, 1, datetime.date(2024, 3, 5), day)
        sheet.write_row(5, 0, ["1002", 45000])
        sheet.write_row(7, 0, ["1003", "2024年5月"])
    columns = {
        "patient_id": {"column": "id", "system": "HIS"},
        "source": {"constant": "REGISTRY"},
        "date_text": {"column": "date", "date": "excel_serial_or_text"},
    }
    source = {"files": ["forms.xlsx"], "format": "xlsx", "sheet": "死亡", "header_row": 3, "skip_after_header": 1}
    hospital = Hospital(
        tmp_path, {"form": source}, [{"table": "death", "feed": [{"source": "form", "columns": columns}]}]
    )
    file = only_file(hospital)
    assert hospital.rows("death", "source_row", "date_text") == [(5, "2024-03-05"), (6, "2023-03-15"), (8, "2024-05")]
    assert (file.read, file.skipped) == (4, {"blank": 1})


def test_workbook_without_the_sheet(tmp_path: Path) -> None:
    """A missing sheet is an error that lists the sheets; a file that is no workbook is an error too."""
    hospital = patients_of(tmp_path, {}, source={"format": "xlsx", "sheet": "患者"})
    path = hospital.deliver("2025-07-05", "patients.xlsx", b"")
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("cover")
    assert "there are cover" in hospital.land().problems[0]
    path.write_bytes(b"no workbook")
    assert "not a readable workbook" in hospital.land().problems[0]


def test_parquet(tmp_path: Path) -> None:
    """Typed columns of Parquet are read as text: dates, timestamps, integers and decimals arrive unharmed."""
    columns = {
        "patient_id": {"column": "person_id", "system": "OMOP"},
        "source_kind": {"constant": "ADMIN"},
        "raw_name": "name",
        "start_text": "start",
        "end_text": "end",
        "qty": "quantity",
    }
    hospital = Hospital(
        tmp_path,
        {"file": {"files": ["d.parquet"], "format": "parquet"}},
        [{"table": "drug_row", "feed": [{"source": "file", "columns": columns}]}],
    )
    path = hospital.deliver("2025-07-05", "d.parquet", b"")
    table = pa.table(
        {
            "person_id": pa.array([7, 8], pa.int64()),
            "name": ["cisplatin", "anlotinib"],
            "start": pa.array([datetime.date(2024, 3, 5), None]),
            "end": pa.array(["2024-03-05 08:30:00", None]).cast(pa.timestamp("us")),
            "quantity": pa.array([1.5, 2.0]),
        }
    )
    parquet.write_table(table, path)
    hospital.land()
    assert hospital.rows("drug_row", "source_row", "raw_name", "start_text", "end_text", "qty::VARCHAR") == [
        (1, "cisplatin", "2024-03-05", "2024-03-05", "1.5000"),
        (2, "anlotinib", None, None, "2.0000"),
    ]


def test_file_that_is_no_parquet(tmp_path: Path) -> None:
    """A file that is no Parquet is refused with its name."""
    hospital = patients_of(tmp_path, {}, source={"format": "parquet"})
    hospital.deliver("2025-07-05", "patients.parquet", b"no parquet")
    assert "patients.parquet: not a readable Parquet file" in hospital.land().problems[0]
