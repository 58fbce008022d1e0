"""A hospital's reporting database as a source: snapshots, watermarks, values, and a line that breaks."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from flows.runner import may_retry
from models.errors import BadInput, ConfigError, SourceUnavailable
from tests.postgresql.server import Server, cut_after
from tests.warehouse.hospital import Hospital
from warehouse import CentreReport, committed_batches
from warehouse.intake.orders import landing_orders
from warehouse.intake.report import Status

VARIABLE = "ONCOMART_DSN_HOSPITAL"
TAGGED = "CREATE TABLE {schema}.markers (no int PRIMARY KEY, person text, value text, updated_at timestamptz)"
FIRST_ROWS = "INSERT INTO {schema}.markers VALUES (2, 'b', 'two', '2025-01-02'), (1, 'a', 'one', '2025-01-01')"


@pytest.fixture
def schema(server: Server, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A schema of the test's own, with two markers in it; the environment leads to the server."""
    name = re.sub(r"\W", "_", request.node.name.lower())[:60]
    server.run(f"CREATE SCHEMA {name}", TAGGED.format(schema=name), FIRST_ROWS.format(schema=name))
    monkeypatch.setenv(VARIABLE, server.address())
    yield name
    server.run(f"DROP SCHEMA {name} CASCADE")


def hospital_of(root: Path, schema: str, cell: object = "value", **source: object) -> Hospital:
    """A hospital whose biomarkers stand in the table `markers` of a database; `cell` becomes their value."""
    columns = {
        "patient_id": {"column": "person", "system": "HIS"},
        "name": {"column": "no"},
        "value_text": cell,
    }
    mapping = {"table": "biomarker", "key": ["name"], "feed": [{"source": "markers", "columns": columns}]}
    place = {"deliveries": {"layout": "database"}, "database": {"schema": schema}}
    return Hospital(root, {"markers": source}, [mapping], place)


def values(hospital: Hospital) -> list[object]:
    """Every value that the lake has of each marker, in order of the markers."""
    return [value for _, value in hospital.rows("biomarker", "name", "value_text")]


def status(report: CentreReport) -> Status:
    """What became of the one delivery."""
    assert report.problems == ()
    (delivery,) = report.deliveries
    return delivery.status


def test_a_table_is_a_delivery(schema: str, tmp_path: Path) -> None:
    """A snapshot lands as a delivery of its day; rows are numbered by the table's key and counted like a file's."""
    hospital = hospital_of(tmp_path, schema)
    (delivery,) = hospital.land().deliveries
    assert delivery.delivery_id == f"{delivery.extract_date}.001"
    assert hospital.rows("biomarker", "source_row", "value_text", "source_file") == [
        (1, "one", f"{schema}.markers"),
        (2, "two", f"{schema}.markers"),
    ]
    (file,) = delivery.files
    assert (file.read, file.used, file.error) == (2, 2, None)


def test_nothing_new_is_no_delivery(schema: str, tmp_path: Path) -> None:
    """A table that says what the lake knows makes no batch, with a watermark and without."""
    for name, source in (("whole", {}), ("since", {"watermark": "updated_at"})):
        hospital = hospital_of(tmp_path / name, schema, **source)
        assert status(hospital.land()) is Status.LANDED
        assert status(hospital.land()) is Status.UNCHANGED
        assert len(committed_batches(hospital.home)) == 1


def test_a_table_without_watermark_is_full(server: Server, schema: str, tmp_path: Path) -> None:
    """A row that is gone from a table that is read whole is withdrawn."""
    hospital = hospital_of(tmp_path, schema)
    hospital.land()
    server.run(f"DELETE FROM {schema}.markers WHERE no = 1")
    assert status(hospital.land()) is Status.LANDED
    assert hospital.rows("biomarker", "name", "is_withdrawn") == [("1", False), ("1", True), ("2", False)]


def test_a_watermark_reads_what_changed(server: Server, schema: str, tmp_path: Path) -> None:
    """With a watermark only newer rows are read, nothing is taken as gone, and the next begins where this one ended."""
    hospital = hospital_of(tmp_path, schema, watermark="updated_at")
    hospital.land()
    server.run(
        f"DELETE FROM {schema}.markers WHERE no = 1",
        f"UPDATE {schema}.markers SET value = 'deux', updated_at = '2025-02-01' WHERE no = 2",
        f"INSERT INTO {schema}.markers VALUES (3, 'c', 'three', '2025-02-02'), (4, 'd', 'old', '2024-01-01')",
    )
    (delivery,) = hospital.land().deliveries
    assert delivery.files[0].read == 2
    assert sorted(map(str, values(hospital))) == ["deux", "one", "three", "two"]
    server.run(f"INSERT INTO {schema}.markers VALUES (5, 'e', 'five', '2025-02-03')")
    (delivery,) = hospital.land().deliveries
    assert (delivery.files[0].read, delivery.tables[0].landed, delivery.tables[0].duplicates) == (2, 1, 1)


