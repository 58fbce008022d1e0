"""Quantiles and proportions (rules R9.1 and R9.5)."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from analysis.conventions import CONFIDENCE, QuantileType
from analysis.statistics.arrays import Floats

_NumpyMethod = Literal["linear", "weibull", "averaged_inverted_cdf"]
_NUMPY_METHOD: dict[QuantileType, _NumpyMethod] = {"7": "linear", "6": "weibull", "2": "averaged_inverted_cdf"}


def quantile(values: Floats, probability: float, kind: QuantileType) -> float:
    """Hyndman and Fan's type 7 (R, NumPy, SQL), 6 (SPSS) or 2 (SAS, Stata); nan without values. Cases QU01."""
    if not values.size:
        return float("nan")
    return float(np.quantile(values, probability, method=_NUMPY_METHOD[kind]))


def mean(values: Floats) -> float | None:
    """Arithmetic mean, None without values; summed exactly, so that the order of the patients leaves no trace."""
    return math.fsum(values) / values.size if values.size else None


@dataclass(frozen=True)
class Proportion:
    """k of n in percent with its exact interval; nan where n is 0."""

    count: int
    total: int
    percent: float
    lower: float
    upper: float


def clopper_pearson(count: int, total: int) -> Proportion:
    """Exact interval from beta quantiles (rule R9.5, cases PR01 to PR06)."""
    if total == 0:
        return Proportion(count, total, *[float("nan")] * 3)
    tail = (1 - CONFIDENCE) / 2
    lower = 0.0 if count == 0 else float(stats.beta.ppf(tail, count, total - count + 1))
    upper = 1.0 if count == total else float(stats.beta.ppf(1 - tail, count + 1, total - count))
    return Proportion(count, total, 100 * count / total, 100 * lower, 100 * upper)
