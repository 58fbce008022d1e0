"""House rules of the Python: style, types and length."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = ("models", "warehouse", "analysis", "flows", "demo", "tests")
LONGEST_FILE_LINES = 500


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs a module of this environment from the root."""
    return subprocess.run([sys.executable, "-m", *command], cwd=root, capture_output=True, text=True, check=False)


def test_ruff_finds_nothing(root: Path) -> None:
    """Ruff passes over the whole repository."""
    check = run(root, "ruff", "check", "--output-format", "concise", ".")
    assert check.returncode == 0, check.stdout + check.stderr


def test_mypy_strict_finds_nothing(root: Path) -> None:
    """All rooms and tests are typed as mypy's strict mode asks."""
    missing = [room for room in ROOMS if not any((root / room).rglob("*.py"))]
    assert not missing, f"rooms without code: {missing}"
    check = run(root, "mypy")
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("room", ROOMS)
def test_files_stay_short(root: Path, room: str) -> None:
    """No Python file is longer than a reader can hold in mind."""
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in (root / room).rglob("*.py")}
    assert lengths, f"{room}/ holds no code"
    assert not {path.name: lines for path, lines in lengths.items() if lines > LONGEST_FILE_LINES}
