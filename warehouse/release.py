"""Releases: built beside the current one, published in one atomic step, kept, rolled back, removed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from models.config import Settings
from models.errors import ReleaseNotFound
from models.protocol_tables import RowTable
from warehouse.bind import bind_lake
from warehouse.config import LocatedCentre
from warehouse.engine import Progress, connect, silent
from warehouse.files import PRIVATE_FILE, fsync, remove_tree, write_atomically
from warehouse.home import PRIVATE_FOLDER, Home
from warehouse.lake import clear_uncommitted
from warehouse.manifest import Manifest, committed_batches
from warehouse.sqltext import literal
from warehouse.version import code_version, package_versions

DRAFT_PREFIX = ".building-"
RECORD_FILES = ("release.json", "centres.json")
"""What a release was made of: deliveries, protocols, code and content hashes; the configuration of every centre."""

PUBLISHED_SCHEMAS = ("marts", "adam", "quality", "meta", "omop", "results")


@dataclass(frozen=True)
class ReleaseDraft:
    """A release being built. `inputs_hash` is the same for the same deliveries, protocols, code and packages.

    `tolerances` are those that the configuration sets: check, centre (None: all) and percentage; they are inputs, too.
    """

    home: Home
    release_id: str
    inputs_hash: str
    centres: tuple[LocatedCentre, ...]
    batches: tuple[Manifest, ...]
    protocols: Mapping[str, str]
    tolerances: tuple[tuple[str | None, ...], ...] = ()

    @property
    def folder(self) -> Path:
        """Where it is built."""
        return self.home.releases / f"{DRAFT_PREFIX}{self.release_id}"

    @property
    def build_path(self) -> Path:
        """Database of staging and intermediate; its owner's alone for good."""
        return self.folder / "build.duckdb"

    @property
    def warehouse_path(self) -> Path:
        """Database that analysts will read."""
        return self.folder / "warehouse.duckdb"

    @property
    def report(self) -> Path:
        """Folder of the reports, one below it a study."""
        return self.folder / "report"

    @property
    def work(self) -> Path:
        """Scratch of the build; sealing removes it."""
        return self.folder / "work"


@dataclass(frozen=True)
class ReleaseRecord:
    """A published release; `record` is its release.json."""

    release_id: str
    folder: Path
    is_current: bool
    record: Mapping[str, Any]


def start_release(
    home: Home,
    centres: Sequence[LocatedCentre],
    settings: Settings,
    protocols: Mapping[str, str],
    tolerances: RowTable | None = None,
) -> ReleaseDraft:
    """Opens a draft over every committed batch of the named centres.

    Args:
        home: data home, whose lock the caller holds.
        centres: the pool.
        settings: limits of this machine.
        protocols: text of each study's protocol by the study's id.
        tolerances: those that the configuration sets; another choice makes another release.
    """
    home.ensure()
    batches = committed_batches(home, frozenset(centre.id for centre in centres))
    chosen = (
        tuple(tuple(None if value is None else str(value) for value in row) for row in tolerances.rows)
        if tolerances
        else ()
    )
    inputs: dict[str, object] = {
        "batches": [batch.batch_id for batch in batches],
        "protocols": dict(protocols),
        "code": code_version(),
        "packages": package_versions(),
    }
    if chosen:
        inputs["tolerances"] = chosen
    inputs_hash = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
    release_id = _free_id(home, inputs_hash)
    draft = ReleaseDraft(home, release_id, inputs_hash, tuple(centres), batches, dict(protocols), chosen)
    make_empty(draft, settings)
    return draft


def make_empty(draft: ReleaseDraft, settings: Settings) -> None:
    """Makes the folders and the empty databases of a draft."""
    for folder in (draft.folder, draft.report, draft.work):
        folder.mkdir(mode=PRIVATE_FOLDER)
    for path in (draft.build_path, draft.warehouse_path):
        connect(path, settings).close()
        path.chmod(PRIVATE_FILE)
    with connect(draft.warehouse_path, settings) as connection:
        for schema in PUBLISHED_SCHEMAS:
            connection.execute(f"CREATE SCHEMA {schema}")


def bind(draft: ReleaseDraft, progress: Progress = silent) -> None:
    """Makes schema `lake` in the draft's build database."""
    with duckdb.connect(str(draft.build_path)) as connection:
        bind_lake(connection, draft.home, draft.centres, draft.batches, progress)


