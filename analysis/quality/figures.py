"""The small multiples of the page: rows a month of each table, and the checks over the releases."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from analysis.disclosure import FEWEST_PATIENTS
from analysis.quality.bars import (
    Bars,
    count_bars,
    low_months,
    months_between,
    ticks_of,
    value_bars,
    year_ticks,
)
from analysis.quality.reading import Past, Release
from analysis.report.language import tr
from analysis.report.parts import format_value, plain, say

CATEGORIES = ("Conformance", "Completeness", "Plausibility")
"""Kahn's categories of data quality (Kahn et al., eGEMs 2016)."""

CONTEXTS = ("verification", "validation")
"""Against what the data themselves say, and against what is known elsewhere (Kahn 2016)."""


def volume_bars(release: Release, centre: str) -> Iterator[Bars]:
    """Rows a month of each table of a centre, over the same months; rare tables by the year."""
    tables = {table: counts for (of, table), counts in release.volumes.items() if of == centre}
    dated = [month for counts in tables.values() for month in counts if month]
    if not dated:
        return
    months = months_between(min(dated), max(dated))
    whole = _last_month_is_whole(release, centre, months[-1])
    for table, by_month in tables.items():
        counts = [by_month.get(month, 0) for month in months]
        undated = by_month.get(None, 0)
        without = f"; {plain(say('{n} without a month', n=_shown(undated)))}" if undated else ""
        if 2 * sum(count >= FEWEST_PATIENTS for count in counts) < sum(count > 0 for count in counts):
            years = _by_year(months, counts)
            below = tr("rows a year") + without
            yield count_bars(
                table, below, list(years.values()), ticks_of(_some([str(year) for year in years], 6)), set()
            )
        else:
            first = next(place for place, count in enumerate(counts) if count)
            low = {first + place for place in low_months(counts[first:], last_is_whole=whole)}
            yield count_bars(table, tr("rows a month") + without, counts, year_ticks(months), low)


def _shown(count: int) -> str:
    return f"{count:,}" if count >= FEWEST_PATIENTS else f"<{FEWEST_PATIENTS}"


def _last_month_is_whole(release: Release, centre: str, last: date) -> bool:
    """Whether the centre's newest extract was read on or after the last day of the last month with rows."""
    extracts = [one.extract_date for one in release.deliveries if one.centre == centre and one.extract_date]
    return bool(extracts) and max(extracts) >= last.replace(day=monthrange(last.year, last.month)[1])


def _by_year(months: Sequence[date], counts: Sequence[int]) -> Mapping[int, int]:
    years: dict[int, int] = defaultdict(int)
    for month, count in zip(months, counts, strict=True):
        years[month.year] += count
    return years


def _some(words: Sequence[str], most: int) -> list[str]:
    """At most so many of the words, the last among them, the others blank."""
    step = 1 + (len(words) - 1) // most
    return [word if place % step == 0 else "" for place, word in enumerate(reversed(words))][::-1]


def trend_bars(past: Sequence[Past]) -> Iterator[Bars]:
    """For each of Kahn's categories and release: checks beyond their tolerance, and the share of rows that fail."""
    days = [f"{one.extract:%Y-%m-%d}" if one.extract else one.release_id[:8] for one in past]
    ticks = ticks_of(_some(days, 3))
    for category in CATEGORIES:
        beyond = [len({check for check, of, _, _, over in one.checks if over and of == category}) for one in past]
        yield value_bars(tr(category), tr("checks beyond tolerance"), beyond, [str(count) for count in beyond], ticks)
    for category in CATEGORIES:
        shares = [_share(one, category) for one in past]
        words = [f"{format_value(share, 'ratio')}" for share in shares]
        yield value_bars(tr(category), tr("rows that fail, % of those looked at"), shares, words, ticks)


def _share(past: Past, category: str) -> float:
    rows = sum(rows for _, of, rows, _, _ in past.checks if of == category)
    failed = sum(failed for _, of, _, failed, _ in past.checks if of == category)
    return 100 * failed / rows if rows else 0.0
