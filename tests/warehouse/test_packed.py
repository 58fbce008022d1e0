"""Files in gzip and zip: read where they lie, refused with words when they are broken, hostile or a bomb."""

import gzip
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from tests.warehouse.hospital import Hospital, patients_of
from warehouse.intake import archives, contents

SEX = {"sex": {"column": "sex"}}
TABLE = "id,sex\n1,M\n2,F\n"
NAMES_OF_ROWS = ("source_file", "source_row", "sex")
BOTH_ROWS = [(2, "M"), (3, "F")]


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    """An archive of these members."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in members.items():
            writer.writestr(name, content)
    return archive.getvalue()


def hospital(root: Path, pattern: str = "patients_*.csv", **source: object) -> Hospital:
    return patients_of(root, SEX, source={"files": [pattern], **source})


def packed_rows(centre: Hospital) -> list[tuple[object, ...]]:
    """Lands without any problem, and gives file, row and sex of what the lake holds."""
    assert centre.land().problems == ()
    return centre.rows("patient", *NAMES_OF_ROWS)


def only_problem(centre: Hospital) -> str:
    """Lands, and gives the one problem told."""
    (problem,) = centre.land().problems
    assert "Centre hospital" in problem
    assert "2025-07-05" in problem
    return problem


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_gzipped_text(tmp_path: Path, encoding: str) -> None:
    """A gzipped table is found by the pattern of the plain one and read in its encoding."""
    centre = hospital(tmp_path, encoding=encoding)
    centre.deliver("2025-07-05", "patients_1.csv.gz", gzip.compress(TABLE.encode(encoding)))
    assert packed_rows(centre) == [("patients_1.csv.gz", *row) for row in BOTH_ROWS]


def test_gzip_of_several_pieces(tmp_path: Path) -> None:
    """Gzip files that were put one behind the other are one table."""
    centre = hospital(tmp_path)
    pieces = gzip.compress(b"id,sex\n1,M\n") + gzip.compress(b"2,F\n")
    centre.deliver("2025-07-05", "patients_1.csv.gz", pieces)
    assert len(packed_rows(centre)) == 2


@pytest.mark.parametrize("damage", ["cut", "junk", "altered", "no gzip"])
def test_broken_gzip_is_refused(tmp_path: Path, damage: str) -> None:
    """A gzip file that is cut, altered or followed by something else is refused as a whole; the other file lands."""
    whole = gzip.compress("".join(["id,sex\n", *(f"{number},M\n" for number in range(5000))]).encode())
    middle = len(whole) // 2
    broken = {
        "cut": whole[:middle],
        "junk": whole + b"and more",
        "altered": whole[:middle] + bytes(byte ^ 0x55 for byte in whole[middle : middle + 8]) + whole[middle + 8 :],
        "no gzip": b"id,sex\n1,M\n",
    }
    centre = hospital(tmp_path)
    centre.deliver("2025-07-05", "patients_1.csv", TABLE)
    centre.deliver("2025-07-05", "patients_2.csv.gz", broken[damage])
    assert "patients_2.csv.gz: its packing is broken" in only_problem(centre)
    assert {file for (file,) in centre.rows("patient", "source_file")} == {"patients_1.csv"}


def test_members_of_an_archive(tmp_path: Path) -> None:
    """Members of an archive are found by the source's patterns, in folders too, gzipped too; others are left alone."""
    members: dict[str, bytes | str] = {
        "readme.txt": "for you",
        "patients_1.csv": "id,sex\n1,M\n",
        "2025-07/patients_2.csv": "id,sex\n2,F\n",
        "2025-07/patients_3.csv.gz": gzip.compress(b"id,sex\n3,M\n"),
        "__MACOSX/._patients_1.csv": b"\0",
        "2025-07/": "",
    }
    centre = hospital(tmp_path)
    centre.deliver("2025-07-05", "2025-07.zip", zipped(members))
    assert packed_rows(centre) == [
        ("2025-07.zip!2025-07/patients_2.csv", 2, "F"),
        ("2025-07.zip!2025-07/patients_3.csv.gz", 2, "M"),
        ("2025-07.zip!patients_1.csv", 2, "M"),
    ]


def test_pattern_that_names_an_archive(tmp_path: Path) -> None:
    """A pattern that fits an archive itself takes all of its members."""
    centre = hospital(tmp_path, "*.zip")
    centre.deliver("2025-07-05", "all.zip", zipped({"a.csv": TABLE, "b/c.csv": "id,sex\n3,M\n"}))
    assert len(packed_rows(centre)) == 3


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_without_the_flag_of_utf8(tmp_path: Path, encoding: str) -> None:
    """Names that a Chinese system wrote in its own encoding are read as they were meant."""
    stand_in = "X" * len("患者基本信息".encode(encoding))
    archive = zipped({f"{stand_in}_1.csv": TABLE}).replace(stand_in.encode(), "患者基本信息".encode(encoding))
    centre = hospital(tmp_path, "患者基本信息_*.csv")
    centre.deliver("2025-07-05", "2025-07.zip", archive)
    assert packed_rows(centre) == [("2025-07.zip!患者基本信息_1.csv", *row) for row in BOTH_ROWS]


