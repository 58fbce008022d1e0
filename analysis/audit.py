"""Checks on numbers as they are printed (rule R10, DQ078 to DQ080): what cannot be true together.

They run on the results of every release, after the marts; their counts stand in quality.checks beside the others.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from analysis.ard import Results, Row

MOST_OFF_CENTRE = Decimal("0.05")
"""A Wald interval is symmetric on the log scale; rounding to two decimals stays within 5% (DQ078)."""

RESPONSES = ("CR", "PR")
"""Categories of best overall response that make a responder."""


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
    found["DQ080"] = quantities_with_two_values(_stated_again(results.rows))
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


def _stated_again(rows: Sequence[Row]) -> Iterator[tuple[object, object]]:
    """What a report states in several places: patients included, responders, and the events of each endpoint."""
    sums: dict[object, float] = defaultdict(float)
    for row in rows:
        if (quantity := _part_of(row)) is not None:
            sums[quantity] += row.value or 0.0
        elif (quantity := _whole(row)) is not None:
            yield quantity, row.value
    yield from sums.items()
    remaining = [row.value for row in rows if (row.analysis, row.statistic) == ("attrition", "n_out")]
    yield from (("patients", value) for value in remaining[-1:])


def _whole(row: Row) -> object:
    match row.analysis, row.statistic:
        case ("cohort", "n"):
            return "patients"
        case ("response", "total") if not (row.variable or "").endswith("_evaluable"):
            return "patients"
        case ("response", "n") if row.variable == "orr":
            return "responders"
        case ("survival", "n") if row.endpoint == "DOR" and row.group_name is None:
            return "responders"
        case ("time_to_response", "n"):
            return "responders"
        case ("survival", "n_events") if row.group_name is None:
            return "events", row.endpoint
    return None


def _part_of(row: Row) -> object:
    """The quantity that this number and its neighbours add up to."""
    match row.analysis, row.statistic:
        case ("centres", "n"):
            return "patients"
        case ("centres", "n_events"):
            return "events", row.endpoint
        case ("response", "n") if row.variable_level in RESPONSES:
            return "responders"
    return None


def _decimal(row: Row) -> Decimal:
    return Decimal(str(row.value))
