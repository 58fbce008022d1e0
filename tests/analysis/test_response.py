"""Response to its end: confirmed, depth, onset, duration, subgroups, and one lane a patient."""

from collections.abc import Iterable

import duckdb
import pytest

from analysis import Place, Results, analyse
from models.protocol import Protocol, parse_protocol
from tests.analysis.study_marts import PARAMETERS, Patient, build, insert_columns
from tests.analysis.test_edge_cases import PROTOCOL

INDEX = "2020-01-01"
MONTH = 30.4375


@pytest.fixture
def staged() -> Protocol:
    """A study by stage, whose index date is the first of January 2020 for everybody."""
    return parse_protocol(PROTOCOL, "edge.toml")


def analysed(protocol: Protocol, patients: Iterable[Patient], *timepoints: dict[str, object]) -> Results:
    """Analyse patients, with rows of marts.tumour_timepoints beside them."""
    with duckdb.connect() as connection:
        build(connection, protocol, patients)
        for row in timepoints:
            insert_columns(connection, protocol, "marts.tumour_timepoints", **row)
        return analyse(connection, protocol, PARAMETERS)


def patient(key: str, bor: str, change: float | None = None, stage: str | None = "II", **response: object) -> Patient:
    depth = {"best_pct_base": change, "depth_status": "NO_COMPLETE_SUM" if change is None else "MEASURED"}
    times = {"OS": (400, False)} | ({"TTR": (50, True), "DOR": (200, True)} if bor in ("CR", "PR") else {})
    covariates = {"age": 60.0, "stage": stage}
    return Patient(key, covariates, bor=bor, times=times, response={**depth, **response})


def lanes(results: Results, analysis: str) -> list[Place]:
    return list(results.places(analysis, "lane"))


def test_the_paper_s_response_comes_out_to_its_end(results: Results) -> None:
    """Time to response 1.6 months, duration 6.6 with 7 of 19 (36.8%, 16.5 to 57.5) at 12 months, mean change -8.07%."""
    onset, duration = Place("time_to_response", "TTR"), Place("survival", "DOR")
    assert round(results.number(onset, "median").value or 0, 1) == 1.6
    assert round(results.number(duration, "median").value or 0, 1) == 6.6
    rate = [results.number(duration, name, 12.0).value or 0 for name in ("rate", "rate_lower", "rate_upper")]
    assert [round(value, 1) for value in rate] == [36.8, 16.5, 57.5]
    assert round(results.number(Place("waterfall"), "mean").value or 0, 2) == -8.07
    assert results.number(Place("waterfall"), "n").value == 82


def test_responders_have_one_duration_and_one_onset_each(results: Results) -> None:
    """Responders, rows of DOR and rows of TTR are one number (rule R9.10)."""
    counts = {results.number(place, "n").value for place in (
        Place("response", variable="orr"), Place("survival", "DOR"), Place("time_to_response", "TTR")
    )}  # fmt: skip
    assert counts == {19}


def test_a_response_that_was_not_seen_again_is_not_confirmed(staged: Protocol) -> None:
    """Two partial responses, one confirmed: ORR 2 of 4, confirmed 1 of 4, control the same 3 of 4."""
    patients = [
        patient("seen_twice", "PR", -50, confirmed_bor="PR"),
        patient("seen_once", "PR", -40, confirmed_bor="SD"),
        patient("stable", "SD", -5, confirmed_bor="SD"),
        patient("progressed", "PD", 25, confirmed_bor="PD"),
    ]
    results = analysed(staged, patients)
    shares = {
        (analysis, rate): results.number(Place(analysis, variable=rate), "pct").value
        for analysis in ("response", "response_confirmed")
        for rate in ("orr", "dcr")
    }
    assert list(shares.values()) == [50, 75, 25, 75]


def test_clinical_benefit_left_open_is_counted_as_open(staged: Protocol) -> None:
    """Benefit, none, and unknown for want of a date of death: 1 of 3, and one open."""
    patients = [
        patient("long_stable", "SD", -5, is_clinical_benefit=True),
        patient("soon_progressed", "SD", 5, is_clinical_benefit=False),
        patient("died_some_day", "SD", 0, is_clinical_benefit=None),
    ]
    results = analysed(staged, patients)
    place = Place("response", variable="cbr")
    assert [results.number(place, name).value for name in ("n", "total", "n_unknown")] == [1, 3, 1]


def test_waterfall_is_sorted_and_leaves_out_who_was_not_measured(staged: Protocol) -> None:
    """Largest growth first; the unmeasured are counted with the reason, not drawn as 0."""
    patients = [
        patient("shrank", "PR", -45.5),
        patient("grew", "PD", 22, has_new_lesion=True),
        patient("stayed", "SD", 0),
        patient("never_measured", "NE"),
    ]
    results = analysed(staged, patients)
    shown = lanes(results, "waterfall")
    assert [results.number(place, "pct_change").value for place in shown] == [22, 0, -45.5]
    assert [results.number(place, "best_response").value_text for place in shown] == ["PD", "SD", "PR"]
    assert [results.number(place, "has_new_lesion").value for place in shown] == [1, 0, 0]
    assert results.number(Place("waterfall", variable="unmeasured", variable_level="NO_COMPLETE_SUM"), "n").value == 1
    assert results.number(Place("waterfall"), "n_shrunk").value == 1


