"""Earlier checkpoint inhibitors and landmarks, from patients drawn for one question each."""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from analysis import Place, Results, analyse, write_report
from models.protocol import Protocol, parse_protocol
from tests.analysis.study_marts import PARAMETERS, Patient, build, insert
from tests.analysis.test_edge_cases import PROTOCOL


@pytest.fixture
def staged() -> Protocol:
    """A study of overall survival with response."""
    return parse_protocol(PROTOCOL, "edge.toml")


def study(protocol: Protocol, patients: Iterable[Patient], folder: Path) -> Results:
    """Analyse and print."""
    included = list(patients)
    with duckdb.connect() as connection:
        build(connection, protocol, included)
        counts = (len(included), 0, 0, 0, len(included))
        insert(connection, protocol, "marts.attrition", 1, "I1", "INCLUSION", "Diagnosed", *counts)
        results = analyse(connection, protocol, PARAMETERS)
    write_report(results, protocol, {"release_id": "small"}, folder)
    return results


def pretreated(key: str, ici_class: str, tfi: float | None, bor: str = "SD", conforms: str = "Y") -> Patient:
    ici = {"ici_class": ici_class, "conforms_protocol": conforms, "washout_days": 40}
    times = {"OS": (300, True)}
    return Patient(key, {"stage": "II"}, bor=bor, times=times, prior_ici="Y", tfi_months=tfi, ici=ici)


def test_classes_intervals_and_outcomes_of_rechallenge(staged: Protocol, tmp_path: Path) -> None:
    """Two rechallenged with the same agent (one responds), one switched at an unknown day, one naive."""
    patients = [
        pretreated("same_after_three", "RECHALLENGE_SAME", 3.0, "PR"),
        pretreated("same_after_seven", "RECHALLENGE_SAME", 7.0),
        pretreated("switched_some_day", "RECHALLENGE_SWITCH", None, conforms="U"),
        Patient("naive", {"stage": "II"}, bor="SD", times={"OS": (200, True)}, ici={"ici_class": "NAIVE"}),
    ]
    results = study(staged, patients, tmp_path)
    classes = {
        place.variable_level: results.number(place, "n").value for place in results.places("rechallenge", "ici_class")
    }
    assert {name: count for name, count in classes.items() if count} == {
        "RECHALLENGE_SAME": 2,
        "RECHALLENGE_SWITCH": 1,
        "NAIVE": 1,
    }
    answers = [
        results.number(Place("rechallenge", variable="conforms_protocol", variable_level=answer), "n").value
        for answer in ("Y", "N", "U")
    ]
    assert answers == [2, 0, 1]
    interval = Place("treatment_free_interval")
    assert [results.number(interval, name).value for name in ("n", "min", "median", "max")] == [2, 3, 5, 7]
    bars = Place("treatment_free_interval", None, "ici_class", "RECHALLENGE_SAME")
    assert [(row.time_months, row.value) for row in results.of(bars, "n_in_step")] == [(0, 0), (3, 1), (6, 1)]
    outcome = Place("rechallenge_outcomes", None, "ici_class", "RECHALLENGE_SAME", "orr")
    assert results.number(outcome, "pct").value == 50
    survival = Place("rechallenge_outcomes", "OS", "ici_class", "RECHALLENGE_SAME")
    assert results.number(survival, "n_events").value == 2


def followed(key: str, days: int, died: bool, responded_on: int | None = None) -> Patient:
    times = {"OS": (days, died)} | ({} if responded_on is None else {"TTR": (responded_on, True), "DOR": (30, True)})
    return Patient(key, {"stage": "II"}, bor="SD" if responded_on is None else "PR", times=times)


def test_a_landmark_counts_who_is_out_and_why(staged: Protocol, tmp_path: Path) -> None:
    """Two months are 60.9 days: a later response is none yet, and survival runs from there."""
    patients = [
        followed("responded_in_time", 400, died=True, responded_on=45),
        followed("responded_later", 500, died=False, responded_on=90),
        followed("never_responded", 200, died=True),
        followed("died_before", 40, died=True),
        followed("responded_and_died_before", 55, died=True, responded_on=50),
        followed("lost_before", 30, died=False),
    ]
    results = study(staged, patients, tmp_path)
    place = Place("landmark", "OSLM2")
    names = ("n", "n_died_before", "n_censored_before", "n_responded_and_out")
    assert [results.number(place, name).value for name in names] == [3, 2, 1, 1]
    groups = {
        label: results.number(Place("survival", "OSLM2", "response_at_landmark", label), "n").value
        for label in ("Responders", "Non-responders")
    }
    assert groups == {"Responders": 1, "Non-responders": 2}
    responders = Place("survival", "OSLM2", "response_at_landmark", "Responders")
    assert results.number(responders, "median").value == pytest.approx(400 / 30.4375 - 2)
    assert results.number(Place("landmark", "OSLM3"), "n").value == 3


def test_a_landmark_with_one_group_says_so(staged: Protocol, tmp_path: Path) -> None:
    """Nobody responded: no ratio and no test, but a curve and a printed report."""
    results = study(staged, [followed(f"died_{day}", day, died=True) for day in (100, 200, 300)], tmp_path)
    ratio = results.number(Place("landmark", "OSLM2", "response_at_landmark", "Responders"), "hr")
    assert ratio.value_text == "not estimable: one group only"
    assert "Non-responders" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_survival_by_response_from_index_is_nowhere(results: Results) -> None:
    """No curve of the results splits the patients by response before the landmark (rule R9.7)."""
    split = {place.group_name for place in results.places("survival") if not (place.endpoint or "").startswith("OSLM")}
    assert split == {None, "ecog", "prior_ici", "met_sites", "second_line"}
