"""Parquet; every type is read as text, so that one contract check serves all formats."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from models.errors import DeliveryError
from warehouse.intake.reading import FailedRows, column_names, with_rows

BATCH_ROWS = 65_536


class ParquetReader:
    """A Parquet file, see `Reader`. Row 1 is the first row of data: the format has no header row.

    Raises:
        DeliveryError: the file is no Parquet, or a wanted column holds lists or structures.
    """

    def __init__(self, path: Path, where: str) -> None:
        self._where = where
        self.failed = FailedRows()
        try:
            self._file = parquet.ParquetFile(path)
        except (pa.ArrowInvalid, OSError):
            raise DeliveryError(f"{where}: not a readable Parquet file. Ask for the file again.") from None
        self._stored = self._file.schema_arrow.names
        self.names = column_names(self._stored)

    @property
    def notes(self) -> tuple[str, ...]:
        """None: the format needs no mending."""
        return ()

    def batches(self, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Reads the wanted columns in batches."""
        first = 1
        stored = [self._stored[self.names.index(name)] for name in wanted]
        for batch in self._file.iter_batches(batch_size=BATCH_ROWS, columns=stored):
            columns = [self._as_text(batch.column(name), name) for name in stored]
            yield with_rows(columns, wanted, pa.array(range(first, first + batch.num_rows), pa.int64()))
            first += batch.num_rows

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _as_text(self, column: pa.Array, name: str) -> pa.Array:
        try:
            return column.cast(pa.string())
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            raise DeliveryError(
                f"{self._where}: column {name!r} is {column.type}, which has no single text. Deliver it flat."
            ) from None
