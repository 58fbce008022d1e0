"""Log-rank test (rule R9.3), stratified or not: one sum over strata, since lifelines has no stratified form."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.statistics.arrays import Flags, Floats, Integers


@dataclass(frozen=True)
class LogRank:
    """Two-sided, unweighted test; nan where fewer than two groups had anybody at risk at an event."""

    chi2: float
    degrees: int
    p_value: float


def logrank(months: Floats, is_event: Flags, group: Integers, stratum: Integers | None = None) -> LogRank:
    """Compare survival between groups (codes, one a patient), summing O - E and V over strata. Cases LR01."""
    codes = np.unique(group)
    strata = np.zeros_like(group) if stratum is None else stratum
    difference, variance = np.zeros(codes.size), np.zeros((codes.size, codes.size))
    for code in np.unique(strata):
        inside = strata == code
        part = _observed_minus_expected(months[inside], is_event[inside], group[inside, None] == codes)
        difference, variance = difference + part[0], variance + part[1]
    degrees = codes.size - 1
    if degrees < 1 or not np.diag(variance).all():
        return LogRank(float("nan"), max(degrees, 0), float("nan"))
    chi2 = float(difference[:-1] @ np.linalg.solve(variance[:-1, :-1], difference[:-1]))
    return LogRank(chi2, degrees, float(stats.chi2.sf(chi2, degrees)))


def _observed_minus_expected(months: Floats, is_event: Flags, member: Flags) -> tuple[Floats, Floats]:
    """O - E by group (shape g) and its hypergeometric covariance (g x g) over the event times; `member` is n x g."""
    times = np.unique(months[is_event])
    at_risk = np.array([member[months >= time].sum(axis=0) for time in times], dtype=np.float64).reshape(
        -1, member.shape[1]
    )
    events = np.array([member[is_event & (months == time)].sum(axis=0) for time in times], dtype=np.float64)
    events = events.reshape(at_risk.shape)
    total, dead = at_risk.sum(axis=1), events.sum(axis=1)
    share = at_risk / total[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(total > 1, dead * (total - dead) / (total - 1), 0.0)
    covariance = np.diag((factor[:, None] * share).sum(axis=0)) - np.einsum("t,ti,tj->ij", factor, share, share)
    return (events - dead[:, None] * share).sum(axis=0), covariance
