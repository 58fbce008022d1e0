"""What every reader of source files yields, whatever the format."""

import re
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SOURCE_ROW = "source_row"
SAMPLE_ROWS = 5
BLANK = "blank"
REPEATED_HEADER = "repeated header"
MOST_COLUMNS = 16_384
"""As many as a spreadsheet has; a wider header is a table that was turned over, or none."""
LIKE_DATA = re.compile(r"\d{4}")
"""A number or date among the names: the row is no header, and its texts may be a patient's."""

_BLANKS = [sign.encode() for sign in map(chr, range(0x3001)) if sign.isspace()]
_BEGINS_BLANK, _ENDS_BLANK = np.zeros(256, bool), np.zeros(256, bool)
_BEGINS_BLANK[[sign[0] for sign in _BLANKS]] = True
_ENDS_BLANK[[sign[-1] for sign in _BLANKS]] = True


@dataclass
class FailedRows:
    """Rows that were not handed on: those that could not be read, by reason with the first row numbers, and others.

    `skipped` counts rows that hold no data of the table: blank lines, repeated headers, resources of another type.
    """

    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[int]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)

    def add(self, reason: str, rows: Sequence[int]) -> None:
        """Counts rows under a reason."""
        if rows:
            self.counts[reason] += len(rows)
            sample = self.samples.setdefault(reason, [])
            sample.extend(rows[: SAMPLE_ROWS - len(sample)])


class Reader(Protocol):
    """An open source file.

    `names` are the columns found, `failed` is complete once `batches` is exhausted. Batches are bounded in size and
    hold the wanted columns as text without blanks at either end, plus `source_row`: the physical row, 1 is the first
    row of the file, headers included.
    """

    names: tuple[str, ...]
    failed: FailedRows

    @property
    def notes(self) -> tuple[str, ...]:
        """What was mended on the way; complete once `batches` is exhausted."""
        ...

    def batches(self, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Reads the wanted columns, which must be among `names`."""
        ...

    def close(self) -> None:
        """Lets go of the file."""
        ...


def column_names(header: Iterable[str | None]) -> tuple[str, ...]:
    """Names by which a mapping can ask for columns, in file order.

    A column without a name is empty text. Of a name that occurs several times, the columns are `name#1`, `name#2`, ….
    """
    cleaned = [(name or "").strip() for name in header]
    occurrences = Counter(cleaned)
    seen: Counter[str] = Counter()
    names = []
    for name in cleaned:
        seen[name] += 1
        names.append(f"{name}#{seen[name]}" if name and occurrences[name] > 1 else name)
    return tuple(names)


def joined_names(levels: Sequence[Sequence[str | None]]) -> list[str]:
    """Names of columns that stand in several rows, from the top: `化疗` over `开始日期` is `化疗|开始日期`.

    A level that is empty, or says the same as the one above it, adds nothing.
    """
    names = []
    for texts in zip_longest(*levels):
        parts: list[str] = []
        for text in (" ".join((text or "").split()) for text in texts):
            if text and parts[-1:] != [text]:
                parts.append(text)
        names.append("|".join(parts))
    return names


def with_rows(columns: Sequence[pa.Array], names: Sequence[str], rows: pa.Array) -> pa.RecordBatch:
    """A batch of text columns, their cells without blanks at either end, with the physical row numbers."""
    trimmed = [pc.utf8_trim_whitespace(column) if _may_have_blanks(column) else column for column in columns]
    return pa.RecordBatch.from_arrays([*trimmed, rows], names=[*names, SOURCE_ROW])


def lacking_columns(wanted: Sequence[str], names: Sequence[str], optional: Collection[str]) -> list[str]:
    """The wanted columns that a file should have and has not; all of them when it has none."""
    lacking = [name for name in wanted if name not in names]
    return lacking if len(lacking) == len(wanted) else [name for name in lacking if name not in optional]


def read_columns(reader: Reader, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Batches of the wanted columns; those that the file does not have are empty."""
    found = [name for name in wanted if name in reader.names]
    for batch in reader.batches(found):
        empty = pa.nulls(batch.num_rows, pa.string())
        columns = [batch.column(name) if name in found else empty for name in wanted]
        yield pa.RecordBatch.from_arrays([*columns, batch.column(SOURCE_ROW)], names=[*wanted, SOURCE_ROW])


def without_repeated_header(batch: pa.RecordBatch, header: Sequence[str], failed: FailedRows) -> pa.RecordBatch:
    """The batch without rows that say again what the header says in the wanted columns, which are counted."""
    if not header:
        return batch
    repeats = pc.equal(batch.column(0), header[0])
    if not pc.any(repeats).as_py():
        return batch
    for column, text in zip(batch.columns[1:-1], header[1:], strict=True):
        repeats = pc.and_(repeats, pc.equal(column, text))
    kept = batch.filter(pc.invert(pc.fill_null(repeats, False)))
    failed.skipped += Counter({REPEATED_HEADER: batch.num_rows - kept.num_rows})
    return kept


def _may_have_blanks(column: pa.Array) -> bool:
    """Whether any cell begins or ends with a byte that a blank begins or ends with: far cheaper than to trim all."""
    _, offsets, data = column.buffers()
    if data is None or not pa.types.is_string(column.type):
        return True
    places = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    starts, ends = places[:-1], places[1:]
    is_filled = starts < ends
    content = np.frombuffer(data, np.uint8)
    first, last = content[starts[is_filled]], content[ends[is_filled] - 1]
    return bool(_BEGINS_BLANK[first].any() or _ENDS_BLANK[last].any())


def read_ahead(chunks: Iterator[pa.Table]) -> Generator[pa.Table, None, None]:
    """The same chunks; while one is worked on, a thread reads the next."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = reader.submit(next, chunks, None)
            yield chunk


def failed_rows(failed: FailedRows, read: int) -> Iterator[str]:
    """What to tell about rows that could not be read beside `read` others."""
    for reason, rows in failed.counts.items():
        sample = ", ".join(str(row) for row in failed.samples[reason])
        first = "row" if rows == 1 else "first rows"
        yield (
            f"{rows} rows could not be read ({reason}; {first} {sample}); {read} others were. "
            "Mend the export and deliver it again."
        )


def are_like_data(names: Sequence[str]) -> bool:
    """Whether a row of data seems to stand where the names of columns should: then they are neither shown nor kept."""
    return any(LIKE_DATA.search(name) for name in names)


def missing_columns(lacking: Sequence[str], names: Sequence[str]) -> str:
    """What to tell about columns that a mapping asks for and a file does not have."""
    named = [name for name in names if name]
    several = [name for name in lacking if f"{name}#1" in named]
    if several:
        return f"column {several[0]!r} is there more than once. Say {several[0]}#1 or {several[0]}#2 in the mapping."
    if are_like_data(named):
        return (
            f"{len(lacking)} columns missing; what stands in the header row looks like data and is not shown here. "
            "Set header_row in centre.toml, or ask for an export with names of columns."
        )
    return (
        f"column{'s' if len(lacking) > 1 else ''} {', '.join(map(repr, lacking))} missing; "
        f"found are {_abridged(named)}. "
        "Mend the mapping or the export."
    )


def _abridged(names: Sequence[str], most: int = 60) -> str:
    shown = ", ".join(names[:most]) or "none"
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
