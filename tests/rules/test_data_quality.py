"""R10: every data-quality check on both sides of its boundary, its denominator, and what a failed one does."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest

from models.contract import TABLES
from models.contract.column import Kind
from tests.rules import harness
from tests.rules.quality_cases import GOOD_PATIENT, OTHER_CENTRES, PROTOCOL, SIDES, WORKED, Side, lake
from tests.rules.quality_rows import Row, drug

MODELS = "+checks +check_failures +quarantine +completeness +volume_by_month"
STAGED: list[Row] = [
    {"patient_id": "staged", "stage_date": day, "t": t}
    for day, t in (("2024-03-31", "T3"), ("2024-03", "T3"), ("2024", None), (None, "T2"))
]
PLANNED = {"patient_id": "planned_after_extract", **drug("anlotinib", "2025-12-01", status="PLANNED")}
TOLERANCES: list[Row] = [
    {"check_id": "DQ013", "centre_id": None, "tolerance_pct": "10"},
    {"check_id": "DQ013", "centre_id": harness.CENTRE, "tolerance_pct": "50"},
    {"check_id": "DQ035", "centre_id": None, "tolerance_pct": "8"},
    {"check_id": "DQ046", "centre_id": OTHER_CENTRES[0], "tolerance_pct": "100"},
]


def rows_of_all() -> dict[str, list[Row]]:
    """The cases of the checks, and rows of which only the month, only the year or a day ahead is known."""
    rows: dict[str, list[Row]] = {table: [*some] for table, some in lake().items()}
    rows["stage"] = [*rows.get("stage", []), *STAGED]
    rows["drug_row"] = [*rows["drug_row"], PLANNED]
    rows["patient"] = [
        *rows["patient"],
        *({"patient_id": row["patient_id"], **GOOD_PATIENT} for row in (STAGED[0], PLANNED)),
    ]
    return rows


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """All cases in one warehouse."""
    with harness.run_models(MODELS, lake=rows_of_all(), protocols=[PROTOCOL], tolerances=TOLERANCES) as made:
        yield made


def _found(connection: duckdb.DuckDBPyConnection, check: str, patient: str) -> set[bool]:
    """What the check found in the patient's rows: True for a failed one, False for a good one."""
    query = "select distinct is_failed from intermediate.int_checked_rows where check_id = ? and patient_key = ?"
    return {found for (found,) in connection.execute(query, [check, harness.patient_key(patient)]).fetchall()}


@pytest.mark.parametrize("side", SIDES, ids=lambda side: f"{side.name}-{side.patient}")
def test_a_check_fails_what_it_names_and_lets_the_rest_pass(connection: duckdb.DuckDBPyConnection, side: Side) -> None:
    """On one side of its boundary a check fails a row, on the other it looks at the row and lets it pass."""
    found = _found(connection, side.check, side.patient)
    assert True in found if side.is_failed else found == {False}


@pytest.mark.parametrize("case", WORKED)
def test_worked_case(connection: duckdb.DuckDBPyConnection, case: str) -> None:
    """The rows of each worked case fail the check that the rule book names, and those that it lets pass fail none."""
    (expected,) = (
        row["expected_check_id"] for row in harness.example("10_dq__input_expected") if row["case_id"] == case
    )
    query = "select distinct check_id from warehouse.quality.check_failures where patient_key = ?"
    failed = {check for (check,) in connection.execute(query, [harness.patient_key(case.lower())]).fetchall()}
    assert expected in failed if expected else not failed


def test_a_centre_in_another_unit_is_found_by_its_median(connection: duckdb.DuckDBPyConnection) -> None:
    """DQ052: glucose in mg/dL under the name of mmol/L differs from the pool by more than the factor."""
    query = (
        "select centre_id, is_failed from intermediate.int_checked_rows where check_id = 'DQ052' and row_key = 'GLU'"
    )
    found = dict(connection.execute(query).fetchall())
    assert found == {"in_mmol": False, "in_mmol_too": False, "in_mg_called_mmol": True}


def test_every_check_stands_for_every_centre(connection: duckdb.DuckDBPyConnection) -> None:
    """Each check of the rule book has a row for each centre, or one for their pool, with 0 rows if need be."""
    listed = {check for (check,) in connection.execute("select check_id from seeds.dq_checks").fetchall()}
    rows = connection.execute("select distinct check_id, centre_id from warehouse.quality.checks").fetchall()
    centres = {harness.CENTRE, *OTHER_CENTRES}
    pooled = {"DQ026", "DQ078", "DQ079", "DQ080"}
    assert {check for check, _ in rows} == listed
    for check in listed - pooled:
        assert {centre for found, centre in rows if found == check} == centres, check


def test_a_rejected_row_is_read_by_no_rule_and_counted(connection: duckdb.DuckDBPyConnection) -> None:
    """R10: rows that a check in SQL rejects are in quarantine's counts and not in staging; both add up to the lake."""
    rejected = connection.execute(
        "select table_name, sum(n_rows) from intermediate.int_staging_rejections group by table_name order by 1"
    ).fetchall()
    assert [table for table, _ in rejected] == ["ae", "drug_row", "ecog", "lab", "lesion", "vital"]
    for table, count in rejected:
        (kept,) = connection.execute(f"select count(*) from staging.stg_{table}").fetchone() or (0,)
        (landed,) = connection.execute(f"select count(*) from lake.{table}").fetchone() or (0,)
        assert kept + count == landed, table
        counted = connection.execute(
            "select sum(n_rows) from warehouse.quality.quarantine where table_name = ?", [table]
        ).fetchone()
        assert counted == (count,), table


