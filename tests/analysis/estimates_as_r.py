"""Our estimate of every number that `r/reference.R` writes, under the same names."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast, get_args

import numpy as np

from analysis.conventions import Band, MedianInterval, QuantileType, Ties
from analysis.statistics import cox, descriptive, kaplan_meier, proportional_hazards, restricted_mean, weighting
from analysis.statistics.arrays import Flags, Floats, Integers
from analysis.statistics.competing_risks import cumulative_incidence
from analysis.statistics.contingency import independence
from analysis.statistics.firth import fit_firth
from analysis.statistics.gray import gray_test
from analysis.statistics.logrank import logrank
from analysis.statistics.meta_analysis import pool

Named = Iterator[tuple[str, str, float]]
"""Family, name and value of a number."""

SEPARATED = ("separated", "no_events")
FIRTH = ("separated", "ovarian", "aml", "escc87", "tiny_groups")
TIES: tuple[Ties, ...] = ("efron", "breslow")
BANDS: dict[str, Band] = {"log-log": "loglog", "log": "log", "plain": "plain"}
POINTS = (0.25, 0.5, 0.9)
FEW_SHOWN = 5
FALLEN = 1e-9


@dataclass(frozen=True)
class DataSet:
    """One file of `r/data`; columns by name."""

    name: str
    columns: dict[str, Floats]

    @property
    def time(self) -> Floats:
        return self.columns["time"]

    @property
    def is_event(self) -> Flags:
        return np.equal(self.columns["event"], 1)

    @property
    def weight(self) -> Floats:
        return self.columns["weight"]

    def codes(self, name: str) -> Integers:
        return self.columns[name].astype(np.int64)

    @cached_property
    def design(self) -> Floats:
        return np.column_stack([values for name, values in self.columns.items() if name.startswith("x")])

    def points(self) -> list[float]:
        """The observed times that R calls quantiles of type 1."""
        return [float(value) for value in np.quantile(self.time, POINTS, method="inverted_cdf")]


def read(path: Path) -> DataSet:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return DataSet(path.stem, {name: np.array([float(row[name]) for row in rows]) for name in rows[0]})


def estimates(data: DataSet) -> dict[tuple[str, str], float]:
    """Everything, keyed by family and name."""
    return {
        (family, name): value
        for part in (_curves, _means, _simple, _logrank, _shares, _regressions, _firth, _competing, _weighting)
        for family, name, value in part(data)
    }


def pooled_estimates(path: Path) -> dict[tuple[str, str, str], float]:
    """Pooling of each set of centres of `r/effects.csv`, keyed by set, family and name."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        (data, family, name): value
        for data in dict.fromkeys(row["data"] for row in rows)
        for family, name, value in _pooling([row for row in rows if row["data"] == data])
    }


def _shares(data: DataSet) -> Named:
    """Whether the share of events is the same in every group; nothing where there are no two outcomes."""
    groups = np.unique(data.codes("grp"))
    members = [data.codes("grp") == code for code in groups]
    events = np.array([np.count_nonzero(data.is_event[inside]) for inside in members])
    found = independence(events, np.array([np.count_nonzero(inside) for inside in members]))
    if np.isfinite(found.p_value):
        yield "fisher", "p_value", found.p_value


def _pooling(rows: list[dict[str, str]]) -> Named:
    effects, errors = (np.array([float(row[name]) for row in rows]) for name in ("effect", "error"))
    found = pool(effects, errors)
    yield from _each("meta", "wald", [found.effect, *found.wald])
    yield from _each("meta", "hartung_knapp", found.hartung_knapp)
    yield from _each("meta", "variance", [found.tau2_reml, found.tau2_dersimonian_laird])
    yield from _each("meta", "heterogeneity", [found.q, found.i2_percent])
    if found.prediction:
        yield from _each("meta", "prediction", found.prediction)


def _each(family: str, name: str, values: object) -> Named:
    for place, value in enumerate(np.asarray(values, dtype=np.float64), start=1):
        yield family, f"{name}/{place}", float(value)


