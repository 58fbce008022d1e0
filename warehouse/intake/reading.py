"""What every reader of source files yields, whatever the format."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

SOURCE_ROW = "source_row"
SAMPLE_ROWS = 5


@dataclass
class FailedRows:
    """Rows that could not be read: how many by reason, and the first row numbers of each."""

    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[int]] = field(default_factory=dict)

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
    cleaned = [(name or "").strip().strip("\ufeff").strip() for name in header]
    occurrences = Counter(cleaned)
    seen: Counter[str] = Counter()
    names = []
    for name in cleaned:
        seen[name] += 1
        names.append(f"{name}#{seen[name]}" if name and occurrences[name] > 1 else name)
    return tuple(names)


def with_rows(columns: Sequence[pa.Array], names: Sequence[str], rows: pa.Array) -> pa.RecordBatch:
    """A batch of text columns, their cells without blanks at either end, with the physical row numbers."""
    trimmed = [pc.utf8_trim_whitespace(column) for column in columns]
    return pa.RecordBatch.from_arrays([*trimmed, rows], names=[*names, SOURCE_ROW])
