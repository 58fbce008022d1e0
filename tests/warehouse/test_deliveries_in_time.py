"""The order in which deliveries arrive changes nothing: late, superseded, numbered anew, their originals gone."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from models.errors import BadInput
from tests.warehouse.histories import DAYS, HEADER, HISTORIES, hospital, last_words, rows_of
from tests.warehouse.hospital import Hospital, patients_of
from warehouse import CentreReport, Home, Manifest, Status, committed_batches
from warehouse.intake import batch
from warehouse.manifest import all_manifests, write_manifest

WHOLE = range(len(HISTORIES))


def deliver(hospital: Hospital, day: str, rows: Sequence[Sequence[str]]) -> CentreReport:
    """Lands one delivery, then takes its originals away."""
    hospital.deliver(day, "orders.csv", [HEADER, *rows])
    report = hospital.land()
    shutil.rmtree(hospital.deliveries / day)
    return report


@pytest.mark.parametrize(
    ("arrival", "small", "part"),
    [
        ((3, 2, 1, 0), None, WHOLE),
        ((2, 0, 3, 1), 0, WHOLE[::5]),
        ((1, 2, 3, 0), 1, WHOLE[::5]),
        ((0, 2, 3, 1), 2, WHOLE[::3]),
    ],
    ids=["backwards", "a small one first", "a small one second", "a small one third"],
)
def test_order_of_arrival_changes_no_last_word(
    tmp_path: Path, arrival: Sequence[int], small: int | None, part: Sequence[int]
) -> None:
    """Whatever four deliveries say of a record (2,401 histories), the last words are those of landing them in order.

    As full dumps and as changes, the originals of the others gone when one comes late; `small` is a dump that holds
    too few records to be believed, or that only a late one makes look so.
    """
    content = [rows_of(number, part if number == small else WHOLE) for number in range(len(DAYS))]
    in_order, late = hospital(tmp_path / "in_order"), hospital(tmp_path / "late")
    for number in range(len(DAYS)):
        deliver(in_order, DAYS[number], content[number])
    for number in arrival:
        deliver(late, DAYS[number], content[number])
    for table in ("drug_row", "scan"):
        assert last_words(late.home, table) == last_words(in_order.home, table) != set()
    for landed in (in_order.land(), late.land()):
        assert {delivery.status for delivery in landed.deliveries} == {Status.KEPT}
        looks_truncated = [delivery.tables[0].kept > 0 for delivery in landed.deliveries]
        assert looks_truncated == [number == small and number > 0 for number in range(len(DAYS))]


def patients(root: Path) -> Hospital:
    """Full dumps of patients with their sex."""
    return patients_of(root, {"sex": "sex"}, key=["patient_id"])


def dump(hospital: Hospital, day: str, *rows: Sequence[str]) -> None:
    """One dump: number and sex of each patient."""
    hospital.deliver(day, "patients.csv", [["id", "sex"], *rows])


def sexes(hospital: Hospital) -> list[tuple[object, ...]]:
    """Delivery and sex of every version that counts, tombstones with an empty place."""
    return hospital.rows("patient", "delivery_id", "sex", "is_withdrawn")


def statuses(report: CentreReport) -> list[Status]:
    """What became of each delivery, oldest first."""
    return [delivery.status for delivery in report.deliveries]


def test_a_late_delivery_compares_those_after_it_again(tmp_path: Path) -> None:
    """What a later dump repeats of an earlier one lands as its own word when a late one says otherwise between them.

    It says where the row stood. Files, counts of what was read and quarantine stay with the delivery.
    """
    hospital = patients(tmp_path)
    dump(hospital, "2025-05-05", ["1", "M"], ["2", "M"])
    dump(hospital, "2025-07-05", ["1", "M"], ["2", "M"], ["3", "?"])
    hospital.land()
    (before,) = [batch for batch in committed_batches(hospital.home) if batch.delivery_id == "2025-07-05"]
    dump(hospital, "2025-06-05", ["1", "F"], ["2", "M"])
    assert statuses(hospital.land()) == [Status.UNCHANGED, Status.LANDED, Status.COMPARED]
    july = ("2025-07-05", "M", "../2025-05-05/patients.csv", 2)
    assert july in hospital.rows("patient", "delivery_id", "sex", "source_file", "source_row")
    after = committed_batches(hospital.home)[-1]
    assert after.supersedes == (before.batch_id,)
    assert (after.files, after.reading_id) == (before.files, before.reading_id)
    (was,), (is_now,) = before.tables, after.tables
    assert (was.emitted, was.landed, was.rows_quarantined, was.duplicates) == (3, 0, 1, 2)
    assert (is_now.emitted, is_now.landed, is_now.rows_quarantined, is_now.duplicates) == (3, 1, 1, 1)
    assert len(hospital.quarantine("check_id")) == 1
    assert statuses(hospital.land()) == [Status.UNCHANGED] * 3


def test_a_delivery_sent_again_compares_those_after_it_again(tmp_path: Path) -> None:
    """When the files of a delivery are replaced, the dumps after it keep saying what they said."""
    hospital = patients(tmp_path)
    dump(hospital, "2025-05-05", ["1", "M"], ["2", "M"])
    dump(hospital, "2025-06-05", ["1", "M"], ["2", "M"])
    hospital.land()
    dump(hospital, "2025-05-05", ["1", "F"], ["2", "M"], ["3", "M"])
    assert statuses(hospital.land()) == [Status.LANDED, Status.COMPARED]
    assert sexes(hospital) == [
        ("2025-05-05", "F", False),
        ("2025-05-05", "M", False),
        ("2025-05-05", "M", False),
        ("2025-06-05", "M", False),
        ("2025-06-05", "M", True),
    ]


def test_a_delivery_of_the_same_day_is_numbered_by_its_name(tmp_path: Path) -> None:
    """One that comes later but stands first by name takes its place, and the other is numbered anew."""
    hospital = patients(tmp_path)
    dump(hospital, "2025-05-05_b", ["1", "M"])
    hospital.land()
    dump(hospital, "2025-05-05_a", ["1", "F"])
    assert statuses(hospital.land()) == [Status.LANDED, Status.COMPARED]
    assert hospital.rows("patient", "delivery_seq", "sex") == [(1, "F"), (2, "M")]


def test_a_kill_between_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after the late delivery landed, before those after it were compared again, the next landing goes on."""
    hospital = patients(tmp_path)
    dump(hospital, "2025-05-05", ["1", "M"])
    dump(hospital, "2025-07-05", ["1", "M"])
    hospital.land()
    dump(hospital, "2025-06-05", ["1", "F"])

    def crash(home: Home, manifest: Manifest) -> None:
        if manifest.delivery_id == "2025-07-05":
            raise KeyboardInterrupt
        write_manifest(home, manifest)

    with monkeypatch.context() as patch:
        patch.setattr(batch, "write_manifest", crash)
        with pytest.raises(KeyboardInterrupt):
            hospital.land()
    assert statuses(hospital.land()) == [Status.UNCHANGED, Status.UNCHANGED, Status.COMPARED]
    assert sexes(hospital)[-1] == ("2025-07-05", "M", False)


