"""Table 2, its checks and its subgroups on patients drawn for one question each."""

import math
from itertools import product
from pathlib import Path

import pytest

from analysis import Place
from analysis.estimates.hazards import PROPORTIONAL, RESTRICTED
from analysis.estimates.interactions import INTERACTION
from analysis.estimates.regression import LINEAR, MULTIVARIABLE, SELECTION, UNIVARIATE
from models.errors import ConfigError
from models.protocol import parse_protocol
from tests.analysis.regression_studies import PROTOCOL, analysed, person, printed, protocol_with
from tests.analysis.study_marts import Patient


def alike(stage: str, drug: str, *, every: int = 2, start: int = 60, count: int = 20) -> list[Patient]:
    """Patients whose times are spread the same way, every so many of them with a death."""
    return [
        person(f"{stage}_{drug}_{day}", day * 10, day % every == 0, stage=stage, drug=drug, age=50 + day % 17)
        for day in range(start, start + count)
    ]


def everywhere(**changes: int) -> list[Patient]:
    """The same patients in every stage, with and without the drug."""
    return [one for stage in ("II", "III", "IV") for drug in ("Yes", "No") for one in alike(stage, drug, **changes)]


def test_a_separated_level_has_a_penalised_ratio_and_a_footnote(tmp_path: Path) -> None:
    """Nobody with stage IV dies: no ratio by maximum likelihood, a finite one below 1 by Firth's, marked in print."""
    patients = [*alike("II", "Yes"), *alike("III", "No"), *alike("IV", "No", every=1000)]
    protocol = protocol_with()
    results = analysed(patients, protocol)
    page = printed(results, protocol, tmp_path)
    place = Place(UNIVARIATE, "OS", variable="stage", variable_level="IV")
    assert results.number(place, "hr").value is None
    penalised = results.number(place, "hr_penalised")
    assert 0 < (penalised.value or 0) < 1
    assert "Firth" in (penalised.method or "")
    test = results.number(Place(UNIVARIATE, "OS", variable="stage"), "p_global")
    assert "likelihood-ratio" in (test.method or "")
    assert (test.value or 1) < 0.001
    assert page.count("†") > 1
    assert ">inf<" not in page


def test_a_linear_term_is_the_same_ratio_to_the_power_of_its_step() -> None:
    """Ten single years multiply to the ratio for each ten years."""
    ratios = {}
    for per in (1, 10):
        protocol = protocol_with(("per = 10", f"per = {per}"))
        results = analysed(everywhere(), protocol)
        ratios[per] = results.number(Place(LINEAR, "OS", variable="age"), "hr").value or 0
    assert ratios[10] == pytest.approx(ratios[1] ** 10)
    assert ratios[10] != pytest.approx(1, abs=1e-3)


def test_selection_takes_low_p_values_and_forced_factors_only() -> None:
    """A drug without which everybody dies early enters by its P value, stage because it is forced, age not at all."""
    early = [person(f"early_{day}", day, died=True, drug="No", age=60 + day % 2) for day in range(30, 60)]
    late = [person(f"late_{day}", 20 * day, died=True, drug="Yes", age=60 + day % 2) for day in range(30, 60)]
    results = analysed([*early, *late], protocol_with())
    taken = {
        name: [results.number(Place(SELECTION, "OS", variable=name), flag).value for flag in ("enters", "is_forced")]
        for name in ("age", "stage", "drug")
    }
    assert taken == {"age": [0, 0], "stage": [0, 1], "drug": [1, 0]}


@pytest.mark.parametrize(("every", "deaths", "exceeds"), [(4, 30, False), (5, 24, True)])
def test_a_model_with_more_coefficients_than_its_events_allow_is_flagged(
    tmp_path: Path, every: int, deaths: int, exceeds: bool
) -> None:
    """Three coefficients need thirty deaths at ten each: thirty are enough, twenty-four are not."""
    protocol = protocol_with()
    results = analysed(everywhere(every=every), protocol)
    place = Place(MULTIVARIABLE, "OS")
    assert results.number(place, "n_events").value == deaths
    assert results.number(place, "exceeds_cap").value == exceeds
    assert ("may be overfitted" in printed(results, protocol, tmp_path)) == exceeds


def test_missing_values_are_counted_and_cost_the_adjusted_model_its_cases(tmp_path: Path) -> None:
    """Three without a stage and two of a stage that the protocol does not know leave 5 of 125."""
    lost = [person(f"no_stage_{day}", day, died=True, stage=None) for day in range(3)]
    other = [person(f"stage_x_{day}", day, died=True, stage="X") for day in range(2)]
    patients = [*everywhere(), *[Patient(one.key, one.covariates, times={"OS": (90, True)}) for one in lost + other]]
    protocol = protocol_with()
    results = analysed(patients, protocol)
    page = printed(results, protocol, tmp_path)
    place = Place("missing", variable="stage")
    assert [results.number(place, name).value for name in ("n", "total", "n_outside")] == [3, 125, 2]
    assert results.number(Place(MULTIVARIABLE, "OS"), "n").value == 120
    assert "table_missing" in page


