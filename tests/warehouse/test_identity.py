"""The identity file: numbers keep the pseudonym of their first sight, and a wrong, lost or old file is told."""

import json
import re
import shutil
from pathlib import Path

import pytest

from models.errors import ConfigError
from tests.warehouse.hospital import Hospital, patients_of
from warehouse import pseudonyms_of
from warehouse.identity import open_identity
from warehouse.identity_file import identity_path, read_content
from warehouse.keys import key_file

HEADER = ["id"]


def landed(root: Path, *numbers: str) -> Hospital:
    """A hospital that has delivered patients of these numbers in June."""
    hospital = patients_of(root, {})
    hospital.deliver("2025-06-05", "patients.csv", [HEADER, *([number] for number in numbers)])
    hospital.land()
    return hospital


def deliver_more(hospital: Hospital, delivery: str = "2025-07-05", *numbers: str) -> None:
    hospital.deliver(delivery, "patients.csv", [HEADER, *([number] for number in numbers)])


def fail(*_arguments: object) -> None:
    raise OSError("no space")


def recorded(hospital: Hospital) -> set[tuple[str, str, str]]:
    """System, number and first delivery of every recorded number."""
    columns = open_identity(hospital.home, "hospital").content.numbers.to_pydict()
    return set(zip(columns["system"], columns["number"], columns["delivery_id"], strict=True))


def test_first_landing_makes_key_and_file_and_says_so(tmp_path: Path) -> None:
    """The first landing makes both in private, and asks to back up both without showing either; the next is quiet."""
    hospital = landed(tmp_path, "1001")
    path = identity_path(hospital.home, "hospital")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    told = [line for line in hospital.messages if "back up" in line or "made a new" in line]
    assert len(told) == 2
    assert str(path) in told[1]
    assert key_file(hospital.home, "hospital").read_text() not in "".join(hospital.messages)
    hospital.messages.clear()
    deliver_more(hospital, "2025-07-05", "1001", "1002")
    hospital.land()
    assert not [line for line in hospital.messages if "back up" in line or "made a new" in line]


def test_numbers_are_recorded_at_first_sight(tmp_path: Path) -> None:
    """Each number stands once, with the delivery that showed it first; the pseudonym is the one in the lake."""
    hospital = landed(tmp_path, "1001", "1002")
    deliver_more(hospital, "2025-07-05", "1002", "1003", "1003")
    hospital.land()
    assert recorded(hospital) == {
        ("HIS", "1001", "2025-06-05"),
        ("HIS", "1002", "2025-06-05"),
        ("HIS", "1003", "2025-07-05"),
    }
    found = [pseudonyms_of(hospital.home, hospital.centre, number)["HIS"] for number in ("1001", "1002", "1003")]
    assert set(found) == {patient for (patient,) in hospital.rows("patient", "patient_id")}
    assert pseudonyms_of(hospital.home, hospital.centre, "9999") == {}


def test_pseudonyms_of_two_systems_differ(tmp_path: Path) -> None:
    """One number in two systems is two pseudonyms; in one system it is the same in every table."""
    columns = {"patient_id": {"column": "id", "system": "HIS"}}
    both = {"id_a": {"column": "id", "system": "HIS"}, "id_b": {"column": "id", "system": "registry"}}
    hospital = Hospital(
        tmp_path,
        {"file": {"files": ["file.csv"]}},
        [
            {"table": "patient", "feed": [{"source": "file", "columns": columns}]},
            {"table": "identity_link", "feed": [{"source": "file", "columns": both}]},
        ],
    )
    hospital.deliver("2025-07-05", "file.csv", [HEADER, ["1"]])
    hospital.land()
    ((patient,),) = hospital.rows("patient", "patient_id")
    ((first, second),) = hospital.rows("identity_link", "id_a", "id_b")
    assert first == patient
    assert second != patient
    assert recorded(hospital) == {("HIS", "1", "2025-07-05"), ("registry", "1", "2025-07-05")}


