"""A delivery from a database: which tables it has, where the last one left off, and where this one leaves off.

A source with a watermark is read from where the last committed batch left off, and delivers changes; any other is read
whole. After the mapping changed, all are read whole.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from models.deliveries import Database
from models.errors import DeliveryError
from models.mapping import Source
from warehouse.config import LocatedCentre
from warehouse.intake.database import Connection, DatabaseTable
from warehouse.intake.deliveries import Delivery, DeliveryFile
from warehouse.manifest import Manifest
from warehouse.sqltext import identifier, literal

_PRIMARY_KEY = """
SELECT attname::text FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
WHERE indisprimary AND indrelid = to_regclass({table}) ORDER BY array_position(indkey::int2[], attnum)
"""


@dataclass(frozen=True)
class Snapshot:
    """What one transaction sees. `watermarks` says by source where the next delivery is to begin.

    `changes` are the sources of which only what changed is read.
    """

    delivery: Delivery
    files: tuple[DeliveryFile, ...]
    watermarks: Mapping[str, str] = field(default_factory=dict)
    changes: frozenset[str] = frozenset()


@contextmanager
def snapshot_of(
    centre: LocatedCentre, database: Database, batches: Sequence[Manifest], mapping_sha256: str
) -> Iterator[Snapshot]:
    """Opens the transaction, for as long as the snapshot is read.

    Args:
        centre: whose database.
        database: schema, time zone and limits.
        batches: what the lake holds of the centre, oldest first.
        mapping_sha256: of the mapping that the snapshot will be read by.

    Raises:
        ConfigError: the environment does not say how to reach the database.
        DeliveryError: it refuses us, or a required table is not there.
        SourceUnavailable: it does not answer.
    """
    connection = Connection(centre.id, database)
    try:
        last = batches[-1].watermarks if batches and batches[-1].mapping_sha256 == mapping_sha256 else {}
        yield _Survey(connection, centre, database, last).snapshot(batches)
    finally:
        connection.close()


@dataclass
class _Survey:
    connection: Connection
    centre: LocatedCentre
    database: Database
    last: Mapping[str, str]

    def snapshot(self, batches: Sequence[Manifest]) -> Snapshot:
        with self.connection.told(f"Centre {self.centre.id}, database", "Look into the server's log"):
            today, instant = self._row("SELECT current_date::text, now()::text")
        extract_date = date.fromisoformat(today)
        number = 1 + max((batch.delivery_seq for batch in batches if batch.extract_date == extract_date), default=0)
        delivery = Delivery(f"{today}.{number:03}", self.centre.deliveries, extract_date, number)
        files, watermarks = [], {}
        for name, source in self.centre.config.centre.source.items():
            where = f"Centre {self.centre.id}, delivery {delivery.delivery_id}, source {name}"
            advice = "Mend table, query or watermark in centre.toml, or the right to read it"
            with self.connection.told(where, advice):
                if not self._is_there(name, source):
                    if source.required:
                        raise DeliveryError(self._missing(where, name, source))
                    continue
                table = self._table(where, name, source)
                reached = self._reached(name, source)
                if reached is not None:
                    watermarks[name] = reached
            seen = f"{instant}|{table.relation}|{table.condition}"
            shown = f"query {name}" if source.query else f"{self.database.schema_name}.{source.table or name}"
            files.append(DeliveryFile(name, table, shown, hashlib.sha256(seen.encode()).hexdigest(), 0))
        return Snapshot(delivery, tuple(files), watermarks, frozenset(set(self.last) & set(watermarks)))

    def _row(self, sql: str) -> tuple[str, ...]:
        (row,) = self.connection.table(sql).to_pylist()
        return tuple(row.values())

    def _is_there(self, name: str, source: Source) -> bool:
        if source.query is not None:
            return True
        (found,) = self._row(f"SELECT (to_regclass({literal(_relation(name, source))}) IS NOT NULL)::text")
        return found == "true"

    def _missing(self, where: str, name: str, source: Source) -> str:
        return (
            f"{where}: schema {self.database.schema_name} has no table {source.table or name}. "
            "Nothing of this delivery was landed. Mend table in centre.toml, or set required = false."
        )

    def _table(self, where: str, name: str, source: Source) -> DatabaseTable:
        relation = _relation(name, source)
        if source.query is not None:
            return DatabaseTable(self.connection, where, relation, (), self._since(name, source))
        keys = self.connection.table(_PRIMARY_KEY.format(table=literal(relation))).column(0).to_pylist()
        return DatabaseTable(self.connection, where, relation, tuple(keys), self._since(name, source))

    def _since(self, name: str, source: Source) -> str:
        if source.watermark is None or name not in self.last:
            return ""
        column = identifier(source.watermark)
        return f"WHERE {column} >= {literal(self.last[name])} OR {column} IS NULL"

    def _reached(self, name: str, source: Source) -> str | None:
        """Where the next delivery begins; None without a watermark, or while the table is empty."""
        if source.watermark is None:
            return None
        overlap = f" - interval {literal(source.overlap)}" if source.overlap else ""
        (reached,) = self._row(
            f"SELECT (max({identifier(source.watermark)}){overlap})::text FROM {_relation(name, source)}"
        )
        return reached or self.last.get(name)


def _relation(name: str, source: Source) -> str:
    return f"({source.query}) AS delivered" if source.query else identifier(source.table or name)
