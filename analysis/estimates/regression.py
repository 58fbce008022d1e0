"""Cox regression (rule R9.4): one factor at a time, and the protocol's factors together on complete cases."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.estimates.levels import Factor, read_factor
from analysis.marts import NO_LEVEL, StudyMarts, Times
from analysis.statistics import cox
from analysis.statistics.arrays import Flags, Floats
from models.protocol import Protocol

SOURCE = "marts.survival_times"
UNIVARIATE = "cox_univariate"
MULTIVARIABLE = "cox_multivariable"
SEPARATED = "not estimable: separated"
ABSENT = "not estimable: no patients"


def analyse_cox(marts: StudyMarts, protocol: Protocol, conventions: Conventions, record: Recorder) -> None:
    """Hazard ratios of every level against its reference, and a global test of each factor."""
    chosen = protocol.analysis
    if not chosen.cox_univariate and not chosen.cox_multivariable:
        return
    times = marts.times(chosen.cox_endpoint)
    for name in chosen.cox_univariate:
        record_univariate(record, chosen.cox_endpoint, read_factor(marts, protocol, name), times, conventions)
    if chosen.cox_multivariable:
        factors = tuple(read_factor(marts, protocol, name) for name in chosen.cox_multivariable)
        model = _Model(MULTIVARIABLE, chosen.cox_endpoint, factors, times, conventions)
        model.record(record)
        model.record_size(record)


def record_univariate(record: Recorder, endpoint: str, factor: Factor, times: Times, conventions: Conventions) -> None:
    """Hazard ratios of one factor's levels among the patients who have a time and a level."""
    _Model(UNIVARIATE, endpoint, (factor,), times, conventions).record(record)


@dataclass(frozen=True)
class _Model:
    """A Cox model of factors on the patients who have a level of each of them (complete cases)."""

    analysis: str
    endpoint: str
    factors: tuple[Factor, ...]
    times: Times
    conventions: Conventions

    @property
    def members(self) -> Flags:
        complete = self.times.has
        for factor in self.factors:
            complete = complete & (factor.values.level != NO_LEVEL)
        return complete

    @property
    def terms(self) -> list[tuple[Factor, int]]:
        """Factor and level of each coefficient: levels that somebody has, where somebody has the reference too."""
        return [
            (factor, code)
            for factor in self.factors
            for code in factor.others
            if self._count(factor, code) and self._count(factor, factor.reference)
        ]

    def _count(self, factor: Factor, code: int) -> int:
        return int((factor.values.level[self.members] == code).sum())

    def _design(self) -> Floats:
        columns = [factor.values.level[self.members] == code for factor, code in self.terms]
        return np.column_stack(columns).astype(np.float64)

    def _fit(self) -> cox.CoxFit | str:
        """The fit, or the words that stand in its place."""
        if not self.terms:
            return ABSENT
        months, is_event = self.times.months[self.members], self.times.is_event[self.members]
        try:
            return cox.fit(months, is_event, self._design(), self.conventions.cox_ties)
        except cox.NotEstimable as reason:
            return str(reason)

    def record(self, record: Recorder) -> None:
        """Every level of every factor, the references included."""
        fitted = self._fit()
        for factor in self.factors:
            for code, label in enumerate(factor.labels):
                place = Place(self.analysis, self.endpoint, variable=factor.name, variable_level=label)
                self._record_level(record, place, factor, code)
                if code != factor.reference:
                    self._record_ratio(record, place, fitted, factor, code)
            self._record_global_test(record, fitted, factor)

    def _record_level(self, record: Recorder, place: Place, factor: Factor, code: int) -> None:
        inside = self.members & (factor.values.level == code)
        record.add(place, "n", int(inside.sum()), source=SOURCE)
        record.add(place, "n_events", int(self.times.is_event[inside].sum()), source=SOURCE)

    def _record_ratio(
        self, record: Recorder, place: Place, fitted: cox.CoxFit | str, factor: Factor, code: int
    ) -> None:
        estimate = self._estimate(fitted, factor, code)
        if isinstance(estimate, str):
            self._add(record, place, dict.fromkeys(("hr", "hr_lower", "hr_upper", "p_value")), estimate)
            return
        values = {"hr": estimate.hr, "hr_lower": estimate.lower, "hr_upper": estimate.upper}
        self._add(record, place, {**values, "p_value": estimate.p_value})

    def _estimate(self, fitted: cox.CoxFit | str, factor: Factor, code: int) -> cox.Coefficient | str:
        if isinstance(fitted, str):
            return fitted
        terms = [(term.name, level) for term, level in self.terms]
        if (factor.name, code) not in terms:
            return ABSENT
        estimate = fitted.coefficient(terms.index((factor.name, code)))
        return SEPARATED if estimate.is_separated else estimate

    def _record_global_test(self, record: Recorder, fitted: cox.CoxFit | str, factor: Factor) -> None:
        columns = [column for column, (term, _) in enumerate(self.terms) if term.name == factor.name]
        place = Place(self.analysis, self.endpoint, variable=factor.name)
        if isinstance(fitted, str) or not columns:
            text = fitted if isinstance(fitted, str) else ABSENT
            self._add(record, place, {"p_global": None}, text)
        elif any(fitted.coefficient(column).is_separated for column in columns):
            self._add(record, place, {"p_global": None}, SEPARATED)
        else:
            self._add(record, place, {"p_global": fitted.joint_p_value(columns)})

    def record_size(self, record: Recorder) -> None:
        """Complete cases, their events, coefficients and events per coefficient."""
        place = Place(self.analysis, self.endpoint)
        n, events = self._size
        coefficients = len(self.terms)
        counts = {"n": n, "n_events": events, "n_coefficients": coefficients}
        per_coefficient = events / coefficients if coefficients else None
        record.add_all(place, {**counts, "events_per_coefficient": per_coefficient}, source=SOURCE)

    @property
    def _size(self) -> tuple[int, int]:
        return int(self.members.sum()), int(self.times.is_event[self.members].sum())

    def _add(
        self, record: Recorder, place: Place, values: Mapping[str, float | None], text: str = "not estimable"
    ) -> None:
        n, events = self._size
        method = self.conventions.cox_method
        record.add_all(place, values, text=text, source=SOURCE, method=method, n=n, events=events)
