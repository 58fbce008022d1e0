"""`oncomart rotate-key`: one command, one answer."""

from pathlib import Path

import pytest

from flows.cli import main
from tests.warehouse.hospital import patients_of
from warehouse import home_lock


def test_rotate_key_says_what_to_back_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The key file changes, and the answer names both files that need a new backup, but not what is in them."""
    hospital = patients_of(tmp_path, {})
    hospital.deliver("2025-06-05", "patients.csv", [["id"], ["1001"]])
    hospital.land()
    key = hospital.home.keys / "hospital.key"
    before = key.read_text()
    assert main(["rotate-key", "hospital", "--home", str(hospital.home.root)]) == 0
    said = capsys.readouterr().err
    assert key.read_text() != before
    assert str(key) in said
    assert str(hospital.home.identity / "hospital.identity") in said
    assert before not in said
    assert key.read_text() not in said


def test_what_cannot_be_rotated_is_the_users_to_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing home, an unknown centre and a home that a refresh holds end with exit code 2 and a reason."""
    hospital = patients_of(tmp_path, {})
    assert main(["rotate-key", "hospital", "--home", str(tmp_path / "nowhere")]) == 2
    hospital.home.ensure()
    assert main(["rotate-key", "hospital", "--home", str(hospital.home.root)]) == 2
    with home_lock(hospital.home):
        assert main(["rotate-key", "hospital", "--home", str(hospital.home.root)]) == 2
    said = capsys.readouterr().err
    assert "is no folder" in said
    assert "no identity file" in said
    assert "held by another refresh" in said
