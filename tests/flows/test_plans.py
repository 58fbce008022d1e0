"""How the engine joins: sides that grow with the patients meet by equal columns, never each row with every other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from tests.house import sql_files

PERSONAL = frozenset({"patient_key", "patient_id", "row_key"})
"""A table with one of these columns grows with the patients."""

EVERY_WITH_EVERY = frozenset(
    {"BLOCKWISE_NL_JOIN", "NESTED_LOOP_JOIN", "CROSS_PRODUCT", "PIECEWISE_MERGE_JOIN", "IE_JOIN"}
)
"""Joins that compare each row of one side with the rows of the other, as DuckDB names them."""

FEW_ROWS = frozenset({"UNGROUPED_AGGREGATE"})


@dataclass
class Plan:
    """One plan of EXPLAIN: the joins of patients' rows that have no column to go by."""

    growing: frozenset[str]
    ctes: dict[str, bool] = field(default_factory=dict)

    def slow_joins(self, node: dict[str, Any]) -> Iterator[str]:
        """Conditions of the joins that grow with the square of the patients."""
        name, about = node["name"].strip(), node["extra_info"]
        if name in ("CTE", "RECURSIVE_CTE"):
            self.ctes[str(about.get("Table Index", about.get("CTE Index")))] = self.grows(node["children"][0])
        for child in node["children"]:
            yield from self.slow_joins(child)
        if name in EVERY_WITH_EVERY and all(self.grows(child) for child in node["children"]):
            yield f"{name} on {about.get('Condition') or about.get('Conditions') or 'nothing'}"

    def grows(self, node: dict[str, Any]) -> bool:
        """Whether the rows of a node grow with the patients."""
        name, about = node["name"].strip(), node["extra_info"]
        if name in FEW_ROWS:
            return False
        if "Table" in about:
            return about["Table"] in self.growing
        if "CTE Index" in about and not node["children"]:
            return self.ctes.get(str(about["CTE Index"]), False)
        return any(self.grows(child) for child in node["children"])


def growing_tables(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Tables that hold rows of patients, as plans name them."""
    rows = connection.execute(
        "select database_name || '.' || schema_name || '.' || table_name from duckdb_columns() "
        "where list_contains($1, column_name)",
        [sorted(PERSONAL)],
    ).fetchall()
    return frozenset(name for (name,) in rows)


def slow_joins(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """The joins of one statement that compare every patient's rows with every other's."""
    (_, plans), *_ = connection.execute(f"explain (format json) {sql}").fetchall()
    return list(Plan(growing_tables(connection)).slow_joins(json.loads(plans)[0]))


def test_no_model_compares_every_patient_with_every_other(demo_home: Path) -> None:
    """In the plan of every model, two sides that grow with the patients are joined by columns that are equal."""
    release = (demo_home / "current").resolve()
    compiled = demo_home / "state" / "dbt" / "compiled" / "oncomart" / "models"
    found = {}
    with duckdb.connect(str(release / "build.duckdb"), read_only=True) as connection:
        connection.execute(f"attach '{release / 'warehouse.duckdb'}' as warehouse (read_only)")
        for model in sql_files.models():
            sql = compiled / model.relative_to(sql_files.DBT_PROJECT / "models")
            found[model.stem] = slow_joins(connection, sql.read_text(encoding="utf-8"))
    slow = {name: joins for name, joins in found.items() if joins}
    assert not slow, "\n".join(f"{name}: {join}" for name, joins in slow.items() for join in joins)


def test_a_planted_comparison_of_everyone_is_seen() -> None:
    """A condition that holds more than comparisons makes an outer join slow; a small table on one side does not."""
    with duckdb.connect() as connection:
        for table in ("dose", "line"):
            connection.execute(
                f"create table {table} as select 'p' || range as patient_key, range as day from range(9)"
            )
        connection.execute("create table week as select 1 as first_day, 7 as last_day")
        slow = "select * from dose left join line on dose.patient_key = line.patient_key and {}"
        assert slow_joins(connection, slow.format("(line.day is null or line.day > dose.day)"))
        assert slow_joins(connection, slow.format("dose.day > 1"))
        assert not slow_joins(connection, slow.format("line.day > dose.day and line.day > 1"))
        assert not slow_joins(connection, "select * from dose left join week on day between first_day and last_day")
