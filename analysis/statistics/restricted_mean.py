"""Restricted mean survival time, the area under a curve up to a month: what rule R9.4 reports of unequal hazards."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.conventions import CONFIDENCE
from analysis.statistics.arrays import Floats, Integers
from analysis.statistics.kaplan_meier import Curve

_Z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))
_SAME = 1e-9
"""A curve closer to 0 than this is 0: products of fractions are not exact in binary."""


@dataclass(frozen=True)
class Estimate:
    """Months (or a difference of them) with standard error, symmetric interval and two-sided P value."""

    value: float
    error: float

    @property
    def lower(self) -> float:
        """Lower limit."""
        return self.value - _Z * self.error

    @property
    def upper(self) -> float:
        """Upper limit."""
        return self.value + _Z * self.error

    @property
    def p_value(self) -> float:
        """P value that the value is 0; nan without an error."""
        return float(2 * stats.norm.sf(abs(self.value) / self.error)) if self.error > 0 else math.nan


def restricted_mean(curve: Curve, until: float) -> Estimate:
    """Mean of the months survived up to `until`.

    The error is Greenwood's: the sum over deaths before `until` of (area from there on)^2 d / (n (n - d)).

    Source:
        As R's survival (`rmean`) and survRM2 compute it; Royston and Parmar 2013. Of a weighted curve only the value
        holds.

    Raises:
        ValueError: `until` is past the longest follow-up while the curve is above 0, so that the area is unknown.
    """
    if not curve.times.size or (until > curve.times[-1] and curve.survival[-1] > _SAME):
        raise ValueError("The restricted mean needs follow-up to its last month.")
    inside = curve.times < until
    edges = np.concatenate([[0.0], curve.times[inside], [until]])
    heights = np.concatenate([[1.0], curve.survival[inside]])
    areas = np.diff(edges) * heights
    later = np.cumsum(areas[::-1])[::-1][1:]
    n, d = curve.at_risk[inside].astype(np.float64), curve.events[inside].astype(np.float64)
    # Where everybody left dies, no area is left either.
    jumps = np.divide(d, n * (n - d), out=np.zeros_like(d), where=n > d)
    return Estimate(float(areas.sum()), math.sqrt(float(later**2 @ jumps)))


def difference(one: Estimate, other: Estimate) -> Estimate:
    """`one` minus `other`, of independent groups up to the same month."""
    return Estimate(one.value - other.value, math.hypot(one.error, other.error))


def longest_common_month(months: Floats, group: Integers) -> float:
    """The smallest of the groups' largest times, up to which every group has a curve; 0 without patients.

    Args:
        months: shape (n,).
        group: code of each patient, shape (n,).
    """
    return min((float(months[group == code].max()) for code in np.unique(group)), default=0.0)
