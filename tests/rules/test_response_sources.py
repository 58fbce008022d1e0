"""Response after the index date: baseline, choice of source, agreement, depth and benefit (rules R5.1.3 to R5.5)."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.rules import harness
from tests.rules.response_courses import (
    DEATHS,
    INDEX,
    LESIONS,
    NEVER_READ,
    RADIOTHERAPY,
    RESPONSES,
    SCANS,
    day,
    patients,
)

DROPS = harness.protocol({"rule_breaking_targets": "DROP"}).replace('"rule_cases"', '"without_rule_breakers"')
RADIOTHERAPY_ENDS = harness.protocol({"rt_to_target_ends_window": "Y"}).replace(
    '"rule_cases"', '"radiotherapy_ends_the_window"'
)
STUDIES = [harness.protocol(), DROPS, RADIOTHERAPY_ENDS]


@pytest.fixture(scope="module")
def warehouse() -> duckdb.DuckDBPyConnection:
    """The published tables of two studies, every patient with the same index date."""
    index_rows = [
        {
            "param_set_id": param_set_id,
            "centre_id": harness.CENTRE,
            "patient_key": harness.patient_key(patient),
            "index_date": INDEX,
            "index_status": "OK",
            "data_cutoff": date(2025, 7, 5),
            "reference_date": INDEX,
        }
        for param_set_id in {harness.param_set("R3", study) for study in STUDIES}
        for patient in patients()
    ]
    return harness.run_models(
        "+adrs +adtr +survival_times +int_reviews_response",
        lake={
            "patient": [{"patient_id": patient} for patient in patients()],
            "lesion": LESIONS,
            "response": RESPONSES,
            "death": DEATHS,
            "procedure": RADIOTHERAPY,
            "scan": SCANS,
        },
        protocols=STUDIES,
        replaced={"int_index": index_rows},
    )


def rows(connection: duckdb.DuckDBPyConnection, table: str, patient: str, columns: str, order: str = "1") -> list[Any]:
    """Columns of one patient's rows of the plain study."""
    query = f"select {columns} from {table} where patient_key = ? and study_id = 'rule_cases' order by {order}"
    return connection.execute(query, [harness.patient_key(patient)]).fetchall()


def best(connection: duckdb.DuckDBPyConnection, patient: str, columns: str) -> tuple[Any, ...]:
    (only,) = rows(connection, "warehouse.marts.best_response", patient, columns)
    return tuple(only)


def responses_of(connection: duckdb.DuckDBPyConnection, patient: str, reader: str = "INV") -> list[str]:
    found = rows(connection, "warehouse.marts.tumour_timepoints", patient, "tp_date, reader, tp_response")
    return [response for _, of, response in found if of == reader and response]


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ("nothing_recorded", ["PR", "PD"]),
        ("restaged_before_the_index_date", ["SD", "PD"]),
        ("baseline_on_the_43rd_day_before", []),
        ("baseline_on_the_42nd_day_before", ["PD"]),
        ("baseline_after_the_index_date", []),
        ("latest_baseline_incomplete", ["NE", "PD"]),
        ("only_the_chest_was_scanned_again", ["NE", "PD"]),
        ("targets_of_the_line_before_dropped", ["SD"]),
        ("next_course_has_new_targets", ["SD"]),
    ],
)
def test_responses_are_relative_to_the_baseline_of_the_index_date(
    warehouse: duckdb.DuckDBPyConnection, patient: str, expected: list[str]
) -> None:
    """R5.1.3: the latest complete time point of the 42 days up to index is baseline; without one nothing is derived."""
    assert responses_of(warehouse, patient) == expected


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ("baseline_on_the_42nd_day_before", (day(-42), "LATE")),
        ("baseline_on_the_29th_day_before", (day(-29), "LATE")),
        ("baseline_on_the_28th_day_before", (day(-28), "")),
        ("latest_baseline_incomplete", (day(-30), "LATE")),
        ("scanned_before_the_index_date", (day(-40), "LATE")),
        ("baseline_on_the_43rd_day_before", (None, None)),
        ("read_twice_and_agreed", (None, None)),
    ],
)
def test_an_old_baseline_is_late(
    warehouse: duckdb.DuckDBPyConnection, patient: str, expected: tuple[str | None, str | None]
) -> None:
    """R3.3: imaging of 29 to 42 days before the index date is a baseline, and response data say that it is late."""
    assert best(warehouse, patient, "baseline_imaging_date::varchar, baseline_flag") == expected
    subject = f"rule_cases-{harness.CENTRE}-{harness.patient_key(patient)}"
    flags = warehouse.execute(
        "select distinct bllatefl from warehouse.adam.adrs where usubjid = ?", [subject]
    ).fetchall()
    assert flags == [("Y" if expected[1] == "LATE" else None,)]


