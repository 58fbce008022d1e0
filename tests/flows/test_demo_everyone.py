"""The hidden truth of everyone screened, recovered from raw files: lines, eligibility, response, events, dosing, harm.

Patients whom the paper's study refuses are looked at through studies of `tests/flows/studies`. What is not recovered
stands in `MISSES` with its reason, and nothing else may be missed.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest

from tests.flows import recovery
from tests.flows.recovery import PAPER, STUDIES, Row, derived
from tests.flows.truth import Truth, read_truth

MISSES: dict[str, dict[str, str]] = {}
"""Table of truth to situation to why the rules cannot give back what was meant."""

COLUMNS_OF_THE_TABLE = {
    "Fatigue": "fatigue",
    "Hypertension": "hypertension",
    "Nausea and vomiting": "nausea_vomiting",
    "Anemia": "anemia",
    "Hand-foot syndrome": "hand_foot",
    "Liver function abnormality": "liver",
    "Hypothyroidism": "hypothyroidism",
    "Proteinuria": "proteinuria",
    "Pneumonia (infectious)": "pneumonia",
    "Mucositis oral": "mucositis",
    "Rash": "rash",
    "Hemorrhage": "hemorrhage",
}
LABORATORY_CODES = {"HGB": "HB", "CREAT": "CREA", "ANC": "NEUT", "POTASSIUM": "K", "SODIUM": "NA"}
ENDINGS = {
    "ONGOING": "on treatment",
    "PD": "progression or death",
    "DEATH": "progression or death",
    "AE": "adverse event",
    "LOST": "lost to follow-up",
}


@pytest.fixture(scope="module")
def warehouse(studies_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(studies_home / "current" / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def truth(demo_home: Path, studies_home: Path) -> Truth:
    with duckdb.connect(str(studies_home / "current" / "build.duckdb"), read_only=True) as build:
        return read_truth(demo_home, build)


def compare(truth: Truth, topic: str, expected: Mapping[str, object], found: Mapping[str, object]) -> None:
    """Both are the same but for what `MISSES` excuses."""
    recovery.compare(truth, MISSES.get(topic, {}), (expected, found))


def test_every_line_of_everybody(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """Start, regimen, setting and counting of every line of every patient screened come back, and no other line."""
    compare(truth, "lines", *recovery.lines(warehouse, truth))


def test_every_criterion_of_everybody(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """MET, NOT_MET or UNKNOWN: the ten statuses of all four hundred are those that they were made for."""
    compare(truth, "criteria", *recovery.criteria(warehouse, truth))


@pytest.mark.parametrize("study", STUDIES)
def test_index_dates(warehouse: duckdb.DuckDBPyConnection, truth: Truth, study: str) -> None:
    """Everyone who has an index date is found with that date, and nobody else."""
    compare(truth, "index", *recovery.index_dates(warehouse, truth, study))


@pytest.mark.parametrize("study", STUDIES)
def test_best_responses(warehouse: duckdb.DuckDBPyConnection, truth: Truth, study: str) -> None:
    """Source, best response, first response and deepest change come back from readings and lesions of two readers."""
    compare(truth, "best_response", *recovery.best_responses(warehouse, truth, study))


@pytest.mark.parametrize("endpoint", ["pfs", "os"])
@pytest.mark.parametrize("study", STUDIES)
def test_survival(warehouse: duckdb.DuckDBPyConnection, truth: Truth, study: str, endpoint: str) -> None:
    """Days and censoring codes come back, from deaths of three sources and progressions of the preferred reader."""
    compare(truth, endpoint, *recovery.survival(warehouse, truth, study, endpoint))


@pytest.mark.parametrize("event", recovery.EVENTS)
def test_events(warehouse: duckdb.DuckDBPyConnection, truth: Truth, event: str) -> None:
    """First progression and next therapy of everyone with the combination stand on the day they were told for."""
    compare(truth, event, *recovery.events(warehouse, truth, event))


@pytest.mark.parametrize("component", ["anlotinib", "pd1"])
def test_dosing(warehouse: duckdb.DuckDBPyConnection, truth: Truth, component: str) -> None:
    """Doses, steps down and their reason, delays, omissions and milligrams come back, for all whose dosing was told."""
    expected = {
        key: (
            *(row[name] for name in ("initial_mg", "lowest_mg", "reductions", "delays", "delay_days", "omissions")),
            *(row["given_mg"], row["last_day"], "true" if row["for_toxicity"] == "1" else "false"),
        )
        for key, of_patient in truth.tables["dosing"].items()
        for row in of_patient
        if (row["component"] == "anlotinib") == (component == "anlotinib")
    }
    columns = "initial_mg::int, min_mg::int, n_reductions, n_delays, delay_days, n_omissions, total_mg::int"
    columns += ", last_dose_date, n_toxicity_reductions > 0"
    found = derived(warehouse, "dosing", columns, "all_indexed", f"component = '{component}' and doses_given > 0")
    assert len(expected) > 250
    compare(truth, f"dosing_{component}", expected, {key: row for key, row in found.items() if key in expected})


def test_why_treatment_ended(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """Eleven go on, sixty-three progressed or died, six stopped for toxicity and seven were lost: who did which."""
    expected = {key: row["treatment_status"] for key, row in truth.patients.items() if row["eligible"] == "1"}
    reasons = derived(warehouse, "disposition", "reason", PAPER)
    compare(truth, "disposition", expected, {key: ENDINGS.get(str(reason)) for key, (reason,) in reasons.items()})


def test_related_adverse_events(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """Worst related grades by group come back from Chinese words: of the 87 they are the table of the paper."""
    rows = warehouse.execute(
        """select patient_key, grouped_term, max(te_grade) from marts.adverse_events
        where study_id = 'all_indexed' and variant = 'primary' and traefl = 'Y' group by all"""
    ).fetchall()
    found: dict[str, dict[str, int]] = {}
    for key, group, grade in rows:
        found.setdefault(key, {})[COLUMNS_OF_THE_TABLE.get(group, group)] = grade
    expected = {
        key: {row["term"]: int(row["grade"]) for row in of_patient}
        for key, of_patient in truth.tables["adverse_events"].items()
    }
    compare(truth, "adverse_events", expected, found)


@pytest.mark.parametrize("test", ["ALT", "AST", "TBIL", "CREAT", "HGB", "ANC", "PLT", "POTASSIUM", "SODIUM"])
def test_laboratory_grades(warehouse: duckdb.DuckDBPyConnection, truth: Truth, test: str) -> None:
    """Worst grades after index come back from two analysers' units and from results that nobody can grade."""
    where = f"test = '{test}' and is_post_baseline and grade is not null"
    compare(truth, test, worst(truth, LABORATORY_CODES.get(test, test)), worst_grades(warehouse, where))


