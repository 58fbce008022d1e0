"""What a check finds in the records of a rehearsal: rejects, repeated keys, names that nothing knows."""

from collections import Counter
from collections.abc import Iterator, Sequence

import duckdb

from models.contract import CONTRACT, Kind
from models.mapping import CentreConfig, TableMapping
from warehouse.accounting import ValueCount
from warehouse.intake.onboarding.findings import Rejected, TableFinding, UnknownName
from warehouse.intake.onboarding.known_names import known_names, names_of
from warehouse.intake.onboarding.rehearsal import Rehearsal
from warehouse.intake.worklist import FEWEST_PATIENTS, MAY_BE_SHOWN
from warehouse.lake import batch_files, quarantine_file
from warehouse.sqltext import identifier

PLACES = 5


def rejected(rehearsal: Rehearsal) -> Iterator[Rejected]:
    """Rejects by check, each with the first places where it happened, most rows first."""
    manifest = rehearsal.manifest
    if manifest is None:
        return
    path = quarantine_file(rehearsal.home, manifest.centre_id, manifest.batch_id)
    if not path.exists():
        return
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"""
            SELECT table_name, check_id, column_name, reason, count(*) AS n_rows,
                list(source_file || ' row ' || source_row ORDER BY source_file, source_row)[:{PLACES}]
            FROM read_parquet(?, hive_partitioning = false)
            GROUP BY table_name, check_id, column_name, reason
            ORDER BY n_rows DESC, table_name, check_id, column_name, reason
            """,
            [str(path)],
        ).fetchall()
    names = ("table", "check_id", "column", "reason", "rows", "places")
    yield from (Rejected.model_validate(dict(zip(names, row, strict=True))) for row in rows)


def tables(rehearsal: Rehearsal, config: CentreConfig) -> Iterator[TableFinding]:
    """Each table with what would land and with the business keys that several different records share."""
    if rehearsal.manifest is None:
        return
    mappings = {mapping.table: mapping for mapping in config.tables}
    for count in rehearsal.manifest.tables:
        keys, places = _repeated_keys(rehearsal, mappings[count.table])
        yield TableFinding(
            table=count.table,
            emitted=count.emitted,
            would_land=count.landed,
            quarantined=count.rows_quarantined,
            duplicates=count.duplicates,
            repeated_keys=keys,
            places=tuple(places),
        )


def _repeated_keys(rehearsal: Rehearsal, mapping: TableMapping) -> tuple[int, list[str]]:
    paths = _lake_files(rehearsal, mapping.table)
    if not paths or not mapping.key:
        return 0, []
    with duckdb.connect() as connection:
        row = connection.execute(
            f"""
            WITH repeated AS (
                SELECT row_key FROM read_parquet($paths, hive_partitioning = false) WHERE NOT is_withdrawn
                GROUP BY row_key HAVING count(DISTINCT row_hash) > 1
            )
            SELECT count(DISTINCT row_key),
                list(source_file || ' row ' || source_row ORDER BY source_file, source_row)[:{PLACES}]
            FROM read_parquet($paths, hive_partitioning = false) JOIN repeated USING (row_key) WHERE NOT is_withdrawn
            """,
            {"paths": paths},
        ).fetchone()
    assert row is not None
    return int(row[0]), list(row[1] or [])


def unknown_names(rehearsal: Rehearsal, config: CentreConfig) -> Iterator[UnknownName]:
    """Names and codes that nothing resolves, with the nearest known one; of rare or odd ones only how many."""
    if rehearsal.manifest is None:
        return
    for (table, column), known in known_names().items():
        paths = _lake_files(rehearsal, table)
        if not paths:
            continue
        hidden = Counter[str]()
        for value, is_shown, rows in _values(paths, column):
            if known.knows(value):
                continue
            if is_shown:
                near = known.nearest(value)
                yield UnknownName(table=table, column=column, value=value, values=1, rows=rows, nearest=near)
            else:
                hidden += Counter(values=1, rows=rows)
        if hidden:
            yield UnknownName(table=table, column=column, value=None, **hidden, nearest=None)
    yield from _unlisted_codes(rehearsal.manifest.values, config)


def _values(paths: list[str], column: str) -> Sequence[tuple[str, bool, int]]:
    """Values of a lake column, whether they may be shown, and their rows; the most frequent first."""
    with duckdb.connect() as connection:
        return connection.execute(
            f"""
            SELECT {identifier(column)} AS written, {MAY_BE_SHOWN} AND count(DISTINCT patient_id) >= {FEWEST_PATIENTS},
                count(*) AS n_rows
            FROM read_parquet(?, hive_partitioning = false)
            WHERE {identifier(column)} IS NOT NULL AND NOT is_withdrawn GROUP BY written ORDER BY n_rows DESC, written
            """,
            [paths],
        ).fetchall()


def _unlisted_codes(values: Sequence[ValueCount], config: CentreConfig) -> Iterator[UnknownName]:
    """Codes of the source that its mapping does not list, or that the contract does not permit."""
    listed = _listed(config)
    for value in values:
        codes = listed.get((value.source, value.table, value.column))
        if codes and value.value not in codes:
            yield UnknownName(
                table=value.table,
                column=value.column,
                value=value.value,
                values=1,
                rows=value.rows,
                nearest=names_of(codes).nearest(value.value),
            )


def _listed(config: CentreConfig) -> dict[tuple[str, str, str], set[str]]:
    found: dict[tuple[str, str, str], set[str]] = {}
    for mapping in config.tables:
        for feed in mapping.feed:
            for name, cell in feed.columns.items():
                column = CONTRACT[mapping.table].column(name)
                if column.kind in (Kind.CODE, Kind.FLAG) and cell.phrases is None and cell.vocabulary is None:
                    kept = set(column.values) if cell.map is None or cell.otherwise == "keep" else set()
                    codes = found.setdefault((feed.source, mapping.table, name), set())
                    codes |= kept | set(cell.map or {})
    return found


def _lake_files(rehearsal: Rehearsal, table: str) -> list[str]:
    assert rehearsal.manifest is not None
    files = batch_files(rehearsal.home, table, rehearsal.manifest.centre_id, rehearsal.manifest.batch_id)
    return [str(path) for path in files]
