"""The 87 patients give the numbers that their study published, each through its row in results.ard."""

import pytest

from analysis import Place, Results


def shown(results: Results, place: Place, statistic: str, digits: int, time: float | None = None) -> str:
    value = results.number(place, statistic, time).value
    assert value is not None
    return f"{value:.{digits}f}"


@pytest.mark.parametrize(
    ("rate", "percent", "lower", "upper"), [("orr", "21.8", "13.7", "32.0"), ("dcr", "73.6", "63.0", "82.4")]
)
def test_response_rates_are_the_published_ones(
    results: Results, rate: str, percent: str, lower: str, upper: str
) -> None:
    """ORR 21.8% (13.7 to 32.0) and DCR 73.6% (63.0 to 82.4) of all 87, those without an assessment included."""
    place = Place("response", variable=rate)
    found = [shown(results, place, statistic, 1) for statistic in ("pct", "pct_lower", "pct_upper")]
    assert found == [percent, lower, upper]
    assert results.number(place, "total").value == 87


@pytest.mark.parametrize(("category", "count"), [("CR", 0), ("PR", 19), ("SD", 45), ("PD", 18)])
def test_best_responses_are_the_published_ones(results: Results, category: str, count: int) -> None:
    """19 partial responses, 45 stable, 18 progressive, none complete; the other 5 are not evaluable."""
    assert results.number(Place("response", variable="bor", variable_level=category), "n").value == count
    assert results.number(Place("response", variable="not_evaluable"), "n").value == 5


@pytest.mark.parametrize(("endpoint", "median", "events"), [("PFS", "5.5", 69), ("OS", "11.5", 59)])
def test_medians_and_events_are_the_published_ones(results: Results, endpoint: str, median: str, events: int) -> None:
    """Median PFS 5.5 months with 69 events, median OS 11.5 months with 59 deaths."""
    place = Place("survival", endpoint)
    assert shown(results, place, "median", 1) == median
    assert results.number(place, "n_events").value == events


@pytest.mark.parametrize(
    ("endpoint", "month", "rate", "lower", "upper"),
    [
        ("OS", 12, "49.0", "38.1", "59.1"),
        ("OS", 24, "27.6", "17.6", "38.5"),
        ("PFS", 12, "28.6", "19.0", "38.9"),
        ("PFS", 24, "11.3", "4.9", "20.6"),
    ],
)
def test_survival_rates_are_the_published_ones(
    results: Results, endpoint: str, month: int, rate: str, lower: str, upper: str
) -> None:
    """Rates at 12 and 24 months; limits to within 0.7 points, since no 87 patients meet every printed end."""
    place = Place("survival", endpoint)
    assert shown(results, place, "rate", 1, float(month)) == rate
    limits = [results.number(place, statistic, float(month)).value for statistic in ("rate_lower", "rate_upper")]
    assert limits == pytest.approx([float(lower), float(upper)], abs=0.7)


@pytest.mark.parametrize(
    ("covariate", "medians", "p_value"),
    [
        ("ecog", {"0": "14.5", "1–2": "9.3"}, "0.011"),
        ("met_sites", {"≤ 3": "13.3", "> 3": "9.3"}, "0.019"),
        ("prior_ici", {"Yes": "13.3", "No": "9.2"}, "0.023"),
        ("second_line", {"Second": "13.2", "Third or later": "10.1"}, None),
    ],
)
def test_subgroups_are_the_published_ones(
    results: Results, covariate: str, medians: dict[str, str], p_value: str | None
) -> None:
    """Median OS by subgroup, and log-rank P 0.011, 0.019 and 0.023."""
    found = {level: shown(results, Place("survival", "OS", covariate, level), "median", 1) for level in medians}
    assert found == medians
    if p_value:
        assert shown(results, Place("logrank", "OS", covariate), "p_value", 3) == p_value


@pytest.mark.parametrize(
    ("covariate", "level", "hazard_ratio"),
    [("ecog", "0", "0.65"), ("met_sites", "≤ 3", "0.69"), ("prior_ici", "Yes", "0.70")],
)
def test_multivariable_hazard_ratios_are_the_published_ones(
    results: Results, covariate: str, level: str, hazard_ratio: str
) -> None:
    """0.65, 0.69 and 0.70 with all 87 as complete cases; every interval is symmetric on the log scale."""
    place = Place("cox_multivariable", "OS", variable=covariate, variable_level=level)
    assert shown(results, place, "hr", 2) == hazard_ratio
    ratio, lower, upper = (results.number(place, name).value or 0 for name in ("hr", "hr_lower", "hr_upper"))
    assert ratio**2 == pytest.approx(lower * upper)
    assert results.number(Place("cox_multivariable", "OS"), "n").value == 87


def test_table_one_holds_the_published_counts(results: Results) -> None:
    """Age 63 (23 to 82), 61 men, 30 with ECOG 0, and three primary sites of 19, 38 and 30."""
    age = Place("table_one", variable="age")
    assert [results.number(age, name).value for name in ("median", "min", "max")] == [63, 23, 82]
    published = {("sex", "Male"): 61, ("ecog", "0"): 30} | {
        ("primary_site", site): count for site, count in (("Upper", 19), ("Middle", 38), ("Lower", 30))
    }
    for (variable, level), count in published.items():
        assert results.number(Place("table_one", variable=variable, variable_level=level), "n").value == count


def test_follow_up_names_its_forms_and_gives_the_published_one(results: Results) -> None:
    """The published 9.5 months (0.7 to 33.6) is the naive median of all patients."""
    place = Place("follow_up", "OS", variable="naive_all")
    assert [shown(results, place, name, 1) for name in ("median", "min", "max")] == ["9.5", "0.7", "33.6"]
    assert results.number(Place("follow_up", "OS", variable="reverse_km"), "median").value is not None


def test_treatment_free_interval_is_the_published_one(results: Results) -> None:
    """Median 6.7 months (3.3 to 9.2) among the 66 who had a checkpoint inhibitor before."""
    place = Place("treatment_free_interval")
    assert [shown(results, place, name, 1) for name in ("median", "q1", "q3")] == ["6.7", "3.3", "9.2"]
    assert results.number(Place("rechallenge"), "n_prior_ici").value == 66


def test_a_factor_of_three_levels_has_two_ratios_and_one_global_test(results: Results) -> None:
    """The published table has one hazard ratio for three primary sites; ours cannot."""
    place = Place("cox_univariate", "OS", variable="primary_site")
    ratios = [level for level in results.places("cox_univariate", "primary_site") if results.has(level, "hr")]
    assert len(ratios) == 2
    assert 0 < (results.number(place, "p_global").value or 0) < 1


def test_numbers_at_risk_events_and_censored_add_up_at_every_tick(results: Results) -> None:
    """At risk, events before and censored before make n under every curve."""
    for place in results.places("survival"):
        total = results.number(place, "n").value
        ticks = list(results.of(place, "at_risk"))
        assert ticks
        for row in ticks:
            parts = [results.number(place, name, row.time_months).value for name in ("cum_events", "cum_censored")]
            assert (row.value or 0) + sum(part or 0 for part in parts) == total
