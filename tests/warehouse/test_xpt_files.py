"""SAS transport files: what trials deliver is read as it was written, and a file that is not whole is refused."""

import gzip
import io
import struct
import tracemalloc
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Literal

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from models.errors import DeliveryError
from models.mapping import Source
from tests.warehouse.hospital import patients_of
from warehouse.intake.reading import SOURCE_ROW
from warehouse.intake.xpt_files import BLOCK_BYTES, RECORD_BYTES, XptReader

WHERE = "Centre trial, delivery 2025-07-05, file lb.xpt"
VERSIONS = pytest.mark.parametrize("version", [5, 8])


def written(
    folder: Path, columns: Mapping[str, object], version: Literal[5, 8] = 5, formats: Mapping[str, str] | None = None
) -> bytes:
    """The columns as a transport file."""
    path = folder / "written.xpt"
    pyreadstat.write_xport(
        pd.DataFrame(dict(columns)),
        path,
        file_format_version=version,
        table_name="LB",
        variable_format=dict(formats or {}),
    )
    return path.read_bytes()


def read(content: bytes, encoding: str = "utf-8") -> dict[str, list[object]]:
    """All columns of a transport file as the reader gives them."""
    reader = XptReader(io.BytesIO(content), WHERE, Source(files=["lb.xpt"], encoding=encoding))
    found: dict[str, list[object]] = {name: [] for name in (*reader.names, SOURCE_ROW)}
    for batch in reader.batches(reader.names):
        for name, values in batch.to_pydict().items():
            found[name] += values
    return found


