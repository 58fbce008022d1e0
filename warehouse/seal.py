"""Sealing: loads results, exports the published tables, writes release.json, verifies, makes the draft read-only."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from models.config import Settings
from warehouse.bind import comment_table
from warehouse.engine import Progress, connect, silent
from warehouse.files import fsync_tree, remove_tree, write_atomically
from warehouse.manifest import Manifest
from warehouse.release import PUBLISHED_SCHEMAS, RECORD_FILES, ReleaseDraft, ReleaseRecord
from warehouse.sqltext import content_text, identifier, literal, literals
from warehouse.verify import verify_release
from warehouse.version import code_version, package_versions

SEALED_FILE = 0o444
SEALED_PRIVATE_FILE = 0o400
SEALED_FOLDER = 0o555
PRIVATE_NAMES = ("build.duckdb", "centres.json")
"""Files of a release for its owner alone: rows before the marts, and phrases of a hospital's own."""

SOURCE_PLACES = frozenset({"batch_id", "delivery_id", "source_file", "source_row", "srcfile", "srcseq"})
"""Columns of marts that say where a row came from; the same content may stand elsewhere."""


@dataclass(frozen=True)
class ResultTable:
    """A table for schema `results`, with a comment for it and for each of its columns."""

    data: pa.Table
    comment: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class LateCheck:
    """Counts of a check that needs the finished results, for its row in quality.checks."""

    check_id: str
    study_id: str
    variant: str
    n_rows: int
    n_fail: int


@dataclass(frozen=True)
class PublishedTable:
    """A table of warehouse.duckdb.

    `content_hash` depends on its rows, columns and types, not on the order of rows, nor on where they came from
    (`SOURCE_PLACES`).
    """

    schema: str
    name: str
    comment: str | None
    columns: Mapping[str, tuple[str, str | None]]
    rows: int
    content_hash: str

    @property
    def address(self) -> str:
        """`schema.table`."""
        return f"{self.schema}.{self.name}"


def count_late_checks(draft: ReleaseDraft, settings: Settings, checks: Iterable[LateCheck]) -> None:
    """Fill the rows of quality.checks that could not be counted before the results were there."""
    with connect(draft.warehouse_path, settings, spill=draft.work / "spill") as connection:
        for check in checks:
            _count_late(connection, check)


def seal(
    draft: ReleaseDraft,
    settings: Settings,
    results: Mapping[str, ResultTable],
    progress: Progress = silent,
) -> ReleaseRecord:
    """Finishes a draft; only `publish` is left to do.

    Args:
        draft: built, with its reports written.
        settings: limits of this machine.
        results: tables of schema `results` by name.
        progress: told each step.

    Raises:
        ReleaseBroken: the finished release does not hold what it says; the draft is left as it is.
    """
    with connect(draft.warehouse_path, settings, spill=draft.work / "spill") as connection:
        for name, result in results.items():
            _load_result(connection, name, result)
        connection.execute("CHECKPOINT")
        published = tuple(_published_tables(connection))
        for table in published:
            _export(connection, table, draft.folder / "marts" / table.schema / f"{table.name}.parquet")
    progress(f"exported {len(published)} tables")
    record = _record(draft, published)
    centres = [centre.config.model_dump(mode="json") for centre in draft.centres]
    for name, content in zip(RECORD_FILES, (record, centres), strict=True):
        write_atomically(draft.folder / name, json.dumps(content, indent=1, ensure_ascii=False, default=str))
    remove_tree(draft.work)
    verify_release(draft.folder, {table.address: table.rows for table in published}, draft.protocols)
    _make_read_only(draft)
    fsync_tree(draft.folder)
    progress(f"sealed {draft.release_id}")
    return ReleaseRecord(draft.release_id, draft.folder, is_current=False, record=record)


def _load_result(connection: duckdb.DuckDBPyConnection, name: str, table: ResultTable) -> None:
    target = f"results.{identifier(name)}"
    connection.register("result", table.data)
    connection.execute(f"CREATE OR REPLACE TABLE {target} AS SELECT * FROM result")
    connection.unregister("result")
    comment_table(connection, target, table.comment, table.columns)


def _count_late(connection: duckdb.DuckDBPyConnection, check: LateCheck) -> None:
    connection.execute(
        """
        UPDATE quality.checks
        SET n_rows = $1, n_fail = $2, pct = 100.0 * $2 / nullif($1, 0),
            is_exceeded = CASE WHEN $1 > 0 THEN 100 * $2 > tolerance_pct * $1 END
        WHERE check_id = $3 AND study_id = $4 AND variant = $5
        """,
        [check.n_rows, check.n_fail, check.check_id, check.study_id, check.variant],
    )


