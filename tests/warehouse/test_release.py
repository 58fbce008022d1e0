"""Releases: bound, sealed, published in one step, rolled back, never half."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from models.contract import CONTRACT, PROVENANCE
from models.errors import HomeBusy, ReleaseBroken, ReleaseNotFound
from models.protocol_tables import RowTable
from models.tolerances import COLUMNS
from tests.warehouse.hospital import SETTINGS, Hospital, patients_of
from warehouse import (
    ReleaseDraft,
    ReleaseRecord,
    ResultTable,
    bind,
    bind_tables,
    clean_leftovers,
    connect_build,
    discard,
    home_lock,
    list_releases,
    open_release,
    other_code,
    other_content,
    publish,
    recorded_release,
    remove_old,
    reopen_release,
    restore_release,
    rollback,
    seal,
    show_release,
    start_release,
)

RESULTS = {"ard": ResultTable(pa.table({"value": [1.5, None]}), "Every number of the report.", {"value": "the number"})}


@pytest.fixture
def hospital(tmp_path: Path) -> Hospital:
    """A hospital with two landed patients, one of which the next month drops, and one row in quarantine."""
    hospital = patients_of(tmp_path, {"sex": "sex"}, key=["patient_id"])
    hospital.deliver("2025-06-05", "patients.csv", [["id", "sex"], ["1", "M"], ["2", "F"]])
    hospital.deliver("2025-07-05", "patients.csv", [["id", "sex"], ["1", "F"], ["3", "?"]])
    hospital.land()
    return hospital


def built(hospital: Hospital, sex: str = "M") -> ReleaseDraft:
    """A draft with one mart and a report, ready to be sealed."""
    return fill(start_release(hospital.home, [hospital.centre], SETTINGS, {"study": "[study]"}), sex)


def fill(draft: ReleaseDraft, sex: str) -> ReleaseDraft:
    """Derives the one mart of an empty draft, and writes its report."""
    bind(draft)
    with connect_build(draft, SETTINGS) as connection:
        connection.execute(
            "CREATE TABLE warehouse.marts.patients AS SELECT patient_id, ?::VARCHAR AS sex FROM lake.patient", [sex]
        )
        connection.execute("COMMENT ON TABLE warehouse.marts.patients IS 'One row a patient.'")
        connection.execute("COMMENT ON COLUMN warehouse.marts.patients.sex IS '性别, it''s registered'")
    report = draft.report / "study" / "index.html"
    report.parent.mkdir()
    report.write_text("report")
    return draft


def published(hospital: Hospital, sex: str = "M") -> str:
    """Id of a newly published release."""
    draft = built(hospital, sex)
    seal(draft, SETTINGS, RESULTS)
    publish(hospital.home, draft)
    return draft.release_id


def test_bound_views_have_the_contract_and_only_committed_rows(hospital: Hospital) -> None:
    """Schema lake has every contract table with exactly its columns and types, empty where nothing landed."""
    stray = hospital.home.lake / "patient" / "centre_id=hospital" / "batch_id=00ff" / "part-0.parquet"
    stray.parent.mkdir()
    stray.write_bytes(b"a crash left this")
    draft = start_release(hospital.home, [hospital.centre], SETTINGS, {})
    bind(draft)
    with connect_build(draft, SETTINGS) as connection:
        for table in CONTRACT.values():
            found = connection.execute(f'DESCRIBE lake."{table.name}"').fetchall()
            expected = [(column.name, column.lake_type) for column in table.columns]
            expected += [(column.name, column.lake_type) for column in PROVENANCE]
            assert [(name, kind) for name, kind, *_ in found] == [
                *expected,
                ("centre_id", "VARCHAR"),
                ("batch_id", "VARCHAR"),
            ]
        counted = connection.execute(
            "SELECT count(*), count(DISTINCT batch_id), min(centre_id) FROM lake.patient"
        ).fetchone()
        assert counted == (4, 2, "hospital")
        assert connection.execute("SELECT count(*) FROM lake.scan").fetchone() == (0,)
    assert draft.build_path.stat().st_mode & 0o777 == 0o600


def test_bound_counts(hospital: Hospital) -> None:
    """What landing counted can be queried: deliveries, files, tables, quarantine, centres."""
    draft = start_release(hospital.home, [hospital.centre], SETTINGS, {})
    bind(draft)
    with connect_build(draft, SETTINGS) as connection:
        ask = connection.execute
        assert ask("SELECT delivery_id, delivery_seq, n_files FROM lake.deliveries ORDER BY 1").fetchall() == [
            ("2025-06-05", 1, 1),
            ("2025-07-05", 1, 1),
        ]
        assert ask("SELECT rows_read, rows_used, rows_failed FROM lake.delivery_files").fetchall() == [
            (2, 2, 0),
            (2, 2, 0),
        ]
        assert ask(
            "SELECT rows_emitted, rows_landed, rows_quarantined, rows_withdrawn FROM lake.landing_counts ORDER BY 2"
        ).fetchall() == [(2, 1, 1, 1), (2, 2, 0, 0)]
        assert ask("SELECT table_name, check_id, reason, n_rows FROM lake.quarantine_counts").fetchall() == [
            ("patient", "DQ000", "not_permitted", 1)
        ]
        assert ask("SELECT * FROM lake.centres").fetchall() == [("hospital", "Hospital", "absolute", None)]


def test_rows_become_tables() -> None:
    """Plain rows become a typed table; a table without rows keeps its columns."""
    tables = {
        "a": RowTable("a", (("day", "DATE"), ("n", "INTEGER")), (("2024-01-02", 1), (None, None))),
        "b": RowTable("b", (("x", "VARCHAR"),), ()),
    }
    with duckdb.connect() as connection:
        bind_tables(connection, "protocol", tables)
        assert connection.execute("SELECT day::VARCHAR, n FROM protocol.a").fetchall() == [
            ("2024-01-02", 1),
            (None, None),
        ]
        assert connection.execute("SELECT count(*) FROM protocol.b").fetchone() == (0,)


def test_published_release_holds_all(hospital: Hospital) -> None:
    """A release has commented tables, exports, results, the report, and a release.json that accounts for everything."""
    release_id = published(hospital)
    record = show_release(hospital.home).record
    with open_release(hospital.home) as connection:
        assert connection.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'patients'").fetchone() == (
            "One row a patient.",
        )
        assert connection.execute("SELECT comment FROM duckdb_columns() WHERE column_name = 'sex'").fetchone() == (
            "性别, it's registered",
        )
        assert connection.execute("SELECT value FROM results.ard ORDER BY 1").fetchall() == [(1.5,), (None,)]
        with pytest.raises(duckdb.InvalidInputException):
            connection.execute("CREATE TABLE marts.more (x INTEGER)")
    exported = hospital.home.current / "marts" / "marts" / "patients.parquet"
    metadata = parquet.read_schema(exported).metadata
    assert json.loads(metadata[b"columns"]) == {"sex": "性别, it's registered"}
    assert record["rows_read"] == {"hospital": 4}
    assert record["rows_landed"] == {"hospital": {"patient": 3}}
    assert record["rows_quarantined"] == {"hospital": {"patient": 1}}
    assert record["protocols"] == {"study": "[study]"}
    assert record["tables"]["marts.patients"]["rows"] == 4
    assert (hospital.home.current / "report" / "study" / "index.html").is_file()
    assert hospital.home.current.readlink() == Path("releases") / release_id


def test_release_is_read_only(hospital: Hospital) -> None:
    """No file of a published release may be written; the build database is its owner's alone."""
    published(hospital)
    folder = hospital.home.current.resolve()
    modes = {
        path.name: path.stat().st_mode & 0o777
        for path in [folder, *folder.rglob("*")]
        if path.is_file() or path == folder
    }
    assert modes.pop("build.duckdb") == modes.pop("centres.json") == 0o400
    assert modes.pop(folder.name) == 0o555
    assert set(modes.values()) == {0o444}


