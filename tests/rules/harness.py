"""Runs the shipped SQL over rows of a test: a build.duckdb as a refresh binds it, and dbt over it.

The lake tables come from the contract and the protocol tables from a real protocol file, so neither can drift from the
product.
Each call costs seconds: give all the cases of a topic, one patient each, to one call.
"""

import atexit
import csv
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from models.contract import CONTRACT, PROVENANCE
from models.parameters import ParameterBook
from models.protocol import parse_protocol
from models.protocol_tables import RowTable, protocol_tables
from models.tolerances import COLUMNS
from warehouse.release import PUBLISHED_SCHEMAS

ROOT = Path(__file__).resolve().parents[2]
DBT_PROJECT = ROOT / "dbt_project"
EXAMPLES = Path(__file__).resolve().parent / "examples"
CENTRE = "centre_a"
EXTRACT_DATE = date(2025, 8, 1)

Row = Mapping[str, object]

PROTOCOL = """
[study]
id = "rule_cases"
title = "Worked cases of the rule book"

[cutoff]
date = 2025-07-05

[parameters]
{parameters}

[index]
type = "combination"
from = 2019-01-01
to = 2024-12-31

[[index.components]]
name = "anlotinib"
label = "Anlotinib"
drugs = ["anlotinib"]

[[index.components]]
name = "pd1"
label = "PD-1 antibody"
flags = ["is_pd1_mab"]

[[criteria]]
id = "I5"
kind = "inclusion"
label = "Received both"
unknown_policy = "exclude"
conditions = [{{ type = "index_found" }}]

[analysis]
endpoints = [
    {{ paramcd = "OS", label = "Overall survival" }},
    {{ paramcd = "PFS", label = "Progression-free survival" }},
]
response = false
"""

LANDING_COUNTS: dict[str, tuple[str, ...]] = {
    "deliveries": (
        "centre_id VARCHAR",
        "delivery_id VARCHAR",
        "batch_id VARCHAR",
        "extract_date DATE",
        "delivery_seq INTEGER",
        "landed_at TIMESTAMP",
        "n_files INTEGER",
    ),
    "delivery_files": (
        "centre_id VARCHAR",
        "delivery_id VARCHAR",
        "batch_id VARCHAR",
        "source VARCHAR",
        "source_file VARCHAR",
        "sha256 VARCHAR",
        "n_bytes BIGINT",
        "rows_read BIGINT",
        "rows_used BIGINT",
        "rows_skipped BIGINT",
        "rows_failed BIGINT",
        "error VARCHAR",
    ),
    "landing_counts": (
        "centre_id VARCHAR",
        "batch_id VARCHAR",
        "table_name VARCHAR",
        "rows_emitted BIGINT",
        "rows_landed BIGINT",
        "rows_quarantined BIGINT",
        "rows_duplicate BIGINT",
        "rows_withdrawn BIGINT",
    ),
    "quarantine_counts": (
        "centre_id VARCHAR",
        "batch_id VARCHAR",
        "table_name VARCHAR",
        "check_id VARCHAR",
        "column_name VARCHAR",
        "reason VARCHAR",
        "n_rows BIGINT",
        "source_file VARCHAR",
        "source_row BIGINT",
    ),
    "centre_phrases": ("centre_id VARCHAR", "vocabulary VARCHAR", "phrase VARCHAR", "code VARCHAR"),
    "phrase_gaps": (
        "centre_id VARCHAR",
        "batch_id VARCHAR",
        "source VARCHAR",
        "is_full BOOLEAN",
        "column_name VARCHAR",
        "vocabulary VARCHAR",
        "reason VARCHAR",
        "written VARCHAR",
        "n_rows BIGINT",
        "n_patients BIGINT",
        "source_file VARCHAR",
        "source_row BIGINT",
    ),
    "centres": ("centre_id VARCHAR", "centre_name VARCHAR", "calendar VARCHAR", "anchor_date DATE"),
}


def protocol(parameters: Mapping[str, str] | None = None) -> str:
    """A protocol file for worked cases, with overrides of parameters."""
    lines = [f'{name} = "{value}"' for name, value in (parameters or {}).items()]
    return PROTOCOL.format(parameters="\n".join(lines))


def example(name: str) -> list[dict[str, str | None]]:
    """Rows of a worked example's CSV; an empty cell is None."""
    with (EXAMPLES / f"{name}.csv").open(encoding="utf-8") as lines:
        return [{column: value or None for column, value in row.items()} for row in csv.DictReader(lines)]


def patient_key(patient_id: str, centre_id: str = CENTRE) -> str:
    """The key that staging gives a patient who has this number only."""
    return hashlib.md5(f"{centre_id}|{patient_id}".encode(), usedforsecurity=False).hexdigest()