def test_only_numbers_of_rows_that_are_taken_are_recorded(tmp_path: Path) -> None:
    """A row that no feed takes, such as another department's patient, leaves no number in the identity file."""
    feed = {
        "source": "file",
        "when": [{"column": "ward", "among": ["oncology"]}],
        "columns": {"patient_id": {"column": "id", "system": "HIS", "pattern": r"P(\d+)"}},
    }
    hospital = Hospital(tmp_path, {"file": {"files": ["f.csv"]}}, [{"table": "patient", "feed": [feed]}])
    hospital.deliver("2025-07-05", "f.csv", [["id", "ward"], ["P1", "oncology"], ["P2", "eyes"], ["", "oncology"]])
    hospital.land()
    assert recorded(hospital) == {("HIS", "1", "2025-07-05")}


def test_a_landing_without_new_numbers_leaves_the_file_alone(tmp_path: Path) -> None:
    """The file is written again only when there is something to write."""
    hospital = landed(tmp_path, "1001", "1002")
    before = identity_path(hospital.home, "hospital").read_bytes()
    deliver_more(hospital, "2025-07-05", "1002")
    hospital.land()
    assert identity_path(hospital.home, "hospital").read_bytes() == before


def test_a_delivery_without_patients_is_no_trap(tmp_path: Path) -> None:
    """A first delivery without a single row makes an identity file too, so that the next one lands."""
    hospital = landed(tmp_path)
    deliver_more(hospital, "2025-07-05", "1001")
    hospital.land()
    assert len(hospital.rows("patient", "patient_id")) == 1


def test_crash_before_the_manifest_is_harmless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that were recorded for a batch which was never committed stay, and the delivery lands the next time."""
    hospital = landed(tmp_path, "1001")
    deliver_more(hospital, "2025-07-05", "1001", "1002")
    with monkeypatch.context() as patched:
        patched.setattr("warehouse.intake.batch.write_manifest", fail)
        with pytest.raises(OSError, match="no space"):
            hospital.land()
    deliver_more(hospital, "2025-07-05", "1001")
    hospital.land()
    assert recorded(hospital) == {("HIS", "1001", "2025-06-05"), ("HIS", "1002", "2025-07-05")}
    assert len(set(hospital.rows("patient", "patient_id"))) == 1


def test_the_same_key_gives_the_same_pseudonyms_in_a_new_home(tmp_path: Path) -> None:
    """A centre that starts a new home with its first key gets the pseudonyms of patients and of records again."""
    columns = {
        "patient_id": {"column": "id", "system": "HIS"},
        "row_id": {"column": "order", "system": "orders"},
        "source_kind": {"constant": "ORDER"},
        "raw_name": "drug",
    }
    table = {"table": "drug_row", "feed": [{"source": "file", "columns": columns}]}
    homes: list[Hospital] = []
    for place in ("one", "two"):
        hospital = Hospital(tmp_path / place, {"file": {"files": ["f.csv"]}}, [table])
        hospital.deliver("2025-07-05", "f.csv", [["id", "order", "drug"], ["1", "Z7", "顺铂"]])
        if homes:
            shutil.copytree(homes[0].home.keys, hospital.home.keys)
        hospital.land()
        homes.append(hospital)
    first, second = (hospital.rows("drug_row", "patient_id", "row_id", "row_key") for hospital in homes)
    assert first == second
    assert "Z7" not in str(first)


def test_lost_key_is_told(tmp_path: Path) -> None:
    """Without the key nothing lands and no number is looked up; the message says what still works and what to do."""
    hospital = landed(tmp_path, "1001")
    key_file(hospital.home, "hospital").unlink()
    deliver_more(hospital, "2025-07-05", "1001", "1002")
    expected = r"ONCOMART_KEY_HOSPITAL.*hospital\.key.*can still be read.*Restore the key.*start a new home"
    with pytest.raises(ConfigError, match=expected):
        hospital.land()
    with pytest.raises(ConfigError, match=expected):
        pseudonyms_of(hospital.home, hospital.centre, "1001")
    assert not key_file(hospital.home, "hospital").exists()
    assert len(hospital.rows("patient", "patient_id")) == 1


def test_other_key_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Landing with another key than the identity file's stops and names where that key came from."""
    hospital = landed(tmp_path, "1001")
    monkeypatch.setenv("ONCOMART_KEY_HOSPITAL", "another key altogether")
    with pytest.raises(ConfigError, match=r"key in ONCOMART_KEY_HOSPITAL is not the one that .*hospital\.identity"):
        hospital.land()