def test_sums_say_that_their_baseline_is_late(warehouse: duckdb.DuckDBPyConnection) -> None:
    """R3.3: each time point and each tumour result that is relative to a late baseline carries the flag."""
    patient = "baseline_on_the_29th_day_before"
    assert rows(warehouse, "warehouse.marts.tumour_timepoints", patient, "tp_date, baseline_flag") == [
        (INDEX - timedelta(29), "LATE"),
        (INDEX + timedelta(50), "LATE"),
    ]
    query = "select distinct bllatefl from warehouse.adam.adtr where usubjid = ?"
    subject = f"rule_cases-{harness.CENTRE}-{harness.patient_key(patient)}"
    assert warehouse.execute(query, [subject]).fetchall() == [("Y",)]


def test_who_did_not_progress_is_followed_to_the_last_evaluable_scan(warehouse: duckdb.DuckDBPyConnection) -> None:
    """R5.1.5, R6.2: the response is dated to the targets' scan, censoring to the bone scan that could be evaluated."""
    patient = "bones_scanned_two_days_later"
    response = rows(
        warehouse, "warehouse.marts.tumour_timepoints", patient, "tp_date, last_evaluable_date, tp_response"
    )
    assert response[1] == (INDEX + timedelta(50), INDEX + timedelta(52), "SD")
    censored = rows(warehouse, "warehouse.marts.survival_times", patient, "paramcd, end_date, cnsr")
    assert censored == [("OS", INDEX + timedelta(54), 1), ("PFS", INDEX + timedelta(52), 1)]


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ("nothing_recorded", ("DERIVED", "PR", date(2024, 4, 9))),
        ("restaged_before_the_index_date", ("DERIVED", "SD", date(2024, 4, 19))),
        ("baseline_on_the_43rd_day_before", (None, "MISSING", None)),
        ("next_course_has_new_targets", ("DERIVED", "SD", date(2024, 9, 26))),
        ("recorded_against_the_lesions", ("INVESTIGATOR", "SD", None)),
        ("read_by_both_from_lesions", ("DERIVED", "SD", None)),
        ("independent_lesions_incomplete", ("DERIVED", "PR", date(2024, 4, 19))),
        ("recorded_independently_too_late", ("DERIVED", "SD", date(2024, 4, 19))),
        ("read_twice_and_agreed", ("INDEPENDENT", "PR", date(2024, 4, 26))),
        ("read_twice_and_disputed", ("INDEPENDENT", "PR", date(2024, 6, 8))),
        ("independent_without_a_baseline", ("INVESTIGATOR", "SD", date(2024, 4, 19))),
        ("independent_missed_the_second_time_point", ("INVESTIGATOR", "SD", date(2024, 4, 19))),
        ("independent_from_the_third_scan_on", ("INVESTIGATOR", "SD", date(2024, 6, 8))),
        ("only_read_independently", ("INDEPENDENT", "SD", date(2024, 4, 19))),
        (NEVER_READ, (None, "MISSING", None)),
    ],
)
def test_one_source_counts_for_the_whole_patient(
    warehouse: duckdb.DuckDBPyConnection, patient: str, expected: tuple[object, ...]
) -> None:
    """R5.3: the independent reader who covers the first two time points, else the investigator, else the lesions."""
    assert best(warehouse, patient, "response_source, bor, pd_date") == expected


