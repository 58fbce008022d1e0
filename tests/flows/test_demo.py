import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.flows.conftest import ROOT, oncomart
from tests.flows.truth import Truth, read_truth

STUDY = "anlotinib_pd1_escc"


@pytest.fixture(scope="module")
def warehouse(demo_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo_home / "current" / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def truth(demo_home: Path) -> Truth:
    with duckdb.connect(str(demo_home / "current" / "build.duckdb"), read_only=True) as build:
        return read_truth(demo_home, build)


def by_patient(warehouse: duckdb.DuckDBPyConnection, columns: str, table: str, where: str = "true") -> dict[str, tuple]:  # type: ignore[type-arg]
    sql = f"select patient_key, {columns} from marts.{table} where study_id = ? and variant = 'primary' and {where}"
    return {row[0]: row[1:] for row in warehouse.execute(sql, [STUDY]).fetchall()}


def eligible(truth: Truth) -> dict[str, dict[str, str]]:
    return {key: row for key, row in truth.patients.items() if row["eligible"] == "1"}


def test_everyone_screened_is_judged_as_the_truth_says(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """Exactly the 87 are included, and each other patient leaves at the criterion it was made to fail."""
    derived = by_patient(warehouse, "is_included, first_failed_criterion", "study_cohort")
    expected = {key: (row["eligible"] == "1", row["first_failed"] or None) for key, row in truth.patients.items()}
    assert derived == expected
    assert sum(included for included, _ in derived.values()) == 87


def test_index_and_lines_are_recovered(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """Index date, number of earlier lines and every line of the 87 come back from orders, dispensing and infusions."""
    cohort = by_patient(warehouse, "index_date, least(prior_lines, 3)", "study_cohort", "is_included")
    assert {key: (str(index), lines) for key, (index, lines) in cohort.items()} == {
        key: (row["index_date"], int(row["prior_lines"])) for key, row in eligible(truth).items()
    }
    rows = warehouse.execute(
        "select patient_key, line_seq, start_date, regimen, setting, is_counted from marts.lines_of_therapy"
        " inner join meta.study_param_sets using (param_set_id)"
        " where study_id = ? and variant = 'primary' and rule_family = 'R2'",
        [STUDY],
    ).fetchall()
    derived = {(key, seq, str(start), regimen, setting, counted) for key, seq, start, regimen, setting, counted in rows}
    expected = {
        (key, int(row["line_seq"]), row["start_date"], row["regimen"], row["setting"], row["counted"] == "1")
        for key, lines in truth.lines.items()
        for row in lines
    }
    known = set(truth.lines)
    assert {line for line in derived if line[0] in known} == expected


def test_best_response_is_recovered(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """Best response and the day of the first response come back from single assessments."""
    derived = by_patient(warehouse, "bor, first_response_date", "best_response")
    assert {key: (bor, str(day or "")) for key, (bor, day) in derived.items()} == {
        key: (row["bor"], row["first_response_date"]) for key, row in eligible(truth).items()
    }


@pytest.mark.parametrize("endpoint", ["PFS", "OS"])
def test_survival_is_recovered(warehouse: duckdb.DuckDBPyConnection, truth: Truth, endpoint: str) -> None:
    """Days and event or censoring come back from scans, deaths of several sources and partial dates."""
    derived = by_patient(warehouse, "aval_days, cnsr > 0", "survival_times", f"paramcd = '{endpoint}'")
    name = endpoint.lower()
    assert derived == {
        key: (int(row[f"{name}_days"]), row[f"{name}_cnsr"] != "0") for key, row in eligible(truth).items()
    }


def test_treatment_free_interval_is_recovered(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """Days since the last earlier checkpoint inhibitor come back, and are empty for those who never had one."""
    derived = by_patient(warehouse, "prior_ici, tfi_days", "treatment_free_intervals")
    assert derived == {
        key: ("Y" if row["prior_ici"] == "1" else "N", int(row["tfi_days"]) if row["tfi_days"] else None)
        for key, row in eligible(truth).items()
    }


def printed(page: str) -> set[tuple[str, str]]:
    """Every number on the page with the id of the row that it was drawn from."""
    return set(re.findall(r'data-ard="([0-9a-f]+)"[^>]*>\s*([0-9.]+)', page))


@pytest.mark.parametrize(
    ("analysis", "variable", "statistic", "words"),
    [
        ("response", "orr", "pct", "21.8"),
        ("response", "orr", "pct_lower", "13.7"),
        ("response", "orr", "pct_upper", "32.0"),
        ("response", "dcr", "pct", "73.6"),
        ("response", "dcr", "pct_lower", "63.0"),
        ("response", "dcr", "pct_upper", "82.4"),
        ("survival", "PFS", "median", "5.5"),
        ("survival", "PFS", "n_events", "69"),
        ("survival", "OS", "median", "11.5"),
        ("survival", "OS", "n_events", "59"),
    ],
)
def test_the_report_says_what_the_study_published(
    warehouse: duckdb.DuckDBPyConnection,
    demo_home: Path,
    analysis: str,
    variable: str,
    statistic: str,
    words: str,
) -> None:
    """The printed key figures are the paper's, each drawn from its row of results.ard."""
    page = (demo_home / "current" / "report" / STUDY / "index.html").read_text(encoding="utf-8")
    rows = warehouse.execute(
        """select ard_id from results.ard where study_id = ? and variant = 'primary' and analysis = ? and statistic = ?
        and coalesce(variable, endpoint) = ? and group_name is null""",
        [STUDY, analysis, statistic, variable],
    ).fetchall()
    assert len(rows) == 1, rows
    assert (rows[0][0], words) in printed(page)


def test_adam_holds_the_cohort(warehouse: duckdb.DuckDBPyConnection) -> None:
    """ADSL has the 87 subjects, ADTTE their OS, PFS (3 of its 69 events deaths) and TTP, the 19 responders the rest."""
    assert warehouse.execute("select count(*), count(distinct usubjid) from adam.adsl").fetchall() == [(87, 87)]
    events = warehouse.execute(
        "select paramcd, count(*), count(*) filter (where cnsr = 0) from adam.adtte group by all order by all"
    ).fetchall()
    assert events == [("DOR", 19, 19), ("OS", 87, 59), ("PFS", 87, 69), ("TTP", 87, 66), ("TTR", 19, 19)]


def test_every_published_column_says_what_it_is(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Any SQL client shows a comment on every table and every column, its unit included."""
    undescribed = warehouse.execute(
        """select schema_name || '.' || table_name || '.' || column_name from duckdb_columns()
        where database_name = current_database() and not internal and comment is null
        union all
        select schema_name || '.' || table_name from duckdb_tables()
        where database_name = current_database() and not internal and comment is null"""
    ).fetchall()
    assert undescribed == []
    comments = warehouse.execute(
        """select comment from duckdb_columns()
        where schema_name = 'marts' and column_name in ('aval_days', 'tfi_months') order by column_name"""
    ).fetchall()
    assert [comment.rpartition("Unit: ")[2] for (comment,) in comments] == ["days.", "months."]


def test_every_event_names_a_row_of_an_extract(warehouse: duckdb.DuckDBPyConnection, demo_home: Path) -> None:
    """The source of each OS and PFS date is a file of the delivery and a row within it."""
    (delivery,) = (demo_home / "deliveries" / "hospital_a").iterdir()
    rows = warehouse.execute("select distinct srcfile, max(srcseq) from adam.adtte group by all").fetchall()
    assert rows
    for file, row in rows:
        assert row <= len((delivery / file).read_text(encoding="gb18030").splitlines()), file


def test_the_readme_s_question_is_answered(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The SQL that the README shows runs on a published release and counts the patients with an earlier inhibitor."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (question,) = re.findall(r"```sql\n(.*?)```", readme, flags=re.DOTALL)
    answer = warehouse.execute(question).fetchall()
    assert sum(patients for _, patients, _ in answer) == 66


def test_planted_faults_are_in_quarantine_and_counted(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The impossible dates are refused, the unknown drug is listed by name and count, and nothing else is."""
    refused = warehouse.execute(
        "select distinct check_id from quality.quarantine where reason <> 'rejected_in_staging'"
    ).fetchall()
    assert refused == [("DQ005",)]
    unresolved = warehouse.execute(
        "select distinct raw_name from quality.unresolved_drugs where drug_key = 'UNRESOLVED'"
    ).fetchall()
    assert unresolved == [("注射用示例肽",)]
    broken = warehouse.execute(
        "select table_name from quality.landing where rows_emitted <> rows_landed + rows_quarantined + rows_duplicate"
    ).fetchall()
    assert broken == []


def test_free_text_that_no_phrase_settles_is_on_the_worklist(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Denied, doubted and unknown treatment elsewhere gives no drug row, and is listed without naming anybody."""
    listed = warehouse.execute(
        "select reason, unknown_text from quality.unresolved_phrases where source = 'follow_up' order by rank_no"
    ).fetchall()
    assert set(listed) >= {
        ("UNMATCHED", "外院理疗"),
        ("UNCERTAIN", "不除外当地曾行化疗"),
        ("NEGATED", "建议当地医院放疗, 患者拒绝"),
        ("UNMATCHED", None),  # a relative is named
    }
    told = warehouse.execute(
        "select count(*) from marts.drug_rows where source_kind = 'HISTORY' and drug_key = 'UNRESOLVED'"
    ).fetchone()
    assert told == (0,)


def test_the_release_says_what_it_was_made_of(demo_home: Path) -> None:
    """release.json holds code, packages, protocol text, deliveries with checksums, and counts by centre and table."""
    record = json.loads((demo_home / "current" / "release.json").read_text(encoding="utf-8"))
    assert record["code_version"]
    assert "duckdb" in record["packages"]
    assert 'id = "anlotinib_pd1_escc"' in record["protocols"][STUDY]
    (delivery,) = record["deliveries"]
    assert all(len(checksum) == 64 for checksum in delivery["files"].values())
    assert record["rows_read"]["hospital_a"] > 50_000
    assert record["rows_landed"]["hospital_a"]["drug_row"] > 20_000


def test_a_second_refresh_lands_and_publishes_nothing(demo_home: Path) -> None:
    """The same deliveries, protocols and code leave the release as it is, and the words say so."""
    before = (demo_home / "current").readlink()
    run = oncomart("refresh", "--home", demo_home)
    assert run.code == 0, run.words
    assert "nothing new: every delivery was landed before" in run.words
    assert (demo_home / "current").readlink() == before


def test_the_printed_numbers_are_checked_after_the_marts(warehouse: duckdb.DuckDBPyConnection) -> None:
    """DQ078 to DQ080 looked at this release's own numbers, in every variant, and found nothing that cannot be."""
    rows = warehouse.execute(
        "select check_id, count(distinct variant), min(n_rows) > 0, sum(n_fail) from quality.checks "
        "where check_id in ('DQ078', 'DQ079', 'DQ080') group by check_id order by check_id"
    ).fetchall()
    variants = warehouse.execute("select count(distinct variant) from marts.study_cohort").fetchone() or (0,)
    assert rows == [(check, variants[0], True, 0) for check in ("DQ078", "DQ079", "DQ080")]
