"""Parquet files written in row groups, so that memory stays bounded however many rows come."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

ROW_GROUP = 20_000


class ParquetFolder:
    """Writes rows to `<table>.parquet`, one file a table.

    Args:
        folder: where the files go.
        tables: column name to type, for each table.
    """

    def __init__(self, folder: Path, tables: Mapping[str, Mapping[str, pa.DataType]]) -> None:
        self._schemas = {table: pa.schema(list(columns.items())) for table, columns in tables.items()}
        self._writers = {
            table: parquet.ParquetWriter(folder / f"{table}.parquet", schema) for table, schema in self._schemas.items()
        }
        self._waiting: dict[str, list[Sequence[object]]] = {table: [] for table in tables}

    def add(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """Keep rows until a row group is full, then write it."""
        self._waiting[table].extend(rows)
        if len(self._waiting[table]) >= ROW_GROUP:
            self._flush(table)

    def _flush(self, table: str) -> None:
        schema = self._schemas[table]
        columns = zip(*self._waiting[table], strict=True)
        arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
        self._writers[table].write_table(pa.Table.from_arrays(arrays, schema=schema))
        self._waiting[table].clear()

    def close(self) -> None:
        """Write what is left and finish all files."""
        for table, writer in self._writers.items():
            if self._waiting[table]:
                self._flush(table)
            writer.close()
