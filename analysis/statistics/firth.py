"""Cox regression by Firth's penalised partial likelihood: finite hazard ratios where events separate a covariate."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import brentq, minimize, root

from analysis.conventions import CONFIDENCE, Ties
from analysis.statistics.arrays import Flags, Floats, Integers
from analysis.statistics.cox import CoxData, NotEstimable, inverse
from analysis.statistics.partial_likelihood import PartialLikelihood, RiskSets, Terms

_DROP = float(stats.chi2.ppf(CONFIDENCE, 1)) / 2
"""What the penalised log likelihood loses between its maximum and the ends of a profile interval."""
_PRECISION = 1e-12
_PROFILE_PRECISION = 1e-6
"""Enough on a profile, whose height feels only the square of what the other log hazard ratios miss."""
_LIMIT_PRECISION = 1e-9
_FLAT = 1e-3
"""Slope of the penalised log likelihood, per standard deviation of a covariate, that passes for 0 far from its top."""
_ROUNDING = 1e-9
_WIDEST = 30.0
"""Log hazard ratio per standard deviation past which no limit is looked for; e to the 30 is no limit to print."""


@dataclass(frozen=True)
class FirthCoefficient:
    """A penalised hazard ratio, its profile likelihood interval (a limit is nan if not to be found) and P value."""

    log_hr: float
    log_lower: float
    log_upper: float
    p_value: float

    @property
    def hr(self) -> float:
        """Hazard ratio per unit of the column."""
        return float(np.exp(self.log_hr))

    @property
    def lower(self) -> float:
        """Lower limit of the profile interval."""
        return float(np.exp(self.log_lower))

    @property
    def upper(self) -> float:
        """Upper limit of the profile interval."""
        return float(np.exp(self.log_upper))


_UNKNOWN = FirthCoefficient(*[float("nan")] * 4)


def fit_firth(
    months: Floats, is_event: Flags, design: Floats, ties: Ties, *, strata: Integers | None = None
) -> tuple[FirthCoefficient, ...]:
    """Penalised hazard ratios of the columns of `design` (n x p), one coefficient a column.

    Intervals and P values come from the profile of the penalised likelihood: the other columns are fitted anew with
    this one held, the penalty always over all of them. A column that does not vary among those at risk at any event is
    nan, and the others are as if it were not there.

    Source:
        Heinze and Schemper 2001: log partial likelihood plus half the logarithm of the determinant of its information.

    Raises:
        NotEstimable: no events, columns that cannot be told apart, or no convergence.
    """
    if not is_event.any():
        raise NotEstimable("not estimable: no events")
    data = CoxData(months, is_event, design, ties, strata)
    spread = design.std(axis=0)[data.varies]
    if not spread.size:
        return (_UNKNOWN,) * data.varies.size
    scaled = CoxData(months, is_event, design[:, data.varies] / spread, ties, strata)
    if inverse(scaled.null.information).is_singular:
        raise NotEstimable("not estimable: covariates cannot be told apart")
    likelihood = scaled.likelihood
    best = _maximise(likelihood, np.zeros(spread.size), np.ones(spread.size, dtype=bool))
    found = (_profile(likelihood, best, column, float(scale)) for column, scale in enumerate(spread))
    return tuple(next(found) if varies else _UNKNOWN for varies in data.varies)


@dataclass(frozen=True)
class _Point:
    """The penalised log likelihood at log hazard ratios `beta` (p), its gradient (p), the information (p x p)."""

    beta: Floats
    value: float
    gradient: Floats
    information: Floats


def _at(likelihood: PartialLikelihood, beta: Floats) -> _Point:
    found = likelihood.at(beta)
    penalty = inverse(found.information)
    parts = zip(likelihood.strata, found.terms, strict=True)
    slope = sum(_slope_of_information(stratum, terms, penalty.matrix) for stratum, terms in parts)
    return _Point(
        beta, found.log_likelihood + penalty.log_determinant / 2, found.gradient + slope / 2, found.information
    )


def _slope_of_information(stratum: RiskSets, terms: Terms, matrix: Floats) -> Floats:
    """Trace of `matrix` times the derivative of the information, by each log hazard ratio, shape (p,).

    The derivative of a covariance by a log hazard ratio is a third central moment; of those only
    E[(x - m)' A (x - m) (x - m)] is needed, with A the matrix: E[qx] - E[q] m - 2 (E[xx'] - mm') A m for q = x' A x.
    """
    x, weights = stratum.x, stratum.term_weights
    turned = x @ matrix
    length = (turned * x).sum(axis=1)
    hazard = weights / terms.total
    # Sums over terms of what is linear in x among those at risk are taken by patient.
    by_patient = length * stratum.lived_through(hazard)
    by_patient = by_patient - 2 * (turned * stratum.lived_through(hazard[:, None] * terms.mean)).sum(axis=1)
    of_mean = 2 * ((terms.mean @ matrix) * terms.mean).sum(axis=1) - stratum.at_risk(terms.risk * length) / terms.total
    slope: Floats = (terms.risk * by_patient) @ x + (weights * of_mean) @ terms.mean
    return slope


@dataclass(frozen=True)
class _Held:
    """The penalised likelihood as a function of the free log hazard ratios, the others held as in `start` (p)."""

    likelihood: PartialLikelihood
    start: Floats
    is_free: Flags

    def point(self, free: Floats) -> _Point:
        beta = self.start.copy()
        beta[self.is_free] = free
        return _at(self.likelihood, beta)

    def loss(self, free: Floats) -> float:
        return -self.point(free).value

    def slope(self, free: Floats) -> Floats:
        return -self.point(free).gradient[self.is_free]

    def curvature(self, free: Floats) -> Floats:
        """Of the likelihood without its penalty: not the slope's own derivative, but near and positive."""
        return self.point(free).information[np.ix_(self.is_free, self.is_free)]

    def solve(self, free: Floats) -> _Point:
        """Where Powell's hybrid method finds the slope to be 0: the last digits, from a point nearby."""
        precision = _PRECISION if self.is_free.all() else _PROFILE_PRECISION
        found = root(self.slope, free, jac=self.curvature, options={"xtol": precision})
        return self.point(found.x)


