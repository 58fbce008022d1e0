"""What the data-quality checks of a release say: which exceed their tolerance, and which stop publication."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from models.errors import ResultsContradict
from models.tolerances import Tolerances, read_tolerances
from warehouse import LoadedConfig

if TYPE_CHECKING:
    from analysis.audit import Audit

CHECKS = Path(__file__).resolve().parent.parent / "dbt_project" / "seeds" / "dq_checks.csv"
WIDEN = (
    "A failed row of these checks is a fault of a derivation. Where it must not hold a release up, widen its tolerance "
    "in [quality.tolerances] of oncomart.toml and refresh again: what has landed is not read again."
)
MOST_PLACES = 3
MOST_FINDINGS = 10

_EXCEEDED = """
    select check_id, table_name, centre_id, study_id, n_rows, n_fail, tolerance_pct::double, fires_when
    from quality.checks
    where is_exceeded and coalesce(variant, 'primary') = 'primary'
    order by check_id, table_name, centre_id, study_id
"""
_BROKEN = """
    select check_id, table_name, centre_id, study_id, variant, n_rows, n_fail, fires_when
    from quality.checks
    where stops_build = 'Y' and is_exceeded
    order by check_id, table_name, centre_id, study_id, variant
"""
_PLACES = f"""
    select distinct source_file, source_row
    from quality.check_failures
    where check_id = ? and table_name = ? and centre_id is not distinct from ? and source_file is not null
    order by source_file, source_row
    limit {MOST_PLACES}
"""


def tolerances_of(config: LoadedConfig) -> Tolerances:
    """The rule book's tolerances with those of a configuration over them.

    Raises:
        ConfigError: the configuration names a check that the rule book does not have.
    """
    with CHECKS.open(encoding="utf-8", newline="") as file:
        return read_tolerances(csv.DictReader(file), config.quality, str(config.path))


def exceeded_checks(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """One line for each check and centre beyond its tolerance, of each study its primary variant."""
    return [
        f"{check} {table}, {centre}{_of(study)}: {failed:,} of {rows:,} (tolerance {tolerance:g}%): {meaning}"
        for check, table, centre, study, rows, failed, tolerance, meaning in connection.execute(_EXCEEDED).fetchall()
    ]


def broken_checks(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """One line for each blocking check beyond its tolerance: where, how many, and the first of them; then advice."""
    lines = []
    for check, table, centre, study, variant, rows, failed, meaning in connection.execute(_BROKEN).fetchall():
        places = connection.execute(_PLACES, [check, table, centre]).fetchall()
        where = f"{table}, {centre or 'all centres'}{_of(study, variant)}"
        said = f"{check} {where}: {failed:,} of {rows:,} rows: {meaning}"
        lines.append("; ".join([said, *(f"{file} row {row}" for file, row in places)]))
    return [*lines, WIDEN] if lines else []


def refuse_contradictions(audits: "Sequence[Audit]") -> None:
    """Stop publication where the results of a study contradict each other; counts and estimates are named, no patient.

    Raises:
        ResultsContradict: lists study, variant, place, the numbers and the rule, and says what to do.
    """
    found = [(audit, finding) for audit in audits for finding in audit.findings]
    if not found:
        return
    lines = [f"  {audit.study_id} ({audit.variant}), {finding}" for audit, finding in found[:MOST_FINDINGS]]
    if len(found) > MOST_FINDINGS:
        lines.append(f"  and {len(found) - MOST_FINDINGS} more")
    advice = (
        "The published release is as it was. An analysis or a mart is wrong, not a delivery: mend what computes these "
        "numbers, or report this message to whoever maintains it, and refresh again."
    )
    head = f"The results contradict themselves in {len(found)} place(s); nothing was published."
    raise ResultsContradict("\n".join([head, *lines, advice]))


def _of(study: str | None, variant: str | None = None) -> str:
    return f", {study}{f' ({variant})' if variant else ''}" if study else ""
