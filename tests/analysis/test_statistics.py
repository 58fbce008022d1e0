"""Estimators against the worked examples of the rule book (09a to 09e) and against lifelines and hand-worked cases."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from lifelines.statistics import multivariate_logrank_test

from analysis.conventions import Band, MedianInterval, Ties, read_conventions
from analysis.statistics import cox, descriptive, kaplan_meier
from analysis.statistics.arrays import Floats, Integers
from analysis.statistics.logrank import logrank
from models.errors import ConfigError
from tests.analysis.study_marts import PARAMETERS

NOT_REACHED = math.nan


def example(root: Path, name: str, case: str) -> list[dict[str, str]]:
    """The rows of one case in a table of worked examples."""
    with (root / "tests" / "rules" / "examples" / f"{name}.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["case_id"] == case]


def numbers(rows: list[dict[str, str]], column: str) -> Floats:
    return np.array([float(row[column]) for row in rows])


def expected(text: str) -> float:
    return float(text) if text else NOT_REACHED


@pytest.fixture
def st01(root: Path, request: pytest.FixtureRequest) -> kaplan_meier.Curve:
    rows = example(root, "09a_km__input", request.param)
    return kaplan_meier.fit(numbers(rows, "time_months"), numbers(rows, "event") == 1)


BANDS: dict[str, Band] = {"loglog": "loglog", "log": "log", "plain": "plain"}
MEDIANS: dict[str, MedianInterval] = {
    "Brookmeyer-Crowley loglog": "brookmeyer_crowley_loglog",
    "Brookmeyer-Crowley log": "brookmeyer_crowley_log",
    "Brookmeyer-Crowley plain": "brookmeyer_crowley_plain",
    "SPSS-style symmetric": "spss_symmetric",
}


@pytest.mark.parametrize("st01", ["ST01"], indirect=True)
def test_survival_rates_and_their_bands_are_the_rule_book_s(root: Path, st01: kaplan_meier.Curve) -> None:
    """Rates at 6, 12 and 24 months, three bands and the number at risk are the rule book's."""
    rows = [row for row in example(root, "09a_km__expected", "ST01") if row["quantity"].startswith("S(")]
    assert len(rows) == 9
    for row in rows:
        found = kaplan_meier.rate(st01, float(row["quantity"][2:-1]), BANDS[row["method"]])
        assert found is not None
        shown = tuple(f"{value:.4f}" for value in (found.survival, found.lower, found.upper))
        assert (*shown, str(found.at_risk)) == (row["estimate"], row["lower"], row["upper"], row["n_at_risk"])


@pytest.mark.parametrize("st01", ["ST01"], indirect=True)
def test_medians_and_their_intervals_are_the_rule_book_s(root: Path, st01: kaplan_meier.Curve) -> None:
    """The median and its Brookmeyer-Crowley and SPSS intervals are the rule book's, open ends included."""
    rows = [row for row in example(root, "09a_km__expected", "ST01") if row["quantity"] == "median"]
    assert len(rows) == len(MEDIANS)
    for row in rows:
        interval = kaplan_meier.median_interval(st01, MEDIANS[row["method"]])
        wanted = (float(row["estimate"]), expected(row["lower"]), expected(row["upper"]))
        assert (kaplan_meier.median(st01), *interval) == pytest.approx(wanted, abs=5e-5, nan_ok=True)


def test_follow_up_forms_match_case_st01(root: Path) -> None:
    """Reverse Kaplan-Meier and both naive medians of follow-up are the rule book's."""
    rows = example(root, "09a_km__input", "ST01")
    months, is_event = numbers(rows, "time_months"), numbers(rows, "event") == 1
    wanted = {row["quantity"]: row for row in example(root, "09a_km__expected", "ST01")}
    reverse = kaplan_meier.fit(months, ~is_event)
    interval = kaplan_meier.median_interval(reverse, "brookmeyer_crowley_loglog")
    row = wanted["followup_reverse_km"]
    assert (kaplan_meier.median(reverse), *interval) == pytest.approx(
        (float(row["estimate"]), float(row["lower"]), float(row["upper"]))
    )
    for name, values in (("followup_naive_all", months), ("followup_naive_alive", months[~is_event])):
        row = wanted[name]
        found = (descriptive.quantile(values, 0.5, "7"), values.min(), values.max())
        assert found == pytest.approx((float(row["estimate"]), float(row["lower"]), float(row["upper"])))


