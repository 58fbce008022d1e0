"""Reads the rule book's own tables: parameters, worked examples."""

import csv
import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests" / "rules" / "examples"
SEEDS = ROOT / "dbt_project" / "seeds"

Row = dict[str, str]


def read_csv(path: Path) -> list[Row]:
    """Rows of a UTF-8 table, every value as text."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def example(name: str) -> list[Row]:
    """One table of the worked examples, such as '02a_oral__input'."""
    return read_csv(EXAMPLES / f"{name}.csv")


def cases(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by case, in the order of the table."""
    by_case: dict[str, list[Row]] = {}
    for row in rows:
        by_case.setdefault(row["case_id"], []).append(row)
    return by_case


def date_or_none(text: str) -> dt.date | None:
    """An ISO date, None for an empty cell."""
    return dt.date.fromisoformat(text) if text else None


def default_parameters() -> Mapping[str, str]:
    """Every parameter's default as text, by name."""
    return {row["param"]: row["default"] for row in read_csv(SEEDS / "params.csv")}
