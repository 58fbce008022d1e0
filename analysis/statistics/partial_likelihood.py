"""The partial likelihood of a Cox model: Efron or Breslow ties, strata, case weights, in one form for all of them.

Every death adds one term, the logarithm of a sum of risks exp(x beta) over those at risk. With m deaths at one time,
Efron's l-th term (l = 0 … m - 1) takes the share l/m of the tied deaths' own risks off that sum and Breslow's takes
none; each term counts with the mean weight of its tied deaths. Strata add up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.conventions import Ties
from analysis.statistics.arrays import Flags, Floats, Integers


@dataclass(frozen=True)
class Terms:
    """Per term (d of them, one a death): the sum of risks and the mean (d x p) and covariance (d x p x p) under it."""

    total: Floats
    mean: Floats
    spread: Floats


@dataclass(frozen=True)
class RiskSets:
    """One stratum, latest time first: covariates `x` (n x p), weights, event flags, months (all of length n)."""

    x: Floats
    weights: Floats
    is_event: Flags
    months: Floats
    ties: Ties

    @cached_property
    def death_months(self) -> Floats:
        """Month of each death, shape (d,)."""
        return self.months[self.is_event]

    @cached_property
    def _last(self) -> Integers:
        """Of each death, the place of the last patient at risk with it: the last of those who share its time."""
        return np.searchsorted(-self.months, -self.death_months, side="right") - 1

    @cached_property
    def _tied(self) -> tuple[Integers, Integers, Integers]:
        """First death of each time, the place of its time among the times, and how many deaths share it."""
        _, first, place, count = np.unique(
            -self.death_months, return_index=True, return_inverse=True, return_counts=True
        )
        return first, place, count

    @cached_property
    def _share(self) -> Floats:
        """The share l/m of the tied deaths' risks that each term leaves out."""
        first, place, count = self._tied
        if self.ties == "breslow":
            return np.zeros(place.size)
        rank: Floats = (np.arange(place.size) - first[place]) / count[place]
        return rank

    @cached_property
    def term_weights(self) -> Floats:
        """Mean weight of the deaths that share a time, once for each of them; shape (d,)."""
        return self.over_tied(self.weights[self.is_event]) / self._tied[2][self._tied[1]]

    def over_tied(self, values: Floats) -> Floats:
        """Sum over the deaths at the same time, once for each of them; shape that of `values` (d, …)."""
        first, place, _ = self._tied
        return np.add.reduceat(values, first, axis=0)[place] if place.size else values

    def at_risk(self, values: Floats) -> Floats:
        """Sum of `values` (n, …) over the risk set of each term, shape (d, …)."""
        share = self._share.reshape(-1, *[1] * (values.ndim - 1))
        found: Floats = np.cumsum(values, axis=0)[self._last] - share * self.over_tied(values[self.is_event])
        return found

    def risks(self, beta: Floats) -> Floats:
        """Risk exp(x beta) of each patient, relative to the highest; shape (n,)."""
        score = self.x @ beta
        risk: Floats = np.exp(score - score.max())
        return risk

    def terms(self, beta: Floats) -> Terms:
        """Sums, means and covariances at these log hazard ratios."""
        risk = self.weights * self.risks(beta)
        total = self.at_risk(risk)
        weighted = risk[:, None] * self.x
        mean = self.at_risk(weighted) / total[:, None]
        square = self.at_risk(weighted[:, :, None] * self.x[:, None, :]) / total[:, None, None]
        return Terms(total, mean, square - mean[:, :, None] * mean[:, None, :])

    def schoenfeld(self, terms: Terms) -> Floats:
        """Covariates of each death less their mean among those at risk (averaged over ties), shape (d x p)."""
        count = self._tied[2][self._tied[1]]
        return self.x[self.is_event] - self.over_tied(terms.mean) / count[:, None]

    def score_residuals(self, beta: Floats) -> Floats:
        """What each patient adds to the score, unweighted, shape (n x p); weighted they add up to the gradient."""
        terms = self.terms(beta)
        hazard = self.term_weights / terms.total
        away = np.zeros_like(self.x)
        away[self.is_event] = self.schoenfeld(terms)
        first_term = np.searchsorted(-self.death_months, -self.months, side="left")
        lived_through, mean_there = (_later(values)[first_term] for values in (hazard, hazard[:, None] * terms.mean))
        # One who dies is spared the share of each of its tied terms that Efron leaves out.
        spared = self._share * hazard
        lived_through[self.is_event] -= self.over_tied(spared)
        mean_there[self.is_event] -= self.over_tied(spared[:, None] * terms.mean)
        return away - self.risks(beta)[:, None] * (self.x * lived_through[:, None] - mean_there)


def _later(values: Floats) -> Floats:
    """Sums from each place to the end, and a zero after the last."""
    return np.concatenate([np.cumsum(values[::-1], axis=0)[::-1], np.zeros_like(values[:1]) if values.size else values])


@dataclass(frozen=True)
class Derivatives:
    """Log partial likelihood, its gradient (p) and its information, the negative second derivative (p x p)."""

    log_likelihood: float
    gradient: Floats
    information: Floats


@dataclass(frozen=True)
class PartialLikelihood:
    """The strata of a model, and for each the places of its patients in the arrays that they came from."""

    strata: tuple[RiskSets, ...]
    places: tuple[Integers, ...]
    width: int

    def at(self, beta: Floats) -> Derivatives:
        """The log partial likelihood and its derivatives at these log hazard ratios (p)."""
        value, gradient, information = 0.0, np.zeros(self.width), np.zeros((self.width, self.width))
        for stratum in self.strata:
            terms = stratum.terms(beta)
            dead, weights = stratum.is_event, stratum.term_weights
            score = stratum.x @ beta
            value += float(stratum.weights[dead] @ (score[dead] - score.max()) - weights @ np.log(terms.total))
            gradient += stratum.weights[dead] @ stratum.x[dead] - weights @ terms.mean
            information += np.tensordot(weights, terms.spread, axes=1)
        return Derivatives(value, gradient, information)

    def score_residuals(self, beta: Floats) -> Floats:
        """Each patient's part of the score in the order in which the patients were given, shape (n x p)."""
        found = np.zeros((sum(place.size for place in self.places), self.width))
        for stratum, place in zip(self.strata, self.places, strict=True):
            found[place] = stratum.score_residuals(beta)
        return found


def partial_likelihood(
    months: Floats, is_event: Flags, design: Floats, ties: Ties, strata: Integers | None, weights: Floats | None
) -> PartialLikelihood:
    """Sort patients into risk sets; strata without a death say nothing and are left out of the sums only."""
    codes = np.zeros(months.size, dtype=np.int64) if strata is None else strata
    weight = np.ones(months.size) if weights is None else weights
    places = tuple(_latest_first(months, codes))
    sets = tuple(RiskSets(design[place], weight[place], is_event[place], months[place], ties) for place in places)
    return PartialLikelihood(sets, places, design.shape[1])


def _latest_first(months: Floats, codes: Integers) -> Iterator[Integers]:
    for code in np.unique(codes):
        inside = np.flatnonzero(codes == code)
        yield inside[np.argsort(-months[inside], kind="stable")]
