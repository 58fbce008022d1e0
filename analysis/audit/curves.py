"""Checks on medians, survival rates and their intervals (rule R9.2); proofs stand in docs/audit.md."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from analysis.audit.checks import Z
from analysis.audit.conflict import Conflict, Rule, Severity
from analysis.audit.ranges import Range
from analysis.conventions import BAND_NAMES, Band

_HALF = 0.5
Scale = Callable[[float], float]


@dataclass(frozen=True)
class PrintedMedian:
    """A median in months and the limits that were printed, None for one that was not."""

    median: Range
    lower: Range | None = None
    upper: Range | None = None

    @property
    def is_symmetric(self) -> bool | None:
        """Whether the median can be the middle of its interval; None where a limit is missing."""
        if self.lower is None or self.upper is None:
            return None
        below = self.median.combine(self.lower, lambda median, limit: median - limit)
        above = self.median.combine(self.upper, lambda median, limit: limit - median)
        return below.meets(above)


@dataclass(frozen=True)
class PrintedRate:
    """Survival at a time (months) in percent, its limits, and the patients that the curve started with."""

    months: float
    percent: Range
    lower: Range | None = None
    upper: Range | None = None
    n: int | None = None

    @property
    def limits(self) -> tuple[Range, Range] | None:
        """Both limits as shares, if all three numbers lie between 0 and 100%."""
        if self.lower is None or self.upper is None:
            return None
        if any(printed.low <= 0 or printed.high >= 100 for printed in (self.percent, self.lower, self.upper)):
            return None
        return _share(self.lower), _share(self.upper)

    @property
    def greenwood(self) -> Range | None:
        """Sum of d / (n (n - d)) up to the time, as a log-log interval implies it."""
        if self.limits is None:
            return None
        lower, upper = (limit.map(_loglog) for limit in self.limits)
        error = lower.combine(upper, lambda one, two: one - two).combine(Z, lambda width, z: width / (2 * z))
        return error.combine(_share(self.percent).map(math.log), lambda spread, log: (spread * log) ** 2)

    def least_greenwood(self, halved_from: float = 0.0) -> float:
        """Smallest such sum of n patients: without losses it is (1 / S - 1) / n exactly, and any loss makes it larger.

        Args:
            halved_from: survival (0 to 1) from which on at most half of the patients were still under observation.
        """
        end = 100 / self.percent.high
        middle = min(end, 1 / halved_from) if halved_from else end
        return (middle - 1 + 2 * (end - middle)) / (self.n or math.inf)


def _share(percent: Range) -> Range:
    return percent.map(lambda value: value / 100)


def _loglog(share: float) -> float:
    return math.log(-math.log(share))


def _same(value: float) -> float:
    return value


_SCALES: dict[Band, tuple[Scale, Scale]] = {
    "loglog": (_loglog, lambda value: math.exp(-math.exp(value))),
    "log": (math.log, math.exp),
    "plain": (_same, _same),
}
"""Of each kind of interval: the scale on which it is symmetric, and the way back."""


def rate_interval(rate: PrintedRate, stated: Band | None = None) -> Conflict | None:
    """The limits are not symmetric on the scale of the stated formula, or, where none is stated, on that of any."""
    if rate.limits is None:
        return None
    lower, upper = rate.limits
    middles = {}
    for band, (scale, back) in _SCALES.items():
        middle = lower.map(scale).combine(upper.map(scale), lambda one, two: (one + two) / 2)
        middles[band] = middle.map(back).map(lambda share: 100 * share)
    fitting = [band for band, middle in middles.items() if middle.meets(rate.percent)]
    if stated in fitting or (stated is None and fitting):
        return None
    would = ", ".join(f"{middle} ({BAND_NAMES[band]})" for band, middle in middles.items())
    said = f"{rate.lower} to {rate.upper}% are limits of a rate of {would}; printed {rate.percent}."
    severity = Severity.CONVENTION if fitting else Severity.INCONSISTENT
    return Conflict(Rule.RATE_INTERVAL, severity, said)


def rate_width(rate: PrintedRate) -> Conflict | None:
    """The log-log interval is narrower than that of as many patients without any loss to follow-up."""
    found = rate.greenwood
    if found is None or rate.n is None or not found.is_below(Range.exact(rate.least_greenwood())):
        return None
    said = (
        f"{rate.n} patients, none of them lost, give {rate.percent}% a standard error (log) of "
        f"{math.sqrt(rate.least_greenwood()):.3f} or more; {rate.lower} to {rate.upper} implies "
        f"{math.sqrt(found.high):.3f} at most."
    )
    return Conflict(Rule.RATE_WIDTH, Severity.IMPOSSIBLE, said)


def median_and_rate(median: Range, rate: PrintedRate) -> Conflict | None:
    """The curve is still above a half after its median, or below a half before it."""
    at, half = Range.exact(rate.months), Range.exact(100 * _HALF)
    is_late = half.is_below(rate.percent) and median.is_below(at)
    is_early = rate.percent.is_below(half) and at.is_below(median)
    if not is_late and not is_early:
        return None
    said = f"{rate.percent}% at {rate.months:g} months, with a median of {median}."
    return Conflict(Rule.MEDIAN, Severity.INCONSISTENT, said)


def median_limits(median: PrintedMedian, rate: PrintedRate) -> Conflict | None:
    """A limit of the median is on the wrong side of a time at which the band is still above, or already below, a half.

    A Brookmeyer-Crowley limit is the first time at which the band's own limit is at most a half. Symmetric intervals
    (SPSS) are not read from the band: they are not for this check.
    """
    for name, limit, band in (("lower", median.lower, rate.lower), ("upper", median.upper, rate.upper)):
        if limit is None or band is None:
            continue
        half = Range.exact(100 * _HALF)
        is_early = half.is_below(band) and limit.high <= rate.months
        is_late = band.is_below(half) and Range.exact(rate.months).is_below(limit)
        if is_early or is_late:
            side = "still above" if is_early else "already below"
            said = (
                f"the {name} limit of the curve is {band}% at {rate.months:g} months, {side} a half, "
                f"but the {name} limit of the median is {limit}."
            )
            return Conflict(Rule.MEDIAN_LIMIT, Severity.INCONSISTENT, said)
    return None


def one_convention(median: PrintedMedian, n_symmetric: int, n_with_limits: int) -> Conflict | None:
    """Most medians of a publication are the middle of their intervals, and this one is not."""
    if median.is_symmetric is not False or 2 * n_symmetric <= n_with_limits:
        return None
    said = (
        f"{median.median} is not the middle of {median.lower} to {median.upper}, as {n_symmetric} of the "
        f"{n_with_limits} medians are (SPSS)."
    )
    return Conflict(Rule.ONE_CONVENTION, Severity.INCONSISTENT, said)


def reverse_follow_up(follow_up: Range, median: Range, rate: PrintedRate) -> Conflict | None:
    """A median follow-up that is no reverse Kaplan-Meier median: the curve's interval is too narrow for so many losses.

    From a reverse median on, at most half of the patients are under observation. If it comes before the median
    survival, the deaths from S = 0.5 on count at least double in Greenwood's sum.
    """
    found = rate.greenwood
    if found is None or rate.n is None or not follow_up.is_below(median) or median.high > rate.months:
        return None
    least = rate.least_greenwood(halved_from=_HALF)
    if not found.is_below(Range.exact(least)):
        return None
    said = (
        f"were {follow_up} a reverse Kaplan-Meier median, at most half of {rate.n} would be observed from then on and "
        f"{rate.percent}% at {rate.months:g} months would have a standard error (log) of {math.sqrt(least):.3f} or "
        f"more; {rate.lower} to {rate.upper} implies {math.sqrt(found.high):.3f} at most. Its method is another one."
    )
    return Conflict(Rule.FOLLOW_UP, Severity.CONVENTION, said)
