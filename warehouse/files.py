"""Files that survive a power cut: checksums, atomic writes, fsync of folders, modes."""

import hashlib
import os
import shutil
from pathlib import Path

PRIVATE_FILE = 0o600


def sha256_of(path: Path) -> str:
    """Checksum of a file's bytes, hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fsync(path: Path) -> None:
    """Waits until a file's bytes or a folder's entries are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_tree(folder: Path) -> None:
    """Waits for every file and folder below, then for the folder itself."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(parent) / name
            if not path.is_symlink():
                fsync(path)
        fsync(Path(parent))


def write_atomically(path: Path, content: str | bytes, mode: int = PRIVATE_FILE) -> None:
    """Writes a file, text as UTF-8, that is either wholly there or not at all, even after a power cut."""
    draft = path.with_name(f".{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
    fsync(path.parent)


def make_private(folder: Path) -> None:
    """Gives a folder and all below it to its owner alone."""
    for parent, _, names in os.walk(folder):
        Path(parent).chmod(0o700)
        for name in names:
            (Path(parent) / name).chmod(PRIVATE_FILE)


def remove_tree(folder: Path) -> None:
    """Removes a folder, read-only ones too; nothing happens when it is not there."""
    if not folder.exists():
        return
    for parent, _, _ in os.walk(folder):
        Path(parent).chmod(0o700)
    shutil.rmtree(folder)