def raw_numbers(folder: Path, cells: Sequence[bytes]) -> bytes:
    """A transport file of one column LBSTRESN whose eight bytes are given."""
    content = written(folder, {"LBSTRESN": [1.0] * len(cells)})
    start = content.index(b"HEADER RECORD*******OBS") + RECORD_BYTES
    body = b"".join(cells)
    return content[:start] + body.ljust(-(-len(body) // RECORD_BYTES) * RECORD_BYTES, b" ")


@VERSIONS
def test_values_come_back_as_they_were_written(tmp_path: Path, version: Literal[5, 8]) -> None:
    """Text keeps its letters, numbers have no '.0' and no exponent, and row 1 is the first row."""
    columns = {
        "USUBJID": ["T1-001", "T1-002", "T1-003"],
        "LBORRES": ["<0.5", "阴性", "Größe"],
        "LBSTRESN": [24.48, 21.0, -0.1],
        "LBSEQ": [1e15, 123456789012345.0, 1e-7],
    }
    assert read(written(tmp_path, columns, version)) == {
        "USUBJID": ["T1-001", "T1-002", "T1-003"],
        "LBORRES": ["<0.5", "阴性", "Größe"],
        "LBSTRESN": ["24.48", "21", "-0.1"],
        "LBSEQ": ["1000000000000000", "123456789012345", "0.0000001"],
        SOURCE_ROW: [1, 2, 3],
    }


@VERSIONS
def test_dates_and_times_become_iso_text(tmp_path: Path, version: Literal[5, 8]) -> None:
    """Days and seconds since 1960 are told apart by their format; a plain number of the same size stays a number."""
    columns = {"DAY": [19725.0, np.nan], "MOMENT": [1704282300.0, 0.0], "CLOCK": [42300.0, 0.0], "PLAIN": [19725.0, 0]}
    formats = {"DAY": "DATE9.", "MOMENT": "DATETIME20.", "CLOCK": "TIME5."}
    found = read(written(tmp_path, columns, version, formats))
    assert found["DAY"] == ["2014-01-02", ""]
    assert found["MOMENT"] == ["2014-01-02T11:45:00", "1960-01-01T00:00:00"]
    assert found["CLOCK"] == ["11:45:00", "00:00:00"]
    assert found["PLAIN"] == ["19725", "0"]


def test_a_number_that_is_no_day_stays_a_number(tmp_path: Path) -> None:
    """A date column that holds seconds is left as it is, so that the date check names it."""
    assert read(written(tmp_path, {"DAY": [1.7e9]}, formats={"DAY": "DATE9."}))["DAY"] == ["1700000000"]


def test_special_missing_values_are_empty_and_counted(tmp_path: Path) -> None:
    """`.`, `.A` to `.Z` and `._` are empty; those with a letter are told in a note."""
    marks = [bytes([letter]) + bytes(7) for letter in b".AZ_"]
    content = raw_numbers(tmp_path, [*marks, bytes(8), bytes.fromhex("4110000000000000")])
    reader = XptReader(io.BytesIO(content), WHERE, Source(files=["lb.xpt"]))
    (batch,) = reader.batches(["LBSTRESN"])
    assert batch.column(0).to_pylist() == ["", "", "", "", "0", "1"]
    assert reader.notes == ("3 special missing values (.A to .Z, ._) were read as empty.",)


def test_ibm_numbers_by_hand(tmp_path: Path) -> None:
    """The example of SAS technical note TS-140 (-118.625), the largest fraction and the smallest step above 1."""
    cells = [bytes.fromhex(text) for text in ("C276A00000000000", "40FFFFFFFFFFFFF8", "4110000000000001")]
    assert read(raw_numbers(tmp_path, cells))["LBSTRESN"] == ["-118.625", "0.9999999999999999", "1.0000000000000002"]


def test_numbers_kept_in_fewer_bytes(tmp_path: Path) -> None:
    """A number that SAS stored in three bytes is read with the missing bytes as zero."""
    content = bytearray(written(tmp_path, {"AGE": [61.0], "SEX": ["M"]}))
    start = content.index(b"HEADER RECORD*******OBS") + RECORD_BYTES
    described = content.index(b"HEADER RECORD*******NAMESTR") + RECORD_BYTES
    struct.pack_into(">h", content, described + 4, 3)
    content[start:] = (content[start : start + 3] + b"M").ljust(RECORD_BYTES, b" ")
    assert read(bytes(content)) == {"AGE": ["61"], "SEX": ["M"], SOURCE_ROW: [1]}


@pytest.mark.parametrize("rows", [1, 2, 3, 19, 20, 21, 40])
@VERSIONS
def test_filling_at_the_end_is_no_row(tmp_path: Path, rows: int, version: Literal[5, 8]) -> None:
    """The blanks that fill the last record are not read as rows, however short a row is."""
    assert read(written(tmp_path, {"SEX": ["F"] * rows}, version))["SEX"] == ["F"] * rows


def test_blank_rows_inside_a_file_keep_their_numbers(tmp_path: Path) -> None:
    """An empty row is a row: those after it keep the number that a viewer shows."""
    found = read(written(tmp_path, {"LBORRES": ["", *["x"] * 200]}))
    assert found["LBORRES"] == ["", *["x"] * 200]
    assert found[SOURCE_ROW] == list(range(1, 202))


def test_other_encodings(tmp_path: Path) -> None:
    """Text in GB18030 is read when the source says so; without that the file is refused and the column named."""
    content = written(tmp_path, {"LBTEST": ["______", "ALT"]}).replace(b"______", "丙氨酸".encode("gb18030"))
    assert read(content, "gb18030")["LBTEST"] == ["丙氨酸", "ALT"]
    with pytest.raises(DeliveryError, match=r"column LBTEST holds text that is not utf-8.*Set encoding in centre.toml"):
        read(content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no SAS transport file"),
        (b"USUBJID,LBSEQ\n1,2\n", "no SAS transport file"),
        (b"**COMPRESSED** **COMPRESSED** **COMPRESSED**" + b" " * 80, "written by PROC CPORT"),
    ],
)
def test_foreign_files_are_refused(content: bytes, why: str) -> None:
    """A file of another kind is refused with centre, delivery, file and what to ask for."""
    with pytest.raises(DeliveryError) as refused:
        read(content)
    assert str(refused.value).startswith(WHERE)
    assert why in str(refused.value)


@VERSIONS
def test_cut_files_are_refused(tmp_path: Path, version: Literal[5, 8]) -> None:
    """Wherever a file is cut, but between two rows of version 5, it is refused and never read in part."""
    content = written(tmp_path, {"USUBJID": [f"T1-{row:04d}" for row in range(60)], "LBSEQ": [1.0] * 60}, version)
    start = content.index(b"HEADER RECORD*******OBS") + RECORD_BYTES
    row_bytes = len("T1-0000") + 8
    cuts = [200, start - 1, start + 7, start + RECORD_BYTES, start + 4 * RECORD_BYTES, len(content) - 1]
    cuts += [start + row_bytes * 16] if version == 8 else []
    for cut in cuts:
        with pytest.raises(DeliveryError, match=r"it ends inside its header|it is cut"):
            read(content[:cut])


@VERSIONS
def test_damaged_files_never_crash(tmp_path: Path, version: Literal[5, 8]) -> None:
    """Whatever byte of a file is another, it is read in another way or refused with words."""
    columns = {"USUBJID": ["T1-001"] * 20, "DAY": [19725.0] * 20, "MOMENT": [1.7e9] * 20}
    content = written(tmp_path, columns, version, {"DAY": "DATE9.", "MOMENT": "DATETIME20."})
    refused = 0
    chance = Random(version)
    for position in range(0, len(content), 3):
        damaged = bytearray(content)
        damaged[position : position + 2] = chance.randbytes(2)
        try:
            read(bytes(damaged))
        except DeliveryError:
            refused += 1
    assert refused


def test_several_data_sets_in_one_file_are_refused(tmp_path: Path) -> None:
    """A second data set would be read as rows of the first: the file is refused."""
    content = written(tmp_path, {"SEX": ["F"]})
    with pytest.raises(DeliveryError, match="several data sets"):
        read(content + content[3 * RECORD_BYTES :])


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """A file of many blocks is read in the memory of a few."""
    rows = 6 * BLOCK_BYTES // 208
    content = written(tmp_path, {"LBORRES": ["x" * 200] * rows, "LBSEQ": np.arange(rows).astype(float)})
    reader = XptReader(io.BytesIO(content), WHERE, Source(files=["lb.xpt"]))
    tracemalloc.start()
    read_rows = sum(batch.num_rows for batch in reader.batches(["LBSEQ"]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read_rows == rows
    assert peak < 4 * BLOCK_BYTES


def test_packed_transport_files_land(tmp_path: Path) -> None:
    """A gzipped transport file is read like a plain one."""
    hospital = patients_of(tmp_path, {"sex": "SEX"}, source={"files": ["patients.xpt"]})
    hospital.deliver("2025-07-05", "patients.xpt.gz", gzip.compress(written(tmp_path, {"id": ["T1"], "SEX": ["F"]})))
    assert not hospital.land().problems
    assert hospital.rows("patient", "sex", "source_row") == [("F", 1)]


def test_a_transport_file_lands_by_its_name(tmp_path: Path) -> None:
    """A source needs no format: .xpt says it, and a refused file leaves nothing behind."""
    hospital = patients_of(tmp_path, {"sex": "SEX"})
    content = written(tmp_path, {"id": [f"T1-{row:04d}" for row in range(60)], "SEX": ["F"] * 60})
    hospital.deliver("2025-07-05", "patients.xpt", content)
    hospital.deliver("2025-07-05", "patients_cut.xpt", content[:-1])
    report = hospital.land()
    (problem,) = report.problems
    assert "patients_cut.xpt" in problem
    assert "Nothing of this file was landed" in problem
    assert len(hospital.rows("patient", "sex", "source_row")) == 60
