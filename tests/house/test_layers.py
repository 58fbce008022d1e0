"""House rules of the rooms: who may import whom."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = ("flows", "analysis", "warehouse", "models", "demo")
FILE_CALLS = frozenset(
    {"open", "read_text", "write_text", "read_bytes", "write_bytes", "mkdir", "unlink", "iterdir", "glob", "rglob"}
)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs the contracts of pyproject.toml over the rooms in a folder."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    return subprocess.run(command, cwd=folder, env={"PYTHONPATH": "."}, capture_output=True, text=True, check=False)


def test_rooms_import_only_what_they_may(root: Path) -> None:
    """The import contracts of pyproject.toml hold over all five rooms."""
    missing = [room for room in ROOMS if not (root / room / "__init__.py").is_file()]
    assert not missing, f"rooms without code: {missing}"
    lint = lint_imports(root)
    assert lint.returncode == 0, lint.stdout + lint.stderr


@pytest.mark.parametrize(
    ("module", "planted", "contract"),
    [
        ("models/planted.py", "import warehouse", "A room knows only the rooms below it"),
        ("analysis/planted.py", "import flows", "A room knows only the rooms below it"),
        ("warehouse/planted.py", "import demo", "Only the demo command and the benchmark know the demo hospital"),
        ("flows/planted.py", "import demo", "Only the demo command and the benchmark know the demo hospital"),
        ("demo/planted.py", "import warehouse", "The demo hospital knows the contracts and nothing of the pipeline"),
        ("models/planted.py", "import polars", "Models say what is meant"),
        ("models/planted.py", "import os.path", "Models say what is meant"),
        ("analysis/planted.py", "from prefect import task", "Orchestration stays in flows"),
        ("flows/planted.py", "import lifelines", "Statistics and figures stay in analysis"),
    ],
)
def test_a_planted_import_breaks_its_contract(
    tmp_path: Path, root: Path, module: str, planted: str, contract: str
) -> None:
    """Each contract, and no other, fails when one import breaks it."""
    shutil.copy(root / "pyproject.toml", tmp_path)
    for room in ROOMS:
        (tmp_path / room).mkdir(exist_ok=True)
        (tmp_path / room / "__init__.py").touch()
    (tmp_path / module).write_text(f"{planted}\n", encoding="utf-8")
    lint = lint_imports(tmp_path)
    assert lint.returncode == 1
    broken = [line for line in lint.stdout.splitlines() if line.endswith("BROKEN")]
    assert len(broken) == 1
    assert broken[0].startswith(contract)


def file_calls(source: str) -> list[str]:
    """Names of the calls in a module's source that would touch a file."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    names = [call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls]
    return [name for name in names if name in FILE_CALLS]


def test_models_touch_no_file(root: Path) -> None:
    """The room of meanings opens, reads and writes nothing."""
    found = {path.name: file_calls(path.read_text(encoding="utf-8")) for path in (root / "models").rglob("*.py")}
    assert found, "models/ holds no code"
    assert not {name: calls for name, calls in found.items() if calls}


def test_a_planted_file_access_is_seen() -> None:
    """The check on file access sees a call by method and by name."""
    assert file_calls("import pathlib\npathlib.Path('a').read_text()\nopen('b')") == ["read_text", "open"]
