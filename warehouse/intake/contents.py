"""The bytes of a delivered file, whatever it is packed in: as it is, gzip, or a member of a zip archive.

Nothing is unpacked to disk. What comes out of a packing is counted as it is read: a header may lie about sizes.
"""

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from models.errors import DeliveryError

GZIP_SUFFIX = ".gz"

MOST_EXPANSION = 250
"""Unpacked bytes a packed byte. Tables give 5 to 60; a bomb of gzip gives 1,000."""
UNSUSPICIOUS_BYTES = 64 << 20
"""Until so much is unpacked the expansion is not looked at: a short file of one value may be packed very tightly."""
LARGEST_UNPACKED_BYTES = 256 << 30
"""Ten times a table of 2 x 10^8 rows."""
LARGEST_HELD_BYTES = 512 << 20
"""Workbooks and Parquet are read from the end; packed ones are therefore held in memory."""

UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,
    OverflowError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)
"""What the standard library raises on broken or encrypted archives; NotImplementedError is a RuntimeError."""


class _CountedFile(io.FileIO):
    """A file that counts the bytes taken from it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size)
        self.taken += len(data)
        return data


class _Unpacked(io.RawIOBase):
    """What comes out of a packing, counted against what went in."""

    def __init__(self, packed: _CountedFile, layers: list[BinaryIO], where: str, declared: int | None) -> None:
        super().__init__()
        self._packed, self._layers, self._where, self._declared = packed, layers, where, declared
        self._count = 0

    def readable(self) -> bool:
        """Always: the stream is there to be read."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Unpacks the next bytes; 0 at the end.

        Raises:
            DeliveryError: the packing is broken or is a bomb.
        """
        with _told(self._where):
            data = self._layers[-1].read(len(buffer))
        self._count += len(data)
        self._check(is_end=not data and len(buffer) > 0)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Closes every layer and the file underneath."""
        for layer in reversed(self._layers):
            layer.close()
        self._packed.close()
        super().close()

    def _check(self, *, is_end: bool) -> None:
        expansion = self._count / max(self._packed.taken, 1)
        if self._count > LARGEST_UNPACKED_BYTES or (self._count > UNSUSPICIOUS_BYTES and expansion > MOST_EXPANSION):
            raise DeliveryError(
                f"{self._where}: {self._count >> 20:,} MB came out of {self._packed.taken:,} packed bytes and there is "
                f"more; no table packs like that (most are {MOST_EXPANSION} to 1). Ask for the file again, unpacked."
            )
        if is_end and self._declared is not None and self._declared != self._count:
            raise DeliveryError(
                f"{self._where}: the archive says that this member has {self._declared:,} bytes, but it has "
                f"{self._count:,}. Ask for the archive again."
            )


@dataclass(frozen=True)
class Content:
    """Bytes of a delivery: a file, or a member of a zip archive.

    `name` is what the file is called in its folder or archive; `member` is the archive's own name of it.
    """

    path: Path
    name: str
    member: str | None = None

    @property
    def suffix(self) -> str:
        """What the name says of the format, `.gz` apart: `.csv`, `.xlsx`, …; lower case."""
        return PurePosixPath(_without_gzip(self.name)).suffix.lower()

    @property
    def is_gzip(self) -> bool:
        """Whether the name says that the bytes are gzipped."""
        return self.name.lower().endswith(GZIP_SUFFIX)

    def open(self, where: str) -> BinaryIO:
        """The unpacked bytes as a stream.

        Raises:
            DeliveryError: here or from reading: no permission, a broken, encrypted or suspicious packing.
        """
        with _told(where):
            if self.member is None and not self.is_gzip:
                return self.path.open("rb")
            return io.BufferedReader(self._unpacked(where))

    def held(self, where: str) -> bytes | Path:
        """The unpacked bytes for a reader that needs all of them at hand: the path of a file that is not packed.

        Raises:
            DeliveryError: as `open`, and when there are more bytes than may be held in memory.
        """
        if self.member is None and not self.is_gzip:
            return self.path
        with self.open(where) as stream:
            data = stream.read(LARGEST_HELD_BYTES + 1)
        if len(data) > LARGEST_HELD_BYTES:
            raise DeliveryError(
                f"{where}: unpacked it has more than {LARGEST_HELD_BYTES >> 20} MB, too many to be read inside an "
                "archive. Deliver the file itself."
            )
        return data

    def _unpacked(self, where: str) -> _Unpacked:
        packed = _CountedFile(self.path)
        layers: list[BinaryIO] = []
        declared = None
        try:
            if self.member is not None:
                archive = zipfile.ZipFile(packed)
                member = archive.getinfo(self.member)
                if member.flag_bits & 1:
                    raise DeliveryError(f"{where}: it is encrypted. Deliver it without a password.")
                packed.taken = 0
                layers.append(archive.open(member))  # type: ignore[arg-type]
                declared = None if self.is_gzip else member.file_size
            if self.is_gzip:
                layers.append(gzip.GzipFile(fileobj=layers[-1] if layers else packed))  # type: ignore[arg-type]
        except BaseException:
            packed.close()
            raise
        return _Unpacked(packed, layers, where, declared)


def _without_gzip(name: str) -> str:
    return name[: -len(GZIP_SUFFIX)] if name.lower().endswith(GZIP_SUFFIX) else name


@contextmanager
def _told(where: str) -> Iterator[None]:
    try:
        yield
    except PermissionError:
        raise DeliveryError(f"{where}: we may not read it. Give this user the right to.") from None
    except UNREADABLE:
        raise DeliveryError(f"{where}: its packing is broken or cut off. Ask for the file again.") from None
