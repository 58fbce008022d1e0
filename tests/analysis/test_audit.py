"""DQ078 to DQ080: numbers that contradict each other, on the worked cases and on a study's own results."""

import csv
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from analysis import Results
from analysis.audit import audit, percent_is_not_the_count_s, quantities_with_two_values, ratio_is_off_centre

EXAMPLE = Path(__file__).resolve().parents[1] / "rules" / "examples" / "10_dq__input_expected.csv"


def worked(case: str) -> tuple[dict[str, Decimal], str]:
    """The row of a worked case, numbers as decimals, and the check that must fire."""
    with EXAMPLE.open(encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if row["case_id"] == case)
    return {name: Decimal(str(value)) for name, value in json.loads(row["row_json"]).items()}, row["expected_check_id"]


@pytest.mark.parametrize("case", ["DQX13", "DQX14"])
def test_an_interval_that_does_not_fit_its_ratio_is_found(case: str) -> None:
    """The paper's hazard ratios lie off the middle of their own intervals."""
    given, check = worked(case)
    assert (check, ratio_is_off_centre(given["hr"], given["lo"], given["hi"])) == ("DQ078", True)


@pytest.mark.parametrize("case", ["DQX15"])
def test_a_percentage_that_no_count_gives_is_found(case: str) -> None:
    """33 of 87 is 37.9, not 38.0; half a tenth rounds up."""
    given, check = worked(case)
    assert (check, percent_is_not_the_count_s(int(given["n"]), int(given["N"]), given["pct"])) == ("DQ079", True)
    assert not percent_is_not_the_count_s(33, 87, Decimal("37.9"))
    assert not percent_is_not_the_count_s(1, 16, Decimal("6.3"))


def test_the_middle_of_the_log_scale_may_be_off_by_five_percent() -> None:
    """An interval of 0.5 to 2 fits ratios from 1/1.05 on, and no less."""
    lower, upper = Decimal("0.5"), Decimal("2")
    assert not ratio_is_off_centre(Decimal("0.9524"), lower, upper)
    assert ratio_is_off_centre(Decimal("0.9523"), lower, upper)


def test_one_quantity_with_two_values_is_found() -> None:
    """The same median printed twice with two intervals is one quantity in conflict."""
    printed = [
        ("median DoR", "2.3-10.9"),
        ("median DoR", "3.4-10.4"),
        ("median OS", "7.1-15.9"),
        ("median OS", "7.1-15.9"),
    ]
    assert quantities_with_two_values(printed) == (2, 1)


def test_a_study_s_own_numbers_pass_and_a_falsified_one_fails(results: Results) -> None:
    """Every ratio and percentage of the 87 fits; moving one ratio and one count is noticed."""
    clean = {count.check_id: count for count in audit(results)}
    assert {check: count.n_fail for check, count in clean.items()} == {"DQ078": 0, "DQ079": 0, "DQ080": 0}
    assert all(clean[check].n_rows > 10 for check in ("DQ078", "DQ079"))
    assert clean["DQ080"].n_rows == len({"patients", "responders", "events of PFS", "events of OS", "events of DOR"})
    ratio = next(row for row in results.rows if row.statistic == "hr" and row.value)
    total = next(row for row in results.rows if row.statistic == "total" and row.variable == "orr")
    falsified = tuple(
        replace(row, value=3 * row.value) if row in (ratio, total) and row.value else row for row in results.rows
    )
    found = {count.check_id: count.n_fail for count in audit(Results(results.study_id, results.variant, falsified))}
    assert found == {"DQ078": 1, "DQ079": 1, "DQ080": 1}


@pytest.mark.parametrize(
    ("analysis", "statistic", "variable"),
    [("centres", "n", None), ("centres", "n_events", None), ("attrition", "n_out", "E4"), ("response", "n", "orr")],
)
def test_a_number_that_another_place_contradicts_is_found(
    results: Results, analysis: str, statistic: str, variable: str | None
) -> None:
    """Patients and events by centre, who remains at the last step, responders: one more than elsewhere is seen."""
    place = next(
        row
        for row in results.rows
        if (row.analysis, row.statistic) == (analysis, statistic) and variable in (None, row.variable)
    )
    falsified = tuple(replace(row, value=(row.value or 0) + 1) if row is place else row for row in results.rows)
    found = {count.check_id: count.n_fail for count in audit(Results(results.study_id, results.variant, falsified))}
    assert found["DQ080"] == 1
