"""Tumour response from lesions (rules R5.1 to R5.3): every worked case of 05a, and what happens around them."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.rules import harness

BASELINE, WEEK_6, WEEK_12, WEEK_18 = "2024-01-05", "2024-02-20", "2024-04-01", "2024-05-15"
Answer = dict[str, Any]


def lesion(
    patient: str, day: str | None, name: str = "T1", role: str | None = "TARGET", **values: object
) -> harness.Row:
    """One lesion row of the investigator; a number of millimetres is a measurement."""
    status = "MEASURED" if values.get("mm") is not None else None
    return {
        "patient_id": patient,
        "reader": "INV",
        "lesion_id": name,
        "role": role,
        "scan_date": day,
        "status": status,
        **{key: Decimal(str(value)) if key == "mm" and value is not None else value for key, value in values.items()},
    }


def scan(patient: str, day: str, modality: str, slice_mm: int | None = None) -> harness.Row:
    return {
        "patient_id": patient,
        "scan_id": f"{patient}{day}",
        "scan_date": day,
        "modality": modality,
        "slice_mm": slice_mm,
    }


def worked_lesions() -> Iterator[harness.Row]:
    """The cases of 05a: a non-target status is one non-target lesion, a new lesion one row of role NEW."""
    days = {(row["case_id"], row["tp"]): row for row in harness.example("05a_recist__input_timepoints")}
    for row in harness.example("05a_recist__input_lesions"):
        day = days[row["case_id"], row["tp"]]["date"]
        extra = {"tp": row["tp"], "is_node": row["is_node"], "mm": row["mm"], "status": row["status"]}
        yield lesion(str(row["case_id"]), day, str(row["lesion_id"]), **extra)
    for row in days.values():
        case = str(row["case_id"])
        if row["nontarget"] != "NONE":
            yield lesion(case, row["date"], "others", "NONTARGET", tp=row["tp"], nt_status=row["nontarget"])
        if row["new_lesion"] != "N":
            certainty = "EQUIVOCAL" if row["new_lesion"] == "EQ" else "UNEQUIVOCAL"
            yield lesion(case, row["date"], "new", "NEW", tp=row["tp"], certainty=certainty)


SITUATIONS: list[harness.Row] = [
    # days without a label: 14 days after the first scan are one time point, the 15th day opens another
    lesion("scanned_14_and_15_days_after", BASELINE, mm=50),
    lesion("scanned_14_and_15_days_after", "2024-03-01", mm=30),
    lesion("scanned_14_and_15_days_after", "2024-03-15", mm=40),
    lesion("scanned_14_and_15_days_after", "2024-03-16", mm=50),
    # B, W6, B, W6: the labels start again with the next line
    lesion("labels_used_twice", "2023-01-05", tp="Baseline", mm=20),
    lesion("labels_used_twice", "2023-02-20", tp="W6", mm=10),
    lesion("labels_used_twice", "2024-01-05", tp="baseline ", mm=40),
    lesion("labels_used_twice", "2024-02-20", tp="W6", mm=50),
    # a second line with other targets and no labels
    lesion("targets_chosen_anew", "2023-01-05", "T1", mm=20),
    lesion("targets_chosen_anew", "2023-03-01", "T1", mm=30),
    lesion("targets_chosen_anew", "2024-01-05", "A1", mm=40),
    lesion("targets_chosen_anew", "2024-03-01", "A1", mm=28),
    # fragments
    *(lesion("split_in_two", BASELINE, name, mm=mm) for name, mm in [("T1", 30), ("T2", 20)]),
    *(lesion("split_in_two", WEEK_6, name, mm=mm) for name, mm in [("T1a", 20), ("T1b", 20), ("T2", 20)]),
    # fragments have numbers of their own: a second row of one number is a double (DQ017), and the larger one stays
    lesion("one_number_measured_twice", BASELINE, mm=30),
    lesion("one_number_measured_twice", WEEK_6, mm=20),
    lesion("one_number_measured_twice", WEEK_6, mm=16),
    # of two states of one day the worse one stays
    *(lesion(f"told_PD_and_{other}", BASELINE, mm=20) for other in ("NONCR", "CR", "NE")),
    *(lesion(f"told_PD_and_{other}", WEEK_6, mm=20) for other in ("NONCR", "CR", "NE")),
    *(
        lesion(f"told_PD_and_{other}", day, "others", "NONTARGET", nt_status=state)
        for other in ("NONCR", "CR", "NE")
        for day, state in [(BASELINE, "NONCR"), (WEEK_6, other), (WEEK_6, "PD")]
    ),
    *(lesion("t1_is_not_a_parent_of_t10", BASELINE, name, mm=mm) for name, mm in [("T1", 30), ("T10", 20)]),
    *(lesion("t1_is_not_a_parent_of_t10", WEEK_6, name, mm=mm) for name, mm in [("T1", 30), ("T10", 10)]),
    *(lesion("merged", BASELINE, name, mm=mm) for name, mm in [("T1", 20), ("T2", 20)]),
    lesion("merged", WEEK_6, "T1", mm=44),
    lesion("merged", WEEK_6, "T2", status="ABSENT_MERGED"),
    # rows and words that are missing
    *(lesion("one_row_missing", BASELINE, name, mm=mm) for name, mm in [("T1", 20), ("T2", 20)]),
    lesion("one_row_missing", WEEK_6, "T1", mm=10),
    lesion("measured_without_a_number", BASELINE, mm=20),
    lesion("measured_without_a_number", WEEK_6, status="MEASURED"),
    lesion("number_without_a_status", BASELINE, mm=20, status=None),
    lesion("number_without_a_status", WEEK_6, mm=14, status=None),
    lesion("row_without_a_role", BASELINE, mm=20),
    lesion("row_without_a_role", WEEK_6, role=None, mm=14),
    lesion("row_without_a_day", BASELINE, mm=20),
    lesion("row_without_a_day", WEEK_6, "others", "NONTARGET", tp="W6", nt_status="NONCR"),
    lesion("row_without_a_day", None, tp="W6", mm=14),
    lesion("never_dated", None, mm=20),
    lesion("baseline_incomplete", BASELINE, "T1", mm=20),
    lesion("baseline_incomplete", BASELINE, "T2", status="NE"),
    lesion("baseline_incomplete", WEEK_6, "T1", mm=50),
    # non-targets that only later rows mention, and several of them
    lesion("others_partly_seen", BASELINE, mm=20),
    *(lesion("others_partly_seen", BASELINE, name, "NONTARGET", nt_status="NONCR") for name in ("A", "B")),
    lesion("others_partly_seen", WEEK_6, status="ABSENT"),
    lesion("others_partly_seen", WEEK_6, "A", "NONTARGET", nt_status="CR"),
    lesion("others_gone", BASELINE, mm=20),
    lesion("others_gone", BASELINE, "A", "NONTARGET", status="MEASURED", mm=8),
    lesion("others_gone", WEEK_6, status="ABSENT"),
    lesion("others_gone", WEEK_6, "A", "NONTARGET", status="ABSENT"),
    lesion("nothing_to_follow", BASELINE, status="ABSENT"),
    lesion("nothing_to_follow", WEEK_6, status="ABSENT"),
    # new lesions
    lesion("new_and_equivocal_twice", BASELINE, mm=20),
    *(lesion("new_and_equivocal_twice", day, mm=20) for day in (WEEK_6, WEEK_12, WEEK_18)),
    lesion("new_and_equivocal_twice", WEEK_6, "N", "NEW", certainty="EQUIVOCAL"),
    lesion("new_and_equivocal_twice", WEEK_12, "N", "NEW", certainty="EQUIVOCAL"),
    lesion("new_and_equivocal_twice", WEEK_18, "N", "NEW", certainty="UNEQUIVOCAL"),
    lesion("confirmed_after_a_gap", BASELINE, mm=20),
    lesion("confirmed_after_a_gap", WEEK_6, mm=20),
    lesion("confirmed_after_a_gap", WEEK_6, "N", "NEW", certainty="EQUIVOCAL"),
    lesion("confirmed_after_a_gap", WEEK_12, status="NE"),
    lesion("confirmed_after_a_gap", WEEK_18, mm=20),
    lesion("confirmed_after_a_gap", WEEK_18, "N", "NEW", certainty="UNEQUIVOCAL"),
    lesion("another_new_lesion_confirms_nothing", BASELINE, mm=20),
    lesion("another_new_lesion_confirms_nothing", WEEK_6, mm=20),
    lesion("another_new_lesion_confirms_nothing", WEEK_6, "N1", "NEW", certainty="EQUIVOCAL"),
    lesion("another_new_lesion_confirms_nothing", WEEK_12, mm=20),
    lesion("another_new_lesion_confirms_nothing", WEEK_12, "N2", "NEW", certainty="UNEQUIVOCAL"),
    lesion("new_while_targets_are_not_evaluable", BASELINE, mm=20),
    lesion("new_while_targets_are_not_evaluable", WEEK_6, status="NE"),
    lesion("new_while_targets_are_not_evaluable", WEEK_6, "N", "NEW"),
    *(lesion(case, BASELINE, mm=20) for case in ("new_on_pet_after_a_negative_pet", "new_on_pet_only")),
    *(lesion(case, WEEK_6, mm=20) for case in ("new_on_pet_after_a_negative_pet", "new_on_pet_only")),
    *(
        lesion(case, "2024-02-21", "N", "NEW", certainty="UNEQUIVOCAL")
        for case in ("new_on_pet_after_a_negative_pet", "new_on_pet_only", "new_on_pet_and_ct")
    ),
    lesion("new_on_pet_and_ct", BASELINE, mm=20),
    lesion("new_on_pet_and_ct", WEEK_6, mm=20),
    lesion("new_on_pet_and_ct", "2024-02-25", "N", "NEW", certainty="UNEQUIVOCAL"),
    # dates inside a time point
    lesion("progressed_on_two_scans", BASELINE, tp="B", mm=20),
    lesion("progressed_on_two_scans", BASELINE, "A", "NONTARGET", tp="B", nt_status="NONCR"),
    lesion("progressed_on_two_scans", "2024-02-20", tp="W6", mm=30),
    lesion("progressed_on_two_scans", "2024-02-24", "A", "NONTARGET", tp="W6", nt_status="PD"),
    lesion("new_lesion_on_the_second_scan", BASELINE, tp="B", mm=20),
    lesion("new_lesion_on_the_second_scan", "2024-02-20", tp="W6", mm=20),
    lesion("new_lesion_on_the_second_scan", "2024-02-24", "N", "NEW", tp="W6"),
    lesion("stable_with_a_later_bone_scan", BASELINE, tp="B", mm=20),
    lesion("stable_with_a_later_bone_scan", BASELINE, "A", "NONTARGET", tp="B", nt_status="NONCR"),
    lesion("stable_with_a_later_bone_scan", "2024-02-20", tp="W6", mm=20),
    lesion("stable_with_a_later_bone_scan", "2024-02-24", "A", "NONTARGET", tp="W6", nt_status="NONCR"),
    # the course of a patient, and the cutoff
    *(
        lesion("regrown_below_progression", day, mm=mm)
        for day, mm in [(BASELINE, 60), (WEEK_6, 42), (WEEK_12, 46), (WEEK_18, 51)]
    ),
    lesion("grown_after_the_cutoff", "2025-06-01", mm=20),
    lesion("grown_after_the_cutoff", "2025-07-05", mm=20),
    lesion("grown_after_the_cutoff", "2025-07-26", mm=40),
]
SCANS = [
    scan("new_on_pet_after_a_negative_pet", "2024-01-10", "PET"),
    *(scan(f"new_on_pet_{case}", "2024-02-21", "PET") for case in ("after_a_negative_pet", "only", "and_ct")),
    scan("new_on_pet_and_ct", "2024-02-25", "CT"),
]


@pytest.fixture(scope="module")
def warehouse() -> duckdb.DuckDBPyConnection:
    """The responses derived from all rows above, before any index date is known."""
    lake = {"lesion": [*worked_lesions(), *SITUATIONS], "scan": SCANS}
    return harness.run_models("+int_progressions", lake=lake)


def answers(connection: duckdb.DuckDBPyConnection, case: str) -> list[Answer]:
    """The time points of one patient after their baselines."""
    found = connection.execute(
        """
        select * from intermediate.int_course_responses
        where patient_key = ? and not is_baseline order by tp_no
        """,
        [harness.patient_key(case)],
    )
    columns = [column[0] for column in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


@pytest.mark.parametrize("case", sorted({str(r["case_id"]) for r in harness.example("05a_recist__expected")}))
def test_the_worked_time_points_come_out(warehouse: duckdb.DuckDBPyConnection, case: str) -> None:
    """Each case of 05a gets its sums, percentages, responses and reviews."""
    numbers = ("sum_mm", "nadir_mm", "pct_base", "pct_nadir")
    found = [
        (*(row[name] for name in numbers), row["target_response"], row["tp_response"], row["review"])
        for row in answers(warehouse, case)
    ]
    expected = [
        (*(_number(row[name]) for name in numbers), row["target_resp"], row["overall_resp"], row["review"])
        for row in harness.example("05a_recist__expected")
        if row["case_id"] == case
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("scanned_14_and_15_days_after", [(40, "SD"), (50, "PD")]),
        ("labels_used_twice", [(10, "PR"), (50, "PD")]),
        ("targets_chosen_anew", [(30, "PD"), (28, "PR")]),
        ("split_in_two", [(60, "PD")]),
        ("one_number_measured_twice", [(20, "PR")]),
        *((f"told_PD_and_{other}", [(20, "PD")]) for other in ("NONCR", "CR", "NE")),
        ("t1_is_not_a_parent_of_t10", [(40, "SD")]),
        ("merged", [(44, "SD")]),
        ("one_row_missing", [(None, "NE")]),
        ("measured_without_a_number", [(None, "NE")]),
        ("number_without_a_status", [(14, "PR")]),
        ("row_without_a_role", [(14, "PR")]),
        ("row_without_a_day", [(14, "PR")]),
        ("never_dated", []),
        ("baseline_incomplete", []),
        ("others_partly_seen", [(0, "PR")]),
        ("others_gone", [(0, "CR")]),
        ("nothing_to_follow", [(0, "NE")]),
        ("grown_after_the_cutoff", [(20, "SD")]),
    ],
)
def test_sums_and_responses_of_a_situation(
    warehouse: duckdb.DuckDBPyConnection, case: str, expected: list[tuple[int | None, str]]
) -> None:
    """Time points, courses, fragments and missing words lead to the sum and response that the rule names."""
    assert [(row["sum_mm"], row["tp_response"]) for row in answers(warehouse, case)] == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("new_and_equivocal_twice", [("SD", "EQUIVOCAL"), ("PD", "CONFIRMED_LATER"), ("PD", "UNEQUIVOCAL")]),
        ("confirmed_after_a_gap", [("PD", "CONFIRMED_LATER"), ("NE", "NONE"), ("PD", "UNEQUIVOCAL")]),
        ("another_new_lesion_confirms_nothing", [("SD", "EQUIVOCAL"), ("PD", "UNEQUIVOCAL")]),
        ("new_while_targets_are_not_evaluable", [("PD", "UNEQUIVOCAL")]),
        ("new_on_pet_after_a_negative_pet", [("PD", "UNEQUIVOCAL")]),
        ("new_on_pet_only", [("SD", "EQUIVOCAL")]),
        ("new_on_pet_and_ct", [("PD", "UNEQUIVOCAL")]),
    ],
)
def test_new_lesions(warehouse: duckdb.DuckDBPyConnection, case: str, expected: list[tuple[str, str]]) -> None:
    """R5.3: equivocal lesions wait for the next evaluable time point, PET alone needs a negative PET or a CT."""
    assert [(row["tp_response"], row["new_lesion"]) for row in answers(warehouse, case)] == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("progressed_on_two_scans", date(2024, 2, 20)),
        ("new_lesion_on_the_second_scan", date(2024, 2, 24)),
        ("new_on_pet_and_ct", date(2024, 2, 21)),
        ("stable_with_a_later_bone_scan", date(2024, 2, 20)),
    ],
)
def test_the_day_inside_a_time_point(warehouse: duckdb.DuckDBPyConnection, case: str, expected: date) -> None:
    """R5.1.5: progression counts from the scan that first shows it, a response from the last target scan."""
    assert [row["response_date"] for row in answers(warehouse, case)] == [expected]


def test_evaluation_reaches_to_the_last_scan_of_the_time_point(warehouse: duckdb.DuckDBPyConnection) -> None:
    """R5.1.5: a patient is free of progression up to the last evaluable scan, not only to the targets' scan."""
    found = answers(warehouse, "stable_with_a_later_bone_scan")
    assert [row["last_evaluable_date"] for row in found] == [date(2024, 2, 24)]


