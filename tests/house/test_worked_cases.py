"""Every worked case of the rule book is the id of a test that runs what ships."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

CASES = 209
FOLDERS = ("tests/rules", "tests/analysis", "tests/warehouse")
"""Where tests run the shipped SQL and estimators; the independent reference in tests/reference does not."""


@pytest.fixture(scope="module")
def case_ids(root: Path) -> list[str]:
    with (root / "tests" / "rules" / "examples" / "INDEX.csv").open(encoding="utf-8") as file:
        return [row["case_id"] for row in csv.DictReader(file)]


def test_the_index_lists_every_case_once(case_ids: list[str]) -> None:
    """The rule book has 209 cases with distinct names."""
    assert (len(case_ids), len(set(case_ids))) == (CASES, CASES)


def test_every_case_is_the_id_of_a_test(root: Path, case_ids: list[str]) -> None:
    """No case is left out: each stands in the square brackets of at least one collected test."""
    arguments = ["--collect-only", "-q", "-p", "no:cacheprovider", "--no-header", *FOLDERS]
    run = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    named = {
        word for ids in re.findall(r"\[(.*)\]$", run.stdout, flags=re.MULTILINE) for word in re.split(r"[-_ ]", ids)
    }
    assert [case for case in case_ids if case not in named] == []
