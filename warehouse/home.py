"""The data home: where lake, quarantine, releases and keys live, and the lock that one refresh holds."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.errors import HomeBusy

PRIVATE_FOLDER = 0o700
PUBLISHED_FOLDER = 0o755


@dataclass(frozen=True)
class Home:
    """A data home. Everything but `releases` is readable by its owner only."""

    root: Path

    @property
    def lake(self) -> Path:
        """Landed rows: `<table>/centre_id=…/batch_id=…/part-<n>.parquet` and `_manifest/`."""
        return self.root / "lake"

    @property
    def quarantine(self) -> Path:
        """Rows that failed the contract: `centre_id=…/batch_id=…/part-0.parquet`."""
        return self.root / "quarantine"

    @property
    def releases(self) -> Path:
        """One folder a release; `.building-<id>` is a draft."""
        return self.root / "releases"

    @property
    def records(self) -> Path:
        """What releases that were removed were made of, one folder a release: they can be built again."""
        return self.root / "records"

    @property
    def state(self) -> Path:
        """State of the orchestrator."""
        return self.root / "state"

    @property
    def keys(self) -> Path:
        """Pseudonym keys, one file a centre, mode 600."""
        return self.root / "keys"

    @property
    def identity(self) -> Path:
        """Which pseudonym each patient's number was given: one encrypted file a centre, mode 600."""
        return self.root / "identity"

    @property
    def work(self) -> Path:
        """Scratch of a running refresh; empty between two."""
        return self.root / "work"

    @property
    def current(self) -> Path:
        """Link to the published release."""
        return self.root / "current"

    def ensure(self) -> None:
        """Makes the folders that are missing."""
        for folder, mode in (
            (self.root, PUBLISHED_FOLDER),
            (self.releases, PUBLISHED_FOLDER),
            (self.lake, PRIVATE_FOLDER),
            (self.quarantine, PRIVATE_FOLDER),
            (self.records, PRIVATE_FOLDER),
            (self.state, PRIVATE_FOLDER),
            (self.keys, PRIVATE_FOLDER),
            (self.identity, PRIVATE_FOLDER),
            (self.work, PRIVATE_FOLDER),
        ):
            if not folder.is_dir():
                folder.mkdir(parents=True)
                folder.chmod(mode)


@contextmanager
def home_lock(home: Home) -> Iterator[None]:
    """Holds the home for one refresh. The system frees the lock when its process ends, however it ends.

    Raises:
        HomeBusy: another process holds it; the message names its number and when it started.
    """
    home.ensure()
    descriptor = os.open(home.root / "refresh.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HomeBusy(
                f"{home.root} is held by another refresh ({_holder(descriptor)}). Wait for it, or end it."
            ) from None
        holder = {"pid": os.getpid(), "started": datetime.now(UTC).isoformat(timespec="seconds")}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        return f"process {holder['pid']}, started {holder['started']}"
    except (ValueError, KeyError, TypeError):
        return "it has only just started"
