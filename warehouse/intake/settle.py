"""From the records of one delivery to lake rows: duplicates, differences, tombstones, the file.

The last word on a record is that of the greatest (extract date, delivery sequence, row). A delivery is compared with
the deliveries before it. One that arrives late is so too; the differences of those after it, taken without it, are not
re-computed: landing warns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
from pyarrow import parquet

from models.contract import PATIENT_BUCKETS, PROVENANCE, Table
from models.mapping import TableMapping
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
        where: centre, table and delivery, as messages name them.
        table: contract table.
        mapping: says whether the delivery is full.
        delivery: the delivery.
        landed_at: UTC.
        earlier: lake files of the deliveries before this one.
        is_complete: false when a file of the table was refused; then nothing is taken as gone.
    """

    connection: duckdb.DuckDBPyConnection
    where: str
    table: Table
    mapping: TableMapping
    delivery: Delivery
    landed_at: datetime
    earlier: Sequence[Path]
    is_complete: bool
    warnings: list[str] = field(default_factory=list)

    def settle(self, target: Path) -> TableCount:
        """Writes the lake file, unless there is nothing to write, and counts."""
        self._records = records_table(self.table)
        self._mark_repeats()
        n_gone = 0
        if self.earlier:
            self._compare_with_lake()
            n_gone = self._keep_gone() if self.mapping.delivery == "full" else 0
        written = self._write(target, has_gone=n_gone > 0)
        return TableCount(
            table=self.table.name,
            emitted=self._number(f"SELECT count(*) FROM {self._records}"),
            landed=written - n_gone,
            quarantined=self._quarantined(),
            duplicates=self._number(f"SELECT count(*) FROM {self._records} WHERE is_duplicate"),
            withdrawn=n_gone,
        )

    def _number(self, sql: str) -> int:
        row = self.connection.execute(sql).fetchone()
        assert row is not None
        return int(row[0])

    def _mark_repeats(self) -> None:
        """Of good records with the same content, the one in the smallest (file, row, part) stands for all."""
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE repeated AS
            SELECT row_key, row_hash, is_withdrawn, min({PLACE}) AS first_place
            FROM {self._records} WHERE failure IS NULL GROUP BY row_key, row_hash, is_withdrawn HAVING count(*) > 1
            """
        )
        self.connection.execute(
            f"""
            UPDATE {self._records} AS record SET is_duplicate = true FROM repeated
            WHERE record.failure IS NULL AND record.row_key = repeated.row_key AND record.row_hash = repeated.row_hash
                AND record.is_withdrawn = repeated.is_withdrawn
                AND {PLACE} > repeated.first_place
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
            UPDATE {self._records} AS record SET is_duplicate = true
            FROM (
                SELECT said.row_key
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
            ) AS settled
            WHERE record.failure IS NULL AND record.row_key = settled.row_key
            """
        )

    def _keep_gone(self) -> int:
        """Collects the last versions of records that a full delivery no longer has; none when it looks truncated."""
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE gone AS
            SELECT row_key, place FROM last_words
            WHERE NOT is_withdrawn AND row_key NOT IN (SELECT row_key FROM {self._records})
            """
        )
        n_known = self._number("SELECT count(*) FROM last_words WHERE NOT is_withdrawn")
        n_gone = self._number("SELECT count(*) FROM gone")
        if not self.is_complete:
            return 0  # The refusal of the file was told; what it holds is not known to be gone.
        if (n_known - n_gone) * LEAST_SHARE_OF_FULL < n_known:
            self.warnings.append(
                f"{self.where}: {n_gone} of {n_known} known records are not in this full delivery, but the delivery "
                "looks truncated: none was withdrawn. Ask the centre for the whole extract."
            )
            return 0
        return n_gone

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
            FROM versions SEMI JOIN gone ON versions.row_key = gone.row_key AND {LAST_WORD_ORDER} = gone.place
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
