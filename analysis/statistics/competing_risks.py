"""Cumulative incidence of one cause with others competing (Aalen-Johansen; rule R9.6)."""

from dataclasses import dataclass

import numpy as np

from analysis.statistics.arrays import Floats, Integers

CENSORED = 0


@dataclass(frozen=True)
class Incidence:
    """A step function: cumulative incidence (0 to 1) from each event time (months) on; both of shape (times,)."""

    times: Floats
    incidence: Floats

    def at(self, time: float) -> float:
        """Incidence at a time; an event on the day itself counts."""
        place = int(np.searchsorted(self.times, time, side="right"))
        return float(self.incidence[place - 1]) if place else 0.0


def cumulative_incidence(times: Floats, causes: Integers, cause: int) -> Incidence:
    """Incidence of `cause`, each other positive code being a competing event; exact where times are tied.

    Args:
        times: months, shape (patients,).
        causes: 0 censored, else the code of the event that came first, shape (patients,).
        cause: the code whose incidence is wanted.

    Source:
        Aalen and Johansen 1978: the increment at t is S(t-) d/n with S the survival free of any event. A patient
        censored at t is at risk at t.
    """
    event_times = np.unique(times[causes != CENSORED])
    at_risk = np.array([np.count_nonzero(times >= time) for time in event_times], dtype=np.float64)
    of_any = np.array([np.count_nonzero((times == time) & (causes != CENSORED)) for time in event_times])
    of_cause = np.array([np.count_nonzero((times == time) & (causes == cause)) for time in event_times])
    free = np.concatenate([[1.0], np.cumprod(1 - of_any / at_risk)])
    return Incidence(event_times, np.cumsum(free[:-1] * of_cause / at_risk))
