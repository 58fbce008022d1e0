"""Deliveries in time: landed once, compared with the last word, withdrawn, committed as a whole."""

from pathlib import Path

import duckdb
import pytest

from models.errors import AccountingBroken, ConfigError
from tests.warehouse.hospital import Hospital, Rows, patients_of
from warehouse import FileCount, Status, TableCount, committed_batches
from warehouse.accounting import check_accounts
from warehouse.intake import batch
from warehouse.manifest import Manifest

HEADER = ["id", "sex"]


def keyed(root: Path, **mapping: object) -> Hospital:
    """Patients with the patient's number as business key."""
    return patients_of(root, {"sex": "sex"}, source=None, key=["patient_id"], **mapping)


def deliver(hospital: Hospital, day: str, rows: Rows) -> None:
    """Delivers patients; the first row is added."""
    hospital.deliver(day, "patients.csv", [HEADER, *rows])


def last_table(hospital: Hospital) -> TableCount:
    """Lands, and gives the count of the newest delivery's table."""
    return hospital.land().deliveries[-1].tables[0]


def test_the_same_delivery_twice_lands_once(tmp_path: Path) -> None:
    """A delivery with the same checksums is told as unchanged, and the lake stays as it is."""
    hospital = keyed(tmp_path)
    deliver(hospital, "2025-06-05", [["1", "M"]])
    first = hospital.land()
    before = hospital.rows("patient", "*")
    second = hospital.land()
    assert [delivery.status for delivery in (*first.deliveries, *second.deliveries)] == [
        Status.LANDED,
        Status.UNCHANGED,
    ]
    assert second.rows_landed == 0
    assert hospital.rows("patient", "*") == before
    assert "nothing to land" in hospital.messages[-1]


def test_full_delivery_lands_what_is_new(tmp_path: Path) -> None:
    """Of a second full dump known rows are duplicates, changed and new ones land, a missing one gets a tombstone."""
    hospital = keyed(tmp_path)
    deliver(hospital, "2025-06-05", [["1", "M"], ["2", "M"], ["3", "F"], ["4", "F"]])
    deliver(hospital, "2025-07-05", [["1", "M"], ["2", "F"], ["3", "F"], ["5", "M"]])
    count = last_table(hospital)
    assert (count.emitted, count.landed, count.duplicates, count.withdrawn) == (4, 2, 2, 1)
    july = [
        row
        for row in hospital.rows("patient", "delivery_id", "sex", "is_withdrawn", "source_row")
        if row[0] == "2025-07-05"
    ]
    assert sorted(july, key=repr) == [
        ("2025-07-05", "F", False, 3),
        ("2025-07-05", "F", True, None),
        ("2025-07-05", "M", False, 5),
    ]


def test_a_record_that_comes_back_lands_again(tmp_path: Path) -> None:
    """A record that left and returns with the old content lands again, after its tombstone."""
    hospital = keyed(tmp_path)
    deliver(hospital, "2025-05-05", [["1", "M"], ["2", "M"], ["3", "M"]])
    deliver(hospital, "2025-06-05", [["1", "M"], ["2", "M"]])
    deliver(hospital, "2025-07-05", [["1", "M"], ["2", "M"], ["3", "M"]])
    count = last_table(hospital)
    assert (count.landed, count.duplicates, count.withdrawn) == (1, 2, 0)


@pytest.mark.parametrize(("kept", "withdrawn"), [(2, 2), (1, 0)])
def test_truncated_full_delivery_withdraws_nothing(tmp_path: Path, kept: int, withdrawn: int) -> None:
    """Half of the known records is believed; fewer looks truncated: nothing is withdrawn, and a warning says so."""
    hospital = keyed(tmp_path)
    rows = [[str(number), "M"] for number in range(4)]
    deliver(hospital, "2025-06-05", rows)
    deliver(hospital, "2025-07-05", rows[:kept])
    report = hospital.land()
    assert report.deliveries[-1].tables[0].withdrawn == withdrawn
    assert any("truncated" in warning for warning in report.warnings) is (withdrawn == 0)


