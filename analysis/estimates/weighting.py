"""Two exposure groups made comparable by weights: who is compared, with what scores, weights and balance."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.ard import Place, Recorder
from analysis.estimates.levels import Factor, read_factor
from analysis.marts import NO_LEVEL, StudyMarts
from analysis.statistics.arrays import Flags, Floats
from analysis.statistics.cox import NotEstimable
from analysis.statistics.descriptive import quantile
from analysis.statistics.weighting import (
    balancing_weights,
    effective_size,
    propensity_scores,
    standardised_difference,
)
from models.protocol import Exposure, Protocol

SOURCE = "marts.covariates"
COMPARED = "exposure"
PROPENSITY = "propensity"
WEIGHTS = "weights"
BALANCE = "balance"
BIN = "bin"

SCORE_METHOD = "logistic regression of the exposure on the covariates"
WEIGHT_METHODS = {
    "ate": "stabilised inverse-probability weights (effect in all patients)",
    "att": "odds weights (effect in the exposed)",
    "overlap": "overlap weights (effect where the groups overlap)",
}
BALANCE_METHOD = "standardised mean difference, unweighted pooled standard deviation"
BALANCED = 0.1
"""Standardised difference below which a covariate counts as balanced (Austin 2009)."""
_BINS = 20


@dataclass(frozen=True)
class Column:
    """One column of the propensity model: a level of a covariate as 0 or 1, or (no label) its number."""

    covariate: str
    label: str | None
    values: Floats


@dataclass(frozen=True)
class Comparison:
    """The groups of a protocol's exposure among patients in whom it and every covariate is known."""

    exposure: Exposure
    members: Flags
    is_exposed: Flags
    columns: tuple[Column, ...]
    n_left_out: int

    def group(self, label: str) -> Flags:
        """Members of one group, by the label of its level."""
        return self.is_exposed if label == self.exposure.exposed else ~self.is_exposed

    @cached_property
    def design(self) -> Floats:
        """Columns that vary, shape (members, columns)."""
        varying = [column.values for column in self.columns if np.unique(column.values).size > 1]
        return np.column_stack(varying) if varying else np.empty((int(self.members.sum()), 0))

    @cached_property
    def scores(self) -> Floats | str:
        """Probability of exposure of each member, or the words that stand in its place."""
        try:
            return propensity_scores(self.is_exposed, self.design)
        except NotEstimable as reason:
            return str(reason)

    @cached_property
    def untruncated(self) -> Floats:
        """Weights as the estimand defines them; the scores must be estimable."""
        assert not isinstance(self.scores, str)
        return balancing_weights(self.is_exposed, self.scores, self.exposure.estimand)

    @cached_property
    def weights(self) -> Floats:
        """Weights with those past the protocol's percentiles set to them."""
        share = float(self.exposure.truncate_percent) / 100
        lower, upper = (quantile(self.untruncated, at, "7") for at in (share, 1 - share))
        clipped: Floats = np.clip(self.untruncated, lower, upper)
        return clipped


def read_comparison(marts: StudyMarts, protocol: Protocol, exposure: Exposure) -> Comparison:
    """Who is exposed, who is not, and the covariates: numbers where the study takes them as linear terms."""
    compared = read_factor(marts, protocol, exposure.covariate)
    codes = [compared.labels.index(label) for label in (exposure.exposed, exposure.control)]
    in_groups: Flags = np.isin(compared.values.level, codes)
    numbers = {term.covariate for term in protocol.analysis.cox_linear}
    factors = [read_factor(marts, protocol, name) for name in exposure.adjusted_for]
    members = in_groups.copy()
    for factor in factors:
        is_known = np.isfinite(factor.values.number) if factor.name in numbers else factor.values.level != NO_LEVEL
        members &= is_known
    columns = [column for factor in factors for column in _columns(factor, members, as_number=factor.name in numbers)]
    is_exposed: Flags = compared.values.level[members] == codes[0]
    return Comparison(exposure, members, is_exposed, tuple(columns), int((in_groups & ~members).sum()))


def _columns(factor: Factor, members: Flags, *, as_number: bool) -> list[Column]:
    if as_number:
        return [Column(factor.name, None, factor.values.number[members])]
    level = factor.values.level[members]
    return [Column(factor.name, factor.labels[code], (level == code).astype(np.float64)) for code in factor.others]