def test_an_overlap_catches_rows_that_were_committed_late(server: Server, schema: str, tmp_path: Path) -> None:
    """Rows stamped before the watermark are found within the overlap, and not beyond it."""
    hospital = hospital_of(tmp_path, schema, watermark="updated_at", overlap="1 day")
    hospital.land()
    server.run(f"INSERT INTO {schema}.markers VALUES (3, 'c', 'late', '2025-01-01 12:00'), (4, 'd', 'x', '2024-12-31')")
    hospital.land()
    assert values(hospital) == ["one", "two", "late"]


def test_a_changed_mapping_reads_everything_again(schema: str, tmp_path: Path) -> None:
    """Rows older than the watermark are read by the new mapping too."""
    hospital_of(tmp_path, schema, watermark="updated_at").land()
    changed = hospital_of(
        tmp_path, schema, {"column": "value", "map": {"one": "1", "two": "2"}}, watermark="updated_at"
    )
    (delivery,) = changed.land().deliveries
    assert delivery.files[0].read == 2
    assert {"1", "2"} <= set(values(changed))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("12345678901234567.8900::numeric(30, 4)", "12345678901234567.8900"),
        ("0.1::float8", "0.1"),
        ("68::float8", "68"),
        ("true", "true"),
        ("DATE '2024-02-29'", "2024-02-29"),
        ("TIMESTAMP '2024-02-29 08:30:00'", "2024-02-29 08:30:00"),
        ("TIMESTAMPTZ '2024-02-28 23:30:00+00'", "2024-02-29 07:30:00"),
        ("'  进展 '::char(8)", "进展"),
        ("NULL::text", None),
        ("9223372036854775807", "9223372036854775807"),
    ],
)
def test_values_arrive_as_text(schema: str, tmp_path: Path, written: str, told: str | None) -> None:
    """Numbers lose nothing, instants are told in the days of the server's zone, and what is missing stays missing."""
    hospital = hospital_of(tmp_path, schema, query=f"SELECT 1 AS no, 'a' AS person, {written} AS value")
    assert status(hospital.land()) is Status.LANDED
    assert values(hospital) == [told]


def test_one_snapshot_over_all_tables(server: Server, schema: str, tmp_path: Path) -> None:
    """What is committed while a snapshot is read belongs to the next one, whichever table it is in."""
    hospital = hospital_of(tmp_path, schema)
    late = f"INSERT INTO {schema}.markers VALUES (3, 'c', 'meanwhile', now())"
    lookup = {"column": "person", "source": "people", "key": "person", "value": "person"}
    hospital.sources = {
        "markers": {"lookup": {"who": lookup}},
        "people": {"query": "SELECT person FROM markers"},
    }
    hospital.tables[0]["feed"][0]["columns"]["value_text"] = "who"  # type: ignore[index]

    def insert_once(line: str) -> None:
        if "people" in line:
            server.run(late)

    hospital.messages = _Listener(insert_once)
    hospital.land()
    assert values(hospital) == ["a", "b"]


class _Listener(list[str]):
    def __init__(self, heard: object) -> None:
        super().__init__()
        self._heard = heard

    def append(self, line: str, /) -> None:
        super().append(line)
        self._heard(line)  # type: ignore[operator]


def test_a_snapshot_cannot_be_read_again(schema: str, tmp_path: Path) -> None:
    """Asked to read an earlier snapshot again, landing says why that cannot be and what to do instead."""
    hospital = hospital_of(tmp_path, schema)
    (delivery,) = hospital.land().deliveries
    with pytest.raises(BadInput, match="it was a snapshot of a database"):
        landing_orders(hospital.home, [hospital.centre], [delivery.delivery_id], [])


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"table": "orders"}, "source markers: schema {schema} has no table orders"),
        ({"query": "SELECT nothing FROM markers"}, "source markers: the database refuses it (SQLSTATE 42703)"),
        ({"watermark": "changed_at"}, "source markers: the database refuses it (SQLSTATE 42703)"),
        ({"query": "SELECT no, person FROM markers"}, "column 'value' missing; found are no, person"),
        ({"query": "SELECT no, person, 1 / (no - 1) AS value FROM markers"}, "source markers: the database refuses it"),
    ],
)
def test_what_is_not_there_is_named(schema: str, tmp_path: Path, source: Mapping[str, object], told: str) -> None:
    """A table, column or query that fails is named with its source; nothing lands, and no value is told."""
    hospital = hospital_of(tmp_path, schema, **source)
    (problem, *_) = hospital.land().problems
    assert told.format(schema=schema) in problem
    assert "Centre hospital" in problem
    assert committed_batches(hospital.home) == ()


