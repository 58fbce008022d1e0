"""The published numbers beside ours: printed alike, or with a reason that still holds."""

import pytest

from tests.analysis.paper_beside_ours import (
    PAGE,
    Beside,
    both_results,
    page,
    read_addresses,
    read_paper,
    side_by_side,
)


@pytest.fixture(scope="module")
def rows() -> list[Beside]:
    """Every distinct number of the paper beside ours."""
    return list(side_by_side(read_paper(), *both_results()))


def test_every_number_of_the_paper_has_a_row() -> None:
    """Nothing that the paper prints is left out, and no row is about something that it does not print."""
    printed = {entry.quantity for place in read_paper().places for entry in place.entries}
    assert set(read_addresses()) == printed


def test_ours_is_the_published_number_or_the_reason_is_given(rows: list[Beside]) -> None:
    """Each number is printed as in the paper under the paper's conventions, unless a reason stands beside it."""
    silent = [
        f"{row.quantity}, {row.field}: {row.paper}, ours {row.ours}"
        for row in rows
        if not row.agrees and not row.reason
    ]
    assert not silent


def test_no_reason_stands_where_nothing_differs(rows: list[Beside]) -> None:
    """A reason belongs to a quantity and field of which at least one printed number is not ours."""
    differing = {(row.quantity, field) for row in rows if not row.agrees for field in (row.field, "*")}
    held = {quantity: address for quantity, address in read_addresses().items() if address.is_held}
    given = {(quantity, field) for quantity, address in held.items() for field in address.reasons}
    assert not given - differing


@pytest.mark.parametrize(
    "quantity",
    [
        "ORR",
        "DCR",
        "median PFS",
        "median OS",
        "12-month OS",
        "24-month OS",
        "12-month DoR",
        "median DoR",
        "deaths",
        "any TRAE",
        "male",
    ],
)
def test_what_the_paper_is_known_for_is_ours(rows: list[Beside], quantity: str) -> None:
    """The main results are among those that agree, not among those with a reason."""
    fields = {"deaths": "count"}
    assert any(row.agrees for row in rows if (row.quantity, row.field) == (quantity, fields.get(quantity, "estimate")))


def test_the_page_is_current() -> None:
    """docs/paper-beside-ours.md says what the analyses say today."""
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.analysis.paper_beside_ours"
