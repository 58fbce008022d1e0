"""The identity file of a centre: which pseudonym each patient's number was given, encrypted and authenticated.

Layout, in this order: `MAGIC`; the length of the header (4 bytes, big-endian); the header (JSON, readable by anybody,
no number in it); 12 bytes of nonce; AES-256-GCM of an Arrow stream, with all before the nonce as associated data. The
AES key is derived from the centre's key (`CentreKey.derived`).
"""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict, ValidationError

from models.errors import ConfigError
from warehouse.files import write_atomically
from warehouse.home import PRIVATE_FOLDER, Home
from warehouse.keys import CentreKey, refuse_open_file
from warehouse.manifest import IdentityMark
from warehouse.pseudonyms import NUMBERS

MAGIC = b"oncomart identity\n"
LENGTH_BYTES = 4
NONCE_BYTES = 12
RECORD_SECRET = b"record secret"


class Header(BaseModel):
    """What can be read without the key. `generation` counts the writes of the file that `file_id` names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    centre_id: str
    file_id: str
    generation: int
    numbers: int
    key_fingerprint: str

    @property
    def mark(self) -> IdentityMark:
        """What a manifest remembers of the file, to know an older copy by."""
        return IdentityMark(file_id=self.file_id, generation=self.generation, numbers=self.numbers)


@dataclass(frozen=True)
class Content:
    """What is encrypted: `numbers` has the columns of `NUMBERS`, `record_secret` hashes the numbers of records."""

    numbers: pa.Table = field(repr=False)
    record_secret: bytes = field(repr=False)


def identity_path(home: Home, centre_id: str) -> Path:
    """Where the identity file of a centre lies."""
    return home.identity / f"{centre_id}.identity"


def write_identity_file(path: Path, header: Header, content: Content, key: CentreKey) -> None:
    """Writes the file so that it is either wholly there or as it was, even after a power cut; mode 600."""
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    said = header.model_dump_json().encode()
    opened = MAGIC + len(said).to_bytes(LENGTH_BYTES) + said
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = _cipher(key, header.centre_id).encrypt(nonce, _stream(content), opened)
    write_atomically(path, opened + nonce + sealed)


def read_header(path: Path) -> Header:
    """The part of the file that needs no key.

    Raises:
        ConfigError: others may read the file, or it is no whole identity file.
    """
    refuse_open_file(path)
    return _split(path, path.read_bytes())[0]


def read_content(path: Path, key: CentreKey) -> Content:
    """The encrypted part.

    Raises:
        ConfigError: the file is not what was written under this key.
    """
    header, opened, rest = _split(path, path.read_bytes())
    try:
        stream = _cipher(key, header.centre_id).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], opened)
    except (InvalidTag, ValueError):
        raise _damaged(path) from None
    with pa.ipc.open_stream(stream) as reader:
        table = reader.read_all()
    return Content(table.replace_schema_metadata(None), table.schema.metadata[RECORD_SECRET])


def _split(path: Path, content: bytes) -> tuple[Header, bytes, bytes]:
    """Header, all that stands before the nonce, and what follows."""
    begin = len(MAGIC) + LENGTH_BYTES
    end = begin + int.from_bytes(content[len(MAGIC) : begin])
    if not content.startswith(MAGIC) or len(content) < end + NONCE_BYTES:
        raise _damaged(path)
    try:
        return Header.model_validate_json(content[begin:end]), content[:end], content[end:]
    except ValidationError:
        raise _damaged(path) from None


def _damaged(path: Path) -> ConfigError:
    return ConfigError(
        f"{path} is damaged: it is not what oncomart wrote. Restore it from the backup; nothing was landed or changed."
    )


def _cipher(key: CentreKey, centre_id: str) -> AESGCM:
    return AESGCM(key.derived(f"identity file of {centre_id}"))


def _stream(content: Content) -> bytes:
    table = content.numbers.cast(NUMBERS).replace_schema_metadata({RECORD_SECRET: content.record_secret})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())
