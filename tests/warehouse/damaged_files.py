"""Damaged files of each format: a good table of a made-up centre, spoilt in one way.

A file gives its bytes and, where that is defined, how many rows of data they hold.
"""

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import xlsxwriter
from pyarrow import parquet

from tests.warehouse.damage import (
    BYTE_DAMAGES,
    CELL_DAMAGES,
    HEADER,
    LINE_DAMAGES,
    ROW_DAMAGES,
    Draw,
    Rows,
    as_text,
    good_rows,
)


@dataclass(frozen=True)
class Damaged:
    """A spoilt file. `rows` is how many rows of data it holds, None where nobody can say."""

    how: str
    content: bytes
    rows: int | None


def damaged_text(draw: Draw, encoding: str, delimiter: str = ",") -> Damaged:
    """A text file in an encoding."""
    rows = good_rows(draw)
    kind = draw.choice(["rows", "lines", "bytes"])
    if kind == "rows":
        damage = draw.choice(ROW_DAMAGES)
        spoilt = damage(draw, rows)
        end = draw.choice(["\n", "\r\n"])
        text = as_text([list(HEADER), *spoilt], delimiter, end)
        return Damaged(damage.__name__, text.encode(encoding, "surrogatepass"), len(spoilt))
    lines = as_text([list(HEADER), *rows], delimiter).splitlines()
    if kind == "lines":
        line_damage = draw.choice(LINE_DAMAGES)
        text, count = line_damage(draw, lines)
        return Damaged(line_damage.__name__, text.encode(encoding), count)
    byte_damage = draw.choice(BYTE_DAMAGES)
    return Damaged(byte_damage.__name__, byte_damage(draw, "\n".join(lines).encode(encoding)), None)


def damaged_gzip(draw: Draw) -> Damaged:
    """A gzipped text whose packing or content is spoilt."""
    if draw.random() < 0.5:
        inside = damaged_text(draw, "utf-8")
        return Damaged(f"gzip of {inside.how}", gzip.compress(inside.content, 1), inside.rows)
    damage = draw.choice(BYTE_DAMAGES)
    whole = gzip.compress(as_text([list(HEADER), *good_rows(draw)]).encode())
    return Damaged(f"gzip {damage.__name__}", damage(draw, whole), None)


def damaged_archive(draw: Draw) -> Damaged:
    """A zip archive of one text with a hostile name, or of two whose bytes are spoilt."""
    held = io.BytesIO()
    name = draw.choice(
        ["utf8_1.csv"] * 3 + ["../utf8_1.csv", "a/../../utf8_1.csv", "/etc/utf8_1.csv", "c:\\utf8_1.csv"]
    )
    with zipfile.ZipFile(held, "w", draw.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
        archive.writestr(name, damaged_text(draw, "utf-8").content)
        archive.writestr("folder/utf8_2.csv", as_text([list(HEADER), *good_rows(draw)]))
    if name != "utf8_1.csv":
        return Damaged(name, held.getvalue(), None)
    damage = draw.choice(BYTE_DAMAGES)
    return Damaged(f"archive {damage.__name__}", damage(draw, held.getvalue()), None)


def damaged_workbook(draw: Draw) -> Damaged:
    """A workbook with spoilt cells, spoilt XML, or spoilt bytes."""
    rows = good_rows(draw)
    kind = draw.choice(["cells", "xml", "bytes"])
    if kind == "cells":
        damage = draw.choice(CELL_DAMAGES)
        spoilt = damage(draw, rows)
        is_counted = bool(spoilt) and any(spoilt[-1])
        return Damaged(damage.__name__, _workbook(draw, spoilt), len(spoilt) if is_counted else None)
    whole = _workbook(draw, rows)
    if kind == "bytes":
        byte_damage = draw.choice(BYTE_DAMAGES)
        return Damaged(byte_damage.__name__, byte_damage(draw, whole), None)
    byte_damage = draw.choice(BYTE_DAMAGES)
    parts = ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
    part = draw.choice([*parts, "xl/_rels/workbook.xml.rels"])
    return Damaged(f"{part} {byte_damage.__name__}", with_part(whole, part, lambda xml: byte_damage(draw, xml)), None)


def _workbook(draw: Draw, rows: Rows) -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"strings_to_formulas": True, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                is_number = cell.isascii() and cell.isdigit() and len(cell) < 300 and draw.random() < 0.5
                sheet.write(number, column, float(cell) if is_number else cell[:32_000])
    return held.getvalue()


def with_part(whole: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one part changed."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as spoilt:
        for info in archive.infolist():
            content = archive.read(info)
            spoilt.writestr(info.filename, change(content) if info.filename == part else content)
    return held.getvalue()


def damaged_parquet(draw: Draw) -> Damaged:
    """A Parquet file with spoilt cells or bytes, of the footer above all."""
    rows = good_rows(draw)
    if draw.random() < 0.4:
        damage = draw.choice(CELL_DAMAGES)
        spoilt = damage(draw, rows)
        return Damaged(damage.__name__, _parquet(draw, spoilt), len(spoilt))
    whole = _parquet(draw, rows)
    byte_damage = draw.choice(BYTE_DAMAGES)
    if draw.random() < 0.5:
        return Damaged(byte_damage.__name__, byte_damage(draw, whole), None)
    start = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    return Damaged(f"footer {byte_damage.__name__}", whole[:start] + byte_damage(draw, whole[start:]), None)


def _parquet(draw: Draw, rows: Rows) -> bytes:
    held = io.BytesIO()
    columns = [pa.array([row[column] for row in rows], pa.string()) for column in range(len(HEADER))]
    if draw.random() < 0.5:
        columns = [column.dictionary_encode() for column in columns]
    parquet.write_table(
        pa.Table.from_arrays(columns, names=list(HEADER)),
        held,
        compression=draw.choice(["none", "snappy", "zstd", "gzip"]),
        write_page_checksum=draw.random() < 0.5,
    )
    return held.getvalue()