def test_missing_identity_file_is_told(tmp_path: Path) -> None:
    """Rows in the lake without their identity file stop a landing, instead of making every patient another one."""
    hospital = landed(tmp_path, "1001")
    identity_path(hospital.home, "hospital").unlink()
    with pytest.raises(ConfigError, match=r"is missing, but rows are in the lake.*Restore it from the backup"):
        hospital.land()


def test_identity_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """An identity file with a mode wider than 600 is an error that names the command to run."""
    hospital = landed(tmp_path, "1001")
    identity_path(hospital.home, "hospital").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        hospital.land()


def test_damaged_identity_file_is_told(tmp_path: Path) -> None:
    """Whatever byte is changed and wherever the file is cut, it is refused and nothing of it is used."""
    hospital = landed(tmp_path, "1001", "1002")
    path = identity_path(hospital.home, "hospital")
    whole = path.read_bytes()
    for position in range(0, len(whole), 7):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(ConfigError):
            open_identity(hospital.home, "hospital")
    for length in range(0, len(whole), 13):
        path.write_bytes(whole[:length])
        with pytest.raises(ConfigError, match="is damaged"):
            open_identity(hospital.home, "hospital")
    path.write_bytes(whole)
    assert len(recorded(hospital)) == 2


def test_older_copy_is_told(tmp_path: Path) -> None:
    """A restored copy that does not know all numbers of the lake is refused, with both counts."""
    hospital = landed(tmp_path, "1001", "1002")
    path = identity_path(hospital.home, "hospital")
    older = path.read_bytes()
    deliver_more(hospital, "2025-07-05", "1001", "1002", "1003")
    hospital.land()
    path.write_bytes(older)
    deliver_more(hospital, "2025-08-05", "1003")
    with pytest.raises(ConfigError, match="older copy: it records 2 numbers, but the lake was landed with 3"):
        hospital.land()


def test_identity_file_of_another_home_is_told(tmp_path: Path) -> None:
    """The identity file of another home of the same centre and key is refused: its numbers are not this lake's."""
    hospital, other = landed(tmp_path / "one", "1001"), patients_of(tmp_path / "two", {})
    shutil.copytree(hospital.home.keys, other.home.keys)
    deliver_more(other, "2025-07-05", "1002", "1003")
    other.land()
    shutil.copy2(identity_path(hospital.home, "hospital"), identity_path(other.home, "hospital"))
    with pytest.raises(ConfigError, match="belongs to another home"):
        other.land()


def test_identity_file_of_another_centre_does_not_open(tmp_path: Path) -> None:
    """Two centres that share a key cannot take each other's identity files."""
    hospital = landed(tmp_path, "1001")
    path = identity_path(hospital.home, "hospital")
    key = open_identity(hospital.home, "hospital").key
    path.write_bytes(path.read_bytes().replace(b'"centre_id":"hospital"', b'"centre_id":"hospitam"'))
    with pytest.raises(ConfigError, match="is damaged"):
        read_content(path, key)


def test_a_lake_from_before_identity_files_is_told(tmp_path: Path) -> None:
    """A lake whose manifests name no identity file asks for a new home."""
    hospital = landed(tmp_path, "1001")
    (manifest,) = (hospital.home.lake / "_manifest").glob("*.json")
    said = json.loads(manifest.read_text())
    del said["identity"]
    manifest.write_text(json.dumps(said))
    with pytest.raises(ConfigError, match=r"had no identity file yet.*new home"):
        hospital.land()


def test_nothing_readable_is_in_the_file(tmp_path: Path) -> None:
    """Neither a number nor its system nor a pseudonym can be read from the file without the key."""
    hospital = landed(tmp_path, "ZYH-88231907")
    content = identity_path(hospital.home, "hospital").read_bytes()
    ((patient,),) = hospital.rows("patient", "patient_id")
    assert re.search(b"ZYH|HIS|" + str(patient).encode(), content) is None
