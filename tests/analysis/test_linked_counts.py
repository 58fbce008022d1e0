"""Small counts that several sums lead to: none of them can be worked out from what is shown."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.linked_counts import LinkedCounts

K = 3
CELLS = st.integers(0, 6)


def line(*counts: int, k: int = 5) -> list[str | None]:
    """One row of cells whose total is known."""
    linked = LinkedCounts(k)
    names = [linked.add(f"cell {number}", count) for number, count in enumerate(counts)]
    linked.add_sum(linked.add("total", sum(counts), "public"), names)
    return list(linked.printed().values())


@pytest.mark.parametrize(
    ("counts", "printed"),
    [
        ((40, 0, 47), [None, None, None]),
        ((83, 4), ["suppressed", "<5"]),
        ((83, 4, 0), ["suppressed", "<5", None]),
        ((70, 9, 4), [None, "suppressed", "<5"]),
        ((70, 2, 3), [None, "<5", "<5"]),
        ((70, 9, 4, 4), [None, "suppressed", "<5", "<5"]),
    ],
    ids=["none small", "SU03", "a zero is shown", "smallest other", "two hide each other", "8 can only be 4 and 4"],
)
def test_one_line_follows_the_rule(counts: tuple[int, ...], printed: list[str | None]) -> None:
    """The cases of rule R9.9: one hidden cell takes another with it, and a single solution one more."""
    assert line(*counts) == printed


def test_a_cell_of_exactly_k_beside_a_one_does_not_give_it_away() -> None:
    """1 and 5 are 6, and nothing else is, once readers know that one is below 5 and the other is not."""
    assert line(1, 5, 30) == ["<5", "suppressed", "suppressed"]


def test_a_total_below_k_says_nothing_about_where_its_patients_are() -> None:
    """One patient of all centres: neither '<5' in one of them nor a 0 in the others."""
    assert line(1, 0, 0) == ["suppressed"] * 3


def test_a_small_rest_is_withheld_with_the_count_that_leads_to_it() -> None:
    """38 of 40 had the event: printing both counts prints the 2 who had not."""
    linked = LinkedCounts(5)
    patients, events = linked.add("patients", 40), linked.add("events", 38)
    linked.add_sum(patients, [events, linked.add("event-free", 2, "implied")])
    assert linked.printed() == {"patients": None, "events": "suppressed"}


def test_parts_that_do_not_add_up_are_refused() -> None:
    """A sum that is wrong would make every withheld count wrong."""
    linked = LinkedCounts(5)
    linked.add("total", 9, "public")
    with pytest.raises(ValueError, match="do not add up"):
        linked.add_sum("total", [linked.add("part", 8)])


def _as_a_reader(words: list[str | None], counts: list[int]) -> list[range]:
    """What stands in each cell, as the values that it leaves open; nobody has more than 24 patients."""
    return [
        range(1, K) if word == f"<{K}" else range(25) if word else range(count, count + 1)
        for word, count in zip(words, counts, strict=True)
    ]


def _tables(ranges: list[range], rows: list[int], columns: list[int]) -> Iterator[tuple[int, ...]]:
    """Every 2 x 3 table within the ranges that has these sums."""
    for first in product(*ranges[:2]):
        third = rows[0] - sum(first)
        table = (*first, third, *(columns[place] - value for place, value in enumerate((*first, third))))
        if all(value in allowed for value, allowed in zip(table, ranges, strict=True)):
            yield table


@settings(max_examples=60, deadline=None)
@given(st.tuples(CELLS, CELLS, CELLS), st.tuples(CELLS, CELLS, CELLS))
def test_no_reader_can_work_out_a_small_cell_of_a_table(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    """Trying every table with the printed sums, each small cell has more than one value left."""
    linked = LinkedCounts(K)
    names = [
        [linked.add(f"{row} {column}", count) for column, count in enumerate(counts)]
        for row, counts in enumerate((first, second))
    ]
    rows = [sum(first), sum(second)]
    columns = [one + other for one, other in zip(first, second, strict=True)]
    for row, parts in enumerate(names):
        linked.add_sum(linked.add(f"row {row}", rows[row], "public"), parts)
    for column, in_column in enumerate(zip(*names, strict=True)):
        linked.add_sum(linked.add(f"column {column}", columns[column], "public"), in_column)
    words, counts = list(linked.printed().values()), [*first, *second]
    possible = list(_tables(_as_a_reader(words, counts), rows, columns))
    assert tuple(counts) in possible
    for place, count in enumerate(counts):
        if 0 < count < K and min(rows[place // 3], columns[place % 3]) > count:
            assert len({table[place] for table in possible}) > 1