def crossing() -> list[Patient]:
    """With the drug many die in the first year and nobody later, without it the reverse."""
    first = [person(f"early_{day}", day, died=True, drug="Yes") for day in range(20, 300, 7)]
    first += [person(f"lives_{day}", 1500 + day, died=False, drug="Yes") for day in range(40)]
    return first + [person(f"late_{day}", day, died=True, drug="No") for day in range(600, 1400, 10)]


def test_hazards_that_cross_are_found_and_answered_by_restricted_means(tmp_path: Path) -> None:
    """A small P value brings the means up to the largest common time, their difference and its interval."""
    protocol = protocol_with(('cox_multivariable = ["stage", "drug"]', 'cox_multivariable = ["drug"]'))
    results = analysed(crossing(), protocol)
    page = printed(results, protocol, tmp_path)
    assert (results.number(Place(PROPORTIONAL, "OS", variable="drug"), "p_value").value or 1) < 0.001
    places = {level: Place(RESTRICTED, "OS", "drug", level) for level in ("Yes", "No")}
    means = {level: results.number(place, "mean").value or 0 for level, place in places.items()}
    until = results.number(places["Yes"], "until").value
    assert until == pytest.approx(1390 / 30.4375)
    difference = results.number(places["Yes"], "difference").value
    assert difference == pytest.approx(means["Yes"] - means["No"])
    assert "table_restricted_mean" in page


def test_proportional_hazards_bring_no_restricted_means(tmp_path: Path) -> None:
    """The same times in both groups: a large P value, and the report says that it proves nothing."""
    protocol = protocol_with()
    results = analysed(everywhere(), protocol)
    page = printed(results, protocol, tmp_path)
    assert (results.number(Place(PROPORTIONAL, "OS"), "p_value").value or 0) > 0.05
    assert not results.places(RESTRICTED)
    assert "does not prove that hazards are proportional" in page


def test_the_same_patients_in_every_subgroup_show_no_interaction() -> None:
    """Equal effects give equal likelihoods: chi-squared 0 on one degree less than there are levels."""
    results = analysed(everywhere(), protocol_with())
    place = Place(INTERACTION, "OS", "stage", variable="drug")
    assert results.number(place, "chi2").value == pytest.approx(0, abs=1e-6)
    assert results.number(place, "degrees").value == 2
    assert results.number(place, "p_interaction").value == pytest.approx(1, abs=1e-4)


def test_opposite_effects_interact_and_no_subgroup_has_a_p_value_of_its_own() -> None:
    """The drug helps stage II and harms stage III: the product term says so, and nothing else has a P value."""
    patients = []
    for stage, drug in product(("II", "III"), ("Yes", "No")):
        longer = 600 if (stage == "II") == (drug == "Yes") else 0
        patients += [
            person(f"{stage}_{drug}_{day}", day + longer, died=True, stage=stage, drug=drug)
            for day in range(100, 800, 25)
        ]
    results = analysed(patients, protocol_with())
    assert (results.number(Place(INTERACTION, "OS", "stage", variable="drug"), "p_interaction").value or 1) < 0.001
    statistics = {row.statistic for row in results.rows if row.analysis == INTERACTION and row.group_level is not None}
    assert "p_value" not in statistics
    empty = Place(INTERACTION, "OS", "stage", "IV", "drug", "Yes")
    assert results.number(empty, "hr").value_text == "not estimable: no patients"


def test_a_study_of_nobody_says_so_in_every_section(tmp_path: Path) -> None:
    """No patients: words instead of numbers, and a report all the same."""
    protocol = protocol_with()
    results = analysed([], protocol)
    page = printed(results, protocol, tmp_path)
    assert results.number(Place(MULTIVARIABLE, "OS"), "n").value == 0
    assert results.number(Place(PROPORTIONAL, "OS"), "p_value").value_text == "not estimable: no patients"
    assert all(row.value is None or math.isfinite(row.value) for row in results.rows)
    assert ">nan<" not in page


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('exposed = "Yes"', 'exposed = "Maybe"', "two levels"),
        ('adjusted_for = ["stage"]', 'adjusted_for = ["drug"]', "for itself"),
        ('adjusted_for = ["stage"]', 'adjusted_for = ["weight"]', "weight"),
    ],
)
def test_an_exposure_that_cannot_be_is_refused_in_words(before: str, after: str, words: str) -> None:
    """A level that does not exist, a factor adjusted for itself, and a covariate that nobody defined."""
    with pytest.raises(ConfigError, match=words):
        parse_protocol(PROTOCOL.replace(before, after), "wrong.toml")