def param_set(family: str, text: str | None = None) -> str:
    """The `param_set_id` that a study gives this family of rules in its primary variant."""
    rows = _protocol_rows([text or protocol()])["study_param_sets"].rows
    return next(str(row[-1]) for row in rows if row[1] == "primary" and row[2] == family)


def run_models(
    select: str,
    lake: Mapping[str, Sequence[Row]] | None = None,
    protocols: Sequence[str] | None = None,
    replaced: Mapping[str, Sequence[Row]] | None = None,
    calendar: str = "absolute",
    extract_date: date = EXTRACT_DATE,
    tolerances: Sequence[Row] = (),
) -> duckdb.DuckDBPyConnection:
    """Run models over rows and return a read-only connection to what they made.

    Args:
        select: dbt's selection, such as "+int_lines_of_therapy".
        lake: rows by contract table; columns that a row leaves out are NULL, provenance is made up. A patient whom any
            row names gets a row in `patient` unless the test gives rows of that table. What landing counted may stand
            here as well, and `centres`, which else are those that rows name.
        protocols: TOML texts of studies; the plain study of `protocol()` without them.
        replaced: rows by model: that model is not run, it holds these rows instead (`param_set_id` from `param_set()`).
        calendar: of every centre, absolute or relative.
        extract_date: of the one delivery; rows dated later are rejected (DQ058).
        tolerances: those that a configuration sets (`check_id`, `centre_id`, `tolerance_pct`).

    Raises:
        AssertionError: dbt failed; the message is dbt's.
    """
    replaced = replaced or {}
    workshop = _workshop()
    _fresh_databases(workshop)
    with duckdb.connect(workshop / "build.duckdb") as connection:
        _bind_lake(connection, lake or {}, calendar, extract_date)
        _bind_protocols(connection, protocols or [protocol()])
        _bind_tolerances(connection, tolerances)
    if replaced:
        _invoke("run", "--empty", "--select", *(f"+{model}" for model in replaced))
        with duckdb.connect(workshop / "build.duckdb") as connection:
            for model, rows in replaced.items():
                _insert(connection, f"{_schema_of(connection, model)}.{model}", rows)
    _invoke("run", "--select", *select.split(), *(["--exclude", *replaced] if replaced else []))
    return _opened_copy(workshop)


@cache
def compiled(template: str) -> str:
    """The SQL that dbt makes of a template which uses the project's macros."""
    return str(_invoke("compile", "--inline", template)[0].node.compiled_code)


def _invoke(*arguments: str) -> Sequence[Any]:
    """Results of one dbt command, whose types dbt does not publish."""
    workshop = _workshop()
    os.environ["ONCOMART_BUILD_PATH"] = str(workshop / "build.duckdb")
    os.environ["ONCOMART_WAREHOUSE_PATH"] = str(workshop / "warehouse.duckdb")
    os.environ["ONCOMART_TEMP_DIR"] = str(workshop / "spill")
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    written = ["--target-path", str(workshop / "target"), "--log-path", str(workshop / "logs")]
    outcome = dbtRunner().invoke([arguments[0], "--quiet", *arguments[1:], *folders, *written])
    manager: Any = DuckDBConnectionManager
    manager.close_all_connections()
    results: Any = outcome.result or []
    if not outcome.success:
        failed = [node for node in results if node.status in ("error", "fail")]
        messages = [f"{node.node.name}: {node.message}" for node in failed]
        raise AssertionError("\n".join(messages) or str(outcome.exception))
    return list(results)


