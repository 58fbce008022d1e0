"""`oncomart dictionary`: the data dictionary of the extract tables, generated from their contracts."""

import sys
from pathlib import Path

from models.contract import PROVENANCE, TABLES, Column, Table

HEAD = """\
# Data dictionary of the extract tables

Generated from `models/contract` by `./oncomart dictionary docs/data-dictionary.md`; a test fails when it is stale.
Dates are ISO text, cut at the precision that the source knew. Pseudonyms replace numbers of patients and of records.
Content columns decide whether two rows are the same; provenance columns never do.
"""


def write_dictionary(file: Path | None) -> int:
    """Write it to a file, or to standard output."""
    text = dictionary_text()
    if file is None:
        sys.stdout.write(text)
    else:
        file.write_text(text, encoding="utf-8")
    return 0


def dictionary_text() -> str:
    """The whole dictionary as Markdown."""
    parts = [HEAD, *(_table(table) for table in TABLES), _provenance()]
    return "\n".join(parts)


def _table(table: Table) -> str:
    rows = [_row(column) for column in table.columns]
    head = "| column | type | null | unit or permitted values | identifies | check | meaning |"
    lead = f"One row per {table.grain}. {table.meaning}"
    return "\n".join([f"## {table.name}", "", lead, "", head, "|---|---|---|---|---|---|---|", *rows, ""])


def _row(column: Column) -> str:
    limits = ", ".join(column.values) or column.unit or ""
    bounds = [str(bound) for bound in (column.minimum, column.maximum) if bound is not None]
    if bounds:
        limits += f" ({'at least ' if column.maximum is None else ''}{' to '.join(bounds)})"
    null = "yes" if column.nullable else "no"
    cells = (column.name, column.kind, null, limits, column.identifies, column.check_id, column.meaning)
    return "| " + " | ".join(cells) + " |"


def _provenance() -> str:
    rows = [f"| {column.name} | {column.lake_type} | {column.meaning} |" for column in PROVENANCE]
    lead = "Added by landing to every row of every table, beside `centre_id` and `batch_id` from the lake's folders."
    return "\n".join(["## Provenance columns", "", lead, "", "| column | type | meaning |", "|---|---|---|", *rows, ""])
