"""SAS transport files (XPORT, versions 5 and 8), the form in which trials hand over CDISC data sets.

ReadStat reads the header. Rows are of fixed width and are read by numpy: ReadStat would go through all earlier rows for
every chunk, does not notice a cut file and does not tell special missing values from ordinary ones. Layout: SAS
technical note TS-140; version 8 differs in its header only, where it may say how many rows there are.
"""

import codecs
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyreadstat
from numpy.typing import NDArray

from models.errors import DeliveryError
from models.mapping import Source
from warehouse.intake.reading import FailedRows, column_names, with_rows

RECORD_BYTES = 80
BLOCK_BYTES = 80 << 16
LARGEST_HEADER_BYTES = 16 << 20
NUMBER_BYTES = 8

LIBRARIES = (b"HEADER RECORD*******LIBRARY", b"HEADER RECORD*******LIBV8")
OBSERVATIONS = b"HEADER RECORD*******OBS"
ANOTHER_MEMBER = b"HEADER RECORD*******MEM"
CPORT_SIGNS = (b"**COMPRESSED**", b"LIB CONTROL")
ROW_COUNT = slice(48, 63)

SAS_DAY_0 = "1960-01-01"
LAST_SAS_DAY = 3_000_000
"""About the year 10,000: a number beyond it is no day."""
SECONDS_A_DAY = 86_400
DAY_FORMATS = ("DATE", "YYMMDD", "MMDDYY", "DDMMYY", "E8601DA", "B8601DA", "IS8601DA", "MONYY", "WEEKDAT", "WORDDAT")
MOMENT_FORMATS = ("DATETIME", "DATEAMPM", "E8601DT", "B8601DT", "IS8601DT", "E8601DZ", "MDYAMPM")
CLOCK_FORMATS = ("TIME", "HHMM", "TOD", "E8601TM", "B8601TM", "IS8601TM")


@dataclass(frozen=True)
class _Variable:
    name: str
    offset: int
    width: int
    is_number: bool
    unit: str
    """What a number counts since 1960, in the letters of numpy: D days, s seconds, T seconds of a day, else empty."""


