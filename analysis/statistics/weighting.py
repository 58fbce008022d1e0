"""Exposure groups made comparable: propensity scores, inverse probability weights and how far they balance."""

import warnings
from typing import Literal

import numpy as np
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import DomainWarning, PerfectSeparationWarning

from analysis.statistics.arrays import Flags, Floats
from analysis.statistics.cox import NotEstimable

Estimand = Literal["ate", "att", "overlap"]

_NO_OVERLAP = 1e-8
"""A score this close to 0 or 1 is the limit of a likelihood that has no maximum."""
_PRECISION = 1e-14
_MOST_STEPS = 200


def propensity_scores(is_exposed: Flags, design: Floats) -> Floats:
    """Probability of exposure of each patient, shape (n,), by logistic regression on the columns of `design` (n x p).

    Raises:
        NotEstimable: nobody or everybody is exposed, or covariates tell for certain who is, so that some patients have
            no counterpart and no weight can make the groups comparable.
    """
    if not is_exposed.any() or is_exposed.all():
        raise NotEstimable("not estimable: only one exposure group")
    with_intercept = np.column_stack([np.ones(is_exposed.size), design])
    with warnings.catch_warnings():
        # Separation shows in the scores, which are looked at below.
        for kind in (PerfectSeparationWarning, DomainWarning, RuntimeWarning):
            warnings.simplefilter("ignore", kind)
        model = GLM(is_exposed.astype(np.float64), with_intercept, family=families.Binomial())
        scores: Floats = np.asarray(model.fit(maxiter=_MOST_STEPS, tol=_PRECISION).fittedvalues, dtype=np.float64)
    if not (np.isfinite(scores) & (scores > _NO_OVERLAP) & (scores < 1 - _NO_OVERLAP)).all():
        raise NotEstimable("not estimable: covariates tell the exposure groups apart")
    return scores


def balancing_weights(is_exposed: Flags, scores: Floats, estimand: Estimand) -> Floats:
    """Weight of each patient, shape (n,).

    Args:
        is_exposed: shape (n,).
        scores: probability of exposure, shape (n,).
        estimand: `ate`, the effect in all patients, by inverse probabilities of the exposure received, stabilised with
            the share of its group; `att`, the effect in the exposed, who weigh 1 while the others weigh their odds of
            exposure; `overlap`, the effect in those who could have been in either group, by the probability of the
            other one.

    Source:
        Robins, Hernan and Brumback 2000 (ate); Austin and Stuart 2015 (att); Li, Morgan and Zaslavsky 2018 (overlap).
    """
    share = float(is_exposed.mean())
    of_exposed, of_others = {
        "ate": (share / scores, (1 - share) / (1 - scores)),
        "att": (np.ones(scores.size), scores / (1 - scores)),
        "overlap": (1 - scores, scores),
    }[estimand]
    return np.where(is_exposed, of_exposed, of_others)


def effective_size(weights: Floats) -> float:
    """Patients of equal weight who would tell as much as these (Kish 1965): (sum w)^2 / sum w^2; 0 without any."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if weights.size else 0.0


def standardised_difference(values: Floats, is_exposed: Flags, weights: Floats | None = None) -> float:
    """Difference of (weighted) means, exposed less others, in standard deviations; nan where nothing varies.

    The deviation is the root of the mean of both groups' variances, always unweighted so that weights cannot move the
    yardstick: p (1 - p) of values that are only 0 and 1, else with n - 1.

    Source:
        Austin 2009; Austin and Stuart 2015.
    """
    groups = (is_exposed, ~is_exposed)
    if not all(group.any() for group in groups):
        return float("nan")
    of_patient = np.ones(values.size) if weights is None else weights
    means = [float(np.average(values[group], weights=of_patient[group])) for group in groups]
    is_binary = np.isin(values, (0.0, 1.0)).all()
    spread = np.mean([_variance(values[group], is_binary=bool(is_binary)) for group in groups])
    return float((means[0] - means[1]) / np.sqrt(spread)) if spread > 0 else float("nan")


def _variance(values: Floats, *, is_binary: bool) -> float:
    if is_binary:
        return float(values.mean() * (1 - values.mean()))
    return float(values.var(ddof=1)) if values.size > 1 else 0.0
