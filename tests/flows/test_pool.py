"""Three differently shaped hospitals in one warehouse."""

from collections.abc import Iterator

import duckdb
import pytest

from tests.flows.conftest import oncomart


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home = tmp_path_factory.mktemp("pool") / "home"
    run = oncomart("demo", "--centres", "3", "--patients", "600", "--home", home)
    assert run.code == 0, run.words
    with duckdb.connect(str(home / "current" / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def test_the_pool_gives_the_numbers_of_one_hospital(pool: duckdb.DuckDBPyConnection) -> None:
    """GB18030 files, a workbook and OMOP tables together hold the same 87 patients with the same events."""
    events = pool.execute(
        "select paramcd, count(*), count(*) filter (where cnsr = 0) from adam.adtte group by all order by all"
    ).fetchall()
    assert events == [("OS", 87, 59), ("PFS", 87, 69)]
    responses = pool.execute(
        "select bor, count(*) from marts.best_response where variant = 'primary' group by all order by all"
    ).fetchall()
    assert responses == [("NE", 5), ("PD", 18), ("PR", 19), ("SD", 45)]


def test_every_row_says_its_centre(pool: duckdb.DuckDBPyConnection) -> None:
    """All three centres are screened, and each included patient belongs to exactly one."""
    centres = pool.execute(
        "select centre_id, count(*) from marts.study_cohort where variant = 'primary' group by all order by all"
    ).fetchall()
    assert [centre for centre, _ in centres] == ["hospital_a", "hospital_b", "hospital_c"]
    assert sum(patients for _, patients in centres) == 600
    shared = pool.execute(
        "select patient_key from marts.patients group by patient_key having count(distinct centre_id) > 1"
    ).fetchall()
    assert shared == []
