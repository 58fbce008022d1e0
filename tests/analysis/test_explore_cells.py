"""Tables of a question: what the answers to all questions about the same characteristics tell together."""

from collections.abc import Iterator
from functools import cache
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.explore.cells import table_words
from analysis.statistics.arrays import Flags, Integers

K = 3
MOST = {(2, 2): 9, (2, 3): 6, (2, 2, 2): 4}
"""Shapes of tables, and the largest count in a cell: small enough for a reader to try every table there is."""

Table = Integers


@cache
def every_table(shape: tuple[int, ...]) -> Table:
    """All tables of a shape, one a row."""
    cells = int(np.prod(shape))
    return np.array(list(product(range(MOST[shape] + 1), repeat=cells)), dtype=np.int64).reshape(-1, *shape)


def margins(table: Table, first: int = 0) -> Iterator[Table]:
    """The table summed over every set of its axes, from all to none; axes before `first` number tables."""
    axes = range(first, table.ndim)
    for size in range(len(axes), -1, -1):
        for summed in combinations(axes, size):
            yield table.sum(axis=summed)


def possible(table: Table) -> Table:
    """Every table that shows what this one shows, in the answers about any of its characteristics."""
    tables = every_table(table.shape)
    fits: Flags = np.ones(len(tables), dtype=bool)
    for mine, theirs in zip(margins(table), margins(tables, first=1), strict=True):
        words = table_words(np.asarray(mine), K)
        for place in np.ndindex(words.shape):
            here = theirs[(slice(None), *place)]
            if words[place] is None:
                fits &= here == mine[place]
            elif words[place] == f"<{K}":
                fits &= (here > 0) & (here < K)
    return tables[fits]


def tables(shape: tuple[int, ...]) -> st.SearchStrategy[Table]:
    cells = st.lists(st.integers(0, MOST[shape] - 1), min_size=int(np.prod(shape)), max_size=int(np.prod(shape)))
    return cells.map(lambda counts: np.array(counts, dtype=np.int64).reshape(shape))


@pytest.mark.parametrize("shape", MOST)
@settings(max_examples=25)
@given(data=st.data())
def test_no_small_count_can_be_worked_out(shape: tuple[int, ...], data: Any) -> None:
    """Who asks for every table and margin and tries all there could be is left with two values of a small count."""
    table = data.draw(tables(shape))
    others = possible(table)
    for mine, theirs in zip(margins(table), margins(others, first=1), strict=True):
        for place in np.ndindex(np.shape(mine)):
            if 0 < mine[place] < K:
                assert len(set(theirs[(slice(None), *place)].tolist())) > 1, f"{table} gives away {place}"


def test_a_table_without_small_counts_is_shown_whole() -> None:
    """Zeros and counts of k or more stand as they are."""
    assert table_words(np.array([[30, 5], [0, 17]]), 5).tolist() == [[None] * 2] * 2


def test_a_cell_is_withheld_with_its_margin() -> None:
    """Four of seventy have a characteristic: how they divide is nobody's to know, nor how the sixty-six do."""
    words = table_words(np.array([[30, 36], [4, 0]]), 5)
    assert words.tolist() == [["withheld"] * 2] * 2
