"""Which counts of a question may be shown: its covariates cross-tabulated, and every margin of that table as well."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from analysis.disclosure import SUPPRESSED
from analysis.estimates.levels import Factor
from analysis.linked_counts import LinkedCounts
from analysis.statistics.arrays import Flags, Integers

WITHHELD = "withheld"

Cell = tuple[int, ...]
"""A level on each axis of a table."""

Words = np.ndarray[Any, np.dtype[np.object_]]
"""What stands in the place of each count of a table: '<k', 'withheld', or None where the count itself may stand.

'<k' stands in the table of a single characteristic; where several meet it would help to complete one from the others.
"""

NOTHING = np.array(None)


@dataclass(frozen=True)
class Cells:
    """The patients of a study by the levels of some covariates; those without a level have the last place on its axis.

    `k` is the smallest count that may be shown, `asked` are the cells that a question wants to see.
    """

    factors: tuple[Factor, ...]
    k: int
    asked: tuple[Cell, ...]

    def words(self, *classes: Flags) -> Words:
        """What stands in the place of the counts.

        Args:
            classes: patients of each class; no patient is in two, and those in none are left out.

        Returns:
            One axis a factor and a last one for the classes.
        """
        codes = tuple(self._codes(factor) for factor in self.factors)
        shape = tuple(len(factor.labels) + 1 for factor in self.factors)
        tables = []
        for members in classes:
            table = np.zeros(shape, dtype=np.int64)
            np.add.at(table, tuple(code[members] for code in codes), 1 if codes else int(members.sum()))
            tables.append(table)
        return table_words(np.stack(tables, axis=-1), self.k, self.asked)

    def _codes(self, factor: Factor) -> Integers:
        level = factor.values.level
        return np.where(level < 0, len(factor.labels), level)


def table_words(counts: Integers, k: int, asked: tuple[Cell, ...] = ()) -> Words:
    """What stands in the place of each count of a table whose margins answer to questions of their own.

    Args:
        counts: one axis a characteristic.
        k: the smallest count that may be shown.
        asked: places on the first axes; once a margin has settled that none of them is shown, nothing is.

    A cell is withheld with any margin that it belongs to, and wherever rule R9.9 asks for it once readers know the
    margins that are shown. The decision rests on the table alone, so that no question completes another one.
    """
    axes = tuple(axis for axis, length in enumerate(counts.shape) if length > 1)
    words: dict[tuple[int, ...], Words] = {}
    for size in range(len(axes) + 1):
        for kept in combinations(axes, size):
            table = np.asarray(counts.sum(axis=tuple(set(axes) - set(kept)), keepdims=True))
            margins = {axis: words[tuple(other for other in kept if other != axis)] for axis in kept}
            words[kept] = _words(table, margins, k)
            if _settles(words[kept], kept, asked):
                return np.full(counts.shape, WITHHELD, dtype=object)
    return words[axes]


def _settles(margin: Words, kept: tuple[int, ...], asked: tuple[Cell, ...]) -> bool:
    """Whether a margin over these axes already withholds all that is asked; it has one place on the other axes."""
    if not asked or any(axis >= len(asked[0]) for axis in kept):
        return False
    places = (tuple(level if axis in kept else 0 for axis, level in enumerate(cell)) for cell in asked)
    return all((margin[place] != NOTHING).all() for place in places)


def _words(table: Integers, margins: Mapping[int, Words], k: int) -> Words:
    """The words of one table, those of its margins along each axis being settled."""
    words: Words = np.full(table.shape, None, dtype=object)
    for margin in margins.values():
        words[np.broadcast_to(margin != NOTHING, table.shape)] = WITHHELD
    small = (table > 0) & (table < k)
    if not margins:
        words[small] = f"<{k}"
    elif small.any():
        printed = _linked(table, words, margins, k).printed()
        for place in np.ndindex(table.shape):
            word = printed.get(str(place))
            is_bare = word == SUPPRESSED or len(margins) > 1
            words[place] = words[place] or (WITHHELD if word and is_bare else word)
    return words


def _linked(table: Integers, words: Words, margins: Mapping[int, Words], k: int) -> LinkedCounts:
    """The table's counts with the sums along its lines, as far as readers know them."""
    linked = LinkedCounts(k)
    for place in np.ndindex(table.shape):
        linked.add(str(place), int(table[place]), "shown" if words[place] is None else "implied")
    for axis, margin in margins.items():
        for place in np.ndindex(margin.shape):
            parts = [str(cell) for cell in _line(place, axis, table.shape[axis])]
            total = int(table.sum(axis=axis, keepdims=True)[place])
            name = linked.add(f"sum over {axis} of {place}", total, "public" if margin[place] is None else "implied")
            linked.add_sum(name, parts)
    return linked


def _line(place: tuple[int, ...], axis: int, length: int) -> Iterator[tuple[int, ...]]:
    for step in range(length):
        yield (*place[:axis], step, *place[axis + 1 :])
