"""What a workbook is made of, looked at before its cells are read: sheets, sizes, merged cells, cells without a value.

The parts are XML in a zip archive (ECMA-376, part 1, chapter 18). Sizes are counted while unpacking: a few bytes could
ask the reader of cells for more memory than the machine has.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

from models.errors import DeliveryError
from models.mapping import Source
from warehouse.intake.archives import check_directory
from warehouse.intake.contents import UNREADABLE, Content

MOST_CELLS = 20_000_000
"""Rows times columns, empty ones included: each takes some 60 bytes while the sheet is read. 1,048,576 rows of 19."""
LARGEST_SHEET_BYTES = 1 << 30
"""Unpacked XML of a sheet; 20 million cells take some 700 MB."""
LARGEST_TEXTS_BYTES = 256 << 20
"""Unpacked XML of the texts that all sheets share; they are held in memory."""
LARGEST_OUTLINE_BYTES = 16 << 20
"""Unpacked XML of the list of sheets and of the styles."""
LONGEST_ROW_BYTES = 16 << 20
CHUNK_BYTES = 1 << 20

OLD_FORMAT = bytes.fromhex("d0cf11e0a1b11ae1")
"""Begins an .xls file, and an .xlsx file under a password."""

_TAG = rb"<(?:\w+:)?"
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{0,3})(\d{1,9})[\"']")
_MERGED = re.compile(_TAG + rb"mergeCell\s[^>]*?ref\s*=\s*[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
_NO_VALUE = re.compile(
    _TAG + rb"c\s([^>]*)>\s*" + _TAG + rb"f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_TOO_LONG = re.compile(
    _TAG + rb"c\s([^>]*)>(?:\s*" + _TAG + rb"f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>))?\s*" + _TAG + rb"v>"
    rb"-?(?:\d{16,}|\d(?:[.]\d*)?[eE]\+?(?:1[5-9]|[2-9]\d|\d{3,}))(?:[.]\d*)?</"
)
_IS_TEXT = re.compile(rb"\bt\s*=\s*[\"'](?:str|s|inlineStr|e|d|b)[\"']")


class _RowTooLongError(Exception):
    """No row ends for a long time."""


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook and the part that holds its cells."""

    name: str
    is_visible: bool
    part: str


