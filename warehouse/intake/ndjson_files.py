"""NDJSON: one FHIR resource a line, as bulk exports deliver them (https://hl7.org/fhir/uv/bulkdata)."""

import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models.config import Settings
from models.errors import ConfigError, DeliveryError
from models.mapping import Source
from models.resource_path import parse_path
from warehouse.engine import connect
from warehouse.intake.byte_stream import LONGEST_LINE_BYTES, CleanBytes, LineTooLongError, WrongEncodingError
from warehouse.intake.ndjson_sql import ANOTHER_TYPE, MACROS, NO_RESOURCE, NOT_JSON, REPEATED_NAME, ResourceSelect
from warehouse.intake.reading import BLANK, FailedRows, with_rows

BLOCK_BYTES = 8 << 20
LINE_FEED = 10

CUT_CHARACTER = "file ends inside a character"


class NdjsonReader:
    """A file of resources, see `Reader`. Row 1 is the first line.

    `names` are the columns that the source has a path for; a path that leads nowhere in a resource gives an empty cell.
    Numbers stay as they are written, decimals with their zeros.

    Args:
        stream: the file's bytes, UTF-8; the reader closes it.
        where: how messages name the file.
        source: type of resource and paths.

    Raises:
        ConfigError: the source has no paths.
        DeliveryError: a byte that is not UTF-8, or a line without end (from `batches`).
    """

    def __init__(self, stream: BinaryIO, where: str, source: Source) -> None:
        if source.resource is None:
            raise ConfigError(
                f'{where}: a file of resources needs resource = "…" and paths in the mapping of its source.'
            )
        self._where, self._resource = where, source.resource
        self._paths = {column: parse_path(path) for column, path in source.paths.items()}
        self._bytes = CleanBytes(stream, "utf-8-sig", "", whole_lines=True)
        self._seen: set[str] = set()
        self._looked_for: set[str] = set()
        self.names = tuple(self._paths)
        self.failed = FailedRows()

    @property
    def notes(self) -> tuple[str, ...]:
        """NUL bytes that were taken out, and elements that no resource has."""
        notes = []
        if self._bytes.nul_bytes:
            notes.append(f"{self._bytes.nul_bytes} NUL bytes were taken out. Mend the export if values look cut.")
        absent = sorted(self._looked_for - self._seen)
        if absent and self._seen:
            notes.append(
                f"no {self._resource} of the file has {', '.join(absent)}; columns taken from there are empty."
            )
        return tuple(notes)

    def batches(self, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Reads the wanted columns.

        Raises:
            DeliveryError: a byte that is not UTF-8, or a line without end.
        """
        self._looked_for = {self._paths[name].first_element for name in wanted}
        select = ResourceSelect({name: self._paths[name] for name in wanted}, self._resource).sql()
        connection = connect(None, Settings(threads=1))
        # Chunks are told apart by their first and last row.
        connection.execute("SET preserve_insertion_order = true")
        try:
            for macro in MACROS:
                connection.execute(macro)
            for lines in self._blocks():
                connection.register("delivered", lines)
                yield self._resources(connection.execute(select).to_arrow_table(), wanted)
        finally:
            connection.close()
        # A line that is cut there is handed on empty.
        self.failed.add(CUT_CHARACTER, self._bytes.cut_lines)
        self.failed.skipped.subtract({BLANK: len(self._bytes.cut_lines)})

    def close(self) -> None:
        """Closes the file."""
        self._bytes.close()

    def _blocks(self) -> Iterator[pa.Table]:
        """Whole lines with their numbers, a bounded number of bytes at a time."""
        stream = io.BufferedReader(self._bytes, BLOCK_BYTES)
        first_row, begun = 1, b""
        try:
            while read := stream.read(BLOCK_BYTES):
                whole, end, rest = (begun + read).rpartition(b"\n")
                begun = rest
                if end:
                    lines = _lines(whole + end, first_row)
                    first_row += lines.num_rows
                    yield lines
        except WrongEncodingError as error:
            raise DeliveryError(
                f"{self._where}: row {error.row} is not UTF-8, as FHIR is. Ask for the file again."
            ) from None
        except LineTooLongError:
            raise DeliveryError(
                f"{self._where}: a line is longer than {LONGEST_LINE_BYTES >> 20} MB: this is not one resource a line. "
                "Ask for the file as NDJSON."
            ) from None
        if begun:
            yield _lines(begun, first_row)

    def _resources(self, read: pa.Table, wanted: Sequence[str]) -> pa.RecordBatch:
        """The resources among the lines; the others are counted."""
        self._seen.update(name for name in pc.unique(pc.list_flatten(read["names"])).to_pylist() if name)
        rows, verdict = read["source_row"], read["verdict"]
        for reason in (NOT_JSON, NO_RESOURCE, REPEATED_NAME):
            self.failed.add(reason, rows.filter(pc.equal(verdict, reason)).to_pylist())
        for reason in (BLANK, ANOTHER_TYPE):
            self.failed.skipped[reason] += int(pc.sum(pc.equal(verdict, reason)).as_py() or 0)
        kept = read.filter(pc.is_null(verdict)).combine_chunks()
        columns = [pc.cast(_chunk(kept[name]), pa.string()) for name in wanted]
        return with_rows(columns, wanted, _chunk(kept["source_row"]))


def _lines(block: bytes, first_row: int) -> pa.Table:
    """The lines of a block, each with its end."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == LINE_FEED) + 1
    if not len(ends) or ends[-1] < len(block):
        ends = np.append(ends, len(block))
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    lines = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(block))
    rows = pa.array(np.arange(first_row, first_row + len(ends), dtype=np.int64))
    return pa.table({"line": lines, "source_row": rows})


def _chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()