@pytest.mark.parametrize("case", [f"PR0{number}" for number in range(1, 7)])
def test_exact_proportions_are_the_rule_book_s(root: Path, case: str) -> None:
    """Clopper-Pearson intervals, none and all responding among them."""
    given, wanted = (example(root, f"09b_proportion__{side}", case)[0] for side in ("input", "expected"))
    found = descriptive.clopper_pearson(int(given["x"]), int(given["n"]))
    shown = tuple(f"{value:.1f}" for value in (found.percent, found.lower, found.upper))
    assert shown == (wanted["pct"], wanted["cp_lower"], wanted["cp_upper"])


def test_mean_does_not_depend_on_the_order_of_the_patients() -> None:
    """A sum that would lose its small terms behind the large ones keeps them, in whatever order the patients come."""
    assert descriptive.mean(np.array([1e16, 1.0, -1e16, 1.0])) == 0.5
    assert descriptive.mean(np.array([1.0, 1e16, 1.0, -1e16])) == 0.5
    assert descriptive.mean(np.array([])) is None


@pytest.mark.parametrize("case", ["QU01"])
def test_quantile_types_are_the_rule_book_s(root: Path, case: str) -> None:
    """The same ten values have three different first quartiles under types 7, 6 and 2."""
    values = numbers(example(root, "09c_quantile__input", case), "value")
    for row in example(root, "09c_quantile__expected", case):
        kind = read_conventions({**PARAMETERS, "quantile_type": row["type"]}).quantile_type
        found = [descriptive.quantile(values, probability, kind) for probability in (0.25, 0.5, 0.75)]
        assert found == pytest.approx([float(row[name]) for name in ("q1", "median", "q3")])


TIES: tuple[Ties, ...] = ("efron", "breslow")


@pytest.mark.parametrize("case", ["CX01"])
def test_cox_is_the_rule_book_s_under_both_ties(root: Path, case: str) -> None:
    """Coefficient, standard error, hazard ratio and interval under Efron and Breslow ties are the rule book's."""
    rows = example(root, "09d_cox__input", case)
    design = numbers(rows, "x")[:, None]
    wanted = {row["ties"]: row for row in example(root, "09d_cox__expected", case)}
    for ties in TIES:
        found = cox.fit(numbers(rows, "time"), numbers(rows, "event") == 1, design, ties).coefficient(0)
        shown = [f"{found.log_hr:.5f}", f"{found.error:.5f}"]
        shown += [f"{value:.4f}" for value in (found.hr, found.lower, found.upper)]
        row = wanted[ties]
        assert shown == [row[name] for name in ("coef", "se", "hr", "lower", "upper")]


@pytest.mark.parametrize("case", ["LR01"])
def test_logrank_is_the_rule_book_s_with_and_without_strata(root: Path, case: str) -> None:
    """Stratifying by centre turns P 0.0904 into 0.0074 on the same patients."""
    rows = example(root, "09e_logrank__input", case)
    arms = numbers(rows, "arm").astype(np.int64)
    centres = np.array([int(row["centre"][1:]) for row in rows])
    wanted = {row["test"]: row for row in example(root, "09e_logrank__expected", case)}
    for test, stratum in (("unstratified", None), ("stratified_by_centre", centres)):
        found = logrank(numbers(rows, "time"), numbers(rows, "event") == 1, arms, stratum)
        assert (f"{found.chi2:.4f}", f"{found.p_value:.4f}") == (wanted[test]["chi2"], wanted[test]["p"])


def tied_cohorts() -> Iterator[tuple[Floats, Integers, Integers]]:
    """Generated times on a coarse grid (many ties), event flags and three groups."""
    for seed in range(5):
        random = np.random.default_rng(seed)
        yield random.integers(1, 12, 80).astype(np.float64), random.integers(0, 2, 80), random.integers(0, 3, 80)


def test_logrank_of_three_groups_agrees_with_lifelines() -> None:
    """With ties and three groups, chi-squared and P equal those of lifelines to nine digits."""
    for months, event, group in tied_cohorts():
        theirs = multivariate_logrank_test(months, group, event)
        ours = logrank(months, event == 1, group)
        assert (ours.chi2, ours.p_value) == pytest.approx((theirs.test_statistic, theirs.p_value), rel=1e-9)