def timepoint(key: str, day: str, change: float, reader: str = "INV", **columns: object) -> dict[str, object]:
    days = {"tp_date": day, "first_date": day, "last_date": day}
    row = {"reader": reader, "is_baseline": False, "pct_base": change, "new_lesion": "NONE"}
    return {"centre_id": "hospital_a", "patient_key": key, **days, **row, **columns}


def test_a_course_ends_with_progression_and_comes_from_one_reader(staged: Protocol) -> None:
    """Baseline, the other reader's sums and sums after the window are left out; months count the index day as one."""
    followed = patient("followed", "SD", -20, best_sum_date="2020-02-26", window_end_date="2020-06-17",
                       response_source="INDEPENDENT")  # fmt: skip
    course = (
        timepoint("followed", "2019-12-28", 0, "IND", is_baseline=True),
        timepoint("followed", "2020-02-26", -20, "IND"),
        timepoint("followed", "2020-02-26", -20, "INV"),
        timepoint("followed", "2020-04-22", -35, "INV"),
        timepoint("followed", "2020-06-17", 25, "IND", new_lesion="UNEQUIVOCAL"),
        timepoint("followed", "2020-08-12", 60, "IND"),
    )
    results = analysed(staged, [followed], *course)
    (lane,) = lanes(results, "spider")
    drawn = [(row.time_months, row.value) for row in results.of(lane, "pct_change")]
    assert drawn == [(57 / MONTH, -20), (169 / MONTH, 25)]
    assert [row.time_months for row in results.of(lane, "has_new_lesion")] == [169 / MONTH]


def test_a_swimmer_s_marks_fall_on_the_days_of_the_endpoints(staged: Protocol) -> None:
    """Bar of 100 days, response and progression at their days, death at the time of overall survival."""
    died = Patient("died", {"stage": "II"}, bor="PR", times={"OS": (366, True), "TTR": (50, True)})
    goes_on = Patient("goes_on", {"stage": "II"}, bor="SD", times={"OS": (700, False)})
    with duckdb.connect() as connection:
        build(connection, staged, [died, goes_on])
        for key, reason, days in (("died", "PD", 100), ("goes_on", "ONGOING", 700)):
            who = {"centre_id": "hospital_a", "patient_key": key}
            columns = {"reason": reason, "duration_months": days / MONTH}
            insert_columns(connection, staged, "marts.disposition", **who, **columns)
        for event, day in (("FIRST_RESPONSE", "2020-02-19"), ("FIRST_PROGRESSION", "2020-04-10")):
            who = {"centre_id": "hospital_a", "patient_key": "died", "event": event, "event_date": day}
            insert_columns(connection, staged, "marts.event_dates", **who)
        results = analyse(connection, staged, PARAMETERS)
    longest, shorter = lanes(results, "swimmer")
    assert results.number(longest, "is_ongoing").value == 1
    assert not results.has(longest, "progression_months")
    wanted = {"treatment_months": 100, "response_months": 50, "progression_months": 101, "followed_months": 366}
    found = {name: (results.number(shorter, name).value or 0) * MONTH for name in wanted}
    assert found == pytest.approx(wanted)
    assert [results.number(shorter, name).value for name in ("has_died", "is_ongoing")] == [1, 0]


def test_no_lane_names_its_patient(results: Results) -> None:
    """Nothing in the results holds a patient's key."""
    keys = {f"P{number:03d}" for number in range(1, 88)}
    words = {str(part) for row in results.rows for part in (row.variable_level, row.group_level, row.value_text)}
    assert not keys & words


def test_subgroups_show_who_has_no_level_and_leave_them_out_of_the_test(staged: Protocol) -> None:
    """Stage II 3 of 4, III 1 of 4: P 0.486 (Fisher's tea); a missing and an unlisted stage stand beside them."""
    patients = [
        *(patient(f"two_{number}", "PR" if number else "SD", -40, "II") for number in range(4)),
        *(patient(f"three_{number}", "SD" if number else "PR", -40, "III") for number in range(4)),
        patient("stage_unknown", "PR", -40, None),
        patient("stage_unlisted", "PD", 30, "X"),
    ]
    results = analysed(staged, patients)
    counts = {
        place.group_level: (results.number(place, "n").value, results.number(place, "total").value)
        for place in results.places("response_by", "orr")
        if place.group_level
    }
    assert counts == {"II": (3, 4), "III": (1, 4), "IV": (0, 0), "Missing": (1, 1), "Other": (0, 1)}
    test = results.number(Place("response_by", None, "stage", None, "orr"), "p_value")
    assert test.value == pytest.approx(34 / 70)
    assert "Fisher" in (test.method or "")


def test_lanes_that_nobody_could_tell_apart_are_not_drawn(staged: Protocol) -> None:
    """Of 301 patients the counts are kept, and no figure has a lane."""
    results = analysed(staged, [patient(f"one_of_many_{number}", "SD", -5) for number in range(301)])
    assert lanes(results, "waterfall") == []
    assert results.number(Place("waterfall"), "n").value == 301
