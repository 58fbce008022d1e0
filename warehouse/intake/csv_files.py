"""Delimited text through Arrow's streaming reader."""

import codecs
import csv
import io
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from models.errors import DeliveryError
from models.mapping import Source
from warehouse.intake.byte_stream import (
    LONGEST_LINE_BYTES,
    CleanBytes,
    LineTooLongError,
    UnbalancedError,
    WrongEncodingError,
    has_sound_quotes,
)
from warehouse.intake.contents import Content
from warehouse.intake.encodings import AUTO, detected_encoding, fitting_encodings, utf16_order
from warehouse.intake.reading import (
    BLANK,
    MOST_COLUMNS,
    FailedRows,
    column_names,
    joined_names,
    with_rows,
    without_repeated_header,
)

BLOCK_BYTES = 8 << 20
PEEKED_BYTES = 1 << 16
PEEKED_ROWS = 50
MOST_BAD_ROWS = 1_000_000
"""Each is called out one by one; a file with more is not what the mapping describes."""
BLANK_SIGNS = " \t\r\n\x1a"
"""The last is how old systems end a text."""
TAB_SUFFIXES = (".tsv", ".tab")

WRONG_WIDTH = "wrong number of cells"
OPEN_QUOTE = "quote left open"
CUT_CHARACTER = "file ends inside a character"


