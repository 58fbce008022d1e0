"""Subgroup forest of an exposure (rule R9.4): its hazard ratio in each subgroup, and one product-term test a factor.

P values of subgroups are not computed, so that nobody can compare them; whether an effect differs is what the
likelihood ratio of the product terms says.
"""

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.estimates.cox_model import ABSENT, ONE_GROUP, SOURCE, cox_data, one_ratio, ratio_method, record_ratio
from analysis.estimates.levels import Factor, read_factor
from analysis.marts import NO_LEVEL, StudyMarts, Times
from analysis.statistics import cox
from analysis.statistics.arrays import Flags, Floats
from models.protocol import Exposure, Protocol

INTERACTION = "interaction"


def analyse_interactions(marts: StudyMarts, protocol: Protocol, conventions: Conventions, record: Recorder) -> None:
    """For each endpoint: the unadjusted hazard ratio of the exposure in all patients and in every subgroup."""
    exposure = protocol.analysis.exposure
    if exposure is None:
        return
    compared = read_factor(marts, protocol, exposure.covariate)
    for endpoint in protocol.analysis.endpoints:
        forest = _Forest(endpoint.paramcd, exposure, compared, marts.times(endpoint.paramcd), conventions, record)
        forest.record_group(forest.place(), forest.members)
        for name in subgroup_factors(protocol, exposure):
            forest.record_factor(read_factor(marts, protocol, name))


def subgroup_factors(protocol: Protocol, exposure: Exposure) -> tuple[str, ...]:
    """Factors whose levels are the subgroups."""
    chosen = exposure.subgroups or protocol.analysis.cox_univariate
    return tuple(name for name in chosen if name != exposure.covariate)


class _Forest:
    """One endpoint's forest: who is compared, by when."""

    def __init__(
        self,
        endpoint: str,
        exposure: Exposure,
        compared: Factor,
        times: Times,
        conventions: Conventions,
        record: Recorder,
    ) -> None:
        codes = [compared.labels.index(label) for label in (exposure.exposed, exposure.control)]
        self._endpoint = endpoint
        self._exposure = exposure
        self._is_exposed: Flags = compared.values.level == codes[0]
        self._times = times
        self._conventions = conventions
        self._record = record
        self.members: Flags = times.has & np.isin(compared.values.level, codes)

    def place(self, group_name: str | None = None, group_level: str | None = None) -> Place:
        """Where the exposure's numbers in one subgroup stand."""
        return Place(
            INTERACTION, self._endpoint, group_name, group_level, self._exposure.covariate, self._exposure.exposed
        )

    def record_factor(self, factor: Factor) -> None:
        """Every level of a factor, and whether the exposure's effect differs between them."""
        for code, label in enumerate(factor.labels):
            self.record_group(self.place(factor.name, label), self.members & (factor.values.level == code))
        place = Place(INTERACTION, self._endpoint, factor.name, variable=self._exposure.covariate)
        members = self.members & (factor.values.level != NO_LEVEL)
        found = self._product_test(members, factor)
        values: dict[str, float | None] = dict.fromkeys(("p_interaction", "chi2", "degrees"))
        if not isinstance(found, str):
            values = {"p_interaction": found.p_value, "chi2": found.chi2, "degrees": found.degrees}
        self._record.add_all(
            place,
            values,
            text=found if isinstance(found, str) else "not estimable",
            source=SOURCE,
            method=f"Product terms, {self._conventions.likelihood_ratio_method}",
            n=int(members.sum()),
            events=int(self._times.is_event[members].sum()),
        )

    def record_group(self, place: Place, members: Flags) -> None:
        """Patients and events of both groups, and the exposure's hazard ratio among these patients."""
        is_event = self._times.is_event
        for name, group in (("exposed", members & self._is_exposed), ("control", members & ~self._is_exposed)):
            counts = {f"n_{name}": int(group.sum()), f"n_events_{name}": int((group & is_event).sum())}
            self._record.add_all(place, counts, source=SOURCE)
        n, events = int(members.sum()), int(is_event[members].sum())
        self._record.add_all(place, {"n": n, "n_events": events}, source=SOURCE)
        found = self._ratio(members)
        method = f"{ratio_method(self._times, self._conventions)}, unadjusted"
        record_ratio(self._record, place, found, method=method, n=n, events=events, has_p_value=False)

    def _ratio(self, members: Flags) -> cox.Coefficient | str:
        if not members.any():
            return ABSENT
        if self._is_exposed[members].all() or not self._is_exposed[members].any():
            return ONE_GROUP
        exposed = self._is_exposed[members, None].astype(np.float64)
        return one_ratio(cox_data(self._times, members, exposed, self._conventions))

    def _product_test(self, members: Flags, factor: Factor) -> cox.LikelihoodRatio | str:
        level = factor.values.level
        codes = [code for code in range(len(factor.labels)) if (level[members] == code).any()]
        if len(codes) < 2:
            return "not estimable: one level only"
        exposed = self._is_exposed.astype(np.float64)
        levels = np.column_stack([level == code for code in codes[1:]]).astype(np.float64)
        reduced = np.column_stack([exposed, levels])
        full = np.column_stack([reduced, levels * exposed[:, None]])
        fits = [self._fit(members, design) for design in (full, reduced)]
        words = [fitted for fitted in fits if isinstance(fitted, str)]
        if words:
            return words[0]
        with_products, without = (fitted for fitted in fits if not isinstance(fitted, str))
        return cox.likelihood_ratio(with_products, without)

    def _fit(self, members: Flags, design: Floats) -> cox.CoxFit | str:
        try:
            return cox.fit_data(cox_data(self._times, members, design[members], self._conventions))
        except cox.NotEstimable as reason:
            return str(reason)