def test_withdrawals_are_asked_for_and_accepted(tmp_path: Path) -> None:
    """A dump that looks truncated asks until the engineer says that it is whole; the word holds for those files."""
    hospital = patients(tmp_path)
    dump(hospital, "2025-05-05", *([str(number), "M"] for number in range(5)))
    dump(hospital, "2025-06-05", ["1", "M"])
    for _ in range(2):
        (asked,) = hospital.land().warnings
        assert "4 of 5 known records are not in this full delivery" in asked
        assert "--accept-withdrawals 2025-06-05" in asked
    report = hospital.land(accept_withdrawals=["2025-06-05"])
    assert report.warnings == ()
    assert statuses(report) == [Status.UNCHANGED, Status.COMPARED]
    assert [is_withdrawn for _, _, is_withdrawn in sexes(hospital)].count(True) == 4
    assert statuses(hospital.land(accept_withdrawals=["2025-06-05"])) == [Status.UNCHANGED, Status.UNCHANGED]
    assert hospital.land(reland=["2025-06-05"]).warnings == ()
    dump(hospital, "2025-06-05", ["2", "M"])
    assert "4 of 5 known records" in hospital.land().warnings[0]


def test_a_delivery_is_read_again(tmp_path: Path) -> None:
    """`reland` reads the files again, supersedes the batch and empties its quarantine; its counts stay on record."""
    hospital = patients(tmp_path)
    dump(hospital, "2025-05-05", ["1", "男"], ["2", "M"])
    dump(hospital, "2025-06-05", ["1", "M"], ["2", "M"])
    hospital.land()
    assert statuses(hospital.land(reland=["2025-05-05"])) == [Status.LANDED, Status.COMPARED]
    mended = patients_of(
        tmp_path, {"sex": {"column": "sex", "map": {"男": "M"}, "otherwise": "keep"}}, key=["patient_id"]
    )
    assert statuses(mended.land()) == [Status.LANDED, Status.LANDED]
    assert mended.quarantine("check_id") == []
    assert list(mended.home.quarantine.glob("*/*/*.parquet")) == []
    first, *_ = all_manifests(mended.home)
    assert first.tables[0].rows_quarantined == 1
    assert {batch.tables[0].duplicates for batch in committed_batches(mended.home)} == {0, 2}


