"""What sqlfluff puts for dbt's `adapter`: a dispatched macro is the one that DuckDB gets."""

from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context


@pass_context
def dispatch(context: Context, name: str, _package: str | None = None) -> Callable[..., str]:
    """The macro of this name for DuckDB, else the one for any engine."""
    macro: Callable[..., str] = context.get(f"duckdb__{name}") or context[f"default__{name}"]
    return macro
