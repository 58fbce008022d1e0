"""Landing: every delivery of a centre that the lake does not have yet becomes a batch, oldest first."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from models.config import Settings
from models.contract import CONTRACT
from models.errors import BadInput, DeliveryError
from warehouse.accounting import FileCount, PhraseGap, TableCount, check_accounts
from warehouse.config import LocatedCentre
from warehouse.engine import Progress, connect, silent
from warehouse.files import fsync, fsync_tree, make_private, remove_tree
from warehouse.home import Home
from warehouse.identity import Identity, open_identity
from warehouse.intake.checks import Reason
from warehouse.intake.compile import CompiledFeed, compile_mapping
from warehouse.intake.dates import create_date_macros
from warehouse.intake.deliveries import Delivery, DeliveryFile, batch_id_of, find_deliveries, find_files, mapping_hash
from warehouse.intake.intake_file import FileLanding
from warehouse.intake.lookups import Lookups
from warehouse.intake.report import CentreReport, DeliveryReport, FileIntake, Status
from warehouse.intake.scratch import create_scratch_tables
from warehouse.intake.settle import TableSettling
from warehouse.intake.worklist import create_worklist, worklist
from warehouse.lake import batch_file, clear_uncommitted, quarantine_file, table_files
from warehouse.manifest import Manifest, committed_batches, write_manifest
from warehouse.pseudonyms import new_numbers
from warehouse.rotation import finish_rotation
from warehouse.sqltext import literal
from warehouse.version import code_version
from warehouse.vocabularies import vocabularies

_SAYS = {
    Reason.EMPTY: "have no value in {column}, which may not be empty",
    Reason.NOT_IN_MAP: "have a value in {column} that the mapping does not list",
    Reason.NOT_PERMITTED: "have a value in {column} that the contract does not permit",
    Reason.NOT_A_NUMBER: "have a {column} that is no number",
    Reason.OUT_OF_RANGE: "have a {column} out of range",
    Reason.NOT_A_DATE: "have a {column} that is in no form of date",
    Reason.IMPOSSIBLE_DATE: "have a {column} that the calendar does not have",
}


def land(home: Home, centre: LocatedCentre, settings: Settings, progress: Progress = silent) -> CentreReport:
    """Lands what a centre has delivered since the last time. The caller holds the home's lock.

    What cannot be landed is reported as a problem while the rest lands: a whole delivery when a required file is
    missing, a file when it cannot be read, a table of a file when a column is missing.

    Raises:
        ConfigError: the centre's key or identity file is gone or another.
        AccountingBroken: a row is unaccounted for; the delivery is not in the lake then.
    """
    home.ensure()
    removed = clear_uncommitted(home)
    warnings = [f"Centre {centre.id}: removed {len(removed)} leftovers of an interrupted refresh."] if removed else []
    identity = open_identity(home, centre.id, progress)
    finish_rotation(identity)
    try:
        deliveries, others = find_deliveries(centre)
    except DeliveryError as error:
        return CentreReport(centre.id, (), (str(error),), tuple(warnings))
    warnings += [
        f"Centre {centre.id}: folder {name} is no delivery; its name must begin with YYYY-MM-DD." for name in others
    ]
    landing = _CentreLanding(home, centre, settings, identity, progress)
    return CentreReport(centre.id, tuple(landing.land(delivery) for delivery in deliveries), (), tuple(warnings))


@dataclass
class _CentreLanding:
    home: Home
    centre: LocatedCentre
    settings: Settings
    identity: Identity
    progress: Progress

    def __post_init__(self) -> None:
        self.mapping_sha256 = mapping_hash(self.centre)
        self.feeds = [
            feed for mapping in self.centre.config.tables for feed in compile_mapping(mapping, self.centre.config)
        ]

    def land(self, delivery: Delivery) -> DeliveryReport:
        """One delivery, unless the lake has it."""
        try:
            files = find_files(self.centre, delivery)
        except BadInput as error:
            return DeliveryReport(delivery.delivery_id, delivery.extract_date, Status.REFUSED, problems=(str(error),))
        batch_id = batch_id_of(self.centre.id, delivery, files, self.mapping_sha256)
        batches = committed_batches(self.home, frozenset({self.centre.id}))
        for batch in batches:
            if batch.batch_id == batch_id:
                self.progress(f"{self.centre.id} {delivery.delivery_id}: in the lake already, nothing to land")
                return _report(delivery, batch, Status.UNCHANGED, 0.0)
        started = time.monotonic()
        manifest = _DeliveryLanding(self, delivery, files, batch_id, batches).land()
        return _report(delivery, manifest, Status.LANDED, time.monotonic() - started)

    def feeds_of(self, source: str) -> list[CompiledFeed]:
        """All feeds that read a source."""
        return [feed for feed in self.feeds if feed.source == source]


class _DeliveryLanding:
    def __init__(
        self,
        landing: _CentreLanding,
        delivery: Delivery,
        files: tuple[DeliveryFile, ...],
        batch_id: str,
        batches: Sequence[Manifest],
    ) -> None:
        self._landing, self._delivery, self._files, self._batch_id = landing, delivery, files, batch_id
        self._home, self._centre = landing.home, landing.centre
        self._where = f"Centre {self._centre.id}, delivery {delivery.delivery_id}"
        self._superseded = tuple(batch.batch_id for batch in batches if batch.delivery_id == delivery.delivery_id)
        counted = [batch for batch in batches if batch.batch_id not in self._superseded]
        self._earlier = [batch for batch in counted if batch.order < delivery.order]
        self._later = [batch for batch in counted if batch.order > delivery.order]
        self._scratch = self._home.work / f"landing-{batch_id}"
        self._landed_at = datetime.now(UTC)
        self._warnings: list[str] = []
        self._phrase_gaps: tuple[PhraseGap, ...] = ()
        self._identity = landing.identity

    def land(self) -> Manifest:
        """Reads, settles, writes, and last of all commits."""
        self._scratch.mkdir(mode=0o700)
        try:
            intakes = self._read_files()
            tables = self._settle_tables(intakes)
        finally:
            remove_tree(self._scratch)
        counts = tuple(intake.count for intake in intakes)
        check_accounts(self._where, counts, tables)
        self._warn(tables)
        manifest = self._manifest(
            counts, tables, tuple(problem for intake in intakes for problem in intake.problems), intakes
        )
        self._flush()
        self._record_numbers()
        write_manifest(self._home, manifest)
        return manifest

    def _read_files(self) -> list[FileIntake]:
        # Raw rows pass through this connection, so it must never spill to disk.
        connection = connect(self._scratch / "records.duckdb", self._landing.settings)
        try:
            create_scratch_tables(connection)
            known = vocabularies(self._centre.config.phrases)
            create_worklist(connection, (known[name] for name in self._centre.config.vocabularies))
            create_date_macros(connection)
            self._identity.bind(connection)
            lookups = Lookups(connection, self._where, self._centre.config, self._landing.feeds)
            looked_up, warnings = lookups.load(self._files)
            self._warnings += warnings
            intakes = []
            for file_no, file in enumerate(self._files, start=1):
                connection.execute("INSERT INTO source_files VALUES (?, ?)", [file_no, file.name])
                started = time.monotonic()
                source, feeds = self._centre.config.centre.source[file.source], self._landing.feeds_of(file.source)
                intake = (
                    looked_up.get(file)
                    or FileLanding(
                        connection, self._where, file, file_no, source, feeds, lookups.of(file.source)
                    ).land()
                )
                self._landing.progress(_file_line(self._where, intake.count, time.monotonic() - started))
                intakes.append(intake)
            self._phrase_gaps = worklist(connection)
            self._identity = self._identity.extended(new_numbers(connection, self._delivery.delivery_id))
            return intakes
        finally:
            connection.close()

    def _settle_tables(self, intakes: Sequence[FileIntake]) -> tuple[TableCount, ...]:
        refused = frozenset(table for intake in intakes for table in intake.refused_tables)
        connection = connect(self._scratch / "records.duckdb", self._landing.settings, spill=self._scratch / "spill")
        counts = []
        try:
            for mapping in self._centre.config.tables:
                settling = TableSettling(
                    connection=connection,
                    where=f"{self._where}, table {mapping.table}",
                    table=CONTRACT[mapping.table],
                    mapping=mapping,
                    delivery=self._delivery,
                    landed_at=self._landed_at,
                    earlier=table_files(self._home, mapping.table, self._earlier),
                    is_complete=mapping.table not in refused,
                )
                count = settling.settle(batch_file(self._home, mapping.table, self._centre.id, self._batch_id))
                self._warnings += settling.warnings
                self._landing.progress(_table_line(self._where, count))
                counts.append(count)
            if any(count.quarantined for count in counts):
                path = quarantine_file(self._home, self._centre.id, self._batch_id)
                path.parent.mkdir(parents=True, exist_ok=True)
                rows = (
                    "SELECT * EXCLUDE (file_no) FROM quarantine "
                    "ORDER BY table_name, source_file, source_row, source_part"
                )
                connection.execute(f"COPY ({rows}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")
        finally:
            connection.close()
        return tuple(counts)

    def _warn(self, tables: Sequence[TableCount]) -> None:
        for table in tables:
            for count in table.quarantined:
                says = _SAYS[Reason(count.reason)].format(column=count.column)
                self._warnings.append(
                    f"{self._where}, table {table.table}: {count.rows} records {says} ({count.check_id}), "
                    f"first in {count.file} row {count.row}. "
                    f"They are in quarantine; {table.landed} landed. Mend the mapping or the export."
                )
        if self._later:
            self._warnings.append(
                f"{self._where}: it came later than {len(self._later)} newer deliveries, "
                "whose differences were taken without it. "
                "A record that it changed and a newer delivery changed back keeps this delivery's word."
            )

    def _manifest(
        self,
        files: tuple[FileCount, ...],
        tables: tuple[TableCount, ...],
        problems: tuple[str, ...],
        intakes: Sequence[FileIntake],
    ) -> Manifest:
        return Manifest(
            batch_id=self._batch_id,
            centre_id=self._centre.id,
            delivery_id=self._delivery.delivery_id,
            extract_date=self._delivery.extract_date,
            delivery_seq=self._delivery.delivery_seq,
            landed_at=self._landed_at,
            mapping_sha256=self._landing.mapping_sha256,
            code_version=code_version(),
            identity=self._identity.header.mark,
            supersedes=self._superseded,
            files=files,
            tables=tables,
            phrase_gaps=self._phrase_gaps,
            problems=problems,
            warnings=(*(warning for intake in intakes for warning in intake.warnings), *self._warnings),
        )

    def _record_numbers(self) -> None:
        """Puts the numbers on the disk before the manifest: a crash between leaves some that no batch needs."""
        if self._identity is not self._landing.identity:
            self._identity.save()
            self._landing.identity = self._identity

    def _flush(self) -> None:
        """Brings every file of the batch to the disk before the manifest says that it is there."""
        paths = [batch_file(self._home, table, self._centre.id, self._batch_id) for table in CONTRACT]
        for path in [*paths, quarantine_file(self._home, self._centre.id, self._batch_id)]:
            if path.exists():
                make_private(path.parent)
                fsync_tree(path.parent)
                for folder in (path.parent.parent, path.parent.parent.parent):
                    folder.chmod(0o700)
                    fsync(folder)
        fsync(self._home.lake)


def _report(delivery: Delivery, manifest: Manifest, status: Status, seconds: float) -> DeliveryReport:
    return DeliveryReport(
        delivery_id=delivery.delivery_id,
        extract_date=delivery.extract_date,
        status=status,
        batch_id=manifest.batch_id,
        files=manifest.files,
        tables=manifest.tables,
        problems=manifest.problems,
        warnings=manifest.warnings,
        seconds=seconds,
    )


def _file_line(where: str, count: FileCount, seconds: float) -> str:
    if count.error is not None:
        return f"{where}: {count.file} refused"
    skipped, failed = sum(count.skipped.values()), sum(count.failed.values())
    return (
        f"{where}: {count.file} {count.read:,} rows read, {count.used:,} used, {skipped:,} skipped, "
        f"{failed:,} failed ({seconds:.1f} s)"
    )


def _table_line(where: str, count: TableCount) -> str:
    return (
        f"{where}: {count.table} {count.emitted:,} records, {count.landed:,} landed, "
        f"{count.rows_quarantined:,} quarantined, {count.duplicates:,} duplicates, {count.withdrawn:,} withdrawn"
    )
