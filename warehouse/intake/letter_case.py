"""Names in any letter case, for standards whose files and columns some tools write small and some in capitals."""

from collections.abc import Iterator, Sequence
from typing import Literal

import pyarrow as pa

from models.mapping import Source
from warehouse.intake.reading import Reader, column_names


class RecasedReader:
    """A reader whose columns are named in one letter case, see `Reader`."""

    def __init__(self, reader: Reader, letter_case: Literal["upper", "lower"]) -> None:
        self._reader, self.failed = reader, reader.failed
        self.names = column_names(name.upper() if letter_case == "upper" else name.lower() for name in reader.names)
        self._stored = dict(zip(self.names, reader.names, strict=True))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was mended on the way."""
        return self._reader.notes

    def batches(self, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Reads the wanted columns."""
        for batch in self._reader.batches([self._stored[name] for name in wanted]):
            yield batch.rename_columns([*wanted, batch.schema.names[-1]])

    def close(self) -> None:
        """Lets go of the file."""
        self._reader.close()


def patterns_of(source: Source) -> list[str]:
    """The source's glob patterns, matching any letter case where the source asks for it."""
    if source.letter_case is None:
        return source.files
    return ["".join(_any_case(letter) for letter in pattern) for pattern in source.files]


def _any_case(letter: str) -> str:
    return f"[{letter.lower()}{letter.upper()}]" if letter.isalpha() else letter
