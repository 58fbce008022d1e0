"""R2.2: from capsules taken home to days on the drug."""

from datetime import date, timedelta

import duckdb
import pytest

from tests.rules.harness import example, patient_key, run_models

BOUNDARIES = {"refill_28_days_late": 28, "refill_29_days_late": 29}
COVERED_BY_ONE_BOX = 21
EMPTIED = {
    "second_box_brought_back": [("2024-01-01", 14), ("2024-02-10", 14), ("2024-02-15", -14), ("2024-03-01", 14)],
    "second_and_third_box_brought_back": [
        ("2024-01-01", 14),
        ("2024-02-10", 14),
        ("2024-02-11", -14),
        ("2024-02-12", 14),
        ("2024-02-15", -14),
        ("2024-02-18", 14),
    ],
    "first_box_brought_back": [("2024-01-01", 14), ("2024-01-03", -14), ("2024-01-10", 14)],
}


def _fill(patient: str, day: str, capsules: int, mg: str) -> dict[str, object]:
    return {
        "patient_id": patient,
        "source_kind": "DISPENSE" if capsules > 0 else "RETURN",
        "raw_name": "盐酸安罗替尼胶囊",
        "raw_spec": f"{mg}mg*7粒",
        "qty": capsules,
        "units_per_day": 1,
        "start_text": day,
    }


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    """Exposure of the worked oral cases and of both sides of the grace, built from dispensings."""
    rows = [
        _fill(str(case["case_id"]), str(case["dispense_date"]), int(str(case["on_days"])), str(case["mg_per_day"]))
        for case in example("02a_oral__input")
    ]
    for patient, gap in BOUNDARIES.items():
        refill = date(2024, 1, 1) + timedelta(days=COVERED_BY_ONE_BOX + gap)
        rows += [_fill(patient, "2024-01-01", 14, "12"), _fill(patient, refill.isoformat(), 14, "12")]
    rows += [_fill("supplied_past_the_cutoff", "2025-06-30", 14, "12")]
    for patient, fills in EMPTIED.items():
        rows += [_fill(patient, day, capsules, "12") for day, capsules in fills]
    return run_models("+int_exposure_episodes", lake={"drug_row": rows})


@pytest.mark.parametrize("case", sorted({str(row["case_id"]) for row in example("02a_oral__expected")}))
def test_worked_oral_cases_come_out_as_the_rule_book_says(connection: duckdb.DuckDBPyConnection, case: str) -> None:
    """R2.2: episodes, last on-day, on-days, milligrams and delays of a worked case."""
    query = """
        select row_number() over (order by start_date), start_date, covered_through_date, last_dose_date,
            on_days, cast(total_mg as integer), n_delays, delay_days
        from intermediate.int_oral_episodes where patient_key = ?
    """
    names = ("episode", "start", "covered_through", "last_on_day", "on_days", "total_mg", "n_delays", "delay_days")
    found = [
        {"case_id": case, **dict(zip(names, map(str, row), strict=True))}
        for row in connection.execute(query, [patient_key(case)]).fetchall()
    ]
    assert found == [row for row in example("02a_oral__expected") if row["case_id"] == case]


@pytest.mark.parametrize(("patient", "episodes"), [("refill_28_days_late", 1), ("refill_29_days_late", 2)])
def test_the_grace_ends_after_28_days(connection: duckdb.DuckDBPyConnection, patient: str, episodes: int) -> None:
    """R2.2: a refill 28 days after coverage continues the episode, one on day 29 begins another."""
    query = "select count(*) from intermediate.int_exposure_episodes where patient_key = ?"
    assert connection.execute(query, [patient_key(patient)]).fetchone() == (episodes,)


@pytest.mark.parametrize(
    ("patient", "episodes"),
    [
        ("second_box_brought_back", [("2024-01-01", "2024-01-21", 0), ("2024-03-01", "2024-03-21", 0)]),
        ("second_and_third_box_brought_back", [("2024-01-01", "2024-03-09", 27)]),
        ("first_box_brought_back", [("2024-01-10", "2024-01-30", 0)]),
    ],
)
def test_a_box_brought_back_whole_leaves_no_trace(
    connection: duckdb.DuckDBPyConnection, patient: str, episodes: list[tuple[str, str, int]]
) -> None:
    """R2.2: after a return that empties a segment, the next gap is measured from the segment before it."""
    query = """
        select cast(start_date as varchar), cast(covered_through_date as varchar), delay_days
        from intermediate.int_oral_episodes where patient_key = ? order by start_date
    """
    assert connection.execute(query, [patient_key(patient)]).fetchall() == episodes


def test_exposure_is_cut_at_the_data_cutoff(connection: duckdb.DuckDBPyConnection) -> None:
    """R0.4: capsules that last past the cutoff make an ongoing episode that ends on it."""
    query = """
        select last_dose_date, covered_through_date, is_ongoing_at_cutoff
        from intermediate.int_exposure_episodes where patient_key = ?
    """
    found = connection.execute(query, [patient_key("supplied_past_the_cutoff")]).fetchall()
    assert found == [(date(2025, 7, 5), date(2025, 7, 5), True)]