@cache
def _workshop() -> Path:
    """One folder a session, so that dbt finds its parsed project again; its databases are made anew for each run."""
    folder = Path(tempfile.mkdtemp(prefix="oncomart-rules-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _seeded_build() -> Path:
    """A build.duckdb that holds the seeds and nothing else, made once a session."""
    workshop = _workshop()
    with duckdb.connect(workshop / "warehouse.duckdb") as connection:
        for schema in PUBLISHED_SCHEMAS:
            connection.execute(f"create schema {schema}")
    _invoke("seed")
    return Path(shutil.copy(workshop / "build.duckdb", workshop / "seeded.duckdb"))


def _fresh_databases(workshop: Path) -> None:
    seeded = _seeded_build()
    shutil.copy(seeded, workshop / "build.duckdb")
    (workshop / "warehouse.duckdb").unlink()
    with duckdb.connect(workshop / "warehouse.duckdb") as connection:
        for schema in PUBLISHED_SCHEMAS:
            connection.execute(f"create schema {schema}")


def _bind_lake(
    connection: duckdb.DuckDBPyConnection, lake: Mapping[str, Sequence[Row]], calendar: str, extract_date: date
) -> None:
    connection.execute("create schema lake")
    rows = {table: [*lake.get(table, [])] for table in CONTRACT}
    if not rows["patient"]:
        rows["patient"] = [{"centre_id": centre, "patient_id": patient} for centre, patient in _people(rows)]
    for name, table in CONTRACT.items():
        columns = [f"{column.name} {column.lake_type}" for column in table.columns]
        columns += [f"{column.name} {column.lake_type}" for column in PROVENANCE]
        connection.execute(f"create table lake.{name} (centre_id VARCHAR, batch_id VARCHAR, {', '.join(columns)})")
        landed = [
            {"extract_date": extract_date, **_landed(name, table.column_names, row, number)}
            for number, row in enumerate(rows[name], start=2)
        ]
        _insert(connection, f"lake.{name}", landed)
    for name, declared in LANDING_COUNTS.items():
        connection.execute(f"create table lake.{name} ({', '.join(declared)})")
        _insert(connection, f"lake.{name}", lake.get(name, []))
    centres = sorted({str(row.get("centre_id", CENTRE)) for some in rows.values() for row in some} | {CENTRE})
    if "centres" not in lake:
        _insert(connection, "lake.centres", [{"centre_id": c, "centre_name": c, "calendar": calendar} for c in centres])
    delivery: Row = {"delivery_id": "delivery_1", "extract_date": extract_date, "delivery_seq": 1}
    _insert(connection, "lake.deliveries", [{"centre_id": centre, **delivery} for centre in centres])


def _people(rows: Mapping[str, Sequence[Row]]) -> list[tuple[str, str]]:
    named = [row for some in rows.values() for row in some if "patient_id" in row]
    return sorted({(str(row.get("centre_id", CENTRE)), str(row["patient_id"])) for row in named})


def _landed(table: str, columns: Iterable[str], row: Row, number: int) -> Row:
    content = "|".join(str(row.get(column)) for column in columns)
    provenance: dict[str, object] = {
        "centre_id": CENTRE,
        "batch_id": "batch_1",
        "row_key": hashlib.md5(f"{table}|{number}".encode(), usedforsecurity=False).hexdigest(),
        "row_hash": hashlib.md5(content.encode(), usedforsecurity=False).hexdigest(),
        "is_withdrawn": False,
        "delivery_id": "delivery_1",
        "delivery_seq": 1,
        "source_file": f"{table}.csv",
        "source_row": number,
        "source_part": 1,
    }
    return {**provenance, **row}


def _protocol_rows(texts: Sequence[str]) -> dict[str, RowTable]:
    with (DBT_PROJECT / "seeds" / "params.csv").open(encoding="utf-8") as lines:
        book = ParameterBook(csv.DictReader(lines))
    return protocol_tables([(parse_protocol(text, "test protocol"), text) for text in texts], book)


def _bind_protocols(connection: duckdb.DuckDBPyConnection, texts: Sequence[str]) -> None:
    connection.execute("create schema protocol")
    for table in _protocol_rows(texts).values():
        columns = ", ".join(f"{name} {sql_type}" for name, sql_type in table.columns)
        connection.execute(f"create table protocol.{table.name} ({columns})")
        names = [name for name, _ in table.columns]
        _insert(connection, f"protocol.{table.name}", [dict(zip(names, row, strict=True)) for row in table.rows])


def _bind_tolerances(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    columns = ", ".join(f"{name} {sql_type}" for name, sql_type in COLUMNS)
    connection.execute("create schema settings")
    connection.execute(f"create table settings.tolerances ({columns})")
    _insert(connection, "settings.tolerances", rows)


def _insert(connection: duckdb.DuckDBPyConnection, relation: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    columns = list(dict.fromkeys(column for row in rows for column in row))
    inserted = pa.table({column: _arrow([row.get(column) for row in rows]) for column in columns})
    connection.register("inserted", inserted)
    connection.execute(f"insert into {relation} ({', '.join(columns)}) select * from inserted")
    connection.unregister("inserted")


def _arrow(values: Sequence[object]) -> pa.Array:
    """A column as DuckDB casts it best: of one type as it is, of several (dates beside their text) as text."""
    kinds = {type(value) for value in values if value is not None}
    return pa.array(values if len(kinds) < 2 else [None if value is None else str(value) for value in values])


def _schema_of(connection: duckdb.DuckDBPyConnection, model: str) -> str:
    found = connection.execute("select schema_name from duckdb_tables() where table_name = ?", [model]).fetchone()
    assert found, f"{model} is not a table of build.duckdb"
    return str(found[0])


def _opened_copy(workshop: Path) -> duckdb.DuckDBPyConnection:
    """Both databases under the names that views in them use, safe from the next run."""
    copy = Path(tempfile.mkdtemp(dir=workshop))
    connection = duckdb.connect()
    for alias in ("build", "warehouse"):
        shutil.copy(workshop / f"{alias}.duckdb", copy)
        connection.execute(f"attach '{copy / alias}.duckdb' as {alias} (read_only)")
    connection.execute("use build")
    return connection
