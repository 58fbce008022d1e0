"""Checks on hazard ratios with their interval, P value and number of events; proofs stand in docs/audit.md.

The information of a Cox model about one binary covariate is a sum over events of p (1 - p), p the covariate's weighted
share of those at risk: at most a quarter an event. Its logarithm changes by at most 1 per unit of the log hazard ratio,
which bounds the score test (log-rank test without ties) by the Wald interval.
"""

import math
from dataclasses import dataclass
from typing import Literal

from scipy import stats

from analysis.audit.checks import Z
from analysis.audit.conflict import Conflict, Rule, Severity
from analysis.audit.ranges import Range, between

PTest = Literal["wald", "score"]
_HALF = 0.5
_TINY = 1e-12
"""Stands for a hazard ratio printed as 0.00, whose logarithm has no lower end."""


@dataclass(frozen=True)
class HazardRatio:
    """A printed hazard ratio. `p_test` is score where the P value may come from a log-rank or score test.

    `sizes` are the patients of the level and of the reference; `is_binary` is false for a number, such as age in years.
    """

    ratio: Range
    lower: Range | None = None
    upper: Range | None = None
    p: Range | None = None
    p_test: PTest = "score"
    events: int | None = None
    sizes: tuple[int, int] | None = None
    is_binary: bool = True

    @property
    def size(self) -> Range:
        """Absolute log hazard ratio."""
        log = self.ratio.map(_log)
        ends = abs(log.low), abs(log.high)
        return between(0.0 if log.low < 0 < log.high else min(ends), max(ends))

    @property
    def error(self) -> Range | None:
        """Standard error of the log hazard ratio that the interval implies."""
        if self.lower is None or self.upper is None:
            return None
        width = self.upper.combine(self.lower, lambda upper, lower: _log(upper) - _log(lower))
        return width.combine(Z, lambda log_width, z: log_width / (2 * z))

    @property
    def least_error(self) -> float | None:
        """Smallest standard error that the events allow."""
        if not self.events or not self.is_binary:
            return None
        return 1 / math.sqrt(most_information(self.events, self.sizes, self.ratio))


def most_information(events: int, sizes: tuple[int, int] | None, ratio: Range) -> float:
    """Largest information that so many events hold about a binary covariate: a quarter each, or less in small groups.

    At the i-th of D events at least D - i + 1 patients are at risk; when they are more than twice a group's size, that
    group's share of the risk is bounded away from a half.
    """
    if sizes is None:
        return events / 4
    return sum(
        max(_most_spread(at_risk, sizes, end) for end in (ratio.low, ratio.high)) for at_risk in range(1, events + 1)
    )


def _most_spread(at_risk: int, sizes: tuple[int, int], ratio: float) -> float:
    fewest, most = max(0, at_risk - sizes[1]), min(sizes[0], at_risk)
    shares = [count * ratio / (count * ratio + at_risk - count) for count in (fewest, most)]
    if shares[0] <= _HALF <= shares[1]:
        return _HALF * _HALF
    return max(share * (1 - share) for share in shares)


def centre(hazard: HazardRatio) -> Conflict | None:
    """The ratio is not in the middle of its Wald interval on the log scale (DQ078)."""
    if hazard.lower is None or hazard.upper is None:
        return None
    middle = hazard.lower.combine(hazard.upper, lambda lower, upper: math.sqrt(max(lower, 0.0) * upper))
    if middle.meets(hazard.ratio):
        return None
    said = f"the square root of {hazard.lower} x {hazard.upper} is {middle}, printed {hazard.ratio}."
    return Conflict(Rule.CENTRE, Severity.IMPOSSIBLE, said)


def width(hazard: HazardRatio) -> Conflict | None:
    """The interval is narrower than the events allow: standard error at least 2 / sqrt(D)."""
    error, least = hazard.error, hazard.least_error
    if error is None or least is None or not error.is_below(Range.exact(least)):
        return None
    needed, found = math.exp(2 * Z.low * least), math.exp(2 * Z.high * error.high)
    said = (
        f"{hazard.events} events allow a standard error of {least:.3f} or more, limits at least {needed:.2f}-fold "
        f"apart; {hazard.lower} to {hazard.upper} are {found:.2f}-fold at most."
    )
    return Conflict(Rule.WIDTH, Severity.IMPOSSIBLE, said)


def p_floor(hazard: HazardRatio) -> Conflict | None:
    """The P value is smaller than the ratio and the events allow."""
    least = hazard.least_error
    if hazard.p is None or least is None:
        return None
    smallest = _p_value(_largest_z(hazard.size.high, least, hazard.p_test))
    if not hazard.p.is_below(Range.exact(smallest)):
        return None
    said = (
        f"a ratio of {hazard.ratio} on {hazard.events} events has a P value of {smallest:.2g} or more, "
        f"printed {hazard.p}."
    )
    return Conflict(Rule.P_FLOOR, Severity.IMPOSSIBLE, said)


def p_value(hazard: HazardRatio) -> Conflict | None:
    """The P value is not the one that ratio and interval imply."""
    error, size = hazard.error, hazard.size
    if error is None or hazard.p is None or error.low <= 0 or (hazard.p_test == "score" and not hazard.is_binary):
        return None
    smallest = _p_value(_largest_z(size.high, error.low, hazard.p_test))
    largest = _p_value(_smallest_z(size.low, error.high, hazard.p_test))
    implied = between(smallest, largest, digits=2)
    if implied.meets(hazard.p):
        return None
    said = f"{hazard.ratio} ({hazard.lower} to {hazard.upper}) implies P = {implied}, printed {hazard.p}."
    return Conflict(Rule.P_VALUE, Severity.IMPOSSIBLE, said)


def one_ratio_for(levels: int) -> Conflict | None:
    """A factor of more than two levels with a single hazard ratio."""
    if levels <= 2:
        return None
    said = (
        f"one hazard ratio for {levels} levels; {levels - 1} ratios and a global test are needed to say which differ."
    )
    return Conflict(Rule.LEVELS, Severity.CONVENTION, said)


def _log(ratio: float) -> float:
    return math.log(max(ratio, _TINY))


def _largest_z(size: float, error: float, test: PTest) -> float:
    return (size if test == "wald" else 2 * math.expm1(size / 2)) / error


def _smallest_z(size: float, error: float, test: PTest) -> float:
    return (size if test == "wald" else -2 * math.expm1(-size / 2)) / error


def _p_value(z: float) -> float:
    return float(2 * stats.norm.sf(z))