def test_content_hash_is_of_the_content(hospital: Hospital) -> None:
    """Two builds of the same content have the same hashes; another value has another."""
    for sex in ("M", "M", "F"):
        published(hospital, sex)
    newest, *older = (
        release.record["tables"]["marts.patients"]["content_hash"] for release in list_releases(hospital.home)
    )
    assert older[0] == older[1] != newest


def test_publishing_does_not_disturb_a_reader(hospital: Hospital) -> None:
    """A connection opened before stays on its release, a new one sees the new release, `current` is never missing."""
    published(hospital, "M")
    reader = open_release(hospital.home)
    draft = built(hospital, "F")
    seal(draft, SETTINGS, RESULTS)
    assert hospital.home.current.exists()
    publish(hospital.home, draft)
    question = "SELECT DISTINCT sex FROM marts.patients"
    assert reader.execute(question).fetchall() == [("M",)]
    with open_release(hospital.home) as later:
        assert later.execute(question).fetchall() == [("F",)]
    reader.close()


def test_broken_release_is_not_published(hospital: Hospital) -> None:
    """A missing report or a view that leads into the build database stops sealing, and the current release stays."""
    current = published(hospital)
    draft = built(hospital)
    (draft.report / "study" / "index.html").unlink()
    with pytest.raises(ReleaseBroken, match=r"report/study/index\.html is missing"):
        seal(draft, SETTINGS, RESULTS)
    discard(draft)
    draft = built(hospital)
    with connect_build(draft, SETTINGS) as connection:
        connection.execute("CREATE VIEW warehouse.marts.v AS SELECT 1 AS x")
    with pytest.raises(ReleaseBroken, match=r"marts\.v is a view"):
        seal(draft, SETTINGS, RESULTS)
    discard(draft)
    assert [release.release_id for release in list_releases(hospital.home)] == [current]
    assert show_release(hospital.home).release_id == current


