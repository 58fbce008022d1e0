"""Cox regression (rule R9.4): lifelines for Efron ties, Newton for Breslow ties, which lifelines lacks (case CX01)."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.exceptions import ConvergenceError, ConvergenceWarning
from scipy import stats

from analysis.conventions import CONFIDENCE, Ties
from analysis.statistics.arrays import Flags, Floats

_Z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))
_PRECISION = 1e-12
_MOST_STEPS = 100
_SEPARATED_ERROR = 20.0
"""Standard error of a log hazard ratio past which the likelihood has no maximum; 59 deaths give about 0.26."""
_SEPARATED_LOG_HR = 12.0
"""Log hazard ratio past which the same holds: no treatment or trait divides a hazard by 160,000."""


class NotEstimable(Exception):
    """The partial likelihood has no finite maximum, or too little data to look for one; the message is printed."""


@dataclass(frozen=True)
class Coefficient:
    """One hazard ratio with its Wald interval and P value; `log_hr` and `error` are on the log scale."""

    log_hr: float
    error: float

    @property
    def hr(self) -> float:
        """Hazard ratio per unit of the column."""
        return float(np.exp(self.log_hr))

    @property
    def lower(self) -> float:
        """Lower limit, symmetric to the upper one on the log scale."""
        return float(np.exp(self.log_hr - _Z * self.error))

    @property
    def upper(self) -> float:
        """Upper limit."""
        return float(np.exp(self.log_hr + _Z * self.error))

    @property
    def p_value(self) -> float:
        """Two-sided Wald P value."""
        return float(2 * stats.norm.sf(abs(self.log_hr / self.error)))

    @property
    def is_separated(self) -> bool:
        """Whether the events separate this column perfectly, so that there is no finite estimate."""
        return self.error > _SEPARATED_ERROR or abs(self.log_hr) > _SEPARATED_LOG_HR


@dataclass(frozen=True)
class CoxFit:
    """Log hazard ratios (shape p) and their covariance (p x p)."""

    log_hr: Floats
    covariance: Floats

    def coefficient(self, column: int) -> Coefficient:
        """The estimate of one column."""
        return Coefficient(float(self.log_hr[column]), float(np.sqrt(self.covariance[column, column])))

    def joint_p_value(self, columns: list[int]) -> float:
        """Wald test that all these columns are 0: the global test of a factor with several levels."""
        beta = self.log_hr[columns]
        chi2 = float(beta @ np.linalg.solve(self.covariance[np.ix_(columns, columns)], beta))
        return float(stats.chi2.sf(chi2, len(columns)))


def fit(months: Floats, is_event: Flags, design: Floats, ties: Ties) -> CoxFit:
    """Fit hazard ratios of the columns of `design` (n x p) to times in months.

    Raises:
        NotEstimable: no events, or the fit does not converge.
    """
    if not is_event.any():
        raise NotEstimable("not estimable: no events")
    return _fit_efron(months, is_event, design) if ties == "efron" else _fit_breslow(months, is_event, design)


def _fit_efron(months: Floats, is_event: Flags, design: Floats) -> CoxFit:
    names = [f"x{column}" for column in range(design.shape[1])]
    frame = pd.DataFrame(design, columns=names).assign(months=months, is_event=is_event)
    with warnings.catch_warnings():
        # A separated column shows in its standard error, which the caller looks at; the other columns stay right.
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            fitter = CoxPHFitter().fit(frame, "months", "is_event", fit_options={"precision": _PRECISION})
        except (ConvergenceError, np.linalg.LinAlgError) as error:
            raise NotEstimable("not estimable: the fit did not converge") from error
    covariance = fitter.variance_matrix_.to_numpy(dtype=np.float64)
    return _finite(CoxFit(fitter.params_.to_numpy(dtype=np.float64), covariance))


def _fit_breslow(months: Floats, is_event: Flags, design: Floats) -> CoxFit:
    centred = design - design.mean(axis=0)
    beta = np.zeros(design.shape[1])
    for _ in range(_MOST_STEPS):
        gradient, information = _breslow_derivatives(beta, months, is_event, centred)
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError as error:
            raise NotEstimable("not estimable: the fit did not converge") from error
        # A full Newton step can overshoot from 0; half a unit of log hazard ratio at a time cannot.
        beta = beta + step / max(1.0, 2 * float(np.abs(step).max()))
        if np.abs(step).max() < _PRECISION or np.abs(beta).max() > _SEPARATED_LOG_HR:
            break
    return _finite(CoxFit(beta, np.linalg.inv(information).astype(np.float64)))


def _breslow_derivatives(beta: Floats, months: Floats, is_event: Flags, design: Floats) -> tuple[Floats, Floats]:
    """Gradient (p) and information (p x p) of the log partial likelihood with whole risk sets as denominators."""
    order = np.argsort(-months, kind="stable")
    x, dead = design[order], is_event[order]
    risk = np.exp(x @ beta)
    sums = [np.cumsum(risk), np.cumsum(risk[:, None] * x, axis=0)]
    squares = np.cumsum(risk[:, None, None] * x[:, :, None] * x[:, None, :], axis=0)
    # Ties share the denominator of the last patient with their time, who in descending order is the last of the block.
    last = np.searchsorted(-months[order], -months[order], side="right")[dead] - 1
    mean = sums[1][last] / sums[0][last, None]
    spread = squares[last] / sums[0][last, None, None] - mean[:, :, None] * mean[:, None, :]
    return (x[dead] - mean).sum(axis=0), spread.sum(axis=0)


def _finite(fitted: CoxFit) -> CoxFit:
    if not (np.isfinite(fitted.log_hr).all() and np.isfinite(fitted.covariance).all()):
        raise NotEstimable("not estimable: the fit did not converge")
    return fitted
