"""Binds what a release is built from into its build database: schema `lake` and tables made of plain rows."""

from collections.abc import Mapping, Sequence

import duckdb

from models.contract import CONTRACT, PROVENANCE, Table
from models.protocol_tables import RowTable
from warehouse.config import LocatedCentre
from warehouse.engine import Progress, silent
from warehouse.home import Home
from warehouse.lake import table_files
from warehouse.manifest import Manifest
from warehouse.sqltext import identifier, literal, literals

PARTITIONS = ("centre_id", "batch_id")


def bind_lake(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    centres: Sequence[LocatedCentre],
    batches: Sequence[Manifest],
    progress: Progress = silent,
) -> None:
    """Makes schema `lake`: a view of each contract table over exactly these batches, tables of what landing counted.

    A contract table for which nothing has landed is an empty view of the same types.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS lake")
    for table in CONTRACT.values():
        connection.execute(f"CREATE OR REPLACE VIEW lake.{identifier(table.name)} AS {_rows(table, home, batches)}")
        _comment(connection, "VIEW", f"lake.{identifier(table.name)}", table.meaning, {})
    bind_tables(connection, "lake", {counts.name: counts for counts in _counts(centres, batches)})
    progress(f"lake: {len(batches)} deliveries of {len({batch.centre_id for batch in batches})} centres")


def bind_tables(connection: duckdb.DuckDBPyConnection, schema: str, tables: Mapping[str, RowTable]) -> None:
    """Makes one table of each of `tables` in a schema of the connected database, with its rows."""
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {identifier(schema)}")
    for name, table in tables.items():
        target = f"{identifier(schema)}.{identifier(name)}"
        columns = ", ".join(f"{identifier(column)} {sql_type}" for column, sql_type in table.columns)
        connection.execute(f"CREATE OR REPLACE TABLE {target} ({columns})")
        if table.rows:
            connection.executemany(
                f"INSERT INTO {target} VALUES ({', '.join('?' for _ in table.columns)})", list(table.rows)
            )


def _rows(table: Table, home: Home, batches: Sequence[Manifest]) -> str:
    typed = [(column.name, column.lake_type) for column in table.columns]
    typed += [(column.name, column.lake_type) for column in PROVENANCE]
    typed += [(name, "VARCHAR") for name in PARTITIONS]
    files = table_files(home, table.name, batches)
    if not files:
        return f"SELECT {', '.join(f'NULL::{sql_type} AS {identifier(name)}' for name, sql_type in typed)} WHERE false"
    columns = ", ".join(f"{identifier(name)}::{sql_type} AS {identifier(name)}" for name, sql_type in typed)
    paths = literals(str(path) for path in files)
    partitions = ", ".join(f"{name}: 'VARCHAR'" for name in PARTITIONS)
    return f"SELECT {columns} FROM read_parquet([{paths}], hive_partitioning = true, hive_types = {{{partitions}}})"


def _comment(
    connection: duckdb.DuckDBPyConnection, kind: str, name: str, comment: str, columns: Mapping[str, str]
) -> None:
    connection.execute(f"COMMENT ON {kind} {name} IS {literal(comment)}")
    for column, text in columns.items():
        connection.execute(f"COMMENT ON COLUMN {name}.{identifier(column)} IS {literal(text)}")


def comment_table(connection: duckdb.DuckDBPyConnection, name: str, comment: str, columns: Mapping[str, str]) -> None:
    """Describes a table and its columns; `name` is already quoted."""
    _comment(connection, "TABLE", name, comment, columns)


def _counts(centres: Sequence[LocatedCentre], batches: Sequence[Manifest]) -> tuple[RowTable, ...]:
    return (
        RowTable(
            "centres",
            (("centre_id", "VARCHAR"), ("centre_name", "VARCHAR"), ("calendar", "VARCHAR"), ("anchor_date", "DATE")),
            tuple(
                (centre.id, about.name, str(about.calendar), about.anchor)
                for centre in centres
                for about in (centre.config.centre,)
            ),
        ),
        RowTable(
            "deliveries",
            (
                ("centre_id", "VARCHAR"),
                ("delivery_id", "VARCHAR"),
                ("batch_id", "VARCHAR"),
                ("extract_date", "DATE"),
                ("delivery_seq", "INTEGER"),
                ("landed_at", "TIMESTAMP"),
                ("n_files", "INTEGER"),
            ),
            tuple(
                (
                    batch.centre_id,
                    batch.delivery_id,
                    batch.batch_id,
                    batch.extract_date,
                    batch.delivery_seq,
                    batch.landed_at.replace(tzinfo=None),
                    len({file.file for file in batch.files}),
                )
                for batch in batches
            ),
        ),
        RowTable("delivery_files", _FILE_COLUMNS, tuple(_file_rows(batches))),
        RowTable("landing_counts", _LANDING_COLUMNS, tuple(_landing_rows(batches))),
        RowTable("quarantine_counts", _QUARANTINE_COLUMNS, tuple(_quarantine_rows(batches))),
        RowTable(
            "centre_phrases",
            (("centre_id", "VARCHAR"), ("vocabulary", "VARCHAR"), ("phrase", "VARCHAR"), ("code", "VARCHAR")),
            tuple(
                (centre.id, phrase.vocabulary, phrase.phrase, phrase.code or None)
                for centre in centres
                for phrase in centre.config.phrases
            ),
        ),
        RowTable("phrase_gaps", _PHRASE_GAP_COLUMNS, tuple(_phrase_gap_rows(centres, batches))),
    )


_FILE_COLUMNS = (
    ("centre_id", "VARCHAR"),
    ("delivery_id", "VARCHAR"),
    ("batch_id", "VARCHAR"),
    ("source", "VARCHAR"),
    ("source_file", "VARCHAR"),
    ("sha256", "VARCHAR"),
    ("n_bytes", "BIGINT"),
    ("rows_read", "BIGINT"),
    ("rows_used", "BIGINT"),
    ("rows_skipped", "BIGINT"),
    ("rows_failed", "BIGINT"),
    ("error", "VARCHAR"),
)
_LANDING_COLUMNS = (
    ("centre_id", "VARCHAR"),
    ("batch_id", "VARCHAR"),
    ("table_name", "VARCHAR"),
    ("rows_emitted", "BIGINT"),
    ("rows_landed", "BIGINT"),
    ("rows_quarantined", "BIGINT"),
    ("rows_duplicate", "BIGINT"),
    ("rows_withdrawn", "BIGINT"),
)
_QUARANTINE_COLUMNS = (
    ("centre_id", "VARCHAR"),
    ("batch_id", "VARCHAR"),
    ("table_name", "VARCHAR"),
    ("check_id", "VARCHAR"),
    ("column_name", "VARCHAR"),
    ("reason", "VARCHAR"),
    ("n_rows", "BIGINT"),
    ("source_file", "VARCHAR"),
    ("source_row", "BIGINT"),
)
_PHRASE_GAP_COLUMNS = (
    ("centre_id", "VARCHAR"),
    ("batch_id", "VARCHAR"),
    ("source", "VARCHAR"),
    ("is_full", "BOOLEAN"),
    ("column_name", "VARCHAR"),
    ("vocabulary", "VARCHAR"),
    ("reason", "VARCHAR"),
    ("written", "VARCHAR"),
    ("n_rows", "BIGINT"),
    ("n_patients", "BIGINT"),
    ("source_file", "VARCHAR"),
    ("source_row", "BIGINT"),
)


def _file_rows(batches: Sequence[Manifest]) -> list[tuple[object, ...]]:
    return [
        (
            batch.centre_id,
            batch.delivery_id,
            batch.batch_id,
            file.source,
            file.file,
            file.sha256,
            file.bytes,
            file.read,
            file.used,
            sum(file.skipped.values()),
            sum(file.failed.values()),
            file.error,
        )
        for batch in batches
        for file in batch.files
    ]


def _landing_rows(batches: Sequence[Manifest]) -> list[tuple[object, ...]]:
    return [
        (
            batch.centre_id,
            batch.batch_id,
            count.table,
            count.emitted,
            count.landed,
            count.rows_quarantined,
            count.duplicates,
            count.withdrawn,
        )
        for batch in batches
        for count in batch.tables
    ]


def _quarantine_rows(batches: Sequence[Manifest]) -> list[tuple[object, ...]]:
    return [
        (
            batch.centre_id,
            batch.batch_id,
            count.table,
            check.check_id,
            check.column,
            check.reason,
            check.rows,
            check.file,
            check.row,
        )
        for batch in batches
        for count in batch.tables
        for check in count.quarantined
    ]


def _phrase_gap_rows(centres: Sequence[LocatedCentre], batches: Sequence[Manifest]) -> list[tuple[object, ...]]:
    full_sources = {
        (centre.id, feed.source)
        for centre in centres
        for mapping in centre.config.tables
        if mapping.delivery == "full"
        for feed in mapping.feed
    }
    return [
        (
            batch.centre_id,
            batch.batch_id,
            gap.source,
            (batch.centre_id, gap.source) in full_sources,
            gap.column,
            gap.vocabulary,
            gap.reason,
            gap.text,
            gap.rows,
            gap.patients,
            gap.file,
            gap.row,
        )
        for batch in batches
        for gap in batch.phrase_gaps
    ]
