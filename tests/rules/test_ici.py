"""Prior immunotherapy and rechallenge (rule R4): every worked case of 04, and both sides of each boundary."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from tests.rules import harness

BLINDED = "BLINDED:unknown"

# case, index date, index agent, last prior dose, its agent, day of progression
OWN = [
    ("same_agent_42_days", "2024-06-01", "camrelizumab", "2024-04-20", "camrelizumab", "2024-05-01"),
    ("same_agent_43_days", "2024-06-01", "camrelizumab", "2024-04-19", "camrelizumab", "2024-05-01"),
    ("progressed_on_the_index_day", "2024-06-01", "camrelizumab", "2023-11-20", "tislelizumab", "2024-06-01"),
    ("progressed_the_day_after", "2024-06-01", "camrelizumab", "2023-11-20", "tislelizumab", "2024-06-02"),
    ("three_months_from_a_month_end", "2024-02-29", "camrelizumab", "2023-11-29", "camrelizumab", "2023-12-15"),
    ("treated_elsewhere", "2024-06-01", "camrelizumab", "2023-11-20", "tislelizumab", "2023-12-10"),
]
# case: doses as (agent, day) before an index of tislelizumab on 2024-06-01, day of progression
SEVERAL_DOSES: dict[str, tuple[list[tuple[str, str]], str]] = {
    "index_agent_beside_another": ([("camrelizumab", "2023-11-20"), ("tislelizumab", "2023-11-20")], "2023-12-10"),
    "index_agent_before_another": ([("tislelizumab", "2023-11-19"), ("camrelizumab", "2023-11-20")], "2023-12-10"),
    "blinded_beside_another": ([("camrelizumab", "2023-11-20"), ("BLINDED", "2023-11-20")], "2023-12-10"),
    "progressed_before_the_blinded_dose": ([("BLINDED", "2023-06-01"), ("camrelizumab", "2023-11-20")], "2023-06-01"),
    "progressed_after_the_blinded_dose": ([("BLINDED", "2023-06-01"), ("camrelizumab", "2023-11-20")], "2023-06-02"),
    "progressed_on_the_known_dose": ([("BLINDED", "2023-06-01"), ("camrelizumab", "2023-11-20")], "2023-11-20"),
    "progressed_after_the_known_dose": ([("BLINDED", "2023-06-01"), ("camrelizumab", "2023-11-20")], "2023-11-21"),
}
BLINDED_BOUNDARY = [("blinded_28_days_before", "2024-05-04"), ("blinded_29_days_before", "2024-05-03")]
ADD_ON_BOUNDARY = [("same_line_28_days_before", "2024-05-04"), ("same_line_29_days_before", "2024-05-03")]


def _dose(case: str, agent: str, low: str, high: str, *, in_index_line: bool) -> harness.Row:
    return {
        "param_set_id": harness.param_set("R3"),
        "centre_id": harness.CENTRE,
        "patient_key": harness.patient_key(case),
        "source_kind": "HISTORY" if case == "treated_elsewhere" else "ADMIN",
        "drug_key": BLINDED if agent == "BLINDED" else agent,
        "is_blinded": agent == "BLINDED",
        "counts_in_lot": "Y",
        "is_ici": "N" if agent == "BLINDED" else "Y",
        "in_index_line": in_index_line,
        "start_lo": low,
        "start_hi": high,
        "start_precision": "D" if low == high else "M",
        "dose_lo": low,
        "dose_hi": high,
        "row_key": f"{case}_{agent}_{low}",
        "source_file": "drug_row.csv",
        "source_row": 2,
    }


def _doses() -> list[harness.Row]:
    worked = [
        _dose(
            str(r["case_id"]),
            str(r["agent"]),
            str(r["dose_lo"]),
            str(r["dose_hi"]),
            in_index_line=r["in_index_line"] == "Y",
        )
        for r in harness.example("04_ici__input_prior")
        if r["agent"]
    ]
    own = [_dose(case, agent, day, day, in_index_line=False) for case, _, _, day, agent, _ in OWN]
    same_line = [_dose(case, "tislelizumab", day, day, in_index_line=True) for case, day in ADD_ON_BOUNDARY]
    several = [
        _dose(case, agent, day, day, in_index_line=False)
        for case, (doses, _) in SEVERAL_DOSES.items()
        for agent, day in doses
    ]
    blinded = [_dose(case, "BLINDED", day, day, in_index_line=True) for case, day in BLINDED_BOUNDARY]
    return [*worked, *own, *same_line, *several, *blinded]


def _index() -> dict[str, tuple[str, str]]:
    worked = harness.example("04_ici__input_prior")
    found = {str(r["case_id"]): (str(r["index_date"]), str(r["index_agent"])) for r in worked}
    found |= {case: (index_date, agent) for case, index_date, agent, *_ in OWN}
    in_line = [case for case, _ in (*ADD_ON_BOUNDARY, *BLINDED_BOUNDARY)]
    return found | dict.fromkeys((*SEVERAL_DOSES, *in_line), ("2024-06-01", "tislelizumab"))


def _progressions() -> list[tuple[str, str]]:
    worked = [
        (str(r["case_id"]), str(r["date"])) for r in harness.example("04_ici__input_events") if r["event"] == "PD"
    ]
    several = [(case, progressed) for case, (_, progressed) in SEVERAL_DOSES.items()]
    return [*worked, *((case, progressed) for case, *_, progressed in OWN), *several]


def _adverse_events() -> list[harness.Row]:
    return [
        {
            "patient_id": r["case_id"],
            "raw_term": "hypothyroidism" if r["endocrine_on_replacement"] == "Y" else "pneumonitis",
            "term": "Hypothyroidism" if r["endocrine_on_replacement"] == "Y" else "Pneumonitis",
            "ctcae_grade": r["grade_at_index"],
            "start_text": "2023-12-01",
            "endocrine_on_replacement": r["endocrine_on_replacement"],
        }
        for r in harness.example("04_ici__input_events")
        if r["event"] == "IRAE"
    ]


@pytest.fixture(scope="module")
def intervals() -> Mapping[str, Mapping[str, Any]]:
    """The row of int_treatment_free_intervals by case."""
    place = {"centre_id": harness.CENTRE}
    keys = {case: harness.patient_key(case) for case in _index()}
    connection = harness.run_models(
        "+int_treatment_free_intervals",
        lake={"patient": [{"patient_id": case} for case in keys], "ae": _adverse_events()},
        replaced={
            "int_index": [
                {**place, "param_set_id": harness.param_set("R3"), "patient_key": keys[case], "index_date": day}
                for case, (day, _) in _index().items()
            ],
            "int_index_components_served": [
                {
                    **place,
                    "param_set_id": harness.param_set("R3"),
                    "patient_key": keys[case],
                    "component": "pd1",
                    "drug_key": agent,
                }
                for case, (_, agent) in _index().items()
            ],
            "int_prior_drug_rows": _doses(),
            "int_progressions": [
                {**place, "param_set_id": harness.param_set("RS"), "patient_key": keys[case], "progression_date": day}
                for case, day in _progressions()
            ],
        },
    )
    names = {key: case for case, key in keys.items()}
    found = connection.execute("select * from intermediate.int_treatment_free_intervals")
    columns = [column[0] for column in found.description]
    rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    return {names[row["patient_key"]]: row for row in rows}


def _tenths(value: float) -> str:
    return str(Decimal(value).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low}-{high}"


@pytest.mark.parametrize("expected", harness.example("04_ici__expected"), ids=lambda row: str(row["case_id"]))
def test_the_worked_rechallenges_come_out(
    intervals: Mapping[str, Mapping[str, Any]], expected: dict[str, str | None]
) -> None:
    """Each case of 04 gets the class, the interval and the three-valued answers that the rule book gives it."""
    found = intervals[str(expected["case_id"])]
    days = months = None
    if found["tfi_days_lo"] is not None:
        days = _span(str(found["tfi_days_lo"]), str(found["tfi_days_hi"]))
        months = _span(_tenths(found["tfi_months_lo"]), _tenths(found["tfi_months_hi"]))
    answers = [found[name] for name in ("ici_class", "same_agent", "gap_gt_3m", "irae_ok", "conforms_protocol")]
    wanted = [expected[name] for name in ("class", "same_agent", "gap_gt_3m", "irae_ok", "conforms_protocol")]
    assert (answers, days, months) == (wanted, expected["tfi_days"], expected["tfi_months"])


@pytest.mark.parametrize(
    ("case", "column", "expected"),
    [
        ("same_agent_42_days", "ici_class", "CONTINUATION_BEYOND_PD"),
        ("same_agent_43_days", "ici_class", "RECHALLENGE_SAME"),
        ("progressed_on_the_index_day", "pd_after", "Y"),
        ("progressed_the_day_after", "pd_after", "N"),
        ("three_months_from_a_month_end", "gap_gt_3m", "N"),
        ("treated_elsewhere", "irae_ok", "U"),
        ("same_line_28_days_before", "ici_class", "NAIVE"),
        ("same_line_29_days_before", "ici_class", "ADD_ON"),
        ("blinded_28_days_before", "ici_class", "NAIVE"),
        ("blinded_29_days_before", "ici_class", "UNKNOWN"),
        ("blinded_29_days_before", "prior_ici", "N"),
        ("index_agent_beside_another", "same_agent", "Y"),
        ("index_agent_before_another", "same_agent", "N"),
        ("blinded_beside_another", "same_agent", "U"),
        ("progressed_before_the_blinded_dose", "pd_after", "N"),
        ("progressed_after_the_blinded_dose", "pd_after", "U"),
        ("progressed_after_the_blinded_dose", "ici_class", "UNKNOWN"),
        ("progressed_after_the_blinded_dose", "conforms_protocol", "U"),
        ("progressed_on_the_known_dose", "pd_after", "U"),
        ("progressed_after_the_known_dose", "pd_after", "Y"),
        ("IC06", "tfi_days", None),
        ("IC10", "prior_ici", "U"),
        ("IC11", "same_agent_ever", "Y"),
        ("IC12", "prior_ici", "N"),
    ],
)
def test_both_sides_of_a_boundary(
    intervals: Mapping[str, Mapping[str, Any]], case: str, column: str, expected: str | None
) -> None:
    """Each limit of R4 counts as the rule book says, and what is not known exactly is not decided."""
    assert intervals[case][column] == expected


def test_washout_runs_from_the_last_prior_dose(intervals: Mapping[str, Mapping[str, Any]]) -> None:
    """Washout is the plain difference between the last systemic dose and the index date."""
    assert intervals["same_agent_42_days"]["washout_days"] == (date(2024, 6, 1) - date(2024, 4, 20)) // timedelta(
        days=1
    )
