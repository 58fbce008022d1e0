"""Takes the differences of a delivery again without its files: what it said stands in the lake.

A full delivery landed its differences from the batches of `compared_with`. After these and its own rows, the lake says
exactly what it said, apart from keys of which it said nothing or nothing new; those were written down as `unlanded`.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from models.config import Settings
from models.contract import CONTRACT
from warehouse.accounting import TableCount
from warehouse.engine import Progress, connect
from warehouse.files import remove_tree
from warehouse.home import Home
from warehouse.intake.batch import NewBatch, Share, batches_before
from warehouse.intake.deliveries import Delivery
from warehouse.intake.scratch import create_scratch_tables, records_table
from warehouse.lake import LAST_WORD_ORDER, batch_files, quarantine_file, table_files, unlanded_file, versions_sql
from warehouse.manifest import Manifest, all_manifests
from warehouse.sqltext import identifier, literal
from warehouse.version import code_version

NO_KEYS = "SELECT NULL::VARCHAR AS row_key, NULL::VARCHAR AS why WHERE false"


def is_as_compared(landed: Manifest, delivery: Delivery, batches: Sequence[Manifest]) -> bool:
    """Whether a batch holds the differences from what is before it now, under the delivery's place of now."""
    before = batches_before(delivery, batches) if _is_full(landed) else ()
    return (landed.extract_date, landed.delivery_seq, set(landed.compared_with)) == (
        delivery.extract_date,
        delivery.delivery_seq,
        {batch.batch_id for batch in before},
    )


def compare_again(
    home: Home,
    settings: Settings,
    progress: Progress,
    delivery: Delivery,
    landed: Manifest,
    batches: Sequence[Manifest],
    *,
    accepts_withdrawals: bool,
) -> Manifest:
    """Supersedes a batch by one that holds the differences from what is before the delivery now.

    Args:
        home: data home, whose lock the caller holds.
        settings: limits of this machine.
        progress: told each step.
        delivery: the delivery, with its place of now.
        landed: its batch.
        batches: the centre's batches that count.
        accepts_withdrawals: whether its full tables are whole, however little they hold.
    """
    batch = NewBatch(
        home,
        settings,
        progress,
        landed.centre_id,
        delivery,
        landed.reading_id,
        batches,
        is_full=_is_full(landed),
        accepts_withdrawals=accepts_withdrawals,
    )
    progress(f"{batch.where}: compared again with the deliveries before it")
    batch.scratch.mkdir(mode=0o700)
    try:
        connection = connect(batch.scratch / "records.duckdb", settings, spill=batch.scratch / "spill")
        try:
            create_scratch_tables(connection)
            recall = _Recall(connection, home, landed)
            for count in landed.tables:
                recall.fill(count)
            shares = [Share(count.table, count.is_full, count.is_complete) for count in landed.tables]
            settled = batch.settle(connection, shares)
        finally:
            connection.close()
    finally:
        remove_tree(batch.scratch)
    quarantined = quarantine_file(home, landed.centre_id, landed.batch_id)
    if quarantined.exists():
        batch.quarantine.parent.mkdir(parents=True)
        shutil.copyfile(quarantined, batch.quarantine)
    tables = tuple(_counted(said, now) for said, now in zip(landed.tables, settled, strict=True))
    manifest = landed.model_copy(
        update={
            "batch_id": batch.batch_id,
            "extract_date": delivery.extract_date,
            "delivery_seq": delivery.delivery_seq,
            "landed_at": batch.landed_at,
            "code_version": code_version(),
            "compared_with": batch.compared_with,
            "accepts_withdrawals": accepts_withdrawals,
            "supersedes": batch.supersedes,
            "tables": tables,
        }
    )
    batch.commit(manifest)
    return manifest


def _is_full(landed: Manifest) -> bool:
    return any(count.is_full for count in landed.tables)


def _counted(said: TableCount, now: TableCount) -> TableCount:
    """What was read stays; what of it landed was counted now."""
    duplicates = said.emitted - said.rows_quarantined - now.landed
    return now.model_copy(update={"emitted": said.emitted, "quarantined": said.quarantined, "duplicates": duplicates})


@dataclass
class _Recall:
    """Fills the scratch tables with what a delivery said.

    A row of an earlier delivery that this one repeated keeps its place there: file `../<delivery>/<file>`, seen from
    this delivery's folder.
    """

    connection: duckdb.DuckDBPyConnection
    home: Home
    landed: Manifest

    def __post_init__(self) -> None:
        self._before = [batch for batch in all_manifests(self.home) if batch.batch_id in self.landed.compared_with]

    def fill(self, count: TableCount) -> None:
        """One contract table."""
        records = records_table(CONTRACT[count.table])
        content = ", ".join(identifier(name) for name in CONTRACT[count.table].column_names)
        columns = f"{content}, is_withdrawn, source_row, source_part, row_key, row_hash"
        said = self._said(count, columns)
        unlanded = self._unlanded(count.table)
        if said is not None:
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE said AS {said}")
            self.connection.execute(
                """
                INSERT INTO source_files
                SELECT (SELECT count(*) FROM source_files) + row_number() OVER (ORDER BY said_in), said_in
                FROM (SELECT DISTINCT said_in FROM said)
                WHERE said_in NOT IN (SELECT source_file FROM source_files)
                """
            )
            self.connection.execute(
                f"INSERT INTO {records} ({columns}, file_no) "
                f"SELECT {columns}, file_no FROM said JOIN source_files ON said_in = source_file"
            )
        self.connection.execute(
            f"INSERT INTO {records} (row_key, is_withdrawn, failure) "
            f"SELECT row_key, false, 1 FROM ({unlanded}) WHERE why = 'QUARANTINED'"
        )

    def _unlanded(self, table: str) -> str:
        path = unlanded_file(self.home, table, self.landed.centre_id, self.landed.batch_id)
        return f"SELECT row_key, why FROM read_parquet({literal(str(path))})" if path.exists() else NO_KEYS

    def _said(self, count: TableCount, columns: str) -> str | None:
        """A select of `columns` and `said_in`, None when nothing was said."""
        own_files = batch_files(self.home, count.table, self.landed.centre_id, self.landed.batch_id)
        before = table_files(self.home, count.table, self._before) if count.is_full else []
        parts = []
        if own_files:
            parts.append(
                f"SELECT {columns}, source_file AS said_in FROM ({versions_sql(own_files)}) "
                "WHERE NOT (is_withdrawn AND source_file IS NULL)"
            )
        if before:
            parts.append(
                f"""
                SELECT {columns}, CASE WHEN starts_with(source_file, '../') THEN source_file
                    ELSE concat_ws('/', '..', delivery_id, source_file) END AS said_in
                FROM ({versions_sql(before)}) AS version
                SEMI JOIN (
                    SELECT row_key, max({LAST_WORD_ORDER}) AS place FROM ({versions_sql([*before, *own_files])})
                    GROUP BY row_key
                ) AS last_word ON version.row_key = last_word.row_key AND {LAST_WORD_ORDER} = last_word.place
                LEFT JOIN ({self._unlanded(count.table)}) AS unlanded USING (row_key)
                WHERE CASE WHEN is_withdrawn THEN why = 'WITHDRAWN' ELSE why IS NULL END
                """
            )
        return " UNION ALL ".join(parts) or None