def connect_build(draft: ReleaseDraft, settings: Settings) -> duckdb.DuckDBPyConnection:
    """The build database with the warehouse attached as `warehouse`. Close it before dbt opens the same files."""
    connection = connect(draft.build_path, settings, spill=draft.work / "spill")
    connection.execute(f"ATTACH {literal(str(draft.warehouse_path))} AS warehouse")
    return connection


def connect_warehouse(draft: ReleaseDraft, settings: Settings) -> duckdb.DuckDBPyConnection:
    """The draft's warehouse, read-only."""
    return connect(draft.warehouse_path, settings, spill=draft.work / "spill", read_only=True)


def discard(draft: ReleaseDraft) -> None:
    """Removes a draft that is not to be published."""
    remove_tree(draft.folder)


def publish(home: Home, draft: ReleaseDraft) -> Path:
    """Gives a sealed draft its name and moves `current` to it in one atomic step; readers of the old one stay on it."""
    folder = home.releases / draft.release_id
    draft.folder.rename(folder)
    fsync(home.releases)
    _point_current(home, draft.release_id)
    return folder


def list_releases(home: Home) -> tuple[ReleaseRecord, ...]:
    """Published releases, newest first."""
    current = _current_id(home)
    folders = sorted((path for path in home.releases.glob("[!.]*/") if (path / "release.json").is_file()), reverse=True)
    return tuple(
        ReleaseRecord(path.name, path, path.name == current, json.loads((path / "release.json").read_text("utf-8")))
        for path in folders
    )


def show_release(home: Home, release_id: str | None = None) -> ReleaseRecord:
    """One release, the current one when none is named.

    Raises:
        ReleaseNotFound: there is no such release.
    """
    releases = list_releases(home)
    wanted = release_id or _current_id(home)
    for release in releases:
        if release.release_id == wanted:
            return release
    if wanted is None:
        raise ReleaseNotFound(f"Nothing is published under {home.root}. Run a refresh first.")
    there = ", ".join(release.release_id for release in releases) or "none"
    raise ReleaseNotFound(f"There is no release {wanted} under {home.root}; there are: {there}.")


def rollback(home: Home, release_id: str | None = None) -> ReleaseRecord:
    """Moves `current` to the named release, or to the one before the current. The caller holds the home's lock.

    Raises:
        ReleaseNotFound: there is no such release, or none before.
    """
    if release_id is None:
        current = show_release(home).release_id
        earlier = [release for release in list_releases(home) if release.release_id < current]
        if not earlier:
            raise ReleaseNotFound(f"There is no release before {current} under {home.root}.")
        release_id = earlier[0].release_id
    target = show_release(home, release_id)
    _point_current(home, target.release_id)
    return show_release(home, release_id)


def remove_old(home: Home, keep: int) -> tuple[str, ...]:
    """Removes all but the newest `keep` releases, never the current one; returns what was removed.

    What they were made of stays under `records`, so that they can be built again.
    """
    removed = [release for release in list_releases(home)[keep:] if not release.is_current]
    for release in removed:
        record = home.records / release.release_id
        record.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        for name in RECORD_FILES:
            write_atomically(record / name, (release.folder / name).read_bytes())
        fsync(home.records)
        remove_tree(release.folder)
    return tuple(release.release_id for release in removed)


def clean_leftovers(home: Home) -> tuple[str, ...]:
    """Removes drafts, batches without a manifest and scratch of interrupted refreshes. The caller holds the lock."""
    drafts = list(home.releases.glob(f"{DRAFT_PREFIX}*"))
    for draft in drafts:
        remove_tree(draft)
    return (*(str(draft.relative_to(home.root)) for draft in drafts), *clear_uncommitted(home))


def open_release(
    home: Home, release_id: str | None = None, settings: Settings | None = None
) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a published warehouse; it stays on that release whatever is published later.

    Raises:
        ReleaseNotFound: there is no such release.
    """
    return connect(
        show_release(home, release_id).folder.resolve() / "warehouse.duckdb", settings or Settings(), read_only=True
    )


def _free_id(home: Home, inputs_hash: str) -> str:
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{inputs_hash[:8]}"
    taken = {path.name.removeprefix(DRAFT_PREFIX) for path in home.releases.iterdir()}
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(name for name in numbered if name not in taken)


def _current_id(home: Home) -> str | None:
    return home.current.readlink().name if home.current.is_symlink() else None


def _point_current(home: Home, release_id: str) -> None:
    link = home.root / ".current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / release_id)
    link.replace(home.current)
    fsync(home.root)
