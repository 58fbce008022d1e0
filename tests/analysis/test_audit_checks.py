"""Each check on printed values: what it lets pass, what it stops, and that what it calls impossible is."""

import csv
import json
import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from analysis.audit import Severity, checks, curves, ratios
from analysis.audit.ranges import Range
from analysis.audit.ratios import HazardRatio
from analysis.statistics import cox, kaplan_meier
from analysis.statistics.logrank import logrank

EXAMPLE = Path(__file__).resolve().parents[1] / "rules" / "examples" / "10_dq__input_expected.csv"


def printed(text: str) -> Range:
    return Range.printed(Decimal(text))


def worked(case: str) -> tuple[dict[str, str], str]:
    """The row of a worked case, numbers as they are printed, and the check that must fire."""
    with EXAMPLE.open(encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if row["case_id"] == case)
    content = json.loads(row["row_json"], parse_float=str, parse_int=str)
    return content, row["expected_check_id"]


def hazard(ratio: str, lower: str, upper: str, p: str = "0.5", **more: object) -> HazardRatio:
    return HazardRatio(printed(ratio), printed(lower), printed(upper), printed(p), **more)  # type: ignore[arg-type]


def test_a_printed_number_stands_for_what_rounds_to_it() -> None:
    """0.70 is 0.695 to 0.705 and 0.7 is 0.65 to 0.75; a bound on P leaves open what is beyond it."""
    assert (printed("0.70").low, printed("0.70").high) == pytest.approx((0.695, 0.705))
    assert (printed("0.7").low, printed("0.7").high) == pytest.approx((0.65, 0.75))
    assert (Range.printed("<0.001").low, Range.printed("<0.001").high) == (0.0, 0.001)
    assert (Range.printed(">0.05").low, Range.printed(">0.05").high) == (0.05, 1.0)
    with pytest.raises(ValueError, match="not a number"):
        Range.printed("about 7")


@pytest.mark.parametrize("case", ["DQX13", "DQX14"])
def test_an_interval_that_does_not_fit_its_ratio_is_found(case: str) -> None:
    """The paper's hazard ratios lie off the middle of their own intervals."""
    given, check = worked(case)
    found = ratios.centre(hazard(given["hr"], given["lo"], given["hi"]))
    assert found is not None
    assert check in found.rule


def test_rounding_excuses_what_it_can_and_no_more() -> None:
    """0.50 to 2.00 belongs to 1.00 (0.99 to 1.01 by rounding alone), and 1.02 is out of reach."""
    assert ratios.centre(hazard("1.00", "0.50", "2.00")) is None
    assert ratios.centre(hazard("1.01", "0.50", "2.00")) is None
    assert ratios.centre(hazard("1.02", "0.50", "2.00")) is not None


@pytest.mark.parametrize("case", ["DQX15"])
def test_a_percentage_that_no_count_gives_is_found(case: str) -> None:
    """33 of 87 is 37.9, not 38.0, nor is 24.1% any count of 21; 21.8% of 82 is 19 of another total."""
    given, check = worked(case)
    found = checks.percentage(int(given["n"]), int(given["N"]), printed(given["pct"]), {})
    assert found is not None
    assert check in found.rule
    assert checks.percentage(33, 87, printed("37.9"), {}) is None
    none = checks.some_count(21, printed("24.1"))
    assert none is not None
    assert "5 of 21 is 23.8%" in none.arithmetic
    other = checks.percentage(19, 82, printed("21.8"), {"all": 87})
    assert other is not None
    assert "19 of 82 is 23.2%" in other.arithmetic
    assert "19 of 87 (all)" in other.arithmetic


def test_half_a_tenth_rounds_up() -> None:
    """1 of 16 is 6.25%: printed 6.3, while 6.2 is another convention and 6.1 nothing at all."""
    assert checks.percentage(1, 16, printed("6.3"), {}) is None
    down, off = (checks.percentage(1, 16, printed(text), {}) for text in ("6.2", "6.1"))
    assert down is not None
    assert off is not None
    assert (down.severity, off.severity) == (Severity.CONVENTION, Severity.IMPOSSIBLE)


