"""`oncomart new-centre`: a first mapping, written from the files themselves."""

import sys
from collections.abc import Sequence
from pathlib import Path

from flows.console import count
from warehouse import write_new_centre


def run_new_centre(name: str, files: Sequence[Path], into: Path, *, overwrite: bool) -> int:
    """Write the centre's folder and say what is in it and what to do next; returns the exit code.

    Raises:
        BadInput: the name or a file cannot be used, the folder is there, or no contract table is recognised.
    """
    made = write_new_centre(name, files, into, overwrite=overwrite)
    tables = ", ".join(f"{table} ({count(feeds, 'feed')})" for table, feeds in made.tables.items())
    unread = sum(len(columns) for columns in made.unread.values())
    lines = [
        f"{made.folder}: {count(len(made.sources), 'kind')} of file, {count(len(made.tables), 'contract table')}",
        f"  {tables}",
        f"  {count(made.undecided, 'point')} not decided, {count(unread, 'column')} read by no table: "
        "both stand as comments in the files",
        f"Next: ./oncomart check {made.folder}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0
