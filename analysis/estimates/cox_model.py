"""A Cox model of a study's factors on complete cases: its terms, its fit, and the rows of its estimates (rule R9.4)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.estimates.levels import Factor
from analysis.marts import NO_LEVEL, Times
from analysis.statistics import cox
from analysis.statistics.arrays import Flags, Floats
from analysis.statistics.firth import FirthCoefficient, fit_firth

SOURCE = "marts.survival_times"
SEPARATED = "not estimable: separated"
ABSENT = "not estimable: no patients"
ONE_GROUP = "not estimable: one group only"


@dataclass(frozen=True)
class GlobalTest:
    """P value of a factor as a whole with the method behind it, or the words that stand in its place."""

    p_value: float | None
    method: str
    words: str = "not estimable"


def cox_data(times: Times, members: Flags, design: Floats, conventions: Conventions) -> cox.CoxData:
    """What a model of some patients is fitted to, their centres as strata where there is more than one."""
    some = times.of(members)
    return cox.CoxData(some.months, some.is_event, design, conventions.cox_ties, some.strata)


def ratio_method(times: Times, conventions: Conventions) -> str:
    """Method of the hazard ratios of such a model."""
    return conventions.cox_method if times.strata is None else conventions.stratified_cox_method


def one_ratio(data: cox.CoxData, *, is_robust: bool = False) -> cox.Coefficient | str:
    """Hazard ratio of the only column of some data, or the words that stand in its place."""
    try:
        found = cox.fit_data(data, robust=is_robust).coefficient(0)
    except cox.NotEstimable as reason:
        return str(reason)
    return SEPARATED if found.is_separated else found


def record_ratio(
    record: Recorder,
    place: Place,
    found: cox.Coefficient | str,
    *,
    method: str,
    n: int | None = None,
    events: int | None = None,
    has_p_value: bool = True,
) -> None:
    """Write a hazard ratio with its interval and its P value, or the words that stand in their place."""
    names = ("hr", "hr_lower", "hr_upper", *(("p_value",) if has_p_value else ()))
    text = found if isinstance(found, str) else "not estimable"
    numbers = (None,) * 4 if isinstance(found, str) else (found.hr, found.lower, found.upper, found.p_value)
    values = dict(zip(names, numbers, strict=False))
    record.add_all(place, values, text=text, source=SOURCE, method=method, n=n, events=events)


Term = tuple[Factor, int]
"""One coefficient: a factor and the code of the level that is compared with the reference."""


@dataclass(frozen=True)
class CoxModel:
    """A model of factors on the patients who have a time and a level of each factor (complete cases).

    With more than one centre each has a baseline hazard of its own (rule R9.8).
    """

    analysis: str
    endpoint: str
    factors: tuple[Factor, ...]
    times: Times
    conventions: Conventions

    @cached_property
    def members(self) -> Flags:
        """Complete cases."""
        complete = self.times.has
        for factor in self.factors:
            complete = complete & (factor.values.level != NO_LEVEL)
        return complete

    @cached_property
    def terms(self) -> list[Term]:
        """Factor and level of each coefficient: levels that somebody has, where somebody has the reference too."""
        return [
            (factor, code)
            for factor in self.factors
            for code in factor.others
            if self._count(factor, code) and self._count(factor, factor.reference)
        ]

    def _count(self, factor: Factor, code: int) -> int:
        return int((factor.values.level[self.members] == code).sum())

    @cached_property
    def months(self) -> Floats:
        """Times of the complete cases, months."""
        return self.times.months[self.members]

    @cached_property
    def is_event(self) -> Flags:
        """Event flags of the complete cases."""
        return self.times.is_event[self.members]

    @cached_property
    def design(self) -> Floats:
        """One column a term, shape (complete cases, terms)."""
        columns = [factor.values.level[self.members] == code for factor, code in self.terms]
        return np.column_stack(columns).astype(np.float64)

    @cached_property
    def data(self) -> cox.CoxData:
        """What the model is fitted to."""
        return cox_data(self.times, self.members, self.design, self.conventions)

    @cached_property
    def fitted(self) -> cox.CoxFit | str:
        """The fit, or the words that stand in its place."""
        if not self.terms:
            return ABSENT
        try:
            return cox.fit_data(self.data)
        except cox.NotEstimable as reason:
            return str(reason)

    @property
    def size(self) -> tuple[int, int]:
        """Complete cases and their events."""
        return int(self.members.sum()), int(self.is_event.sum())

    def columns(self, name: str) -> list[int]:
        """Columns of one factor."""
        return [column for column, (factor, _) in enumerate(self.terms) if factor.name == name]

    def estimate(self, factor: Factor, code: int) -> cox.Coefficient | str:
        """Hazard ratio of a level, or the words that stand in its place."""
        if isinstance(self.fitted, str):
            return self.fitted
        column = next((at for at in self.columns(factor.name) if self.terms[at][1] == code), None)
        if column is None:
            return ABSENT
        found = self.fitted.coefficient(column)
        return SEPARATED if found.is_separated else found

    @cached_property
    def penalised(self) -> tuple[FirthCoefficient, ...]:
        """Firth's estimates of the terms, where the events separate one of them; else nothing."""
        if isinstance(self.fitted, str) or not self._separated(range(len(self.terms))):
            return ()
        try:
            data = self.data
            return fit_firth(data.months, data.is_event, data.design, data.ties, strata=data.strata)
        except cox.NotEstimable:
            return ()

    def _separated(self, columns: Iterable[int]) -> bool:
        fitted = self.fitted
        return not isinstance(fitted, str) and any(fitted.coefficient(column).is_separated for column in columns)

    def record(self, record: Recorder) -> None:
        """Every level of every factor, the references included, and a global test of each factor."""
        for factor in self.factors:
            for code, label in enumerate(factor.labels):
                place = Place(self.analysis, self.endpoint, variable=factor.name, variable_level=label)
                self._record_level(record, place, factor, code)
                if code != factor.reference:
                    n, events = self.size
                    method = ratio_method(self.times, self.conventions)
                    record_ratio(record, place, self.estimate(factor, code), method=method, n=n, events=events)
                    self._record_penalised(record, place, factor, code)
            self._record_global_test(record, factor)

    def _record_level(self, record: Recorder, place: Place, factor: Factor, code: int) -> None:
        inside = self.members & (factor.values.level == code)
        record.add(place, "n", int(inside.sum()), source=SOURCE)
        record.add(place, "n_events", int(self.times.is_event[inside].sum()), source=SOURCE)

    def _record_penalised(self, record: Recorder, place: Place, factor: Factor, code: int) -> None:
        """Beside the words 'separated', the ratio that a penalised fit gives in its place."""
        if self.estimate(factor, code) != SEPARATED or not self.penalised:
            return
        column = next(at for at in self.columns(factor.name) if self.terms[at][1] == code)
        found = self.penalised[column]
        values = {
            "hr_penalised": found.hr,
            "hr_penalised_lower": found.lower,
            "hr_penalised_upper": found.upper,
            "p_penalised": found.p_value,
        }
        n, events = self.size
        method = self.conventions.firth_method
        record.add_all(place, values, text="not bounded", source=SOURCE, method=method, n=n, events=events)

    def global_test(self, name: str) -> GlobalTest:
        """Whether a factor has no effect at any level: a Wald test, or a likelihood-ratio test where it separates."""
        columns = self.columns(name)
        if isinstance(self.fitted, str) or not columns:
            words = self.fitted if isinstance(self.fitted, str) else ABSENT
            return GlobalTest(None, self.conventions.wald_method, words)
        if not self._separated(columns):
            return GlobalTest(self.fitted.joint_p_value(columns), self.conventions.wald_method)
        others = replace(self.data, design=np.delete(self.design, columns, axis=1))
        found = cox.likelihood_ratio(self.fitted, cox.fit_data(others))
        return GlobalTest(found.p_value, self.conventions.likelihood_ratio_method)

    def _record_global_test(self, record: Recorder, factor: Factor) -> None:
        found = self.global_test(factor.name)
        n, events = self.size
        place = Place(self.analysis, self.endpoint, variable=factor.name)
        text = found.words
        record.add(place, "p_global", found.p_value, text=text, source=SOURCE, method=found.method, n=n, events=events)
