"""SQL text, quoted in one place: nothing else in the house may put a name or a value between quotes."""

from collections.abc import Iterable

UNIT_SEPARATOR = "chr(31)"


def identifier(name: str) -> str:
    """A quoted name of a column, table, schema or database."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | int | bool | None) -> str:
    """A quoted value."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return "'" + value.replace("'", "''") + "'"


def literals(values: Iterable[str]) -> str:
    """Quoted values with commas, for `IN (…)`."""
    return ", ".join(literal(value) for value in values)


def content_text(columns: Iterable[str]) -> str:
    """One text of all columns that have a value, for hashing.

    Names stand beside the values, so that a contract that gains a column leaves the hashes of old rows as they were.
    """
    parts = [f"{literal(name + '=')} || {identifier(name)}::VARCHAR" for name in columns]
    return f"concat_ws({UNIT_SEPARATOR}, {', '.join(parts)})"
