"""An earlier release built again from what it recorded: batches, protocols, tolerances and the centres' configuration.

The lake keeps every batch, superseded ones too, so the input is exactly that of then. The code is that of now.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.config import Settings
from models.errors import ReleaseNotFound
from models.mapping import CentreConfig
from warehouse.config import LocatedCentre
from warehouse.files import fsync
from warehouse.home import Home
from warehouse.manifest import all_manifests
from warehouse.release import RECORD_FILES, ReleaseDraft, list_releases, make_empty
from warehouse.version import code_version, package_versions


@dataclass(frozen=True)
class Recorded:
    """What a release was made of; `is_there` tells whether the release itself still is."""

    release_id: str
    record: Mapping[str, Any]
    centres: tuple[LocatedCentre, ...]
    is_there: bool


def recorded_release(home: Home, release_id: str) -> Recorded:
    """The record of a release, removed ones included.

    Raises:
        ReleaseNotFound: there is none of that id, or it was made before centres were recorded.
    """
    removed = {folder.name: folder for folder in home.records.glob("*/")}
    there = {release.release_id: release.folder for release in list_releases(home)}
    folder = (removed | there).get(release_id)
    if folder is None or not all((folder / name).is_file() for name in RECORD_FILES):
        known = ", ".join(sorted(removed.keys() | there.keys(), reverse=True)) or "none"
        raise ReleaseNotFound(f"No record of a release {release_id} under {home.root}; there are: {known}.")
    record, centres = (json.loads((folder / name).read_text("utf-8")) for name in RECORD_FILES)
    configs = (CentreConfig.model_validate(config) for config in centres)
    located = tuple(LocatedCentre(config, folder, Path(config.centre.deliveries.path)) for config in configs)
    return Recorded(release_id, record, located, release_id in there)


def reopen_release(home: Home, recorded: Recorded, settings: Settings) -> ReleaseDraft:
    """Opens a draft over exactly the batches of an earlier release. The caller holds the home's lock.

    Raises:
        ReleaseNotFound: a batch is no longer in the lake.
    """
    wanted = {delivery["batch_id"] for delivery in recorded.record["deliveries"]}
    batches = tuple(batch for batch in all_manifests(home) if batch.batch_id in wanted)
    missing = wanted - {batch.batch_id for batch in batches}
    if missing:
        raise ReleaseNotFound(
            f"Release {recorded.release_id} cannot be built again: of its {len(wanted)} batches {len(missing)} are no "
            f"longer in {home.lake}. Restore the lake from a backup."
        )
    record = recorded.record
    draft = ReleaseDraft(
        home,
        recorded.release_id,
        record["inputs_hash"],
        recorded.centres,
        batches,
        record["protocols"],
        tuple(tuple(row) for row in record["tolerances"]),
    )
    make_empty(draft, settings)
    return draft


def other_code(record: Mapping[str, Any]) -> tuple[str, ...]:
    """How the code of now is not that which made a release."""
    now = {"oncomart": code_version(), **package_versions()}
    then = {"oncomart": record["code_version"], **record["packages"]}
    return tuple(
        f"{name} was {then.get(name, 'absent')}, is {now.get(name, 'absent')}"
        for name in sorted(then.keys() | now.keys())
        if then.get(name) != now.get(name)
    )


def other_content(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Tables of two records whose content is not the same."""
    before, after = then["tables"], now["tables"]
    lines = []
    for table in sorted(before.keys() | after.keys()):
        if table not in after:
            lines.append(f"{table} is missing; it had {before[table]['rows']:,} rows")
        elif table not in before:
            lines.append(f"{table} is new, with {after[table]['rows']:,} rows")
        elif before[table]["content_hash"] != after[table]["content_hash"]:
            lines.append(
                f"{table} has other content; {before[table]['rows']:,} rows then, {after[table]['rows']:,} now"
            )
    return tuple(lines)


def restore_release(draft: ReleaseDraft) -> None:
    """Gives a sealed draft of a removed release its place again; `current` stays where it is."""
    draft.folder.rename(draft.home.releases / draft.release_id)
    fsync(draft.home.releases)
