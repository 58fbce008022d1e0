"""A file of any encoding as clean UTF-8 bytes: transcoded, without byte order marks, NUL and lone carriage returns."""

import codecs
import io
from itertools import chain
from typing import BinaryIO

import numpy as np

CHUNK_BYTES = 1 << 20
LONGEST_LINE_BYTES = 16 << 20
UTF8_NAMES = {"utf-8", "utf-8-sig"}
MARK = "\ufeff".encode()
MAY_GO_ON = (b"\r", MARK[:1], MARK[:2])
"""Ends of a chunk of which the next one decides what they are."""


class WrongEncodingError(Exception):
    """A byte that the declared encoding does not have; `row` is the physical row it stands in."""

    def __init__(self, row: int) -> None:
        super().__init__(f"row {row} is not in the declared encoding")
        self.row = row


class UnbalancedError(Exception):
    """The file ends inside a quoted cell or inside a character; it has to be read line by line."""


class LineTooLongError(Exception):
    """A line is longer than any table could have."""


class CleanBytes(io.RawIOBase):
    """UTF-8 bytes of a file in another encoding.

    With `whole_lines` every line stands for itself: one that leaves a quote open, or that the end of the file cuts
    inside a character, is handed on empty and its number is noted in `open_quotes` or `cut_lines`.

    Raises (from reading):
        WrongEncodingError: a byte does not belong to the encoding.
        UnbalancedError: at the end, when a quote or a character is still open; not with `whole_lines`.
        LineTooLongError: with `whole_lines` only.
    """

    def __init__(self, stream: BinaryIO, encoding: str, quote: str, *, whole_lines: bool) -> None:
        super().__init__()
        self._stream = stream
        self._is_utf8 = codecs.lookup(encoding).name in UTF8_NAMES
        self._decoder = codecs.getincrementaldecoder("utf-8" if self._is_utf8 else encoding)(errors="strict")
        self._quote = quote.encode()
        self._whole_lines = whole_lines
        self._ready = memoryview(b"")
        self._line_carry = b""
        self._undecided = b""
        self._at_start = True
        self._ended = False
        self._ends_with_line = True
        self._lines = 0
        self._quotes = 0
        self.nul_bytes = 0
        self.marks = 0
        self.open_quotes: list[int] = []
        self.cut_lines: list[int] = []

    def readable(self) -> bool:
        """Always: the stream is there to be read."""
        return True

    def close(self) -> None:
        """Closes the file underneath too."""
        self._stream.close()
        super().close()

    @property
    def lines(self) -> int:
        """Lines handed on so far; without `whole_lines` only."""
        return self._lines + (not self._ends_with_line)

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Fills the buffer as far as the next chunk goes; 0 at the end of the file."""
        while not self._ready and not self._ended:
            self._ready = memoryview(self._next())
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _next(self) -> bytes:
        raw = self._stream.read(CHUNK_BYTES)
        self._ended = not raw
        clean = self._mended(self._decoded(raw))
        if self._whole_lines:
            return self._balanced_lines(clean)
        self._quotes += clean.count(self._quote) if self._quote else 0
        self._lines += clean.count(b"\n")
        if clean:
            self._ends_with_line = clean.endswith(b"\n")
        if self._ended and self._quotes % 2:
            raise UnbalancedError
        return clean

    def _mended(self, clean: bytes) -> bytes:
        """Without NUL and byte order marks; a carriage return that ends a line by itself becomes a line feed."""
        clean = self._undecided + clean
        self._undecided = b"" if self._ended else next((end for end in MAY_GO_ON if clean.endswith(end)), b"")
        clean = clean[: len(clean) - len(self._undecided)]
        if b"\0" in clean:
            self.nul_bytes += clean.count(b"\0")
            clean = clean.replace(b"\0", b"")
        if MARK in clean:
            self.marks += clean.count(MARK)
            clean = clean.replace(MARK, b"")
        if b"\r" in clean and clean.count(b"\r") > clean.count(b"\r\n"):
            clean = clean.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return clean

    def _decoded(self, raw: bytes) -> bytes:
        try:
            text = self._decoder.decode(raw, final=self._ended)
        except UnicodeDecodeError as error:
            if self._ended and error.end >= len(error.object):
                return self._cut_inside_character()
            before = error.object[: error.start].decode(error.encoding, "ignore")
            raise WrongEncodingError(self._lines + before.count("\n") + 1) from None
        starts_with_mark = self._at_start and text.startswith("\ufeff")
        if text:
            self._at_start = False
        if self._is_utf8 and not starts_with_mark:
            return raw
        return text.removeprefix("\ufeff").encode() if starts_with_mark else text.encode()

    def _cut_inside_character(self) -> bytes:
        if not self._whole_lines:
            raise UnbalancedError
        self.cut_lines.append(self._lines + 1)
        self._line_carry = b""
        return b"\n"

    def _balanced_lines(self, clean: bytes) -> bytes:
        data = self._line_carry + clean
        end = len(data) if self._ended else data.rfind(b"\n") + 1
        self._line_carry = data[end:]
        if len(self._line_carry) > LONGEST_LINE_BYTES:
            raise LineTooLongError
        return self._without_open_quotes(data[:end])

    def _without_open_quotes(self, data: bytes) -> bytes:
        first_line = self._lines + 1
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
        self._lines += len(ends)
        if data and not data.endswith(b"\n"):
            ends = np.append(ends, len(data))
        if not self._quote or self._quote not in data:
            return data
        quotes = np.flatnonzero(np.frombuffer(data, np.uint8) == self._quote[0])
        through = np.searchsorted(quotes, ends)
        is_odd = np.diff(through, prepend=0) % 2 == 1
        kept, start = [], 0
        for line in np.flatnonzero(is_odd).tolist():
            line_start = int(ends[line - 1]) if line else 0
            kept += [data[start:line_start], b"\n"]
            start = int(ends[line])
            self.open_quotes.append(first_line + line)
        return b"".join([*kept, data[start:]])


def has_sound_quotes(stream: BinaryIO, delimiter: str, quote: str) -> bool:
    """Whether every quoted cell of a clean text begins after a delimiter and ends before one, or at a line's ends."""
    before = np.frombuffer(f"{delimiter}{quote}\n".encode(), np.uint8)
    after = np.frombuffer(f"{delimiter}{quote}\r\n".encode(), np.uint8)
    edge = b"\n"
    n_quotes = 0
    for chunk in chain(iter(lambda: stream.read(CHUNK_BYTES), b""), (b"\n",)):
        data = edge + chunk
        edge = data[-2:]
        signs = np.frombuffer(data, np.uint8)
        places = np.flatnonzero(signs[1:-1] == ord(quote)) + 1
        opens = (n_quotes + np.arange(len(places))) % 2 == 0
        n_quotes += len(places)
        if not np.isin(signs[places[opens] - 1], before).all() or not np.isin(signs[places[~opens] + 1], after).all():
            return False
    return True
