"""Whether hazards are proportional (rule R9.4): the score test of R's cox.zph from version 3 on, and its residuals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats
from scipy.interpolate import CubicSpline

from analysis.statistics.arrays import Flags, Floats
from analysis.statistics.cox import CoxData, NotEstimable, fit_data, inverse
from analysis.statistics.kaplan_meier import fit as fit_curve

Transform = Literal["km", "identity", "rank"]

_KNOTS = 4
_GRID = 40
_BAND = 2.0
"""Half-width of the band of a smooth in standard errors, as R draws it."""


@dataclass(frozen=True)
class ScoreTest:
    """A test that effects do not change over transformed time."""

    chi2: float
    degrees: int
    p_value: float


@dataclass(frozen=True)
class Residuals:
    """Scaled Schoenfeld residuals, one row a death in order of time: about them lies the log hazard ratio by time.

    `months` (d), `transformed` time (d), `values` (d x p), and `variance` (p) of one residual.
    """

    months: Floats
    transformed: Floats
    values: Floats
    variance: Floats


@dataclass(frozen=True)
class ProportionalHazards:
    """Tests in the order of the factors given, the test of all columns together, and the residuals."""

    factors: tuple[ScoreTest, ...]
    overall: ScoreTest
    residuals: Residuals


def check(data: CoxData, factors: Sequence[Sequence[int]], transform: Transform = "km") -> ProportionalHazards:
    """Test proportional hazards at the fitted hazard ratios.

    Args:
        data: what the model is fitted to.
        factors: the columns of each factor; a factor of three levels has two and is tested on both at once.
        transform: time as it is (`identity`), its rank, or 1 - S(t-) of all patients (`km`, R's default).

    Source:
        Grambsch and Therneau 1994; the exact score test of covariate times transformed time, as R's survival has
        computed it since version 3. Weights count, but the information is not the robust one.

    Raises:
        NotEstimable: as the fit itself, a separated covariate, or too few distinct event times.
    """
    fitted = fit_data(data)
    if not np.isfinite(fitted.log_hr).all():
        raise NotEstimable("not estimable: a covariate does not vary among those at risk")
    by_patient = _transformed(data.months, data.is_event, transform)
    by_patient = by_patient - by_patient[data.is_event].mean()
    width = data.design.shape[1]
    score, information = np.zeros(width), np.zeros((2 * width, 2 * width))
    rows = []
    for stratum, place in zip(data.likelihood.strata, data.likelihood.places, strict=True):
        time = by_patient[place][stratum.is_event]
        terms, weights = stratum.terms(fitted.log_hr), stratum.term_weights
        away = stratum.schoenfeld(terms)
        score += (time * stratum.weights[stratum.is_event]) @ away
        still, once, twice = (stratum.covariance(terms, weights * time**power) for power in range(3))
        information += np.block([[still, once], [once, twice]])
        rows.append((place[stratum.is_event], away))
    tests = [_score_test(score, information, list(columns)) for columns in factors]
    overall = _score_test(score, information, list(range(width)))
    deaths, away = np.concatenate([row[0] for row in rows]), np.concatenate([row[1] for row in rows])
    covariance = inverse(information[:width, :width]).matrix
    order = np.lexsort((deaths, data.months[deaths]))
    residuals = Residuals(
        months=data.months[deaths][order],
        transformed=_transformed(data.months, data.is_event, transform)[deaths][order],
        values=away[order] @ covariance * deaths.size + fitted.log_hr,
        variance=np.diag(covariance) * deaths.size,
    )
    return ProportionalHazards(tuple(tests), overall, residuals)


def _transformed(months: Floats, is_event: Flags, transform: Transform) -> Floats:
    if transform == "identity":
        return months
    if transform == "rank":
        ranks: Floats = stats.rankdata(months)
        return ranks
    curve = fit_curve(months, is_event)
    before = np.concatenate([[1.0], curve.survival])
    return 1 - before[np.searchsorted(curve.times, months, side="left")]


def _score_test(score: Floats, information: Floats, columns: list[int]) -> ScoreTest:
    """Score test of the time products of these columns with the hazard ratios themselves free."""
    width = score.size
    kept = [*range(width), *(width + column for column in columns)]
    gradient = np.concatenate([np.zeros(width), score[columns]])
    found = inverse(information[np.ix_(kept, kept)])
    if found.is_singular:
        raise NotEstimable("not estimable: too few distinct event times")
    chi2 = float(gradient @ found.matrix @ gradient)
    return ScoreTest(chi2, len(columns), float(stats.chi2.sf(chi2, len(columns))))


@dataclass(frozen=True)
class Smooth:
    """A smooth through residuals: transformed time, its month (interpolated), log hazard ratio and band; all (40,)."""

    transformed: Floats
    months: Floats
    log_hr: Floats
    lower: Floats
    upper: Floats


def smooth(residuals: Residuals, column: int) -> Smooth:
    """Natural cubic spline of four degrees of freedom through one column's residuals, with a band of two errors.

    Raises:
        NotEstimable: too few distinct event times for four knots.
    """
    x = residuals.transformed
    grid = np.linspace(x.min(), x.max(), _GRID)
    # R puts the inner knots at the thirds of grid and data together.
    knots = np.quantile(np.concatenate([grid, x]), np.linspace(0, 1, _KNOTS))
    if np.unique(knots).size < _KNOTS or np.unique(x).size < _KNOTS:
        raise NotEstimable("not estimable: too few distinct event times")
    basis = CubicSpline(knots, np.eye(_KNOTS), bc_type="natural")
    at_data, at_grid = basis(x), basis(grid)
    inverse = np.linalg.inv(at_data.T @ at_data)
    line = at_grid @ (inverse @ (at_data.T @ residuals.values[:, column]))
    error = np.sqrt(residuals.variance[column] * np.einsum("gi,ij,gj->g", at_grid, inverse, at_grid))
    first = np.unique(x, return_index=True)[1]
    months = np.interp(grid, x[first], residuals.months[first])
    return Smooth(grid, months, line, line - _BAND * error, line + _BAND * error)