def test_an_interval_of_a_proportion_is_recognised() -> None:
    """19 of 87 is 13.7 to 32.0 by Clopper-Pearson and 14.5 to 31.6 by Wilson (0.2303 -+ 0.0858)."""
    exact, wilson = (printed("13.7"), printed("32.0")), (printed("14.5"), printed("31.6"))
    assert checks.proportion_interval(19, 87, *exact) is None
    assert checks.proportion_interval(19, 87, *wilson) is None
    stated = checks.proportion_interval(19, 87, *wilson, checks.CLOPPER_PEARSON)
    neither = checks.proportion_interval(19, 87, printed("13.0"), printed("32.0"))
    assert stated is not None
    assert neither is not None
    assert (stated.severity, neither.severity) == (Severity.CONVENTION, Severity.IMPOSSIBLE)


def test_one_quantity_with_two_values_is_found() -> None:
    """18 and 18.2 may be one number, 18 and 18.6 may not."""
    assert checks.one_value([("text", printed("18")), ("table", printed("18.2"))]) is None
    found = checks.one_value([("text", printed("18")), ("table", printed("18.6")), ("figure", printed("18.6"))])
    assert found is not None
    assert found.arithmetic == "18 in text; 18.6 in table, figure."


def test_events_limit_the_interval_and_the_p_value() -> None:
    """59 events: standard error at least 2 / sqrt(59) = 0.260, limits 2.775-fold apart, P of 0.70 at least 0.17."""
    assert 2 / math.sqrt(59) == pytest.approx(0.2604, abs=1e-4)
    assert math.exp(2 * 1.96 * 2 / math.sqrt(59)) == pytest.approx(2.775, abs=1e-3)
    assert ratios.width(hazard("0.70", "0.420", "1.166", events=59)) is None
    assert ratios.width(hazard("0.70", "0.425", "1.153", events=59)) is not None
    wald = {"p_test": "wald", "events": 59}
    assert ratios.p_floor(hazard("0.70", "0.42", "1.17", "0.17", **wald)) is None
    assert ratios.p_floor(hazard("0.70", "0.42", "1.17", "0.15", **wald)) is not None


def test_a_ratio_per_year_has_no_such_limits() -> None:
    """A measured covariate may hold any amount of information; its Wald P value must still agree."""
    per_year = hazard("1.09", "1.07", "1.11", "0.5", p_test="wald", events=59, is_binary=False)
    assert ratios.width(per_year) is None
    assert ratios.p_floor(per_year) is None
    assert ratios.p_value(per_year) is not None


@pytest.mark.parametrize("seed", range(25))
def test_no_data_break_the_limits_of_a_binary_covariate(seed: int) -> None:
    """Random untied data: information within its bound, and the log-rank test within the bounds of the Wald test."""
    random = np.random.default_rng(seed)
    n, share, effect = int(random.integers(8, 60)), random.uniform(0.1, 0.9), random.normal(0, 0.8)
    group = (random.random(n) < share).astype(np.int64)
    group[:2] = 0, 1
    months = random.exponential(10 * np.exp(-effect * group)) + 0.01
    is_event = random.random(n) < random.uniform(0.4, 1.0)
    fitted = cox.fit(months, is_event, group[:, None].astype(np.float64), "breslow").coefficient(0)
    if fitted.is_separated:
        return
    exact = Range.exact(fitted.hr)
    sizes = (int(group.sum()), int(n - group.sum()))
    information = 1 / fitted.error**2
    limits = [ratios.most_information(int(is_event.sum()), size, exact) for size in (sizes, None)]
    assert information <= limits[0] * (1 + 1e-9)
    assert limits[0] <= limits[1] + 1e-12
    p_value = Range.exact(logrank(months, is_event, group).p_value)
    found = HazardRatio(
        exact, Range.exact(fitted.lower), Range.exact(fitted.upper), p_value, "score", int(is_event.sum())
    )
    assert ratios.p_value(found) is None
    assert ratios.p_floor(found) is None
    assert ratios.width(found) is None


