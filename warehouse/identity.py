"""Who is who: a centre's recorded numbers and secrets, opened with its key."""

import os
import secrets
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from models.errors import ConfigError
from warehouse.config import LocatedCentre
from warehouse.engine import Progress, silent
from warehouse.home import Home
from warehouse.identity_file import Content, Header, identity_path, read_content, read_header, write_identity_file
from warehouse.keys import (
    CentreKey,
    find_key,
    key_file,
    key_in_environment,
    key_in_file,
    key_variable,
    new_key_variable,
    next_key_file,
    write_new_key,
)
from warehouse.manifest import IdentityMark, all_manifests
from warehouse.pseudonyms import NUMBERS, create_hashes, create_numbers

FILE_ID_BYTES = 8


@dataclass(frozen=True)
class Identity:
    """One centre's identity file, opened. Nothing of it is on the disk before `save`."""

    home: Home
    key: CentreKey
    header: Header
    content: Content

    def bind(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Makes the hashes and the recorded numbers known to a connection, which must not spill."""
        create_hashes(connection, patients=self.key.secret, records=self.content.record_secret)
        create_numbers(connection, self.content.numbers)

    def extended(self, met: pa.Table) -> "Identity":
        """With further numbers, rows of `NUMBERS`; itself when there are none and the file exists."""
        if not met.num_rows and self.header.generation:
            return self
        return self._changed(replace(self.content, numbers=pa.concat_tables([self.content.numbers, met])), self.key)

    def under(self, key: CentreKey) -> "Identity":
        """The same numbers and pseudonyms under another key."""
        return self._changed(self.content, key)

    def _changed(self, content: Content, key: CentreKey) -> "Identity":
        changes = {
            "generation": self.header.generation + 1,
            "numbers": content.numbers.num_rows,
            "key_fingerprint": key.fingerprint,
        }
        return Identity(self.home, key, self.header.model_copy(update=changes), content)

    def save(self) -> None:
        """Writes the identity file."""
        write_identity_file(identity_path(self.home, self.header.centre_id), self.header, self.content, self.key)


def open_identity(home: Home, centre_id: str, progress: Progress = silent) -> Identity:
    """The identity file of a centre; where nothing has landed yet, a new one, and a new key if there is none.

    Raises:
        ConfigError: key or identity file is gone, damaged, another or an older one, or others may read it.
    """
    mark = _last_mark(home, centre_id)
    path = identity_path(home, centre_id)
    if path.exists():
        header = read_header(path)
        key = _key_of(home, header)
        _refuse_other(home, header, mark)
        return Identity(home, key, header, read_content(path, key))
    if mark is not None:
        raise ConfigError(
            f"Centre {centre_id}: {path} is missing, but rows are in the lake: without it no later delivery can be "
            "landed, since every patient would become another. Published releases and the lake can still be read. "
            "Restore it from the backup. If it is lost for good, start a new home from the original deliveries."
        )
    return _new_identity(home, centre_id, progress)


def _new_identity(home: Home, centre_id: str, progress: Progress) -> Identity:
    key = find_key(home, centre_id)
    if key is None:
        key = write_new_key(key_file(home, centre_id))
        progress(f"Centre {centre_id}: made a new pseudonym key in {key.place}.")
    progress(
        f"Centre {centre_id}: back up its key and {identity_path(home, centre_id)}, apart from each other: "
        "without both of them no later delivery can be landed."
    )
    return fresh_identity(home, centre_id, key)


def fresh_identity(home: Home, centre_id: str, key: CentreKey) -> Identity:
    """An identity file without numbers, which is on no disk yet."""
    header = Header(
        centre_id=centre_id,
        file_id=secrets.token_hex(FILE_ID_BYTES),
        generation=0,
        numbers=0,
        key_fingerprint=key.fingerprint,
    )
    return Identity(home, key, header, Content(NUMBERS.empty_table(), key.derived(f"record numbers of {centre_id}")))


def _last_mark(home: Home, centre_id: str) -> IdentityMark | None:
    marks = [manifest.identity for manifest in all_manifests(home) if manifest.centre_id == centre_id]
    if None in marks:
        raise ConfigError(
            f"Centre {centre_id}: {home.lake} was landed by an oncomart that had no identity file yet. "
            "Start a new home from the original deliveries; the releases of this one can still be read."
        )
    return max((mark for mark in marks if mark is not None), key=lambda mark: mark.generation, default=None)


def _key_of(home: Home, header: Header) -> CentreKey:
    """The key that the identity file is encrypted under, be it one that is only just taking over."""
    centre_id = header.centre_id
    variable, path = key_variable(centre_id), identity_path(home, centre_id)
    key = find_key(home, centre_id)
    waiting = None if variable in os.environ else key_in_file(next_key_file(home, centre_id))
    for candidate in (key, waiting):
        if candidate is not None and candidate.fingerprint == header.key_fingerprint:
            return candidate
    if key is None:
        raise ConfigError(
            f"Centre {centre_id}: its key is neither in {variable} nor in {key_file(home, centre_id)}. Without it "
            "nothing can be landed and no number looked up; published releases and the lake can still be read. "
            "Restore the key from the backup. If it is lost for good, start a new home from the original deliveries: "
            "every patient gets a new pseudonym there."
        )
    fresh = key_in_environment(new_key_variable(centre_id))
    if fresh is not None and fresh.fingerprint == header.key_fingerprint:
        raise ConfigError(
            f"Centre {centre_id}: the key was changed already. Set {variable} to the value of "
            f"{new_key_variable(centre_id)}, and unset the latter."
        )
    raise ConfigError(
        f"Centre {centre_id}: the key in {key.place} is not the one that {path} is encrypted under. "
        "Restore the right key: after a rotation that is the new one."
    )


def _refuse_other(home: Home, header: Header, mark: IdentityMark | None) -> None:
    if mark is None:
        return
    path = identity_path(home, header.centre_id)
    if header.file_id != mark.file_id:
        raise ConfigError(
            f"Centre {header.centre_id}: {path} belongs to another home: the lake was landed with {mark.numbers} "
            "numbers that are recorded elsewhere. Restore this home's own identity file."
        )
    if header.generation < mark.generation:
        raise ConfigError(
            f"Centre {header.centre_id}: {path} is an older copy: it records {header.numbers} numbers, but the lake "
            f"was landed with {mark.numbers}. Restore the newest copy; with this one patients could become others."
        )


def pseudonyms_of(home: Home, centre: LocatedCentre, number: str) -> dict[str, str]:
    """Pseudonym of one number in each of the centre's systems of numbers that has it.

    Raises:
        ConfigError: nothing of the centre has landed here, or its key or identity file is gone or another one.
    """
    if _last_mark(home, centre.id) is None:
        raise ConfigError(f"Centre {centre.id}: nothing has landed under {home.root}, so no number has a pseudonym.")
    numbers = open_identity(home, centre.id).content.numbers
    found = numbers.filter(pc.field("number") == number.strip())
    return dict(zip(found["system"].to_pylist(), found["pseudonym"].to_pylist(), strict=True))
