"""Builds the marts of dosing, disposition and adverse events, from patients as plain rows."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from models.protocol import Protocol
from tests.analysis.study_marts import insert

TERMS = {
    "ae_fatigue": "Fatigue",
    "ae_hypertension": "Hypertension",
    "ae_nausea_vomiting": "Nausea and vomiting",
    "ae_anemia": "Anemia",
    "ae_hand_foot": "Hand-foot syndrome",
    "ae_liver": "Liver function abnormality",
    "ae_hypothyroidism": "Hypothyroidism",
    "ae_proteinuria": "Proteinuria",
    "ae_pneumonia": "Pneumonia (infectious)",
    "ae_mucositis": "Mucositis oral",
    "ae_rash": "Rash",
    "ae_hemorrhage": "Hemorrhage",
}
REASONS = {
    "on treatment": "ONGOING",
    "progression or death": "PD",
    "lost to follow-up": "LOST",
    "adverse event": "AE",
}


@dataclass(frozen=True)
class Summed:
    """A row of marts.adverse_event_summary as one would count it by hand."""

    term: str
    mild: int = 0
    severe: int = 0
    ungraded: int = 0
    undetermined: int = 0
    scope: str = "TRAE"


def insert_summary(
    connection: duckdb.DuckDBPyConnection, protocol: Protocol, n_safety: int, rows: Iterable[Summed]
) -> None:
    """Add rows of marts.adverse_event_summary."""
    for row in rows:
        counts = (row.mild + row.severe + row.ungraded, row.mild, row.severe, row.ungraded, row.undetermined)
        insert(connection, protocol, "marts.adverse_event_summary", row.scope, row.term, n_safety, *counts)


def insert_event(
    connection: duckdb.DuckDBPyConnection, protocol: Protocol, patient: str, grade: int, certainty: str = "CERTAIN"
) -> None:
    """Add one related, emergent event that is not immune-related."""
    row = ("hospital_a", patient, "Fatigue", certainty, grade, grade, "Y", "Y", "N", "Y")
    insert(connection, protocol, "marts.adverse_events", *row)


def escc87_treatment(connection: duckdb.DuckDBPyConnection, protocol: Protocol, table: Path) -> None:
    """Adverse events, disposition and anlotinib doses of the 87 patients, as far as their table holds them."""
    with table.open(encoding="utf-8") as file:
        patients = list(csv.DictReader(file))
    summed = [_summed(term, [int(row[column]) for row in patients]) for column, term in TERMS.items()]
    worst = [max(int(row[column]) for column in TERMS) for row in patients]
    insert_summary(connection, protocol, len(patients), [*summed, _summed("ANY_TRAE", worst)])
    for row in patients:
        _insert_treatment(connection, protocol, row)


def _summed(term: str, grades: list[int]) -> Summed:
    """Nobody's worst grade, grade 0, is no event."""
    return Summed(term, mild=sum(grade in (1, 2) for grade in grades), severe=sum(grade >= 3 for grade in grades))


def _insert_treatment(connection: duckdb.DuckDBPyConnection, protocol: Protocol, row: Mapping[str, str]) -> None:
    who, months = ("hospital_a", row["patient_id"]), float(row["treatment_months"])
    reason = REASONS[row["treatment_status"]]
    insert(connection, protocol, "marts.disposition", *who, reason, months)
    insert_doses(connection, protocol, row["patient_id"], initial_mg=float(row["anlotinib_mg"]), months=months)


def insert_doses(
    connection: duckdb.DuckDBPyConnection,
    protocol: Protocol,
    patient: str,
    *,
    initial_mg: float | None = 12.0,
    months: float | None = 6.0,
    reductions: int | None = 0,
    for_toxicity: int = 0,
    intensity: float | None = 100.0,
) -> None:
    """Add a patient's anlotinib: reductions None means doses of which nobody can tell, as by body size."""
    reduced = None if reductions is None else "Y" if reductions else "N"
    changes = (reduced, reduced and "N", reductions, for_toxicity, (reductions or 0) - for_toxicity, 0, 0, 0)
    row = ("hospital_a", patient, "anlotinib", initial_mg, *changes, 9, 8, months, intensity, intensity, False, False)
    insert(connection, protocol, "marts.dosing", *row)
