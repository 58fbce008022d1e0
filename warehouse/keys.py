"""Pseudonyms: HMAC-SHA256 of (system of numbers, number) under a key of the centre, computed in SQL.

Source: RFC 2104. The key comes from the environment variable ONCOMART_KEY_<CENTRE> or from `<home>/keys/<centre>.key`.
"""

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from models.errors import ConfigError
from warehouse.engine import Progress
from warehouse.files import write_atomically
from warehouse.home import Home

BLOCK_BYTES = 64
PSEUDONYM_CHARACTERS = 24
SHORTEST_KEY_BYTES = 16

_MACROS = f"""
CREATE TEMP MACRO keyed_hash(system, value) AS
    left(
        sha256(getvariable('outer_pad')
            || unhex(sha256(getvariable('inner_pad') || encode(system || chr(31) || value)))),
        {PSEUDONYM_CHARACTERS}
    )
"""


@dataclass(frozen=True)
class CentreKey:
    """The secret of one centre; it is never printed."""

    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Tells two keys apart without telling either."""
        return hmac.digest(self.secret, b"oncomart key fingerprint", "sha256").hex()[:16]

    def bind(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Makes the SQL macro `keyed_hash(system, value)` on a connection; NULL stays NULL."""
        block = self.secret if len(self.secret) <= BLOCK_BYTES else hashlib.sha256(self.secret).digest()
        block = block.ljust(BLOCK_BYTES, b"\0")
        connection.execute("SET VARIABLE inner_pad = $1::BLOB", [bytes(byte ^ 0x36 for byte in block)])
        connection.execute("SET VARIABLE outer_pad = $1::BLOB", [bytes(byte ^ 0x5C for byte in block)])
        connection.execute(_MACROS)


def centre_key(home: Home, centre_id: str, fingerprint: str | None, progress: Progress) -> CentreKey:
    """The key of a centre, made and kept at first use.

    Args:
        home: data home.
        centre_id: whose key.
        fingerprint: of the key under which the centre's rows were landed before, None when there are none.
        progress: told where a new key was put.

    Raises:
        ConfigError: the key is gone, has changed, is too short, or others may read its file.
    """
    variable = f"ONCOMART_KEY_{centre_id.upper()}"
    path = home.keys / f"{centre_id}.key"
    if variable in os.environ:
        key = CentreKey(_decoded(os.environ[variable].strip(), variable))
    elif path.exists():
        key = CentreKey(_decoded(_read_guarded(path), str(path)))
    elif fingerprint is not None:
        raise ConfigError(
            f"Centre {centre_id}: rows are in the lake, but their key is neither in {variable} nor in {path}. "
            "Restore the key; with a new one every patient would become another."
        )
    else:
        key = _new_key(path)
        progress(
            f"Centre {centre_id}: made a new pseudonym key in {path}. "
            "Back it up: without it no later delivery can be landed."
        )
    if fingerprint is not None and key.fingerprint != fingerprint:
        raise ConfigError(
            f"Centre {centre_id}: the key in {variable if variable in os.environ else path} is not the one that "
            "the lake was landed with. Restore the old key; with this one every patient would become another."
        )
    return key


def _new_key(path: Path) -> CentreKey:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = secrets.token_hex(32)
    write_atomically(path, text)
    return CentreKey(bytes.fromhex(text))


def _read_guarded(path: Path) -> str:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise ConfigError(f"{path} has mode {mode:o}: others may read it. Run: chmod 600 {path}")
    return path.read_text("utf-8").strip()


def _decoded(text: str, where: str) -> bytes:
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = text.encode()
    if len(secret) < SHORTEST_KEY_BYTES:
        raise ConfigError(f"The key in {where} has {len(secret)} bytes; it needs at least {SHORTEST_KEY_BYTES}.")
    return secret
