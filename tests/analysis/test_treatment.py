"""Adverse events, dosing and the end of treatment, as counted from their marts."""

from pathlib import Path

import duckdb
import pytest

from analysis import Place, Results
from analysis.ard import Recorder
from analysis.conventions import read_conventions
from analysis.estimates.dosing import analyse_disposition, analyse_dosing, component_place
from analysis.estimates.safety import FATAL, MILD, SEVERE, UNDETERMINED, UNGRADED, analyse_adverse_events, event_place
from analysis.marts import StudyMarts
from models.protocol import Protocol
from tests.analysis.study_marts import PARAMETERS, Patient, build
from tests.analysis.treatment_marts import (
    Summed,
    escc87_treatment,
    insert_doses,
    insert_event,
    insert_summary,
)


def treated(connection: duckdb.DuckDBPyConnection, protocol: Protocol) -> Results:
    """The analyses of treatment alone."""
    marts = StudyMarts(connection, protocol.study.id, "primary")
    record = Recorder(protocol.study.id, "primary")
    conventions = read_conventions(PARAMETERS)
    analyse_adverse_events(marts, record)
    analyse_dosing(marts, conventions, record)
    analyse_disposition(marts, conventions, record)
    return record.results()


@pytest.fixture
def empty_marts(protocol: Protocol) -> duckdb.DuckDBPyConnection:
    """Marts of a study without a patient."""
    connection = duckdb.connect()
    build(connection, protocol, [])
    return connection


@pytest.fixture(scope="module")
def of_87(root: Path, protocol: Protocol) -> Results:
    """The 87 patients of the published study."""
    table = root / "demo" / "escc87.csv"
    with duckdb.connect() as connection:
        build(connection, protocol, [Patient(f"patient_{number}") for number in range(87)])
        escc87_treatment(connection, protocol, table)
        return treated(connection, protocol)


def n(results: Results, place: Place) -> float | None:
    return results.number(place, "n").value


@pytest.mark.parametrize(
    ("term", "mild", "severe"),
    [
        ("Fatigue", 48, 5),
        ("Hypertension", 33, 13),
        ("Nausea and vomiting", 36, 5),
        ("Anemia", 35, 3),
        ("Hand-foot syndrome", 27, 6),
        ("Liver function abnormality", 22, 7),
        ("Hypothyroidism", 23, 2),
        ("Proteinuria", 16, 3),
        ("Pneumonia (infectious)", 14, 4),
        ("Mucositis oral", 11, 1),
        ("Rash", 9, 0),
        ("Hemorrhage", 5, 0),
    ],
)
def test_table_3_holds_the_published_counts(of_87: Results, term: str, mild: int, severe: int) -> None:
    """Grade 1-2 and grade 3 or more by term, as the published Table 3 prints them."""
    assert [n(of_87, event_place("TRAE", term, level)) for level in (MILD, SEVERE)] == [mild, severe]


def test_terms_stand_by_falling_frequency_below_the_row_of_any_event(of_87: Results) -> None:
    """Any event first, then fatigue (53) to hemorrhage (5), the order of the published table."""
    terms = list(dict.fromkeys(place.variable for place in of_87.places("adverse_events") if place.variable))
    assert terms[:4] == ["ANY_TRAE", "Fatigue", "Hypertension", "Nausea and vomiting"]
    assert terms[-1] == "Hemorrhage"


def test_any_event_counts_patients_and_not_terms(of_87: Results) -> None:
    """80 of 87 had any event and 44 one of grade 3 or more; the sums over the terms are far larger."""
    any_grade = event_place("TRAE", "ANY_TRAE", "any grade")
    assert (n(of_87, any_grade), n(of_87, event_place("TRAE", "ANY_TRAE", SEVERE))) == (80, 44)
    assert of_87.number(any_grade, "pct").value == pytest.approx(91.954, abs=0.001)


def test_an_event_without_a_grade_is_counted_apart(empty_marts: duckdb.DuckDBPyConnection, protocol: Protocol) -> None:
    """Three rashes of unknown grade are in 'any grade' and in neither grade column; two doubtful ones are in none."""
    rash = Summed("Rash", mild=4, severe=1, ungraded=3, undetermined=2)
    insert_summary(empty_marts, protocol, 20, [Summed("ANY_TRAE", mild=4, severe=1, ungraded=3), rash])
    results = treated(empty_marts, protocol)
    levels = ("any grade", MILD, SEVERE, UNGRADED, UNDETERMINED)
    assert [n(results, event_place("TRAE", "Rash", level)) for level in levels] == [8, 4, 1, 3, 2]


