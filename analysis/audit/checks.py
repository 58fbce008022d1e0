"""Checks on counts, percentages and repeated values; each returns the conflict with its arithmetic, or None.

Both audits use them: the one of a study's own results, and the one of a published table.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from scipy import stats

from analysis.audit.conflict import Conflict, Rule, Severity
from analysis.audit.ranges import Range, between
from analysis.conventions import CONFIDENCE
from analysis.statistics.descriptive import clopper_pearson

CLOPPER_PEARSON = "clopper_pearson"
Z = Range(1.95996, 1.96, "1.96")
"""Normal quantile of a 95% interval: some programs use 1.96, others all its digits."""


def percentage(count: int, total: int, printed: Range, others: Mapping[str, int]) -> Conflict | None:
    """The percentage is not this count of this total; `others` are totals that the count may belong to instead."""
    share = 100 * count / total
    if printed.meets(Range.exact(share)):
        return _half_down(count, total, printed)
    said = f"{count} of {total} is {_rounded(share, printed)}%, printed {printed}%"
    fitting = [f"{count} of {other} ({name})" for name, other in others.items() if _fits(count, other, printed)]
    also = f"; {' and '.join(fitting)} would give it" if fitting else ""
    return Conflict(Rule.PERCENTAGE, Severity.IMPOSSIBLE, f"{said}{also}.")


def counts_that_fit(total: int, printed: Range) -> list[int]:
    """The whole counts of this total whose percentage may be printed so."""
    first = max(math.floor(printed.low / 100 * total), 0)
    last = min(math.ceil(printed.high / 100 * total), total)
    return [count for count in range(first, last + 1) if _fits(count, total, printed)]


def some_count(total: int, printed: Range) -> Conflict | None:
    """No whole count of this total gives the percentage."""
    if counts_that_fit(total, printed):
        return None
    below = math.floor(printed.low / 100 * total)
    nearest = [count for count in (below, below + 1) if 0 <= count <= total]
    possible = " and ".join(f"{count} of {total} is {_rounded(100 * count / total, printed)}%" for count in nearest)
    said = f"no count of {total} gives {printed}%: {possible}."
    return Conflict(Rule.PERCENTAGE, Severity.IMPOSSIBLE, said)


def _half_down(count: int, total: int, printed: Range) -> Conflict | None:
    value = Decimal(printed.text) if printed.low != printed.high else None
    if value is None:
        return None
    expected = (100 * Decimal(count) / total).quantize(value, ROUND_HALF_UP)
    if expected == value:
        return None
    said = f"{count} of {total} lies between two printed values and rounds up to {expected}%, printed {printed}%."
    return Conflict(Rule.PERCENTAGE, Severity.CONVENTION, said)


def _fits(count: int, total: int, printed: Range) -> bool:
    return count <= total and printed.meets(Range.exact(100 * count / total))


def _rounded(value: float, like: Range) -> str:
    digits = len(like.text.partition(".")[2]) if like.low != like.high else 4
    return f"{value:.{digits}f}"


def inside(estimate: Range, lower: Range, upper: Range) -> Conflict | None:
    """The estimate is outside its own interval."""
    if not estimate.is_below(lower) and not upper.is_below(estimate):
        return None
    said = f"{estimate} is not between {lower} and {upper}."
    return Conflict(Rule.INSIDE, Severity.IMPOSSIBLE, said)


def proportion_interval(
    count: int, total: int, lower: Range, upper: Range, stated: str | None = None
) -> Conflict | None:
    """The printed limits (percent) are not those of the stated method, or, where none is stated, of any known one."""
    exact = clopper_pearson(count, total)
    if stated in (None, CLOPPER_PEARSON) and _is(exact.lower, lower) and _is(exact.upper, upper):
        return None  # the usual case, and the only one that needs no other intervals
    given = dict(_proportion_intervals(count, total))
    fitting = [name for name, (low, high) in given.items() if _is(low, lower) and _is(high, upper)]
    if stated in fitting or (stated is None and fitting):
        return None
    would = "; ".join(f"{name} {low:.1f} to {high:.1f}" for name, (low, high) in given.items())
    said = f"{count} of {total} printed with {lower} to {upper}; possible are {would}."
    severity = Severity.CONVENTION if fitting else Severity.IMPOSSIBLE
    return Conflict(Rule.PROPORTION_INTERVAL, severity, said)


def _proportion_intervals(count: int, total: int) -> Iterator[tuple[str, tuple[float, float]]]:
    exact = clopper_pearson(count, total)
    yield CLOPPER_PEARSON, (exact.lower, exact.upper)
    for name, method in (("wilson", "wilson"), ("wilson_continuity", "wilsoncc")):
        found = stats.binomtest(count, total).proportion_ci(CONFIDENCE, method)
        yield name, (100 * found.low, 100 * found.high)
    share = count / total
    reach = Z.low * math.sqrt(share * (1 - share) / total)
    yield "wald", (100 * max(share - reach, 0.0), 100 * min(share + reach, 1.0))


def _is(value: float, printed: Range) -> bool:
    return printed.meets(Range.exact(value))


def one_value(printed: Sequence[tuple[str, Range]]) -> Conflict | None:
    """The same quantity is printed as numbers that cannot be roundings of one number; pairs of place and number."""
    highest_low = Range.exact(max(value.low for _, value in printed))
    lowest_high = Range.exact(min(value.high for _, value in printed))
    if not lowest_high.is_below(highest_low):
        return None
    places: dict[str, list[str]] = defaultdict(list)
    for place, value in printed:
        places[value.text].append(place)
    said = "; ".join(f"{value} in {', '.join(where)}" for value, where in places.items())
    return Conflict(Rule.ONE_VALUE, Severity.INCONSISTENT, f"{said}.")


def crude_fraction(conflict: Conflict) -> Conflict:
    """The same conflict, where one of the numbers is a count over a total and another one is read from a curve."""
    said = f"{conflict.arithmetic} A crude fraction counts the lost as events; it is no Kaplan-Meier rate."
    return Conflict(conflict.rule, conflict.severity, said)


def sum_of(parts: Sequence[Range], total: Range) -> Conflict | None:
    """The parts do not add up to their total."""
    found = Range(sum(part.low for part in parts), sum(part.high for part in parts), "")
    if found.meets(total):
        return None
    shown = " + ".join(map(str, parts))
    middle = (found.low + found.high) / 2
    return Conflict(Rule.SUM, Severity.INCONSISTENT, f"{shown} = {middle:g}, printed {total}.")


def at_most(smaller: Range, larger: Range, names: tuple[str, str]) -> Conflict | None:
    """What cannot be the larger one is."""
    if not larger.is_below(smaller):
        return None
    said = f"{names[0]} {smaller} is more than {names[1]} {larger}."
    return Conflict(Rule.AT_MOST, Severity.INCONSISTENT, said)


def products(left: Sequence[Range], right: Sequence[Range]) -> Conflict | None:
    """Two products that say the same amount differ."""
    one, two = _product(left), _product(right)
    if one.meets(two):
        return None
    said = f"{_shown(left)} = {one}, but {_shown(right)} = {two}."
    return Conflict(Rule.PRODUCT, Severity.INCONSISTENT, said)


def _product(factors: Sequence[Range]) -> Range:
    low, high = math.prod(factor.low for factor in factors), math.prod(factor.high for factor in factors)
    return between(low, high, digits=4)


def _shown(factors: Sequence[Range]) -> str:
    return " x ".join(map(str, factors))


def ranking(named: Mapping[str, Range], others: Mapping[str, Range]) -> Conflict | None:
    """A list that goes down to some frequency leaves out what is more frequent."""
    least = min(named, key=lambda name: named[name].high)
    left_out = [name for name, value in others.items() if named[least].is_below(value)]
    if not left_out:
        return None
    which = ", ".join(f"{name} ({others[name]})" for name in left_out)
    said = f"the list names {least} ({named[least]}) and leaves out {which}."
    return Conflict(Rule.RANKING, Severity.INCONSISTENT, said)
