"""The order of rows, the number of threads and how a year's deliveries came change nothing that analysts read."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from models.contract import CONTRACT
from tests.flows.conftest import ROOT, oncomart
from tests.flows.months import MONTHS, arrivals, centre_of_changes, twelve_months
from tests.warehouse.histories import last_words
from warehouse import Home, Status, committed_batches, home_lock, land, load_config

SCHEMAS = ("marts", "adam", "omop")
PROVENANCE = {"source_file", "source_row", "srcfile", "srcseq", "delivery_id", "batch_id"}


@pytest.fixture(scope="module")
def monthly_home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's patients delivered over twelve months (tests/flows/months.py), landed as they came, one thread."""
    home = tmp_path_factory.mktemp("monthly")
    # The key makes the pseudonyms, and the comparison is of patients by their pseudonyms.
    shutil.copytree(demo_home / "keys", home / "keys")
    (demo,) = (demo_home / "deliveries" / "hospital_a").iterdir()
    year = tmp_path_factory.mktemp("year")
    twelve_months(demo, year, seed=7)
    centre_of_changes(ROOT / "centres" / "hospital_a", home / "hospital_a")
    (home / "oncomart.toml").write_text(
        """
        [centres.hospital_a]
        folder = "hospital_a"
        deliveries = "deliveries"
        [studies.anlotinib_pd1_escc]
        [settings]
        threads = 1
        """,
        encoding="utf-8",
    )
    (home / "deliveries").mkdir()
    config = load_config(home / "oncomart.toml")
    (centre,) = config.centres
    for arrival in arrivals(year, home / "deliveries"):
        with home_lock(Home(home)):
            report = land(Home(home), centre, config.settings)
        assert not report.problems, arrival
    with home_lock(Home(home)):
        again = land(Home(home), centre, config.settings)
    assert {delivery.status for delivery in again.deliveries} == {Status.UNCHANGED}
    return home


def test_twelve_months_leave_the_words_of_one_delivery(demo_home: Path, monthly_home: Path) -> None:
    """Whatever was late, wrong, withdrawn, doubled or sent again, the lake's last words are those of the final state.

    And it was all there: superseded batches, tombstones, quarantined days, words said again.
    """
    one, many = Home(demo_home), Home(monthly_home)
    different = {
        table: len(last_words(one, table) ^ last_words(many, table))
        for table in CONTRACT
        if last_words(one, table) != last_words(many, table)
    }
    assert different == {}
    batches = committed_batches(many)
    assert {batch.delivery_id for batch in batches} == {*MONTHS, f"{MONTHS[7]}_again"}
    assert sum(batch.supersedes != () for batch in batches) > len(MONTHS) / 2
    withdrawn = {batch.delivery_id: sum(count.withdrawn for count in batch.tables) for batch in batches}
    assert all(withdrawn[month] for month in MONTHS[1:-1])


@pytest.fixture(scope="module")
def both(demo_home: Path, monthly_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Releases `once` (the demo: one delivery, all threads) and `monthly`."""
    run = oncomart("refresh", "--home", monthly_home)
    assert run.code == 0, run.words
    with duckdb.connect() as connection:
        for name, place in (("once", demo_home), ("monthly", monthly_home)):
            connection.execute(f"attach '{place / 'current' / 'warehouse.duckdb'}' as {name} (read_only)")
        yield connection


def released_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Content columns of every table that analysts read."""
    rows = connection.execute(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() "
        "where database_name = 'once' and schema_name in (select unnest(?)) order by all",
        [list(SCHEMAS)],
    ).fetchall()
    tables: dict[str, list[str]] = {}
    for table, column in rows:
        tables.setdefault(table, [])
        if column.lower() not in PROVENANCE:
            tables[table].append(column)
    return tables


def test_the_same_rows_give_the_same_marts(both: duckdb.DuckDBPyConnection) -> None:
    """Every table of marts, ADaM and OMOP has the same content; only file and row numbers may differ."""
    different = {}
    for table, columns in released_tables(both).items():
        wanted = ", ".join(f'"{column}"' for column in columns)
        once, monthly = (f"select {wanted} from {release}.{table}" for release in ("once", "monthly"))
        (rows,) = both.execute(
            f"select count(*) from (({once} except all {monthly}) union all ({monthly} except all {once}))"
        ).fetchone() or (None,)
        if rows:
            different[table] = rows
    assert different == {}


def test_something_was_compared(both: duckdb.DuckDBPyConnection) -> None:
    """The comparison covers the marts by name, and none of the central ones is empty."""
    assert {"marts.lines_of_therapy", "marts.survival_times", "marts.eligibility"} <= released_tables(both).keys()
    assert both.execute("select count(*) from monthly.marts.survival_times").fetchone() != (0,)
