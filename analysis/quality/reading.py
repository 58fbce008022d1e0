"""What the page of a release is made of: selects on the schemas quality and meta, judged by the present tolerances."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from models.errors import BadInput
from models.tolerances import Tolerances

NEEDED = ("checks", "completeness", "volume_by_month")
"""Tables of schema quality without which a release was made before there was a page."""

_CHECKS = """
    select check_id, table_name, kahn_category, context, severity, fires_when, remedy, stops_build = 'Y',
        centre_id, study_id, n_rows, n_fail
    from quality.checks where coalesce(variant, 'primary') = 'primary'
    order by check_id, table_name, centre_id, study_id
"""
_DELIVERIES = """
    select deliveries.centre_id, deliveries.delivery_id, deliveries.extract_date, count(files.source_file),
        coalesce(sum(files.rows_read), 0)::bigint, coalesce(sum(files.rows_used), 0)::bigint,
        coalesce(sum(files.rows_skipped), 0)::bigint, coalesce(sum(files.rows_failed), 0)::bigint
    from meta.deliveries as deliveries
    left join meta.delivery_files as files using (centre_id, delivery_id)
    group by all order by deliveries.centre_id, deliveries.extract_date, deliveries.delivery_id
"""
_LANDING = """
    select centre_id, sum(rows_emitted)::bigint, sum(rows_landed)::bigint, sum(rows_quarantined)::bigint,
        sum(rows_duplicate)::bigint
    from quality.landing group by centre_id order by centre_id
"""
_QUARANTINE = """
    select centre_id, table_name, check_id, column_name, reason, n_rows, delivery_id, source_file, source_row
    from quality.quarantine order by n_rows desc, centre_id, table_name, check_id, column_name, reason
"""
_WORKLISTS = """
    select 'drug' as kind, centre_id, raw_name as words, case when drug_key <> 'UNRESOLVED' then drug_key end,
        candidates, n_rows, n_patients
    from quality.unresolved_drugs
    union all
    select case problem when 'TEST_UNKNOWN' then 'test' else 'unit' end, centre_id,
        test_name || case when unit_text <> '' then ' [' || unit_text || ']' else '' end, test, null, n_rows, n_patients
    from quality.unresolved_lab_tests
    union all
    select 'term', centre_id, unknown_text, vocabulary, candidates, n_rows, n_patients from quality.unresolved_terms
    union all
    select 'phrase', centre_id, unknown_text, vocabulary, null, n_rows, n_patients from quality.unresolved_phrases
    where reason <> 'NEGATED'
    order by kind, n_patients desc, n_rows desc, centre_id, words
"""
_PLACES = """
    select check_id, table_name, centre_id, study_id, min((source_file, source_row)) as place
    from quality.check_failures
    where coalesce(variant, 'primary') = 'primary' and source_file is not null
    group by all
    union all
    select check_id, table_name, centre_id, null, min((source_file, source_row))
    from quality.quarantine where reason <> 'rejected_in_staging' and source_file is not null
    group by all
"""
_REVIEWS = """
    select centre_id, rule, study_id, decision_status, count(*), count(distinct patient_key)
    from quality.review_queue where coalesce(variant, 'primary') = 'primary'
    group by all order by all