def test_an_optional_table_may_be_missing(schema: str, tmp_path: Path) -> None:
    """A source that is not required is passed over where there is no such table."""
    hospital = hospital_of(tmp_path, schema)
    hospital.sources = {**hospital.sources, "more": {"table": "orders", "required": False}}
    assert status(hospital.land()) is Status.LANDED


def test_the_address_comes_from_the_environment_only(
    server: Server, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the variable, or with an address in a file, landing refuses; no message holds the address."""
    hospital = hospital_of(tmp_path, schema)
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(ConfigError, match=f"{VARIABLE} is not set"):
        hospital.land()
    hospital.calendar = {"deliveries": {"layout": "database"}, "database": {"dsn": server.address()}}
    with pytest.raises(ValueError, match="belongs in ONCOMART_DSN_<CENTRE>"):
        hospital.land()


def test_a_wrong_password_is_no_reason_to_try_again(
    server: Server, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal names centre and variable, and neither the password nor the address."""
    monkeypatch.setenv(VARIABLE, server.address(password="wrong-guess"))
    (problem,) = hospital_of(tmp_path, schema).land().problems
    assert f"Check {VARIABLE}" in problem
    assert "wrong-guess" not in problem
    assert "127.0.0.1" not in problem


def test_a_server_that_does_not_answer_is_tried_again(
    server: Server, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody listens, the error is one that the flow tries again, and names no address."""
    monkeypatch.setenv(VARIABLE, server.address(port=1))
    with pytest.raises(SourceUnavailable) as told:
        hospital_of(tmp_path, schema).land()
    assert may_retry(told.value)
    assert "127.0.0.1" not in str(told.value)


@pytest.mark.parametrize("n_bytes", [100, 20_000, 2_000_000, 8_000_000])
def test_a_line_that_breaks_leaves_nothing(
    server: Server, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_bytes: int
) -> None:
    """Cut while connecting, in mid-stream or near the end, nothing lands; the next refresh lands it all."""
    large = (
        f"INSERT INTO {schema}.markers SELECT g, 'p' || g, repeat('x', 60), now() FROM generate_series(10, 100009) g"
    )
    server.run(large)
    hospital = hospital_of(tmp_path, schema)
    with cut_after(server, n_bytes) as port:
        monkeypatch.setenv(VARIABLE, server.address(port=port))
        with pytest.raises(SourceUnavailable) as told:
            hospital.land()
    assert may_retry(told.value)
    assert "Nothing of this delivery was landed" in str(told.value)
    assert committed_batches(hospital.home) == ()
    monkeypatch.setenv(VARIABLE, server.address())
    assert status(hospital.land()) is Status.LANDED
    assert len(hospital.rows("biomarker", "name")) == 100_002


def test_a_killed_backend_leaves_nothing(schema: str, tmp_path: Path) -> None:
    """An administrator who ends the session in mid-table costs that refresh only."""
    ends = "CASE WHEN no = 2 THEN pg_terminate_backend(pg_backend_pid())::text END"
    hospital = hospital_of(tmp_path, schema, query=f"SELECT no, person, {ends} AS value FROM markers")
    with pytest.raises(SourceUnavailable):
        hospital.land()
    assert committed_batches(hospital.home) == ()


def test_a_slow_query_is_ended(schema: str, tmp_path: Path) -> None:
    """A table that takes longer than the limit is given up with that reason."""
    hospital = hospital_of(tmp_path, schema, query="SELECT no, person, pg_sleep(5)::text AS value FROM markers")
    database = {"schema": schema, "statement_timeout_seconds": 1}
    hospital.calendar = {**hospital.calendar, "database": database}
    with pytest.raises(SourceUnavailable, match="longer than statement_timeout_seconds"):
        hospital.land()


def test_memory_is_bounded(server: Server, schema: str) -> None:
    """A table four times as large as what the reader may hold is read in batches, and the peak stays below its size."""
    query = "SELECT g AS no, 'p' AS person, repeat(md5(g::text), 30) AS value FROM generate_series(1, 400000) g"
    program = f"""
import resource
from models.deliveries import Database
from warehouse.intake.database import Connection, DatabaseTable
connection = Connection("hospital", Database.model_validate({{"schema": "{schema}"}}))
table = DatabaseTable(connection, "here", "({query}) AS delivered", ("no",), "")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read = sum(batch.num_rows for batch in table.reader().batches(["no", "value"]))
print(read, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""
    environment = {**os.environ, VARIABLE: server.address()}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    rows, mebibytes = (int(word) for word in done.stdout.split())
    assert rows == 400_000
    assert mebibytes < 100, "the table has 366 MiB"
