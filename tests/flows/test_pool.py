"""Three differently shaped hospitals in one warehouse, each compared with its own hidden truth.

What is not recovered stands in `MISSES` with its cause, and nothing else may be missed.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest

from demo import generate
from flows.demo import HOSPITALS, config_text
from tests.flows import recovery
from tests.flows.conftest import oncomart, with_studies
from tests.flows.recovery import STUDIES, Sides
from tests.flows.truth import Truth, read_truth

SCREENED = 600
MISSES: dict[str, dict[str, str]] = {}
"""Table of truth to situation to why the rules cannot give back what was meant."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo of three centres, with studies beside the paper's that include whom the paper's refuses."""
    home = tmp_path_factory.mktemp("pool") / "home"
    generate(home, patients=SCREENED, centres=len(HOSPITALS))
    (home / "oncomart.toml").write_text(with_studies(config_text(len(HOSPITALS))), encoding="utf-8")
    run = oncomart("refresh", "--home", home)
    assert run.code == 0, run.words
    return home


@pytest.fixture(scope="module")
def pool(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(home / "current" / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def everyone(home: Path) -> Truth:
    with duckdb.connect(str(home / "current" / "build.duckdb"), read_only=True) as build:
        return read_truth(home, build)


@pytest.fixture(params=HOSPITALS)
def truth(request: pytest.FixtureRequest, everyone: Truth) -> Truth:
    """What is true of the patients of one centre."""
    return everyone.of_centre(request.param)


def compare(truth: Truth, topic: str, sides: Sides) -> None:
    """Both are the same for the patients of the centre, but for what `MISSES` excuses; and there are such patients."""
    expected, found = sides
    assert expected
    recovery.compare(truth, _excuses(truth, topic), (expected, _of(truth, found)))


def _of(truth: Truth, found: Mapping[str, object]) -> dict[str, object]:
    return {key: answer for key, answer in found.items() if key in truth.patients}


def _excuses(truth: Truth, topic: str) -> dict[str, str]:
    situations = {truth.situation(key) for key in truth.patients}
    return {situation: cause for situation, cause in MISSES.get(topic, {}).items() if situation in situations}


def test_the_pool_gives_the_numbers_of_one_hospital(pool: duckdb.DuckDBPyConnection) -> None:
    """GB18030 files, a workbook and OMOP tables together hold the same 87 patients with the same events."""
    events = pool.execute(
        "select paramcd, count(*), count(*) filter (where cnsr = 0) from adam.adtte where studyid = ? "
        "group by all order by all",
        [recovery.PAPER],
    ).fetchall()
    assert events == [("DOR", 19, 19), ("OS", 87, 59), ("PFS", 87, 69), ("TTP", 87, 66), ("TTR", 19, 19)]
    responses = pool.execute(
        "select bor, count(*) from marts.best_response where variant = 'primary' and study_id = ? "
        "group by all order by all",
        [recovery.PAPER],
    ).fetchall()
    assert responses == [("NE", 5), ("PD", 18), ("PR", 19), ("SD", 45)]


def test_every_row_says_its_centre(pool: duckdb.DuckDBPyConnection) -> None:
    """All three centres are screened, and each included patient belongs to exactly one."""
    centres = pool.execute(
        "select centre_id, count(*) from marts.study_cohort where variant = 'primary' and study_id = ? "
        "group by all order by all",
        [recovery.PAPER],
    ).fetchall()
    assert [centre for centre, _ in centres] == [*HOSPITALS]
    assert sum(patients for _, patients in centres) == SCREENED
    shared = pool.execute(
        "select patient_key from marts.patients group by patient_key having count(distinct centre_id) > 1"
    ).fetchall()
    assert shared == []


def test_every_line_of_each_centre(pool: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """Orders and dispensing, cycles on a form, and OMOP exposures give back every line of every patient screened."""
    compare(truth, "lines", recovery.lines(pool, truth))


def test_every_criterion_of_each_centre(pool: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """Each centre's patients are judged as they were made, criterion by criterion, and leave where they were to."""
    compare(truth, "criteria", recovery.criteria(pool, truth))
    compare(truth, "inclusion", recovery.inclusion(pool, truth))


@pytest.mark.parametrize("study", STUDIES)
def test_index_dates_of_each_centre(pool: duckdb.DuckDBPyConnection, truth: Truth, study: str) -> None:
    """Everyone of a centre who has an index date is found with that date, and nobody else."""
    compare(truth, "index", recovery.index_dates(pool, truth, study))


@pytest.mark.parametrize("study", STUDIES)
def test_best_responses_of_each_centre(pool: duckdb.DuckDBPyConnection, truth: Truth, study: str) -> None:
    """Source, best response, first response and deepest change come back from three ways to write lesions down."""
    compare(truth, "best_response", recovery.best_responses(pool, truth, study))


@pytest.mark.parametrize("endpoint", ["pfs", "os"])
@pytest.mark.parametrize("study", STUDIES)
def test_survival_of_each_centre(pool: duckdb.DuckDBPyConnection, truth: Truth, study: str, endpoint: str) -> None:
    """Days and censoring codes come back from discharge records, a registry under other numbers and a death table."""
    compare(truth, endpoint, recovery.survival(pool, truth, study, endpoint))


@pytest.mark.parametrize("event", recovery.EVENTS)
def test_events_of_each_centre(pool: duckdb.DuckDBPyConnection, truth: Truth, event: str) -> None:
    """First progression and next therapy of a centre's patients stand on the day they were told for."""
    compare(truth, event, recovery.events(pool, truth, event))
