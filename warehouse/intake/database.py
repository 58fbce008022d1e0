"""A snapshot of a hospital's PostgreSQL database as a delivery: one transaction that only reads, streamed as Arrow.

Every value is cast to text by the server, so that it arrives as a file would tell it. Nothing is spooled to disk.
Errors tell PostgreSQL's code of the condition, never its words: these may hold values or the address.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass

import pyarrow as pa
from adbc_driver_manager import Error
from adbc_driver_postgresql import StatementOptions, dbapi  # type: ignore[import-untyped]

from models.deliveries import Database
from models.errors import ConfigError, DeliveryError, SourceUnavailable
from warehouse.intake.reading import FailedRows, column_names, with_rows
from warehouse.sqltext import identifier, literal

BATCH_BYTES = 4 << 20
"""Hint for the driver: what one batch of rows may take."""

_LASTING = ("28", "3D", "42", "0A", "22")
"""Classes of conditions that another try does not mend: authorisation, no such database, name, feature or value."""

_REFUSED = ("authentication", "password", "role ", "does not exist", "pg_hba")


class Connection:
    """A connection in one REPEATABLE READ, READ ONLY transaction.

    Args:
        centre_id: tells the variable that holds the address.
        database: schema, time zone and limits.

    Raises:
        ConfigError: the environment does not say how to reach the database.
        DeliveryError: the database refuses us.
        SourceUnavailable: it does not answer.
    """

    def __init__(self, centre_id: str, database: Database) -> None:
        self._where = f"Centre {centre_id}, database"
        variable = f"ONCOMART_DSN_{centre_id.upper()}"
        address = os.environ.get(variable)
        if not address:
            raise ConfigError(
                f"Centre {centre_id}: {variable} is not set. Put the connection string of its database there."
            )
        self._reading = ExitStack()
        with self.told(self._where, f"Check {variable}"):
            self._connection = dbapi.connect(address, autocommit=True)
            self.run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            self.run(f"SET LOCAL search_path TO {identifier(database.schema_name)}")
            self.run(f"SET LOCAL statement_timeout TO {database.statement_timeout_seconds * 1000}")
            self.run("SET LOCAL DateStyle TO ISO")
            if database.time_zone is not None:
                self.run(f"SET LOCAL TIME ZONE {literal(database.time_zone)}")

    def close(self) -> None:
        """Ends the transaction with the connection, also in the middle of a table."""
        with suppress(Error, OSError):
            self._reading.close()
            self._connection.close()

    def run(self, sql: str) -> None:
        """A statement without a result."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql)

    def table(self, sql: str) -> pa.Table:
        """The result of a small query."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetch_arrow_table()

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """The result of a large query, a batch at a time."""
        cursor = self._reading.enter_context(self._connection.cursor())
        cursor.adbc_statement.set_options(**{StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(BATCH_BYTES)})
        cursor.execute(sql)
        yield from cursor.fetch_record_batch()
        self._reading.close()

    @contextmanager
    def told(self, where: str, advice: str) -> Iterator[None]:
        """Says of an error where it happened and whether to try again, without the server's words."""
        try:
            yield
        except (Error, OSError) as error:
            code, words = getattr(error, "sqlstate", None) or "", str(error)
            known = f"SQLSTATE {code}" if code else "no SQLSTATE"
            if code.startswith(_LASTING) or _is_refusal(words):
                raise DeliveryError(
                    f"{where}: the database refuses it ({known}). Nothing of this delivery was landed. {advice}."
                ) from None
            slow = "statement timeout" in words
            what = "it took longer than statement_timeout_seconds" if slow else "the connection broke off"
            raise SourceUnavailable(
                f"{where}: {what} ({known}). Nothing of this delivery was landed; the next refresh reads it whole. "
                f"{'Raise statement_timeout_seconds in centre.toml' if slow else 'Look whether the database is up'}."
            ) from None


def _is_refusal(words: str) -> bool:
    """Whether the server itself said no, judged by its words: the driver has no code for a login or in mid-table."""
    if "FATAL:" in words:
        return any(word in words for word in _REFUSED)
    return "ERROR:" in words and "canceling statement" not in words


@dataclass(frozen=True)
class DatabaseTable:
    """A table or query of a snapshot: what the content of a file is to other deliveries.

    `relation` is what stands after FROM, `condition` a WHERE or nothing, `key` the columns that order it.
    """

    connection: Connection
    where: str
    relation: str
    key: tuple[str, ...]
    condition: str

    def reader(self) -> "TableReader":
        """Opens it."""
        return TableReader(self)


class TableReader:
    """A table of a database, see `Reader`. Rows are numbered in the order of the table's key, 1 is the first.

    Raises:
        DeliveryError: the query cannot be run.
        SourceUnavailable: the connection broke off.
    """

    def __init__(self, table: DatabaseTable) -> None:
        self._table = table
        self.failed = FailedRows()
        with self._told():
            schema = table.connection.table(f"SELECT * FROM {table.relation} LIMIT 0").schema
        self._columns = dict(zip(column_names(schema.names), schema, strict=True))
        self.names = tuple(self._columns)

    @property
    def notes(self) -> tuple[str, ...]:
        """None: the format needs no mending."""
        return ()

    def batches(self, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Reads the wanted columns in batches of bounded size."""
        values = ", ".join(_as_text(self._columns[name]) for name in wanted) or "NULL"
        order = ", ".join(identifier(name) for name in self._table.key) or values
        sql = f"SELECT {values} FROM {self._table.relation} {self._table.condition} ORDER BY {order}"
        first = 1
        with self._told():
            for batch in self._table.connection.batches(sql):
                rows = pa.array(range(first, first + batch.num_rows), pa.int64())
                yield with_rows(batch.columns[: len(wanted)], wanted, rows)
                first += batch.num_rows

    def close(self) -> None:
        """The connection stays open for the next table."""

    def _told(self) -> AbstractContextManager[None]:
        advice = "Mend table or query in centre.toml, or the right to read it"
        return self._table.connection.told(self._table.where, advice)


def _as_text(column: pa.Field) -> str:
    """An instant is told in the days of the session's time zone, as a hospital's own files would."""
    name = identifier(column.name)
    is_instant = pa.types.is_timestamp(column.type) and column.type.tz is not None
    return f"{name}::timestamp::text" if is_instant else f"{name}::text"
