"""A new key: no pseudonym changes, the old key opens nothing, and a kill at any step leaves a home that works."""

from pathlib import Path

import pytest

from models.errors import ConfigError
from tests.warehouse.hospital import Hospital
from warehouse import home_lock, rotate_key
from warehouse.identity import open_identity
from warehouse.identity_file import identity_path, read_content
from warehouse.keys import CentreKey, find_key, key_file

COLUMNS = {
    "patient_id": {"column": "id", "system": "HIS"},
    "row_id": {"column": "order", "system": "orders"},
    "source_kind": {"constant": "ORDER"},
    "raw_name": "drug",
}
TABLE = {
    "table": "drug_row",
    "key": ["row_id"],
    "delivery": "changes",
    "feed": [{"source": "orders", "columns": COLUMNS}],
}


def ordering(root: Path) -> Hospital:
    """A hospital of orders, the first of which was landed in June."""
    hospital = Hospital(root, {"orders": {"files": ["orders.csv"]}}, [TABLE])
    order(hospital, "2025-06-05", ["1001", "a", "顺铂"])
    return hospital


def order(hospital: Hospital, delivery: str, *rows: list[str]) -> None:
    hospital.deliver(delivery, "orders.csv", [["id", "order", "drug"], *rows])
    hospital.land()


def rotate(hospital: Hospital) -> None:
    with home_lock(hospital.home):
        rotate_key(hospital.home, "hospital", hospital.messages.append)


def old_key(hospital: Hospital) -> CentreKey:
    key = find_key(hospital.home, "hospital")
    assert key is not None
    return key


def check_the_same_people(hospital: Hospital) -> None:
    """A correction after the rotation meets the record and the patient that it corrects; a new patient is new."""
    order(hospital, "2025-07-05", ["1001", "a", "卡铂"], ["1002", "b", "顺铂"])
    rows = hospital.rows("drug_row", "delivery_id", "row_key", "patient_id", "raw_name")
    patients = {(delivery, name): patient for delivery, _, patient, name in rows}
    assert patients["2025-06-05", "顺铂"] == patients["2025-07-05", "卡铂"]
    assert patients["2025-07-05", "顺铂"] != patients["2025-06-05", "顺铂"]
    assert len({key for _, key, _, _ in rows}) == 2


def test_rotation_changes_no_pseudonym(tmp_path: Path) -> None:
    """Patients and records keep their pseudonyms over two rotations."""
    hospital = ordering(tmp_path)
    rotate(hospital)
    rotate(hospital)
    check_the_same_people(hospital)


def test_the_old_key_opens_nothing(tmp_path: Path) -> None:
    """After a rotation the identity file opens with the new key alone, and neither was printed."""
    hospital = ordering(tmp_path)
    before = old_key(hospital)
    rotate(hospital)
    after = old_key(hospital)
    path = identity_path(hospital.home, "hospital")
    assert read_content(path, after).numbers.num_rows == 1
    with pytest.raises(ConfigError, match="is damaged"):
        read_content(path, before)
    assert not [line for line in hospital.messages for key in (before, after) if key.secret.hex() in line]
    key_file(hospital.home, "hospital").write_text(before.secret.hex())
    with pytest.raises(ConfigError, match="after a rotation that is the new one"):
        hospital.land()


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_at_any_step_leaves_one_key_that_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, moment: str
) -> None:
    """The rotation is killed before or after each of its three renames; the next landing goes on with one key."""
    hospital = ordering(tmp_path)
    renames: list[Path] = []
    rename = Path.replace

    def killed(path: Path, target: Path) -> Path:
        renames.append(target)
        if len(renames) == step and moment == "before":
            raise KeyboardInterrupt
        moved = rename(path, target)
        if len(renames) == step:
            raise KeyboardInterrupt
        return moved

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            rotate(hospital)
    assert open_identity(hospital.home, "hospital").content.numbers.num_rows == 1
    check_the_same_people(hospital)
    assert [path.name for path in hospital.home.keys.glob("[!.]*")] == ["hospital.key"]
    rotate(hospital)
    order(hospital, "2025-08-05", ["1001", "c", "顺铂"])
    assert len(set(hospital.rows("drug_row", "patient_id"))) == 2


def test_a_key_from_the_environment_is_rotated_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With keys in the environment the new one comes from there too, and each forgotten step is told."""
    monkeypatch.setenv("ONCOMART_KEY_HOSPITAL", "the first key of this hospital")
    hospital = ordering(tmp_path)
    with pytest.raises(ConfigError, match="Put a new one into ONCOMART_NEW_KEY_HOSPITAL"):
        rotate(hospital)
    monkeypatch.setenv("ONCOMART_NEW_KEY_HOSPITAL", "the first key of this hospital")
    with pytest.raises(ConfigError, match="holds the old key"):
        rotate(hospital)
    monkeypatch.setenv("ONCOMART_NEW_KEY_HOSPITAL", "the second key of this hospital")
    rotate(hospital)
    assert "set ONCOMART_KEY_HOSPITAL to the value of ONCOMART_NEW_KEY_HOSPITAL" in hospital.messages[-1]
    with pytest.raises(ConfigError, match=r"was changed already\. Set ONCOMART_KEY_HOSPITAL to the value of"):
        hospital.land()
    monkeypatch.setenv("ONCOMART_KEY_HOSPITAL", "the second key of this hospital")
    monkeypatch.delenv("ONCOMART_NEW_KEY_HOSPITAL")
    check_the_same_people(hospital)
    assert list(hospital.home.keys.iterdir()) == []


def test_a_given_key_goes_into_the_key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ONCOMART_NEW_KEY_<CENTRE> is taken where the old key lies in a file."""
    hospital = ordering(tmp_path)
    monkeypatch.setenv("ONCOMART_NEW_KEY_HOSPITAL", "cd" * 20)
    rotate(hospital)
    assert old_key(hospital) == CentreKey(b"\xcd" * 20, "")


def test_a_centre_without_identity_file_has_nothing_to_rotate(tmp_path: Path) -> None:
    """An unknown centre, or a path in place of a name, is refused, and the known centres are named."""
    hospital = ordering(tmp_path)
    for name in ("other", "../identity/hospital"):
        with pytest.raises(ConfigError, match=r"no identity file .*Centres that have one: hospital\."):
            rotate_key(hospital.home, name, hospital.messages.append)