class CsvReader:
    """A delimited text file, see `Reader`.

    Args:
        content: the file, packed or not.
        where: how messages name it.
        source: encoding, delimiter, quote and header rows.
        whole_lines: read line by line, so that a quote left open costs its own line only; `batches` raises
        UnbalancedError
            when a file needs that.

    Raises:
        DeliveryError: no header, a wrong encoding, a line without end. The message names file, row and what to try.
    """

    def __init__(self, content: Content, where: str, source: Source, *, whole_lines: bool) -> None:
        self._content, self._where, self._source = content, where, source
        self._delimiter = source.delimiter or ("\t" if content.suffix in TAB_SUFFIXES else ",")
        self._whole_lines = whole_lines
        self._encoding = self._declared_or_detected()
        self._bytes = CleanBytes(content.open(where), self._encoding, source.quote, whole_lines=whole_lines)
        self._stream = io.BufferedReader(self._bytes, PEEKED_BYTES)
        self._header_rows = source.last_header_row
        self._lines_of_header = 0
        self._inner_lines = 0
        self.failed = FailedRows()
        try:
            self.names = self._read_header()
        except WrongEncodingError as error:
            raise self._wrong_encoding(error) from None
        except LineTooLongError:
            raise self._endless_line() from None

    def _declared_or_detected(self) -> str:
        declared = self._source.encoding
        if declared == AUTO:
            return detected_encoding(self._content.open(self._where))
        if codecs.lookup(declared).name == "utf-16":
            return utf16_order(self._content.open(self._where))
        return declared

    @property
    def notes(self) -> tuple[str, ...]:
        """The encoding where it was detected, what was taken out, and line breaks inside cells."""
        told = [f"read as {self._encoding}."] if self._source.encoding == AUTO else []
        if count := self._bytes.nul_bytes:
            told.append(f"{count} NUL bytes were taken out. Mend the export if values look cut.")
        if count := self._bytes.marks:
            told.append(f"{count} byte order marks inside the file were taken out.")
        if self._inner_lines:
            told.append(
                f"{self._inner_lines} line breaks stand inside quoted cells. If that is more than the texts have, "
                "a quote was left open and hides rows."
            )
        return tuple(told)

    def batches(self, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Reads the wanted columns.

        Raises:
            UnbalancedError: the file has to be read again with `whole_lines`.
            DeliveryError: a wrong encoding or a line without end.
        """
        bad_rows, blank_rows = array("q"), array("q")
        if not self._stream.peek(1):
            return
        good_rows = 0
        try:
            for batch in self._open(wanted, bad_rows, blank_rows):
                numbers = _physical_rows(good_rows, batch.num_rows, bad_rows) + self._header_rows
                good_rows += batch.num_rows
                yield self._numbered(batch, wanted, numbers)
            self._check_inner_lines(good_rows + len(bad_rows))
        except WrongEncodingError as error:
            raise self._wrong_encoding(error) from None
        except LineTooLongError:
            raise self._endless_line() from None
        except pa.ArrowInvalid:
            if len(bad_rows) > MOST_BAD_ROWS:
                raise self._too_many_bad_rows() from None
            if not self._whole_lines:
                raise UnbalancedError from None
            raise self._endless_line() from None
        self.failed.skipped += Counter({BLANK: len(blank_rows)})
        excused = {*blank_rows, *(row - self._header_rows for row in self._dropped())}
        self.failed.add(WRONG_WIDTH, [number + self._header_rows for number in bad_rows if number not in excused])
        self.failed.add(OPEN_QUOTE, self._data_rows(self._bytes.open_quotes))
        self.failed.add(CUT_CHARACTER, self._data_rows(self._bytes.cut_lines))

    def close(self) -> None:
        """Closes the file."""
        self._stream.close()

    def _open(
        self, wanted: Sequence[str], bad_rows: "array[int]", blank_rows: "array[int]"
    ) -> arrow_csv.CSVStreamingReader:
        def note_bad_row(row: arrow_csv.InvalidRow) -> str:
            bad_rows.append(row.number)
            if not row.text.strip(BLANK_SIGNS):
                blank_rows.append(row.number)
            if len(bad_rows) > MOST_BAD_ROWS:
                return "error"
            return "skip"

        positions = [str(self.names.index(name)) for name in wanted]
        return arrow_csv.open_csv(
            self._stream,
            # One thread: only then does Arrow say which physical row is malformed.
            read_options=arrow_csv.ReadOptions(
                column_names=[str(position) for position in range(len(self.names))],
                block_size=BLOCK_BYTES,
                use_threads=False,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._delimiter,
                quote_char=self._source.quote or False,
                newlines_in_values=not self._whole_lines,
                ignore_empty_lines=False,
                invalid_row_handler=note_bad_row,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(positions, pa.string()), include_columns=positions, check_utf8=False
            ),
        )

    def _numbered(
        self, batch: pa.RecordBatch, wanted: Sequence[str], numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    ) -> pa.RecordBatch:
        numbered = with_rows(batch.columns, wanted, pa.array(numbers))
        dropped = self._dropped()
        if dropped:
            numbered = numbered.filter(
                pc.invert(pc.is_in(numbered.column(numbered.num_columns - 1), pa.array(dropped)))
            )
        titles = [self._titles[self.names.index(name)] for name in wanted]
        return without_repeated_header(numbered, titles, self.failed)

    def _check_inner_lines(self, rows: int) -> None:
        """Notes lines that are no rows of their own; a quote that opens or ends inside a cell would hide rows so."""
        self._inner_lines = 0 if self._whole_lines else self._bytes.lines - self._lines_of_header - rows
        if self._inner_lines > 0:
            again = CleanBytes(self._content.open(self._where), self._encoding, "", whole_lines=False)
            with io.BufferedReader(again, PEEKED_BYTES) as stream:
                if not has_sound_quotes(stream, self._delimiter, self._source.quote):
                    raise UnbalancedError

    def _dropped(self) -> list[int]:
        return [*self._bytes.open_quotes, *self._bytes.cut_lines]

    def _data_rows(self, rows: Sequence[int]) -> list[int]:
        return [row for row in rows if row > self._header_rows]

    def _read_header(self) -> tuple[str, ...]:
        rows = self._parsed(self._header_lines())
        try:
            head = [next(rows) for _ in range(self._header_rows)]
        except StopIteration:
            raise DeliveryError(
                f"{self._where}: the file ends before header row {self._header_rows}. Ask for the file again."
            ) from None
        except csv.Error as error:
            raise DeliveryError(
                f"{self._where}: the header is not delimited text ({error}). Check delimiter, quote and encoding."
            ) from None
        levels = head[self._source.header_row - 1 : self._header_rows - self._source.skip_after_header]
        peeked = self._stream.peek(PEEKED_BYTES)[:PEEKED_BYTES].decode("utf-8", "ignore")
        complete = peeked[: peeked.rfind("\n") + 1].splitlines(keepends=True)
        self._titles = _as_wide_as_rows(joined_names(_spread(levels)), self._parsed(complete))
        if len(self._titles) > MOST_COLUMNS:
            raise DeliveryError(
                f"{self._where}: the header has {len(self._titles):,} columns; most are {MOST_COLUMNS:,}. "
                "Check the delimiter, or ask for the file with a row a record."
            )
        return column_names(self._titles)

    def _parsed(self, lines: Iterable[str]) -> Iterator[list[str]]:
        if self._source.quote:
            return csv.reader(lines, delimiter=self._delimiter, quotechar=self._source.quote)
        return csv.reader(lines, delimiter=self._delimiter, quoting=csv.QUOTE_NONE)

    def _header_lines(self) -> Iterator[str]:
        while line := self._stream.readline(LONGEST_LINE_BYTES):
            if len(line) == LONGEST_LINE_BYTES:
                raise self._endless_line()
            self._lines_of_header += 1
            yield line.decode("utf-8")

    def _wrong_encoding(self, error: WrongEncodingError) -> DeliveryError:
        fitting = fitting_encodings(self._content.open(self._where), self._encoding)
        hint = f"The file reads as {' or '.join(fitting)}" if fitting else "No usual encoding fits"
        return DeliveryError(
            f"{self._where}: row {error.row} is not {self._encoding}. {hint}: set encoding in centre.toml, "
            "or ask for the file again."
        )

    def _too_many_bad_rows(self) -> DeliveryError:
        return DeliveryError(
            f"{self._where}: more than {MOST_BAD_ROWS:,} rows have another number of cells than the header, "
            f"{len(self._titles)}. Check delimiter and quote in centre.toml, or ask for the file again."
        )

    def _endless_line(self) -> DeliveryError:
        return DeliveryError(
            f"{self._where}: a line is longer than {BLOCK_BYTES >> 20} MB, so this is not the table it should be. "
            "Ask for the file again."
        )


def _spread(levels: list[list[str]]) -> list[list[str]]:
    """Titles over several columns, of which an export keeps the first cell: each holds until the next title."""
    width = max(map(len, levels))
    rows = [[*(cell.strip() for cell in level), *[""] * (width - len(level))] for level in levels]
    above = [""] * width
    for number, row in enumerate(rows[:-1]):
        title, written = "", list(row)
        for column in range(width):
            title = row[column] or ("" if above[column] else title)
            if any(below[column] for below in rows[number + 1 :]):
                row[column] = title
        above = written
    return rows


def _as_wide_as_rows(header: list[str], rows: Iterator[list[str]]) -> list[str]:
    """Trailing empty columns stand in the header or in the rows, not always in both: the rows decide.

    Further cells that hold something are no empty columns: such rows do not fit the header, and fail.
    """
    widths: Counter[int] = Counter()
    for _ in range(PEEKED_ROWS):
        try:
            row = next(rows)
        except (StopIteration, csv.Error):
            break
        if not any(cell.strip() for cell in row[len(header) :]):
            widths[len(row)] += bool(row)
    width = widths.most_common(1)[0][0] if widths else len(header)
    while len(header) > width > 0 and not header[-1].strip():
        header = header[:-1]
    return header + [""] * (width - len(header))


def _physical_rows(first: int, count: int, bad_rows: "array[int]") -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Numbers (1 is the first row) of `count` good rows after `first` good ones; `bad_rows` numbers the malformed."""
    good = np.arange(first, first + count, dtype=np.int64)
    bad = np.array(bad_rows, dtype=np.int64)
    good_before_bad = bad - 1 - np.arange(len(bad))
    return good + 1 + np.searchsorted(good_before_bad, good, side="right")
