"""A new study is a file: the made-up gastric study runs over the demo hospital beside the first one."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.flows.conftest import STUDIES
from tests.flows.truth import Truth, read_truth

STUDY = "gastric_second_line"


@pytest.fixture(scope="module")
def warehouse(studies_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(studies_home / "current" / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def truth(demo_home: Path, studies_home: Path) -> Truth:
    with duckdb.connect(str(studies_home / "current" / "build.duckdb"), read_only=True) as build:
        return read_truth(demo_home, build)


def test_its_cohort_is_the_one_the_hospital_hides(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    """Patients and index dates of the third study are those of the truth, from a protocol file alone."""
    derived = warehouse.execute(
        "select patient_key, index_date from marts.study_cohort where study_id = ? and is_included", [STUDY]
    ).fetchall()
    expected = {k: row["gastric_index_date"] for k, row in truth.patients.items() if row["gastric_eligible"] == "1"}
    assert {key: str(day) for key, day in derived} == expected
    assert expected


def test_a_living_study_is_cut_at_the_newest_extract(warehouse: duckdb.DuckDBPyConnection) -> None:
    """`latest_extract` resolves to the extract date of the delivery, and the first study keeps its own date."""
    cutoffs = warehouse.execute(
        "select study_id, any_value(data_cutoff)::varchar from marts.study_cohort group by all"
    ).fetchall()
    assert set(cutoffs) >= {("anlotinib_pd1_escc", "2025-07-05"), (STUDY, "2025-07-31")}


def test_the_first_study_is_not_moved_by_its_neighbour(warehouse: duckdb.DuckDBPyConnection, demo_home: Path) -> None:
    """Survival times of the first study are the same with and without a second study in the warehouse."""
    sql = """select patient_key, paramcd, start_date, end_date, aval_days, cnsr from marts.survival_times
        where study_id = 'anlotinib_pd1_escc' order by aval_days, paramcd, start_date, cnsr"""
    beside = [row[1:] for row in warehouse.execute(sql).fetchall()]
    with duckdb.connect(str(demo_home / "current" / "warehouse.duckdb"), read_only=True) as connection:
        alone = [row[1:] for row in connection.execute(sql).fetchall()]
    assert beside == alone


def test_every_report_is_there(studies_home: Path) -> None:
    """Each study has its own report in the release."""
    for study in ("anlotinib_pd1_escc", *STUDIES):
        assert (studies_home / "current" / "report" / study / "index.html").stat().st_size > 10_000
