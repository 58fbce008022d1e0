"""Tables of a question: what the answers to all questions about the same characteristics tell together."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.explore.cells import table_words
from analysis.statistics.arrays import Floats, Integers

K = 3
SHAPES = [(2, 2), (2, 3), (3, 3), (2, 2, 2), (2, 3, 2)]


def margins(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Every set of axes to sum over, from all to none."""
    for size in range(len(shape), -1, -1):
        yield from combinations(range(len(shape)), size)


class Reader:
    """Somebody who has asked every question about the characteristics of a table, and solves for its counts."""

    def __init__(self, table: Integers) -> None:
        self.sums: list[Floats] = []
        self.least: list[float] = []
        self.most: list[float] = []
        self.small: list[Floats] = []
        cells = np.arange(table.size).reshape(table.shape)
        for summed in margins(table.shape):
            counts = np.asarray(table.sum(axis=summed))
            words = table_words(counts, K)
            for place in np.ndindex(counts.shape):
                levels = iter(place)
                among = cells[tuple(slice(None) if axis in summed else next(levels) for axis in range(table.ndim))]
                parts = np.isin(np.arange(table.size), among).astype(np.float64)
                self._read(parts, int(counts[place]), words.item(*place))
        self.cells = table.size

    def _read(self, parts: Floats, count: int, word: str | None) -> None:
        least, most = {None: (count, count), f"<{K}": (1, K - 1), "withheld": (0, np.inf)}[word]
        self.sums.append(parts)
        self.least.append(least)
        self.most.append(most)
        if 0 < count < K:
            self.small.append(parts)

    def range_of(self, parts: Floats) -> tuple[int, int]:
        """The least and the most that a sum of cells can be."""
        known = LinearConstraint(np.array(self.sums), self.least, self.most)
        ends = [
            milp(sign * parts, constraints=known, bounds=Bounds(0, np.inf), integrality=np.ones(self.cells)).fun
            for sign in (1, -1)
        ]
        return round(ends[0]), round(-ends[1])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@settings(max_examples=20)
@given(data=st.data())
def test_no_small_count_can_be_worked_out(shape: tuple[int, ...], data: Any) -> None:
    """Who asks for a table and all its margins and solves the sums is left with several values of a small count."""
    size = int(np.prod(shape))
    counts = data.draw(st.lists(st.sampled_from([0, 1, 1, 2, 2, 3, 4, 9]), min_size=size, max_size=size))
    reader = Reader(np.array(counts, dtype=np.int64).reshape(shape))
    for parts in reader.small:
        least, most = reader.range_of(parts)
        assert least < most


def test_a_table_without_small_counts_is_shown_whole() -> None:
    """Zeros and counts of k or more stand as they are."""
    assert table_words(np.array([[30, 5], [0, 17]]), 5).tolist() == [[None] * 2] * 2


def test_a_cell_is_withheld_with_its_margin() -> None:
    """Four of seventy have a characteristic: how they divide is nobody's to know, nor how the sixty-six do."""
    words = table_words(np.array([[30, 36], [4, 0]]), 5)
    assert words.tolist() == [["withheld"] * 2] * 2
