"""Models at their limits: separation, silent and doubled covariates, no overlap, too little follow-up."""

import math

import numpy as np
import pytest

from analysis.conventions import Ties
from analysis.statistics import cox, kaplan_meier, proportional_hazards, restricted_mean, weighting
from analysis.statistics.arrays import Flags, Floats
from analysis.statistics.competing_risks import cumulative_incidence
from analysis.statistics.e_value import e_value
from analysis.statistics.firth import fit_firth
from analysis.statistics.gray import gray_test

TIES: tuple[Ties, ...] = ("efron", "breslow")


def ward(seed: int = 3, n: int = 60) -> tuple[Floats, Flags, Floats]:
    """Months with ties, event flags and two covariates of invented patients."""
    random = np.random.default_rng(seed)
    design = np.column_stack([random.integers(0, 2, n), random.normal(size=n)])
    return random.integers(1, 20, n).astype(float), random.integers(0, 3, n) > 0, design


@pytest.mark.parametrize("ties", TIES)
def test_doubling_every_patient_is_a_weight_of_two(ties: Ties) -> None:
    """Under Breslow ties weights of two equal two copies; under Efron ties they do where no two deaths are tied."""
    months, event, design = ward()
    if ties == "efron":
        months = np.arange(1.0, months.size + 1)
        copies = cox.fit(months, event, design, ties)
        weighted = cox.fit(months, event, design, ties, weights=np.full(months.size, 2.0))
        assert weighted.log_hr == pytest.approx(copies.log_hr, abs=1e-10)
        assert weighted.covariance == pytest.approx(copies.covariance / 2, abs=1e-10)
    else:
        copies = cox.fit(np.tile(months, 2), np.tile(event, 2), np.tile(design, (2, 1)), ties)
        weighted = cox.fit(months, event, design, ties, weights=np.full(months.size, 2.0))
        assert weighted.log_hr == pytest.approx(copies.log_hr, abs=1e-10)


