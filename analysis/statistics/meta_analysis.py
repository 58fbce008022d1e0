"""Two-stage pooling of centres: random effects by REML with the modified Hartung-Knapp interval (rule R9.8)."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm, t

from analysis.statistics.arrays import Floats

Interval = tuple[float, float]

_LEVEL = 0.975
_FEWEST_FOR_PREDICTION = 3


@dataclass(frozen=True)
class Pooled:
    """Pooled log effect; intervals are on the log scale. `prediction` is None for fewer than three centres.

    `weights` are the shares of the centres in the pooled effect, shape (centres,); they sum to 1.
    """

    effect: float
    wald: Interval
    hartung_knapp: Interval
    tau2_reml: float
    tau2_dersimonian_laird: float
    q: float
    i2_percent: float
    prediction: Interval | None
    weights: Floats


def pool(effects: Floats, errors: Floats) -> Pooled:
    """Pool log hazard ratios of at least two centres.

    Args:
        effects: log hazard ratio of each centre, shape (centres,).
        errors: its standard error, shape (centres,).

    Source:
        Rover, Knapp and Friede 2015 (variance factor of at least 1); prediction interval of Higgins, Thompson and
        Spiegelhalter 2009 with t on k - 2 degrees of freedom.

    Raises:
        ValueError: fewer than two centres.
    """
    count = len(effects)
    if count < 2:
        raise ValueError("Pooling needs at least two centres.")
    variances = errors**2
    tau2 = _reml(effects, variances)
    weights = 1 / (variances + tau2)
    effect = float(np.average(effects, weights=weights))
    error = float(weights.sum() ** -0.5)
    scale = math.sqrt(max(1.0, float((weights * (effects - effect) ** 2).sum()) / (count - 1)))
    q = _heterogeneity(effects, 1 / variances)
    prediction = None
    if count >= _FEWEST_FOR_PREDICTION:
        prediction = _around(effect, math.sqrt(tau2 + error**2) * float(t.ppf(_LEVEL, count - 2)))
    return Pooled(
        effect,
        _around(effect, error * float(norm.ppf(_LEVEL))),
        _around(effect, error * scale * float(t.ppf(_LEVEL, count - 1))),
        tau2,
        _dersimonian_laird(q, 1 / variances),
        q,
        100 * max(0.0, 1 - (count - 1) / q) if q else 0.0,
        prediction,
        weights / weights.sum(),
    )


def _around(middle: float, half: float) -> Interval:
    return middle - half, middle + half


def _heterogeneity(effects: Floats, weights: Floats) -> float:
    return float((weights * (effects - np.average(effects, weights=weights)) ** 2).sum())


def _dersimonian_laird(q: float, weights: Floats) -> float:
    total = float(weights.sum())
    return max(0.0, (q - (len(weights) - 1)) / (total - float((weights**2).sum()) / total))


def _reml(effects: Floats, variances: Floats) -> float:
    """Between-centre variance at which the restricted likelihood is flat, 0 where it only falls."""

    def slope(tau2: float) -> float:
        weights = 1 / (variances + tau2)
        spread = (weights * (effects - np.average(effects, weights=weights))) ** 2
        return float(spread.sum() - weights.sum() + (weights**2).sum() / weights.sum())

    if slope(0.0) <= 0:
        return 0.0
    # Past the spread of the effects the likelihood only falls.
    ceiling = 10 * float(np.var(effects, ddof=1)) + float(variances.max())
    return float(brentq(slope, 0.0, ceiling, xtol=1e-14))