def _maximise(likelihood: PartialLikelihood, start: Floats, is_free: Flags) -> _Point:
    """The best point with the log hazard ratios that are not free held at their start."""
    if not is_free.any():
        return _at(likelihood, start)
    held = _Held(likelihood, start, is_free)
    free = start[is_free]
    best = held.solve(free)
    if _is_flat(best, is_free) and best.value >= -held.loss(free):
        return best
    # From afar the hybrid method can stray; a trust region climbs to where it cannot.
    climbed = minimize(held.loss, free, jac=held.slope, hess=held.curvature, method="trust-exact")
    near, best = held.point(climbed.x), held.solve(climbed.x)
    best = best if _is_flat(best, is_free) and best.value >= near.value - _ROUNDING else near
    if not _is_flat(best, is_free):
        raise NotEstimable("not estimable: the penalised fit did not converge")
    return best


def _is_flat(point: _Point, is_free: Flags) -> bool:
    return bool(np.abs(point.gradient[is_free]).max() < _FLAT)


def _profile(likelihood: PartialLikelihood, best: _Point, column: int, spread: float) -> FirthCoefficient:
    """The estimate of one column; held away from its best value, the others follow."""
    is_free = np.arange(best.beta.size) != column
    middle = float(best.beta[column])
    last = best.beta.copy()

    def loss(at: float) -> float:
        nonlocal last
        start = last.copy()
        start[column] = at
        found = _maximise(likelihood, start, is_free)
        last = found.beta
        return best.value - found.value

    lower, upper = (_crossing(loss, middle, direction) / spread for direction in (-1.0, 1.0))
    p_value = float(stats.chi2.sf(2 * max(0.0, loss(0.0)), 1))
    return FirthCoefficient(middle / spread, lower, upper, p_value)


def _crossing(loss: Callable[[float], float], middle: float, direction: float) -> float:
    """Where the profile has lost what the interval allows; nan where it never does."""
    inner = middle
    while abs(inner - middle) < _WIDEST:
        outer = inner + direction
        if loss(outer) > _DROP:
            return float(brentq(lambda at: loss(at) - _DROP, inner, outer, xtol=_LIMIT_PRECISION))
        inner = outer
    return float("nan")
