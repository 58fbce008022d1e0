"""Records between reading and settling: gathered in memory, then written to scratch in runs.

A delivery may be larger than memory, so whenever the temporary tables of records hold enough, the largest is emptied.
Its good records of the file that is being read become a run in the shape and order of the lake: settling moves it there
as it is, unless it drops some of its rows. Everything else becomes a loose run, with all columns of the table; of a
record that failed only place and keys are kept, for what it holds may be a number in the wrong column. The scratch
database lists the runs in `runs` (`table_name`, `path`, `file_no`: NULL for a loose run, `n_rows`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from pyarrow import parquet

from models.contract import CONTRACT, PATIENT_BUCKETS, PROVENANCE, Table
from warehouse.intake.deliveries import Delivery
from warehouse.intake.scratch import RECORD_COLUMNS, create_records_table, records_table
from warehouse.sqltext import identifier, literal

GATHERED_ROWS = 1_000_000
"""Records that may wait in memory."""

LAKE_FORMAT = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 4096"
"""Hashes fill most of a row: a higher level takes twice as long over them and saves nothing."""

IN_FILE = "source_row, source_part"

LOOSE_FORMAT = "FORMAT parquet, COMPRESSION lz4_raw"


@dataclass(frozen=True)
class LakeShape:
    """What a batch says of all of its rows."""

    delivery: Delivery
    landed_at: datetime

    def rows(self, table: Table, records: str, order: str) -> str:
        """A select of lake rows from records that have `source_file`, by patient bucket and then in the given order."""
        names = (*table.column_names, *(column.name for column in PROVENANCE))
        patient = identifier(table.patient_column.name)
        return f"""
            SELECT {", ".join(identifier(name) for name in names)}
            FROM (
                SELECT *, (('0x' || left({patient}, 2))::UTINYINT % {PATIENT_BUCKETS})::UTINYINT AS patient_bucket,
                    {literal(self.delivery.delivery_id)} AS delivery_id,
                    DATE {literal(self.delivery.extract_date.isoformat())} AS extract_date,
                    {self.delivery.delivery_seq}::INTEGER AS delivery_seq,
                    TIMESTAMP {literal(self.landed_at.replace(tzinfo=None).isoformat())} AS landed_at
                FROM ({records})
            )
            ORDER BY patient_bucket, {order}
        """


@dataclass(frozen=True)
class Run:
    """A file of records of one contract table; all of one source file, or loose when `file_no` is None."""

    path: Path
    file_no: int | None
    n_rows: int

    def records(self, table: Table) -> str:
        """A select of the columns of the table of records."""
        columns = ", ".join([*_quoted(table.column_names), *_quoted(RECORD_COLUMNS), "file_no"])
        known = "*" if self.file_no is None else f"*, NULL::SMALLINT AS failure, {self.file_no} AS file_no"
        return f"SELECT {columns} FROM (SELECT {known} FROM read_parquet({literal(str(self.path))}))"


class RunWriter:
    """Empties the temporary tables of records into runs.

    Args:
        connection: has the scratch tables.
        folder: for the runs; it is made here.
        shape: of the lake rows.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path, shape: LakeShape) -> None:
        self._connection, self._folder, self._shape = connection, folder, shape
        self._written = 0
        folder.mkdir(mode=0o700)

    def make_room(self, file_no: int) -> None:
        """Writes runs until what is gathered fits into memory; `file_no` is the file that is being read."""
        gathered = {table.name: self._count(table, "true") for table in CONTRACT.values()}
        while sum(gathered.values()) >= GATHERED_ROWS:
            largest = max(gathered, key=lambda name: gathered[name])
            self._empty(CONTRACT[largest], file_no)
            gathered[largest] = 0

    def forget(self, table: Table, file_no: int) -> None:
        """Takes back all records of a file."""
        self._connection.execute(f"DELETE FROM {records_table(table)} WHERE file_no = {file_no}")
        for run in runs_of(self._connection, table):
            if run.file_no is None:
                self._gather_again(table, run, file_no)
            if run.file_no in (None, file_no):
                run.path.unlink()
                self._connection.execute("DELETE FROM runs WHERE path = ?", [str(run.path)])

    def finish(self) -> None:
        """Writes what is left."""
        for table in CONTRACT.values():
            self._write_loose(table, "true")

    def _count(self, table: Table, condition: str) -> int:
        row = self._connection.execute(f"SELECT count(*) FROM {records_table(table)} WHERE {condition}").fetchone()
        assert row is not None
        return int(row[0])

    def _gather_again(self, table: Table, run: Run, file_no: int) -> None:
        self._connection.execute(
            f"INSERT INTO {records_table(table)} BY NAME "
            f"SELECT * FROM ({run.records(table)}) WHERE file_no <> {file_no}"
        )

    def _empty(self, table: Table, file_no: int) -> None:
        is_good = f"failure IS NULL AND file_no = {file_no}"
        if self._count(table, is_good):
            records = f"SELECT * FROM {records_table(table)} JOIN source_files USING (file_no) WHERE {is_good}"
            self._write(table, self._shape.rows(table, records, IN_FILE), LAKE_FORMAT, file_no)
        self._write_loose(table, f"NOT ({is_good})")

    def _write_loose(self, table: Table, condition: str) -> None:
        if self._count(table, condition):
            kept = (
                f"CASE WHEN failure IS NULL THEN {column} END AS {column}" for column in _quoted(table.column_names)
            )
            columns = ", ".join([*kept, *_quoted(RECORD_COLUMNS), "file_no"])
            self._write(table, f"SELECT {columns} FROM {records_table(table)} WHERE {condition}", LOOSE_FORMAT, None)
        create_records_table(self._connection, table)

    def _write(self, table: Table, rows: str, how: str, file_no: int | None) -> None:
        self._written += 1
        path = self._folder / f"{table.name}-{self._written}.parquet"
        self._connection.execute(f"COPY ({rows}) TO {literal(str(path))} ({how})")
        n_rows = parquet.read_metadata(path).num_rows
        self._connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?)", [table.name, str(path), file_no, n_rows])


def _quoted(names: Iterable[str]) -> list[str]:
    return [identifier(name) for name in names]


def runs_of(connection: duckdb.DuckDBPyConnection, table: Table) -> list[Run]:
    """The runs of a contract table in the order in which they were written."""
    rows = connection.execute(
        "SELECT path, file_no, n_rows FROM runs WHERE table_name = ? ORDER BY rowid", [table.name]
    ).fetchall()
    return [Run(Path(path), file_no, n_rows) for path, file_no, n_rows in rows]


def open_runs(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables of records as views of their runs, on a connection that has none yet."""
    for table in CONTRACT.values():
        runs = runs_of(connection, table)
        if runs:
            records = " UNION ALL ".join(run.records(table) for run in runs)
            connection.execute(f"CREATE TEMP VIEW {records_table(table)} AS {records}")
        else:
            create_records_table(connection, table)
