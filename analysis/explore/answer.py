"""Answers a question with the report's own estimators, and withholds what rule R9.9 does not let be shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import duckdb
import numpy as np

from analysis.ard import Place, Recorder, Results
from analysis.conventions import Conventions, read_conventions
from analysis.estimates.levels import Factor
from analysis.estimates.regression import record_univariate
from analysis.estimates.response import RESPONSE, record_proportion
from analysis.estimates.response import SOURCE as RESPONSES
from analysis.estimates.response_subgroups import RESPONSE_BY
from analysis.estimates.survival import LOGRANK, SURVIVAL, axis_ticks, record_logrank, record_survival
from analysis.explore.cells import Cells
from analysis.explore.question import Question
from analysis.explore.selection import Selection
from analysis.explore.standing import DCR, ORR, Judge, Outcomes, Standing
from analysis.explore.studies import ReleasedStudy
from analysis.explore.withhold import Shown, withhold
from analysis.marts import StudyMarts
from models.protocol import PRIMARY


@dataclass(frozen=True)
class Group:
    """Patients side by side with others: those with one level of a covariate, or all of a question (level None).

    `place` is where the group's survival numbers stand, `responses` where its 'orr' and 'dcr' stand.
    """

    level: int | None
    place: Place
    responses: Mapping[str, Place]
    standing: Standing


@dataclass(frozen=True)
class Answer:
    """The numbers that may be shown, as rows in the report's own places, and what was withheld.

    Attributes:
        question: what was asked.
        results: one row a number; where a number is withheld its row holds words.
        groups: in the protocol's order; a single one where the question compares nobody.
        k: the smallest count that is shown.
        is_compared: whether log-rank test and hazard ratios are shown.
        has_unplaced: whether somebody has no level of the covariate that makes the groups.
    """

    question: Question
    results: Results
    groups: tuple[Group, ...]
    k: int
    is_compared: bool
    has_unplaced: bool

    @property
    def drawn(self) -> tuple[Group, ...]:
        """Groups whose curve may be shown."""
        return tuple(group for group in self.groups if group.standing.end is not None)

    @property
    def has_nobody(self) -> bool:
        """Whether no patient with a time answers to the question."""
        return all(group.standing.is_empty for group in self.groups)

    @property
    def is_withheld(self) -> bool:
        """Whether not even the size of a group may be shown."""
        return all(group.standing.size is not None or group.standing.is_empty for group in self.groups)


def answer(connection: duckdb.DuckDBPyConnection, study: ReleasedStudy, question: Question) -> Answer:
    """Answer one question from the released marts.

    Raises:
        ConfigError: a parameter of family R9 is missing from the release, or has a value that no convention knows.
    """
    return _Work(connection, study, question).answer()


@dataclass(frozen=True)
class _Work:
    """One question on its way to its answer."""

    connection: duckdb.DuckDBPyConnection
    study: ReleasedStudy
    question: Question

    def answer(self) -> Answer:
        asked = tuple(self.selection.cell(level) for level in self.selection.levels)
        judge = Judge(Cells(self.selection.factors, self.conventions.suppress_k, asked), self.outcomes)
        groups = tuple(self._group(level, judge) for level in self.selection.levels)
        ticks = axis_ticks(max(group.standing.end or 0.0 for group in groups))
        is_compared = _may_compare(groups)
        shown = self._shown(groups, judge, ticks)
        return Answer(
            question=self.question,
            results=withhold(self._estimate(groups, ticks), shown, is_compared=is_compared),
            groups=groups,
            k=self.conventions.suppress_k,
            is_compared=is_compared,
            has_unplaced=self._has_unplaced(),
        )

    @cached_property
    def conventions(self) -> Conventions:
        return read_conventions(self.study.parameters.get(self.question.variant, {}))

    @cached_property
    def selection(self) -> Selection:
        return self._select(self.question.variant)

    @cached_property
    def primary(self) -> Selection:
        return self._select(PRIMARY)

    def _select(self, variant: str) -> Selection:
        marts = StudyMarts(self.connection, self.question.study_id, variant)
        return Selection(marts, self.study.protocol, self.question)

    @cached_property
    def outcomes(self) -> Outcomes:
        marts = self.selection.marts
        responder, controlled = np.zeros(marts.n, dtype=bool), np.zeros(marts.n, dtype=bool)
        for patient, (is_responder, is_controlled) in marts.by_patient(
            f"select centre_id, patient_key, is_responder, is_controlled from {RESPONSES} "
            "where study_id = ? and variant = ?"
        ):
            responder[patient], controlled[patient] = bool(is_responder), bool(is_controlled)
        return Outcomes(marts.times(self.question.endpoint), responder, controlled)

    def _group(self, level: int | None, judge: Judge) -> Group:
        members, cell = self.selection.members(level), self.selection.cell(level)
        name, label = self.question.groups, self.selection.label(level)
        responses = {rate: Place(RESPONSE, variable=rate) for rate in (ORR, DCR)}
        if name:
            responses = {rate: Place(RESPONSE_BY, None, name, label, rate) for rate in (ORR, DCR)}
        standing = judge.standing(members, cell, is_moved=self._is_moved(level))
        return Group(level, Place(SURVIVAL, self.question.endpoint, name, label), responses, standing)

    def _is_moved(self, level: int | None) -> bool:
        """Whether a few patients are the difference to the primary analysis, who could be told by comparing the two."""
        if self.question.variant == PRIMARY:
            return False
        here, there = self.selection.names(level), self.primary.names(level)
        return any(0 < len(moved) < self.conventions.suppress_k for moved in (here - there, there - here))

    def _has_unplaced(self) -> bool:
        factor = self.selection.grouping
        return factor is not None and bool((self.selection.chosen & (factor.values.level < 0)).any())

    def _shown(self, groups: tuple[Group, ...], judge: Judge, ticks: list[float]) -> dict[Place, Shown]:
        cells = {group.place: self.selection.cell(group.level) for group in groups}
        texts = judge.at_risk(ticks)
        return {
            group.place: Shown(
                group.standing,
                group.responses,
                {month: text for (cell, month), text in texts.items() if cell == cells[group.place]},
            )
            for group in groups
        }

    def _estimate(self, groups: tuple[Group, ...], ticks: list[float]) -> Results:
        """Every number of the question, as the report computes it."""
        record = Recorder(self.question.study_id, self._subset)
        chosen, outcomes = self.study.protocol.analysis, self.outcomes
        for group in groups:
            members = self.selection.members(group.level)
            times = outcomes.times.of(members & outcomes.times.has)
            record_survival(record, group.place, times, chosen.rate_months, ticks, self.conventions)
            if chosen.response:
                for rate, flags in ((ORR, outcomes.is_responder), (DCR, outcomes.is_controlled)):
                    record_proportion(record, group.responses[rate], int((members & flags).sum()), int(members.sum()))
        if self.selection.grouping is not None:
            self._compare(record, self.selection.grouping)
        return record.results()

    def _compare(self, record: Recorder, factor: Factor) -> None:
        months = np.where(self.selection.chosen, self.outcomes.times.months, np.nan)
        times, endpoint = replace(self.outcomes.times, months=months), self.question.endpoint
        record_logrank(record, Place(LOGRANK, endpoint, factor.name), times, factor.values.level)
        record_univariate(record, endpoint, factor, times, self.conventions)

    @property
    def _subset(self) -> str:
        """The variant with its filter, so that a filtered number never bears the id of one of the report."""
        conditions = [f"{one.covariate} {one.level}" for one in self.question.conditions]
        return "; ".join([self.question.variant, *conditions])


def _may_compare(groups: tuple[Group, ...]) -> bool:
    """Two groups or more, and nobody in one that is not shown."""
    somebody = [group for group in groups if not group.standing.is_empty]
    return len(somebody) > 1 and all(group.standing.end is not None for group in somebody)
