"""Delimited text as systems write it: encodings, line ends, joined exports, quotes left open, two headers."""

import gzip
from pathlib import Path

import pytest

from tests.warehouse.hospital import SEX, TABLE, only_file, patients_of


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
