"""Files as hospitals deliver them: encodings, broken rows, workbooks, Parquet. Nothing crashes and nothing is lost."""

import datetime
import gzip
import os
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from tests.warehouse.hospital import Hospital, patients_of
from warehouse.accounting import FileCount

SEX = {"sex": {"column": "性别", "map": {"男": "M", "女": "F"}, "otherwise": "null"}}
TABLE = "id,性别\n1,男\n2,女\n"


def only_file(hospital: Hospital) -> FileCount:
    """Lands, and gives the count of the one file."""
    (delivery,) = hospital.land().deliveries
    (file,) = delivery.files
    return file


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


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("declared", ["utf-16", "auto"])
def test_utf16_without_byte_order_mark(tmp_path: Path, encoding: str, declared: str) -> None:
    """Of UTF-16 without a mark the order of bytes is found."""
    hospital = patients_of(tmp_path, SEX, source={"encoding": declared})
    hospital.deliver("2025-07-05", "patients.csv", TABLE, encoding)
    assert only_file(hospital).used == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_detected_encoding(tmp_path: Path, encoding: str) -> None:
    """With encoding = "auto" each usual encoding is found, and the report says which it was."""
    hospital = patients_of(tmp_path, SEX, source={"encoding": "auto"})
    hospital.deliver("2025-07-05", "patients.csv", TABLE * 100, encoding)
    assert f"read as {encoding}." in hospital.land().warnings[0]
    assert hospital.rows("patient", "sex") == [("F",), ("M",)]


def test_a_wrong_byte_is_not_detected_away(tmp_path: Path) -> None:
    """One wrong byte in a text of UTF-8 is an error, and does not turn the text into another encoding."""
    hospital = patients_of(tmp_path, SEX, source={"encoding": "auto"})
    hospital.deliver("2025-07-05", "patients.csv", (TABLE * 100).encode() + b"x,\xff\n")
    assert "row 301 is not utf-8" in hospital.land().problems[0]


@pytest.mark.parametrize("name", ["patients.tsv", "patients.tsv.gz"])
def test_tabs_in_tsv(tmp_path: Path, name: str) -> None:
    """A file called .tsv is cut at tabs without being told to."""
    hospital = patients_of(tmp_path, SEX)
    content = TABLE.replace(",", "\t").encode()
    hospital.deliver("2025-07-05", name, gzip.compress(content) if name.endswith(".gz") else content)
    assert only_file(hospital).used == 2


@pytest.mark.parametrize("ends", ["\r", "\r\n", "mixed"])
def test_line_ends(tmp_path: Path, ends: str) -> None:
    """Lines may end as on any system, even on several in one file."""
    content = "id,性别\r1,男\r\n2,女\n3,男\r" if ends == "mixed" else (TABLE + "3,男\n").replace("\n", ends)
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", content.encode())
    assert only_file(hospital).used == 3


def test_files_put_one_behind_the_other(tmp_path: Path) -> None:
    """Where two exports were joined, the second header is no row and its mark no part of a number; both are told."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver(
        "2025-07-05", "patients.csv", TABLE.encode("utf-8-sig") + b"\n" + "id,性别\n3,男\n".encode("utf-8-sig")
    )
    file = only_file(hospital)
    assert (file.read, file.used, file.skipped) == (5, 3, {"blank": 1, "repeated header": 1})
    assert any("1 byte order marks inside the file" in warning for warning in hospital.land().warnings)


def test_two_quotes_left_open_hide_no_row(tmp_path: Path) -> None:
    """Where a second open quote seems to close the first, the rows between are not taken for one cell's text."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", 'id,性别\n1,"男\n2,女\n3,"男\n4,女\n')
    file = only_file(hospital)
    assert (file.read, file.used, file.failed) == (4, 2, {"quote left open": 2})


def test_line_breaks_that_may_hide_rows_are_told(tmp_path: Path) -> None:
    """Line breaks inside well-formed quotes stay part of the cell, and their number is told."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", 'id,性别\n1,"男\n2,女\n3,"\n4,女\n')
    assert "2 line breaks stand inside quoted cells" in hospital.land().warnings[0]


def test_titles_over_several_columns_in_text(tmp_path: Path) -> None:
    """A title that an export keeps in the first of its columns holds until the next title; a lone name stays itself."""
    rows = "患者,化疗,,住院,\nid,开始,结束,性别,日期\n1,x,x,男,x\n"
    hospital = patients_of(
        tmp_path,
        {"sex": {"column": "住院|性别", "map": {"男": "M"}}},
        source={"header_rows": 2},
    )
    hospital.deliver("2025-07-05", "patients.csv", rows.replace("患者,", ",", 1))
    assert only_file(hospital).used == 1


@pytest.mark.parametrize("rows", ["1,男,x\n2,女,y\n", "x,1,男\ny,2,女\n"])
def test_cells_beyond_the_header_are_no_empty_columns(tmp_path: Path, rows: str) -> None:
    """Rows with more cells than the header has names fail: nobody knows which name belongs to which cell."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", "id,性别\n" + rows)
    assert only_file(hospital).failed == {"wrong number of cells": 2}


def test_data_taken_for_a_header_are_not_told(tmp_path: Path) -> None:
    """A file without names is refused, and the message does not quote the patient that stands in the header's place."""
    hospital = patients_of(tmp_path, SEX)
    hospital.deliver("2025-07-05", "patients.csv", "王小明,410105195803172213\n")
    (problem,) = hospital.land().problems
    assert "looks like data" in problem
    assert "王小明" not in problem


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
