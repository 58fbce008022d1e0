"""Gray's test: whether groups have the same cumulative incidence of a cause (rule R9.6)."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.statistics.arrays import Flags, Floats, Integers
from analysis.statistics.competing_risks import CENSORED, without_ties

_NAN = float("nan")
_SAME = 1e-12


@dataclass(frozen=True)
class GrayTest:
    """Two-sided test; nan where there are fewer than two groups or no events of the cause."""

    chi2: float
    degrees: int
    p_value: float


def gray_test(times: Floats, causes: Integers, cause: int, group: Integers) -> GrayTest:
    """Compare the cumulative incidence of `cause` between groups.

    Args:
        times: months, shape (patients,).
        causes: 0 censored, else the code of the event that came first, shape (patients,).
        cause: the code whose incidence is compared.
        group: code of each patient, shape (patients,).

    Source:
        Gray 1988 with rho 0 and the corrections for ties of cmprsk: a log-rank test whose risk sets keep those who had
        another event, in the share (1 - F(t-)) / S(t-) that estimates how many of them censoring would have left.
    """
    codes = np.unique(group)
    degrees = codes.size - 1
    if degrees < 1 or not (causes == cause).any():
        return GrayTest(_NAN, max(degrees, 0), _NAN)
    steps = _steps(times, causes, cause, group[:, None] == codes)
    with np.errstate(divide="ignore", invalid="ignore"):
        score, covariance = steps.score()[:-1], steps.covariance()[:-1, :-1]
    if not np.isfinite(covariance).all() or np.linalg.matrix_rank(covariance) < degrees:
        return GrayTest(_NAN, degrees, _NAN)
    chi2 = float(score @ np.linalg.solve(covariance, score))
    return GrayTest(chi2, degrees, float(stats.chi2.sf(chi2, degrees)))


@dataclass(frozen=True)
class _Steps:
    """Event times (T) by groups (g): at risk, deaths of the cause and others, survival before and after; all T x g."""

    at_risk: Floats
    ours: Floats
    others: Floats
    before: Floats
    after: Floats

    @property
    def inflated(self) -> Floats:
        """Those at risk had there been no event at all: n / S(t-), 0 for a group that is no longer there."""
        return self.at_risk / np.where(self.at_risk > 0, self.before, 1.0)

    def score(self) -> Floats:
        """Deaths of the cause less those expected, by group."""
        increments = self.before * self.ours / np.where(self.at_risk > 0, self.at_risk, 1.0)
        earlier = np.cumsum(increments, axis=0) - increments
        risk = self.inflated * (1 - earlier)
        share = risk / _or_one(risk.sum(axis=1))[:, None]
        score: Floats = (self.ours - self.ours.sum(axis=1)[:, None] * share).sum(axis=0)
        return score

    def covariance(self) -> Floats:
        """Sum over times and groups of what one death there does to the scores of all groups, squared (g x g)."""
        of_cause, inflated = self.ours.sum(axis=1), self.inflated
        total = inflated.sum(axis=1)
        increments = of_cause / total
        incidence = np.cumsum(increments)
        width = self.at_risk.shape[1]
        pull = inflated[:, :, None] * (np.eye(width) - inflated[:, None, :] / total[:, None, None])
        drift = np.cumsum(pull * (increments / (1 - incidence + increments))[:, None, None], axis=0)
        remaining = drift[-1] - drift
        survived = self.after > _SAME
        ratio = np.where(survived, (1 - incidence)[:, None] / np.where(survived, self.after, 1.0), 0.0)
        ours = pull + (1 - ratio)[:, None, :] * remaining
        others = ratio[:, None, :] * remaining
        parts = ((self._variance_of_cause(of_cause, total), ours), (self._variance_of_others(survived), others))
        covariance: Floats = sum(np.einsum("tk,tik,tjk->ij", weight, effect, effect) for weight, effect in parts)
        return covariance

    def _variance_of_cause(self, of_cause: Floats, total: Floats) -> Floats:
        expected = np.where(self.at_risk > 0, total[:, None] * self.before, np.inf)
        many = np.broadcast_to(of_cause[:, None], expected.shape)
        ties = np.where(many > 1, 1 - (many - 1) / np.where(many > 1, expected - 1, 1.0), 1.0)
        present = self.at_risk > 0
        variance: Floats = ties * self.before * many / (total[:, None] * np.where(present, self.at_risk, np.inf))
        return variance

    def _variance_of_others(self, survived: Flags) -> Floats:
        present = np.where(self.at_risk > 0, self.at_risk, np.inf)
        variance = without_ties(self.others, present) * self.before**2 * self.others / present**2
        return np.where(survived, variance, 0.0)


def _steps(times: Floats, causes: Integers, cause: int, member: Flags) -> _Steps:
    event_times = np.unique(times[causes != CENSORED])
    is_other = (causes != CENSORED) & (causes != cause)
    at_risk = np.array([member[times >= time].sum(axis=0) for time in event_times], dtype=np.float64)
    ours, others = (
        np.array([member[(times == time) & chosen].sum(axis=0) for time in event_times], dtype=np.float64)
        for chosen in (causes == cause, is_other)
    )
    after = np.cumprod(1 - (ours + others) / np.where(at_risk > 0, at_risk, 1.0), axis=0)
    before = np.vstack([np.ones(member.shape[1]), after[:-1]])
    return _Steps(at_risk, ours, others, before, after.astype(np.float64))


def _or_one(values: Floats) -> Floats:
    return np.where(values > _SAME, values, 1.0)
