"""Results as files: the rows of results.ard as they are, and in the columns that R's cards package gives an ARD.

cards and cardx name columns and statistics (group1, variable, stat_name 'conf.low' …); docs/results.md has the mapping.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

NOT_ANALYSES = ("parameters", "deliveries", "landing", "checks")
"""Rows of results.ard that say where the numbers come from; cards has no place for them."""

CONTEXTS = {
    "table_one": "tabulate",
    "response": "proportion_ci",
    "survival": "survival_survfit",
    "survival_curve": "survival_survfit",
    "follow_up": "survival_survfit",
    "logrank": "survival_survdiff",
    "cox_univariate": "regression",
    "cox_multivariable": "regression",
}
STATISTICS = {
    "total": "N",
    "pct": "p",
    "rate": "estimate",
    "survival": "estimate",
    "hr": "estimate",
    "q1": "p25",
    "q3": "p75",
    "p_value": "p.value",
    "p_global": "p.value",
    "chi2": "statistic",
    "degrees": "parameter",
    "at_risk": "n.risk",
    "n_events": "n.event",
    "lower": "conf.low",
    "upper": "conf.high",
}
ENDS = {"_lower": "conf.low", "_upper": "conf.high"}
LABELS = {
    "n": "n",
    "N": "N",
    "p": "%",
    "estimate": "Estimate",
    "conf.low": "CI Lower Bound",
    "conf.high": "CI Upper Bound",
    "p.value": "p-value",
    "n.risk": "Number of Subjects at Risk",
    "n.event": "Number of Events",
    "statistic": "Statistic",
    "parameter": "Degrees of Freedom",
    "median": "Median",
    "p25": "Q1",
    "p75": "Q3",
    "min": "Min",
    "max": "Max",
}
PERCENTAGES = ("pct", "rate")
"""Statistics (with their ends) that results.ard holds as 0 to 100; cards holds proportions of 1."""


_DOUBLES = ("stat", "time_months")
_TRACES = ("method", "study_id", "variant", "analysis", "time_months", "ard_id")
"""Columns that cards does not know and that lead back to results.ard."""

COLUMNS = (
    *(f"group{place}{end}" for place in (1, 2) for end in ("", "_level")),
    *("variable", "variable_level", "context", "stat_name", "stat_label", "stat", "fmt_fun", "warning", "error"),
    *_TRACES,
)


def write_numbers(numbers: pa.Table, folder: Path) -> None:
    """Write the rows and their form for cards (see `analysis.write_results`)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in {"results": numbers, "results_cards": as_cards(numbers)}.items():
        pyarrow.parquet.write_table(table, folder / f"{name}.parquet")
        pyarrow.csv.write_csv(table, folder / f"{name}.csv")


def as_cards(numbers: pa.Table) -> pa.Table:
    """Rows of results.ard (columns of `ARD_COLUMNS`) in the columns of cards, one row a statistic.

    Where there is no number, `warning` says why; what cannot be said (`fmt_fun`, `error`) is null.
    """
    rows = [_as_card(row) for row in numbers.to_pylist() if row["analysis"] not in NOT_ANALYSES]
    kinds = [(name, pa.float64() if name in _DOUBLES else pa.string()) for name in COLUMNS]
    return pa.Table.from_pylist(rows, schema=pa.schema(kinds))


def _as_card(row: dict[str, Any]) -> dict[str, Any]:
    statistic, is_percentage = row["statistic"], row["statistic"].startswith(PERCENTAGES)
    stat_name = _stat_name(row["analysis"], statistic)
    variable, level = _variable(row)
    return {
        **_groups(row),
        "variable": variable,
        "variable_level": level,
        "context": _context(row),
        "stat_name": stat_name,
        "stat_label": LABELS.get(stat_name, stat_name),
        "stat": row["value"] / 100 if is_percentage and row["value"] is not None else row["value"],
        "warning": row["value_text"],
        **{name: row[name] for name in _TRACES},
    }


def _groups(row: dict[str, Any]) -> dict[str, Any]:
    """The endpoint as PARAMCD, then the group that splits the patients, as far as there are any."""
    found = [("PARAMCD", row["endpoint"]), (row["group_name"], row["group_level"])]
    groups: dict[str, Any] = {}
    for place, (name, level) in enumerate(((name, level) for name, level in found if level is not None), start=1):
        groups |= {f"group{place}": name, f"group{place}_level": level}
    return groups


def _variable(row: dict[str, Any]) -> tuple[str, str | None]:
    """What the number is about; as cardx has it, a time, or the probability of a median survival time."""
    if row["variable"] is None and row["time_months"] is not None:
        return "time", f"{row['time_months']:g}"
    if _is_median_time(row["analysis"], row["statistic"]):
        return row["variable"] or "prob", "0.5"
    return row["variable"] or row["analysis"], row["variable_level"]


def _is_median_time(analysis: str, statistic: str) -> bool:
    return CONTEXTS.get(analysis) == "survival_survfit" and statistic.startswith("median")


def _stat_name(analysis: str, statistic: str) -> str:
    for end, name in ENDS.items():
        if statistic.endswith(end):
            return name
    return "estimate" if _is_median_time(analysis, statistic) else STATISTICS.get(statistic, statistic)


def _context(row: dict[str, Any]) -> str:
    analysis: str = row["analysis"]
    if analysis == "table_one" and row["variable_level"] is None:
        return "summary"
    return CONTEXTS.get(analysis, analysis)
