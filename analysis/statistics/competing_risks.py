"""Cumulative incidence of one cause with others competing (Aalen-Johansen; rule R9.6).

Exact where times are tied; lifelines' fitter moves tied times apart at random.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.conventions import CONFIDENCE
from analysis.statistics.arrays import Floats, Integers

CENSORED = 0

_Z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))
_NAN = float("nan")
_SAME = 1e-12


@dataclass(frozen=True)
class Incidence:
    """A step function: cumulative incidence (0 to 1) and its variance from each event time (months) on; all (times,).

    An event of any cause makes a time, so that the variance is known wherever it changes.
    """

    times: Floats
    incidence: Floats
    variance: Floats

    def at(self, time: float) -> float:
        """Incidence at a time; an event on the day itself counts."""
        place = self._place(time)
        return float(self.incidence[place]) if place >= 0 else 0.0

    def error_at(self, time: float) -> float:
        """Standard error at a time; 0 before the first event."""
        place = self._place(time)
        return float(np.sqrt(self.variance[place])) if place >= 0 else 0.0

    def interval(self, time: float) -> tuple[float, float]:
        """Limits at a time on the log-log scale of the incidence; nan where it is 0 or 1 and says nothing."""
        place = self._place(time)
        if place < 0 or not (_SAME < self.incidence[place] < 1 - _SAME):
            return _NAN, _NAN
        incidence = float(self.incidence[place])
        spread = _Z * self.error_at(time) / (incidence * np.log(incidence))
        lower, upper = incidence ** np.exp(-spread), incidence ** np.exp(spread)
        return float(lower), float(upper)

    def _place(self, time: float) -> int:
        return int(np.searchsorted(self.times, time, side="right")) - 1


def cumulative_incidence(times: Floats, causes: Integers, cause: int) -> Incidence:
    """Incidence of `cause`, each other positive code being a competing event.

    Args:
        times: months, shape (patients,).
        causes: 0 censored, else the code of the event that came first, shape (patients,).
        cause: the code whose incidence is wanted.

    Source:
        Aalen and Johansen 1978: the increment at t is S(t-) d/n with S the survival free of any event; a patient
        censored at t is at risk at t. Variance of Aalen 1978 with the hypergeometric correction for ties that Gray's
        cmprsk makes.
    """
    event_times = np.unique(times[causes != CENSORED])
    n = np.array([np.count_nonzero(times >= time) for time in event_times], dtype=np.float64)
    ours, others = (
        np.array([np.count_nonzero((times == time) & chosen) for time in event_times], dtype=np.float64)
        for chosen in (causes == cause, (causes != CENSORED) & (causes != cause))
    )
    after = np.cumprod(1 - (ours + others) / n)
    before = np.concatenate([[1.0], after])[:-1]
    incidence = np.cumsum(before * ours / n)
    variance = _variance(incidence, np.where(after > _SAME, after, np.inf), before, n, ours, others)
    return Incidence(event_times, incidence, variance)


def _variance(incidence: Floats, after: Floats, before: Floats, n: Floats, ours: Floats, others: Floats) -> Floats:
    """Variance of the incidence at each time t: the sum over event times u up to t of the squared effects of a death.

    One from the cause adds 1 - (F(t) - F(u)) / S(u) times S(u-)/n, one from another takes (F(t) - F(u)) / S(u) off;
    `after` is S(u), infinite where nobody is left, for then nothing later can change.
    """
    jump = (before / n) ** 2
    of_ours, of_others = (jump * count * without_ties(count, n) for count in (ours, others))
    of_others = np.where(np.isinf(after), 0.0, of_others)
    # The square of (a + b F(t)) at each u, summed: three running sums instead of one for every pair of times.
    first, second = (1 + incidence / after, -1 / after), (incidence / after, -1 / after)
    constant, linear, square = (
        np.cumsum(of_ours * one + of_others * other)
        for one, other in (
            (first[0] ** 2, second[0] ** 2),
            (2 * first[0] * first[1], 2 * second[0] * second[1]),
            (first[1] ** 2, second[1] ** 2),
        )
    )
    variance: Floats = np.clip(constant + linear * incidence + square * incidence**2, 0.0, None)
    return variance


def without_ties(count: Floats, n: Floats) -> Floats:
    """Hypergeometric factor of `count` deaths at once among `n`: 1 for a single one."""
    return np.where(count > 1, 1 - (count - 1) / np.maximum(n - 1, 1), 1.0)
