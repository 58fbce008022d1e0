"""Best overall response (rule R5.4): every worked case of 05b, and both sides of each boundary."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from tests.rules import harness

INDEX = date(2024, 1, 1)
ACCEPTS_SD = harness.protocol({"confirm_accept_sd": "Y"}).replace('"rule_cases"', '"accepts_sd"')

# case, day, response, day of the new drug
BOUNDARIES: list[tuple[str, int, str, int | None]] = [
    ("scan_on_the_index_day", 0, "PR", None),
    ("stable_on_day_42", 42, "SD", None),
    ("stable_on_day_41", 41, "SD", None),
    ("confirmed_after_28_days", 42, "PR", None),
    ("confirmed_after_28_days", 70, "PR", None),
    ("response_on_the_day_of_the_new_drug", 60, "PR", 60),
    ("response_the_day_after_the_new_drug", 61, "PR", 60),
    ("stable_and_then_non_target_only", 41, "SD", None),
    ("stable_and_then_non_target_only", 50, "NON-CR/NON-PD", None),
    ("stable_too_early_and_again", 41, "SD", None),
    ("stable_too_early_and_again", 50, "SD", None),
    ("response_too_early_to_be_stable", 41, "PR", None),
    ("response_too_early_to_be_stable", 50, "SD", None),
    ("confirmed_twice", 42, "PR", None),
    ("confirmed_twice", 70, "CR", None),
    ("confirmed_twice", 98, "CR", None),
    ("on_the_cutoff", 551, "PR", None),
    ("radiotherapy_to_bone", 100, "PR", None),
    ("radiotherapy_to_the_tumour", 100, "PR", None),
]
RADIOTHERAPY = {"radiotherapy_to_bone": "BONE", "radiotherapy_to_the_tumour": "ESOPHAGUS"}


def _assessments() -> list[tuple[str, int, str, int | None]]:
    worked = [
        (str(r["case_id"]), int(r["day"]), str(r["response"]), int(r["nact_day"]) if r["nact_day"] else None)
        for r in harness.example("05b_bor__input")
        if r["day"]
    ]
    return [*worked, *BOUNDARIES]


def _cases() -> list[str]:
    return sorted({str(r["case_id"]) for r in harness.example("05b_bor__input")} | {row[0] for row in BOUNDARIES})


def _day(number: int) -> str:
    return (INDEX + timedelta(days=number)).isoformat()


def _new_drugs() -> dict[str, int]:
    return {case: day for case, _, _, day in _assessments() if day is not None}


def _rows(param_set_id: str, **columns: object) -> list[harness.Row]:
    place = {"param_set_id": param_set_id, "centre_id": harness.CENTRE}
    return [{**place, "patient_key": harness.patient_key(case), **columns} for case in _cases()]


@pytest.fixture(scope="module")
def best() -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """The row of int_best_response by parameter set and case."""
    lines = harness.param_set("R2")
    index_rows = [
        row
        for study in (harness.protocol(), ACCEPTS_SD)
        for row in _rows(harness.param_set("R3", study), index_date=INDEX, data_cutoff=date(2025, 7, 5))
    ]
    unique_index_rows = list({(row["param_set_id"], row["patient_key"]): row for row in index_rows}.values())
    connection = harness.run_models(
        "+int_best_response",
        lake={
            "patient": [{"patient_id": case} for case in _cases()],
            "response": [
                {"patient_id": case, "reader": "INV", "response_date": _day(day), "response": seen}
                for case, day, seen, _ in _assessments()
            ],
            "procedure": [
                {
                    "patient_id": case,
                    "kind": "RT",
                    "start_text": _day(50),
                    "end_text": _day(60),
                    "target_site": site,
                    "intent": "PALLIATIVE",
                }
                for case, site in RADIOTHERAPY.items()
            ],
        },
        protocols=[harness.protocol(), ACCEPTS_SD],
        replaced={
            "int_index": unique_index_rows,
            "int_exposure_episodes": [
                {
                    "param_set_id": lines,
                    "centre_id": harness.CENTRE,
                    "patient_key": harness.patient_key(case),
                    "episode_id": case,
                    "drug_key": "irinotecan",
                    "start_date": _day(day),
                    "start_flag": "",
                    "counts_in_lot": "Y",
                    "local_route": "N",
                }
                for case, day in _new_drugs().items()
            ],
        },
    )
    names = {harness.patient_key(case): case for case in _cases()}
    found = connection.execute("select * from intermediate.int_best_response")
    columns = [column[0] for column in found.description]
    rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    return {(row["param_set_id"], names[row["patient_key"]]): row for row in rows}


def _day_number(day: date | None) -> str | None:
    return str((day - INDEX).days) if day else None


@pytest.mark.parametrize("expected", harness.example("05b_bor__expected"), ids=lambda row: str(row["case_id"]))
def test_the_worked_best_responses_come_out(
    best: Mapping[tuple[str, str], Mapping[str, Any]], expected: dict[str, str | None]
) -> None:
    """Each case of 05b gets its best response, unconfirmed and confirmed, with the days of response."""
    row = best[harness.param_set("R5"), str(expected["case_id"])]
    found = (
        row["bor"],
        row["confirmed_bor"],
        _day_number(row["first_response_date"]),
        _day_number(row["first_confirmed_response_date"]),
        row["bor_reason"] if row["is_cr_then_non_cr"] else None,
    )
    names = ("bor", "confirmed_bor", "first_response_day", "first_confirmed_response_day", "note")
    assert found == tuple(expected[name] for name in names)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("scan_on_the_index_day", ("MISSING", "MISSING")),
        ("stable_on_day_42", ("SD", "SD")),
        ("stable_on_day_41", ("NE", "NE")),
        ("confirmed_after_28_days", ("PR", "PR")),
        ("response_on_the_day_of_the_new_drug", ("PR", "SD")),
        ("response_the_day_after_the_new_drug", ("MISSING", "MISSING")),
        ("stable_and_then_non_target_only", ("NON-CR/NON-PD", "NON-CR/NON-PD")),
        ("on_the_cutoff", ("PR", "SD")),
        ("radiotherapy_to_bone", ("PR", "SD")),
        ("radiotherapy_to_the_tumour", ("MISSING", "MISSING")),
    ],
)
def test_both_sides_of_a_boundary(
    best: Mapping[tuple[str, str], Mapping[str, Any]], case: str, expected: tuple[str, str]
) -> None:
    """Day 0 is no assessment; the day a new therapy starts still counts; SD counts from its first day on."""
    row = best[harness.param_set("R5"), case]
    assert (row["bor"], row["confirmed_bor"]) == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("stable_too_early_and_again", ("SD", "50", "SD", "50")),
        ("response_too_early_to_be_stable", ("PR", "41", "SD", "50")),
        ("confirmed_twice", ("CR", "70", "CR", "70")),
        ("stable_on_day_41", ("NE", "41", "NE", "41")),
        ("response_the_day_after_the_new_drug", ("MISSING", None, "MISSING", None)),
    ],
)
def test_best_responses_are_dated_to_the_first_assessment_that_shows_them(
    best: Mapping[tuple[str, str], Mapping[str, Any]], case: str, expected: tuple[str | None, ...]
) -> None:
    """An SD that came too early, or the PR before a confirmed CR, does not date the best response."""
    row = best[harness.param_set("R5"), case]
    dates = (_day_number(row["bor_date"]), _day_number(row["confirmed_bor_date"]))
    assert (row["bor"], dates[0], row["confirmed_bor"], dates[1]) == expected


def test_one_sd_may_lie_between_when_the_study_accepts_it(best: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    """PR, SD, PR confirms under confirm_accept_sd = Y and not under the default, in one run."""
    found = {
        study: best[harness.param_set("R5", study), "BO09"]["confirmed_bor"]
        for study in (harness.protocol(), ACCEPTS_SD)
    }
    assert found == {harness.protocol(): "SD", ACCEPTS_SD: "PR"}