def test_rollback_and_policy(hospital: Hospital) -> None:
    """Rollback goes to the release before or to a named one; old releases go, the current one never."""
    first, second, third = (published(hospital) for _ in range(3))
    assert rollback(hospital.home).release_id == second
    assert rollback(hospital.home, first).release_id == first
    with pytest.raises(ReleaseNotFound, match="no release before"):
        rollback(hospital.home)
    with pytest.raises(ReleaseNotFound, match="there are: "):
        rollback(hospital.home, "20200101T000000Z-00000000")
    assert remove_old(hospital.home, keep=1) == (second,)
    assert [release.release_id for release in list_releases(hospital.home)] == [third, first]


def rebuilt(hospital: Hospital, release_id: str, sex: str = "M") -> ReleaseRecord:
    """A release built again from its record."""
    draft = fill(reopen_release(hospital.home, recorded_release(hospital.home, release_id), SETTINGS), sex)
    return seal(draft, SETTINGS, RESULTS)


def test_an_earlier_release_is_rebuilt_from_its_own_batches(hospital: Hospital) -> None:
    """Superseded batches, the mapping of then and protocols come back: the same content, and any other is named.

    The code of now is compared with that of then.
    """
    release_id = published(hospital)
    record = show_release(hospital.home, release_id).record
    hospital.deliver("2025-06-05", "patients.csv", [["id", "sex"], ["1", "M"], ["2", "F"], ["4", "F"]])
    hospital.land()
    newer = published(hospital)
    assert other_content(record, show_release(hospital.home).record) == (
        "marts.patients has other content; 4 rows then, 4 now",
    )
    again = rebuilt(hospital, release_id)
    assert other_content(record, again.record) == ()
    assert other_code(again.record) == ()
    assert [record[name] for name in ("deliveries", "rows_landed", "protocols", "inputs_hash")] == [
        again.record[name] for name in ("deliveries", "rows_landed", "protocols", "inputs_hash")
    ]
    assert recorded_release(hospital.home, release_id).centres[0].config == hospital.centre.config
    assert show_release(hospital.home).release_id == newer
    assert other_code({**record, "code_version": "v0"})[0].startswith("oncomart was v0, is ")


