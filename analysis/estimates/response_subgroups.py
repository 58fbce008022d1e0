"""ORR and DCR by the levels of a covariate (rule R9.5): exact intervals, and Fisher's exact test between the levels."""

import numpy as np

from analysis.ard import Place, Recorder
from analysis.estimates.levels import Factor, read_factor
from analysis.estimates.response import SOURCE, record_proportion
from analysis.marts import NO_LEVEL, StudyMarts
from analysis.statistics.arrays import Flags
from analysis.statistics.contingency import independence
from models.protocol import Protocol

RESPONSE_BY = "response_by"
OTHER = "Other"
MISSING = "Missing"
RATES = ("orr", "dcr")


def analyse_response_by(marts: StudyMarts, protocol: Protocol, record: Recorder) -> None:
    """Every covariate of `response_by`; patients outside its levels are shown and take no part in the test."""
    outcomes = {name: np.zeros(marts.n, dtype=bool) for name in RATES}
    for patient, (is_responder, is_controlled) in marts.by_patient(
        f"select centre_id, patient_key, is_responder, is_controlled from {SOURCE} where study_id = ? and variant = ?"
    ):
        outcomes["orr"][patient], outcomes["dcr"][patient] = bool(is_responder), bool(is_controlled)
    for name in protocol.analysis.response_by:
        factor = read_factor(marts, protocol, name)
        for rate, has_outcome in outcomes.items():
            _record_factor(record, factor, rate, has_outcome)


def _record_factor(record: Recorder, factor: Factor, rate: str, has_outcome: Flags) -> None:
    groups = {label: factor.values.level == code for code, label in enumerate(factor.labels)}
    is_outside = factor.values.level == NO_LEVEL
    outside = {OTHER: is_outside & ~factor.values.is_missing, MISSING: is_outside & factor.values.is_missing}
    shown = {**groups, **{label: members for label, members in outside.items() if members.any()}}
    for label, members in shown.items():
        place = Place(RESPONSE_BY, None, factor.name, label, rate)
        record_proportion(record, place, int(has_outcome[members].sum()), int(members.sum()))
    successes = np.array([int(has_outcome[members].sum()) for members in groups.values()], dtype=np.int64)
    totals = np.array([int(members.sum()) for members in groups.values()], dtype=np.int64)
    found = independence(successes, totals)
    place = Place(RESPONSE_BY, None, factor.name, None, rate)
    record.add(place, "p_value", found.p_value, source=SOURCE, method=found.method, n=int(totals.sum()))
