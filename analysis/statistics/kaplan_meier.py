"""Kaplan-Meier with the conventions of rule R9.2: bands, medians and their intervals (case ST01), weighted or not."""

from dataclasses import dataclass
from typing import cast

import numpy as np
from lifelines import KaplanMeierFitter
from lifelines.utils import survival_table_from_events
from scipy import stats

from analysis.conventions import CONFIDENCE, Band, MedianInterval
from analysis.statistics.arrays import Flags, Floats, Integers

_Z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))
_HALF = 0.5
_SAME = 1e-9
"""Two survival probabilities closer than this are equal: products of fractions are not exact in binary."""

# SPSS takes the density at the median from the slope between these two levels of the curve.
_SPSS_ABOVE = 0.55
_SPSS_BELOW = 0.45

_NAN = float("nan")
Interval = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier curve: one entry per distinct time (months, ascending) of an event or a censoring.

    `survival` holds just after the time; `at_risk` counts patients with at least this time; `variance` is that of the
    logarithm of the survival, infinite once the curve is 0. Weights bear on these two alone: counts are of patients.
    """

    times: Floats
    survival: Floats
    variance: Floats
    at_risk: Integers
    events: Integers
    censored: Integers

    @property
    def n(self) -> int:
        """Patients."""
        return int(self.events.sum() + self.censored.sum())

    @property
    def n_events(self) -> int:
        """Events."""
        return int(self.events.sum())

    def count_at_risk(self, time: float) -> int:
        """Patients whose time is at least this one."""
        return int((self.events + self.censored)[self.times >= time].sum())

    def events_before(self, time: float) -> int:
        """Events strictly before this time, so that at risk + events + censored = n at any time."""
        return int(self.events[self.times < time].sum())

    def censored_before(self, time: float) -> int:
        """Patients censored strictly before this time."""
        return int(self.censored[self.times < time].sum())


def fit(months: Floats, is_event: Flags, weights: Floats | None = None) -> Curve:
    """Fit a curve; no patients give an empty one.

    Args:
        months: months above 0, shape (n,).
        is_event: shape (n,).
        weights: inverse probabilities or other weights above 0, shape (n,).

    Source:
        Greenwood's variance; of a weighted curve the infinitesimal jackknife, in which each patient counts with the
        square of what his weight does to the curve, as R's survfit with robust = TRUE. lifelines draws the others;
        of a weighted one it loses the last step to 0 where rounding leaves a crumb of the weights at risk.
    """
    if not months.size:
        none, zero = np.array([]), np.array([], dtype=np.int64)
        return Curve(none, none, none, zero, zero, zero)
    table = survival_table_from_events(months, is_event).iloc[1:]  # its first row is the entry of everybody at time 0
    times = table.index.to_numpy(dtype=np.float64)
    at_risk = table["at_risk"].to_numpy(dtype=np.int64)
    events = table["observed"].to_numpy(dtype=np.int64)
    if weights is None:
        survival = KaplanMeierFitter().fit(months, is_event).survival_function_.iloc[1:, 0].to_numpy(dtype=np.float64)
        variance = _greenwood(at_risk, events)
    else:
        survival, variance = _weighted(months, is_event, weights, times)
    return Curve(times, survival, variance, at_risk, events, table["censored"].to_numpy(dtype=np.int64))


def _greenwood(at_risk: Integers, events: Integers) -> Floats:
    with np.errstate(divide="ignore"):
        variance: Floats = np.cumsum(events / (at_risk * (at_risk - events).astype(np.float64)))
    return variance


def _weighted(months: Floats, is_event: Flags, weights: Floats, times: Floats) -> tuple[Floats, Floats]:
    """Weighted survival, and the sum of squared influences of patients on its logarithm, infinite once it is 0.

    The weight of one at risk changes log(1 - d/n) by 1/(n - d) - 1/n if he lives on and by -1/n if he dies; after his
    own time his influence stays.
    """
    place = np.searchsorted(times, months)
    at_risk = np.cumsum(np.bincount(place, weights, times.size)[::-1])[::-1]
    left = at_risk - np.bincount(place, weights * is_event, times.size)
    left = np.where(left > _SAME * at_risk, left, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        living = np.cumsum(1 / left - 1 / at_risk)
        own = living[place] - np.where(is_event, 1 / left[place], 0.0)
        square = weights**2
        of_gone = np.cumsum(np.bincount(place, square * own**2, times.size))
        still_there = square.sum() - np.cumsum(np.bincount(place, square, times.size))
        variance = of_gone + still_there * living**2
    survival = np.cumprod(left / at_risk).astype(np.float64)
    return survival, np.where(survival > 0, variance, np.inf)


def has_variance(curve: Curve) -> Flags:
    """Whether the curve is between 0 and 1 at each time, so that an interval says something."""
    return (curve.survival > _SAME) & (curve.survival < 1 - _SAME)


def band(curve: Curve, kind: Band) -> tuple[Floats, Floats]:
    """Lower and upper limits of the survival at each time; where the curve is 1 or 0 both limits are the curve itself.

    That closes the interval of a median when the curve falls to 0 (case ST01, follow-up); they are never printed.
    """
    survival = np.where(curve.survival > _SAME, curve.survival, np.nan)
    error = _Z * np.sqrt(np.where(np.isfinite(curve.variance), curve.variance, np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "loglog":
            spread = error / np.abs(np.log(survival))
            lower, upper = survival ** np.exp(spread), survival ** np.exp(-spread)
        elif kind == "log":
            lower, upper = survival * np.exp(-error), survival * np.exp(error)
        else:
            lower, upper = survival * (1 - error), survival * (1 + error)
    known = has_variance(curve)
    limits = (np.where(known, np.clip(limit, 0, 1), np.round(curve.survival)) for limit in (lower, upper))
    return cast(tuple[Floats, Floats], tuple(limits))


def log_log(curve: Curve) -> tuple[Floats, Floats]:
    """Months and log(-log S) where the curve is between 0 and 1: parallel lines where hazards are proportional."""
    known = has_variance(curve)
    return curve.times[known], np.log(-np.log(curve.survival[known]))


@dataclass(frozen=True)
class Rate:
    """Survival at a time with its interval (0 to 1; nan where the curve is 1 or 0), and patients at risk then."""

    survival: float
    lower: float
    upper: float
    at_risk: int


def rate(curve: Curve, time: float, kind: Band) -> Rate | None:
    """Survival at `time` months, an event exactly then counted; None past the longest follow-up."""
    if not curve.times.size or time > curve.times[-1]:
        return None
    last = int(np.searchsorted(curve.times, time, side="right")) - 1
    at_risk = curve.count_at_risk(time)
    if last < 0 or not has_variance(curve)[last]:
        return Rate(1.0 if last < 0 else float(np.round(curve.survival[last])), _NAN, _NAN, at_risk)
    lower, upper = band(curve, kind)
    return Rate(float(curve.survival[last]), float(lower[last]), float(upper[last]), at_risk)


def median(curve: Curve) -> float:
    """Smallest time with survival at most 0.5, the midpoint where the curve stays at 0.5; nan if it is not reached."""
    return _median(curve, at_midpoint=True)


def median_interval(curve: Curve, convention: MedianInterval) -> Interval:
    """Interval of the median in months; nan for an end that is not reached."""
    if convention == "spss_symmetric":
        return _spss_interval(curve)
    lower, upper = band(curve, cast(Band, convention.rsplit("_", 1)[1]))
    return _first(curve.times, lower <= _HALF + _SAME), _first(curve.times, upper <= _HALF + _SAME)


def _median(curve: Curve, *, at_midpoint: bool) -> float:
    at = _first(curve.times, curve.survival <= _HALF + _SAME)
    stays = np.abs(curve.survival - _HALF) <= _SAME
    if at_midpoint and stays.any():
        end = _first(curve.times, curve.survival < _HALF - _SAME)
        # A curve that ends at 0.5 has no next step; its median is where it got there.
        return at if np.isnan(end) else (at + end) / 2
    return at


def thin_from(curve: Curve, fewest: int) -> float | None:
    """Month after which fewer than `fewest` patients are at risk, None if that never is.

    Numbers at risk fall after the time of the patient before, so the curve is thin from there on.
    """
    few = np.flatnonzero(curve.at_risk < fewest)
    if not few.size:
        return None
    return float(curve.times[few[0] - 1]) if few[0] else 0.0


def _spss_interval(curve: Curve) -> Interval:
    middle = _median(curve, at_midpoint=False)
    is_step = curve.events > 0
    above = np.flatnonzero(is_step & (curve.survival >= _SPSS_ABOVE - _SAME))
    below = np.flatnonzero(is_step & (curve.survival <= _SPSS_BELOW + _SAME))
    if np.isnan(middle) or not above.size or not below.size:
        return _NAN, _NAN
    u, lower = above[-1], below[0]
    slope = (curve.survival[u] - curve.survival[lower]) / (curve.times[lower] - curve.times[u])
    at = np.searchsorted(curve.times, middle)
    if not np.isfinite(curve.variance[at]):
        return _NAN, _NAN
    error = float(_Z * curve.survival[at] * np.sqrt(curve.variance[at]) / slope)
    return middle - error, middle + error


def _first(times: Floats, holds: Flags) -> float:
    found = np.flatnonzero(holds)
    return float(times[found[0]]) if found.size else _NAN