def test_a_removed_release_can_be_put_back(hospital: Hospital) -> None:
    """What a removed release was made of stays, privately; rebuilt it has its place again, and `current` stays."""
    first, second = published(hospital), published(hospital)
    assert remove_old(hospital.home, keep=1) == (first,)
    assert {path.stat().st_mode & 0o777 for path in (hospital.home.records / first).iterdir()} == {0o600}
    draft = fill(reopen_release(hospital.home, recorded_release(hospital.home, first), SETTINGS), "M")
    seal(draft, SETTINGS, RESULTS)
    restore_release(draft)
    assert [release.release_id for release in list_releases(hospital.home)] == [second, first]
    assert show_release(hospital.home).release_id == second


def test_what_cannot_be_rebuilt(hospital: Hospital) -> None:
    """An unknown release, and one of which the lake has lost a batch, are named with what is there."""
    release_id = published(hospital)
    with pytest.raises(ReleaseNotFound, match=f"there are: {release_id}"):
        recorded_release(hospital.home, "20200101T000000Z-00000000")
    recorded = recorded_release(hospital.home, release_id)
    next((hospital.home.lake / "_manifest").glob("*.json")).unlink()
    with pytest.raises(ReleaseNotFound, match="of its 2 batches 1 are no longer in"):
        reopen_release(hospital.home, recorded, SETTINGS)


def test_nothing_published_yet(hospital: Hospital) -> None:
    """Before the first release there is a clear answer."""
    with pytest.raises(ReleaseNotFound, match="Run a refresh first"):
        open_release(hospital.home)


def test_leftovers_are_cleaned(hospital: Hospital) -> None:
    """Drafts of a crashed refresh go at the next one; published releases and the lake stay."""
    release_id = published(hospital)
    draft = start_release(hospital.home, [hospital.centre], SETTINGS, {})
    assert clean_leftovers(hospital.home) == (f"releases/{draft.folder.name}",)
    assert [release.release_id for release in list_releases(hospital.home)] == [release_id]
    assert len(hospital.rows("patient", "row_key")) == 4


def test_inputs_decide_the_hash(hospital: Hospital) -> None:
    """The hash of the inputs is the same for the same deliveries, protocols and tolerances, else another."""
    same = [start_release(hospital.home, [hospital.centre], SETTINGS, {"study": "a"}) for _ in range(2)]
    other = start_release(hospital.home, [hospital.centre], SETTINGS, {"study": "b"})
    set_tolerance = RowTable("tolerances", COLUMNS, (("DQ031", None, 5),))
    wider = start_release(hospital.home, [hospital.centre], SETTINGS, {"study": "a"}, set_tolerance)
    hospital.deliver("2025-08-05", "patients.csv", [["id", "sex"], ["4", "M"]])
    hospital.land()
    later = start_release(hospital.home, [hospital.centre], SETTINGS, {"study": "a"})
    assert same[0].inputs_hash == same[1].inputs_hash
    assert same[0].release_id != same[1].release_id
    assert len({draft.inputs_hash for draft in (same[0], other, wider, later)}) == 4


def test_second_refresh_is_told_who_holds_the_home(hospital: Hospital) -> None:
    """While one process holds the home another is told its number and start; when the holder dies the home is free."""
    code = (
        "import sys, time; from pathlib import Path; from warehouse import Home, home_lock\n"
        f"with home_lock(Home(Path({str(hospital.home.root)!r}))): print('held', flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(HomeBusy, match=f"process {holder.pid}, started 20"), home_lock(hospital.home):
            pass
        holder.kill()
    with home_lock(hospital.home):
        pass