@pytest.mark.parametrize(
    ("delivery", "damage", "said"),
    [
        ("2025-04-05", None, "There is no delivery 2025-04-05: centre hospital has 2025-05-05, 2025-06-05"),
        ("2025-05-05", "folder", "cannot be read again: there is no folder"),
        ("2025-05-05", "file", r"of its 2 files 1 are not in .* \(patients_b\.csv\)"),
    ],
)
def test_what_cannot_be_read_again(tmp_path: Path, delivery: str, damage: str | None, said: str) -> None:
    """An unknown delivery or a missing original is an error that says what is there, and nothing is touched."""
    hospital = patients(tmp_path)
    dump(hospital, "2025-05-05", ["1", "M"])
    other = hospital.deliver("2025-05-05", "patients_b.csv", [["id", "sex"], ["2", "M"]])
    dump(hospital, "2025-06-05", ["1", "M"], ["2", "M"])
    hospital.land()
    if damage == "folder":
        shutil.rmtree(other.parent)
    elif damage == "file":
        other.unlink()
    before = all_manifests(hospital.home)
    with pytest.raises(BadInput, match=said) as refused:
        hospital.land(reland=[delivery])
    assert "othing was changed" in str(refused.value)
    assert refused.value.exit_code == 2
    assert all_manifests(hospital.home) == before


def test_the_lake_keeps_what_has_gone(tmp_path: Path) -> None:
    """A delivery whose folder was removed stays as it landed; a problem that nobody can mend any more stops nothing."""
    hospital = patients(tmp_path)
    dump(hospital, "2025-05-05", ["1", "M"])
    hospital.deliver("2025-05-05", "patients_b.csv", b"id,sex\n2,\xff\n")
    assert len(hospital.land().problems) == 1
    before = sexes(hospital)
    shutil.rmtree(hospital.deliveries / "2025-05-05")
    report = hospital.land()
    assert (statuses(report), report.problems) == ([Status.KEPT], ())
    assert "patients_b.csv" in report.warnings[0]
    assert sexes(hospital) == before != []


def test_the_same_files_twice_are_named(tmp_path: Path) -> None:
    """A delivery with the files of another lands nothing new right after it, and both are named."""
    hospital = patients(tmp_path)
    for day in ("2025-05-05", "2025-06-05"):
        dump(hospital, day, ["1", "M"], ["2", "F"])
    report = hospital.land()
    assert [delivery.tables[0].landed for delivery in report.deliveries] == [2, 0]
    (told,) = report.warnings
    assert "delivery 2025-06-05: its files are those of delivery 2025-05-05" in told
