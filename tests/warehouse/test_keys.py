"""Keys: where a centre's secret comes from, and which are refused."""

import hashlib
import hmac
from pathlib import Path

import duckdb
import pytest

from models.errors import ConfigError
from warehouse import Home
from warehouse.keys import CentreKey, find_key, key_file, write_new_key
from warehouse.pseudonyms import create_hashes


@pytest.mark.parametrize("secret", [b"k" * 16, b"k" * 64, b"a key longer than one block of the hash " * 3])
@pytest.mark.parametrize("value", ["1", "患者0001", "x" * 200])
def test_pseudonym_is_hmac_sha256(secret: bytes, value: str) -> None:
    """The SQL macros give the first 24 hex characters of HMAC-SHA256 as Python's hmac module computes it."""
    with duckdb.connect() as connection:
        create_hashes(connection, patients=secret, records=secret[::-1])
        found = connection.execute("SELECT patient_hash('患者ID', $1), record_hash('患者ID', $1)", [value]).fetchone()
    message = f"患者ID\x1f{value}".encode()
    assert found == tuple(hmac.new(each, message, hashlib.sha256).hexdigest()[:24] for each in (secret, secret[::-1]))


def test_new_key_is_private(tmp_path: Path) -> None:
    """A key is made of 32 random bytes in a file of mode 600, and is found there again."""
    path = key_file(Home(tmp_path), "hospital")
    made = write_new_key(path)
    assert len(made.secret) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert find_key(Home(tmp_path), "hospital") == made
    assert write_new_key(path) != made


def test_key_is_not_shown() -> None:
    """A key that a programmer prints by mistake shows where it lies and not what it is."""
    assert "secret words" not in repr(CentreKey(b"secret words of a hospital", "here"))


def test_a_secret_is_derived_for_each_purpose() -> None:
    """Secrets derived for two purposes, or from two keys, have nothing in common."""
    derived = {CentreKey(key, "").derived(purpose) for key in (b"a" * 16, b"b" * 16) for purpose in ("one", "two")}
    assert len(derived) == 4
    assert {len(secret) for secret in derived} == {32}


def test_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """A key file with a mode wider than 600 is an error that names the command to run."""
    write_new_key(key_file(Home(tmp_path), "hospital"))
    key_file(Home(tmp_path), "hospital").chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        find_key(Home(tmp_path), "hospital")


def test_key_file_without_text_is_refused(tmp_path: Path) -> None:
    """A key file of random bytes, which is neither hex nor text, is an error that names the file."""
    path = key_file(Home(tmp_path), "hospital")
    write_new_key(path)
    path.write_bytes(b"\xff\xfe\x80" * 20)
    with pytest.raises(ConfigError, match=r"hospital\.key holds no text"):
        find_key(Home(tmp_path), "hospital")


def test_key_from_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ONCOMART_KEY_<CENTRE> holds the key as hex or as text, goes before a file, and makes none."""
    monkeypatch.setenv("ONCOMART_KEY_HOSPITAL", "ab" * 32)
    assert find_key(Home(tmp_path), "hospital") == CentreKey(b"\xab" * 32, "")
    monkeypatch.setenv("ONCOMART_KEY_HOSPITAL", "a long sentence that nobody guesses")
    assert find_key(Home(tmp_path), "hospital") == CentreKey(b"a long sentence that nobody guesses", "")
    assert not (tmp_path / "keys").exists()
    write_new_key(key_file(Home(tmp_path), "hospital"))
    assert find_key(Home(tmp_path), "hospital") == CentreKey(b"a long sentence that nobody guesses", "")


def test_short_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of 15 bytes is refused, one of 16 is taken."""
    monkeypatch.setenv("ONCOMART_KEY_HOSPITAL", "k" * 15)
    with pytest.raises(ConfigError, match="at least 16"):
        find_key(Home(tmp_path), "hospital")
    monkeypatch.setenv("ONCOMART_KEY_HOSPITAL", "k" * 16)
    assert find_key(Home(tmp_path), "hospital") == CentreKey(b"k" * 16, "")
