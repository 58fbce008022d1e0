"""Fisher's exact test of responders against the levels of a factor; SciPy's own, beyond two levels, draws at random."""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import gammaln

from analysis.statistics.arrays import Floats, Integers

_MOST_TABLES = 2_000_000
"""Tables above which the exact test is left for Pearson's chi-squared: its approximation is good by then."""

_SAME = 1e-7
"""Relative difference below which two tables are equally likely, as R's fisher.test has it."""

EXACT = "Fisher's exact test, two-sided"
APPROXIMATE = "Pearson's chi-squared test"


@dataclass(frozen=True)
class Independence:
    """P value (nan where there is nothing to compare) and the name of its test."""

    p_value: float
    method: str


def independence(successes: Integers, totals: Integers) -> Independence:
    """Test whether the share of successes is the same in every group.

    Args:
        successes: patients with the outcome, shape (groups,).
        totals: patients, shape (groups,); groups without patients say nothing and are left out.

    Source:
        Freeman and Halton 1951: the probability, margins fixed, of all tables no likelier than the observed one.
    """
    successes, totals = successes[totals > 0], totals[totals > 0]
    chosen, patients = int(successes.sum()), int(totals.sum())
    if totals.size < 2 or chosen in (0, patients):
        return Independence(float("nan"), EXACT)
    if float(np.prod(np.minimum(totals[1:], chosen) + 1.0)) > _MOST_TABLES:
        found = stats.chi2_contingency(np.vstack([successes, totals - successes]), correction=False)
        return Independence(float(found.pvalue), APPROXIMATE)
    probabilities = _probabilities(totals, chosen)
    observed = np.exp(_log_choose(totals, successes).sum() - _log_choose(np.array([patients]), np.array([chosen]))[0])
    as_extreme = probabilities <= observed * (1 + _SAME)
    return Independence(min(1.0, float(probabilities[as_extreme].sum())), EXACT)


def _probabilities(totals: Integers, chosen: int) -> Floats:
    """Probability of every way to spread the successes over the groups (multivariate hypergeometric)."""
    left, weight = np.array([chosen]), np.array([0.0])
    for total in totals[1:]:
        counts = np.arange(min(int(total), chosen) + 1)
        remaining = left[:, None] - counts
        weights = weight[:, None] + _log_choose(np.full(counts.size, total), counts)
        possible = remaining >= 0
        left, weight = remaining[possible], weights[possible]
    fits = left <= totals[0]
    ways = weight[fits] + _log_choose(np.full(int(fits.sum()), totals[0]), left[fits])
    probabilities: Floats = np.exp(ways - _log_choose(np.array([totals.sum()]), np.array([chosen]))[0])
    return probabilities


def _log_choose(total: Integers, part: Integers) -> Floats:
    ways: Floats = gammaln(total + 1.0) - gammaln(part + 1.0) - gammaln(total - part + 1.0)
    return ways
