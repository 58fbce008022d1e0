"""Columns that a source has not itself: looked up by a key among the rows of another source of the same delivery.

The looked-up sources are read first, into temporary tables of keys and values. These are as raw as the files, so the
connection must not spill.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from models.cells import Condition, Lookup
from models.errors import DeliveryError
from models.mapping import CentreConfig, Source
from warehouse.accounting import FileCount
from warehouse.intake.byte_stream import UnbalancedError
from warehouse.intake.compile import CompiledFeed, all_of, filled, holds
from warehouse.intake.deliveries import DeliveryFile
from warehouse.intake.readers import open_source
from warehouse.intake.reading import failed_rows, lacking_columns, missing_columns, read_columns
from warehouse.intake.report import FileIntake
from warehouse.sqltext import identifier, literals

LOOKED_UP = "looked up only"

Rows = tuple[str, tuple[str, ...], tuple[Condition, ...]]
"""Which rows of which source are looked up by which keys: source, keys, conditions."""


@dataclass(frozen=True)
class DerivedColumns:
    """The looked-up columns of one source.

    `tables` names the temporary table of each of them; `broken` says of some why their source could not be read.
    """

    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)

    def in_file(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The columns of the file itself that are needed for the wanted ones."""
        needed = [*wanted, *(column for name in self.needed(wanted) for column in self.lookups[name].needs)]
        return tuple(dict.fromkeys(name for name in needed if name not in self.lookups))

    def needed(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The looked-up columns among the wanted ones and those that they need, each after what it needs."""
        reached: dict[str, None] = {}
        for name in wanted:
            if name in self.lookups:
                reached |= dict.fromkeys((*self.needed(self.lookups[name].needs), name))
        return tuple(reached)

    def added(self, connection: duckdb.DuckDBPyConnection, chunk: pa.Table, wanted: Sequence[str]) -> pa.Table:
        """The chunk with the looked-up columns among the wanted, in the order of its rows."""
        names = self.needed(wanted)
        if not names:
            return chunk
        values = [f"{self._value(name)} AS {identifier(name)}" for name in names]
        joins = [self._join(name) for name in names]
        connection.register("as_read", chunk)
        try:
            return connection.execute(
                f"SELECT as_read.*, {', '.join(values)} FROM as_read {' '.join(joins)} ORDER BY source_row"
            ).to_arrow_table()
        finally:
            connection.unregister("as_read")

    def _value(self, name: str) -> str:
        if name not in self.lookups:
            return f"as_read.{identifier(name)}"
        lookup = self.lookups[name]
        found = f"{_alias(name)}.{_value(lookup.value)}"
        return f"coalesce({found}, {self._value(lookup.otherwise)})" if lookup.otherwise else found

    def _join(self, name: str) -> str:
        columns = enumerate(self.lookups[name].column, start=1)
        matches = [f"{self._value(column)} = {_alias(name)}.key_{number}" for number, column in columns]
        return f"LEFT JOIN {self.tables[name]} AS {_alias(name)} ON {all_of(matches)}"


class Lookups:
    """The lookups of one delivery that its feeds need.

    Args:
        connection: where the temporary tables are made; it must not spill.
        where: centre and delivery, as messages name them.
        config: the centre.
        feeds: all of its compiled feeds.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, where: str, config: CentreConfig, feeds: Iterable[CompiledFeed]
    ) -> None:
        self._connection, self._where, self._sources = connection, where, config.centre.source
        self._fed = {feed.source for feed in feeds}
        self._values: dict[Rows, dict[str, None]] = {}
        for feed in feeds:
            derived = DerivedColumns(self._sources[feed.source].lookup)
            for name in derived.needed(feed.wanted):
                lookup = derived.lookups[name]
                self._values.setdefault(_rows(lookup), {})[lookup.value] = None
        self._tables = {rows: f"lookup_{number}" for number, rows in enumerate(self._values, start=1)}
        self._broken: dict[str, str] = {}

    def load(self, files: Sequence[DeliveryFile]) -> tuple[dict[DeliveryFile, FileIntake], tuple[str, ...]]:
        """Reads all sources that are looked up.

        Returns:
            What came of the files that feed no table (nothing, if nothing is looked up in them), and warnings about
            keys with several values.
        """
        for rows, table in self._tables.items():
            columns = [*_keys(rows), *(_value(value) for value in self._values[rows])]
            self._connection.execute(
                f"CREATE TEMP TABLE {table}_read ({', '.join(f'{column} VARCHAR' for column in columns)}, file VARCHAR)"
            )
        asked = {rows[0] for rows in self._tables}
        intakes = {file: self._load_file(file) for file in files if file.source in asked}
        warnings = [warning for rows in self._tables for warning in self._settle(rows)]
        unasked = {file: FileIntake(FileCount.model_validate(_about(file)), (), (), frozenset()) for file in files}
        unfed = {file: intakes.get(file, unasked[file]) for file in files if file.source not in self._fed}
        return unfed, tuple(warnings)

    def of(self, source: str) -> DerivedColumns:
        """The looked-up columns of a source, once all are loaded."""
        lookups = self._sources[source].lookup
        tables = {name: self._tables.get(_rows(lookup), "") for name, lookup in lookups.items()}
        broken = {
            name: self._broken[lookup.source] for name, lookup in lookups.items() if lookup.source in self._broken
        }
        return DerivedColumns(lookups, tables, broken)

    def _load_file(self, file: DeliveryFile) -> FileIntake:
        """Reads a file. One that cannot be read leaves nothing behind and is reported, not raised."""
        where = f"{self._where}, file {file.name}"
        try:
            try:
                counts, warnings = self._read(file, where, whole_lines=False)
            except UnbalancedError:
                self._forget(file)
                counts, warnings = self._read(file, where, whole_lines=True)
        except DeliveryError as error:
            self._forget(file)
            self._broken[file.source] = str(error)
            count = FileCount.model_validate({**_about(file), "error": str(error)})
            return FileIntake(count, (f"{error} Nothing was looked up in it.",), (), frozenset())
        return FileIntake(FileCount.model_validate({**_about(file), **counts}), (), warnings, frozenset())

    def _read(self, file: DeliveryFile, where: str, *, whole_lines: bool) -> tuple[dict[str, object], tuple[str, ...]]:
        source = file.described_by(self._sources[file.source])
        asked = [rows for rows in self._tables if rows[0] == file.source]
        wanted = list(dict.fromkeys(name for rows in asked for name in self._read_for(rows)))
        reader = open_source(file.content, where, source, whole_lines=whole_lines)
        try:
            lacking = lacking_columns(wanted, reader.names, source.optional)
            if lacking:
                raise DeliveryError(f"{where}: {missing_columns(lacking, reader.names)}")
            read = 0
            for batch in read_columns(reader, wanted):
                read += batch.num_rows
                self._keep(asked, pa.Table.from_batches([batch]), file, source)
            warnings = (*reader.notes, *failed_rows(reader.failed, read))
            failed, skipped = reader.failed.counts, Counter({LOOKED_UP: read}) + reader.failed.skipped
            counts = {"read": failed.total() + skipped.total(), "skipped": dict(skipped), "failed": dict(failed)}
            return counts, tuple(f"{where}: {warning}" for warning in warnings)
        finally:
            reader.close()

    def _read_for(self, rows: Rows) -> Iterable[str]:
        _, keys, conditions = rows
        return (*keys, *self._values[rows], *(condition.column for condition in conditions))

    def _keep(self, asked: Sequence[Rows], batch: pa.Table, file: DeliveryFile, source: Source) -> None:
        tokens = literals(source.null_tokens)
        self._connection.register("looked_up", batch)
        try:
            for rows in asked:
                _, keys, conditions = rows
                columns = [filled(name, tokens) for name in (*keys, *self._values[rows])]
                has_keys = [f"{filled(name, tokens)} IS NOT NULL" for name in keys]
                counts = [holds(condition, condition.column, tokens) for condition in conditions]
                self._connection.execute(
                    f"INSERT INTO {self._tables[rows]}_read SELECT DISTINCT {', '.join(columns)}, ? FROM looked_up "
                    f"WHERE {all_of([*has_keys, *counts])}",
                    [file.name],
                )
        finally:
            self._connection.unregister("looked_up")

    def _forget(self, file: DeliveryFile) -> None:
        for rows, table in self._tables.items():
            if rows[0] == file.source:
                self._connection.execute(f"DELETE FROM {table}_read WHERE file = ?", [file.name])

    def _settle(self, rows: Rows) -> Iterable[str]:
        """Leaves one value a key, and tells of keys that had several."""
        table, source, keys = self._tables[rows], rows[0], _keys(rows)
        values = [_value(value) for value in self._values[rows]]
        smallest = ", ".join(
            f"min({value}) AS {value}, min({value}) <> max({value}) AS several_{number}"
            for number, value in enumerate(values)
        )
        self._connection.execute(
            f"CREATE TEMP TABLE {table} AS SELECT {', '.join(keys)}, {smallest} FROM {table}_read GROUP BY ALL"
        )
        self._connection.execute(f"DROP TABLE {table}_read")
        for number, value in enumerate(self._values[rows]):
            found = self._connection.execute(f"SELECT count(*) FROM {table} WHERE several_{number}").fetchone()
            if found and found[0]:
                yield (
                    f"{self._where}, source {source}: {found[0]} values of {', '.join(rows[1])} lead to several of "
                    f"{value}; the smallest was taken. Narrow the lookup with when, or mend the export."
                )


def _about(file: DeliveryFile) -> dict[str, object]:
    return {"source": file.source, "file": file.name, "sha256": file.sha256, "bytes": file.bytes}


def _rows(lookup: Lookup) -> Rows:
    return lookup.source, lookup.key, lookup.when


def _keys(rows: Rows) -> list[str]:
    return [f"key_{number}" for number in range(1, len(rows[1]) + 1)]


def _value(name: str) -> str:
    return identifier(f"value {name}")


def _alias(name: str) -> str:
    return identifier(f"lookup {name}")
