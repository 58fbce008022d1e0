"""From the records of one delivery to lake rows: duplicates, differences, tombstones, the files.

The last word on a record is that of the greatest (extract date, delivery sequence, row). A full delivery is compared
with the deliveries before it, and only differences land. Of a delivery of changes everything lands, so that its words
stay right whatever arrives before it later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from pyarrow import parquet

from models.contract import Table
from warehouse.accounting import QuarantineCount, TableCount
from warehouse.intake.runs import IN_FILE, LAKE_FORMAT, LakeShape, Run, runs_of
from warehouse.intake.scratch import records_table
from warehouse.lake import LAST_WORD_ORDER, versions_sql
from warehouse.sqltext import identifier, literal

PLACE = "struct_pack(file_no := file_no, source_row := source_row, source_part := source_part)"

FINGERPRINT = "hash(row_key, row_hash, is_withdrawn)"

PART_ROWS = 1_000_000
"""Rows of a lake file that is written at settling."""

LEAST_MOVED_ROWS = 250_000
"""Rows of a run that is worth a lake file of its own."""

LEAST_SHARE_OF_FULL = 2
"""A full delivery with fewer than one in this many of the known records looks truncated."""


@dataclass
class TableSettling:
    """Settles one contract table of one delivery.

    Args:
        connection: the scratch database; it may spill.
        table: contract table.
        shape: of the lake rows.
        is_full: whether the delivery holds the whole table and not only changes.
        read_again: whether changes repeat what earlier deliveries said; that is no change then.
        is_complete: false when a file of the table was refused; then nothing is taken as gone.
        accepts_withdrawals: whether a full delivery is believed even when it looks truncated.
        earlier: lake files of the deliveries before this one.
    """

    connection: duckdb.DuckDBPyConnection
    table: Table
    shape: LakeShape
    is_full: bool
    read_again: bool
    is_complete: bool
    accepts_withdrawals: bool
    earlier: Sequence[Path]

    def settle(self, target: Path, unlanded: Path) -> TableCount:
        """Writes the lake files and that of the keys without a row, unless there is nothing to write, and counts.

        Args:
            target: folder of the lake files.
            unlanded: file of the keys without a row.
        """
        self._records = records_table(self.table)
        self._drop_repeats()
        n_known = n_gone = n_kept = 0
        if self.is_full:
            if self.earlier:
                self._compare_with_lake()
                n_known, n_absent = self._find_absent()
                is_believed = self.is_complete and (self.accepts_withdrawals or not _looks_truncated(n_known, n_absent))
                n_gone, n_kept = (n_absent, 0) if is_believed else (0, n_absent)
            self._write_unlanded(unlanded, is_compared=bool(self.earlier), has_kept=n_kept > 0)
        elif self.read_again and self.earlier:
            self._compare_with_lake()
        emitted = self._number(f"SELECT count(*) FROM {self._records}")
        written = self._write(target, has_gone=n_gone > 0)
        return TableCount(
            table=self.table.name,
            emitted=emitted,
            landed=written - n_gone,
            quarantined=self._quarantined(),
            duplicates=self._number("SELECT count(*) FROM dropped"),
            withdrawn=n_gone,
            known=n_known,
            kept=n_kept,
            is_full=self.is_full,
            is_complete=self.is_complete,
        )

    def _number(self, sql: str) -> int:
        row = self.connection.execute(sql).fetchone()
        assert row is not None
        return int(row[0])

    def _drop_repeats(self) -> None:
        """Of good records with the same content, the one in the smallest (file, row, part) stands for all.

        Where the delivery says other things of the same key too, it is the last: a value that was corrected and
        then corrected back is the delivery's last word. Few records repeat, so a short hash finds them first.
        """
        good = f"(SELECT *, {FINGERPRINT} AS fingerprint FROM {self._records} WHERE failure IS NULL)"
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE alike AS
            SELECT row_key, row_hash, is_withdrawn, file_no, source_row, source_part
            FROM {good} SEMI JOIN (SELECT fingerprint FROM {good} GROUP BY fingerprint HAVING count(*) > 1)
                USING (fingerprint)
            """
        )
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE repeated AS
            SELECT repeats.*, CASE WHEN several.row_key IS NULL THEN first_place ELSE last_place END AS kept_place
            FROM (
                SELECT row_key, row_hash, is_withdrawn, min({PLACE}) AS first_place,
                    arg_max({PLACE}, row(source_row, source_part, file_no)) AS last_place
                FROM alike GROUP BY row_key, row_hash, is_withdrawn HAVING count(*) > 1
            ) AS repeats
            LEFT JOIN (
                SELECT row_key FROM {self._records} SEMI JOIN alike USING (row_key) WHERE failure IS NULL
                GROUP BY row_key
                HAVING min(row_hash) <> max(row_hash) OR bool_or(is_withdrawn) <> bool_and(is_withdrawn)
            ) AS several USING (row_key)
            """
        )
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE dropped AS
            SELECT file_no, source_row, source_part FROM alike JOIN repeated USING (row_key, row_hash, is_withdrawn)
            WHERE {PLACE} <> kept_place
            """
        )

    def _compare_with_lake(self) -> None:
        """Drops the records of every key of which this delivery says what the lake says already.

        A key with several versions in one delivery is compared as a whole: landing some would change the last word.
        """
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW versions AS {versions_sql(self.earlier)}")
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE last_words AS
            SELECT row_key, arg_max(row_hash, {LAST_WORD_ORDER}) AS row_hash,
                arg_max(is_withdrawn, {LAST_WORD_ORDER}) AS is_withdrawn, max({LAST_WORD_ORDER}) AS place
            FROM versions GROUP BY row_key
            """
        )
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE settled AS
            SELECT said.row_key, said.is_withdrawn
            FROM (
                SELECT record.row_key, bool_and(record.is_withdrawn OR known.row_hash IS NOT NULL) AS is_all_known,
                    arg_max(record.row_hash, row(source_row, source_part, record.row_hash)) AS row_hash,
                    arg_max(record.is_withdrawn, row(source_row, source_part, record.row_hash)) AS is_withdrawn
                FROM {self._records} AS record
                LEFT JOIN (SELECT DISTINCT row_key, row_hash FROM versions WHERE NOT is_withdrawn) AS known
                    ON record.row_key = known.row_key AND record.row_hash = known.row_hash
                WHERE record.failure IS NULL
                GROUP BY record.row_key
            ) AS said
            JOIN last_words USING (row_key)
            WHERE said.is_all_known AND said.is_withdrawn = last_words.is_withdrawn
                AND (said.is_withdrawn OR said.row_hash = last_words.row_hash)
            """
        )
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE dropped AS
            SELECT file_no, source_row, source_part FROM dropped
            UNION SELECT file_no, source_row, source_part FROM {self._records} SEMI JOIN settled USING (row_key)
            WHERE failure IS NULL
            """
        )

    def _find_absent(self) -> tuple[int, int]:
        """Collects the last versions of records that a full delivery no longer has.

        Returns how many records were known and how many of them are absent.
        """
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE absent AS
            SELECT row_key, place FROM last_words
            WHERE NOT is_withdrawn AND row_key NOT IN (SELECT row_key FROM {self._records})
            """
        )
        n_known = self._number("SELECT count(*) FROM last_words WHERE NOT is_withdrawn")
        return n_known, self._number("SELECT count(*) FROM absent")

    def _write_unlanded(self, target: Path, *, is_compared: bool, has_kept: bool) -> None:
        """Writes down of which keys this delivery lands no row although it, or its silence, must not be forgotten."""
        parts = [
            f"""
            SELECT row_key, 'QUARANTINED' AS why
            FROM (SELECT DISTINCT row_key FROM {self._records} WHERE failure IS NOT NULL) AS failed
            ANTI JOIN (SELECT row_key FROM {self._records} WHERE failure IS NULL) AS good USING (row_key)
            """
        ]
        if is_compared:
            parts.append("SELECT row_key, 'WITHDRAWN' FROM settled WHERE is_withdrawn")
        if has_kept:
            parts.append("SELECT row_key, 'ABSENT' FROM absent")
        rows = " UNION ALL ".join(parts)
        if self._number(f"SELECT count(*) FROM (SELECT 1 FROM ({rows}) LIMIT 1)"):
            target.parent.mkdir(parents=True, exist_ok=True)
            self.connection.execute(
                f"COPY (SELECT * FROM ({rows}) ORDER BY ALL) TO {literal(str(target))} "
                "(FORMAT parquet, COMPRESSION zstd)"
            )

    def _write(self, target: Path, *, has_gone: bool) -> int:
        """Moves the runs that land whole, and writes what is left of the others, a part each time that fits."""
        n_written = 0
        groups: list[list[Run]] = []
        runs = runs_of(self.connection, self.table)
        for run in runs:
            if self._lands_whole(run):
                n_written += run.n_rows
                run.path.rename(_next_part(target))
            elif groups and sum(other.n_rows for other in groups[-1]) + run.n_rows <= PART_ROWS:
                groups[-1].append(run)
            else:
                groups.append([run])
        selects = [" UNION ALL ".join(run.records(self.table) for run in group) for group in groups]
        for records in selects if runs else [f"SELECT * FROM {self._records}"]:
            n_written += self._write_part(target, self._said(records), f"file_no, {IN_FILE}")
        if has_gone:
            n_written += self._write_part(target, self._gone(), "row_key")
        return n_written

    def _lands_whole(self, run: Run) -> bool:
        if run.file_no is None or run.n_rows < LEAST_MOVED_ROWS:
            return False
        return not self._number(
            f"SELECT count(*) FROM (SELECT source_row, source_part FROM read_parquet({literal(str(run.path))})) "
            f"SEMI JOIN (FROM dropped WHERE file_no = {run.file_no}) AS dropped USING (source_row, source_part)"
        )

    def _said(self, records: str) -> str:
        return f"""
            SELECT * FROM ({records}) ANTI JOIN dropped USING (file_no, source_row, source_part)
            JOIN source_files USING (file_no) WHERE failure IS NULL
        """

    def _gone(self) -> str:
        content = ", ".join(identifier(name) for name in self.table.column_names)
        return f"""
            SELECT {content}, row_key, row_hash, true AS is_withdrawn, NULL::VARCHAR AS source_file,
                NULL::BIGINT AS source_row, NULL::INTEGER AS source_part
            FROM versions SEMI JOIN absent ON versions.row_key = absent.row_key AND {LAST_WORD_ORDER} = absent.place
            QUALIFY row_number() OVER (PARTITION BY row_key) = 1
        """

    def _write_part(self, target: Path, records: str, order: str) -> int:
        if not self._number(f"SELECT count(*) FROM (SELECT 1 FROM ({records}) LIMIT 1)"):
            return 0
        part = _next_part(target)
        rows = self.shape.rows(self.table, records, order)
        self.connection.execute(f"COPY ({rows}) TO {literal(str(part))} ({LAKE_FORMAT})")
        return int(parquet.read_metadata(part).num_rows)

    def _quarantined(self) -> tuple[QuarantineCount, ...]:
        rows = self.connection.execute(
            """
            SELECT check_id, column_name, reason, count(*), arg_min(source_file, row(source_file, source_row)),
                arg_min(source_row, row(source_file, source_row))
            FROM quarantine WHERE table_name = ? GROUP BY check_id, column_name, reason
            ORDER BY count(*) DESC, check_id, column_name, reason
            """,
            [self.table.name],
        ).fetchall()
        names = ("check_id", "column", "reason", "rows", "file", "row")
        return tuple(QuarantineCount.model_validate(dict(zip(names, row, strict=True))) for row in rows)


def _looks_truncated(n_known: int, n_absent: int) -> bool:
    return (n_known - n_absent) * LEAST_SHARE_OF_FULL < n_known


def _next_part(target: Path) -> Path:
    target.mkdir(parents=True, exist_ok=True)
    return target / f"part-{len(list(target.iterdir()))}.parquet"
