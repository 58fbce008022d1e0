"""What one of two relations says and the other does not, apart from what is excused."""

from collections.abc import Sequence

import duckdb

from tests.formats.format import CannotCarry
from warehouse.sqltext import identifier, literal

Statement = tuple[object, ...]


def differences(
    connection: duckdb.DuckDBPyConnection, names: tuple[str, str], selects: tuple[str, str]
) -> list[Statement]:
    """Rows of either select that the other has not, each after the name of the side that has it."""
    (first, second), (one, other) = names, selects
    return connection.execute(
        f"""
        SELECT {literal(first)} AS only_in, * FROM (({one}) EXCEPT ({other}))
        UNION ALL SELECT {literal(second)}, * FROM (({other}) EXCEPT ({one})) ORDER BY ALL
        """
    ).fetchall()


def kept(excused: Sequence[CannotCarry]) -> str:
    """Condition on the rows that are compared."""
    left_out = [f"coalesce({entry.rows}, false)" for entry in excused if not entry.columns]
    return f"NOT ({' OR '.join(left_out)})" if left_out else "true"


def shown(column: str, excused: Sequence[CannotCarry]) -> str:
    """A column, empty where it is excused."""
    conditions = [f"coalesce({entry.rows}, false)" for entry in excused if column in entry.columns]
    cell = identifier(column)
    return f"CASE WHEN {' OR '.join(conditions)} THEN NULL ELSE {cell} END" if conditions else cell
