"""Small bar charts that a template prints: heights and marks of bars, ticks below, the top of the scale.

They are plain shapes without a drawing library: the page has dozens, and is rewritten whenever a tolerance changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Literal

from analysis.disclosure import FEWEST_PATIENTS

Kind = Literal["plain", "pale", "low"]
KINDS: tuple[Kind, ...] = ("plain", "pale", "low")

NEIGHBOURS = 3
"""Months before, and after, with which a month is compared."""

_LOW_SHARE = 0.5
_DEVIATIONS = 3
"""A month is low with less than this share of its neighbours, and by this many standard deviations of a count."""

_NARROW_GAP, _WIDE_GAP = 0.12, 0.4
"""Share of a bar's place that stays free: of counts over time, of values that stand each for itself."""


@dataclass(frozen=True)
class Tick:
    """A word under the bars; `place` in percent of the width."""

    place: float
    words: str


@dataclass(frozen=True)
class Bars:
    """One chart. `shapes` are SVG paths by kind in a field of 100 by 100, `top` the number at its upper edge."""

    title: str
    below: str
    top: str
    shapes: Mapping[Kind, str]
    ticks: tuple[Tick, ...]
    labels: tuple[Tick, ...] = ()


def months_between(first: date, last: date) -> list[date]:
    """First days of the months from one to another, both counted."""
    count = 12 * (last.year - first.year) + last.month - first.month + 1
    return [
        date(first.year + (first.month - 1 + step) // 12, (first.month - 1 + step) % 12 + 1, 1) for step in range(count)
    ]


def low_months(counts: Sequence[int], *, last_is_whole: bool) -> set[int]:
    """Places of months with far fewer rows than the months around them.

    Args:
        counts: rows of each month, none left out.
        last_is_whole: whether the extract was read on the last day of the last month; else that month is not judged.

    Expected is the median of the months on both sides, and no more than that of the months before: records begin
    slowly, and the first months of a table are not judged. At the end only the months before are there, so that a feed
    that has stopped is seen.
    """
    low = set()
    for place in range(NEIGHBOURS, len(counts) - (0 if last_is_whole else 1)):
        before = counts[place - NEIGHBOURS : place]
        after = counts[place + 1 : place + 1 + NEIGHBOURS]
        expected = min(median(before), median([*before, *after]))
        if counts[place] < _LOW_SHARE * expected and expected - counts[place] > _DEVIATIONS * expected**0.5:
            low.add(place)
    return low


def count_bars(title: str, below: str, counts: Sequence[int], ticks: Sequence[Tick], low: set[int]) -> Bars:
    """Bars of counts; those from one to nine are all drawn as ten, and pale, so that none can be read."""
    kinds: list[Kind] = [
        "low" if place in low else "pale" if 0 < count < FEWEST_PATIENTS else "plain"
        for place, count in enumerate(counts)
    ]
    shown = [max(count, FEWEST_PATIENTS) if count else 0 for count in counts]
    top = max([*shown, 1])
    return Bars(title, below, f"{top:,}", _shapes(shown, kinds, top), tuple(ticks))


def value_bars(title: str, below: str, values: Sequence[float], words: Sequence[str], ticks: Sequence[Tick]) -> Bars:
    """Bars with their value in words over each, all but the last pale; the scale begins at 0."""
    top = max([*values, 0]) or 1
    kinds: list[Kind] = ["pale" if place < len(values) else "plain" for place, _ in enumerate(values, 1)]
    labels = tuple(Tick(_middle(place, len(values)), text) for place, text in enumerate(words))
    return Bars(title, below, "", _shapes(values, kinds, top, _WIDE_GAP), tuple(ticks), labels)


def ticks_of(words: Sequence[str]) -> tuple[Tick, ...]:
    """A tick under the middle of each bar."""
    return tuple(Tick(_middle(place, len(words)), text) for place, text in enumerate(words))


def year_ticks(months: Sequence[date]) -> tuple[Tick, ...]:
    """A tick where a year begins: every year, or every second or more where there are many."""
    years = [(place, month.year) for place, month in enumerate(months) if month.month == 1 or not place]
    step = 1 + len(years) // 6
    return tuple(Tick(round(100 * place / len(months), 2), str(year)) for place, year in years if year % step == 0)


def _middle(place: int, count: int) -> float:
    return round(100 * (place + 0.5) / count, 2)


def _shapes(values: Sequence[float], kinds: Sequence[Kind], top: float, gap: float = _NARROW_GAP) -> dict[Kind, str]:
    shapes: dict[Kind, list[str]] = {kind: [] for kind in KINDS}
    width = 100 / max(len(values), 1)
    for place, (value, kind) in enumerate(zip(values, kinds, strict=True)):
        height = round(100 * value / top, 1)
        # An empty month that ought not to be empty still needs a mark to be seen.
        drawn = max(height, 3.0) if kind == "low" else height
        if drawn:
            left, across = place * width + gap * width / 2, width * (1 - gap)
            shapes[kind].append(f"M{left:.2f} 100v-{drawn}h{across:.2f}v{drawn}z")
    return {kind: "".join(some) for kind, some in shapes.items() if some}
