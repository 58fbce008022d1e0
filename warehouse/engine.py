"""DuckDB connections with this machine's limits."""

from collections.abc import Callable
from pathlib import Path

import duckdb

from models.config import Settings

Progress = Callable[[str], None]
"""Takes one finished line of text a step; the line never holds a patient's value."""


def silent(_line: str) -> None:
    """The progress of callers who want none."""


def connect(
    path: Path | None, settings: Settings, *, spill: Path | None = None, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """A connection to a database file, or to memory when `path` is None.

    Args:
        path: database file.
        settings: limits of memory and threads.
        spill: folder for what does not fit into memory; without it nothing is ever spilled to disk.
        read_only: open an existing file without the right to change it.
    """
    connection = duckdb.connect(
        str(path) if path else ":memory:",
        read_only=read_only,
        config={
            "memory_limit": settings.memory_limit,
            "threads": str(settings.threads),
            "temp_directory": str(spill) if spill else "",
            "autoinstall_known_extensions": "false",
        },
    )
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET enable_progress_bar = false")
    return connection
