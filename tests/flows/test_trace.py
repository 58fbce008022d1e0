"""`oncomart trace`: an oncologist asks why, and gets rule, parameters and the row of the extract."""

import csv
import json
import re
import subprocess
import sys
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


@pytest.fixture(scope="module")
def progressed(warehouse: duckdb.DuckDBPyConnection) -> tuple[str, str, str, int]:
    """A patient whose PFS ended with progression: key, date, file and row."""
    row = warehouse.execute(
        "select patient_key, end_date::varchar, source_file, source_row from marts.survival_times "
        "where study_id = ? and variant = 'primary' and paramcd = 'PFS' and evntdesc = 'PROGRESSION' "
        "order by patient_key limit 1",
        [STUDY],
    ).fetchone()
    assert row
    return row


def test_the_trace_names_rule_parameters_and_row(demo_home: Path, progressed: tuple[str, str, str, int]) -> None:
    """The date of progression stands with R6.2, its file and row, and the parameters that the rule read."""
    key, day, file, row = progressed
    run = oncomart("trace", key[:10], "--home", demo_home, "--study", STUDY)
    assert run.code == 0, run.words
    line = next(line for line in run.words.splitlines() if re.search(r"R6\.2\s+endpoint\s+PFS\s", line))
    assert day in line
    assert line.endswith(f"{file} row {row}")
    assert re.search(r"R6\.2\s+pfs_nact\s+IGNORE", run.words)


def test_the_row_it_names_is_a_row_of_the_delivery(demo_home: Path, progressed: tuple[str, str, str, int]) -> None:
    """The physical row says progression in one of the hospital's languages, so the trace leads back to its words."""
    _, _, file, number = progressed
    whole = demo_home / "deliveries" / "hospital_a" / "2025-07-31" / file
    with whole.open(encoding="gb18030", newline="") as lines:
        rows = list(csv.reader(lines))
    assert {"PD", "进展"} & set(rows[number - 1])


def test_every_criterion_and_endpoint_of_an_included_patient_is_traced(
    warehouse: duckdb.DuckDBPyConnection, progressed: tuple[str, str, str, int]
) -> None:
    """marts.derivations holds all criteria, and every endpoint that survival_times has for the patient."""
    who = [STUDY, progressed[0]]
    traced = warehouse.execute(
        "select topic, item from marts.derivations where study_id = ? and patient_key = ? and variant = 'primary'", who
    ).fetchall()
    criteria = warehouse.execute(
        "select criterion_id from marts.eligibility where study_id = ? and patient_key = ? and variant = 'primary'", who
    ).fetchall()
    endpoints = warehouse.execute(
        "select paramcd from marts.survival_times where study_id = ? and patient_key = ? and variant = 'primary'", who
    ).fetchall()
    assert {item for topic, item in traced if topic == "ELIGIBILITY"} == {name for (name,) in criteria}
    assert {item for topic, item in traced if topic == "ENDPOINT"} == {name for (name,) in endpoints}


def test_the_page_stands_alone_and_draws_the_treatments(
    demo_home: Path, progressed: tuple[str, str, str, int], tmp_path: Path
) -> None:
    """One file without a link to anything, with the drug names in the drawing."""
    page = tmp_path / "trace.html"
    run = oncomart("trace", progressed[0], "--home", demo_home, "--study", STUDY, "--page", page)
    assert run.code == 0, run.words
    words = page.read_text(encoding="utf-8")
    drawing = words[words.index("<svg") : words.index("</svg>")]
    assert "anlotinib" in drawing
    assert not re.search(r"(?:src|href)=\"(?!#)", words)


def by_number(home: Path, number: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flows", "trace", "--record-number", "--home", str(home), "--study", STUDY]
    return subprocess.run(command, cwd=ROOT, input=number + "\n", capture_output=True, text=True, check=False)


def test_a_hospital_s_number_finds_its_patient_and_is_kept_nowhere(demo_home: Path, truth: Truth) -> None:
    """With the centre's key the number leads to the trace; the log says who asked and when, and never the number."""
    key, row = next((key, row) for key, row in truth.patients.items() if row["eligible"] == "1")
    run = by_number(demo_home, row["identifier"])
    assert run.returncode == 0, run.stderr
    assert f"Patient {key}" in run.stdout
    log = (demo_home / "state" / "trace.log").read_text(encoding="utf-8")
    assert set(json.loads(log.splitlines()[-1])) == {"at", "user", "centre"}
    assert row["identifier"] not in run.stdout + run.stderr + log


def test_an_unknown_number_is_a_clear_error(demo_home: Path) -> None:
    """Nobody has the number: exit code 2, what to do, and the number is not repeated."""
    run = by_number(demo_home, "0000-unknown")
    assert run.returncode == 2
    assert "0 patients" in run.stderr
    assert "0000-unknown" not in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "Name a patient"),
        (("zzzzzz",), "No patient of this release"),
        (("ab",), "at least the first"),
    ],
)
def test_asking_for_nobody_says_what_to_do(demo_home: Path, words: tuple[str, ...], expected: str) -> None:
    """Without a patient, with an unknown key and with too short a one the answer tells how to ask."""
    run = oncomart("trace", *words, "--home", demo_home)
    assert run.code == 2
    assert expected in run.words


def test_harm_is_traced_as_well(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Highest grade of each term, worst laboratory grades and hypertension of the cohort lead to their rows."""
    counts = dict(
        warehouse.execute(
            "select topic, count(*) filter (source_file is not null) from marts.derivations "
            "where study_id = ? and variant = 'primary' group by topic",
            [STUDY],
        ).fetchall()
    )
    flagged = warehouse.execute(
        "select count(*) from marts.adverse_events "
        "where study_id = ? and variant = 'primary' and max_grade_flag = 'Y' and term is not null",
        [STUDY],
    ).fetchone()
    assert flagged == (counts["ADVERSE EVENT"],)
    assert counts["LABORATORY"] > counts["BLOOD PRESSURE"] > 0
