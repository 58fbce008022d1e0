"""From the records of one delivery to lake rows: duplicates, differences, tombstones, the file.

The last word on a record is that of the greatest (extract date, delivery sequence, row). A full delivery is compared
with the deliveries before it, and only differences land. Of a delivery of changes everything lands, so that its words
stay right whatever arrives before it later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from pyarrow import parquet

from models.contract import PATIENT_BUCKETS, PROVENANCE, Table
from warehouse.accounting import QuarantineCount, TableCount
from warehouse.intake.deliveries import Delivery
from warehouse.intake.scratch import records_table
from warehouse.lake import LAST_WORD_ORDER, versions_sql
from warehouse.sqltext import identifier, literal

PLACE = "struct_pack(file_no := file_no, source_row := source_row, source_part := source_part)"

LEAST_SHARE_OF_FULL = 2
"""A full delivery with fewer than one in this many of the known records looks truncated."""


@dataclass
class TableSettling:
    """Settles one contract table of one delivery.

    Args:
        connection: the scratch database; it may spill.
        table: contract table.
        delivery: the delivery.
        landed_at: UTC.
        is_full: whether the delivery holds the whole table and not only changes.
        read_again: whether changes repeat what earlier deliveries said; that is no change then.
        is_complete: false when a file of the table was refused; then nothing is taken as gone.
        accepts_withdrawals: whether a full delivery is believed even when it looks truncated.
        earlier: lake files of the deliveries before this one.
    """

    connection: duckdb.DuckDBPyConnection
    table: Table
    delivery: Delivery
    landed_at: datetime
    is_full: bool
    read_again: bool
    is_complete: bool
    accepts_withdrawals: bool
    earlier: Sequence[Path]

    def settle(self, target: Path, unlanded: Path) -> TableCount:
        """Writes the lake file and that of the keys without a row, unless there is nothing to write, and counts."""
        self._records = records_table(self.table)
        self._mark_repeats()
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
        written = self._write(target, has_gone=n_gone > 0)
        return TableCount(
            table=self.table.name,
            emitted=self._number(f"SELECT count(*) FROM {self._records}"),
            landed=written - n_gone,
            quarantined=self._quarantined(),
            duplicates=self._number(f"SELECT count(*) FROM {self._records} WHERE is_duplicate"),
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

    def _mark_repeats(self) -> None:
        """Of good records with the same content, the one in the smallest (file, row, part) stands for all.

        Where the delivery says other things of the same key too, it is the last: a value that was corrected and
        then corrected back is the delivery's last word.
        """
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE repeats AS
            SELECT row_key, row_hash, is_withdrawn, min({PLACE}) AS first_place,
                arg_max({PLACE}, row(source_row, source_part, file_no)) AS last_place
            FROM {self._records} WHERE failure IS NULL GROUP BY row_key, row_hash, is_withdrawn HAVING count(*) > 1
            """
        )
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE repeated AS
            SELECT repeats.*, CASE WHEN several.row_key IS NULL THEN first_place ELSE last_place END AS kept_place
            FROM repeats
            LEFT JOIN (
                SELECT row_key FROM {self._records} SEMI JOIN repeats USING (row_key) WHERE failure IS NULL
                GROUP BY row_key
                HAVING min(row_hash) <> max(row_hash) OR bool_or(is_withdrawn) <> bool_and(is_withdrawn)
            ) AS several USING (row_key)
            """
        )
        self.connection.execute(
            f"""
            UPDATE {self._records} AS record SET is_duplicate = true FROM repeated
            WHERE record.failure IS NULL AND record.row_key = repeated.row_key AND record.row_hash = repeated.row_hash
                AND record.is_withdrawn = repeated.is_withdrawn
                AND {PLACE} <> repeated.kept_place
            """
        )

    def _compare_with_lake(self) -> None:
        """Marks the records of every key of which this delivery says what the lake says already.

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
                WHERE record.failure IS NULL AND NOT record.is_duplicate
                GROUP BY record.row_key
            ) AS said
            JOIN last_words USING (row_key)
            WHERE said.is_all_known AND said.is_withdrawn = last_words.is_withdrawn
                AND (said.is_withdrawn OR said.row_hash = last_words.row_hash)
            """
        )
        self.connection.execute(
            f"""
            UPDATE {self._records} AS record SET is_duplicate = true
            FROM settled WHERE record.failure IS NULL AND record.row_key = settled.row_key
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
        content = ", ".join(identifier(name) for name in self.table.column_names)
        columns = ", ".join(
            identifier(name) for name in (*self.table.column_names, *(column.name for column in PROVENANCE))
        )
        patient = identifier(self.table.patient_column.name)
        constants = f"""
            (('0x' || left({patient}, 2))::UTINYINT % {PATIENT_BUCKETS})::UTINYINT AS patient_bucket,
            {literal(self.delivery.delivery_id)} AS delivery_id,
            DATE {literal(self.delivery.extract_date.isoformat())} AS extract_date,
            {self.delivery.delivery_seq}::INTEGER AS delivery_seq,
            TIMESTAMP {literal(self.landed_at.replace(tzinfo=None).isoformat())} AS landed_at
        """
        said = f"""
            SELECT {content}, row_key, row_hash, is_withdrawn, source_file, source_row, source_part
            FROM {self._records} JOIN source_files USING (file_no) WHERE failure IS NULL AND NOT is_duplicate
        """
        gone = f"""
            SELECT {content}, row_key, row_hash, true AS is_withdrawn, NULL::VARCHAR AS source_file,
                NULL::BIGINT AS source_row, NULL::INTEGER AS source_part
            FROM versions SEMI JOIN absent ON versions.row_key = absent.row_key AND {LAST_WORD_ORDER} = absent.place
            QUALIFY row_number() OVER (PARTITION BY row_key) = 1
        """
        rows = f"{said} UNION ALL {gone}" if has_gone else said
        if not self._number(f"SELECT count(*) FROM (SELECT 1 FROM ({rows}) LIMIT 1)"):
            return 0
        target.parent.mkdir(parents=True, exist_ok=True)
        self.connection.execute(
            f"""
            COPY (
                SELECT {columns} FROM (SELECT *, {constants} FROM ({rows}))
                ORDER BY patient_bucket, row_key, row_hash, source_file, source_row, source_part
            ) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)
            """
        )
        return int(parquet.read_metadata(target).num_rows)

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
