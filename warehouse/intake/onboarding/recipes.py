"""What files usually call things, and when a file feeds a contract table: all of it is data."""

import csv
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

DATA = Path(__file__).resolve().parent / "data"
ANY_TABLE = "*"
_SIGNS = re.compile(r"[\s_\-:：.()（）\[\]【】]+")


class Recipe(BaseModel):
    """When a file feeds a contract table, and how.

    `needs` are contract columns that must be recognised, `without` those that must not be. `names` go before those of
    `column_names.csv`, and for `own_names_only` they are all. `file` are words of which the file's name must have one.
    `present` is the contract column whose source column must have a value; `vocabulary` reads free text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str
    needs: tuple[str, ...]
    without: tuple[str, ...] = ()
    names: dict[str, tuple[str, ...]] = {}
    own_names_only: tuple[str, ...] = ()
    file: tuple[str, ...] = ()
    constants: dict[str, str] = {}
    present: str | None = None
    vocabulary: dict[str, str] = {}
    key: tuple[str, ...] = ()

    def names_of(self, column: str) -> tuple[str, ...]:
        """What files call a contract column, folded, the likeliest first."""
        own = tuple(folded_name(name) for name in self.names.get(column, ()))
        if column in self.own_names_only:
            return own
        known = column_names()
        return (*own, *known.get((self.table, column), ()), *known.get((ANY_TABLE, column), ()))


def folded_name(name: str) -> str:
    """A name without its letter case, width, blanks and signs."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", name).casefold())


@cache
def recipes() -> tuple[Recipe, ...]:
    """All recipes, in the order in which their feeds are written."""
    with (DATA / "recipes.toml").open("rb") as stream:
        return tuple(Recipe.model_validate(recipe) for recipe in tomllib.load(stream)["recipe"])


@cache
def column_names() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """By contract table (or any) and column: what files call it, folded."""
    return {
        (row["table"], row["column"]): tuple(folded_name(name) for name in row["names"].split("|"))
        for row in _rows("column_names.csv")
    }


@cache
def value_names() -> Mapping[str, Mapping[str, str]]:
    """By contract column: the code that a folded word stands for."""
    found: dict[str, dict[str, str]] = {}
    for row in _rows("value_names.csv"):
        found.setdefault(row["column"], {}).update(
            {folded_name(name): row["code"] for name in (*row["names"].split("|"), row["code"])}
        )
    return found


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
