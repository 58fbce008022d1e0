"""Who a question asks about, in one variant of its study."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.estimates.levels import Factor, read_factor
from analysis.explore.cells import Cell
from analysis.explore.question import Question
from analysis.marts import StudyMarts
from analysis.statistics.arrays import Flags
from models.protocol import Protocol


@dataclass(frozen=True)
class Selection:
    """The patients of a question; a level is one of the covariate that it groups by, None where it groups by none."""

    marts: StudyMarts
    protocol: Protocol
    question: Question

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The covariates of the filter, then the one that makes groups."""
        names = [one.covariate for one in self.question.conditions]
        names += [self.question.groups] if self.question.groups else []
        return tuple(read_factor(self.marts, self.protocol, name) for name in names)

    @property
    def grouping(self) -> Factor | None:
        """The covariate that makes groups."""
        return self.factors[-1] if self.question.groups else None

    @property
    def levels(self) -> tuple[int | None, ...]:
        """One entry a group."""
        return (None,) if self.grouping is None else tuple(range(len(self.grouping.labels)))

    def label(self, level: int | None) -> str | None:
        """The level's own words."""
        return None if self.grouping is None or level is None else self.grouping.labels[level]

    @cached_property
    def chosen(self) -> Flags:
        """Patients whom the filter keeps, all groups together."""
        kept = np.ones(self.marts.n, dtype=bool)
        for factor, code in zip(self.factors, self._filter, strict=False):
            kept &= factor.values.level == code
        return kept

    def members(self, level: int | None) -> Flags:
        """Patients of one group."""
        return self.chosen if self.grouping is None else self.chosen & (self.grouping.values.level == level)

    def cell(self, level: int | None) -> Cell:
        """Where the group stands in the table of the question's covariates."""
        return self._filter if level is None else (*self._filter, level)

    def names(self, level: int | None) -> set[tuple[str, str]]:
        """Centre and key of a group's patients, to compare variants; never part of an answer."""
        members = self.members(level)
        return {who for who, place in self.marts.patients.items() if members[place]}

    @cached_property
    def _filter(self) -> Cell:
        conditions = zip(self.factors, self.question.conditions, strict=False)
        return tuple(factor.labels.index(condition.level) for factor, condition in conditions)
