"""Which contract tables a kind of file feeds, as far as names and looks of its columns tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz

from models.contract import CONTRACT, Column, Kind
from warehouse.intake.checks import DATES, NUMBERS
from warehouse.intake.onboarding.found_sources import FoundSource
from warehouse.intake.onboarding.looks import Looks
from warehouse.intake.onboarding.recipes import Recipe, folded_name, recipes, value_names

ALIKE = 88
"""Least similarity of a column's name to a known one, out of 100."""
RESEMBLING = 60
"""Least similarity of a column that is offered in a comment."""
MOST_CANDIDATES = 4
SHORTEST_ALIKE = 4
"""Characters of a name that may be recognised by similarity; shorter ones must be equal."""
OF_LOOKS = {Looks.SEX: "sex", Looks.ICD10: "code", Looks.GRADE: "ctcae_grade", Looks.RESPONSE: "response"}
"""Contract columns that are recognised by what the cells look like, when no name says so."""


@dataclass(frozen=True)
class DraftFeed:
    """A feed as TOML would say it, and what could not be decided."""

    table: str
    key: tuple[str, ...]
    source: str
    when: list[dict[str, object]]
    cells: dict[str, dict[str, object]]
    undecided: list[str] = field(default_factory=list)

    @property
    def read(self) -> set[str]:
        """Columns of the source that it reads."""
        return {str(cell["column"]) for cell in self.cells.values() if "column" in cell}


def draft_feeds(source: FoundSource) -> Iterator[DraftFeed]:
    """The feeds of one kind of file."""
    for recipe in recipes():
        feed = _Draft(recipe, source).feed()
        if feed is not None:
            yield feed


class _Draft:
    def __init__(self, recipe: Recipe, source: FoundSource) -> None:
        self._recipe, self._source = recipe, source
        self._table = CONTRACT[recipe.table]
        self._undecided: list[str] = []

    def feed(self) -> DraftFeed | None:
        """The feed, None when the file does not feed the table in this way."""
        recipe = self._recipe
        name = self._source.name.casefold()
        if recipe.file and not any(word in name for word in recipe.file):
            return None
        found = self._columns()
        cells = {column: cell for column, name in found.items() if (cell := self._cell(column, name)) is not None}
        cells |= {column: {"constant": value} for column, value in recipe.constants.items() if column not in cells}
        wanted = {*recipe.needs, *(column.name for column in self._table.columns if not column.nullable)}
        if wanted - set(cells) or set(recipe.without) & set(found):
            return None
        self._note_candidates(cells)
        present = [{"column": found[recipe.present], "present": True}] if recipe.present else []
        key = tuple(column for column in recipe.key if column in cells)
        in_order = {column.name: cells[column.name] for column in self._table.columns if column.name in cells}
        return DraftFeed(recipe.table, key, self._source.name, present, in_order, self._undecided)

    def _columns(self) -> dict[str, str]:
        """Contract column to source column: by name, then by likeness of name, then by looks."""
        found = {column.name: name for column in self._table.columns if (name := self._named(column)) is not None}
        for looks, column in OF_LOOKS.items():
            if column in self._table.column_names and column not in found:
                alike = [
                    name for name, its in self._source.looks.items() if its is looks and name not in found.values()
                ]
                if len(alike) == 1:
                    found[column] = alike[0]
                    self._undecided.append(f"{column}: {alike[0]!r} was taken for what its cells look like")
        return found

    def _named(self, column: Column) -> str | None:
        folded = {folded_name(name): name for name in self._source.columns}
        names = self._recipe.names_of(column.name)
        for name in names:
            if name in folded and self._fits(column, folded[name]):
                return folded[name]
        long = [name for name in names if len(name) >= SHORTEST_ALIKE]
        scored = [(fuzz.ratio(known, name), folded[name]) for known in long for name in folded]
        score, best = max(scored, default=(0.0, ""))
        return best if score >= ALIKE and self._fits(column, best) else None

    def _fits(self, column: Column, name: str) -> bool:
        looks = self._source.looks.get(name, Looks.EMPTY)
        if column.kind in DATES:
            return looks in (Looks.DATE, Looks.EMPTY) or (looks is Looks.NUMBER and self._is_sheet())
        return column.kind not in NUMBERS or looks is not Looks.DATE

    def _is_sheet(self) -> bool:
        return "sheet" in self._source.settings

    def _cell(self, column: str, name: str) -> dict[str, object] | None:
        contract = self._table.column(column)
        cell: dict[str, object] = {"column": name}
        if column in self._recipe.vocabulary:
            return {**cell, "vocabulary": self._recipe.vocabulary[column]}
        if contract.kind in (Kind.PATIENT, Kind.RECORD):
            return {**cell, "system": name}
        if contract.kind in DATES and self._is_sheet():
            return {**cell, "date": "excel_serial_or_text"}
        if contract.kind is Kind.DECIMAL and _has(self._source.sample[name], ","):
            return {**cell, "remove": [","]}
        if column in value_names() and (contract.values or contract.kind is Kind.INTEGER):
            return self._mapped(contract, cell)
        return None if contract.values else cell

    def _mapped(self, column: Column, cell: dict[str, object]) -> dict[str, object] | None:
        """With a map of the words that are known; how many are not is said, which they are `check` says."""
        known = value_names()[column.name]
        words = [word for word in pc.unique(self._source.sample[str(cell["column"])]).to_pylist() if word]
        mapped = {word: known[folded_name(word)] for word in words if folded_name(word) in known}
        unknown = len(words) - len(mapped)
        if not mapped:
            return None
        if unknown:
            self._undecided.append(
                f"{column.name}: {unknown} further values of {cell['column']!r}; `check` counts them"
            )
        rest = {"otherwise": "null"} if unknown and column.nullable else {}
        return {**cell, "map": dict(sorted(mapped.items())), **rest}

    def _note_candidates(self, cells: dict[str, dict[str, object]]) -> None:
        """Contract columns without a cell, each with the columns that could feed it."""
        taken = {cell.get("column") for cell in cells.values()}
        free = [name for name in self._source.columns if name not in taken]
        for column in self._table.columns:
            candidates = [name for name in free if self._could_be(column, name)][:MOST_CANDIDATES]
            if column.name not in cells and candidates:
                self._undecided.append(f"{column.name}: {' or '.join(map(repr, candidates))}?")

    def _could_be(self, column: Column, name: str) -> bool:
        looks = self._source.looks.get(name, Looks.EMPTY)
        if column.kind in DATES:
            return looks is Looks.DATE
        if column.kind is Kind.RECORD:
            return False
        if column.kind in NUMBERS:
            return looks in (Looks.NUMBER, Looks.GRADE) and self._resembles(column, name)
        return self._resembles(column, name) and (looks is Looks.CODE or not column.values)

    def _resembles(self, column: Column, name: str) -> bool:
        known: Sequence[str] = (*self._recipe.names_of(column.name), folded_name(column.name))
        return any(fuzz.ratio(each, folded_name(name)) >= RESEMBLING for each in known)


def _has(cells: pa.ChunkedArray, sign: str) -> bool:
    return bool(pc.any(pc.match_substring(cells, sign)).as_py())
