"""Exposure groups: weights balance what they know of, say what they cannot, and never crash a small study."""

from pathlib import Path

import pytest

from analysis import Place, Results
from analysis.estimates.exposure import E_VALUE, EFFECT, FORM, UNWEIGHTED_FORM, WEIGHTED_FORM
from analysis.estimates.survival import SURVIVAL, WEIGHTED
from analysis.estimates.weighting import BALANCE, BIN, COMPARED, PROPENSITY, WEIGHTS
from tests.analysis.regression_studies import analysed, person, printed, protocol_with
from tests.analysis.study_marts import Patient

SIZES = {("II", "Yes"): 30, ("II", "No"): 10, ("III", "Yes"): 12, ("III", "No"): 24}
"""Exposed patients are mostly of stage II, the others of stage III."""


def confounded() -> list[Patient]:
    """Stage decides how long a patient lives, the drug does nothing; the drug went to the better stage."""
    return [
        person(f"{stage}_{drug}_{place}", days, place % 4 != 0, stage=stage, drug=drug)
        for (stage, drug), size in SIZES.items()
        for place in range(size)
        for days in [round((300 if stage == "II" else 100) * (0.4 + 1.2 * place / size)) + (drug == "Yes")]
    ]


def effect(results: Results, form: str, statistic: str) -> float | None:
    place = Place(EFFECT, "OS", "drug", "Yes", FORM, form)
    return results.number(place, statistic).value


def test_weights_of_a_saturated_score_balance_its_covariate_exactly() -> None:
    """One yes-or-no covariate: a large difference before, none after, and the groups keep their sizes."""
    results = analysed(confounded(), protocol_with())
    place = Place(BALANCE, None, "drug", None, "stage", "III")
    assert abs(results.number(place, "difference_before").value or 0) > 0.5
    assert results.number(place, "difference_after").value == pytest.approx(0, abs=1e-9)
    for level, size in (("Yes", 42), ("No", 34)):
        weights = Place(WEIGHTS, None, "drug", level)
        assert results.number(weights, "sum").value == pytest.approx(size)
        assert 0 < (results.number(weights, "effective_size").value or 0) < size


def test_weights_are_the_inverse_of_the_share_that_got_the_drug() -> None:
    """Of 40 with stage II 30 had the drug, of all 76 it was 42: stabilised, each of the 30 weighs 42/76 of 40/30."""
    results = analysed(confounded(), protocol_with())
    weights = Place(WEIGHTS, None, "drug", "Yes")
    assert results.number(weights, "min").value == pytest.approx(42 / 76 * 40 / 30)
    assert results.number(weights, "max").value == pytest.approx(42 / 76 * 36 / 12)


def test_a_difference_that_the_stage_made_is_weighted_away() -> None:
    """Unweighted, the drug seems to help; weighted, its interval holds 1, and the E-value of that limit is 1."""
    results = analysed(confounded(), protocol_with())
    assert (effect(results, UNWEIGHTED_FORM, "hr_upper") or 9) < 1
    lower, upper = (effect(results, WEIGHTED_FORM, name) or 0 for name in ("hr_lower", "hr_upper"))
    assert lower < 1 < upper
    assert results.number(Place(E_VALUE, "OS", "drug", "Yes"), "limit").value == 1
    assert (results.number(Place(E_VALUE, "OS", "drug", "Yes"), "estimate").value or 0) >= 1


@pytest.mark.parametrize("estimand", ["att", "overlap"])
def test_every_estimand_balances_and_names_itself(estimand: str) -> None:
    """The effect in the exposed leaves them unweighted; overlap weights lie below 1; both balance."""
    results = analysed(confounded(), protocol_with(("truncate_percent", f'estimand = "{estimand}"\ntruncate_percent')))
    after = results.number(Place(BALANCE, None, "drug", None, "stage", "III"), "difference_after")
    assert after.value == pytest.approx(0, abs=1e-9)
    largest = results.number(Place(WEIGHTS, None, "drug", "Yes"), "max")
    assert (largest.value == 1) if estimand == "att" else ((largest.value or 9) < 1)
    assert {"att": "in the exposed", "overlap": "overlap"}[estimand] in (largest.method or "")