def test_breslow_equals_efron_where_no_times_are_tied() -> None:
    """Both tie rules are the same likelihood when every time is distinct."""
    random = np.random.default_rng(1)
    months, event = (random.permutation(60) + 1).astype(np.float64), random.integers(0, 2, 60) == 1
    design = random.integers(0, 2, (60, 3)).astype(float)
    efron, breslow = (cox.fit(months, event, design, ties) for ties in TIES)
    assert efron.log_hr == pytest.approx(breslow.log_hr, abs=1e-8)
    assert efron.covariance == pytest.approx(breslow.covariance, abs=1e-8)


def test_a_curve_that_rests_at_one_half_has_its_midpoint_as_median() -> None:
    """Two of four die by month 4 and the next at 10: the median is 7; SPSS would say 4 and lifelines too."""
    curve = kaplan_meier.fit(np.array([2.0, 4.0, 10.0, 12.0]), np.array([True, True, True, False]))
    assert kaplan_meier.median(curve) == 7.0


def test_a_median_beyond_the_last_event_is_not_reached() -> None:
    """One death among five leaves the median and both of its limits open."""
    curve = kaplan_meier.fit(np.arange(1.0, 6.0), np.array([True, False, False, False, False]))
    assert math.isnan(kaplan_meier.median(curve))
    assert math.isnan(kaplan_meier.median_interval(curve, "brookmeyer_crowley_loglog")[1])
    assert math.isnan(kaplan_meier.median_interval(curve, "spss_symmetric")[0])


def test_survival_past_the_longest_follow_up_is_not_extrapolated() -> None:
    """The rate at the last time is given, a day later it is not."""
    curve = kaplan_meier.fit(np.array([3.0, 6.0]), np.array([True, False]))
    last = kaplan_meier.rate(curve, 6.0, "loglog")
    assert last is not None
    assert (last.survival, last.at_risk) == (0.5, 1)
    assert kaplan_meier.rate(curve, 6.01, "loglog") is None


def test_nobody_at_all_gives_empty_answers_and_no_error() -> None:
    """Zero patients: no median, no rate, no percentage, no test."""
    nobody, none = np.array([]), np.array([], dtype=bool)
    curve = kaplan_meier.fit(nobody, none)
    assert math.isnan(kaplan_meier.median(curve))
    assert kaplan_meier.rate(curve, 6, "loglog") is None
    assert math.isnan(descriptive.clopper_pearson(0, 0).percent)
    assert math.isnan(descriptive.quantile(nobody, 0.5, "7"))
    assert math.isnan(logrank(nobody, none, np.array([], dtype=np.int64)).p_value)


def test_a_curve_that_falls_to_zero_prints_no_interval_there() -> None:
    """After the last death the variance is infinite: the rate is 0 and its limits are unknown."""
    curve = kaplan_meier.fit(np.array([1.0, 2.0]), np.array([True, True]))
    last = kaplan_meier.rate(curve, 2.0, "loglog")
    assert last is not None
    assert last.survival == 0.0
    assert math.isnan(last.lower)
    assert math.isnan(last.upper)


@pytest.mark.parametrize("ties", TIES)
def test_a_separating_covariate_is_recognised(ties: Ties) -> None:
    """Where only one group dies there is no finite hazard ratio, and the fit says so instead of printing one."""
    months = np.arange(1.0, 21.0)
    only_group_dies = np.array([True] * 10 + [False] * 10)
    try:
        design = only_group_dies[:, None].astype(float)
        is_separated = cox.fit(months, only_group_dies, design, ties).coefficient(0).is_separated
    except cox.NotEstimable:
        is_separated = True
    assert is_separated


def test_no_events_are_refused_with_a_printable_reason() -> None:
    """A Cox model without events says 'not estimable'."""
    with pytest.raises(cox.NotEstimable, match="no events"):
        cox.fit(np.array([1.0, 2.0]), np.array([False, False]), np.array([[0.0], [1.0]]), "efron")


@pytest.mark.parametrize(("name", "value"), [("km_ci", "greenwood"), ("cox_ties", "exact"), ("epv_min", "ten")])
def test_an_unknown_convention_is_refused_by_name(name: str, value: str) -> None:
    """The message names the parameter."""
    with pytest.raises(ConfigError, match=name):
        read_conventions({**PARAMETERS, name: value})


def test_a_missing_parameter_is_refused_by_name() -> None:
    """There is no second default: without km_ci nothing is computed."""
    with pytest.raises(ConfigError, match="km_ci"):
        read_conventions({name: value for name, value in PARAMETERS.items() if name != "km_ci"})