def _published_tables(connection: duckdb.DuckDBPyConnection) -> Iterator[PublishedTable]:
    names = connection.execute(
        f"""
        SELECT schema_name, table_name, comment FROM duckdb_tables()
        WHERE database_name = current_database() AND schema_name IN ({literals(PUBLISHED_SCHEMAS)})
        ORDER BY schema_name, table_name
        """
    ).fetchall()
    for schema, name, comment in names:
        columns = connection.execute(
            """
            SELECT column_name, data_type, comment FROM duckdb_columns()
            WHERE database_name = current_database() AND schema_name = ? AND table_name = ? ORDER BY column_index
            """,
            [schema, name],
        ).fetchall()
        described = {column: (str(data_type), text) for column, data_type, text in columns}
        counted = connection.execute(
            f"SELECT count(*), {_content_hash(described)} FROM {identifier(schema)}.{identifier(name)}"
        ).fetchone()
        assert counted is not None
        yield PublishedTable(schema, name, comment, described, counted[0], counted[1])


def _content_hash(columns: Mapping[str, tuple[str, str | None]]) -> str:
    """A hash of the multiset of rows: their hashes are summed, so that neither order nor doubling can hide."""
    content = [name for name in columns if name.lower() not in SOURCE_PLACES]
    types = literal(";".join(f"{name} {columns[name][0]}" for name in content) + ";")
    return f"md5({types} || coalesce(sum(md5_number_lower({content_text(content)})::HUGEINT), 0)::VARCHAR)"


def _export(connection: duckdb.DuckDBPyConnection, table: PublishedTable, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    comments = {name: text for name, (_, text) in table.columns.items() if text}
    described = json.dumps(comments, ensure_ascii=False)
    connection.execute(
        f"""
        COPY (SELECT * FROM {identifier(table.schema)}.{identifier(table.name)} ORDER BY ALL) TO {literal(str(path))} (
            FORMAT parquet, COMPRESSION zstd,
            KV_METADATA {{comment: {literal(table.comment or "")}, columns: {literal(described)}}}
        )
        """
    )


def _record(draft: ReleaseDraft, published: tuple[PublishedTable, ...]) -> dict[str, object]:
    return {
        "release_id": draft.release_id,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "inputs_hash": draft.inputs_hash,
        "code_version": code_version(),
        "packages": package_versions(),
        "studies": sorted(draft.protocols),
        "protocols": dict(draft.protocols),
        "tolerances": draft.tolerances,
        "centres": {centre.id: centre.config.centre.name for centre in draft.centres},
        "deliveries": [_delivery(batch) for batch in draft.batches],
        "rows_read": {
            centre.id: sum(file.read for batch in _of(draft, centre.id) for file in batch.files)
            for centre in draft.centres
        },
        "rows_landed": _by_table(draft, "landed"),
        "rows_quarantined": _by_table(draft, "rows_quarantined"),
        "tables": {table.address: {"rows": table.rows, "content_hash": table.content_hash} for table in published},
    }


def _of(draft: ReleaseDraft, centre_id: str) -> list[Manifest]:
    return [batch for batch in draft.batches if batch.centre_id == centre_id]


def _by_table(draft: ReleaseDraft, count: str) -> dict[str, dict[str, int]]:
    totals: dict[str, dict[str, int]] = {centre.id: {} for centre in draft.centres}
    for batch in draft.batches:
        tables = totals[batch.centre_id]
        for table in batch.tables:
            tables[table.table] = tables.get(table.table, 0) + getattr(table, count)
    return totals


def _delivery(batch: Manifest) -> dict[str, object]:
    return {
        "centre_id": batch.centre_id,
        "delivery_id": batch.delivery_id,
        "batch_id": batch.batch_id,
        "extract_date": batch.extract_date.isoformat(),
        "files": {file.file: file.sha256 for file in batch.files},
    }


def _make_read_only(draft: ReleaseDraft) -> None:
    for path in draft.folder.rglob("*"):
        if path.is_dir():
            path.chmod(SEALED_FOLDER)
        else:
            path.chmod(SEALED_PRIVATE_FILE if path.name in PRIVATE_NAMES else SEALED_FILE)
    draft.folder.chmod(SEALED_FOLDER)
