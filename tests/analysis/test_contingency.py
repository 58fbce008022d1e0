"""Fisher's exact test against R's fisher.test and a table worked by hand."""

import numpy as np
import pytest

from analysis.statistics.contingency import APPROXIMATE, EXACT, independence

# R 4.2: fisher.test(matrix(c(responders, others), nrow = 2, byrow = TRUE))$p.value
FROM_R = [
    ([5, 10, 4], [14, 28, 26], 0.335785321714567),
    ([5, 10, 4, 0, 0], [14, 28, 20, 3, 3], 0.781575497336985),
]


@pytest.mark.parametrize(("successes", "others", "p_value"), FROM_R)
def test_several_levels_agree_with_r(successes: list[int], others: list[int], p_value: float) -> None:
    """Tables of three and five levels, two of them without a responder."""
    found = independence(np.array(successes), np.array(successes) + np.array(others))
    assert found.p_value == pytest.approx(p_value, abs=1e-10)
    assert found.method == EXACT


def test_the_lady_tasting_tea() -> None:
    """Three of four against one of four: 34 of the 70 arrangements are no likelier."""
    assert independence(np.array([3, 1]), np.array([4, 4])).p_value == pytest.approx(34 / 70)


@pytest.mark.parametrize(
    ("successes", "totals"), [([0, 0], [5, 7]), ([5, 7], [5, 7]), ([3], [9]), ([3, 0], [9, 0]), ([], [])]
)
def test_without_a_contrast_there_is_no_p_value(successes: list[int], totals: list[int]) -> None:
    """Nobody or everybody responds, or only one level has patients."""
    found = independence(np.array(successes, dtype=np.int64), np.array(totals, dtype=np.int64))
    assert np.isnan(found.p_value)


def test_a_large_study_is_tested_by_chi_squared() -> None:
    """Shares of 30% and 36% in 10,000 patients a group over three levels: the table says which test it was."""
    found = independence(np.array([3000, 3600, 3300]), np.array([10000, 10000, 10000]))
    # Pearson: expected 3300 and 6700 a level, so 2 * 300^2 / 3300 + 2 * 300^2 / 6700 on two degrees of freedom.
    assert found.p_value == pytest.approx(np.exp(-(180000 / 3300 + 180000 / 6700) / 2))
    assert found.method == APPROXIMATE
