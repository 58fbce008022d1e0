"""Index dates (rule R3.1): every worked case of 03a, and both sides of each boundary."""

from collections.abc import Mapping
from datetime import date

import pytest

from tests.rules import harness

BOTH_SIDES = [
    # case, drug, start, covered through
    ("last_covered_day_is_the_other_start", "anlotinib", "2023-03-01", "2023-03-21"),
    ("last_covered_day_is_the_other_start", "tislelizumab", "2023-03-21", "2023-04-10"),
    ("cover_ends_the_day_before", "anlotinib", "2023-03-01", "2023-03-20"),
    ("cover_ends_the_day_before", "tislelizumab", "2023-03-21", "2023-04-10"),
    ("first_day_of_enrolment", "anlotinib", "2019-01-01", "2019-01-21"),
    ("first_day_of_enrolment", "tislelizumab", "2019-01-01", "2019-01-21"),
    ("day_before_enrolment", "anlotinib", "2018-12-31", "2019-01-20"),
    ("day_before_enrolment", "tislelizumab", "2018-12-31", "2019-01-20"),
    ("last_day_of_enrolment", "anlotinib", "2024-12-31", "2025-01-20"),
    ("last_day_of_enrolment", "tislelizumab", "2024-12-31", "2025-01-20"),
    ("combined_twice", "anlotinib", "2022-01-10", "2022-02-20"),
    ("combined_twice", "tislelizumab", "2022-01-12", "2022-02-20"),
    ("combined_twice", "anlotinib", "2023-01-10", "2023-02-20"),
    ("combined_twice", "camrelizumab", "2023-01-12", "2023-02-20"),
]

FIRST_COMPONENT = harness.protocol({"index_rule": "first_component"}).replace('"rule_cases"', '"first_component"')


def _episodes() -> list[dict[str, object]]:
    rows = [
        (r["case_id"], r["drug_key"], r["start"], r["covered_through"]) for r in harness.example("03a_index__input")
    ]
    return [
        {
            "param_set_id": param_set_id,
            "centre_id": harness.CENTRE,
            "patient_key": harness.patient_key(str(case)),
            "episode_id": f"{case}_{drug}_{start}",
            "drug_key": drug,
            "counts_in_lot": "Y",
            "local_route": "N",
            "start_flag": "",
            "start_date": start,
            "covered_through_date": covered_through,
        }
        for param_set_id in {harness.param_set("R2"), harness.param_set("R2", FIRST_COMPONENT)}
        for case, drug, start, covered_through in [*rows, *BOTH_SIDES]
    ]


def _cases() -> list[str]:
    return sorted({str(row["case_id"]) for row in harness.example("03a_index__input")} | {row[0] for row in BOTH_SIDES})


@pytest.fixture(scope="module")
def index_dates() -> Mapping[tuple[str, str], tuple[date | None, str]]:
    """Index date and status by parameter set and case."""
    connection = harness.run_models(
        "+int_index_dates",
        lake={"patient": [{"patient_id": case} for case in _cases()]},
        protocols=[harness.protocol(), FIRST_COMPONENT],
        replaced={"int_exposure_episodes": _episodes()},
    )
    names = {harness.patient_key(case): case for case in _cases()}
    found = connection.execute(
        "select param_set_id, patient_key, index_date, index_status from intermediate.int_index_dates"
    ).fetchall()
    return {(param_set_id, names[key]): (index_date, status) for param_set_id, key, index_date, status in found}


@pytest.mark.parametrize("expected", harness.example("03a_index__expected"), ids=lambda row: str(row["case_id"]))
def test_the_worked_index_dates_come_out(
    index_dates: Mapping[tuple[str, str], tuple[date | None, str]], expected: dict[str, str | None]
) -> None:
    """Each case of 03a gets the index date and the status that the rule book gives it."""
    found_date, status = index_dates[harness.param_set("R3"), str(expected["case_id"])]
    assert (found_date.isoformat() if found_date else None, status) == (expected["index_date"], expected["status"])


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("last_covered_day_is_the_other_start", (date(2023, 3, 21), "OK")),
        ("cover_ends_the_day_before", (None, "NO_COMBINATION")),
        ("first_day_of_enrolment", (date(2019, 1, 1), "OK")),
        ("day_before_enrolment", (date(2018, 12, 31), "OUT_OF_WINDOW")),
        ("last_day_of_enrolment", (date(2024, 12, 31), "OK")),
        ("combined_twice", (date(2022, 1, 12), "OK")),
    ],
)
def test_both_sides_of_a_boundary(
    index_dates: Mapping[tuple[str, str], tuple[date | None, str]], case: str, expected: tuple[date | None, str]
) -> None:
    """Overlap and enrolment count their last day; only the first combination makes the index."""
    assert index_dates[harness.param_set("R3"), case] == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [("IX01", date(2023, 5, 1)), ("IX02", date(2023, 1, 1)), ("IX03", date(2023, 1, 1)), ("IX06", date(2024, 12, 30))],
)
def test_the_first_component_can_be_the_index(
    index_dates: Mapping[tuple[str, str], tuple[date | None, str]], case: str, expected: date
) -> None:
    """With index_rule first_component the index is the earliest start among the episodes that were combined."""
    assert index_dates[harness.param_set("R3", FIRST_COMPONENT), case] == (expected, "OK")
