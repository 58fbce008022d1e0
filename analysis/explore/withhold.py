"""Takes out of results what may not be shown; what is left is all that a page or anybody else gets to see."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from analysis.ard import Place, Results, Row
from analysis.estimates.regression import UNIVARIATE
from analysis.estimates.survival import CURVE, LOGRANK, SURVIVAL
from analysis.explore.cells import WITHHELD
from analysis.explore.standing import Standing

FEW_AT_RISK = "too few at risk"
DASH = "–"
"""Stands among the numbers at risk and at the end of an interval, where words have no room."""


@dataclass(frozen=True)
class Shown:
    """What of a group may be shown, and what stands in the place of its numbers at risk, by month."""

    standing: Standing
    responses: Mapping[str, Place]
    at_risk: Mapping[float, str]


def withhold(results: Results, groups: Mapping[Place, Shown], *, is_compared: bool) -> Results:
    """The rows that may be shown; in the place of a number that is withheld stand words.

    Args:
        results: every number of a question.
        groups: what may be shown of each group, by the place of its survival numbers.
        is_compared: whether the tests between the groups may be shown.
    """
    rows = tuple(_shown_rows(results, groups, is_compared))
    # The counts behind a number are counts like any other, and nobody prints them.
    return Results(results.study_id, results.variant, tuple(replace(row, n=None, events=None) for row in rows))


def _shown_rows(results: Results, groups: Mapping[Place, Shown], is_compared: bool) -> Iterator[Row]:
    responses = {
        place: shown.standing.responses[rate] for shown in groups.values() for rate, place in shown.responses.items()
    }
    for row in results.rows:
        if row.analysis in (LOGRANK, UNIVARIATE):
            yield from _shown_comparison(row, is_compared)
        elif row.place in responses:
            yield _instead(row, responses[row.place])
        elif row.analysis == CURVE:
            yield from _shown_step(row, groups[replace(row.place, analysis=SURVIVAL)].standing)
        else:
            yield from _shown_number(row, groups[row.place])


def _shown_comparison(row: Row, is_compared: bool) -> Iterator[Row]:
    """Tests and ratios; the levels' counts stand with the groups already."""
    if row.statistic not in ("n", "n_events"):
        yield _instead(row, None if is_compared else WITHHELD)


def _shown_step(row: Row, standing: Standing) -> Iterator[Row]:
    """Steps up to the month at which the curve has to end; censored patients unless their number is withheld."""
    if standing.end is None:
        return
    if row.statistic == "thin_from":
        is_drawn = row.value is not None and row.value < standing.end
        yield row if is_drawn else replace(row, value=None, value_text="never")
    elif (row.time_months or 0.0) <= standing.end and (row.statistic != "n_censored" or standing.events is None):
        yield row


def _shown_number(row: Row, shown: Shown) -> Iterator[Row]:
    standing = shown.standing
    if row.statistic == "n":
        yield _instead(row, standing.size)
    elif row.statistic == "n_events":
        yield _instead(row, standing.events)
    elif row.statistic == "at_risk":
        text = shown.at_risk.get(row.time_months or 0.0) if standing.size is None else WITHHELD
        yield _instead(row, DASH if text == WITHHELD else text)
    elif row.statistic in ("cum_events", "cum_censored"):
        return
    elif standing.is_empty:
        yield row
    elif standing.end is None:
        yield _instead(row, WITHHELD)
    else:
        month = row.value if row.time_months is None else row.time_months
        is_late = month is not None and month > standing.end
        is_limit = row.statistic in ("median_lower", "median_upper")
        yield _instead(row, (DASH if is_limit else FEW_AT_RISK) if is_late else None)


def _instead(row: Row, text: str | None) -> Row:
    return row if text is None else replace(row, value=None, value_text=text)
