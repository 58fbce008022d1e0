"""What a data engineer sees when a delivery or a model is broken, and what stays as it was."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.flows.conftest import ROOT, oncomart

RESPONSES = "疗效评价.csv"


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    """A published home with a second delivery that is a copy of the first."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home, symlinks=True)
    deliveries = home / "deliveries" / "hospital_a"
    (first,) = deliveries.iterdir()
    shutil.copytree(first, deliveries / "2025-08-31")
    return home


def drop_a_column(file: Path) -> None:
    text = file.read_text(encoding="gb18030")
    file.write_text(text.replace("疗效,", "结论,", 1), encoding="gb18030", newline="")


def write_in_another_encoding(file: Path) -> None:
    file.write_bytes(file.read_text(encoding="gb18030").encode("utf-16"))


def cut_within_a_row(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: content.rindex(b",", 0, -40) - 3])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (drop_a_column, "column '疗效' missing"),
        (write_in_another_encoding, "encoding"),
    ],
    ids=["missing column", "wrong encoding"],
)
def test_a_file_that_cannot_be_read_stops_publication(home: Path, damage: Callable[[Path], None], said: str) -> None:
    """The message names centre, file and fault; good files land; the release stays; the move is the user's."""
    damage(home / "deliveries" / "hospital_a" / "2025-08-31" / RESPONSES)
    before = (home / "current").readlink()
    run = oncomart("refresh", "--home", home)
    assert run.code == 2, run.words
    for words in ("hospital_a", "2025-08-31", RESPONSES, said, "nothing was published"):
        assert words in run.words, run.words
    assert "Traceback" not in run.words
    assert (home / "current").readlink() == before
    landed = list((home / "lake" / "drug_row" / "centre_id=hospital_a").iterdir())
    assert landed


def test_a_cut_file_is_read_to_its_last_whole_row_and_named(home: Path) -> None:
    """The row that was cut is counted as failed with its place, and the rows before it land."""
    cut_within_a_row(home / "deliveries" / "hospital_a" / "2025-08-31" / RESPONSES)
    run = oncomart("refresh", "--home", home)
    assert RESPONSES in run.words
    assert "rows could not be read" in run.words, run.words
    assert "Traceback" not in run.words


def rebuild_with(home: Path, project: Path, *planted: tuple[str, str, str]) -> subprocess.CompletedProcess[str]:
    """Refresh with a copy of the dbt project in which texts of models (file, before, after) are replaced."""
    shutil.copytree(ROOT / "dbt_project", project)
    for file, before, after in planted:
        model = project / "models" / file
        text = model.read_text(encoding="utf-8")
        assert before in text, file
        model.write_text(text.replace(before, after), encoding="utf-8")
    shutil.rmtree(home / "deliveries" / "hospital_a" / "2025-08-31")
    program = (
        "import sys; from pathlib import Path; import flows.dbt, flows.cli; "
        f"flows.dbt.PROJECT = Path({str(project)!r}); "
        f"sys.exit(flows.cli.main(['refresh', '--rebuild', '--home', {str(home)!r}]))"
    )
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_model_that_fails_turns_the_refresh_red(home: Path, tmp_path: Path) -> None:
    """A planted error in one model is named, the exit code is ours, and the published release stays."""
    before = (home / "current").readlink()
    planted = ("marts/patients.sql", "select * from", "select error('planted') as failed, * from")
    done = rebuild_with(home, tmp_path / "dbt_project", planted)
    assert done.returncode == 1, done.stderr
    assert "patients" in done.stderr
    assert "nothing was published" in done.stderr
    assert (home / "current").readlink() == before


def test_a_derived_row_that_cannot_be_right_stops_publication(home: Path, tmp_path: Path) -> None:
    """A day too many in every time, a lost patient in a table of events: check, table, centre and number are named."""
    before = (home / "current").readlink()
    done = rebuild_with(
        home,
        tmp_path / "dbt_project",
        ("intermediate/survival/int_survival_times.sql", "+ parameters.tte_add_one", "+ 1 + parameters.tte_add_one"),
        ("marts/adverse_event_summary.sql", "coalesce(counted.n_g12, 0)", "coalesce(counted.n_g12, 0) + 1"),
    )
    assert done.returncode == 1, done.stderr
    assert "nothing was published" in done.stderr
    assert re.search(r"DQ021 adtte, hospital_a, anlotinib_pd1_escc \(primary\): ([\d,]+) of \1 rows", done.stderr)
    assert re.search(r"DQ026 ae_summary, all centres, anlotinib_pd1_escc \(primary\): ([\d,]+) of \1 rows", done.stderr)
    assert re.search(r"\.csv row \d+", done.stderr), "where the first of them stands"
    assert (home / "current").readlink() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("refresh", "--home", "{}"), "No configuration"),
        (("refresh", "--home", "{}", "--config", "{}/nowhere.toml"), "nowhere.toml"),
        (("releases", "show", "--home", "{}"), "Run a refresh first"),
        (("demo", "--home", "{}", "--patients", "10"), "at least the 87"),
    ],
    ids=["no configuration", "configuration not there", "no release", "too few patients"],
)
def test_a_wrong_call_is_answered_in_words(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """What cannot be done is said in a line, with exit code 2 and without a traceback."""
    run = oncomart(*(word.format(tmp_path) for word in words))
    assert run.code == 2, run.words
    assert said in run.words
    assert "Traceback" not in run.words
