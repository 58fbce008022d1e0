"""Which encoding a text file is in, as far as its bytes tell."""

import codecs
from typing import BinaryIO

import numpy as np

from warehouse.intake.byte_stream import CHUNK_BYTES

AUTO = "auto"
LIKELY_ENCODINGS = ("utf-8", "gb18030", "utf-16", "big5")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LOOKED_AT_BYTES = 1 << 16
LEAST_SHARE_OF_NUL = 0.1
"""In UTF-16 every digit, letter and separator has a NUL for its other byte."""


def detected_encoding(stream: BinaryIO) -> str:
    """The encoding of a whole text: by its byte order mark, else UTF-16 by its NUL bytes, else UTF-8, else GB18030.

    A text that is UTF-8 up to a wrong byte, with more than ASCII before it, is UTF-8 and damaged: nothing is guessed.
    """
    with stream:
        chunk = stream.read(CHUNK_BYTES)
        for mark, encoding in MARKS:
            if chunk.startswith(mark):
                return encoding
        if without_mark := _utf16_without_mark(chunk[:LOOKED_AT_BYTES]):
            return without_mark
        decoder = codecs.getincrementaldecoder("utf-8")()
        is_ascii = True
        while chunk:
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                before = error.object[: error.start]
                return "gb18030" if is_ascii and before.isascii() else "utf-8"
            is_ascii = is_ascii and text.isascii()
            chunk = stream.read(CHUNK_BYTES)
    return "utf-8"


def fitting_encodings(stream: BinaryIO, declared: str) -> list[str]:
    """Encodings, other than the declared one, in which the start of the stream makes sense."""
    with stream:
        start = stream.read(CHUNK_BYTES)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    declared_name = codecs.lookup(declared).name.removesuffix("-sig")
    fitting = []
    for encoding in LIKELY_ENCODINGS:
        is_plausible = encoding != "utf-16" or b"\0" in start
        if encoding != declared_name and is_plausible and _decodes(start, encoding):
            fitting.append(encoding)
    return fitting


def _utf16_without_mark(start: bytes) -> str | None:
    is_nul = np.frombuffer(start[: len(start) // 2 * 2], np.uint8).reshape(-1, 2) == 0
    if not len(is_nul):
        return None
    first, second = is_nul.mean(axis=0)
    if max(first, second) < LEAST_SHARE_OF_NUL or min(first, second) * 4 > max(first, second):
        return None
    return "utf-16-le" if second > first else "utf-16-be"


def _decodes(start: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError:
        return False
    return True
