"""What kinds of file there are among some files, and how each is read: encoding, delimiter, sheet, header."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from models.errors import DeliveryError
from models.mapping import DEFAULT_NULL_TOKENS, Source
from warehouse.intake.contents import GZIP_SUFFIX, Content
from warehouse.intake.onboarding.looks import Looks, looks_of
from warehouse.intake.onboarding.recipes import column_names, folded_name
from warehouse.intake.onboarding.sample import likely_encoding, sample_of
from warehouse.intake.readers import format_of
from warehouse.intake.workbooks import Workbook

DELIMITERS = (",", "\t", ";", "|")
MOST_HEADER_ROWS = 8
FIRST_BYTES = 1 << 16
NUMBERED = re.compile(r"\d+")
DATED = re.compile(r"\d{4,}([-_.]?\d{2}){0,2}")
"""What differs from month to month in the name of a file that is alone of its kind."""
MARKED = re.compile(r"CDE_ID:")
"""Identifiers of common data elements, in a row below the names."""
NOTHING = re.compile(r"(?i)\[(not|unknown|discrepancy|missing|n/?a)[^\]]*\]")


@dataclass(frozen=True)
class FoundSource:
    """One kind of file: the settings of its source, what it is called, and a sample of its rows.

    `settings` hold what differs from the defaults of `Source`.
    """

    name: str
    settings: dict[str, object]
    sample: pa.Table
    looks: dict[str, Looks]

    @property
    def columns(self) -> list[str]:
        """Names of its columns."""
        return list(self.sample.column_names)


def find_sources(paths: Sequence[Path]) -> tuple[FoundSource, ...]:
    """The kinds of file among these: files whose names differ in numbers only, and whose columns agree, are one.

    Raises:
        DeliveryError: a file cannot be read at all.
    """
    kinds: dict[tuple[str, tuple[str, ...]], list[tuple[Path, FoundSource]]] = {}
    for path in paths:
        for source in _sources_of(path):
            kind = (NUMBERED.sub("*", source.name), tuple(source.columns))
            kinds.setdefault(kind, []).append((path, source))
    found: dict[str, FoundSource] = {}
    for members in kinds.values():
        path, first = members[0]
        dated = NUMBERED if len(members) > 1 else DATED
        name = dated.sub("", first.name).strip("_-# .") or "file"
        name = first.name if name in found else name
        found[name] = replace(first, name=name, settings={"files": [dated.sub("*", path.name)], **first.settings})
    return tuple(found.values())


def _sources_of(path: Path) -> Iterator[FoundSource]:
    """Each sheet of a workbook, or the file."""
    content = Content(path, path.name)
    stem = content.name.removesuffix(GZIP_SUFFIX).removesuffix(content.suffix)
    kind = format_of(content, Source(files=[path.name]))
    if kind == "xlsx":
        for sheet in Workbook(content.held(path.name), path.name).sheets:
            if sheet.is_visible:
                yield _described(content, f"{stem}_{sheet.name}", {"sheet": sheet.name})
        return
    yield _described(content, stem, _text_settings(content) if kind == "csv" else {})


def _described(content: Content, name: str, settings: dict[str, object]) -> FoundSource:
    """The row that names most known columns is the header, the first when none does."""
    best, known = _sample(content, settings), settings
    for row in range(2, MOST_HEADER_ROWS + 1):
        try:
            sample = _sample(content, {**settings, "header_row": row})
        except DeliveryError:
            break
        if _n_known(sample) > _n_known(best):
            best, known = sample, {**settings, "header_row": row}
    n_below = 0
    while n_below < MOST_HEADER_ROWS and (more := _second_headers(best)):
        n_below += more
        known = {**known, "skip_after_header": n_below}
        best = _sample(content, known)
    if empty := _empty_words(best):
        known = {**known, "null_tokens": [*DEFAULT_NULL_TOKENS, *empty]}
    return FoundSource(name, known, best, looks_of(best))


def _sample(content: Content, settings: dict[str, object]) -> pa.Table:
    return sample_of(content, content.name, Source.model_validate({"files": [content.name], **settings}))


def _n_known(sample: pa.Table) -> int:
    return sum(folded_name(column) in _known() for column in sample.column_names)


def _second_headers(sample: pa.Table) -> int:
    """How many of the first rows end with one that names the columns once more, in their words or by identifiers."""
    rows = sample.slice(0, MOST_HEADER_ROWS).to_pylist()
    return max((number for number, row in enumerate(rows, start=1) if _is_header(row)), default=0)


def _is_header(row: dict[str, str | None]) -> bool:
    again = [
        name for name, cell in row.items() if cell and (folded_name(cell) == folded_name(name) or MARKED.match(cell))
    ]
    return len(again) * 2 > len(row)


def _empty_words(sample: pa.Table) -> list[str]:
    """Words in brackets that stand for nothing, such as [Not Available]."""
    words = (cell for column in sample.columns for cell in pc.unique(column).to_pylist() if cell)
    return sorted({word for word in words if NOTHING.fullmatch(word)})


def _known() -> frozenset[str]:
    return frozenset(name for names in column_names().values() for name in names)


def _text_settings(content: Content) -> dict[str, object]:
    encoding = likely_encoding(content, content.name)
    with content.open(content.name) as stream:
        first = stream.read(FIRST_BYTES).decode(encoding, "ignore").split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    settings: dict[str, object] = {}
    if encoding != "utf-8":
        settings["encoding"] = encoding
    if delimiter != "," and first.count(delimiter):
        settings["delimiter"] = delimiter
    return settings
