"""The exposure groups of a protocol: weighted curves, hazard ratios with robust errors, and the E-value.

Weights make the measured covariates alike. What nobody measured they cannot, and the E-value says how much of that it
would take.
"""

from dataclasses import replace

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.estimates.cox_model import SOURCE, cox_data, one_ratio, ratio_method, record_ratio
from analysis.estimates.survival import WEIGHTED, axis_ticks, record_survival
from analysis.estimates.weighting import WEIGHT_METHODS, Comparison, read_comparison, record_comparison
from analysis.marts import StudyMarts, Times
from analysis.statistics import cox
from analysis.statistics.arrays import Floats
from analysis.statistics.e_value import e_value
from models.protocol import Protocol

EFFECT = "exposure_effect"
E_VALUE = "e_value"
FORM = "form"
UNWEIGHTED_FORM, WEIGHTED_FORM = "unweighted", "weighted"
E_VALUE_METHOD = "VanderWeele and Ding, hazard ratio of a common outcome"


def analyse_exposure(marts: StudyMarts, protocol: Protocol, conventions: Conventions, record: Recorder) -> None:
    """Compare the protocol's exposure groups; where scores cannot be estimated, only the unweighted ratio stands."""
    exposure = protocol.analysis.exposure
    if exposure is None:
        return
    comparison = read_comparison(marts, protocol, exposure)
    record_comparison(record, comparison)
    for endpoint in protocol.analysis.endpoints:
        times = marts.times(endpoint.paramcd)
        _Endpoint(endpoint.paramcd, comparison, times, conventions, record).record(protocol.analysis.rate_months)


class _Endpoint:
    """One endpoint of the compared patients who have a time in it."""

    def __init__(
        self, name: str, comparison: Comparison, times: Times, conventions: Conventions, record: Recorder
    ) -> None:
        self._name = name
        self._comparison = comparison
        self._has = times.has[comparison.members]
        self._times = times.of(comparison.members)
        self._conventions = conventions
        self._record = record

    def record(self, rate_months: tuple[int, ...]) -> None:
        """Ratios of both forms, the E-value, and the weighted curves."""
        comparison = self._comparison
        self._record_effect(UNWEIGHTED_FORM, self._ratio(None))
        if isinstance(comparison.scores, str):
            self._record_effect(WEIGHTED_FORM, comparison.scores)
            return
        weighted = self._ratio(comparison.weights)
        self._record_effect(WEIGHTED_FORM, weighted)
        self._record_e_value(weighted)
        ticks = axis_ticks(float(self._times.months[self._has].max(initial=0.0)))
        for label in (comparison.exposure.exposed, comparison.exposure.control):
            inside = comparison.group(label) & self._has
            record_survival(
                self._record,
                Place(WEIGHTED, self._name, comparison.exposure.covariate, label),
                self._times.of(inside),
                rate_months,
                ticks,
                self._conventions,
                comparison.weights[inside],
            )

    def _ratio(self, weights: Floats | None) -> cox.Coefficient | str:
        inside = self._has
        is_exposed = self._comparison.is_exposed[inside]
        if not inside.any() or is_exposed.all() or not is_exposed.any():
            return "not estimable: only one exposure group"
        data = cox_data(self._times, inside, is_exposed[:, None].astype(float), self._conventions)
        weighted = replace(data, weights=None if weights is None else weights[inside])
        return one_ratio(weighted, is_robust=weights is not None)

    def _record_effect(self, form: str, found: cox.Coefficient | str) -> None:
        exposure = self._comparison.exposure
        place = Place(EFFECT, self._name, exposure.covariate, exposure.exposed, FORM, form)
        n, events = int(self._has.sum()), int(self._times.is_event[self._has].sum())
        method = ratio_method(self._times, self._conventions)
        if form == WEIGHTED_FORM:
            method = f"{method}, robust variance, {WEIGHT_METHODS[exposure.estimand]}"
        self._record.add_all(place, {"n": n, "n_events": events}, source=SOURCE)
        record_ratio(self._record, place, found, method=method, n=n, events=events)

    def _record_e_value(self, found: cox.Coefficient | str) -> None:
        exposure = self._comparison.exposure
        place = Place(E_VALUE, self._name, exposure.covariate, exposure.exposed)
        values: dict[str, float | None] = {"estimate": None, "limit": None}
        if not isinstance(found, str):
            strength = e_value(found.hr, found.lower, found.upper, "common")
            values = {"estimate": strength.estimate, "limit": strength.limit}
        self._record.add_all(place, values, source=SOURCE, method=E_VALUE_METHOD)