"""


@dataclass(frozen=True)
class Check:
    """Counts of a check on one table and centre (None: all together) and, where it depends on one, a study."""

    check_id: str
    table: str
    category: str
    context: str
    severity: str
    fires_when: str
    remedy: str
    stops_build: bool
    centre: str | None
    study: str | None
    n_rows: int
    n_fail: int
    tolerance: Decimal | None = None
    is_exceeded: bool | None = None
    first: tuple[str, int] | None = None
    """File and row of the first row that fails, where it is a row of a file."""

    @property
    def percent(self) -> float:
        """Rows that failed, in percent of those looked at; 0 without rows."""
        return 100 * self.n_fail / self.n_rows if self.n_rows else 0.0


@dataclass(frozen=True)
class Delivery:
    """One delivery: rows of its files read = used + skipped + failed."""

    centre: str
    delivery: str
    extract_date: date | None
    n_files: int
    read: int
    used: int
    skipped: int
    failed: int


@dataclass(frozen=True)
class Landing:
    """Records of a centre: emitted by the mapping = landed + quarantined + duplicates."""

    centre: str
    emitted: int
    landed: int
    quarantined: int
    duplicates: int


@dataclass(frozen=True)
class Refused:
    """Records in quarantine, or rejected later, for one reason, and where the first of them stands."""

    centre: str
    table: str
    check_id: str
    column: str
    reason: str
    n_rows: int
    delivery: str | None
    file: str | None
    row: int | None


@dataclass(frozen=True)
class Unknown:
    """A name or text that nothing settles; `words` is None where landing counted several texts together."""

    kind: str
    centre: str
    words: str | None
    read_as: str | None
    candidates: str | None
    n_rows: int
    n_patients: int


@dataclass(frozen=True)
class Reviews:
    """Matters of one rule in the review queue, by what became of them."""

    centre: str
    rule: str
    study: str | None
    status: str
    n_matters: int
    n_patients: int


@dataclass(frozen=True)
class Filled:
    """Rows of a table in which a column has a value."""

    table: str
    column: str
    centre: str
    n_rows: int
    n_filled: int


@dataclass(frozen=True)
class Past:
    """Checks of a release, for the trend; `extract` is its newest extract date."""

    release_id: str
    extract: date | None
    checks: tuple[tuple[str, str, int, int, bool], ...]
    """Check, Kahn category, rows looked at, rows failed, whether beyond the tolerance."""


@dataclass(frozen=True)
class Release:
    """Everything that the page of one release shows."""

    release_id: str
    checks: tuple[Check, ...]
    deliveries: tuple[Delivery, ...]
    landing: tuple[Landing, ...]
    quarantine: tuple[Refused, ...]
    unknown: tuple[Unknown, ...]
    reviews: tuple[Reviews, ...]
    filled: tuple[Filled, ...]
    volumes: Mapping[tuple[str, str], Mapping[date | None, int]]
    """Rows by (centre, table), then by month; None for rows without one."""
    past: tuple[Past, ...]
    """Earlier releases and this one, in their order."""

    @property
    def centres(self) -> tuple[str, ...]:
        """Centres with a delivery."""
        return tuple(dict.fromkeys(delivery.centre for delivery in self.deliveries))

    @property
    def exceeded(self) -> tuple[Check, ...]:
        """Checks beyond their tolerance: those that stop a release, then those that reject rows, then by share."""
        weight = {"reject": 0, "warn": 1, "info": 2}
        found = [check for check in self.checks if check.is_exceeded]
        return tuple(sorted(found, key=lambda one: (not one.stops_build, weight[one.severity], -one.percent)))


def read_release(
    connection: duckdb.DuckDBPyConnection, release_id: str, tolerances: Tolerances, earlier: Mapping[str, Path]
) -> Release:
    """Read one release, its checks judged by these tolerances.

    Args:
        connection: its warehouse, read-only; a draft's, too.
        release_id: its name.
        tolerances: what judges it and, so that a trend compares like with like, the earlier releases.
        earlier: folders of the earlier releases that are kept, by their names.

    Raises:
        BadInput: the release was made before there was such a page.
    """
    _refuse_older(connection, release_id)
    checks = tuple(_checks(connection, tolerances))
    deliveries = tuple(Delivery(*row) for row in _rows(connection, _DELIVERIES))
    newest = max((one.extract_date for one in deliveries if one.extract_date), default=None)
    own = Past(
        release_id,
        newest,
        tuple((one.check_id, one.category, one.n_rows, one.n_fail, bool(one.is_exceeded)) for one in checks),
    )
    volumes: dict[tuple[str, str], dict[date | None, int]] = {}
    for centre, table, month, count in _rows(connection, "select * from quality.volume_by_month order by all"):
        volumes.setdefault((centre, table), {})[month] = count
    return Release(
        release_id,
        checks,
        deliveries,
        tuple(Landing(*row) for row in _rows(connection, _LANDING)),
        tuple(Refused(*row) for row in _rows(connection, _QUARANTINE)),
        tuple(Unknown(*row) for row in _rows(connection, _WORKLISTS)),
        tuple(Reviews(*row) for row in _rows(connection, _REVIEWS)),
        tuple(
            Filled(table, column, centre, rows, filled)
            for table, column, centre, rows, filled in _rows(
                connection, "select table_name, column_name, centre_id, n_rows, n_filled from quality.completeness"
            )
        ),
        volumes,
        (*(past for name in sorted(earlier) if (past := _past(name, earlier[name], tolerances))), own),
    )


def _refuse_older(connection: duckdb.DuckDBPyConnection, release_id: str) -> None:
    there = _rows(connection, "select table_name from duckdb_tables() where schema_name = 'quality'")
    missing = [table for table in NEEDED if (table,) not in there]
    if missing:
        raise BadInput(
            f"Release {release_id} has no quality.{missing[0]}: it was made by an older oncomart. Refresh, or name a "
            "newer release with --release."
        )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def _checks(connection: duckdb.DuckDBPyConnection, tolerances: Tolerances) -> Iterator[Check]:
    places = {tuple(key): place for *key, place in _rows(connection, _PLACES)}
    for row in _rows(connection, _CHECKS):
        one = Check(*row)
        yield replace(
            one,
            tolerance=tolerances.of(one.check_id, one.centre),
            is_exceeded=tolerances.is_exceeded(one.check_id, one.centre, one.n_rows, one.n_fail),
            first=places.get((one.check_id, one.table, one.centre, one.study)),
        )


def _past(release_id: str, folder: Path, tolerances: Tolerances) -> Past | None:
    """An earlier release from its exports, read-only; None where it has none."""
    exports = folder / "marts"
    files = {name: str(exports / name) for name in ("quality/checks.parquet", "meta/deliveries.parquet")}
    if not all(Path(file).is_file() for file in files.values()):
        return None
    with duckdb.connect() as connection:
        checks = connection.execute(
            "select check_id, kahn_category, centre_id, n_rows, n_fail from read_parquet(?) "
            "where coalesce(variant, 'primary') = 'primary' order by all",
            [files["quality/checks.parquet"]],
        ).fetchall()
        newest = connection.execute(
            "select max(extract_date) from read_parquet(?)", [files["meta/deliveries.parquet"]]
        ).fetchone()
    judged = tuple(
        (check, category, rows, failed, bool(tolerances.is_exceeded(check, centre, rows, failed)))
        for check, category, centre, rows, failed in checks
    )
    return Past(release_id, newest[0] if newest else None, judged)
