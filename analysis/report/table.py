"""A table of the report: built once, printed as HTML and as CSV."""

import csv
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Literal

from analysis.report.parts import Label, Text, plain


@dataclass(frozen=True)
class Column:
    """A column's heading and the one above it; numbers stand to the right so that decimal points meet."""

    heading: str
    align: Literal["left", "right", "centre"] = "right"
    above: str = ""


@dataclass(frozen=True)
class Line:
    """One line: its head, and one text per column (none: all empty). A level stands under the heading before it."""

    head: Label | str
    cells: tuple[Text, ...] = ()
    kind: Literal["plain", "heading", "level"] = "plain"

    def reach(self, columns: int) -> int:
        """Columns that the head may stretch over, its own included: those of the empty cells after it."""
        empty = 0
        while empty < len(self.cells) and not self.cells[empty]:
            empty += 1
        return 1 + (empty if self.cells else columns)


@dataclass(frozen=True)
class Table:
    """A table: `name` is also its file's name."""

    name: str
    caption: Text
    stub: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    notes: tuple[Text, ...] = ()
    kind: Literal["table"] = field(default="table", init=False)

    @property
    def headings_above(self) -> list[tuple[str, int]]:
        """Upper headings and how many columns each spans; empty if there are none."""
        runs = [(above, len(list(run))) for above, run in groupby(column.above for column in self.columns)]
        return runs if any(above for above, _ in runs) else []


def write_csv(table: Table, folder: Path) -> None:
    """Write `folder/<name>.csv` (UTF-8 with a byte order mark, which spreadsheets need for Chinese)."""
    with (folder / f"{table.name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        headings = (
            f"{column.heading} ({column.above})" if column.above else column.heading for column in table.columns
        )
        writer.writerow([table.stub, *headings])
        group = ""
        for line in table.lines:
            is_level = line.kind == "level"
            group = group if is_level else str(line.head)
            head = f"{group}: {line.head}" if is_level else str(line.head)
            writer.writerow([head, *(plain(cell) for cell in line.cells)])