@dataclass(frozen=True)
class Merged:
    """A block of merged cells; rows and columns count from 0, ends included. The first cell holds the value."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass
class SheetOutline:
    """What is known of a sheet before it is read. Places are (row, column) from 0."""

    merged: list[Merged] = field(default_factory=list)
    without_value: list[tuple[int, int]] = field(default_factory=list)
    too_long: list[tuple[int, int]] = field(default_factory=list)
    rows: int = 0
    columns: int = 0


class Workbook:
    """A workbook's outline.

    Args:
        held: its path, or its bytes where it was packed.
        where: how messages name it.

    Raises:
        DeliveryError: it is no workbook, is protected by a password, or counts days in the way of old Macintoshes.
    """

    def __init__(self, held: Path | bytes, where: str) -> None:
        self._held, self._where = held, where
        if self._start() == OLD_FORMAT:
            raise DeliveryError(
                f"{where}: it is an old .xls workbook or is under a password. Save it as .xlsx without a password."
            )
        try:
            with self._open() as stream:
                check_directory(stream, where)
            self.sheets = tuple(self._sheets())
        except (*UNREADABLE, ElementTree.ParseError):
            raise self._unreadable() from None

    def sheet(self, name: str | None) -> Sheet:
        """The named sheet, hidden or not; without a name the first that is visible.

        Raises:
            DeliveryError: there is no such sheet.
        """
        for sheet in self.sheets:
            if sheet.name == name or (name is None and sheet.is_visible):
                return sheet
        there = ", ".join(sheet.name for sheet in self.sheets) or "none"
        raise DeliveryError(f"{self._where}: there is no sheet {name!r}; there are {there}. Set sheet in centre.toml.")

    def outline(self, sheet: Sheet) -> SheetOutline:
        """Goes through a sheet's XML once.

        Raises:
            DeliveryError: the sheet, or what its reader would need besides, is larger than a workbook may be.
        """
        outline = SheetOutline()
        try:
            self._measure("xl/sharedstrings.xml", LARGEST_TEXTS_BYTES)
            self._measure("xl/styles.xml", LARGEST_OUTLINE_BYTES)
            for xml in _whole_rows(self._unpacked(sheet.part, LARGEST_SHEET_BYTES)):
                _look_at(xml, outline)
                if outline.rows * outline.columns > MOST_CELLS:
                    raise self._too_large(
                        f"sheet {sheet.name} spans {outline.rows:,} rows, {outline.columns:,} columns"
                    )
        except _RowTooLongError:
            raise self._too_large(f"a row of sheet {sheet.name} has more than {LONGEST_ROW_BYTES >> 20} MB") from None
        except UNREADABLE:
            raise self._unreadable() from None
        return outline

    def _open(self) -> BinaryIO:
        return self._held.open("rb") if isinstance(self._held, Path) else io.BytesIO(self._held)

    def _start(self) -> bytes:
        try:
            with self._open() as stream:
                return stream.read(len(OLD_FORMAT))
        except OSError:
            raise DeliveryError(f"{self._where}: we may not read it. Give this user the right to.") from None

    def _sheets(self) -> Iterator[Sheet]:
        book = ElementTree.fromstring(b"".join(self._unpacked("xl/workbook.xml", LARGEST_OUTLINE_BYTES)))
        links = ElementTree.fromstring(b"".join(self._unpacked("xl/_rels/workbook.xml.rels", LARGEST_OUTLINE_BYTES)))
        for properties in _named(book, "workbookPr"):
            if properties.get("date1904", "0") in ("1", "true"):
                raise DeliveryError(
                    f"{self._where}: it counts days from 1904, so that bare numbers would be read as days four years "
                    "early. Save it with the 1900 date system."
                )
        parts = {
            link.get("Id"): link.get("Target", "").removeprefix("/xl/").removeprefix("xl/")
            for link in _named(links, "Relationship")
            if link.get("Type", "").endswith("/worksheet")
        }
        for sheet in _named(book, "sheet"):
            link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
            if link in parts:
                yield Sheet(sheet.get("name", ""), sheet.get("state", "visible") == "visible", f"xl/{parts[link]}")

    def _measure(self, part: str, most_bytes: int) -> None:
        for _ in self._unpacked(part, most_bytes, is_needed=False):
            pass

    def _unpacked(self, part: str, most_bytes: int, *, is_needed: bool = True) -> Iterator[bytes]:
        with self._open() as stream, zipfile.ZipFile(stream) as archive:
            keys = {name.lower(): name for name in archive.namelist()}
            if part.lower() not in keys and not is_needed:
                return
            count = 0
            with archive.open(keys[part.lower()]) as unpacked:
                while data := unpacked.read(CHUNK_BYTES):
                    count += len(data)
                    if count > most_bytes:
                        raise self._too_large(f"its part {part} has more than {most_bytes >> 20} MB")
                    yield data

    def _too_large(self, what: str) -> DeliveryError:
        return DeliveryError(
            f"{self._where}: {what}, too much for a workbook (most are {MOST_CELLS:,} cells). "
            "Delete empty rows and columns that only look used, or deliver it as CSV."
        )

    def _unreadable(self) -> DeliveryError:
        return DeliveryError(f"{self._where}: not a readable workbook. Ask for the file again.")


def sheets_of(content: Content, source: Source, where: str) -> tuple[str | None, ...]:
    """The visible sheets that the source's `sheet` names where that is a pattern; else nothing to be told apart.

    A workbook that cannot be read is left for its reader to refuse.
    """
    if source.sheet is None or not set("*?[") & set(source.sheet):
        return (None,)
    try:
        sheets = Workbook(content.held(where), where).sheets
    except DeliveryError:
        return (None,)
    pattern = source.sheet
    return tuple(sheet.name for sheet in sheets if sheet.is_visible and fnmatchcase(sheet.name, pattern)) or (None,)


def _named(tree: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (element for element in tree.iter() if element.tag.rpartition("}")[2] == name)


def _whole_rows(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces that end with a row, so that no cell is cut; the last holds what follows the rows."""
    held = b""
    for chunk in chunks:
        held += chunk
        end = held.rfind(b"row>") + len(b"row>")
        if end >= len(b"row>"):
            yield held[:end]
            held = held[end:]
        if len(held) > LONGEST_ROW_BYTES:
            raise _RowTooLongError
    yield held


def _look_at(xml: bytes, outline: SheetOutline) -> None:
    places = set(_PLACE.findall(xml))
    outline.rows = max(outline.rows, *(int(row) for _, row in places), 0)
    outline.columns = max(outline.columns, *(_number(letters) for letters in {letters for letters, _ in places}), 0)
    outline.merged += [
        Merged(int(top) - 1, _number(left) - 1, int(bottom) - 1, _number(right) - 1)
        for left, top, right, bottom in _MERGED.findall(xml)
    ]
    outline.without_value += _places(_NO_VALUE, xml)
    outline.too_long += _places(_TOO_LONG, xml)


def _places(pattern: "re.Pattern[bytes]", xml: bytes) -> Iterator[tuple[int, int]]:
    for attributes in pattern.findall(xml):
        place = _PLACE.search(attributes)
        if place is not None and not _IS_TEXT.search(attributes):
            yield int(place[2]) - 1, _number(place[1]) - 1


def _number(letters: bytes) -> int:
    """A = 1, Z = 26, AA = 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