def test_one_patient_one_cluster_is_the_plain_sandwich() -> None:
    """Clusters of one row each change nothing; clusters of two do."""
    months, event, design = ward()
    plain = cox.fit(months, event, design, "efron", robust=True)
    alone = cox.fit(months, event, design, "efron", clusters=np.arange(months.size))
    paired = cox.fit(months, event, design, "efron", clusters=np.arange(months.size) // 2)
    assert plain.covariance == pytest.approx(alone.covariance)
    assert plain.covariance != pytest.approx(paired.covariance)


def test_a_covariate_of_patients_who_left_before_the_first_event_is_silent_and_harms_no_other() -> None:
    """Its hazard ratio is unknown, the other's and the likelihood are those of the model without it."""
    months, event, design = ward()
    left_early = np.zeros(months.size)
    left_early[0] = 1.0
    months[0], event[0] = 0.5, False
    with_it = cox.fit(months, event, np.column_stack([design, left_early]), "efron")
    without = cox.fit(months, event, design, "efron")
    assert with_it.coefficient(2).is_separated
    assert with_it.log_hr[:2] == pytest.approx(without.log_hr)
    assert with_it.log_likelihood == pytest.approx(without.log_likelihood)
    assert math.isnan(cox.likelihood_ratio(with_it, without).p_value)


def test_a_covariate_given_twice_is_refused() -> None:
    """Two equal columns cannot be told apart, and the words say so."""
    months, event, design = ward()
    with pytest.raises(cox.NotEstimable, match="told apart"):
        cox.fit(months, event, np.column_stack([design, design[:, 0]]), "efron")


@pytest.mark.parametrize("ties", TIES)
def test_two_patients_of_whom_one_dies_are_separated(ties: Ties) -> None:
    """The smallest separation there is ends without an error and is recognised."""
    fitted = cox.fit(np.array([1.0, 2.0]), np.array([True, False]), np.array([[1.0], [0.0]]), ties)
    assert fitted.coefficient(0).is_separated
    assert fitted.log_likelihood == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("ties", TIES)
def test_a_reference_group_without_events_separates_both_other_levels_and_harms_no_other_covariate(ties: Ties) -> None:
    """Both hazard ratios of the three-level factor are unknown, age keeps its own; Firth gives all three a number."""
    months, event, design = ward(n=90)
    level = np.arange(90) % 3
    event = event & (level > 0)
    levels = np.column_stack([level == 1, level == 2, design[:, 1]]).astype(float)
    found = cox.fit(months, event, levels, ties)
    assert found.coefficient(0).is_separated
    assert found.coefficient(1).is_separated
    among_others = level > 0
    alone = cox.fit(months[among_others], event[among_others], levels[among_others][:, 1:], ties)
    assert found.log_hr[2] == pytest.approx(alone.log_hr[1], abs=1e-6)
    assert found.coefficient(2).error == pytest.approx(alone.coefficient(1).error, abs=1e-6)
    penalised = fit_firth(months, event, levels, ties)
    assert all(0 < one.lower < one.hr < one.upper < math.inf for one in penalised)


def test_firth_of_two_patients_is_worked_by_hand() -> None:
    """With one death of two at risk, x = 1 dying, log PL + log(I)/2 = 1.5 log p + 0.5 log(1 - p): p = 3/4, HR 3."""
    found = fit_firth(np.array([1.0, 2.0]), np.array([True, False]), np.array([[1.0], [0.0]]), "efron")[0]
    assert found.hr == pytest.approx(3.0, abs=1e-8)
    assert 0 < found.lower < 3 < found.upper < math.inf


@pytest.mark.parametrize("ties", TIES)
def test_firth_is_finite_where_the_events_separate_and_close_to_cox_where_they_do_not(ties: Ties) -> None:
    """All of one group die and nobody else: a finite ratio with a finite interval; with 600 patients it is Cox's."""
    died = np.array([True] * 10 + [False] * 10)
    found = fit_firth(np.arange(1.0, 21.0), died, died[:, None].astype(float), ties)[0]
    assert 1 < found.lower < found.hr < found.upper < math.inf
    assert found.p_value < 0.001
    months, event, design = ward(n=600)
    large, plain = fit_firth(months, event, design, ties)[1], cox.fit(months, event, design, ties)
    assert large.log_hr == pytest.approx(plain.log_hr[1], abs=0.01)


def test_firth_leaves_a_silent_column_unknown_and_refuses_no_events() -> None:
    """A constant column is nan and changes nothing; without events there is nothing to fit, in words."""
    months, event, design = ward()
    with_constant = fit_firth(months, event, np.column_stack([np.ones(months.size), design]), "efron")
    assert math.isnan(with_constant[0].hr)
    assert [found.hr for found in with_constant[1:]] == pytest.approx(
        [found.hr for found in fit_firth(months, event, design, "efron")]
    )
    assert math.isnan(fit_firth(months, event, np.ones((months.size, 1)), "efron")[0].upper)
    with pytest.raises(cox.NotEstimable, match="no events"):
        fit_firth(months, np.zeros_like(event), design, "efron")


def test_likelihood_ratio_of_a_product_term_has_one_degree_of_freedom() -> None:
    """The interaction test of a forest plot compares the fits with and without the product column."""
    months, event, design = ward()
    product = np.column_stack([design, design.prod(axis=1)])
    found = cox.likelihood_ratio(*(cox.fit(months, event, columns, "efron") for columns in (product, design)))
    assert found.degrees == 1
    assert 0 < found.p_value < 1


def test_one_event_is_too_little_to_check_proportional_hazards() -> None:
    """With a single death nothing can change over time, and the words say that it is not estimable."""
    event = np.zeros(60, dtype=bool)
    months, _, design = ward()
    event[np.argmax(months)] = False
    event[5] = True
    with pytest.raises(cox.NotEstimable):
        proportional_hazards.check(cox.CoxData(months, event, design[:, 1:], "efron"), [[0]])


def test_hazards_that_cross_are_found_unequal() -> None:
    """A covariate that kills early and spares late is flagged, and its smooth falls from above 0 to below."""
    random = np.random.default_rng(8)
    early = random.integers(0, 2, 400).astype(float)
    months = np.where(early == 1, random.weibull(0.6, 400), random.weibull(2.5, 400)) * 10
    data = cox.CoxData(months, np.ones(400, dtype=bool), early[:, None], "efron")
    found = proportional_hazards.check(data, [[0]])
    assert found.overall.p_value < 1e-6
    line = proportional_hazards.smooth(found.residuals, 0).log_hr
    assert line[0] > 0 > line[-1]


def test_a_smooth_needs_four_distinct_event_times() -> None:
    """Three event times carry no spline of four degrees of freedom."""
    months, event = np.tile([1.0, 2.0, 3.0], 10), np.ones(30, dtype=bool)
    design = np.random.default_rng(1).integers(0, 2, (30, 1)).astype(float)
    found = proportional_hazards.check(cox.CoxData(months, event, design, "efron"), [[0]])
    with pytest.raises(cox.NotEstimable, match="too few"):
        proportional_hazards.smooth(found.residuals, 0)


def test_restricted_mean_of_a_hand_worked_curve() -> None:
    """Deaths at 1 and 3 of four, one censored at 2: area to 4 is 1 + 2 (3/4) + 3/8, error from Greenwood's sum."""
    curve = kaplan_meier.fit(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, False, True, False]))
    found = restricted_mean.restricted_mean(curve, 4.0)
    assert found.value == pytest.approx(1 + 2 * 0.75 + 0.375)
    assert found.error == pytest.approx(math.sqrt(1.875**2 / 12 + 0.375**2 / 2))


def test_a_restricted_mean_past_follow_up_is_refused() -> None:
    """While somebody lives on nobody knows the area; where all have died it is known to any month."""
    censored = kaplan_meier.fit(np.array([1.0, 2.0]), np.array([True, False]))
    with pytest.raises(ValueError, match="follow-up"):
        restricted_mean.restricted_mean(censored, 2.5)
    dead = kaplan_meier.fit(np.array([1.0, 2.0]), np.array([True, True]))
    assert restricted_mean.restricted_mean(dead, 9.0).value == pytest.approx(1.5)