def test_changes_never_withdraw_by_absence(tmp_path: Path) -> None:
    """A delivery of changes says nothing about the records that it does not hold."""
    hospital = keyed(tmp_path, delivery="changes")
    deliver(hospital, "2025-06-05", [["1", "M"], ["2", "M"]])
    deliver(hospital, "2025-07-05", [["2", "F"]])
    count = last_table(hospital)
    assert (count.landed, count.withdrawn) == (1, 0)


def test_changes_land_whole(tmp_path: Path) -> None:
    """A delivery of changes lands what the lake says already too: a late one in between could change that."""
    hospital = keyed(tmp_path, delivery="changes")
    deliver(hospital, "2025-06-05", [["1", "M"], ["2", "M"]])
    deliver(hospital, "2025-07-05", [["1", "M"]])
    count = last_table(hospital)
    assert (count.landed, count.duplicates) == (1, 0)


def test_a_value_corrected_and_corrected_back(tmp_path: Path) -> None:
    """Of M, F, M in the rows of one delivery the last word is M: the repeat is the word, not its first place."""
    hospital = keyed(tmp_path, delivery="changes")
    deliver(hospital, "2025-06-05", [["1", "M"], ["1", "F"], ["1", "M"]])
    count = last_table(hospital)
    assert (count.landed, count.duplicates) == (2, 1)
    assert max(hospital.rows("patient", "source_row", "sex")) == (4, "M")


def test_quarantined_row_keeps_its_record(tmp_path: Path) -> None:
    """A record whose new version fails the contract is not taken for gone."""
    hospital = keyed(tmp_path)
    deliver(hospital, "2025-06-05", [["1", "M"], ["2", "M"]])
    deliver(hospital, "2025-07-05", [["1", "M"], ["2", "?"]])
    count = last_table(hospital)
    assert (count.rows_quarantined, count.withdrawn) == (1, 0)


def test_exact_duplicates_land_once_from_the_first_place(tmp_path: Path) -> None:
    """Of rows with one content the one in the smallest file and row lands, whatever the order of reading."""
    hospital = keyed(tmp_path)
    hospital.deliver("2025-07-05", "patients_b.csv", [HEADER, ["1", "M"]])
    hospital.deliver("2025-07-05", "patients_a.csv", [HEADER, ["2", "F"], ["1", "M"], ["1", "M"]])
    count = last_table(hospital)
    assert (count.landed, count.duplicates) == (2, 2)
    assert hospital.rows("patient", "source_file", "source_row") == [("patients_a.csv", 2), ("patients_a.csv", 3)]


def test_two_contents_of_one_key_land_together(tmp_path: Path) -> None:
    """Two contents under one key both land; the same pair a month later is nothing new."""
    hospital = keyed(tmp_path)
    deliver(hospital, "2025-06-05", [["1", "M"], ["1", "F"]])
    deliver(hospital, "2025-07-05", [["1", "M"], ["1", "F"]])
    report = hospital.land()
    assert [(delivery.tables[0].landed, delivery.tables[0].duplicates) for delivery in report.deliveries] == [
        (2, 0),
        (0, 2),
    ]


def test_withdrawal_marks(tmp_path: Path) -> None:
    """A row marked as withdrawn lands as a tombstone of its key, though `when` takes others; twice is a duplicate."""
    feed = {
        "source": "orders",
        "when": [{"column": "状态", "among": ["已执行"]}],
        "withdrawn": {"column": "状态", "among": ["已作废"]},
        "columns": {
            "patient_id": {"column": "id", "system": "HIS"},
            "row_id": {"column": "order", "system": "order"},
            "source_kind": {"constant": "ADMIN"},
            "raw_name": "drug",
        },
    }
    mapping = {"table": "drug_row", "key": ["row_id"], "delivery": "changes", "feed": [feed]}
    hospital = Hospital(tmp_path, {"orders": {"files": ["orders.csv"]}}, [mapping])
    header = ["id", "order", "drug", "状态"]
    hospital.deliver("2025-06-05", "orders.csv", [header, ["1", "a", "顺铂", "已执行"], ["1", "b", "顺铂", "已停止"]])
    hospital.deliver("2025-07-05", "orders.csv", [header, ["1", "a", "", "已作废"], ["1", "a", "", "已作废"]])
    report = hospital.land()
    assert hospital.rows("drug_row", "delivery_id", "raw_name", "is_withdrawn") == [
        ("2025-06-05", "顺铂", False),
        ("2025-07-05", None, True),
    ]
    assert len({key for (key,) in hospital.rows("drug_row", "row_key")}) == 1
    assert report.deliveries[-1].tables[0].duplicates == 1