@pytest.mark.parametrize("seed", range(10))
def test_no_curve_breaks_the_limits_of_its_rates(seed: int) -> None:
    """Random censored data: each log-log interval is recognised, and none is narrower than n patients allow."""
    random = np.random.default_rng(seed)
    n = int(random.integers(10, 80))
    months = random.integers(1, 40, n).astype(np.float64)
    curve = kaplan_meier.fit(months, random.random(n) < 0.6)
    lower, upper = kaplan_meier.band(curve, "loglog")
    for step in np.flatnonzero(kaplan_meier.has_variance(curve)):
        percent, low, high = (Range.exact(100 * float(values[step])) for values in (curve.survival, lower, upper))
        rate = curves.PrintedRate(float(curve.times[step]), percent, low, high, n)
        assert curves.rate_interval(rate, "loglog") is None
        assert curves.rate_width(rate) is None


def test_a_rate_without_losses_has_the_narrowest_interval() -> None:
    """7 of 19 without losses is 36.8% (16.5 to 57.5): nobody lost; 19 patients give nothing narrower."""
    rate = curves.PrintedRate(12, printed("36.8"), printed("16.5"), printed("57.5"), n=19)
    narrower = curves.PrintedRate(12, printed("36.8"), printed("17.5"), printed("56.4"), n=19)
    assert curves.rate_width(rate) is None
    assert curves.rate_width(narrower) is not None
    assert curves.rate_interval(narrower) is None


def test_a_rate_interval_of_no_formula_is_found() -> None:
    """49.0 (38.1 to 59.1) is log-log; 49.0 (38.1 to 57.0) fits no formula; log-log is not what 'plain' states."""
    loglog = curves.PrintedRate(12, printed("49.0"), printed("38.1"), printed("59.1"), n=87)
    none = curves.PrintedRate(12, printed("49.0"), printed("38.1"), printed("57.0"), n=87)
    assert curves.rate_interval(loglog) is None
    plain, found = curves.rate_interval(loglog, "plain"), curves.rate_interval(none)
    assert plain is not None
    assert found is not None
    assert (plain.severity, found.severity) == (Severity.CONVENTION, Severity.INCONSISTENT)


def test_a_median_and_its_limits_fit_the_curve() -> None:
    """At 12 months 36.8% (16.5 to 57.5): the median lies before, its upper limit after, its lower limit before."""
    rate = curves.PrintedRate(12, printed("36.8"), printed("16.5"), printed("57.5"))

    def found(median: str, lower: str, upper: str) -> list[bool]:
        values = curves.PrintedMedian(printed(median), printed(lower), printed(upper))
        return [
            curves.median_and_rate(values.median, rate) is not None,
            curves.median_limits(values, rate) is not None,
        ]

    assert found("6.6", "3.4", "14.0") == [False, False]
    assert found("6.6", "3.4", "10.4") == [False, True]
    assert found("13.0", "3.4", "14.0") == [True, False]
    assert found("6.6", "12.5", "14.0") == [False, True]


def test_a_follow_up_that_is_no_reverse_median_is_found() -> None:
    """100 without losses at 20% after 24 months: a reverse median of 9 months would have lost half of them."""
    error = 1.96 * math.sqrt((1 / 0.2 - 1) / 100) / math.log(0.2)
    lower, upper = (Range.exact(100 * 0.2 ** math.exp(sign * error)) for sign in (-1, 1))
    rate = curves.PrintedRate(24, printed("20.0"), lower, upper, n=100)
    assert curves.reverse_follow_up(printed("9.0"), printed("12.0"), rate) is not None
    assert curves.reverse_follow_up(printed("25.0"), printed("12.0"), rate) is None
    assert curves.reverse_follow_up(printed("13.0"), printed("12.0"), rate) is None


def test_amounts_and_lists_are_compared() -> None:
    """4.7 months are 6.7 to 6.9 cycles of 21 days, not 6; a list down to 1 patient leaves out nobody's 2."""
    months, cycle, days = printed("4.7"), Range.exact(21), Range.exact(30.4375)
    assert checks.products([months, days], [printed("6"), cycle]) is not None
    assert checks.products([months, days], [printed("7"), cycle]) is None
    named = {"mucositis": Range.exact(1), "anaemia": Range.exact(3)}
    assert checks.ranking(named, {"hypothyroidism": Range.exact(2)}) is not None
    assert checks.ranking(named, {"rash": Range.exact(0)}) is None
