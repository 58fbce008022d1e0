"""Scratch tables of one landing: mapped, pseudonymised records, and the records that failed. No raw row is in them."""

import duckdb

from models.contract import CONTRACT, Table
from warehouse.intake.checks import DATES, NUMBERS, Reason, picked
from warehouse.intake.compile import CompiledFeed
from warehouse.sqltext import content_text, identifier, literal

RECORD_COLUMNS = ("is_withdrawn", "failure", "source_row", "source_part", "row_key", "row_hash")
LONGEST_SHAPE = 32

# Original text is kept only where its very form shows that it is a date or a small number: anything else could be a
# name or a telephone number that slipped into the wrong column.
_HARMLESS_DATE = r"\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?"
_HARMLESS_NUMBER = r"[+-]?\d{1,5}(?:[.]\d{1,4})?"

# Han characters become 字, letters a, digits 9.
_SHAPE = (
    "regexp_replace(regexp_replace(regexp_replace("
    "written, '[\\p{Han}]', '字', 'g'), '[a-zA-Z]', 'a', 'g'), '[0-9]', '9', 'g')"
)

_QUARANTINE = """
CREATE TABLE quarantine (
    table_name VARCHAR, check_id VARCHAR, column_name VARCHAR, reason VARCHAR,
    source_file VARCHAR, file_sha256 VARCHAR, source_row BIGINT, source_part INTEGER,
    value_shape VARCHAR, original_text VARCHAR, row_hmac VARCHAR, file_no INTEGER
)
"""


def records_table(table: Table) -> str:
    """Name of the scratch table that gathers the records of a contract table."""
    return identifier(f"records_{table.name}")


def create_scratch_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes a table of records a contract table, `quarantine`, `source_files` (file_no, source_file) and `runs`.

    Records are gathered in temporary tables, the others stay in the database.
    """
    for table in CONTRACT.values():
        create_records_table(connection, table)
    connection.execute(_QUARANTINE)
    connection.execute("CREATE TABLE source_files (file_no INTEGER, source_file VARCHAR)")
    connection.execute("CREATE TABLE runs (table_name VARCHAR, path VARCHAR, file_no INTEGER, n_rows BIGINT)")


def create_records_table(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Makes the temporary table of a contract table's records, empty."""
    content = ", ".join(f"{identifier(column.name)} {column.lake_type}" for column in table.columns)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {records_table(table)} ({content}, is_withdrawn BOOLEAN, failure SMALLINT, "
        "source_row BIGINT, source_part INTEGER, row_key VARCHAR, row_hash VARCHAR, file_no INTEGER)"
    )


def insert_records(feed: CompiledFeed, file_no: int) -> str:
    """SQL that adds the records of the current `chunk`."""
    columns = ", ".join(identifier(name) for name in (*feed.table.column_names, *RECORD_COLUMNS))
    target = records_table(feed.table)
    return f"INSERT INTO {target} ({columns}, file_no) SELECT {columns}, {file_no} FROM ({feed.records})"


def insert_failed(feed: CompiledFeed, file_no: int, file_sha256: str) -> str:
    """SQL that puts the failing records of the current `chunk` into quarantine, each with the first check it fails."""

    def by_failure(values: list[str]) -> str:
        whens = (f"WHEN {position} THEN {value}" for position, value in enumerate(values, start=1))
        return f"CASE failure {' '.join(whens)} END"

    failures = feed.failures
    check_id = by_failure([literal(failure.check_id) for failure in failures])
    column = by_failure([literal(failure.column) for failure in failures])
    reason = by_failure([literal(failure.reason) for failure in failures])
    written = by_failure(["NULL" if failure.reason is Reason.EMPTY else picked(failure.column) for failure in failures])
    harmless = by_failure([literal(_harmless(feed.table, failure.column)) for failure in failures])
    row_text = content_text(feed.wanted)
    return f"""
        INSERT INTO quarantine
        SELECT {literal(feed.table.name)}, check_id, column_name, reason, source_file, {literal(file_sha256)},
            source_row, source_part, left({_SHAPE}, {LONGEST_SHAPE}),
            CASE WHEN regexp_full_match(written, harmless) THEN written END,
            row_hmac, {file_no}
        FROM (
            SELECT source_row, source_part, {check_id} AS check_id, {column} AS column_name, {reason} AS reason,
                {written} AS written, {harmless} AS harmless
            FROM ({feed.records}) WHERE failure IS NOT NULL
        )
        JOIN (SELECT source_row, record_hash('row', {row_text}) AS row_hmac FROM chunk) USING (source_row)
        CROSS JOIN (SELECT source_file FROM source_files WHERE file_no = {file_no})
    """


def _harmless(table: Table, column: str) -> str | None:
    kind = table.column(column).kind
    if kind in DATES:
        return _HARMLESS_DATE
    return _HARMLESS_NUMBER if kind in NUMBERS else None
