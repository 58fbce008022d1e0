"""What must hold for any patient whatever the rules say: order, file and row do not matter, what came late hardly.

Drawn like the patients of test_reference_agrees.py, 150 by default; ONCOMART_GENERATED_PATIENTS sets the number.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

import duckdb
import pytest

from tests.generated.comparison import lake_of
from tests.generated.drawing import drawn, patients_wanted
from tests.generated.histories import CUTOFF, EXTRACTED, History, assessed, died, dispensed, given, happened, met
from tests.generated.strategies import combination_histories
from tests.reference.days import after
from tests.rules import harness

MARTS = (
    "lines_of_therapy",
    "study_cohort",
    "treatment_free_intervals",
    "best_response",
    "event_dates",
    "survival_times",
)
PROVENANCE = ("row_key", "source_file", "source_row", "source_part", "episode_id")
PATIENTS = 150


@pytest.fixture(scope="module")
def histories() -> list[History]:
    return drawn(combination_histories(), patients_wanted(PATIENTS))


@pytest.fixture(scope="module")
def warehouse(histories: list[History]) -> Iterator[duckdb.DuckDBPyConnection]:
    with built(lake_of(histories)) as connection:
        yield connection


@pytest.fixture(scope="module")
def shuffled(histories: list[History]) -> Iterator[duckdb.DuckDBPyConnection]:
    lake = lake_of(histories)
    dice = random.Random(1)
    for rows in lake.values():
        dice.shuffle(rows)
    with built(lake) as connection:
        yield connection


@pytest.fixture(scope="module")
def alive_at_cutoff(histories: list[History]) -> Iterator[duckdb.DuckDBPyConnection]:
    with built(lake_of([seen_at_cutoff(history) for history in histories])) as connection:
        yield connection


@pytest.fixture(scope="module")
def with_later_rows(histories: list[History]) -> Iterator[duckdb.DuckDBPyConnection]:
    with built(lake_of([with_rows_after_cutoff(history) for history in histories])) as connection:
        yield connection


@pytest.mark.parametrize("mart", MARTS)
def test_order_and_row_numbers_do_not_matter(
    mart: str, warehouse: duckdb.DuckDBPyConnection, shuffled: duckdb.DuckDBPyConnection
) -> None:
    """The same rows in another order, under other row numbers and keys, give the same content."""
    assert only_in_one(mart, warehouse, shuffled) == []


@pytest.mark.parametrize("mart", MARTS)
def test_rows_after_the_cutoff_prove_life_and_nothing_else(
    mart: str, alive_at_cutoff: duckdb.DuckDBPyConnection, with_later_rows: duckdb.DuckDBPyConnection
) -> None:
    """R0.4, TE06: a row after the cutoff changes nothing but that the patient is known alive at the cutoff."""
    assert only_in_one(mart, alive_at_cutoff, with_later_rows) == []


def test_progression_free_survival_ends_no_later_than_overall_survival(warehouse: duckdb.DuckDBPyConnection) -> None:
    """R9.10: PFS <= OS for every patient."""
    query = "select patient_key, paramcd, end_date from warehouse.marts.survival_times where paramcd in ('OS', 'PFS')"
    ends: dict[str, dict[str, object]] = {}
    for patient_key, paramcd, end in warehouse.execute(query).fetchall():
        ends.setdefault(patient_key, {})[paramcd] = end
    assert ends
    assert {key: dates for key, dates in ends.items() if str(dates["PFS"]) > str(dates["OS"])} == {}


def test_lines_follow_each_other(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Lines of a patient start on different days, in the order of their numbers, and end before the next begins."""
    query = (
        "select patient_key, line_seq, start_date, last_dose_date from intermediate.int_lines_of_therapy"
        " order by patient_key, line_seq"
    )
    lines = warehouse.execute(query).fetchall()
    assert lines
    for (patient, _, start, last_dose), (next_patient, _, next_start, _) in pairwise(lines):
        assert start <= last_dose
        assert patient != next_patient or last_dose < next_start


def built(lake: dict[str, list[dict[str, object]]]) -> duckdb.DuckDBPyConnection:
    return harness.run_models(" ".join(f"+{mart}" for mart in MARTS), lake=lake, extract_date=EXTRACTED)


def seen_at_cutoff(history: History) -> History:
    return History(history.situation, (*history.rows, met(CUTOFF)))


def with_rows_after_cutoff(history: History) -> History:
    """The patient of `seen_at_cutoff` with a row of every kind on later days."""
    day = after(CUTOFF, 1)
    later = (
        given("irinotecan", day, 14),
        given("camrelizumab", after(CUTOFF, 7), 21),
        dispensed("anlotinib", day, 14),
        assessed(day, "PD"),
        happened("M1", day),
        happened("CLIN_PD", day),
        met(after(CUTOFF, 3)),
        died(after(CUTOFF, 2)),
    )
    return History(history.situation, seen_at_cutoff(history).rows + later)


def content(mart: str, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Rows of a mart as text, without the columns that say where a row came from."""
    relation = connection.execute(f"select * from warehouse.marts.{mart}")
    names = [column[0] for column in relation.description]
    kept = [n for n, name in enumerate(names) if not name.endswith(PROVENANCE)]
    return sorted(", ".join(f"{names[n]}={row[n]}" for n in kept) for row in relation.fetchall())


def only_in_one(mart: str, one: duckdb.DuckDBPyConnection, other: duckdb.DuckDBPyConnection) -> Sequence[str]:
    """At most ten rows that the two warehouses do not share; both hold some."""
    first, second = content(mart, one), content(mart, other)
    assert first
    return sorted({*first} ^ {*second})[:10]
