"""The order of rows, the number of threads and the number of deliveries change nothing that analysts read."""

import csv
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.flows.conftest import oncomart

ENCODING = "gb18030"
SCHEMAS = ("marts", "adam", "omop")
PROVENANCE = {"source_file", "source_row", "srcseq", "delivery_id", "batch_id"}
MONTHS = {"2025-05-31": 1 / 3, "2025-06-30": 2 / 3, "2025-07-31": 1.0}
"""Month ends and the share of all rows that the dump of that day holds; the last is the demo's own, whole."""


def monthly_dumps(whole: Path, target: Path) -> None:
    """Growing dumps of one delivery, the rows of every file in a new order each month."""
    dice = random.Random(7)
    for file in sorted(whole.glob("*.csv")):
        with file.open(encoding=ENCODING, newline="") as lines:
            heading, *rows = csv.reader(lines)
        dice.shuffle(rows)
        for month, share in MONTHS.items():
            known = rows[: round(share * len(rows))]
            dice.shuffle(known)
            (target / month).mkdir(parents=True, exist_ok=True)
            with (target / month / file.name).open("w", encoding=ENCODING, newline="") as lines:
                csv.writer(lines).writerows([heading, *known])


@pytest.fixture(scope="module")
def both(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Releases `once` (the demo: one delivery, all threads) and `monthly` (three shuffled dumps, one thread)."""
    home = tmp_path_factory.mktemp("monthly")
    # The key makes the pseudonyms, and the comparison is of patients by their pseudonyms.
    shutil.copytree(demo_home / "keys", home / "keys")
    monthly_dumps(demo_home / "deliveries" / "hospital_a" / "2025-07-31", home / "deliveries" / "hospital_a")
    (home / "oncomart.toml").write_text(
        f"""
        [centres.hospital_a]
        deliveries = "{home / "deliveries" / "hospital_a"}"
        [studies.anlotinib_pd1_escc]
        [settings]
        threads = 1
        """,
        encoding="utf-8",
    )
    run = oncomart("refresh", "--home", home)
    assert run.code == 0, run.words
    with duckdb.connect() as connection:
        for name, place in (("once", demo_home), ("monthly", home)):
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
