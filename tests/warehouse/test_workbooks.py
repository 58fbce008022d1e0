"""Workbooks as people make them: titles merged over columns, merged rows, formulas, errors, several sheets, bombs."""

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import xlsxwriter
from xlsxwriter.workbook import Worksheet

from tests.warehouse.damaged_files import with_part
from tests.warehouse.hospital import Hospital
from warehouse.intake import workbooks

Writes = Callable[[Worksheet], None]


def hospital(root: Path, columns: dict[str, object], **source: object) -> Hospital:
    """A hospital whose deaths stand in a workbook."""
    feed = {
        "source": "form",
        "columns": {"patient_id": {"column": "id", "system": "HIS"}, "source": {"constant": "REGISTRY"}, **columns},
    }
    return Hospital(root, {"form": {"files": ["form*.xlsx"], **source}}, [{"table": "death", "feed": [feed]}])


def deliver(centre: Hospital, sheets: Mapping[str, Writes], name: str = "form.xlsx") -> Path:
    """Delivers a workbook with these sheets."""
    path = centre.deliver("2025-07-05", name, b"")
    with xlsxwriter.Workbook(path) as workbook:
        workbook.day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for sheet, writes in sheets.items():
            worksheet = workbook.add_worksheet(sheet)
            worksheet.day = workbook.day
            writes(worksheet)
    return path


def table(rows: list[list[object]], first_row: int = 0, first_column: int = 0) -> Writes:
    def write(sheet: Worksheet) -> None:
        for number, cells in enumerate(rows, start=first_row):
            sheet.write_row(number, first_column, cells)

    return write


DATES: dict[str, object] = {"date_text": {"column": "date", "date": "excel_serial_or_text"}}


def test_titles_merged_over_columns(tmp_path: Path) -> None:
    """A title merged over its columns and a row of names below give names of both; a name merged downwards is one."""

    def write(sheet: Worksheet) -> None:
        sheet.merge_range(2, 1, 3, 1, "id")
        sheet.merge_range(2, 2, 2, 3, "化疗")
        sheet.merge_range(2, 4, 2, 5, "死亡")
        sheet.write_row(3, 2, ["开始日期", "结束日期", "日期", "原因"])
        sheet.write_row(4, 1, ["1", "2024-01-01", "2024-02-01", "2024-03-05", "C15"])

    centre = hospital(
        tmp_path, {"date_text": "死亡|日期", "cause": {"column": "死亡|原因"}}, header_row=3, header_rows=2
    )
    deliver(centre, {"表": write})
    assert centre.land().problems == ()
    assert centre.rows("death", "source_row", "date_text", "cause") == [(5, "2024-03-05", "C15")]


def test_rows_merged_downwards(tmp_path: Path) -> None:
    """A patient's number merged over several rows holds for each of them."""

    def write(sheet: Worksheet) -> None:
        sheet.write_row(0, 0, ["id", "date"])
        sheet.merge_range(1, 0, 3, 0, "7")
        for row in (1, 2, 3):
            sheet.write(row, 1, f"2024-0{row}-01")

    centre = hospital(tmp_path, DATES)
    deliver(centre, {"表": write})
    assert centre.land().rows_quarantined == 0
    assert len({patient for (patient,) in centre.rows("death", "patient_id")}) == 1
    assert [row for (row,) in centre.rows("death", "source_row")] == [2, 3, 4]


def test_cells_without_a_trustworthy_value(tmp_path: Path) -> None:
    """Errors, formulas never calculated and numbers longer than a spreadsheet keeps are empty, and all are told."""

    def write(sheet: Worksheet) -> None:
        sheet.write_row(0, 0, ["id", "date", "cause"])
        sheet.write_row(1, 0, ["1", "2024-01-01"])
        sheet.write_formula(1, 2, "=NA()", None, "#N/A")
        sheet.write_row(2, 0, ["2"])
        sheet.write_formula(2, 1, "=TODAY()", None, "")
        sheet.write_row(3, 0, [410105195803172213, "2024-01-03"])
        sheet.write_row(4, 0, ["4"])
        sheet.write_formula(4, 1, "=DATE(2024,1,4)", None, 45295)

    centre = hospital(tmp_path, {**DATES, "cause": "cause"})
    deliver(centre, {"表": write})
    told = "\n".join(centre.land().warnings)
    for part in ("an error such as #N/A (first in row 2)", "never calculated", "more than 15 digits", "first in row 4"):
        assert part in told
    assert "4101051958" not in told
    assert centre.rows("death", "source_row", "date_text", "cause") == [
        (2, "2024-01-01", None),
        (3, None, None),
        (5, "2024-01-04", None),
    ]
    assert centre.quarantine("source_row", "check_id") == [(4, "DQ001")]


