"""Parquet; every type is read as text, so that one contract check serves all formats."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from zoneinfo import available_timezones

import pyarrow as pa
from pyarrow import parquet

from models.errors import ConfigError, DeliveryError
from models.mapping import Source
from warehouse.intake.contents import Content
from warehouse.intake.reading import FailedRows, column_names, with_rows

BATCH_ROWS = 65_536
UTC_NAMES = ("UTC", "Etc/UTC", "GMT", "+00:00", "Z")


class ParquetReader:
    """A Parquet file, see `Reader`. Row 1 is the first row of data: the format has no header row.

    Instants (moments with a zone) are told as local time of the source's `time_zone`, or of the zone in the file.

    Raises:
        DeliveryError: the file is no Parquet, is damaged, or a wanted column holds lists or structures.
        ConfigError: there is no such `time_zone`.
    """

    def __init__(self, content: Content, where: str, source: Source) -> None:
        self._where, self._zone = where, source.time_zone
        self.failed = FailedRows()
        self._in_utc: list[str] = []
        _check_zone(source.time_zone, where)
        held = content.held(where)
        with self._told():
            opened = pa.BufferReader(held) if isinstance(held, bytes) else held
            self._file = parquet.ParquetFile(opened, page_checksum_verification=True)
            self._stored = self._file.schema_arrow.names
        self.names = column_names(self._stored)

    @property
    def notes(self) -> tuple[str, ...]:
        """Columns of instants whose zone is not known to be that of the centre."""
        return tuple(
            f"column {name!r} holds instants in UTC, so its days are those of Greenwich. Set time_zone in centre.toml."
            for name in self._in_utc
        )

    def batches(self, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Reads the wanted columns in batches.

        Raises:
            DeliveryError: a page is damaged, or a column is nested.
        """
        first = 1
        positions = [self.names.index(name) for name in wanted]
        asked = list(dict.fromkeys(self._stored[position] for position in positions))
        with self._told():
            for batch in self._file.iter_batches(batch_size=BATCH_ROWS, columns=asked):
                columns = [self._as_text(self._column(batch, position), self.names[position]) for position in positions]
                yield with_rows(columns, wanted, pa.array(range(first, first + batch.num_rows), pa.int64()))
                first += batch.num_rows

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _column(self, batch: pa.RecordBatch, position: int) -> pa.Array:
        """A column by its place in the file: several may have one name."""
        name = self._stored[position]
        earlier = self._stored[:position].count(name)
        return batch.column([index for index, there in enumerate(batch.schema.names) if there == name][earlier])

    def _as_text(self, column: pa.Array, name: str) -> pa.Array:
        if isinstance(column.type, pa.BaseExtensionType):
            column = column.storage
        if pa.types.is_timestamp(column.type) and column.type.tz is not None:
            if self._zone is not None:
                column = column.cast(pa.timestamp(column.type.unit, self._zone))
            elif column.type.tz in UTC_NAMES and name not in self._in_utc:
                self._in_utc.append(name)
        if pa.types.is_nested(column.type):
            raise DeliveryError(
                f"{self._where}: column {name!r} is {column.type}, which has no single text. Deliver it flat."
            )
        try:
            return column.cast(pa.string())
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            raise DeliveryError(
                f"{self._where}: column {name!r} is {column.type} and holds what is no text. Deliver it as text."
            ) from None

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError, UnicodeDecodeError):
            raise DeliveryError(f"{self._where}: not a readable Parquet file. Ask for the file again.") from None


def _check_zone(zone: str | None, where: str) -> None:
    if zone is not None and zone not in available_timezones():
        raise ConfigError(f"{where}: there is no time zone {zone!r}. Write it as Asia/Shanghai.")
