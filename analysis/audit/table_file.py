"""A published table as a TOML file: what was printed, place by place (docs/audit.md shows how to write one)."""

import tomllib
from collections import Counter
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from analysis.audit.entries import (
    AtMost,
    Entry,
    FollowUp,
    Median,
    Mention,
    Product,
    Proportion,
    Ranking,
    Rate,
    Ratio,
    Statement,
    Strict,
    Sum,
    Term,
)
from analysis.audit.ranges import Range
from models.errors import BadInput


class TableFileError(BadInput):
    """The file of a published table cannot be read, or says something that cannot be understood."""


class Place(Strict):
    """Where in the publication: a table, a section, a figure."""

    name: str
    proportions: tuple[Proportion, ...] = ()
    hazard_ratios: tuple[Ratio, ...] = ()
    medians: tuple[Median, ...] = ()
    rates: tuple[Rate, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    mentions: tuple[Mention, ...] = ()
    sums: tuple[Sum, ...] = ()
    at_most: tuple[AtMost, ...] = ()
    products: tuple[Product, ...] = ()
    rankings: tuple[Ranking, ...] = ()

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Everything that must hold here."""
        return (*self.sums, *self.at_most, *self.products, *self.rankings)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that is printed here."""
        kinds = (self.proportions, self.hazard_ratios, self.medians, self.rates, self.follow_up, self.mentions)
        return tuple(entry for kind in kinds for entry in kind)


class Publication(Strict):
    """Which publication it is."""

    title: str
    source: str


class PublishedTable(Strict):
    """One file."""

    publication: Publication
    totals: dict[str, Annotated[int, Field(gt=0)]] = Field(default_factory=dict)
    places: tuple[Place, ...]

    def value(self, term: Term) -> Range:
        """What a term of a statement means: a number as it stands, a total, or a quantity's first count or estimate.

        Raises:
            KeyError: nothing of this name is in the file.
        """
        if not isinstance(term, str):
            return Range(float(term), float(term), str(term))
        if term in self.totals:
            return Range.exact(self.totals[term])
        printed = [dict(entry.numbers()) for place in self.places for entry in place.entries if entry.quantity == term]
        for name in ("count", "estimate"):
            for numbers in printed:
                if name in numbers:
                    return numbers[name]
        raise KeyError(term)

    def total(self, proportion: Proportion) -> int | None:
        """The total of a proportion as a number."""
        return self.totals[proportion.total] if isinstance(proportion.total, str) else proportion.total

    @model_validator(mode="after")
    def _names_known(self) -> Self:
        if not self.places:
            raise ValueError("it has no [[places]]")
        doubles = [name for name, times in Counter(place.name for place in self.places).items() if times > 1]
        if doubles:
            raise ValueError(f"place {', '.join(doubles)} stands twice")
        named = {one.total for place in self.places for one in place.proportions if isinstance(one.total, str)}
        unknown = sorted(named - set(self.totals))
        terms = {term for place in self.places for statement in place.statements for term in statement.terms}
        unknown += sorted(term for term in terms if isinstance(term, str) and not self._knows(term))
        if unknown:
            raise ValueError(f"neither [totals] nor any place defines {', '.join(map(repr, unknown))}")
        return self

    def _knows(self, term: str) -> bool:
        try:
            self.value(term)
        except KeyError:
            return False
        return True


def parse_table(text: str, origin: str) -> PublishedTable:
    """Read a published table from TOML text; `origin` names the file in errors.

    Raises:
        TableFileError: it is not TOML, or an entry cannot be understood; the message lists every fault with its place.
    """
    try:
        content: dict[str, Any] = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise TableFileError(f"{origin} is not valid TOML: {error}") from error
    try:
        return PublishedTable.model_validate(content)
    except ValidationError as error:
        faults = [f"  {_where(content, fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise TableFileError("\n".join([f"{origin} cannot be used, {len(faults)} fault(s):", *faults])) from error


def _where(content: object, path: tuple[int | str, ...]) -> str:
    """The path to a fault, entries by their own name where they have one: 'places "Table 1", medians "median OS"'."""
    words: list[str] = []
    for step in path:
        if isinstance(step, int) and isinstance(content, list):
            content = content[step]
            named = [
                content[key] for key in ("name", "quantity", "what") if isinstance(content, dict) and key in content
            ]
            words[-1:] = [f'{words[-1]} "{named[0]}"' if named else f"{words[-1]} {step + 1}"]
        else:
            content = content.get(step) if isinstance(content, dict) else None
            words.append(str(step))
    return ", ".join(words) or "the file"