def test_a_sheet_a_year(tmp_path: Path) -> None:
    """A pattern of sheets reads each visible sheet that it fits; every row knows its sheet."""

    def hidden(sheet: Worksheet) -> None:
        table([["id", "date"], ["9", "2020-01-01"]])(sheet)
        sheet.hide()

    centre = hospital(tmp_path, DATES, sheet="20*")
    deliver(
        centre,
        {
            "说明": table([["see below"]]),
            "2023": table([["id", "date"], ["1", "2023-05-01"]]),
            "2024": table([["id", "date"], ["1", "2024-05-01"]]),
            "2020": hidden,
        },
    )
    report = centre.land()
    assert report.problems == ()
    assert centre.rows("death", "source_file", "date_text") == [
        ("form.xlsx!2023", "2023-05-01"),
        ("form.xlsx!2024", "2024-05-01"),
    ]


def test_pattern_that_fits_no_sheet(tmp_path: Path) -> None:
    """A pattern that fits no sheet is an error that lists the sheets."""
    centre = hospital(tmp_path, DATES, sheet="20*")
    deliver(centre, {"说明": table([["see below"]])})
    assert "there are 说明" in centre.land().problems[0]


def test_dates_of_every_kind(tmp_path: Path) -> None:
    """Date cells, serials and texts of one column are the same days; the first columns and rows may be empty."""

    def write(sheet: Worksheet) -> None:
        table([["id", "date"], ["1", 45000], ["2", "2023-03-15"], ["3", "2023年3月15日"]], 3, 2)(sheet)
        sheet.write(7, 2, 4)
        sheet.write_datetime(7, 3, datetime.date(2023, 3, 15), sheet.day)
        sheet.write(8, 2, True)
        sheet.write_datetime(8, 3, datetime.datetime.fromisoformat("2023-03-15T23:59"), sheet.day)

    centre = hospital(tmp_path, DATES, header_row=4)
    deliver(centre, {"表": write})
    assert centre.land().problems == ()
    assert centre.rows("death", "source_row", "date_text") == [(row, "2023-03-15") for row in range(5, 10)]


def rewritten(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Changes one part of a workbook."""
    path.write_bytes(with_part(path.read_bytes(), part, change))


def only_problem(centre: Hospital) -> str:
    (problem,) = centre.land().problems
    assert "Centre hospital, delivery 2025-07-05, file form.xlsx" in problem
    return problem


def test_cells_far_apart(tmp_path: Path) -> None:
    """Two cells in opposite corners of a sheet span more than any memory: the workbook is refused before it is read."""
    centre = hospital(tmp_path, DATES)
    path = deliver(centre, {"表": table([["id", "date"], ["1", "2024-01-01"]])})
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'r="B2"', b'r="XFD1048576"'))
    assert "spans 1,048,576 rows, 16,384 columns" in only_problem(centre)


@pytest.mark.parametrize(
    ("part", "limit"),
    [("xl/sharedStrings.xml", "LARGEST_TEXTS_BYTES"), ("xl/worksheets/sheet1.xml", "LARGEST_SHEET_BYTES")],
)
def test_parts_that_unpack_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, limit: str) -> None:
    """A part that unpacks to more than a workbook may have is refused, whatever its header says."""
    monkeypatch.setattr(workbooks, limit, 1 << 20)
    centre = hospital(tmp_path, DATES)
    path = deliver(centre, {"表": table([["id", "date"], ["1", "2024-01-01"]])})
    rewritten(path, part, lambda xml: xml.replace(b">", b">" + b" " * (1 << 20), 1))
    assert "has more than 1 MB" in only_problem(centre)


def test_days_counted_from_1904(tmp_path: Path) -> None:
    """A workbook whose bare numbers would be read four years early is refused."""
    centre = hospital(tmp_path, DATES)
    path = deliver(centre, {"表": table([["id", "date"], ["1", 43000]])})
    rewritten(path, "xl/workbook.xml", lambda xml: xml.replace(b"<workbookPr ", b'<workbookPr date1904="1" '))
    assert "counts days from 1904" in only_problem(centre)


def test_old_or_protected_workbook(tmp_path: Path) -> None:
    """An .xls workbook, or one under a password, is refused and says what to do."""
    centre = hospital(tmp_path, DATES)
    centre.deliver("2025-07-05", "form.xlsx", workbooks.OLD_FORMAT + b"\0" * 600)
    assert "Save it as .xlsx without a password" in only_problem(centre)