def test_content_does_not_depend_on_place(tmp_path: Path) -> None:
    """Keys and hashes are the same whatever file, row and order the rows came in."""
    first, second = keyed(tmp_path / "one"), keyed(tmp_path / "two")
    for hospital in (first, second):
        hospital.home.ensure()
        (hospital.home.keys / "hospital.key").write_text("the same key for both homes")
        (hospital.home.keys / "hospital.key").chmod(0o600)
    deliver(first, "2025-07-05", [["1", "M"], ["2", "F"]])
    second.deliver("2025-07-05", "patients_x.csv", [["sex", "more", "id"], ["F", "-", "2"]])
    second.deliver("2025-07-05", "patients_y.csv", [["id", "sex"], ["1", "M"]])
    for hospital in (first, second):
        hospital.land()
    columns = ("row_key", "row_hash", "patient_bucket", "patient_id", "sex")
    assert first.rows("patient", *columns) == second.rows("patient", *columns)


def test_lake_files_are_sorted_and_private(tmp_path: Path) -> None:
    """Rows lie sorted by patient bucket, then as in their source, in files of mode 600 below folders of mode 700."""
    hospital = keyed(tmp_path)
    deliver(hospital, "2025-07-05", [[str(number), "M"] for number in range(500)])
    hospital.land()
    (path,) = hospital.home.lake.glob("patient/centre_id=hospital/batch_id=*/part-0.parquet")
    with duckdb.connect() as connection:
        stored = connection.execute("SELECT patient_bucket, source_row FROM read_parquet(?)", [str(path)]).fetchall()
    assert stored == sorted(stored)
    assert {bucket for bucket, _ in stored} <= set(range(64))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_missing_required_file_refuses_the_delivery(tmp_path: Path) -> None:
    """A delivery without a required file lands nothing and names the source; a later delivery lands all the same."""
    hospital = keyed(tmp_path)
    hospital.deliver("2025-06-05", "other.csv", "x")
    deliver(hospital, "2025-07-05", [["1", "M"]])
    report = hospital.land()
    assert [delivery.status for delivery in report.deliveries] == [Status.REFUSED, Status.LANDED]
    assert "2025-06-05: no file for source patients" in report.problems[0]


def test_missing_optional_file(tmp_path: Path) -> None:
    """A source that is not required may be absent."""
    hospital = patients_of(tmp_path, {}, source={"required": False})
    hospital.deliver("2025-07-05", "other.csv", "x")
    assert hospital.land().problems == ()


def test_problem_stays_until_it_is_mended(tmp_path: Path) -> None:
    """A refused file is told at every refresh; the mended file supersedes what had landed of that delivery."""
    hospital = keyed(tmp_path)
    hospital.deliver("2025-07-05", "patients_1.csv", [HEADER, ["1", "M"]])
    broken = hospital.deliver("2025-07-05", "patients_2.csv", b"id,sex\n2,\xff\n")
    assert len(hospital.land().problems) == 1
    assert len(hospital.land().problems) == 1
    broken.write_text("id,sex\n2,F\n")
    report = hospital.land()
    assert report.problems == ()
    (mended,) = committed_batches(hospital.home)
    assert len(mended.supersedes) == 1
    assert [sex for (sex,) in hospital.rows("patient", "sex")] == ["F", "M"]


def test_mended_mapping_lands_again(tmp_path: Path) -> None:
    """After the mapping was mended the delivery lands again, and its quarantine is empty."""
    hospital = keyed(tmp_path)
    deliver(hospital, "2025-07-05", [["1", "男"]])
    hospital.land()
    assert len(hospital.quarantine("check_id")) == 1
    mended = patients_of(tmp_path, {"sex": {"column": "sex", "map": {"男": "M"}}}, key=["patient_id"])
    mended.land()
    assert (mended.quarantine("check_id"), mended.rows("patient", "sex")) == ([], [("M",)])


