"""Cox regression by Firth's penalised partial likelihood: finite hazard ratios where events separate a covariate."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import brentq, minimize

from analysis.conventions import CONFIDENCE, Ties
from analysis.statistics.arrays import Flags, Floats, Integers
from analysis.statistics.cox import CoxData, NotEstimable
from analysis.statistics.partial_likelihood import RiskSets

_DROP = float(stats.chi2.ppf(CONFIDENCE, 1)) / 2
"""What the penalised log likelihood loses between its maximum and the ends of a profile interval."""
_FLAT = 1e-9
_WIDEST = 60.0
"""Spread-free log hazard ratio past which no limit is looked for; e to the 60 is no interval to print."""
_PRECISION = 1e-12


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
    months: Floats, is_event: Flags, design: Floats, ties: Ties, *, strata: Integers | None = None
) -> tuple[FirthCoefficient, ...]:
    """Penalised hazard ratios of the columns of `design` (n x p), one coefficient a column.

    Intervals and P values come from the profile of the penalised likelihood: the other columns are fitted anew with
    this one held, the penalty always over all of them.

    Source:
        Heinze and Schemper 2001: log partial likelihood plus half the logarithm of the determinant of its information.

    Raises:
        NotEstimable: no events, or columns that cannot be told apart.
    """
    if not is_event.any():
        raise NotEstimable("not estimable: no events")
    spread = design.std(axis=0)
    if not (spread > 0).all():
        raise NotEstimable("not estimable: a covariate does not vary among those at risk")
    penalised = _Penalised(CoxData(months, is_event, design / spread, ties, strata))
    best = penalised.maximise(np.zeros(design.shape[1]), np.ones(design.shape[1], dtype=bool))
    top = penalised.value(best)
    return tuple(_profile(penalised, best, top, column, float(spread[column])) for column in range(spread.size))


@dataclass(frozen=True)
class _Penalised:
    """The penalised likelihood of columns that have a standard deviation of 1."""

    data: CoxData

    def value(self, beta: Floats) -> float:
        """Log partial likelihood plus half the log determinant of the information."""
        found = self.data.likelihood.at(beta)
        sign, log_determinant = np.linalg.slogdet(found.information)
        return found.log_likelihood + float(log_determinant) / 2 if sign > 0 else -np.inf

    def gradient(self, beta: Floats) -> Floats:
        """Derivative of the value, shape (p,)."""
        found = self.data.likelihood.at(beta)
        slope = sum(_third_derivative(stratum, beta) for stratum in self.data.likelihood.strata)
        inverse = np.linalg.inv(found.information)
        penalty: Floats = np.einsum("ab,abc->c", inverse, slope) / 2
        return found.gradient + penalty

    def maximise(self, start: Floats, is_free: Flags) -> Floats:
        """The best log hazard ratios with those that are not free held at their start."""
        if not is_free.any():
            return start

        def whole(free: Floats) -> Floats:
            beta = start.copy()
            beta[is_free] = free
            return beta

        found = minimize(
            lambda free: -self.value(whole(free)),
            start[is_free],
            jac=lambda free: -self.gradient(whole(free))[is_free],
            method="BFGS",
            options={"gtol": _FLAT},
        )
        if not np.isfinite(found.fun):
            raise NotEstimable("not estimable: covariates cannot be told apart")
        return whole(found.x)


def _third_derivative(stratum: RiskSets, beta: Floats) -> Floats:
    """Derivative of the information by each log hazard ratio, shape (p x p x p): sums of third central moments."""
    terms = stratum.terms(beta)
    x = stratum.x
    risk = stratum.weights * stratum.risks(beta)
    square = risk[:, None, None] * x[:, :, None] * x[:, None, :]
    raw3 = stratum.at_risk(square[:, :, :, None] * x[:, None, None, :]) / terms.total[:, None, None, None]
    mean = terms.mean
    raw2 = terms.spread + mean[:, :, None] * mean[:, None, :]
    cross = np.einsum("dab,dc->dabc", raw2, mean)
    cube = np.einsum("da,db,dc->dabc", mean, mean, mean)
    central = raw3 - cross - cross.transpose(0, 1, 3, 2) - cross.transpose(0, 3, 1, 2) + 2 * cube
    summed: Floats = np.tensordot(stratum.term_weights, central, axes=1)
    return summed


def _profile(penalised: _Penalised, best: Floats, top: float, column: int, spread: float) -> FirthCoefficient:
    """The estimate of one column; held away from its best value, the others follow."""
    is_free = np.arange(best.size) != column

    def loss(at: float) -> float:
        start = best.copy()
        start[column] = at
        return top - penalised.value(penalised.maximise(start, is_free))

    middle = float(best[column])
    lower, upper = (_crossing(loss, middle, direction) / spread for direction in (-1.0, 1.0))
    p_value = float(stats.chi2.sf(2 * max(0.0, loss(0.0)), 1))
    return FirthCoefficient(middle / spread, lower, upper, p_value)


def _crossing(loss: Callable[[float], float], middle: float, direction: float) -> float:
    """Where the profile has lost what the interval allows; nan where it never does."""
    inner, step = middle, 1.0
    while abs(inner - middle) < _WIDEST:
        outer = inner + direction * step
        if loss(outer) > _DROP:
            return float(brentq(lambda at: loss(at) - _DROP, inner, outer, xtol=_PRECISION))
        inner, step = outer, 2 * step
    return float("nan")
