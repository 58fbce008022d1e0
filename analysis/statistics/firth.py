"""Cox regression by Firth's penalised partial likelihood: finite hazard ratios where events separate a covariate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import brentq, root

from analysis.conventions import CONFIDENCE, Ties
from analysis.statistics.arrays import Flags, Floats, Integers
from analysis.statistics.cox import CoxData, NotEstimable, invert
from analysis.statistics.partial_likelihood import PartialLikelihood, RiskSets

_DROP = float(stats.chi2.ppf(CONFIDENCE, 1)) / 2
"""What the penalised log likelihood loses between its maximum and the ends of a profile interval."""
_PRECISION = 1e-12
_LIMIT_PRECISION = 1e-9
_FLAT = 1e-6
"""Slope of the penalised log likelihood, per standard deviation of a covariate, that passes for 0."""
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


def fit_firth(
    months: Floats,
    is_event: Flags,
    design: Floats,
    ties: Ties,
    *,
    strata: Integers | None = None,
    columns: Sequence[int] | None = None,
) -> tuple[FirthCoefficient, ...]:
    """Penalised hazard ratios of all columns of `design` (n x p), or of the `columns` asked for, in that order.

    Intervals and P values come from the profile of the penalised likelihood: the other columns are fitted anew with
    this one held, the penalty always over all of them.

    Source:
        Heinze and Schemper 2001: log partial likelihood plus half the logarithm of the determinant of its information.

    Raises:
        NotEstimable: no events, columns that cannot be told apart, or no convergence.
    """
    if not is_event.any():
        raise NotEstimable("not estimable: no events")
    spread = design.std(axis=0)
    if not (spread > 0).all():
        raise NotEstimable("not estimable: a covariate does not vary among those at risk")
    likelihood = CoxData(months, is_event, design / spread, ties, strata).likelihood
    best = _maximise(likelihood, np.zeros(spread.size), np.ones(spread.size, dtype=bool))
    wanted = range(spread.size) if columns is None else columns
    return tuple(_profile(likelihood, best, column, float(spread[column])) for column in wanted)


@dataclass(frozen=True)
class _Point:
    """The penalised log likelihood at log hazard ratios `beta` (p), and its gradient (p)."""

    beta: Floats
    value: float
    gradient: Floats


def _at(likelihood: PartialLikelihood, beta: Floats) -> _Point:
    found = likelihood.at(beta)
    inverse = invert(found.information)
    half_log_determinant = float(np.linalg.slogdet(found.information)[1]) / 2
    slope = sum(_slope_of_information(stratum, beta, inverse) for stratum in likelihood.strata)
    value = found.log_likelihood + half_log_determinant
    return _Point(beta, value, found.gradient + slope / 2)


def _slope_of_information(stratum: RiskSets, beta: Floats, inverse: Floats) -> Floats:
    """Trace of `inverse` times the derivative of the information, by each log hazard ratio, shape (p,).

    The derivative of a covariance by a log hazard ratio is a third central moment; of those only
    E[(x - m)' A (x - m) (x - m)] is needed, with A the inverse: E[qx] - E[q] m - 2 (E[xx'] - mm') A m for q = x' A x.
    """
    terms, x = stratum.terms(beta), stratum.x
    weights = stratum.term_weights
    risk = stratum.weights * stratum.risks(beta)
    turned = x @ inverse
    length = (turned * x).sum(axis=1)
    hazard = weights / terms.total
    # Sums over terms of what is linear in x among those at risk are taken by patient.
    by_patient = length * stratum.lived_through(hazard)
    by_patient = by_patient - 2 * (turned * stratum.lived_through(hazard[:, None] * terms.mean)).sum(axis=1)
    of_mean = 2 * ((terms.mean @ inverse) * terms.mean).sum(axis=1) - stratum.at_risk(risk * length) / terms.total
    slope: Floats = (risk * by_patient) @ x + (weights * of_mean) @ terms.mean
    return slope


def _maximise(likelihood: PartialLikelihood, start: Floats, is_free: Flags) -> _Point:
    """The best point with the log hazard ratios that are not free held at their start.

    Powell's hybrid method finds where the gradient is 0; the unpenalised information is the slope that it starts from.
    """
    if not is_free.any():
        return _at(likelihood, start)

    def whole(free: Floats) -> Floats:
        beta = start.copy()
        beta[is_free] = free
        return beta

    found = root(
        lambda free: _at(likelihood, whole(free)).gradient[is_free],
        start[is_free],
        jac=lambda free: -likelihood.at(whole(free)).information[np.ix_(is_free, is_free)],
        options={"xtol": _PRECISION},
    )
    best = _at(likelihood, whole(found.x))
    if np.abs(best.gradient[is_free]).max() > _FLAT:
        raise NotEstimable("not estimable: the penalised fit did not converge")
    return best


def _profile(likelihood: PartialLikelihood, best: _Point, column: int, spread: float) -> FirthCoefficient:
    """The estimate of one column; held away from its best value, the others follow."""
    is_free = np.arange(best.beta.size) != column
    middle = float(best.beta[column])

    def loss(at: float) -> float:
        start = best.beta.copy()
        start[column] = at
        return best.value - _maximise(likelihood, start, is_free).value

    lower, upper = (_crossing(loss, middle, direction) / spread for direction in (-1.0, 1.0))
    p_value = float(stats.chi2.sf(2 * max(0.0, loss(0.0)), 1))
    return FirthCoefficient(middle / spread, lower, upper, p_value)


def _crossing(loss: Callable[[float], float], middle: float, direction: float) -> float:
    """Where the profile has lost what the interval allows; nan where it never does."""
    inner, step = middle, 1.0
    while abs(inner - middle) < _WIDEST:
        outer = inner + direction * step
        if loss(outer) > _DROP:
            return float(brentq(lambda at: loss(at) - _DROP, inner, outer, xtol=_LIMIT_PRECISION))
        inner, step = outer, 2 * step
    return float("nan")