def test_deaths_from_adverse_events_are_patients_with_a_certain_event_of_grade_5(
    empty_marts: duckdb.DuckDBPyConnection, protocol: Protocol
) -> None:
    """Two fatal events of one patient are one death; a doubtful one is none."""
    insert_summary(empty_marts, protocol, 3, [Summed("ANY_TRAE", severe=2)])
    insert_event(empty_marts, protocol, "died_of_bleeding", 5)
    insert_event(empty_marts, protocol, "died_of_bleeding", 5)
    insert_event(empty_marts, protocol, "grade_four", 4)
    insert_event(empty_marts, protocol, "may_have_died_of_it", 5, "UNCERTAIN")
    assert n(treated(empty_marts, protocol), event_place("TRAE", "ANY_TRAE", FATAL)) == 1


def test_a_study_without_treatment_has_no_rows_of_it(
    empty_marts: duckdb.DuckDBPyConnection, protocol: Protocol
) -> None:
    """Nobody treated: a safety population of nobody and nothing else."""
    rows = treated(empty_marts, protocol).rows
    assert [(row.statistic, row.value) for row in rows] == [("n_safety", 0)]


def test_ends_of_treatment_are_the_published_ones_and_sum_to_all(of_87: Results) -> None:
    """11 on treatment, 63 progression or death, 7 lost, 6 adverse events: 87."""
    found = {
        place.variable_level: n(of_87, place) for place in of_87.places("disposition", "disposition") if n(of_87, place)
    }
    assert found == {"ONGOING": 11, "PD": 63, "LOST": 7, "AE": 6}
    assert sum(value or 0 for value in found.values()) == 87


def test_duration_of_treatment_is_the_published_one(of_87: Results) -> None:
    """Median 4.7 months (0.7 to 22.5)."""
    place = Place("disposition", variable="duration_months")
    assert [of_87.number(place, name).value for name in ("median", "min", "max")] == [4.7, 0.7, 22.5]


def test_initial_doses_are_the_published_ones(of_87: Results) -> None:
    """12 mg in 61 and 10 mg in 26 patients, the larger dose first."""
    levels = [place for place in of_87.places("dosing", "initial_mg") if place.variable_level]
    assert [(place.variable_level, n(of_87, place)) for place in levels] == [("12", 61), ("10", 26)]


def test_reductions_count_patients_and_times_apart(empty_marts: duckdb.DuckDBPyConnection, protocol: Protocol) -> None:
    """One patient was reduced twice for toxicity, one once without a reason, one never: two patients, three times."""
    insert_doses(empty_marts, protocol, "reduced_twice", reductions=2, for_toxicity=2)
    insert_doses(empty_marts, protocol, "reduced_without_a_reason", reductions=1)
    insert_doses(empty_marts, protocol, "never_reduced")
    results = treated(empty_marts, protocol)
    places = [component_place("anlotinib", name) for name in ("reduced", "reduced_for_toxicity", "reduced_unexplained")]
    counts = [(n(results, place), results.number(place, "n_times").value) for place in places]
    assert counts == [(2, 3), (1, 2), (1, 1)]


def test_who_cannot_be_judged_reduced_is_outside_the_percentage(
    empty_marts: duckdb.DuckDBPyConnection, protocol: Protocol
) -> None:
    """Of two patients one is dosed by body size: one reduction is 100% of the one of whom it is known."""
    insert_doses(empty_marts, protocol, "reduced_once", reductions=1)
    insert_doses(empty_marts, protocol, "by_body_size", initial_mg=None, reductions=None, intensity=None)
    results = treated(empty_marts, protocol)
    reduced = component_place("anlotinib", "reduced")
    assert [results.number(reduced, name).value for name in ("n", "total", "pct")] == [1, 1, 100]
    assert results.number(component_place("anlotinib", "initial_mg"), "n_missing").value == 1


def test_an_intensity_of_exactly_80_percent_is_not_below_it(
    empty_marts: duckdb.DuckDBPyConnection, protocol: Protocol
) -> None:
    """79.9 is below 80% and 80.0 is not."""
    for name, intensity in (("below", 79.9), ("exactly", 80.0), ("full", 100.0)):
        insert_doses(empty_marts, protocol, name, intensity=intensity)
    results = treated(empty_marts, protocol)
    assert n(results, component_place("anlotinib", "low_intensity")) == 1
    assert results.number(component_place("anlotinib", "rdi_pct"), "median").value == 80