@pytest.mark.parametrize(
    ("check", "table", "rows", "failed", "is_exceeded"),
    [
        ("DQ013", "ecog", 4, 2, False),
        ("DQ035", "death", 12, 1, True),
        ("DQ071", "ae", 2, 1, True),
    ],
)
def test_the_denominator_is_what_the_check_looked_at(
    connection: duckdb.DuckDBPyConnection, check: str, table: str, rows: int, failed: int, is_exceeded: bool
) -> None:
    """Rows looked at are those that the check can judge: of a rejecting one, those it rejects and those that stay.

    At a tolerance of 50% for this centre (10% for all) 2 of 4 are within it, and 1 of 12 is beyond one of 8%.
    """
    query = """
        select n_rows, n_fail, is_exceeded from warehouse.quality.checks
        where check_id = ? and table_name = ? and centre_id = ?
    """
    assert connection.execute(query, [check, table, harness.CENTRE]).fetchall() == [(rows, failed, is_exceeded)]


def test_the_tolerance_of_another_centre_changes_nothing_here(connection: duckdb.DuckDBPyConnection) -> None:
    """What is set for one centre stands for that centre alone; the others keep the rule book's."""
    query = "select distinct centre_id, tolerance_pct from warehouse.quality.checks where check_id = 'DQ046'"
    found: dict[str, Any] = dict(connection.execute(query).fetchall())
    assert {centre: int(tolerance) for centre, tolerance in found.items()} == {
        harness.CENTRE: 0,
        OTHER_CENTRES[0]: 100,
        OTHER_CENTRES[1]: 0,
        OTHER_CENTRES[2]: 0,
    }


def test_every_row_has_its_month_or_none(connection: duckdb.DuckDBPyConnection) -> None:
    """A day or a month gives the month; a year alone, no date or a plan after the extract none; no row is lost."""
    query = "select event_month, n_rows from warehouse.quality.volume_by_month where table_name = ? order by all"
    assert connection.execute(query, ["stage"]).fetchall() == [(date(2024, 3, 1), 2), (None, 2)]
    assert connection.execute(query, ["drug_row"]).fetchall()[-1] == (None, 1)
    for table in ("stage", "drug_row", "lab", "death"):
        counted = connection.execute(
            "select sum(n_rows) from warehouse.quality.volume_by_month where table_name = ?", [table]
        ).fetchone()
        assert counted == connection.execute(f"select count(*) from staging.stg_{table}").fetchone(), table


def test_completeness_counts_values_of_every_column_of_the_contract(connection: duckdb.DuckDBPyConnection) -> None:
    """Each column but the patient's number stands there with its rows; 3 of 4 stagings have a date, 3 of 4 a T."""
    query = "select column_name, n_rows, n_filled, pct_filled from warehouse.quality.completeness where table_name = ?"
    for table in TABLES:
        found = {name for name, *_ in connection.execute(query, [table.name]).fetchall()}
        wanted = {column.name for column in table.columns if column.kind is not Kind.PATIENT}
        assert found in (wanted, set()), table.name
    of_stage = {name: tuple(rest) for name, *rest in connection.execute(query, ["stage"]).fetchall()}
    assert of_stage["stage_date"] == of_stage["t"] == (4, 3, 75)
    assert of_stage["stage_group"] == (4, 0, 0)
    deaths = connection.execute(query, ["death"]).fetchall()
    assert ("date_text", 12, 11) in [(name, rows, filled) for name, rows, filled, _ in deaths]


def test_the_columns_that_sql_counts_are_those_of_the_contract() -> None:
    """The list in the macro is the contract's, table by table: a new column is counted or this fails."""
    written = json.loads(harness.compiled("{{ contract_columns() | tojson }}"))
    assert written == {
        table.name: [column.name for column in table.columns if column.kind is not Kind.PATIENT] for table in TABLES
    }


def test_a_blocking_check_stops_publication_beyond_its_tolerance_only() -> None:
    """One beyond it stops; one whose failed rows are tolerated does not, nor one beyond it that blocks nothing."""
    gate = (harness.DBT_PROJECT / "tests" / "no_blocking_check_fails.sql").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute(
            """
            create table judged as
            select *, null as centre_id, null as study_id, null as variant, 'line' as table_name, 100 as n_rows from (
                values
                    ('stops', 'Y', 3, true), ('tolerated', 'Y', 3, false), ('unseen', 'Y', 0, null),
                    ('tells', 'N', 9, true)
            ) as rows (check_id, stops_build, n_fail, is_exceeded)
            """
        )
        stopping = connection.execute(gate.replace("{{ ref('checks') }}", "judged")).fetchall()
    assert [check for check, *_ in stopping] == ["stops"]