def test_weights_of_one_draw_the_plain_curve() -> None:
    """Equal weights change no survival; the jackknife without censoring is Greenwood's variance."""
    months = np.array([1.0, 2.0, 2.0, 4.0, 5.0])
    event = np.ones(5, dtype=bool)
    plain, weighted = kaplan_meier.fit(months, event), kaplan_meier.fit(months, event, np.full(5, 0.7))
    assert weighted.survival == pytest.approx(plain.survival)
    assert weighted.variance == pytest.approx(plain.variance)


def test_log_log_lines_leave_out_where_the_curve_is_1_or_0() -> None:
    """log(-log S) exists between the first and the last death only."""
    curve = kaplan_meier.fit(np.array([1.0, 2.0, 3.0]), np.array([False, True, True]))
    months, lines = kaplan_meier.log_log(curve)
    assert months.tolist() == [2.0]
    assert lines[0] == pytest.approx(math.log(math.log(2)))


def test_incidence_before_the_first_event_has_no_interval() -> None:
    """Nobody has had the event: incidence 0, error 0, limits unknown."""
    found = cumulative_incidence(np.array([2.0, 3.0]), np.array([1, 0]), 1)
    assert (found.at(1.0), found.error_at(1.0)) == (0.0, 0.0)
    assert math.isnan(found.interval(1.0)[0])


def test_gray_needs_two_groups_and_an_event() -> None:
    """One group, or no event of the cause, gives no P value and no error."""
    times, causes = np.array([1.0, 2.0, 3.0]), np.array([2, 0, 2])
    assert math.isnan(gray_test(times, causes, 1, np.array([0, 0, 1])).p_value)
    assert math.isnan(gray_test(times, causes, 2, np.array([0, 0, 0])).p_value)


def test_e_values_are_the_published_ones() -> None:
    """VanderWeele and Ding 2017: a risk ratio of 3.9 (1.8 to 8.7) needs confounding of 7.26, its limit 3.0."""
    found = e_value(3.9, 1.8, 8.7, "rare")
    assert (f"{found.estimate:.2f}", f"{found.limit:.1f}") == ("7.26", "3.0")


def test_e_values_are_the_same_for_a_ratio_and_its_inverse_and_1_where_the_interval_holds_1() -> None:
    """Benefit and harm of the same size need the same confounder; a common outcome needs less."""
    harm, benefit = e_value(2.0, 1.25, 4.0, "common"), e_value(0.5, 0.25, 0.8, "common")
    assert (harm.estimate, harm.limit) == pytest.approx((benefit.estimate, benefit.limit))
    assert harm.estimate < e_value(2.0, 1.25, 4.0, "rare").estimate
    assert e_value(0.9, 0.7, 1.2, "rare").limit == 1.0
    with pytest.raises(ValueError, match="within its interval"):
        e_value(2.0, 3.0, 4.0, "rare")


def test_groups_without_overlap_get_no_weights() -> None:
    """A trait that only the exposed have, or a single group, is refused in words."""
    exposed = np.array([True] * 5 + [False] * 5)
    with pytest.raises(cox.NotEstimable, match="tell the exposure groups apart"):
        weighting.propensity_scores(exposed, exposed[:, None].astype(float))
    with pytest.raises(cox.NotEstimable, match="only one"):
        weighting.propensity_scores(np.ones(10, dtype=bool), np.arange(10.0)[:, None])


def test_overlap_weights_balance_exactly_and_inverse_probabilities_nearly() -> None:
    """Li, Morgan and Zaslavsky: overlap weights from logistic regression leave no difference of means at all."""
    random = np.random.default_rng(5)
    design = random.normal(size=(300, 2))
    exposed = random.random(300) < 1 / (1 + np.exp(-design[:, 0]))
    scores = weighting.propensity_scores(exposed, design)
    before = weighting.standardised_difference(design[:, 0], exposed)
    overlap, ate = (
        weighting.standardised_difference(design[:, 0], exposed, weighting.balancing_weights(exposed, scores, kind))
        for kind in ("overlap", "ate")
    )
    assert before > 0.5
    assert overlap == pytest.approx(0.0, abs=1e-8)
    assert abs(ate) < 0.1


def test_a_standardised_difference_is_worked_by_hand() -> None:
    """Shares of 3/4 and 1/4 differ by 0.5 / sqrt(3/16) = 1.155 deviations; what does not vary has no yardstick."""
    exposed = np.array([True] * 4 + [False] * 4)
    shares = np.array([1.0, 1, 1, 0, 1, 0, 0, 0])
    assert weighting.standardised_difference(shares, exposed) == pytest.approx(0.5 / math.sqrt(3 / 16))
    assert math.isnan(weighting.standardised_difference(np.ones(8), exposed))


def test_equal_weights_leave_the_size_and_one_heavy_patient_takes_it() -> None:
    """Five equal weights are five patients; one that outweighs all others is hardly more than one."""
    assert weighting.effective_size(np.full(5, 0.3)) == pytest.approx(5.0)
    assert weighting.effective_size(np.array([1000.0, 1.0, 1.0])) == pytest.approx(1.0, abs=0.01)
    assert weighting.effective_size(np.array([])) == 0.0
