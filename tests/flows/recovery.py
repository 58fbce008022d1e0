"""What the hidden truth says of everyone, and what a release says, side by side: one function a kind of truth.

Each returns what was meant and what was found, both by patient_key.
"""

from collections import Counter
from collections.abc import Mapping

import duckdb

from tests.flows.truth import Truth

PAPER = "anlotinib_pd1_escc"
STUDIES = {"all_indexed": "combination", "gastric_second_line": "gastric_second_line"}
"""Studies of `tests/flows/studies`, which include patients whom the paper's study refuses, by their kind of index."""

Row = tuple[object, ...]
Sides = tuple[Mapping[str, object], Mapping[str, object]]


def derived(
    warehouse: duckdb.DuckDBPyConnection, table: str, columns: str, study: str, where: str = "true"
) -> dict[str, Row]:
    """Columns of a mart as text, by patient."""
    texts = ", ".join(f"coalesce(({column})::varchar, '')" for column in columns.split(", "))
    sql = f"select patient_key, {texts} from marts.{table} where study_id = ? and variant = 'primary' and {where}"
    return {row[0]: row[1:] for row in warehouse.execute(sql, [study]).fetchall()}


def compare(truth: Truth, misses: Mapping[str, str], sides: Sides) -> None:
    """Both are the same but for patients whose situation is known to be missed; `misses` has situation and cause."""
    expected, found = sides
    wrong = {key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)}
    unexplained = Counter(truth.situation(key) for key in wrong if truth.situation(key) not in misses)
    examples = [(expected.get(key), found.get(key)) for key in wrong if truth.situation(key) in unexplained][:3]
    assert not unexplained, (unexplained, examples)
    assert not misses.keys() - {truth.situation(key) for key in wrong}, "excuses that nobody needs"


def lines(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> Sides:
    """Start, regimen, setting and counting of every line of every patient screened."""
    rows = warehouse.execute(
        """select patient_key, start_date::varchar, regimen, setting, is_counted::int::varchar
        from marts.lines_of_therapy join meta.study_param_sets using (param_set_id)
        where study_id = ? and variant = 'primary' order by patient_key, line_seq""",
        [PAPER],
    ).fetchall()
    found: dict[str, list[Row]] = {}
    for key, *line in rows:
        found.setdefault(key, []).append(tuple(line))
    columns = ("start_date", "regimen", "setting", "counted")
    return {key: [tuple(line[name] for name in columns) for line in told] for key, told in truth.lines.items()}, found


def criteria(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> Sides:
    """MET, NOT_MET or UNKNOWN of every criterion of every patient screened."""
    rows = warehouse.execute(
        "select patient_key, criterion_id, status from marts.eligibility where study_id = ? and variant = 'primary'",
        [PAPER],
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for key, criterion, status in rows:
        found.setdefault(key, {})[criterion] = status
    expected = {
        key: {row["criterion_id"]: row["status"] for row in of_patient}
        for key, of_patient in truth.tables["criteria"].items()
    }
    return expected, found


def inclusion(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> Sides:
    """Whether the paper's study takes a patient, and else the first criterion that fails, for everyone screened."""
    expected = {
        key: ("true" if row["eligible"] == "1" else "false", row["first_failed"]) for key, row in truth.patients.items()
    }
    return expected, derived(warehouse, "study_cohort", "is_included, first_failed_criterion", PAPER)


def index_dates(warehouse: duckdb.DuckDBPyConnection, truth: Truth, study: str) -> Sides:
    """Index date of everyone who has one."""
    expected = {key: (row["index_date"],) for key, row in truth.events(STUDIES[study]).items()}
    return expected, derived(warehouse, "study_cohort", "index_date", study, "is_included")


def best_responses(warehouse: duckdb.DuckDBPyConnection, truth: Truth, study: str) -> Sides:
    """Source, best response, first response and deepest change."""
    expected = {
        key: (row["response_source"], row["bor"], row["first_response_date"], row["best_change_pct"])
        for key, row in truth.events(STUDIES[study]).items()
    }
    columns = "response_source, bor, first_response_date, best_pct_base::int"
    return expected, derived(warehouse, "best_response", columns, study)


def survival(warehouse: duckdb.DuckDBPyConnection, truth: Truth, study: str, endpoint: str) -> Sides:
    """Days and censoring code of PFS or OS, which fix the day of the event or of the censoring."""
    expected = {
        key: (row[f"{endpoint}_days"], row[f"{endpoint}_cnsr"]) for key, row in truth.events(STUDIES[study]).items()
    }
    found = derived(warehouse, "survival_times", "aval_days, cnsr", study, f"paramcd = '{endpoint.upper()}'")
    return expected, found


EVENTS = {"FIRST_PROGRESSION": "progression_date", "NEXT_THERAPY": "next_therapy_date"}


def events(warehouse: duckdb.DuckDBPyConnection, truth: Truth, event: str) -> Sides:
    """Day of an event of everyone with the combination to whom it happened."""
    column = EVENTS[event]
    expected = {key: (row[column],) for key, row in truth.events("combination").items() if row[column]}
    where = f"event = '{event}' and event_date is not null"
    return expected, derived(warehouse, "event_dates", "event_date", "all_indexed", where)