def test_workbook_and_parquet_inside_an_archive(tmp_path: Path) -> None:
    """A workbook and a Parquet file are read inside an archive."""
    book, table = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        for row, cells in enumerate([["id", "sex"], ["1", "M"]]):
            sheet.write_row(row, 0, cells)
    parquet.write_table(pa.table({"id": [2], "sex": ["F"]}), table)
    centre = hospital(tmp_path, "patients_*")
    centre.deliver(
        "2025-07-05",
        "2025-07.zip",
        zipped({"patients_1.xlsx": book.getvalue(), "patients_2.parquet": table.getvalue()}),
    )
    centre.deliver("2025-07-05", "patients_3.parquet.gz", gzip.compress(table.getvalue()))
    assert packed_rows(centre) == [
        ("2025-07.zip!patients_1.xlsx", 2, "M"),
        ("2025-07.zip!patients_2.parquet", 1, "F"),
    ]


def test_encrypted_member_is_refused(tmp_path: Path) -> None:
    """A member under a password is refused and says so."""
    archive = zipped({"patients_1.csv": TABLE})
    flagged = bytearray(archive)
    flagged[6] |= 1
    flagged[archive.index(b"PK\1\2") + 8] |= 1
    centre = hospital(tmp_path)
    centre.deliver("2025-07-05", "2025-07.zip", bytes(flagged))
    assert "2025-07.zip!patients_1.csv: it is encrypted" in only_problem(centre)


@pytest.mark.parametrize(
    "name",
    ["../patients_1.csv", "a/../../patients_1.csv", "/patients_1.csv", "..\\patients_1.csv", "C:\\patients_1.csv"],
)
def test_member_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    """An archive with a member that leads out of it is refused, and nothing is written where it leads."""
    centre = hospital(tmp_path)
    stand_in = "x" * len(name)
    centre.deliver("2025-07-05", "2025-07.zip", zipped({stand_in: TABLE}).replace(stand_in.encode(), name.encode()))
    before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(centre.home.root)}
    assert "names lead out of it" in only_problem(centre)
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(centre.home.root)} == before


def test_archive_that_is_none(tmp_path: Path) -> None:
    """Something that calls itself an archive refuses the delivery: what it should hold is not known to be absent."""
    centre = hospital(tmp_path)
    centre.deliver("2025-07-05", "patients_1.csv", TABLE)
    centre.deliver("2025-07-05", "2025-07.zip", b"PK\3\4 and nothing else")
    assert "2025-07.zip is no readable zip archive" in only_problem(centre)


@pytest.mark.parametrize("claimed", [3, 1000])
def test_archive_that_lies_about_sizes(tmp_path: Path, claimed: int) -> None:
    """A member that is longer or shorter than the archive says is refused."""
    archive = zipped({"patients_1.csv": TABLE})
    size = len(TABLE).to_bytes(4, "little")
    centre = hospital(tmp_path)
    centre.deliver(
        "2025-07-05", "2025-07.zip", archive.replace(size + b"\x0e\0", claimed.to_bytes(4, "little") + b"\x0e\0")
    )
    problem = only_problem(centre)
    assert "packing is broken" in problem or "the archive says" in problem


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many members as permitted are read; one more is refused."""
    monkeypatch.setattr(archives, "MOST_MEMBERS", 2)
    centre = hospital(tmp_path)
    centre.deliver("2025-07-05", "2025-07.zip", zipped({"patients_1.csv": TABLE, "b": ""}))
    assert len(packed_rows(centre)) == 2
    centre.deliver("2025-07-05", "2025-07.zip", zipped({"patients_1.csv": TABLE, "b": "", "c": ""}))
    assert "has 3 members; most are 2" in only_problem(centre)


@pytest.mark.parametrize("packing", ["gzip", "zip"])
def test_what_expands_like_no_table_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str) -> None:
    """Bytes that come out of far fewer are refused while they come out, whatever a header says of their number."""
    monkeypatch.setattr(contents, "UNSUSPICIOUS_BYTES", 1 << 20)
    bomb = TABLE.encode() + b"3,M\n" * (2 << 20)
    centre = hospital(tmp_path)
    if packing == "gzip":
        centre.deliver("2025-07-05", "patients_1.csv.gz", gzip.compress(bomb))
    else:
        centre.deliver("2025-07-05", "2025-07.zip", zipped({"patients_1.csv": bomb}))
    assert "no table packs like that" in only_problem(centre)
    assert centre.rows("patient", "sex") == []


def test_what_has_to_be_held_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A packed Parquet file that is too large to be held in memory is refused."""
    table = io.BytesIO()
    parquet.write_table(pa.table({"id": list(range(1000)), "sex": ["M"] * 1000}), table)
    monkeypatch.setattr(contents, "LARGEST_HELD_BYTES", len(table.getvalue()) - 1)
    centre = hospital(tmp_path, "patients_*")
    centre.deliver("2025-07-05", "patients_1.parquet.gz", gzip.compress(table.getvalue()))
    assert "too many to be read inside an archive" in only_problem(centre)
