"""`oncomart releases`: list, show, rollback."""

import json
import sys
from pathlib import Path

from warehouse import Home, list_releases, rollback, show_release


def print_list(home: Path) -> int:
    """One line a release, newest first."""
    releases = list_releases(Home(home.resolve()))
    if not releases:
        sys.stdout.write(f"No release under {home}; `oncomart refresh --home {home}` makes the first.\n")
    for release in releases:
        mark = "*" if release.is_current else " "
        studies = ", ".join(sorted(release.record.get("studies", {})))
        sys.stdout.write(f"{mark} {release.release_id}  {studies}\n")
    return 0


def print_one(home: Path, release_id: str | None) -> int:
    """The record of one release as JSON, the protocols' texts left out."""
    release = show_release(Home(home.resolve()), release_id)
    record = {key: value for key, value in release.record.items() if key != "protocols"}
    sys.stdout.write(json.dumps(record, indent=2, ensure_ascii=False, default=str) + "\n")
    return 0


def go_back(home: Path, release_id: str | None) -> int:
    """Publish an earlier release again."""
    release = rollback(Home(home.resolve()), release_id)
    sys.stdout.write(f"Published again: {release.release_id}\n")
    return 0