def test_truncated_weights_are_counted() -> None:
    """At 20% on either side the ten who weigh most are cut, and the largest weight before is still said."""
    results = analysed(confounded(), protocol_with(("truncate_percent = 0", "truncate_percent = 20")))
    place = Place(WEIGHTS, None, "drug", "No")
    assert results.number(place, "n_truncated").value == SIZES["II", "No"]
    before, after = (results.number(place, name).value or 0 for name in ("largest_untruncated", "max"))
    assert after < before


def test_scores_are_shown_as_counts_that_add_up_to_the_groups() -> None:
    """No patient's own score is a number of the results; the bins of each group add up to it."""
    results = analysed(confounded(), protocol_with())
    for level, size in (("Yes", 42), ("No", 34)):
        places = [place for place in results.places(PROPENSITY, BIN) if place.group_level == level]
        assert sum(results.number(place, "n").value or 0 for place in places) == size
        weights = sum(results.number(place, "weight").value or 0 for place in places)
        assert weights == pytest.approx(results.number(Place(WEIGHTS, None, "drug", level), "sum").value)


def test_patients_without_a_covariate_are_left_out_and_counted() -> None:
    """Three patients whose stage is unknown are in neither group."""
    unknown = [person(f"no_stage_{day}", day, died=True, stage=None, drug="Yes") for day in (100, 200, 300)]
    results = analysed([*confounded(), *unknown], protocol_with())
    place = Place(COMPARED, variable="drug")
    assert [results.number(place, name).value for name in ("n", "n_left_out")] == [76, 3]
    assert effect(results, WEIGHTED_FORM, "n") == 76


def test_counts_under_a_weighted_curve_are_of_patients() -> None:
    """Numbers at risk of the weighted curves start at the sizes of the groups and equal the unweighted ones."""
    results = analysed(confounded(), protocol_with())
    for level in ("Yes", "No"):
        weighted, plain = (Place(analysis, "OS", "drug", level) for analysis in (WEIGHTED, SURVIVAL))
        counts = [[row.value for row in results.of(place, "at_risk")] for place in (weighted, plain)]
        assert counts[0] == counts[1]
        rates = [results.number(place, "rate", 12.0).value for place in (weighted, plain)]
        assert rates[0] is None or rates[0] != rates[1]


@pytest.mark.parametrize("others", [0, 1])
def test_groups_that_cannot_be_weighted_are_said_so_in_words(tmp_path: Path, others: int) -> None:
    """Nobody, or a single patient of a stage of his own, without the drug: no weights, and the report says why."""
    patients = [person(f"exposed_{day}", day, day % 3 != 0, drug="Yes") for day in range(100, 130)]
    patients += [person("alone", 90, died=True, stage="III", drug="No")][:others]
    protocol = protocol_with()
    results = analysed(patients, protocol)
    assert effect(results, WEIGHTED_FORM, "hr") is None
    page = printed(results, protocol, tmp_path)
    assert "The groups cannot be weighted" in page
    assert 'id="propensity_overlap"' not in page


def test_the_section_says_what_is_compared_and_what_weights_do_not_solve(tmp_path: Path) -> None:
    """The protocol's own caution stands with the figures, and a small group is warned about."""
    protocol = protocol_with()
    page = printed(analysed(confounded(), protocol), protocol, tmp_path)
    assert page.count("not a treatment comparison") >= 4
    assert "What weighting does not solve" in page
    for name in ("propensity_overlap", "balance", "weighted_os", "forest_subgroups_os"):
        assert f'id="{name}"' in page


def test_a_study_without_an_exposure_has_no_such_section(tmp_path: Path) -> None:
    """What a protocol does not ask for is not there."""
    protocol = protocol_with()
    without = protocol.model_copy(update={"analysis": protocol.analysis.model_copy(update={"exposure": None})})
    results = analysed(confounded(), without)
    assert not results.places(COMPARED)
    assert 'id="exposure"' not in printed(results, without, tmp_path)