class XptReader:
    """A transport file of one data set, see `Reader`. Row 1 is the first row of data.

    Numbers become the shortest text that reads back as the same number, days and times ISO text as their format says,
    missing values of every kind empty text.

    A version 5 file that was cut exactly between two rows cannot be told from a whole one; any other cut is noticed.

    Args:
        stream: the file, read once from its start and closed with the reader.
        where: how messages name it.
        source: encoding.

    Raises:
        DeliveryError: the file is no transport file, is cut, or holds several data sets.
    """

    def __init__(self, stream: BinaryIO, where: str, source: Source) -> None:
        self._stream, self._where, self._encoding = stream, where, codecs.lookup(source.encoding).name
        self.failed = FailedRows()
        header = self._read_header()
        self._variables = self._described(header)
        self.names = column_names(variable.name for variable in self._variables)
        self._width = sum(variable.width for variable in self._variables)
        written = header[-RECORD_BYTES:][ROW_COUNT].strip()
        self._told = int(written) if written.isdigit() and int(written) else None
        self._special_missing = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """Special missing values that were met."""
        count = self._special_missing
        return (f"{count} special missing values (.A to .Z, ._) were read as empty.",) if count else ()

    def batches(self, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Reads the wanted columns.

        Raises:
            DeliveryError: the file is cut, holds another data set, or a text is not in the encoding.
        """
        variables = [self._variables[self.names.index(name)] for name in wanted]
        first = 1
        for rows in self._blocks():
            columns = [self._texts(variable, rows, first) for variable in variables]
            yield with_rows(columns, wanted, pa.array(np.arange(first, first + len(rows), dtype=np.int64)))
            first += len(rows)

    def close(self) -> None:
        """Closes the file."""
        self._stream.close()

    # Header ----------------------------------------------------------------------------------------------------------

    def _read_header(self) -> bytes:
        header = bytearray(self._stream.read(RECORD_BYTES))
        if header.startswith(CPORT_SIGNS):
            raise self._refused("it was written by PROC CPORT. Write it with the XPORT engine")
        if not header.startswith(LIBRARIES):
            raise self._refused("it is no SAS transport file. Write it with the XPORT engine, or ask for CSV")
        while not header.startswith(OBSERVATIONS, len(header) - RECORD_BYTES):
            record = self._stream.read(RECORD_BYTES)
            if len(record) < RECORD_BYTES or len(header) > LARGEST_HEADER_BYTES:
                raise self._refused("it ends inside its header. Ask for the file again")
            header += record
        return bytes(header)

    def _described(self, header: bytes) -> tuple[_Variable, ...]:
        encoding = None if self._encoding.startswith("utf-8") else self._encoding
        try:
            _, meta = pyreadstat.read_xport(io.BytesIO(header), metadataonly=True, encoding=encoding)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, TypeError):
            # ReadStat's wrapper raises TypeError on names that are damaged and alike.
            raise self._refused("its header cannot be read. Ask for the file again") from None
        variables: list[_Variable] = []
        offset = 0
        for name in meta.column_names:
            width, is_number = meta.variable_storage_width[name], meta.readstat_variable_types[name] != "string"
            unit = _unit(meta.original_variable_types[name] or "") if is_number else ""
            variables.append(_Variable(name, offset, width, is_number, unit))
            offset += width
        if not variables:
            raise self._refused("it describes no column. Ask for the file again")
        if any(variable.width < 1 or (variable.is_number and variable.width > NUMBER_BYTES) for variable in variables):
            raise self._refused("its header gives a column no possible width. Ask for the file again")
        return tuple(variables)

    # Rows ------------------------------------------------------------------------------------------------------------

    def _blocks(self) -> Iterator[NDArray[np.uint8]]:
        """Rows as arrays of shape (rows, bytes of a row), without the blanks that fill up the last record."""
        held, total, given = b"", 0, 0
        while block := self._stream.read(BLOCK_BYTES):
            if ANOTHER_MEMBER in block:
                raise self._refused("it holds several data sets. Write each into a file of its own")
            total += len(block)
            held += block
            count = max(len(held) - RECORD_BYTES, 0) // self._width
            if count:
                yield self._rows(held, count)
                held = held[count * self._width :]
                given += count
        count = self._left(held, given)
        if total % RECORD_BYTES or held[count * self._width :].strip(b" "):
            raise self._refused("it is cut: its last row is not whole. Ask for the file again")
        if self._told is not None and given + count < self._told:
            raise self._refused(f"it is cut: it should have {self._told} rows and has {given + count}")
        if count:
            yield self._rows(held, count)

    def _left(self, held: bytes, given: int) -> int:
        """Whole rows at the end of the file; blank ones that may be filling are none, unless the header counts them."""
        count = len(held) // self._width
        if self._told is not None:
            return min(count, max(self._told - given, 0))
        while count and len(held) - (count - 1) * self._width < RECORD_BYTES:
            if held[(count - 1) * self._width :].strip(b" "):
                break
            count -= 1
        return count

    def _rows(self, held: bytes, count: int) -> NDArray[np.uint8]:
        return np.frombuffer(held, np.uint8, count * self._width).reshape(count, self._width)

    def _texts(self, variable: _Variable, rows: NDArray[np.uint8], first: int) -> pa.Array:
        cells = np.ascontiguousarray(rows[:, variable.offset : variable.offset + variable.width])
        if variable.is_number:
            numbers, is_missing, special = _numbers(cells)
            self._special_missing += special
            return _number_texts(numbers, is_missing, variable.unit)
        written = pa.array(cells.view(f"S{variable.width}").ravel(), pa.binary())
        try:
            return _decoded(written, self._encoding)
        except (UnicodeDecodeError, pa.ArrowInvalid):
            raise self._refused(
                f"column {variable.name} holds text that is not {self._encoding}, at row {first} or after. "
                "Set encoding in centre.toml, such as gb18030 or cp1252"
            ) from None

    def _refused(self, why: str) -> DeliveryError:
        return DeliveryError(f"{self._where}: {why}.")


def _unit(sas_format: str) -> str:
    name = sas_format.upper().lstrip("$")
    for unit, formats in (("s", MOMENT_FORMATS), ("D", DAY_FORMATS), ("T", CLOCK_FORMATS)):
        if name.startswith(formats):
            return unit
    return ""


def _numbers(cells: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.bool_], int]:
    """IBM floating point: a sign, seven bits of a power of 16, up to 56 bits of fraction; short cells lack the last.

    Returns numbers, which of them are missing, and how many of these are marked by a letter.
    """
    full = np.zeros((len(cells), NUMBER_BYTES), np.uint8)
    full[:, : cells.shape[1]] = cells
    words = full.view(">u8").ravel().astype(np.uint64)
    mark, fraction = full[:, 0], words & np.uint64((1 << 56) - 1)
    is_marked = (mark == ord("_")) | ((mark >= ord("A")) & (mark <= ord("Z")))
    is_missing = (fraction == 0) & (is_marked | (mark == ord(".")))
    power = 4 * ((mark & 0x7F).astype(np.int32) - 64) - 56
    numbers = np.ldexp(fraction.astype(np.float64), power) * np.where(mark & 0x80, -1.0, 1.0)
    return numbers, is_missing, int((is_missing & is_marked).sum())


def _number_texts(numbers: NDArray[np.float64], is_missing: NDArray[np.bool_], unit: str) -> pa.Array:
    days = numbers / SECONDS_A_DAY if unit == "s" else numbers
    if unit == "T" or (unit and bool(np.all(is_missing | (np.abs(days) < LAST_SAS_DAY)))):
        since = np.datetime64(SAS_DAY_0, "D" if unit == "D" else "s")
        whole = np.floor(np.where(is_missing, 0, numbers)).astype(np.int64)
        iso: Any = np.datetime_as_string(since + whole)
        texts = pa.array(iso.astype(object), pa.string())
        texts = pc.utf8_slice_codeunits(texts, 11) if unit == "T" else texts
    else:
        texts = _plain(pa.array(numbers).cast(pa.string()))
    return pc.if_else(pa.array(is_missing), pa.scalar("", pa.string()), texts)


def _plain(texts: pa.Array) -> pa.Array:
    """Numbers without an exponent: 1e+15 is 1000000000000000."""
    is_short = pc.match_substring(texts, "e")
    written = [f"{Decimal(text):f}" for text in texts.filter(is_short).to_pylist()]
    return pc.replace_with_mask(texts, is_short, pa.array(written, pa.string()))


def _decoded(written: pa.Array, encoding: str) -> pa.Array:
    if encoding.startswith("utf-8"):
        return written.cast(pa.string())
    distinct = written.dictionary_encode()
    texts = [text.decode(encoding) for text in distinct.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(distinct.indices)
