"""Best overall response with exact intervals (R5.5, R9.5), and treatment-free intervals before rechallenge (R4)."""

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.marts import StudyMarts
from analysis.statistics.descriptive import clopper_pearson, quantile

SOURCE = "marts.best_response"
INTERVALS = "marts.treatment_free_intervals"
RESPONSE = "response"
RECHALLENGE = "rechallenge"
CATEGORIES = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "MISSING")
NOT_EVALUABLE = ("NE", "MISSING")
METHOD = "Clopper-Pearson"


def analyse_response(marts: StudyMarts, record: Recorder) -> None:
    """Categories, ORR and DCR among all included patients; the rates among evaluable patients as a sensitivity."""
    rows = marts.select(f"select bor, is_responder, is_controlled from {SOURCE} where study_id = ? and variant = ?")
    best = [bor for bor, _, _ in rows]
    for category in CATEGORIES:
        record_proportion(
            record, Place(RESPONSE, variable="bor", variable_level=category), best.count(category), marts.n
        )
    missing = sum(best.count(category) for category in NOT_EVALUABLE)
    record_proportion(record, Place(RESPONSE, variable="not_evaluable"), missing, marts.n)
    evaluable = marts.n - missing
    for name, column in (("orr", 1), ("dcr", 2)):
        count = sum(bool(row[column]) for row in rows)
        record_proportion(record, Place(RESPONSE, variable=name), count, marts.n)
        record_proportion(record, Place(RESPONSE, variable=f"{name}_evaluable"), count, evaluable)


def record_proportion(record: Recorder, place: Place, count: int, total: int, source: str = SOURCE) -> None:
    """A count of a total in percent, with its exact interval."""
    found = clopper_pearson(count, total)
    record.add(place, "n", count, source=source, n=total)
    record.add(place, "total", total, source=source)
    limits = {"pct": found.percent, "pct_lower": found.lower, "pct_upper": found.upper}
    record.add_all(place, limits, source=source, method=METHOD, n=total)


def analyse_rechallenge(marts: StudyMarts, conventions: Conventions, record: Recorder) -> None:
    """Patients with an earlier checkpoint inhibitor, and months from its last dose to index (both days exact)."""
    rows = marts.select(f"select prior_ici, same_agent, tfi_months from {INTERVALS} where study_id = ? and variant = ?")
    place = Place(RECHALLENGE)
    pretreated = [(same, months) for prior, same, months in rows if prior == "Y"]
    record.add(place, "n_prior_ici", len(pretreated), source=INTERVALS, n=marts.n)
    record.add(place, "n_unknown", sum(prior == "U" for prior, _, _ in rows), source=INTERVALS, n=marts.n)
    same = sum(agent in ("Y", True) for agent, _ in pretreated)
    record.add(place, "n_same_agent", same, source=INTERVALS, n=len(pretreated))
    values = np.array([months for _, months in pretreated if months is not None], dtype=np.float64)
    record.add(place, "n", values.size, source=INTERVALS, n=len(pretreated))
    probabilities = {"median": 0.5, "q1": 0.25, "q3": 0.75}
    quartiles = {name: quantile(values, share, conventions.quantile_type) for name, share in probabilities.items()}
    record.add_all(place, quartiles, source=INTERVALS, method=conventions.quantile_method, n=values.size)
