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

LEAST_SHARE_OF_WRONG = 0.2
"""Of the characters beyond ASCII, when a text is no UTF-8: Chinese in GB18030 gives far more, a damaged file fewer."""


def detected_encoding(stream: BinaryIO) -> str:
    """The encoding of a whole text: by its byte order mark, else UTF-16 by its NUL bytes, else UTF-8, else GB18030.

    A text that is UTF-8 but for a few wrong bytes is UTF-8 and damaged: it is not read as something else.
    """
    with stream:
        chunk = stream.read(CHUNK_BYTES)
        for mark, encoding in MARKS:
            if chunk.startswith(mark):
                return encoding
        if without_mark := _utf16_without_mark(chunk[:LOOKED_AT_BYTES]):
            return without_mark
        decoder = codecs.getincrementaldecoder("utf-8")()
        n_letters = 0
        while chunk:
            try:
                n_letters += _beyond_ascii(decoder.decode(chunk))
            except UnicodeDecodeError as error:
                rest = bytes(error.object).decode("utf-8", "replace")
                wrong = rest.count("\ufffd")
                return "gb18030" if wrong >= (n_letters + _beyond_ascii(rest)) * LEAST_SHARE_OF_WRONG else "utf-8"
            chunk = stream.read(CHUNK_BYTES)
    return "utf-8"


def utf16_order(stream: BinaryIO) -> str:
    """The variant of UTF-16: what its byte order mark says, else what its NUL bytes tell, else that of Windows."""
    with stream:
        start = stream.read(LOOKED_AT_BYTES)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return _utf16_without_mark(start) or "utf-16-le"


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


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _decodes(start: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeError:
        return False
    return True