def test_proteinuria_and_thyroid(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """A day's collection overrules the dipstick, and high thyrotropin is worse once it is treated."""
    proteinuria = "ctcae_term = 'Proteinuria' and is_post_baseline and grade is not null"
    compare(truth, "U-PRO", worst(truth, "U-PRO"), worst_grades(warehouse, proteinuria))
    thyroid = "ctcae_term = 'Hypothyroidism' and is_post_baseline and grade is not null"
    compare(truth, "TSH", worst(truth, "TSH"), worst_grades(warehouse, thyroid))


def test_hypertension(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """Two days make a grade, one day makes at most grade 2, and a high pressure from before is told as it is."""
    found = derived(warehouse, "blood_pressure_grades", "derived_grade", "all_indexed", "derived_grade is not null")
    compare(truth, "BP", worst(truth, "BP"), found)


def worst(truth: Truth, test: str) -> dict[str, Row]:
    """Worst grades of a test that were told for everyone with the combination."""
    with_index = truth.events("combination")
    return {
        key: (row["worst_grade"],)
        for key, of_patient in truth.tables["lab_grades"].items()
        for row in of_patient
        if row["test"] == test and key in with_index
    }


def worst_grades(warehouse: duckdb.DuckDBPyConnection, where: str) -> dict[str, Row]:
    """Worst derived grades by patient."""
    rows = warehouse.execute(
        f"""select patient_key, max(grade)::varchar from marts.laboratory_grades
        where study_id = 'all_indexed' and variant = 'primary' and {where} group by all"""
    ).fetchall()
    return {key: (grade,) for key, grade in rows}
