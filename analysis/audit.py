"""Checks on numbers as they are printed (rule R10, DQ078 to DQ080): what cannot be true together.

They run on the results of every release, after the marts; their counts stand in quality.checks beside the others.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from analysis.ard import Results, Row

MOST_OFF_CENTRE = Decimal("0.05")
"""A Wald interval is symmetric on the log scale; rounding to two decimals stays within 5% (DQ078)."""


@dataclass(frozen=True)
class AuditCount:
    """How many numbers of one study and variant a check looked at, and how many fail it."""

    check_id: str
    study_id: str
    variant: str
    n_rows: int
    n_fail: int


def ratio_is_off_centre(ratio: Decimal, lower: Decimal, upper: Decimal) -> bool:
    """DQ078: the geometric midpoint of the interval differs from the ratio by more than 5%."""
    return abs((lower * upper).sqrt() - ratio) > MOST_OFF_CENTRE * ratio


def percent_is_not_the_count_s(count: int, total: int, printed: Decimal) -> bool:
    """DQ079: the printed percentage (one decimal) is not 100 n / N rounded half up."""
    return (100 * Decimal(count) / total).quantize(Decimal("0.1"), ROUND_HALF_UP) != printed


def quantities_with_two_values(printed: Iterable[tuple[object, object]]) -> tuple[int, int]:
    """DQ080: distinct quantities among (quantity, value) pairs, and how many of them have more than one value."""
    values: dict[object, set[object]] = defaultdict(set)
    for quantity, value in printed:
        values[quantity].add(value)
    return len(values), sum(len(seen) > 1 for seen in values.values())


def audit(results: Results) -> tuple[AuditCount, ...]:
    """The three checks over the numbers of one study and variant."""
    by_place: dict[object, dict[str, Row]] = defaultdict(dict)
    for row in results.rows:
        if row.time_months is None and row.value is not None:
            by_place[row.place][row.statistic] = row
    found = {"DQ078": _ratios(by_place.values()), "DQ079": _percents(by_place.values())}
    quantities = ((row.ard_id, (row.value, row.value_text)) for row in results.rows)
    found["DQ080"] = quantities_with_two_values(quantities)
    return tuple(
        AuditCount(check, results.study_id, results.variant, rows, fails) for check, (rows, fails) in found.items()
    )


def _ratios(places: Iterable[dict[str, Row]]) -> tuple[int, int]:
    wanted = ("hr", "hr_lower", "hr_upper")
    verdicts = [
        ratio_is_off_centre(*(_decimal(place[name]) for name in wanted))
        for place in places
        if all(name in place for name in wanted)
    ]
    return len(verdicts), sum(verdicts)


def _percents(places: Iterable[dict[str, Row]]) -> tuple[int, int]:
    verdicts = []
    for place in places:
        if not {"n", "total", "pct"} <= place.keys() or not place["total"].value:
            continue
        printed = _decimal(place["pct"]).quantize(Decimal("0.1"), ROUND_HALF_UP)
        verdicts.append(percent_is_not_the_count_s(int(_decimal(place["n"])), int(_decimal(place["total"])), printed))
    return len(verdicts), sum(verdicts)


def _decimal(row: Row) -> Decimal:
    return Decimal(str(row.value))