def _curves(data: DataSet) -> Named:
    curve = kaplan_meier.fit(data.time, data.is_event)
    yield from _curve("all", curve, data.points())
    yield from _each("spss_median", "all", kaplan_meier.median_interval(curve, "spss_symmetric"))
    yield from _curve("weighted", kaplan_meier.fit(data.time, data.is_event, data.weight), data.points())
    yield from _curve("follow_up", kaplan_meier.fit(data.time, ~data.is_event), data.points())
    for code in np.unique(data.codes("grp")):
        inside = data.codes("grp") == code
        part = DataSet(data.name, {name: values[inside] for name, values in data.columns.items()})
        curve = kaplan_meier.fit(part.time, part.is_event)
        yield from _curve(f"group{code}", curve, part.points())
        yield from _each("spss_median", f"group{code}", kaplan_meier.median_interval(curve, "spss_symmetric"))


def _curve(name: str, curve: kaplan_meier.Curve, points: list[float]) -> Named:
    at = np.searchsorted(curve.times, points)
    known = kaplan_meier.has_variance(curve)[at]
    yield from _each("curve", f"{name}/survival", curve.survival[at])
    with np.errstate(invalid="ignore"):
        error = np.where(known, curve.survival[at] * np.sqrt(curve.variance[at]), np.nan)
    yield from _each("curve", f"{name}/error", error)
    for label, band in BANDS.items():
        for side, limit in zip(("lower", "upper"), kaplan_meier.band(curve, band), strict=True):
            yield from _each("curve", f"{name}/{side}/{label}", np.where(known, limit[at], np.nan))
        yield "curve", f"{name}/median/{label}", kaplan_meier.median(curve)
        limits = kaplan_meier.median_interval(curve, cast(MedianInterval, f"brookmeyer_crowley_{band}"))
        yield "curve", f"{name}/median_lower/{label}", _open_at_the_end(curve, limits[0])
        yield "curve", f"{name}/median_upper/{label}", _open_at_the_end(curve, limits[1])


def _open_at_the_end(curve: kaplan_meier.Curve, limit: float) -> float:
    """R leaves a limit open that only the curve's own fall to 0 closes; the rule book closes it there (case ST01)."""
    fallen = curve.times[curve.survival < FALLEN]
    return math.nan if fallen.size and limit == fallen[0] else limit


def _means(data: DataSet) -> Named:
    groups = data.codes("grp")
    until = restricted_mean.longest_common_month(data.time, groups)
    means = []
    for code in np.unique(groups):
        inside = groups == code
        means.append(restricted_mean.restricted_mean(kaplan_meier.fit(data.time[inside], data.is_event[inside]), until))
        yield "restricted_mean", f"value/{code}", means[-1].value
        yield "restricted_mean", f"error/{code}", means[-1].error
    for place, mean in enumerate(means[1:], start=2):
        gap = restricted_mean.difference(mean, means[0])
        yield "restricted_mean", f"difference/{place}", gap.value
        yield "restricted_mean", f"p_value/{place}", gap.p_value


def _simple(data: DataSet) -> Named:
    for kind in get_args(QuantileType):
        values = [descriptive.quantile(data.time, probability, kind) for probability in (0.25, 0.5, 0.75)]
        yield from _each("quantile", kind, values)
    found = descriptive.clopper_pearson(int(data.is_event.sum()), data.time.size)
    yield from _each("proportion", "interval", [found.lower / 100, found.upper / 100])


def _logrank(data: DataSet) -> Named:
    if not data.is_event.any():
        return
    for name, stratum in (("plain", None), ("stratified", data.codes("stratum"))):
        found = logrank(data.time, data.is_event, data.codes("grp"), stratum)
        yield "logrank", f"{name}/chi2", found.chi2
        yield "logrank", f"{name}/p_value", found.p_value


def _regressions(data: DataSet) -> Named:
    if data.name in SEPARATED:
        return
    for ties in TIES:
        for stratum_name, strata in (("whole", None), ("strata", data.codes("stratum"))):
            for weight_name, weights in (("plain", None), ("weights", data.weight)):
                model = cox.CoxData(data.time, data.is_event, data.design, ties, strata, weights)
                yield from _regression(f"{ties}/{stratum_name}/{weight_name}", model, data)


