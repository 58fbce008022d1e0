"""Which codes, units, tests and drug names a delivery holds, counted while it is read.

A cell that stands in the wrong column may name its patient. A value is kept only where several patients share it, and
it is short and without a long number; nothing else touches a disk.
"""

from collections.abc import Iterator, Sequence

import duckdb

from models.contract import Column, Kind
from warehouse.accounting import ValueCount
from warehouse.intake.checks import picked
from warehouse.intake.compile import CompiledFeed
from warehouse.intake.worklist import FEWEST_PATIENTS, MAY_BE_SHOWN
from warehouse.sqltext import literal

MOST_VALUES = 200
"""Values of one column that are kept, the most frequent first."""

MOST_OF_CHUNK = 1_000
"""Values of one column that are counted of one chunk, so that a wrongly mapped column costs no memory."""

COUNTED_TEXTS = {
    ("drug_row", "raw_name"),
    ("lab", "test"),
    ("lab", "unit"),
    ("vital", "test"),
    ("vital", "unit"),
    ("diagnosis", "system"),
    ("stage", "system"),
    ("biomarker", "name"),
    ("ae", "raw_term"),
    ("ae", "causality_text"),
}
"""Texts of the contract that are lists of names rather than words about a patient."""

_PROFILE = """
CREATE TEMP TABLE value_counts (
    file_no INTEGER, source VARCHAR, table_name VARCHAR, column_name VARCHAR, written VARCHAR, beside VARCHAR,
    n_rows BIGINT, n_patients BIGINT
)
"""


def create_profile(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the temporary table of counts; the connection must not spill."""
    connection.execute(_PROFILE)


def profile_chunk(connection: duckdb.DuckDBPyConnection, feeds: Sequence[CompiledFeed], file_no: int) -> None:
    """Counts the values in the current `chunk`; patients of two chunks are not added, so that none counts twice."""
    selects = [select for feed in feeds for select in _counts(feed)]
    if selects:
        connection.execute(f"INSERT INTO value_counts SELECT {file_no}, * FROM ({' UNION ALL '.join(selects)})")


def _counts(feed: CompiledFeed) -> Iterator[str]:
    patient = picked(feed.table.patient_column.name)
    for column in feed.plain:
        if not is_counted(feed.table.name, column):
            continue
        beside = picked("test") if column.name == "unit" else "NULL::VARCHAR"
        cells = (
            f"SELECT {picked(column.name)} AS written, {beside} AS beside, {patient} AS patient FROM ({feed.picked})"
        )
        yield f"""(
            SELECT {literal(feed.source)} AS source, {literal(feed.table.name)} AS table_name,
                {literal(column.name)} AS column_name, written, beside, count(*) AS n_rows,
                approx_count_distinct(patient) AS n_patients
            FROM ({cells})
            WHERE {MAY_BE_SHOWN} AND (beside IS NULL OR {MAY_BE_SHOWN.replace("written", "beside")})
            GROUP BY written, beside ORDER BY n_rows DESC LIMIT {MOST_OF_CHUNK}
        )"""


def is_counted(table: str, column: Column) -> bool:
    """Whether values of a contract column are a list that may be counted."""
    return column.kind in (Kind.CODE, Kind.FLAG) or (table, column.name) in COUNTED_TEXTS


def forget_profile(connection: duckdb.DuckDBPyConnection, file_no: int) -> None:
    """Takes back what a file held: it is not landed."""
    connection.execute("DELETE FROM value_counts WHERE file_no = ?", [file_no])


def value_counts(connection: duckdb.DuckDBPyConnection) -> tuple[ValueCount, ...]:
    """The values of the whole delivery that several patients share, the most frequent of a column first."""
    rows = connection.execute(
        f"""
        WITH shared AS (
            SELECT source, table_name, column_name, written, coalesce(beside, '') AS beside,
                sum(n_rows)::BIGINT AS n_rows
            FROM value_counts GROUP BY ALL HAVING max(n_patients) >= {FEWEST_PATIENTS}
        )
        SELECT * FROM shared QUALIFY row_number() OVER (
            PARTITION BY source, table_name, column_name ORDER BY n_rows DESC, written, beside
        ) <= {MOST_VALUES}
        ORDER BY source, table_name, column_name, n_rows DESC, written, beside
        """
    ).fetchall()
    names = ("source", "table", "column", "value", "beside", "rows")
    return tuple(ValueCount.model_validate(dict(zip(names, row, strict=True))) for row in rows)
