"""Adverse events (rules R8.1 to R8.3, R8.6): patients by term and worst grade, of the safety population.

Three scopes: TRAE related to treatment, TEAE emergent under treatment whatever its cause, IRAE immune-related by class.
"""

from analysis.ard import Place, Recorder
from analysis.estimates.summaries import record_count
from analysis.marts import StudyMarts
from analysis.statistics.descriptive import clopper_pearson

SOURCE = "marts.adverse_event_summary"
EVENTS = "marts.adverse_events"
ADVERSE_EVENTS = "adverse_events"
ANY_EVENT = {"TRAE": "ANY_TRAE", "TEAE": "ANY_AE", "IRAE": "ANY_IRAE"}
"""Scopes in the order of the report, and the row of each that counts patients with any event of it."""

ANY_GRADE, MILD, SEVERE, UNGRADED, FATAL = "any grade", "grade 1-2", "grade 3 or more", "grade unknown", "grade 5"
UNDETERMINED = "undetermined"
"""Further patients of whom every event of the term is doubtful or cannot be placed; they count in no grade."""

_COLUMNS = {
    ANY_GRADE: "n_any",
    MILD: "n_g12",
    SEVERE: "n_g3plus",
    UNGRADED: "n_grade_unknown",
    UNDETERMINED: "n_undetermined",
}
_FATAL = {
    "TRAE": "traefl = 'Y' and te_grade = 5",
    "TEAE": "trtemfl = 'Y' and te_grade = 5",
    "IRAE": "irae_flag = 'Y' and irae_trtemfl = 'Y' and grade = 5",
}
_METHOD = "each patient once, at the worst grade"


def event_place(scope: str, term: str, severity: str) -> Place:
    """Where the patients with a term, at a level of severity, are counted."""
    return Place(ADVERSE_EVENTS, None, "scope", scope, term, severity)


def analyse_adverse_events(marts: StudyMarts, record: Recorder) -> None:
    """Patients with each term by severity; the row of any event first, then by falling frequency."""
    rows = marts.select(
        f"select scope, grouped_term, n_safety, {', '.join(_COLUMNS.values())} from {SOURCE} "
        "where study_id = ? and variant = ? "
        "order by scope, not starts_with(grouped_term, 'ANY_'), n_any desc, n_g3plus desc, grouped_term"
    )
    n_safety = rows[0][2] if rows else 0
    record.add(Place(ADVERSE_EVENTS), "n_safety", n_safety, source=SOURCE)
    for scope, term, total, *counts in rows:
        for severity, count in zip(_COLUMNS, counts, strict=True):
            place = event_place(scope, term, severity)
            record_count(record, place, count, total, source=SOURCE, method=_METHOD)
            if term == ANY_EVENT[scope]:
                found = clopper_pearson(count, total)
                limits = {"pct_lower": found.lower, "pct_upper": found.upper}
                record.add_all(place, limits, source=SOURCE, method="Clopper-Pearson", n=total)
    for scope in dict.fromkeys(row[0] for row in rows):
        place = event_place(scope, ANY_EVENT[scope], FATAL)
        record_count(record, place, _patients_with(marts, _FATAL[scope]), n_safety, source=EVENTS)


def _patients_with(marts: StudyMarts, condition: str) -> int:
    """Patients with a certain event whose flags in the mart meet a condition."""
    found = marts.select(
        f"select count(distinct (centre_id, patient_key)) from {EVENTS} "
        f"where study_id = ? and variant = ? and certainty = 'CERTAIN' and {condition}"
    )
    return int(found[0][0])
