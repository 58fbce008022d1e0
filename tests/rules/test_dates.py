"""R0.3: partly known dates, by the role that they play."""

from datetime import date

import duckdb
import pytest

from tests.rules.harness import compiled, example

ROLES = ("DEATH", "PD", "DRUG_END", "LAST_ALIVE")
"""Roles of the worked example whose macros are tried here; those of adverse events are tried with their models."""

WORKED = [row for row in example("00_dates__input") if row["role"] in ROLES]

READ = "select *, {{ partial_date('date_text', 'date') }} from cases"
IMPUTED = (
    """
select
    case_id,
    date_precision,
    case role
        when 'DEATH' then {{ death_date('date_lo', 'date_hi', 'date_precision', 'last_alive', 'cutoff') }}
        when 'PD' then {{ progression_date(
            'date_lo', 'date_hi', 'date_precision', 'last_nonpd', days_after('index_date', 1), 'death_date', 'cutoff'
        ) }}
        when 'DRUG_END' then {{ prior_drug_end('date_hi', 'date_precision', 'next_start') }}
        when 'LAST_ALIVE' then {{ last_alive_date('date_lo') }}
    end as imputed_date
from ("""
    + READ
    + ")"
)
FLAGGED = "select case_id, imputed_date, {{ imputation_flag('date_precision', 'imputed_date') }} from (" + IMPUTED + ")"
DATES = ("index_date", "last_alive", "cutoff", "death_date", "last_nonpd", "next_start")
COLUMNS = ("case_id", "role", "date_text", *DATES)

Case = dict[str, str | None]


def impute(cases: list[Case]) -> dict[str, tuple[date | None, str]]:
    """Imputed date and flag of each case, by the project's own macros."""
    connection = duckdb.connect()
    declared = [f"{name} {'DATE' if name in DATES else 'VARCHAR'}" for name in COLUMNS]
    connection.execute(f"create table cases ({', '.join(declared)})")
    rows = [[case.get(name) for name in COLUMNS] for case in cases]
    connection.executemany(f"insert into cases values ({', '.join('?' for _ in COLUMNS)})", rows)
    return {case: (day, flag) for case, day, flag in connection.execute(compiled(FLAGGED)).fetchall()}


@pytest.fixture(scope="module")
def worked() -> dict[str, tuple[date | None, str]]:
    """All worked dates, imputed at once."""
    return impute(WORKED)


@pytest.mark.parametrize("case", [str(row["case_id"]) for row in WORKED])
def test_worked_dates_are_imputed_as_the_rule_book_says(worked: dict[str, tuple[date | None, str]], case: str) -> None:
    """R0.3: death, progression, end of a prior drug and last alive get the rule book's day and flag."""
    expected = next(row for row in example("00_dates__expected") if row["case_id"] == case)
    day, flag = worked[case]
    assert (str(day) if day else None, flag or "D") == (expected["date"], expected["flag"])


@pytest.mark.parametrize(
    ("situation", "case", "day", "flag"),
    [
        ("known_to_the_day", {"role": "DEATH", "date_text": "2024-03-09"}, date(2024, 3, 9), ""),
        ("not_a_date", {"role": "DEATH", "date_text": "soon"}, None, "X"),
        ("day_out_of_calendar", {"role": "LAST_ALIVE", "date_text": "2023-02-29"}, None, "X"),
        ("leap_day", {"role": "LAST_ALIVE", "date_text": "2024-02-29"}, date(2024, 2, 29), ""),
        (
            "progressed_in_the_month_of_index",
            {"role": "PD", "date_text": "2024-05", "index_date": "2024-05-20"},
            date(2024, 5, 21),
            "D",
        ),
        (
            "scan_without_progression_on_the_last_day",
            {"role": "PD", "date_text": "2024-05", "last_nonpd": "2024-05-31"},
            None,
            "X",
        ),
        (
            "next_drug_in_another_month",
            {"role": "DRUG_END", "date_text": "2023-06", "next_start": "2023-07-02"},
            date(2023, 6, 30),
            "D",
        ),
    ],
)
def test_a_partial_date_stays_inside_what_is_known(situation: str, case: Case, day: date | None, flag: str) -> None:
    """R0.3: an imputed day lies in its month and between the facts around it, or the date is unusable."""
    assert impute([{"case_id": situation, **case}]) == {situation: (day, flag)}
