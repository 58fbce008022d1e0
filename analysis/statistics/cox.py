"""Cox regression (rule R9.4) by Newton's method on the exact partial likelihood, cases CX01.

One estimator for every combination of ties, strata and weights: lifelines lacks Breslow ties and weighs tied deaths
wrongly under Efron's, so that it would be a second way for some of them only. Proved against R's survival.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import stats

from analysis.conventions import CONFIDENCE, Ties
from analysis.statistics.arrays import Flags, Floats, Integers
from analysis.statistics.partial_likelihood import Derivatives, PartialLikelihood, partial_likelihood

_Z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))
_SAME = 1e-13
"""Gain in log likelihood, relative to where it began, below which the step just made was the last."""
_MOST_STEPS = 60
_MOST_HALVINGS = 30
_COLLINEAR = 1e-10
"""Smallest eigenvalue of the information, scaled to a unit diagonal, above which columns are told apart."""
_FLOOR = 1e-14
_NOTHING = 1e-30
_SILENT = 1e-12
"""Information of a column per event and squared range below which it does not vary among those at risk."""
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
        """Whether the events separate this column perfectly or say nothing of it: there is no finite estimate."""
        return not (self.error <= _SEPARATED_ERROR and abs(self.log_hr) <= _SEPARATED_LOG_HR)


@dataclass(frozen=True)
class CoxFit:
    """Log hazard ratios (shape p), their covariance (p x p), and the log partial likelihood with and without them.

    `covariance` is the robust one where that was asked for, else the inverse information. A column that does not vary
    among those at risk at any event is nan in both, and the others are as if it were not there.
    """

    log_hr: Floats
    covariance: Floats
    log_likelihood: float
    log_likelihood_null: float

    def coefficient(self, column: int) -> Coefficient:
        """The estimate of one column."""
        return Coefficient(float(self.log_hr[column]), float(np.sqrt(self.covariance[column, column])))

    def joint_p_value(self, columns: list[int]) -> float:
        """Wald test that all these columns are 0: the global test of a factor with several levels."""
        beta = self.log_hr[columns]
        chi2 = float(beta @ np.linalg.solve(self.covariance[np.ix_(columns, columns)], beta))
        return float(stats.chi2.sf(chi2, len(columns)))


@dataclass(frozen=True)
class LikelihoodRatio:
    """Twice the gain in log partial likelihood, its degrees of freedom and P value."""

    chi2: float
    degrees: int
    p_value: float


def likelihood_ratio(full: CoxFit, reduced: CoxFit) -> LikelihoodRatio:
    """Test the columns that `full` has and `reduced` has not, both fitted to the same unweighted patients.

    For all columns of a model at once, `reduced` is the fit of a design of shape (n x 0).
    """
    chi2 = max(0.0, 2 * (full.log_likelihood - reduced.log_likelihood))
    degrees = int(np.isfinite(full.log_hr).sum() - np.isfinite(reduced.log_hr).sum())
    return LikelihoodRatio(chi2, degrees, float(stats.chi2.sf(chi2, degrees)) if degrees else float("nan"))


@dataclass(frozen=True)
class CoxData:
    """What a Cox model is fitted to: n patients, p columns.

    `months` (n), `is_event` (n), `design` (n x p), tie convention, stratum code of each patient (n) and weights above
    0 (n), as of inverse probability.
    """

    months: Floats
    is_event: Flags
    design: Floats
    ties: Ties
    strata: Integers | None = None
    weights: Floats | None = None

    @cached_property
    def centre(self) -> Floats:
        """Mean of each column; the likelihood is the same about any other."""
        mean: Floats = self.design.mean(axis=0)
        return mean

    @cached_property
    def likelihood(self) -> PartialLikelihood:
        """The partial likelihood of the centred columns."""
        centred = self.design - self.centre
        return partial_likelihood(self.months, self.is_event, centred, self.ties, self.strata, self.weights)

    @cached_property
    def null(self) -> Derivatives:
        """The likelihood where every hazard ratio is 1."""
        return self.likelihood.at(np.zeros(self.design.shape[1]))

    @cached_property
    def varies(self) -> Flags:
        """Whether each column varies among those at risk at any event, shape (p,); of others the data say nothing."""
        least = _SILENT * self.is_event.sum() * np.ptp(self.design, axis=0) ** 2
        return np.asarray(np.diag(self.null.information) > least, dtype=np.bool_)

    def only(self, columns: Flags) -> "CoxData":
        """The same patients with some of the columns."""
        return replace(self, design=self.design[:, columns])


def fit(
    months: Floats,
    is_event: Flags,
    design: Floats,
    ties: Ties,
    *,
    strata: Integers | None = None,
    weights: Floats | None = None,
    robust: bool = False,
    clusters: Integers | None = None,
) -> CoxFit:
    """Fit hazard ratios of the columns of `design` to times.

    Args:
        months: months to the event or to censoring, shape (n,).
        is_event: whether the time ends in the event, shape (n,).
        design: covariates, shape (n, p); no columns give the null model.
        ties: convention for tied deaths.
        strata: code of the stratum of each patient, shape (n,): a baseline hazard for each (rule R9.8).
        weights: case weights above 0, shape (n,), such as inverse probabilities.
        robust: the sandwich variance of Lin and Wei 1989 in place of the inverse information; weights that are not
            counts need it.
        clusters: code of what each row belongs to, shape (n,); their rows count as one in the sandwich. Implies robust.

    Raises:
        NotEstimable: no events, the fit does not converge, or columns cannot be told apart.
    """
    return fit_data(CoxData(months, is_event, design, ties, strata, weights), robust=robust, clusters=clusters)


def fit_data(data: CoxData, *, robust: bool = False, clusters: Integers | None = None) -> CoxFit:
    """`fit` for data kept together, which the tests of a fitted model read too."""
    if not data.is_event.any():
        raise NotEstimable("not estimable: no events")
    if not data.varies.all():
        return _without_silent(data, robust=robust, clusters=clusters)
    beta, found = _maximise(data.likelihood, np.zeros(data.varies.size), data.null)
    covariance = inverse(found.information).matrix
    if robust or clusters is not None:
        covariance = _sandwich(data, beta, covariance, clusters)
    return CoxFit(beta, covariance, found.log_likelihood, data.null.log_likelihood)


def _without_silent(data: CoxData, *, robust: bool, clusters: Integers | None) -> CoxFit:
    varies = data.varies
    fitted = fit_data(data.only(varies), robust=robust, clusters=clusters)
    log_hr, covariance = np.full(varies.size, np.nan), np.full((varies.size, varies.size), np.nan)
    log_hr[varies], covariance[np.ix_(varies, varies)] = fitted.log_hr, fitted.covariance
    return replace(fitted, log_hr=log_hr, covariance=covariance)


def _maximise(likelihood: PartialLikelihood, beta: Floats, here: Derivatives) -> tuple[Floats, Derivatives]:
    """Newton's method; a step that loses likelihood is halved until it gains.

    Where the events separate a column it climbs for ever smaller gains, and ends with an error that tells.
    """
    if inverse(here.information).is_singular:
        raise NotEstimable("not estimable: covariates cannot be told apart")
    same = _SAME * (1 + abs(here.log_likelihood))
    for _ in range(_MOST_STEPS):
        step = inverse(here.information).matrix @ here.gradient
        for _ in range(_MOST_HALVINGS):
            there = likelihood.at(beta + step)
            if there.log_likelihood >= here.log_likelihood - same:
                break
            step = step / 2
        gain = there.log_likelihood - here.log_likelihood
        beta, here = beta + step, there
        if gain <= same:
            return beta, here
    raise NotEstimable("not estimable: the fit did not converge")


@dataclass(frozen=True)
class Inverse:
    """Inverse of an information matrix (p x p), the logarithm of its determinant, and whether rounding hides both."""

    matrix: Floats
    log_determinant: float
    is_singular: bool


def inverse(information: Floats) -> Inverse:
    """Invert an information matrix; what it does not tell gets a huge variance instead of an error."""
    scale = np.sqrt(np.maximum(np.diag(information), _NOTHING))
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    floored = np.maximum(values, _FLOOR)
    return Inverse(
        matrix=(vectors / floored) @ vectors.T / np.outer(scale, scale),
        log_determinant=float(np.log(floored).sum() + 2 * np.log(scale).sum()),
        is_singular=bool((values < _COLLINEAR).any()),
    )


def _sandwich(data: CoxData, beta: Floats, covariance: Floats, clusters: Integers | None) -> Floats:
    """Sum of the squared influences of patients (or of clusters) on the estimate."""
    influence = data.likelihood.score_residuals(beta) @ covariance
    if data.weights is not None:
        influence = influence * data.weights[:, None]
    if clusters is not None:
        _, of = np.unique(clusters, return_inverse=True)
        together = np.zeros((of.max() + 1, influence.shape[1]))
        np.add.at(together, of, influence)
        influence = together
    return influence.T @ influence