def _regression(name: str, model: cox.CoxData, data: DataSet) -> Named:
    fitted = cox.fit_data(model)
    yield from _each("cox", f"{name}/log_hr", fitted.log_hr)
    yield from _each("cox", f"{name}/error", np.sqrt(np.diag(fitted.covariance)))
    yield from _each("cox", f"{name}/log_likelihood", [fitted.log_likelihood_null, fitted.log_likelihood])
    yield "cox", f"{name}/joint_p", fitted.joint_p_value(list(range(fitted.log_hr.size)))
    if model.weights is None:
        null = cox.fit(model.months, model.is_event, model.design[:, :0], model.ties, strata=model.strata)
        yield "cox", f"{name}/ratio_p", cox.likelihood_ratio(fitted, null).p_value
    for label, clusters in (("robust", None), ("clustered", data.codes("cluster"))):
        found = cox.fit_data(model, robust=True, clusters=clusters)
        yield from _each("cox", f"{name}/{label}", np.sqrt(np.diag(found.covariance)))
    if data.name != "tiny_groups":
        yield from _proportional(name, model)


def _proportional(name: str, model: cox.CoxData) -> Named:
    single = [[column] for column in range(model.design.shape[1])]
    for scale in get_args(proportional_hazards.Transform):
        found = proportional_hazards.check(model, single, scale)
        tests = [*found.factors, found.overall]
        yield from _each("zph", f"{name}/{scale}/chi2", [test.chi2 for test in tests])
        yield from _each("zph", f"{name}/{scale}/p_value", [test.p_value for test in tests])
    if model.strata is not None:
        return
    residuals = proportional_hazards.check(model, single).residuals
    yield from _each("zph", f"{name}/residual_sum", residuals.values.sum(axis=0))
    yield from _each("zph", f"{name}/residual_square", (residuals.values**2).sum(axis=0))
    yield from _each("zph", f"{name}/residual_variance", residuals.variance)
    smooth = proportional_hazards.smooth(residuals, 0)
    yield from _each("zph", f"{name}/smooth", smooth.log_hr[[0, 9, 39]])
    yield from _each("zph", f"{name}/smooth_upper", smooth.upper[[0, 9, 39]])


def _firth(data: DataSet) -> Named:
    if data.name not in FIRTH:
        return
    for ties in TIES:
        for column, found in enumerate(fit_firth(data.time, data.is_event, data.design, ties), start=1):
            values = [found.log_hr, found.log_lower, found.log_upper, found.p_value]
            yield from _each("firth", f"{ties}/x{column}", values)


def _competing(data: DataSet) -> Named:
    causes, groups = data.codes("cause"), data.codes("grp")
    for cause in np.unique(causes[causes > 0]):
        for code in (0, *np.unique(groups)):
            inside = (groups == code) | (code == 0)
            if not (causes[inside] == cause).any():
                continue
            found = cumulative_incidence(data.time[inside], causes[inside], int(cause))
            points = [point for point in data.points() if point <= data.time[inside].max()]
            yield from _each("incidence", f"value/{cause}/{code}", [found.at(point) for point in points])
            yield from _each("incidence", f"variance/{cause}/{code}", [found.error_at(point) ** 2 for point in points])
        test = gray_test(data.time, causes, int(cause), groups)
        yield "gray", f"chi2/{cause}", test.chi2
        yield "gray", f"p_value/{cause}", test.p_value


def _weighting(data: DataSet) -> Named:
    others = data.design[:, 1:]
    if data.name in (*SEPARATED, "tiny_groups") or not others.size:
        return
    exposed = data.columns["x1"] == data.columns["x1"].max()
    scores = weighting.propensity_scores(exposed, others)
    yield from _each("weighting", "score", scores[:FEW_SHOWN])
    for estimand in get_args(weighting.Estimand):
        weights = weighting.balancing_weights(exposed, scores, estimand)
        yield "weighting", f"{estimand}/effective_size", weighting.effective_size(weights)
        standardised = weighting.standardised_difference(others[:, 0], exposed, weights)
        yield "weighting", f"{estimand}/standardised", standardised
        design = exposed[:, None].astype(float)
        fitted = cox.fit(data.time, data.is_event, design, "efron", weights=weights, robust=True)
        yield "weighting", f"{estimand}/log_hr", fitted.coefficient(0).log_hr
        yield "weighting", f"{estimand}/robust", fitted.coefficient(0).error
