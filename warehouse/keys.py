"""The secret of each centre: from the environment variable ONCOMART_KEY_<CENTRE>, or from `<home>/keys/<centre>.key`.

A key file has mode 600. While a key is being changed, the one to come waits in `<centre>.key.next` (see `rotation`).
"""

import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.errors import ConfigError
from warehouse.files import write_atomically
from warehouse.home import PRIVATE_FOLDER, Home

SHORTEST_KEY_BYTES = 16
DERIVED_BYTES = 32


@dataclass(frozen=True)
class CentreKey:
    """The secret of one centre, which is never printed; `place` is the variable or file that holds it."""

    secret: bytes = field(repr=False)
    place: str = field(compare=False)

    @property
    def fingerprint(self) -> str:
        """Tells two keys apart without telling either."""
        return hmac.digest(self.secret, b"oncomart key fingerprint", "sha256").hex()[:16]

    def derived(self, purpose: str) -> bytes:
        """A secret of its own for one purpose (HKDF-SHA256, RFC 5869); it does not tell the key."""
        return HKDF(SHA256(), DERIVED_BYTES, salt=None, info=f"oncomart {purpose}".encode()).derive(self.secret)


def key_variable(centre_id: str) -> str:
    """Name of the environment variable that may hold a centre's key."""
    return f"ONCOMART_KEY_{centre_id.upper()}"


def new_key_variable(centre_id: str) -> str:
    """Name of the environment variable that may hold the key to come."""
    return f"ONCOMART_NEW_KEY_{centre_id.upper()}"


def key_file(home: Home, centre_id: str) -> Path:
    """The file that holds a centre's key where the environment does not."""
    return home.keys / f"{centre_id}.key"


def next_key_file(home: Home, centre_id: str) -> Path:
    """The file in which the key to come waits until the identity file is encrypted under it."""
    return home.keys / f"{centre_id}.key.next"


def find_key(home: Home, centre_id: str) -> CentreKey | None:
    """The centre's key, None when there is none anywhere.

    Raises:
        ConfigError: it is too short, or others may read its file.
    """
    return key_in_environment(key_variable(centre_id)) or key_in_file(key_file(home, centre_id))


def key_in_environment(variable: str) -> CentreKey | None:
    """The key that a variable holds, as hex or as text.

    Raises:
        ConfigError: it is too short.
    """
    text = os.environ.get(variable)
    return None if text is None else CentreKey(_decoded(text.strip(), variable), variable)


def key_in_file(path: Path) -> CentreKey | None:
    """The key that a file holds, as hex or as text.

    Raises:
        ConfigError: it is too short, or others may read the file.
    """
    if not path.exists():
        return None
    refuse_open_file(path)
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} holds no text. A key is written as hex or as a long text; restore it.") from None
    return CentreKey(_decoded(text.strip(), str(path)), str(path))


def write_new_key(path: Path) -> CentreKey:
    """Makes a key of 32 random bytes and keeps it in a file of mode 600."""
    return write_key(path, CentreKey(secrets.token_bytes(DERIVED_BYTES), str(path)))


def write_key(path: Path, key: CentreKey) -> CentreKey:
    """Keeps a key in a file of mode 600."""
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    write_atomically(path, key.secret.hex())
    return CentreKey(key.secret, str(path))


def refuse_open_file(path: Path) -> None:
    """Stops at a file that others than its owner may read.

    Raises:
        ConfigError: the message names the command to run.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise ConfigError(f"{path} has mode {mode:o}: others may read it. Run: chmod 600 {path}")


def _decoded(text: str, where: str) -> bytes:
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = text.encode()
    if len(secret) < SHORTEST_KEY_BYTES:
        raise ConfigError(f"The key in {where} has {len(secret)} bytes; it needs at least {SHORTEST_KEY_BYTES}.")
    return secret
