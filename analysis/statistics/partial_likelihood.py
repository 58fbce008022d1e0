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
    """A stratum at some log hazard ratios.

    `risk` is each patient's weighted risk relative to exp(`highest`), shape (n,). Per term (d of them, one a death):
    the sum of risks `total` and the `mean` of the covariates under it (d x p).
    """

    risk: Floats
    highest: float
    total: Floats
    mean: Floats


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

    @cached_property
    def observed(self) -> Floats:
        """Weighted sum of the covariates of those who died, shape (p,)."""
        total: Floats = self.weights[self.is_event] @ self.x[self.is_event]
        return total

    def over_tied(self, values: Floats) -> Floats:
        """Sum over the deaths at the same time, once for each of them; shape that of `values` (d, …)."""
        first, place, _ = self._tied
        return np.add.reduceat(values, first, axis=0)[place] if place.size else values

    def at_risk(self, values: Floats) -> Floats:
        """Sum of `values` (n, …) over the risk set of each term, shape (d, …)."""
        share = self._share.reshape(-1, *[1] * (values.ndim - 1))
        found: Floats = np.cumsum(values, axis=0)[self._last] - share * self.over_tied(values[self.is_event])
        return found

    def terms(self, beta: Floats) -> Terms:
        """Risks, sums and means at these log hazard ratios."""
        score = self.x @ beta
        highest = float(score.max())
        risk = self.weights * np.exp(score - highest)
        total = self.at_risk(risk)
        return Terms(risk, highest, total, self.at_risk(risk[:, None] * self.x) / total[:, None])

    def log_likelihood(self, beta: Floats, terms: Terms) -> float:
        """Weighted log risks of those who died less the logarithms of the terms."""
        highest = terms.highest * self.term_weights.sum()
        return float(self.observed @ beta - highest - self.term_weights @ np.log(terms.total))

    def lived_through(self, values: Floats) -> Floats:
        """Sum of `values` (d, …) over the terms in whose risk set each patient is, shape (n, …).

        One who dies is in the tied terms of his own time less the share that Efron leaves out.
        """
        later = np.concatenate(
            [np.cumsum(values[::-1], axis=0)[::-1], np.zeros_like(values, shape=(1, *values.shape[1:]))]
        )
        found: Floats = later[np.searchsorted(-self.death_months, -self.months, side="left")]
        share = self._share.reshape(-1, *[1] * (values.ndim - 1))
        found[self.is_event] -= self.over_tied(share * values)
        return found

    def covariance(self, terms: Terms, weights: Floats) -> Floats:
        """Sum over the terms of the covariance of the covariates among those at risk, times `weights` (d); (p x p).

        Summed by patient rather than by term, so that nothing of shape (d x p x p) is ever held.
        """
        risk = terms.risk * self.lived_through(weights / terms.total)
        found: Floats = (risk[:, None] * self.x).T @ self.x - (weights[:, None] * terms.mean).T @ terms.mean
        return found

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
        expected = self.x * self.lived_through(hazard)[:, None] - self.lived_through(hazard[:, None] * terms.mean)
        return away - (terms.risk / self.weights)[:, None] * expected


@dataclass(frozen=True)
class Derivatives:
    """Log partial likelihood, its gradient (p), its information (negative second derivative, p x p), strata's terms."""

    log_likelihood: float
    gradient: Floats
    information: Floats
    terms: tuple[Terms, ...]


@dataclass(frozen=True)
class PartialLikelihood:
    """The strata of a model, and for each the places of its patients in the arrays that they came from."""

    strata: tuple[RiskSets, ...]
    places: tuple[Integers, ...]
    width: int

    def at(self, beta: Floats) -> Derivatives:
        """The log partial likelihood and its derivatives at these log hazard ratios (p)."""
        value, gradient, information = 0.0, np.zeros(self.width), np.zeros((self.width, self.width))
        by_stratum = tuple(stratum.terms(beta) for stratum in self.strata)
        for stratum, terms in zip(self.strata, by_stratum, strict=True):
            value += stratum.log_likelihood(beta, terms)
            gradient += stratum.observed - stratum.term_weights @ terms.mean
            information += stratum.covariance(terms, stratum.term_weights)
        return Derivatives(value, gradient, information, by_stratum)

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
