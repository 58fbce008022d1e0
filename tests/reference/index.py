"""Index date of a combination (R3.1)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

OK, OUT_OF_WINDOW, NO_COMBINATION = "OK", "OUT_OF_WINDOW", "NO_COMBINATION"


@dataclass(frozen=True)
class Span:
    """An exposure episode as the index rule sees it."""

    drug_key: str
    start: dt.date
    covered_through: dt.date


@dataclass(frozen=True)
class IndexRules:
    """`index_rule` is both_on_board or first_component; the window is inclusive, None is open."""

    index_rule: str
    index_from: dt.date | None
    index_to: dt.date | None


@dataclass(frozen=True)
class Index:
    """The one index of a patient; `date` is kept when it lies out of the window."""

    status: str
    date: dt.date | None = None


def index_of_combination(first: Iterable[Span], second: Iterable[Span], rules: IndexRules) -> Index:
    """The first day on which a drug of each component is on board.

    silent: under first_component the index is the earlier start of that first pair; of several pairs that are first on
    board on one day, the one that started earliest.
    """
    seconds = list(second)
    pairs = [(a, b) for a in first for b in seconds if _overlap(a, b)]
    if not pairs:
        return Index(NO_COMBINATION)
    on_board, first_start = min((max(a.start, b.start), min(a.start, b.start)) for a, b in pairs)
    date = first_start if rules.index_rule == "first_component" else on_board
    too_early = rules.index_from is not None and date < rules.index_from
    too_late = rules.index_to is not None and date > rules.index_to
    return Index(OUT_OF_WINDOW if too_early or too_late else OK, date)


def _overlap(a: Span, b: Span) -> bool:
    return max(a.start, b.start) <= min(a.covered_through, b.covered_through)