def record_comparison(record: Recorder, comparison: Comparison) -> None:
    """Sizes of the groups, and where scores can be estimated their overlap, the weights and the balance."""
    exposure, scores = comparison.exposure, comparison.scores
    place = Place(COMPARED, variable=exposure.covariate)
    smaller = int(min(comparison.is_exposed.sum(), (~comparison.is_exposed).sum()))
    width = comparison.design.shape[1]
    counts = {"n": int(comparison.members.sum()), "n_left_out": comparison.n_left_out, "n_coefficients": width}
    record.add_all(place, counts, source=SOURCE)
    per_coefficient = smaller / width if width else None
    record.add(place, "smaller_group_per_coefficient", per_coefficient, source=SOURCE, method=SCORE_METHOD)
    for label in (exposure.exposed, exposure.control):
        at = Place(COMPARED, None, exposure.covariate, label)
        record.add(at, "n", int(comparison.group(label).sum()), source=SOURCE)
    if isinstance(scores, str):
        record.add(place, "n_outside_overlap", None, text=scores, source=SOURCE, method=SCORE_METHOD)
        return
    _record_overlap(record, place, comparison, scores)
    _record_weights(record, comparison)
    _record_balance(record, comparison)


def _record_overlap(record: Recorder, place: Place, comparison: Comparison, scores: Floats) -> None:
    """Range of scores that both groups reach, who lies outside of it, and counts of scores by group."""
    groups = [scores[comparison.is_exposed], scores[~comparison.is_exposed]]
    lowest, highest = max(group.min() for group in groups), min(group.max() for group in groups)
    outside = int(((scores < lowest) | (scores > highest)).sum())
    values = {"n_outside_overlap": outside, "overlap_lower": lowest, "overlap_upper": highest}
    record.add_all(place, values, source=SOURCE, method=SCORE_METHOD, n=scores.size)
    bin_of = np.minimum((scores * _BINS).astype(np.int64), _BINS - 1)
    exposure = comparison.exposure
    for label in (exposure.exposed, exposure.control):
        group = comparison.group(label)
        for number in range(_BINS):
            inside = group & (bin_of == number)
            at = Place(PROPENSITY, None, exposure.covariate, label, BIN, str(number + 1))
            counts = {
                "lower": number / _BINS,
                "upper": (number + 1) / _BINS,
                "n": int(inside.sum()),
                "weight": float(comparison.weights[inside].sum()),
            }
            record.add_all(at, counts, source=SOURCE, method=SCORE_METHOD)


def _record_weights(record: Recorder, comparison: Comparison) -> None:
    exposure = comparison.exposure
    method = WEIGHT_METHODS[exposure.estimand]
    for label in (exposure.exposed, exposure.control):
        group = comparison.group(label)
        weights = comparison.weights[group]
        values = {
            "n": weights.size,
            "effective_size": effective_size(weights),
            "sum": float(weights.sum()),
            "mean": float(weights.mean()),
            "min": float(weights.min()),
            "max": float(weights.max()),
            "largest_untruncated": float(comparison.untruncated[group].max()),
            "n_truncated": int((weights != comparison.untruncated[group]).sum()),
        }
        at = Place(WEIGHTS, None, exposure.covariate, label)
        record.add_all(at, values, source=SOURCE, method=method, n=weights.size)
    place = Place(WEIGHTS, variable=exposure.covariate)
    record.add(place, "truncate_percent", float(exposure.truncate_percent), source=SOURCE, method=method)


def _record_balance(record: Recorder, comparison: Comparison) -> None:
    """Standardised difference of each column before and after weighting, and the largest of each."""
    name, is_exposed = comparison.exposure.covariate, comparison.is_exposed
    largest = {"before": 0.0, "after": 0.0}
    for column in comparison.columns:
        place = Place(BALANCE, None, name, None, column.covariate, column.label)
        found = {
            "before": standardised_difference(column.values, is_exposed),
            "after": standardised_difference(column.values, is_exposed, comparison.weights),
        }
        for when, value in found.items():
            record.add(place, f"difference_{when}", value, source=SOURCE, method=BALANCE_METHOD)
            largest[when] = max(largest[when], abs(value) if np.isfinite(value) else 0.0)
    place = Place(BALANCE, None, name)
    for when, value in largest.items():
        record.add(place, f"largest_{when}", value, source=SOURCE, method=BALANCE_METHOD)
