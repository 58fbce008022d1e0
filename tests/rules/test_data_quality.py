"""R10: every data-quality check on both sides of its boundary, its denominator, and what a failed one does."""

from collections.abc import Iterator

import duckdb
import pytest

from tests.rules import harness
from tests.rules.quality_cases import OTHER_CENTRES, PROTOCOL, SIDES, WORKED, Side, lake


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """All cases in one warehouse."""
    with harness.run_models("+checks +check_failures +quarantine", lake=lake(), protocols=[PROTOCOL]) as made:
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
    ("check", "table", "rows", "failed"),
    [
        ("DQ013", "ecog", 4, 2),
        ("DQ035", "death", 12, 1),
        ("DQ071", "ae", 2, 1),
    ],
)
def test_the_denominator_is_what_the_check_looked_at(
    connection: duckdb.DuckDBPyConnection, check: str, table: str, rows: int, failed: int
) -> None:
    """Rows looked at are those that the check can judge: of a rejecting one, those it rejects and those that stay."""
    query = """
        select n_rows, n_fail, is_exceeded from warehouse.quality.checks
        where check_id = ? and table_name = ? and centre_id = ?
    """
    assert connection.execute(query, [check, table, harness.CENTRE]).fetchall() == [(rows, failed, True)]