def test_progression_is_that_of_the_source_that_counts(warehouse: duckdb.DuckDBPyConnection) -> None:
    """R5.3: the investigator's earlier progression does not count where the independent reader does."""
    found = warehouse.execute(
        "select distinct progression_date from intermediate.int_progressions_after_index where patient_key = ?",
        [harness.patient_key("read_twice_and_disputed")],
    ).fetchall()
    assert found == [(date(2024, 6, 8),)]


@pytest.mark.parametrize(
    ("patient", "time_points", "patient_level"),
    [
        ("read_twice_and_agreed", ["AGREE", "AGREE", "AGREE", "AGREE"], ("AGREE", 7)),
        ("read_twice_and_disputed", ["MINOR", "MINOR", "MAJOR", "MAJOR", "MISSING_ONE"], ("MINOR", 50)),
        ("read_by_both_from_lesions", ["MINOR", "MINOR", "MAJOR", "MAJOR"], ("MINOR", None)),
        ("nothing_recorded", [], (None, None)),
    ],
)
def test_readers_are_compared(
    warehouse: duckdb.DuckDBPyConnection, patient: str, time_points: list[str], patient_level: tuple[object, ...]
) -> None:
    """R5.3: each time point says how far the readers agree, and each patient, with the shift of progression in days."""
    found = rows(warehouse, "warehouse.marts.tumour_timepoints", patient, "tp_date, reader, discordance", "1, 2")
    assert [discordance for _, _, discordance in found if discordance] == time_points
    assert best(warehouse, patient, "discordance, pd_shift_days") == patient_level


def test_a_recorded_response_stands_beside_what_the_lesions_say(warehouse: duckdb.DuckDBPyConnection) -> None:
    """R5.3: both are kept, and the difference is named."""
    found = rows(
        warehouse,
        "warehouse.marts.tumour_timepoints",
        "recorded_against_the_lesions",
        "tp_date, tp_response, recorded_response, review",
    )
    assert found[1:] == [(date(2024, 2, 29), "PD", "SD", "RECORDED_DIFFERS")]


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ("nothing_recorded", ("MEASURED", Decimal("-40.0"), date(2024, 2, 21))),
        ("sum_never_complete", ("NO_COMPLETE_SUM", None, None)),
        ("baseline_on_the_43rd_day_before", ("NO_ASSESSMENT", None, None)),
        ("read_twice_and_agreed", ("NO_BASELINE", None, None)),
        ("oesophagus_as_target", ("MEASURED", Decimal("20.0"), date(2024, 2, 29))),
    ],
)
def test_depth_of_response(warehouse: duckdb.DuckDBPyConnection, patient: str, expected: tuple[object, ...]) -> None:
    """R5.5: the smallest complete sum up to progression, or the reason why there is none."""
    assert best(warehouse, patient, "depth_status, best_pct_base, best_sum_date") == expected


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ("stable_for_154_days", True),
        ("progressed_on_day_167", False),
        ("stable_for_153_days", False),
        ("died_on_day_167", False),
        ("died_in_the_month_of_day_168", None),
        ("read_twice_and_agreed", True),
        (NEVER_READ, False),
    ],
)
def test_clinical_benefit(warehouse: duckdb.DuckDBPyConnection, patient: str, expected: bool | None) -> None:
    """R5.5: response, or control without progression or death before day 168 that is seen on or after day 154."""
    assert best(warehouse, patient, "is_clinical_benefit") == (expected,)


