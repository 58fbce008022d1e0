"""Files that are small on disk and endless once read: refused with words, in bounded memory and nowhere on the disk."""

import gzip
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from tests.warehouse.damaged_files import with_part

ROOT = Path(__file__).resolve().parents[2]
MOST_MEGABYTES = 400
"""Beyond what a landing of two rows takes: chunks, blocks and what DuckDB may use here."""
GIGABYTE = 1 << 30
PADDED_ROW = b"1,M" + b" " * 2000 + b"\n"

LANDING = """
import json, resource, sys
from pathlib import Path
from tests.warehouse.hospital import patients_of

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10

centre = patients_of(Path(sys.argv[1]), {"sex": "sex"}, source={"files": ["patients_*", "*.xlsx"]})
before = peak()
report = centre.land()
print(json.dumps({"problems": report.problems, "rows": report.rows_landed, "megabytes": peak() - before}))
"""


def one_line(folder: Path) -> None:
    """A gigabyte without a line break, after a good header; the file is sparse."""
    with (folder / "patients_1.csv").open("wb") as file:
        file.write(b"id,sex\n1,")
        for _ in range(64):
            file.write(b"x" * (1 << 20))
        file.truncate(GIGABYTE)


def one_line_gzipped(folder: Path) -> None:
    """The same, gzipped in many pieces."""
    pieces = gzip.compress(b"x" * (1 << 20)) * (GIGABYTE >> 20)
    (folder / "patients_1.csv.gz").write_bytes(gzip.compress(b"id,sex\n1,") + pieces)


def wide_header(folder: Path) -> None:
    """A header of 100,000 columns."""
    names = ",".join(f"c{number}" for number in range(100_000))
    (folder / "patients_1.csv").write_text(f"{names}\n" * 5)


def zip_bomb(folder: Path) -> None:
    """A quarter of a gigabyte of good rows in an archive of a megabyte."""
    with (
        zipfile.ZipFile(folder / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("patients_1.csv", "w", force_zip64=True) as member,
    ):
        member.write(b"id,sex\n")
        for _ in range(GIGABYTE >> 22):
            member.write(PADDED_ROW * ((1 << 20) // len(PADDED_ROW)))


def gzip_in_zip(folder: Path) -> None:
    """Ten gigabytes of good rows packed twice, into some kilobytes: an archive whose member is gzipped."""
    piece = gzip.compress(PADDED_ROW * ((4 << 20) // len(PADDED_ROW)))
    with zipfile.ZipFile(folder / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("patients_1.csv.gz", gzip.compress(b"id,sex\n") + piece * 2500)


def workbook_of_texts(folder: Path) -> None:
    """A workbook whose shared texts unpack to 300 MB."""
    path = folder / "patients.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet().write_row(0, 0, ["id", "sex"])
    many = b"<si><t>a</t></si>" * ((300 << 20) // 17)
    path.write_bytes(with_part(path.read_bytes(), "xl/sharedStrings.xml", lambda xml: xml.replace(b"</sst>", many)))


def workbook_far_apart(folder: Path) -> None:
    """A workbook with a cell in the first and one in the last corner of a sheet."""
    with xlsxwriter.Workbook(folder / "patients.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["id", "sex"])
        sheet.write(1_048_575, 16_383, "M")


@pytest.mark.parametrize(
    ("bomb", "says"),
    [
        (one_line, "a line is longer than"),
        (one_line_gzipped, "a line is longer than"),
        (wide_header, "the header has 100,000 columns"),
        (zip_bomb, "no table packs like that"),
        (gzip_in_zip, "no table packs like that"),
        (workbook_of_texts, "has more than"),
        (workbook_far_apart, "spans 1,048,576 rows"),
    ],
)
def test_a_bomb_is_refused_in_bounded_memory(tmp_path: Path, bomb: Callable[[Path], None], says: str) -> None:
    """A landing refuses the file with words, lands nothing of it, and needs no more memory than for a small one."""
    folder = tmp_path / "deliveries" / "2025-07-05"
    folder.mkdir(parents=True)
    bomb(folder)
    delivered = {(path, path.stat().st_size) for path in folder.iterdir()}
    done = subprocess.run(
        [sys.executable, "-c", LANDING, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    landed = json.loads(done.stdout.splitlines()[-1])
    (problem,) = landed["problems"]
    assert says in problem
    assert problem.startswith("Centre hospital, delivery 2025-07-05, file ")
    assert landed["rows"] == 0
    assert landed["megabytes"] < MOST_MEGABYTES
    assert {(path, path.stat().st_size) for path in folder.iterdir()} == delivered
    assert sum(path.stat().st_size for path in (tmp_path / "home").rglob("*") if path.is_file()) < 1 << 20