def test_a_response_is_carried_along_the_course_until_progression(warehouse: duckdb.DuckDBPyConnection) -> None:
    """R5.2: regrowth between the bounds is SD by number and PR for the course; progression ends it."""
    found = [(row["tp_response"], row["course_response"]) for row in answers(warehouse, "regrown_below_progression")]
    assert found == [("PR", "PR"), ("SD", "PR"), ("PD", "PD")]


def test_derived_progression_is_progression_where_nothing_is_recorded(warehouse: duckdb.DuckDBPyConnection) -> None:
    """R5.3: lines of therapy see the progression that the lesions show, with the lesion row it came from."""
    found = warehouse.execute(
        """
        select progression_date, progression_kind, source_table from intermediate.int_progressions
        where patient_key = ?
        """,
        [harness.patient_key("new_lesion_on_the_second_scan")],
    ).fetchall()
    assert found == [(date(2024, 2, 24), "RECIST_PD", "lesion")]


def test_targets_that_break_the_rules_are_named(warehouse: duckdb.DuckDBPyConnection) -> None:
    """R5.1.4: a worked node of 8 mm is too small as a target; a node of 20 mm breaks no rule."""
    found: Mapping[object, object] = dict(
        warehouse.execute(
            """
            select value_mm, target_problems from intermediate.int_target_candidates
            where patient_key = ? and lesion_id = 'N1'
            """,
            [harness.patient_key("TP04")],
        ).fetchall()
    )
    assert found == {Decimal(20): "", Decimal(8): "TOO_SMALL"}
