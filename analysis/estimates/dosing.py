"""Dosing of each index component and the end of treatment (rule R7), as their marts tell them."""

from dataclasses import dataclass

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.estimates.summaries import record_count, record_numbers
from analysis.marts import Record, StudyMarts
from analysis.statistics.arrays import Floats

SOURCE = "marts.dosing"
ENDS = "marts.disposition"
DOSING = "dosing"
DISPOSITION = "disposition"
INITIAL_DOSE = "initial_mg"
REASON = "disposition"
DURATION = "duration_months"
REASONS = ("ONGOING", "PD", "DEATH", "AE", "PATIENT_DECISION", "COMPLETED", "LOST", "OTHER", "NOT_TREATED")
"""What marts.disposition may say of a patient, ongoing treatment first."""

LOW_INTENSITY_PERCENT = 80
"""Relative dose intensity below which patients are counted; a customary cut, not a rule of the book."""


@dataclass(frozen=True)
class Change:
    """Something that happens to doses: whom it happened to, whose it is known of, and how often (R7.2, R7.3)."""

    condition: str
    known: str
    times: str | None = None


CHANGES = {
    "reduced": Change("reduced = 'Y'", "reduced", "n_reductions"),
    "reduced_for_toxicity": Change("n_toxicity_reductions > 0", "n_toxicity_reductions", "n_toxicity_reductions"),
    "reduced_unexplained": Change(
        "n_unexplained_reductions > 0", "n_unexplained_reductions", "n_unexplained_reductions"
    ),
    "escalated": Change("escalated = 'Y'", "escalated"),
    "interrupted": Change("n_interruptions > 0", "n_interruptions", "n_interruptions"),
    "delayed": Change("n_delays > 0", "n_delays", "n_delays"),
    "omitted": Change("n_omissions > 0", "n_omissions", "n_omissions"),
    "low_intensity": Change(f"rdi_pct < {LOW_INTENSITY_PERCENT}", "rdi_pct"),
    "above_planned": Change("is_rdi_above_max", "is_rdi_above_max"),
    "ongoing": Change("is_ongoing", "is_ongoing"),
}
MEASURES = ("rdi_pct", "rdi_label_pct", DURATION, "cycles_started", "cycles_completed")
"""Measured columns of marts.dosing that are summarised."""


def component_place(component: str, variable: str | None = None, level: str | None = None) -> Place:
    """Where a number about one index component stands."""
    return Place(DOSING, None, "component", component, variable, level)


def analyse_dosing(marts: StudyMarts, conventions: Conventions, record: Recorder) -> None:
    """Doses, changes, intensity, duration and cycles of every component, of patients with a dated dose of it."""
    for component, patients in marts.select(
        f"select component, count(*) from {SOURCE} where study_id = ? and variant = ? group by component order by all"
    ):
        record.add(component_place(component), "n", patients, source=SOURCE)
        _record_initial_doses(marts, component, patients, record)
        for name, change in CHANGES.items():
            _record_change(marts, component, name, change, record)
        for name in MEASURES:
            values = marts.select(
                f"select {name}::double from {SOURCE} where study_id = ? and variant = ? and component = ?", component
            )
            record_numbers(record, component_place(component, name), _known(values), conventions, source=SOURCE)


def analyse_disposition(marts: StudyMarts, conventions: Conventions, record: Recorder) -> None:
    """Patients still on treatment at the cutoff and each reason for its end, which sum to all; months of treatment."""
    rows = marts.select(f"select reason, count(*) from {ENDS} where study_id = ? and variant = ? group by reason")
    found: dict[str, int] = dict(rows)
    if not rows:
        return
    for reason in REASONS:
        place = Place(DISPOSITION, variable=REASON, variable_level=reason)
        record_count(record, place, found.get(reason, 0), marts.n, source=ENDS)
    months = marts.select(f"select {DURATION} from {ENDS} where study_id = ? and variant = ?")
    record_numbers(record, Place(DISPOSITION, variable=DURATION), _known(months), conventions, source=ENDS)


def _record_initial_doses(marts: StudyMarts, component: str, patients: int, record: Recorder) -> None:
    """Patients at each first dose in mg, the largest first, of all whose first dose is known."""
    doses = marts.select(
        "select initial_mg::double, count(*) from marts.dosing where study_id = ? and variant = ? and component = ? "
        "and initial_mg is not null group by all order by all desc",
        component,
    )
    known = sum(count for _, count in doses)
    for milligrams, count in doses:
        place = component_place(component, INITIAL_DOSE, f"{milligrams:g}")
        record_count(record, place, count, known, source=SOURCE)
    record.add(component_place(component, INITIAL_DOSE), "n_missing", patients - known, source=SOURCE)


def _record_change(marts: StudyMarts, component: str, name: str, change: Change, record: Recorder) -> None:
    count, known, times = marts.select(
        f"select count(*) filter ({change.condition}), count({change.known}), sum({change.times or 'null'})::bigint "
        f"from {SOURCE} where study_id = ? and variant = ? and component = ?",
        component,
    )[0]
    record_count(record, component_place(component, name), count, known, source=SOURCE)
    if change.times is not None:
        record.add(component_place(component, name), "n_times", times or 0, source=SOURCE, n=known)


def _known(rows: list[Record]) -> Floats:
    """The values of one selected column that are not null."""
    return np.array([value for (value,) in rows if value is not None], dtype=np.float64)
