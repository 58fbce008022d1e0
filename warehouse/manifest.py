"""Manifests: a batch is in the lake when its manifest is, and not before."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from warehouse.accounting import FileCount, PhraseGap, TableCount, ValueCount
from warehouse.files import write_atomically
from warehouse.home import Home


class IdentityMark(BaseModel):
    """Which state of the centre's identity file a batch was landed with: an older copy is known by it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file_id: str
    generation: int
    numbers: int


class Manifest(BaseModel):
    """One landed delivery.

    `reading_id` is the same for the same files read by the same mapping. `compared_with` names the batches before it
    that its full tables were compared with: what landed are the differences from these. `accepts_withdrawals` is the
    engineer's word that its full tables are whole, however little they hold. `supersedes` names earlier batches of the
    same delivery that no longer count. `watermarks` tells, by source of a database, where its next delivery begins.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    batch_id: str
    centre_id: str
    delivery_id: str
    extract_date: date
    delivery_seq: int
    landed_at: datetime
    mapping_sha256: str
    code_version: str
    identity: IdentityMark | None = None
    reading_id: str
    compared_with: tuple[str, ...]
    accepts_withdrawals: bool = False
    supersedes: tuple[str, ...]
    files: tuple[FileCount, ...]
    tables: tuple[TableCount, ...]
    phrase_gaps: tuple[PhraseGap, ...] = ()
    watermarks: dict[str, str] = {}
    values: tuple[ValueCount, ...] = ()
    problems: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def order(self) -> tuple[date, str]:
        """The place of the delivery among those of its centre: the last word goes to the latest.

        Deliveries of one day are ordered by name; their numbers change when another of that day comes in between.
        """
        return self.extract_date, self.delivery_id

    @property
    def contents(self) -> frozenset[tuple[str, str]]:
        """Name and checksum of every file."""
        return frozenset((file.file, file.sha256) for file in self.files)


def write_manifest(home: Home, manifest: Manifest) -> None:
    """Commits a batch: its rows must be on the disk already."""
    folder = home.lake / "_manifest"
    folder.mkdir(mode=0o700, exist_ok=True)
    write_atomically(folder / f"{manifest.batch_id}.json", manifest.model_dump_json(indent=1))


def all_manifests(home: Home) -> tuple[Manifest, ...]:
    """Every committed batch, superseded ones too, in order of centre and delivery."""
    manifests = [Manifest.model_validate_json(path.read_bytes()) for path in (home.lake / "_manifest").glob("*.json")]
    return tuple(
        sorted(
            manifests, key=lambda manifest: (manifest.centre_id, manifest.order, manifest.landed_at, manifest.batch_id)
        )
    )


def committed_batches(home: Home, centre_ids: frozenset[str] | None = None) -> tuple[Manifest, ...]:
    """The batches that count, of the named centres or of all, in order of centre and delivery."""
    manifests = all_manifests(home)
    superseded = {batch_id for manifest in manifests for batch_id in manifest.supersedes}
    return tuple(
        manifest
        for manifest in manifests
        if manifest.batch_id not in superseded and (centre_ids is None or manifest.centre_id in centre_ids)
    )
