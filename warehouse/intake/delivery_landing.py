"""Lands one delivery: reads its files, settles its records, and commits them as a batch."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from models.config import Settings
from warehouse.accounting import FileCount, PhraseGap, TableCount, ValueCount, check_accounts
from warehouse.config import LocatedCentre
from warehouse.engine import Progress, connect
from warehouse.files import remove_tree
from warehouse.home import Home
from warehouse.identity import Identity
from warehouse.intake.batch import NewBatch, Share
from warehouse.intake.compile import CompiledFeed, compile_mapping
from warehouse.intake.dates import create_date_macros
from warehouse.intake.deliveries import (
    Delivery,
    DeliveryFile,
    mapping_hash,
)
from warehouse.intake.intake_file import FileLanding
from warehouse.intake.lookups import Lookups
from warehouse.intake.messages import file_line, quarantine_warnings, unfed_warnings
from warehouse.intake.onboarding.drift import Seen, drift
from warehouse.intake.onboarding.profile import create_profile, value_counts
from warehouse.intake.orders import LandingOrders
from warehouse.intake.report import FileIntake, Status
from warehouse.intake.runs import RunWriter, open_runs
from warehouse.intake.scratch import create_scratch_tables
from warehouse.intake.worklist import create_worklist, worklist
from warehouse.lake import clear_uncommitted
from warehouse.manifest import Manifest
from warehouse.pseudonyms import new_numbers
from warehouse.sqltext import literal
from warehouse.version import code_version
from warehouse.vocabularies import vocabularies

NONE_REACHED: Mapping[str, str] = MappingProxyType({})


@dataclass
class CentreLanding:
    """What the deliveries of one landing share. `identity` grows with the numbers that each of them brings."""

    home: Home
    centre: LocatedCentre
    settings: Settings
    identity: Identity
    progress: Progress
    orders: LandingOrders

    def __post_init__(self) -> None:
        self.mapping_sha256 = mapping_hash(self.centre)
        self.feeds = [
            feed for mapping in self.centre.config.tables for feed in compile_mapping(mapping, self.centre.config)
        ]

    def feeds_of(self, source: str) -> list[CompiledFeed]:
        """All feeds that read a source."""
        return [feed for feed in self.feeds if feed.source == source]


class DeliveryLanding:
    """Lands one delivery from its files.

    Args:
        landing: of its centre.
        delivery: the delivery.
        files: its files.
        reading_id: of these files under the mapping.
        batches: the centre's batches that count.
        watermarks: where the next delivery of a database begins, by source.
        changes: sources of which only what changed is there, whatever the mapping says of a table.
    """

    def __init__(
        self,
        landing: CentreLanding,
        delivery: Delivery,
        files: tuple[DeliveryFile, ...],
        reading_id: str,
        batches: Sequence[Manifest],
        watermarks: Mapping[str, str] = NONE_REACHED,
        changes: frozenset[str] = frozenset(),
    ) -> None:
        self._landing, self._delivery, self._files = landing, delivery, files
        self._watermarks, self._batches, self._changes = watermarks, batches, changes
        self._full = frozenset(
            mapping.table
            for mapping in landing.centre.config.tables
            if mapping.delivery == "full" and not any(feed.source in changes for feed in mapping.feed)
        )
        self._home, self._centre = landing.home, landing.centre
        self._where = f"Centre {self._centre.id}, delivery {delivery.delivery_id}"
        self._others = [batch for batch in batches if batch.delivery_id != delivery.delivery_id]
        self._batch = NewBatch(
            self._home,
            landing.settings,
            landing.progress,
            self._centre.id,
            delivery,
            reading_id,
            batches,
            is_full=bool(self._full or changes),
            accepts_withdrawals=self._accepts_withdrawals(batches),
        )
        self._warnings: list[str] = []
        self._phrase_gaps: tuple[PhraseGap, ...] = ()
        self._values: tuple[ValueCount, ...] = ()
        self._identity = landing.identity

    def _accepts_withdrawals(self, batches: Sequence[Manifest]) -> bool:
        """The engineer's word, given now, or given before for the same files."""
        if self._delivery.delivery_id in self._landing.orders.accept_withdrawals:
            return True
        files = {(file.name, file.sha256) for file in self._files}
        return any(batch.accepts_withdrawals and files == batch.contents for batch in batches)

    def land(self) -> Manifest:
        """Reads, settles, writes, and last of all commits."""
        manifest = self._written()
        self._commit(manifest)
        return manifest

    def land_if_new(self) -> tuple[Manifest, Status]:
        """As `land`, but all or nothing: nothing when there are problems, or when the lake knows it all."""
        manifest = self._written()
        if manifest.problems:
            status = Status.REFUSED
        elif self._batches and not _says_something_new(manifest, self._batches[-1]):
            status = Status.UNCHANGED
        else:
            self._commit(manifest)
            return manifest, Status.LANDED
        clear_uncommitted(self._home)
        return manifest, status

    def _commit(self, manifest: Manifest) -> None:
        self._record_numbers()
        self._batch.commit(manifest)

    def _written(self) -> Manifest:
        """Reads, settles, writes; what it returns is not in the lake yet."""
        batch = self._batch
        batch.scratch.mkdir(mode=0o700)
        try:
            intakes = self._read_files()
            tables = self._settle_tables(intakes)
        finally:
            remove_tree(batch.scratch)
        counts = tuple(intake.count for intake in intakes)
        check_accounts(self._where, counts, tables)
        self._warn(tables)
        self._warn_of_drift(counts)
        problems = tuple(problem for intake in intakes for problem in intake.problems)
        return self._manifest(counts, tables, problems, intakes)

    def _read_files(self) -> list[FileIntake]:
        # Raw rows pass through this connection, so it must never spill to disk.
        connection = connect(self._batch.scratch / "records.duckdb", self._landing.settings)
        try:
            # Nothing tells DuckDB how large a chunk is: left to itself it would hash the chunk, not what is looked up.
            # A filter that a join hands down (a Bloom filter) is more than its reader of Arrow tables understands.
            connection.execute("SET disabled_optimizers = 'build_side_probe_side,join_filter_pushdown'")
            create_scratch_tables(connection)
            known = vocabularies(self._centre.config.phrases)
            create_worklist(connection, (known[name] for name in self._centre.config.vocabularies))
            create_date_macros(connection)
            create_profile(connection)
            self._identity.bind(connection)
            lookups = Lookups(connection, self._where, self._centre.config, self._landing.feeds)
            looked_up, warnings = lookups.load(self._files)
            self._warnings += warnings
            runs = RunWriter(connection, self._batch.scratch / "runs", self._batch.shape)
            intakes = []
            for file_no, file in enumerate(self._files, start=1):
                connection.execute("INSERT INTO source_files VALUES (?, ?)", [file_no, file.name])
                started = time.monotonic()
                source, feeds = self._centre.config.centre.source[file.source], self._landing.feeds_of(file.source)
                intake = (
                    looked_up.get(file)
                    or FileLanding(
                        connection, self._where, file, file_no, source, feeds, lookups.of(file.source), runs
                    ).land()
                )
                self._landing.progress(file_line(self._where, intake.count, time.monotonic() - started))
                intakes.append(intake)
            runs.finish()
            self._phrase_gaps = worklist(connection)
            self._values = value_counts(connection)
            self._identity = self._identity.extended(new_numbers(connection, self._delivery.delivery_id))
            return intakes
        finally:
            connection.close()

    def _settle_tables(self, intakes: Sequence[FileIntake]) -> tuple[TableCount, ...]:
        refused = frozenset(table for intake in intakes for table in intake.refused_tables)
        shares = [
            Share(
                mapping.table,
                is_full=mapping.table in self._full,
                is_complete=mapping.table not in refused,
                read_again=bool(self._changes),
            )
            for mapping in self._centre.config.tables
        ]
        scratch = self._batch.scratch
        connection = connect(scratch / "records.duckdb", self._landing.settings, spill=scratch / "spill")
        try:
            open_runs(connection)
            counts = self._batch.settle(connection, shares)
            if any(count.quarantined for count in counts):
                self._batch.quarantine.parent.mkdir(parents=True, exist_ok=True)
                rows = (
                    "SELECT * EXCLUDE (file_no) FROM quarantine "
                    "ORDER BY table_name, source_file, source_row, source_part"
                )
                target = literal(str(self._batch.quarantine))
                connection.execute(f"COPY ({rows}) TO {target} (FORMAT parquet, COMPRESSION zstd)")
        finally:
            connection.close()
        return counts

    def _warn(self, tables: Sequence[TableCount]) -> None:
        self._warnings += quarantine_warnings(self._where, tables, self._centre.config, self._files)
        self._warnings += unfed_warnings(self._where, self._centre.config, {file.source for file in self._files})
        files = {(file.name, file.sha256) for file in self._files}
        for batch in self._others:
            if batch.contents == files:
                self._warnings.append(
                    f"{self._where}: its files are those of delivery {batch.delivery_id}, byte for byte. "
                    "It counts as what the centre said on its own day; if it was sent twice by mistake, ask the centre."
                )

    def _warn_of_drift(self, files: tuple[FileCount, ...]) -> None:
        earlier = [batch for batch in self._others if batch.order < self._delivery.order]
        if earlier:
            now = Seen(self._delivery.delivery_id, files, self._values)
            self._warnings += drift(self._where, Seen.of(earlier[-1]), now)

    def _manifest(
        self,
        files: tuple[FileCount, ...],
        tables: tuple[TableCount, ...],
        problems: tuple[str, ...],
        intakes: Sequence[FileIntake],
    ) -> Manifest:
        batch = self._batch
        return Manifest(
            batch_id=batch.batch_id,
            centre_id=self._centre.id,
            delivery_id=self._delivery.delivery_id,
            extract_date=self._delivery.extract_date,
            delivery_seq=self._delivery.delivery_seq,
            landed_at=batch.landed_at,
            mapping_sha256=self._landing.mapping_sha256,
            code_version=code_version(),
            identity=self._identity.header.mark,
            reading_id=batch.reading_id,
            compared_with=batch.compared_with,
            accepts_withdrawals=batch.accepts_withdrawals,
            supersedes=batch.supersedes,
            files=files,
            tables=tables,
            phrase_gaps=self._phrase_gaps,
            watermarks=dict(self._watermarks),
            values=self._values,
            problems=problems,
            warnings=(*(warning for intake in intakes for warning in intake.warnings), *self._warnings),
        )

    def _record_numbers(self) -> None:
        """Puts the numbers on the disk before the manifest: a crash between leaves some that no batch needs."""
        if self._identity is not self._landing.identity:
            self._identity.save()
            self._landing.identity = self._identity


def _says_something_new(manifest: Manifest, last: Manifest) -> bool:
    """Whether a record landed or went, or others are in quarantine than in the last batch."""
    if any(table.landed or table.withdrawn for table in manifest.tables):
        return True
    return any(table.quarantined for table in manifest.tables) and _refusals(manifest) != _refusals(last)


def _refusals(manifest: Manifest) -> set[tuple[str, str, str, int]]:
    return {
        (table.table, count.column, count.reason, count.rows)
        for table in manifest.tables
        for count in table.quarantined
    }
