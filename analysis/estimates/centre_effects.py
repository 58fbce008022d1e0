"""Hazard ratios across centres (rule R9.8): one stage, two stages, and without each centre in turn.

Each level of a factor is compared with its reference, one factor at a time, so that the centres' own estimates, their
pooled one and the stratified one answer the same question; the adjusted model stands with the other Cox models.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.estimates.cox_model import SOURCE, cox_data, one_ratio, record_ratio
from analysis.estimates.levels import Factor, read_factor
from analysis.marts import StudyMarts, Times
from analysis.statistics import cox
from analysis.statistics.arrays import Flags, Integers
from analysis.statistics.meta_analysis import Pooled, pool
from models.protocol import Protocol

EFFECTS = "centre_effects"
ONE_STAGE, TWO_STAGE = "one stage", "two stages"
TOO_FEW = "too few events"
ONE_GROUP = "no event in one group"
TOO_FEW_CENTRES = "not estimable: fewer than two centres"
NO_PREDICTION = "not given for two centres"
FEWEST = 2
"""Centres below which nothing is pooled."""
POOLED_METHOD = "Random effects, REML, modified Hartung-Knapp interval; prediction interval with t on k - 2 df"
_RATIO = ("hr", "hr_lower", "hr_upper")


def effect_place(endpoint: str, factor: str, level: str, group: str, name: str) -> Place:
    """Where the hazard ratio of a level stands: group 'centre', 'without' (a centre) or 'pooled' (a model)."""
    return Place(EFFECTS, endpoint, group, name, factor, level)


def factors_across_centres(protocol: Protocol) -> tuple[str, ...]:
    """The factors that are compared in every centre: those of the adjusted model."""
    return protocol.analysis.cox_multivariable


def analyse_centre_effects(marts: StudyMarts, protocol: Protocol, conventions: Conventions, record: Recorder) -> None:
    """Every level of every factor against its reference, where patients come from more than one centre."""
    times = marts.times(protocol.analysis.cox_endpoint)
    if times.strata is None:
        return
    names = sorted(set(marts.centres))
    endpoint = protocol.analysis.cox_endpoint
    for name in factors_across_centres(protocol):
        factor = read_factor(marts, protocol, name)
        for code in factor.others:
            _Contrast(endpoint, factor, code, times, tuple(names), times.strata, conventions).record(record)


@dataclass(frozen=True)
class _Contrast:
    """One level against the reference, of the patients who have either."""

    endpoint: str
    factor: Factor
    code: int
    times: Times
    centres: tuple[str, ...]
    centre_codes: Integers
    conventions: Conventions

    @property
    def _members(self) -> Flags:
        members: Flags = self.times.has & np.isin(self.factor.values.level, (self.code, self.factor.reference))
        return members

    def _place(self, group: str, name: str) -> Place:
        return effect_place(self.endpoint, self.factor.name, self.factor.labels[self.code], group, name)

    def record(self, record: Recorder) -> None:
        """The centres' own ratios with their weights, both pooled ones, and the first without each centre."""
        own = {centre: self._of_centre(number) for number, centre in enumerate(self.centres)}
        pooled = {centre: found for centre, found in own.items() if isinstance(found, cox.Coefficient)}
        weights = self._record_two_stages(record, pooled)
        for centre, found in own.items():
            place = self._place("centre", centre)
            record_ratio(record, place, found, method=self.conventions.cox_method)
            record.add(place, "weight_pct", weights.get(centre), text="not pooled", source=SOURCE)
        one_stage = self._place("pooled", ONE_STAGE)
        members = self._members
        stratified = self.conventions.stratified_cox_method
        record_ratio(record, one_stage, self._stratified(members), method=stratified)
        counts = {"n": int(members.sum()), "n_events": int(self.times.is_event[members].sum())}
        record.add_all(one_stage, counts, source=SOURCE)
        for number, centre in enumerate(self.centres):
            found = self._stratified(members & (self.centre_codes != number))
            record_ratio(record, self._place("without", centre), found, method=stratified)

    def _stratified(self, members: Flags) -> cox.Coefficient | str:
        """The ratio over these patients, a baseline hazard a centre."""
        level = (self.factor.values.level[members] == self.code)[:, None].astype(np.float64)
        return one_ratio(cox_data(self.times, members, level, self.conventions))

    def _of_centre(self, number: int) -> cox.Coefficient | str:
        """One centre's ratio if it has events enough, some in each group (R9.8)."""
        members = self._members & (self.centre_codes == number)
        events = members & self.times.is_event
        in_level = int((events & (self.factor.values.level == self.code)).sum())
        if int(events.sum()) < self.conventions.centre_min_events:
            return TOO_FEW
        if in_level in (0, int(events.sum())):
            return ONE_GROUP
        return self._stratified(members)

    def _record_two_stages(self, record: Recorder, own: Mapping[str, cox.Coefficient]) -> dict[str, float]:
        """Pool the centres' own ratios; the weight of each in percent."""
        place = self._place("pooled", TWO_STAGE)
        record.add(place, "k", len(own), source=SOURCE)
        effects = np.array([one.log_hr for one in own.values()])
        errors = np.array([one.error for one in own.values()])
        found = pool(effects, errors) if len(own) >= FEWEST else None
        text = TOO_FEW_CENTRES if found is None else NO_PREDICTION
        record.add_all(place, _pooled_values(found), text=text, source=SOURCE, method=POOLED_METHOD, n=len(own))
        return {} if found is None else dict(zip(own, (100 * found.weights).tolist(), strict=True))


def _pooled_values(found: Pooled | None) -> dict[str, float | None]:
    """Ratios, and the measures of how much the centres differ: tau2 of log ratios, Q, I2 in percent."""
    if found is None:
        return dict.fromkeys((*_RATIO, "tau2", "q", "i2_pct", "prediction_lower", "prediction_upper"))
    prediction = found.prediction or (math.nan, math.nan)
    logs = (found.effect, *found.hartung_knapp, *prediction)
    names = (*_RATIO, "prediction_lower", "prediction_upper")
    ratios = {name: float(np.exp(log)) for name, log in zip(names, logs, strict=True)}
    return {**ratios, "tau2": found.tau2_reml, "q": found.q, "i2_pct": found.i2_percent}
