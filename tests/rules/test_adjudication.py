"""Review and adjudication: what a rule sends to review, what a decision does, and when it no longer holds."""

from typing import Any

import duckdb
import pytest

from tests.rules import harness

STUDY = harness.protocol().replace(
    "[analysis]",
    """[[criteria]]
id = "E1"
kind = "exclusion"
label = "Brain metastases that are active"
unknown_policy = "exclude"
conditions = [{ type = "no_active_brain_metastasis" }]

[analysis]""",
)
ASKED, SETTLED, REFUSED = "nobody_decided", "decided_after_the_data", "decided_not_met"
BEFORE, STALE, FRESH = "decided_before_newer_rows", "decided_on_other_evidence", "decided_on_this_evidence"
CHANGED_MIND, WITHOUT_INDEX, IMPOSSIBLE = "decided_twice", "never_had_the_combination", "decided_in_other_words"
PATIENTS = (ASKED, SETTLED, REFUSED, BEFORE, STALE, FRESH, CHANGED_MIND, IMPOSSIBLE)


def _drug(patient: str, name: str, **columns: object) -> dict[str, object]:
    return {"patient_id": patient, "raw_name": name, "start_text": "2023-06-01", "source_kind": "ADMIN", **columns}


def _decision(patient: str, value: str, day: str, evidence: str | None = None) -> dict[str, object]:
    who = {"decided_by": "tumour board", "reason": "seen on the outside disc"}
    return {
        "patient_id": patient,
        "rule": "R3.2",
        "item": "E1",
        "value": value,
        "decided_date": day,
        "evidence": evidence,
        **who,
    }


def _fingerprint() -> str:
    """The evidence that the queue prints for a patient whose brain was never imaged."""
    built = harness.run_models("+review_queue", lake=_lake([]), protocols=[STUDY])
    row = built.execute("select distinct evidence from warehouse.quality.review_queue").fetchone()
    assert row
    return str(row[0])


def _lake(decisions: list[dict[str, object]]) -> dict[str, list[harness.Row]]:
    supply = {"source_kind": "DISPENSE", "raw_spec": "12mg", "qty": 14, "units_per_day": 1, "route": "PO"}
    drugs = [_drug(p, "tislelizumab", route="IV") for p in (*PATIENTS, WITHOUT_INDEX)]
    drugs += [_drug(p, "anlotinib", dispense_setting="OUTPATIENT", **supply) for p in PATIENTS]
    return {"drug_row": [*drugs], "adjudication": [*decisions]}


@pytest.fixture(scope="module")
def warehouse() -> duckdb.DuckDBPyConnection:
    """Patients whose brain was never imaged; the rows were extracted on the harness's extract date."""
    fingerprint = _fingerprint()
    decisions = [
        _decision(SETTLED, "MET", str(harness.EXTRACT_DATE)),
        _decision(REFUSED, "NOT_MET", "2025-08-20"),
        _decision(BEFORE, "MET", "2025-07-31"),
        _decision(STALE, "MET", "2025-08-20", "another fingerprint"),
        _decision(FRESH, "MET", "2025-07-31", fingerprint),
        _decision(CHANGED_MIND, "MET", "2025-08-20"),
        _decision(CHANGED_MIND, "NOT_MET", "2025-08-21"),
        _decision(WITHOUT_INDEX, "MET", "2025-08-20"),
        _decision(IMPOSSIBLE, "YES", "2025-08-20"),
    ]
    return harness.run_models("+review_queue +eligibility", lake=_lake(decisions), protocols=[STUDY])


def _by_patient(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    names = {harness.patient_key(patient): patient for patient in (*PATIENTS, WITHOUT_INDEX)}
    return {names[key]: tuple(rest) for key, *rest in connection.execute(query).fetchall()}


def test_the_queue_says_how_each_decision_stands(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Open, expired where newer rows or other evidence came since, decided, impossible, or not asked for at all."""
    found = _by_patient(warehouse, "select patient_key, decision_status from warehouse.quality.review_queue")
    assert {patient: status for patient, (status,) in found.items()} == {
        ASKED: "OPEN",
        SETTLED: "DECIDED",
        REFUSED: "DECIDED",
        BEFORE: "EXPIRED",
        STALE: "EXPIRED",
        FRESH: "DECIDED",
        CHANGED_MIND: "DECIDED",
        IMPOSSIBLE: "INVALID",
        WITHOUT_INDEX: "NOT_ASKED",
    }


def test_only_a_decision_that_holds_changes_a_criterion(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A decided criterion carries the decision and its row; an expired or missing decision leaves it UNKNOWN."""
    found = _by_patient(
        warehouse,
        "select patient_key, status, reason = 'ADJUDICATED', passes, source_table = 'adjudication'"
        " from warehouse.marts.eligibility where criterion_id = 'E1'",
    )
    assert {patient: found[patient][:3] for patient in PATIENTS} == {
        ASKED: ("UNKNOWN", False, False),
        SETTLED: ("MET", True, True),
        REFUSED: ("NOT_MET", True, False),
        BEFORE: ("UNKNOWN", False, False),
        STALE: ("UNKNOWN", False, False),
        FRESH: ("MET", True, True),
        CHANGED_MIND: ("NOT_MET", True, False),
        IMPOSSIBLE: ("UNKNOWN", False, False),
    }
    assert found[SETTLED][3] is True


def test_nobody_is_asked_about_a_patient_whom_something_else_excludes(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A patient without an index date is out whatever the brain holds; a decision on it stands alone, of no study."""
    rows = warehouse.execute(
        "select study_id, value from warehouse.quality.review_queue where patient_key = ?",
        [harness.patient_key(WITHOUT_INDEX)],
    ).fetchall()
    assert rows == [(None, None)]
