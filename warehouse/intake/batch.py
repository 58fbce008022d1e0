"""A batch in the making: the records of one delivery, settled against the lake, brought to the disk, committed."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

import duckdb

from models.config import Settings
from models.contract import CONTRACT
from warehouse.accounting import TableCount
from warehouse.engine import Progress
from warehouse.files import fsync, fsync_tree, make_private
from warehouse.home import Home
from warehouse.intake.deliveries import Delivery
from warehouse.intake.messages import table_line
from warehouse.intake.runs import LakeShape
from warehouse.intake.settle import TableSettling
from warehouse.lake import batch_folder, empty_superseded_quarantine, quarantine_file, table_files, unlanded_file
from warehouse.manifest import Manifest, write_manifest


@dataclass(frozen=True)
class Share:
    """What a delivery is for one contract table: all of it or changes, and whether every file of it could be read.

    Changes that are `read_again` hold what the lake has already: rows that were read before, because a watermark is
    not sharp.
    """

    table: str
    is_full: bool
    is_complete: bool
    read_again: bool = False


class NewBatch:
    """The batch that a delivery becomes, now or again.

    Args:
        home: data home.
        settings: limits of this machine.
        progress: told the counts of each table.
        centre_id: the centre.
        delivery: the delivery.
        reading_id: of its files and mapping.
        batches: the centre's batches that count, among them those that this one will supersede.
        is_full: whether any of its tables is full, so that it depends on what came before.
        accepts_withdrawals: whether its full tables are whole, however little they hold.
    """

    def __init__(
        self,
        home: Home,
        settings: Settings,
        progress: Progress,
        centre_id: str,
        delivery: Delivery,
        reading_id: str,
        batches: Sequence[Manifest],
        *,
        is_full: bool,
        accepts_withdrawals: bool,
    ) -> None:
        self.home, self.settings, self.progress = home, settings, progress
        self.centre_id, self.delivery, self.reading_id = centre_id, delivery, reading_id
        self.accepts_withdrawals = accepts_withdrawals
        self.supersedes = tuple(batch.batch_id for batch in batches if batch.delivery_id == delivery.delivery_id)
        self._earlier = batches_before(delivery, batches) if is_full else ()
        self.compared_with = tuple(batch.batch_id for batch in self._earlier)
        self.batch_id = _batch_id(reading_id, delivery, self.compared_with, self.supersedes)
        self.landed_at = datetime.now(UTC)
        self.where = f"Centre {centre_id}, delivery {delivery.delivery_id}"

    @property
    def scratch(self) -> Path:
        """Folder of the scratch database, which the caller makes and removes."""
        return self.home.work / f"landing-{self.batch_id}"

    @property
    def shape(self) -> LakeShape:
        """What the batch says of all of its rows."""
        return LakeShape(self.delivery, self.landed_at)

    def settle(self, connection: duckdb.DuckDBPyConnection, shares: Iterable[Share]) -> tuple[TableCount, ...]:
        """Writes the lake files of the records in the scratch tables of a connection that may spill."""
        counts = []
        for share in shares:
            settling = TableSettling(
                connection=connection,
                table=CONTRACT[share.table],
                shape=self.shape,
                is_full=share.is_full,
                read_again=share.read_again,
                is_complete=share.is_complete,
                accepts_withdrawals=self.accepts_withdrawals,
                earlier=table_files(self.home, share.table, self._earlier),
            )
            place = (self.home, share.table, self.centre_id, self.batch_id)
            count = settling.settle(batch_folder(*place), unlanded_file(*place))
            self.progress(table_line(self.where, count))
            counts.append(count)
        return tuple(counts)

    @property
    def quarantine(self) -> Path:
        """The file of its failed records."""
        return quarantine_file(self.home, self.centre_id, self.batch_id)

    def commit(self, manifest: Manifest) -> None:
        """Brings every file of the batch to the disk, then the manifest, which says that they are there."""
        places = [(self.home, table, self.centre_id, self.batch_id) for table in CONTRACT]
        folders = [folder for place in places for folder in (batch_folder(*place), unlanded_file(*place).parent)]
        for folder in [*folders, self.quarantine.parent]:
            if folder.exists():
                make_private(folder)
                fsync_tree(folder)
                for parent in takewhile(lambda parent: parent != self.home.root, folder.parents):
                    parent.chmod(0o700)
                    fsync(parent)
        write_manifest(self.home, manifest)
        empty_superseded_quarantine(self.home)


def batches_before(delivery: Delivery, batches: Iterable[Manifest]) -> tuple[Manifest, ...]:
    """The batches, of those that count, that a full delivery is compared with."""
    others = (batch for batch in batches if batch.delivery_id != delivery.delivery_id)
    return tuple(batch for batch in others if batch.order < delivery.order)


def _batch_id(reading_id: str, delivery: Delivery, compared_with: Iterable[str], supersedes: Iterable[str]) -> str:
    parts = [reading_id, str(delivery.delivery_seq), *compared_with, "supersedes", *supersedes]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
