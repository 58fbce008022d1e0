"""Pseudonyms: the SQL is HMAC-SHA256, and a key that is not the right one is refused."""

import hashlib
import hmac
from pathlib import Path

import duckdb
import pytest

from models.errors import ConfigError
from tests.warehouse.hospital import Hospital, patients_of
from warehouse import Home
from warehouse.engine import silent
from warehouse.keys import CentreKey, centre_key


@pytest.mark.parametrize("secret", [b"k" * 16, b"k" * 64, b"a key longer than one block of the hash " * 3])
@pytest.mark.parametrize("value", ["1", "患者0001", "x" * 200])
def test_pseudonym_is_hmac_sha256(secret: bytes, value: str) -> None:
    """The SQL macro gives the first 24 hex characters of HMAC-SHA256 as Python's hmac module computes it."""
    with duckdb.connect() as connection:
        CentreKey(secret).bind(connection)
        found = connection.execute("SELECT keyed_hash('患者ID', ?)", [value]).fetchone()
    expected = hmac.new(secret, f"患者ID\x1f{value}".encode(), hashlib.sha256).hexdigest()[:24]
    assert found == (expected,)


def test_pseudonyms_of_two_systems_differ(tmp_path: Path) -> None:
    """One number in two systems is two pseudonyms; in one system it is the same in every table."""
    columns = {"patient_id": {"column": "id", "system": "HIS"}}
    hospital = Hospital(
        tmp_path,
        {"file": {"files": ["file.csv"]}},
        [
            {"table": "patient", "feed": [{"source": "file", "columns": columns}]},
            {
                "table": "identity_link",
                "feed": [
                    {
                        "source": "file",
                        "columns": {
                            "id_a": {"column": "id", "system": "HIS"},
                            "id_b": {"column": "id", "system": "registry"},
                        },
                    }
                ],
            },
        ],
    )
    hospital.deliver("2025-07-05", "file.csv", [["id"], ["1"]])
    hospital.land()
    ((patient,),) = hospital.rows("patient", "patient_id")
    assert [id_a == patient and id_b != patient for id_a, id_b in hospital.rows("identity_link", "id_a", "id_b")] == [
        True
    ]


def test_key_is_made_once_and_private(tmp_path: Path) -> None:
    """The first landing makes a key of mode 600, says so, and the next one uses it."""
    home, messages = Home(tmp_path), list[str]()
    first = centre_key(home, "hospital", None, messages.append)
    assert (home.keys / "hospital.key").stat().st_mode & 0o777 == 0o600
    assert len(messages) == 1
    assert "Back it up" in messages[0]
    assert first.secret.hex() not in messages[0]
    assert centre_key(home, "hospital", first.fingerprint, messages.append) == first
    assert len(messages) == 1


def test_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """A key file with a mode wider than 600 is an error that names the command to run."""
    home = Home(tmp_path)
    centre_key(home, "hospital", None, silent)
    (home.keys / "hospital.key").chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        centre_key(home, "hospital", None, silent)


def test_key_from_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ONCOMART_KEY_<CENTRE> holds the key as hex or as text, and no file is made."""
    monkeypatch.setenv("ONCOMART_KEY_HOSPITAL", "ab" * 32)
    assert centre_key(Home(tmp_path), "hospital", None, silent).secret == b"\xab" * 32
    monkeypatch.setenv("ONCOMART_KEY_HOSPITAL", "a long sentence that nobody guesses")
    assert centre_key(Home(tmp_path), "hospital", None, silent).secret == b"a long sentence that nobody guesses"
    assert not (tmp_path / "keys").exists()


def test_short_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of 15 bytes is refused, one of 16 is taken."""
    monkeypatch.setenv("ONCOMART_KEY_HOSPITAL", "k" * 15)
    with pytest.raises(ConfigError, match="at least 16"):
        centre_key(Home(tmp_path), "hospital", None, silent)
    monkeypatch.setenv("ONCOMART_KEY_HOSPITAL", "k" * 16)
    assert centre_key(Home(tmp_path), "hospital", None, silent).secret == b"k" * 16


def test_lost_key_is_told(tmp_path: Path) -> None:
    """Landing on a lake whose key is gone stops, instead of making every patient another one."""
    hospital = patients_of(tmp_path, {})
    hospital.deliver("2025-06-05", "patients.csv", [["id"], ["1"]])
    hospital.land()
    (hospital.home.keys / "hospital.key").unlink()
    hospital.deliver("2025-07-05", "patients.csv", [["id"], ["1"], ["2"]])
    with pytest.raises(ConfigError, match="Restore the key"):
        hospital.land()


def test_other_key_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Landing with another key than the lake's stops."""
    hospital = patients_of(tmp_path, {})
    hospital.deliver("2025-06-05", "patients.csv", [["id"], ["1"]])
    hospital.land()
    monkeypatch.setenv("ONCOMART_KEY_HOSPITAL", "another key altogether")
    with pytest.raises(ConfigError, match="Restore the old key"):
        hospital.land()