def test_delivery_order_of_one_day(tmp_path: Path) -> None:
    """Two deliveries of one day are ordered by name; a folder that is no delivery is named."""
    hospital = keyed(tmp_path)
    for name in ("2025-07-05", "2025-07-05_b", "old"):
        deliver(hospital, name, [["1", "M"]])
    report = hospital.land()
    assert [batch.delivery_seq for batch in committed_batches(hospital.home)] == [1, 2]
    assert "folder old is no delivery" in report.warnings[0]


def test_no_folder_of_deliveries(tmp_path: Path) -> None:
    """A centre whose folder of deliveries is not there is a problem, not a crash."""
    assert "is no folder" in keyed(tmp_path).land().problems[0]


def test_crash_between_data_and_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows without a manifest do not exist, and the next landing removes them and lands the delivery."""
    hospital = keyed(tmp_path)
    deliver(hospital, "2025-07-05", [["1", "M"], ["2", "?"]])

    def crash(_home: object, _manifest: Manifest) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(batch, "write_manifest", crash)
        with pytest.raises(KeyboardInterrupt):
            hospital.land()
    (leftover,) = hospital.home.lake.glob("patient/*/*/part-0.parquet")
    assert committed_batches(hospital.home) == ()
    leftover.with_name("part-1.parquet").write_bytes(b"half a file")
    (hospital.home.work / "landing-x").mkdir()
    report = hospital.land()
    assert "removed 4 leftovers" in report.warnings[0]
    assert [path.name for path in hospital.home.lake.glob("patient/*/*/*")] == ["part-0.parquet"]
    assert report.rows_landed == 1


def test_failure_leaves_no_scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When landing fails half-way nothing stays in the work folder and nothing is committed."""
    hospital = keyed(tmp_path)
    deliver(hospital, "2025-07-05", [["1", "M"]])

    def crash(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("warehouse.intake.batch.TableSettling.settle", crash)
    with pytest.raises(MemoryError):
        hospital.land()
    assert list(hospital.home.work.iterdir()) == []
    assert committed_batches(hospital.home) == ()


def test_pattern_that_leads_out_is_refused(tmp_path: Path) -> None:
    """A file pattern cannot leave the delivery, and neither can a link in it."""
    hospital = patients_of(tmp_path, {}, source={"files": ["../patients*"]})
    hospital.deliver("2025-07-05", "x.csv", "id\n1\n")
    assert "leads out of the delivery" in hospital.land().problems[0]
    linked = patients_of(tmp_path / "linked", {})
    outside = tmp_path / "outside.csv"
    outside.write_text("id\n1\n")
    linked.deliver("2025-07-05", "x.csv", "x")
    (linked.deliveries / "2025-07-05" / "patients.csv").symlink_to(outside)
    assert "leads out of the delivery" in linked.land().problems[0]


def test_unknown_encoding_is_told(tmp_path: Path) -> None:
    """An encoding that does not exist is an error of the configuration."""
    hospital = patients_of(tmp_path, {}, source={"encoding": "gb99"})
    hospital.deliver("2025-07-05", "patients.csv", "id\n1\n")
    with pytest.raises(ConfigError, match="no encoding 'gb99'"):
        hospital.land()


@pytest.mark.parametrize(
    ("file", "table"),
    [
        (
            FileCount(source="s", file="f.csv", sha256="0", bytes=1, read=3, used=1, skipped={"blank": 1}),
            TableCount(table="patient"),
        ),
        (FileCount(source="s", file="f.csv", sha256="0", bytes=1), TableCount(table="patient", emitted=2, landed=1)),
    ],
)
def test_a_lost_row_is_a_fault(file: FileCount, table: TableCount) -> None:
    """An identity that does not hold raises, naming the file or the table."""
    with pytest.raises(AccountingBroken, match=r"f\.csv|patient"):
        check_accounts("Centre hospital", [file], [table])
