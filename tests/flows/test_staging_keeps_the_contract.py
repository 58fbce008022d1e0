"""Staging against the contracts: what landing checked still holds where the rules begin to read."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from models.contract import TABLES, Kind, Table


@pytest.fixture(scope="module")
def build(demo_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo_home / "current" / "build.duckdb"), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_staging_keeps_the_contract(build: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Each contract table has its staging table; nulls, permitted values and ranges are the contract's."""
    staged = {name: kind for name, kind, *_ in build.execute(f"describe staging.stg_{table.name}").fetchall()}
    for column in table.columns:
        if column.name not in staged or column.kind in (Kind.PATIENT, Kind.RECORD):
            continue
        broken = [] if column.nullable else [f"{column.name} is null"]
        if column.values:
            permitted = ", ".join(f"'{value}'" for value in column.values)
            broken.append(f"{column.name} not in ({permitted})")
        broken += [f"{column.name} < {column.minimum}"] if column.minimum is not None else []
        broken += [f"{column.name} > {column.maximum}"] if column.maximum is not None else []
        for condition in broken:
            sql = f"select count(*) from staging.stg_{table.name} where {condition}"
            assert build.execute(sql).fetchall() == [(0,)], f"{table.name}: {condition}"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_lake_has_the_schema_of_the_contract(build: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Names and types of the bound lake tables are the contract's, whether anything has landed or not."""
    bound = {name: kind for name, kind, *_ in build.execute(f"describe lake.{table.name}").fetchall()}
    assert {column.name: bound.get(column.name) for column in table.columns} == {
        column.name: column.lake_type for column in table.columns
    }
