"""What a zip archive holds, from its directory alone, and whether that is fit to be read."""

import struct
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from models.errors import DeliveryError
from warehouse.intake.contents import UNREADABLE

ARCHIVE_SUFFIX = ".zip"
MOST_MEMBERS = 10_000
"""A delivery is tens of files; each costs a look."""
LARGEST_DIRECTORY_BYTES = 16 << 20
"""The directory is held in memory: 10,000 members with names of 255 characters need 3 MB."""

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64_BYTES = 20
_LONGEST_COMMENT = 1 << 16
_LINK_MODE = 0o120000


@dataclass(frozen=True)
class Member:
    """A file in an archive: its name as people read it, and as the archive's directory has it."""

    name: str
    key: str


def members(path: Path, where: str) -> tuple[Member, ...]:
    """The files in an archive, in its order; folders and hidden files are none.

    Raises:
        DeliveryError: the archive is broken, has too many members, or one that leads out of it, is a link, or is
            there twice.
    """
    try:
        with path.open("rb") as stream:
            check_directory(stream, f"{where}, {path.name}")
            infos = zipfile.ZipFile(stream).infolist()
    except UNREADABLE:
        raise DeliveryError(
            f"{where}: {path.name} is no readable zip archive. Nothing of this delivery was landed. "
            "Ask for the archive again."
        ) from None
    if len(infos) > MOST_MEMBERS:
        raise _refused(path, where, f"has {len(infos):,} members; most are {MOST_MEMBERS:,}")
    found = [(Member(_readable(info), info.filename), info) for info in infos if not info.is_dir()]
    if leading_out := [member for member, _ in found if _leads_out(member.name)]:
        raise _refused(path, where, f"has {len(leading_out)} members whose names lead out of it")
    if any(info.external_attr >> 16 & 0o170000 == _LINK_MODE for _, info in found):
        raise _refused(path, where, "has a link among its members")
    visible = tuple(member for member, _ in found if not _is_hidden(member.name))
    repeated = [name for name, times in Counter(member.name for member in visible).items() if times > 1]
    if repeated:
        raise _refused(path, where, f"has several members with the name {repeated[0]!r}")
    return visible


def _refused(path: Path, where: str, what: str) -> DeliveryError:
    return DeliveryError(
        f"{where}: archive {path.name} {what}. Nothing of this delivery was landed. Ask for a plain archive of tables."
    )


def _readable(info: zipfile.ZipInfo) -> str:
    """The name; without the flag of UTF-8 it is in the sender's own encoding, here GB18030."""
    if info.flag_bits & 0x800:
        return info.filename.replace("\\", "/")
    written = info.orig_filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return written.decode(encoding).split("\0")[0].replace("\\", "/")
        except UnicodeDecodeError:
            continue
    return info.filename.replace("\\", "/")


def _leads_out(name: str) -> bool:
    windows = PureWindowsPath(name)
    return ".." in PurePosixPath(name).parts or bool(windows.drive) or windows.is_absolute() or name.startswith("/")


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not parts or "__MACOSX" in parts or parts[-1].startswith((".", "~$"))


def check_directory(stream: BinaryIO, where: str) -> None:
    """Looks at how large an archive's directory is before it is read.

    Raises:
        DeliveryError: too large to be held in memory.
        zipfile.BadZipFile: there is no directory.
    """
    size = stream.seek(0, 2)
    stream.seek(max(size - _LONGEST_COMMENT - _END.size, 0))
    tail = stream.read()
    start = tail.rfind(b"PK\5\6")
    if start < 0:
        raise zipfile.BadZipFile
    directory_bytes = _END.unpack_from(tail, start)[5]
    end_64 = size - len(tail) + start - _LOCATOR_64_BYTES - _END_64.size
    if end_64 >= 0:
        stream.seek(end_64)
        record = stream.read(_END_64.size)
        if record.startswith(b"PK\6\6"):
            directory_bytes = _END_64.unpack(record)[8]
    if directory_bytes > LARGEST_DIRECTORY_BYTES:
        raise DeliveryError(
            f"{where}: the directory of the archive has {directory_bytes >> 20} MB, more than any delivery needs. "
            "Ask for a plain archive of tables."
        )