def test_targets_that_break_the_rules_are_kept_and_a_variant_leaves_them_out(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """R5.1.4: with the oesophagus the sum grows to progression, without it the liver responds."""
    query = """
        select study_id, n_rule_breaking_targets, sum_mm, tp_response from warehouse.marts.tumour_timepoints
        where patient_key = ? and not is_baseline and study_id <> 'radiotherapy_ends_the_window' order by study_id
    """
    found = warehouse.execute(query, [harness.patient_key("oesophagus_as_target")]).fetchall()
    assert found == [("rule_cases", 1, 84, "PD"), ("without_rule_breakers", 0, 14, "PR")]


def test_radiotherapy_to_a_target_is_flagged_and_a_variant_ends_the_window(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """R5.4: palliative radiotherapy to a bone target is published; it ends the window only where the study says so."""
    query = """
        select study_id, target_radiotherapy_date, window_end_reason, best_sum_mm
        from warehouse.marts.best_response
        where patient_key = ? and study_id <> 'without_rule_breakers' order by study_id
    """
    found = warehouse.execute(query, [harness.patient_key("target_irradiated")]).fetchall()
    assert found == [
        ("radiotherapy_ends_the_window", date(2024, 3, 10), "RADIOTHERAPY", 40),
        ("rule_cases", date(2024, 3, 10), "CUTOFF", 30),
    ]


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        (
            "lost_the_complete_response",
            [
                ("R5.4", "CR_THEN_NONCR INV 2024-02-29", "CR_THEN_NONCR", "CR"),
                ("R5.4", "CR_THEN_NONCR INV 2024-04-19", "CR_THEN_NONCR", "PR"),
            ],
        ),
        (
            "node_came_back",
            [
                ("R5.2", "CR_LOST INV 2024-04-19", "CR_LOST", "PR"),
                ("R5.4", "CR_THEN_NONCR DERIVED_INV 2024-02-29", "CR_THEN_NONCR", "CR"),
                ("R5.4", "CR_THEN_NONCR DERIVED_INV 2024-04-19", "CR_THEN_NONCR", "PR"),
            ],
        ),
        (
            "read_twice_and_disputed",
            [
                ("DQ077", "READERS_DISAGREE IND 2024-02-29", "READERS_DISAGREE", "PR"),
                ("DQ077", "READERS_DISAGREE IND 2024-04-19", "READERS_DISAGREE", "PR"),
            ],
        ),
        (
            "recorded_against_the_lesions",
            [("DQ077", "SOURCES_DISAGREE INV 2024-02-29", "SOURCES_DISAGREE", "SD")],
        ),
        ("read_twice_and_agreed", []),
        ("nothing_recorded", []),
    ],
)
def test_what_goes_to_review(
    warehouse: duckdb.DuckDBPyConnection, patient: str, expected: Iterable[tuple[str, ...]]
) -> None:
    """R5.2, R5.4, DQ077: each assessment that can be read in two ways is an item of review that names its evidence."""
    found = warehouse.execute(
        """
        select distinct rule, item, review_reason, value from intermediate.int_reviews_response
        where patient_key = ? and length(evidence) = 32 order by rule, item
        """,
        [harness.patient_key(patient)],
    ).fetchall()
    assert found == expected


def test_adam_response_and_tumour_results(warehouse: duckdb.DuckDBPyConnection) -> None:
    """ADRS holds overall responses and the patient's answers, ADTR sums, nadir and changes, under CDISC names."""
    subject = f"rule_cases-{harness.CENTRE}-{harness.patient_key('nothing_recorded')}"
    answers = warehouse.execute(
        "select paramcd, avalc, aval, adt, anl01fl from warehouse.adam.adrs where usubjid = ? order by paramcd, adt",
        [subject],
    ).fetchall()
    first, last = date(2024, 2, 21), date(2024, 4, 9)
    assert answers == [
        ("BOR", "PR", 2, first, "Y"),
        ("CB", "Y", 1, first, "Y"),
        ("CBOR", "SD", 3, first, "Y"),
        ("CRSP", "N", 0, None, "Y"),
        ("OVRLRESP", "PR", 2, first, "Y"),
        ("OVRLRESP", "PD", 5, last, "Y"),
        ("PD", "Y", 1, last, "Y"),
        ("RSP", "Y", 1, first, "Y"),
    ]
    sums = warehouse.execute(
        """
        select adt, aval, base, chg, pchg, nadir, chgnad, pchgnad, ablfl, anl01fl from warehouse.adam.adtr
        where usubjid = ? and paramcd = 'SUMDIAM' order by adt
        """,
        [subject],
    ).fetchall()
    assert sums == [
        (date(2023, 12, 31), 50, 50, None, None, None, None, None, "Y", None),
        (first, 30, 50, -20, -40, 50, -20, -40, None, "Y"),
        (last, 40, 50, -10, -20, 30, 10, Decimal("33.3"), None, "Y"),
    ]
