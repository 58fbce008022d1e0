"""Promises of ./oncomart: it syncs once, starts fast, and says what is wrong."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

HEAVY = ("dbt", "prefect", "lifelines", "matplotlib", "pandas", "polars", "pyarrow", "duckdb", "scipy")
SLOWEST_HELP_SECONDS = 1.0

# Stands in for uv: makes a .venv that runs this very Python, and writes down each sync.
PRETENDED_UV = """#!/bin/sh
case $1 in
venv) for venv; do :; done; mkdir -p "$venv/bin"; ln -sf "{python}" "$venv/bin/python" ;;
pip) sleep 1; echo synced >>"{log}" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path, root: Path) -> Path:
    """A copy of the launcher beside a room `flows` that prints its arguments; uv is pretended."""
    folder = tmp_path / "a checkout"
    (folder / "flows").mkdir(parents=True)
    (folder / "flows" / "__main__.py").write_text("import sys\nprint('flows got', *sys.argv[1:])\n", encoding="utf-8")
    (folder / "requirements.lock").write_text("a==1\n", encoding="utf-8")
    shutil.copy(root / "oncomart", folder)
    tools = tmp_path / "bin"
    tools.mkdir()
    uv = tools / "uv"
    uv.write_text(PRETENDED_UV.format(python=sys.executable, log=tmp_path / "syncs"), encoding="utf-8")
    uv.chmod(0o755)
    return folder


def start(checkout: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """Starts the launcher of a checkout with an almost empty environment."""
    tools = checkout.parent / "bin"
    environment = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(checkout.parent), "ONCOMART_PYTHON": sys.executable}
    return subprocess.Popen(
        [str(checkout / "oncomart"), *arguments],
        cwd=checkout.parent,
        env={**environment, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def syncs(checkout: Path) -> int:
    """How often the environment of a checkout was synced."""
    log = checkout.parent / "syncs"
    return len(log.read_text(encoding="utf-8").splitlines()) if log.exists() else 0


def test_the_second_start_syncs_nothing_until_the_lock_changes(checkout: Path) -> None:
    """A start syncs when the lock differs from what was synced last, and says so only then."""
    output, said = start(checkout, "refresh", "--home", "a b").communicate(timeout=60)
    assert output == "flows got refresh --home a b\n"
    assert "syncing" in said
    assert start(checkout).communicate(timeout=60) == ("flows got\n", "")
    assert syncs(checkout) == 1
    (checkout / "requirements.lock").write_text("a==2\n", encoding="utf-8")
    start(checkout).communicate(timeout=60)
    assert syncs(checkout) == 2


def test_two_starts_at_once_sync_once(checkout: Path) -> None:
    """The second of two simultaneous starts waits for the first and uses its environment."""
    both = [start(checkout, name) for name in ("first", "second")]
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert outputs == ["flows got first\n", "flows got second\n"]
    assert syncs(checkout) == 1


def test_a_start_that_died_while_syncing_does_not_block_the_next(checkout: Path) -> None:
    """A lock whose owner is gone is taken over."""
    guard = checkout / ".tools" / "sync.lock"
    guard.mkdir(parents=True)
    ended = subprocess.Popen(["true"])
    ended.wait()
    (guard / "pid").write_text(f"{ended.pid}\n", encoding="utf-8")
    output, said = start(checkout).communicate(timeout=60)
    assert output == "flows got\n"
    assert "taking over" in said


def test_it_starts_through_a_link_from_another_folder(checkout: Path) -> None:
    """The launcher finds its checkout when it is called by a link, even from a folder that has a `flows` of its own."""
    elsewhere = checkout.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "flows.py").write_text("print('not ours')\n", encoding="utf-8")
    link = checkout.parent / "bin" / "link"
    link.symlink_to(os.path.relpath(checkout / "oncomart", link.parent))
    environment = {"PATH": f"{link.parent}:/usr/bin:/bin", "ONCOMART_PYTHON": sys.executable}
    started = subprocess.run(["link", "x"], cwd=elsewhere, env=environment, capture_output=True, text=True, check=True)
    assert started.stdout == "flows got x\n"


def test_without_a_suitable_python_it_says_what_to_do(checkout: Path) -> None:
    """A machine with no Python 3.11 to 3.13 gets a sentence, not a trace."""
    tools = checkout.parent / "bin"
    for name in ("sh", "dirname", "readlink", "mkdir", "rm", "cat", "cmp", "sleep"):
        (tools / name).symlink_to(str(shutil.which(name)))
    process = start(checkout, PATH=str(tools), ONCOMART_PYTHON="no-such-python")
    output, said = process.communicate(timeout=60)
    assert (output, process.returncode) == ("", 69)
    assert said == "oncomart: no Python 3.11, 3.12 or 3.13 found. Install one, or name it in ONCOMART_PYTHON.\n"
    assert not (checkout / ".tools" / "sync.lock").exists()


def test_help_answers_in_under_a_second(root: Path) -> None:
    """Once installed, asking for help feels immediate; the best of three, since the machine may be busy."""
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run([root / "oncomart", "--help"], capture_output=True, check=True)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < SLOWEST_HELP_SECONDS


def test_help_imports_nothing_heavy(root: Path) -> None:
    """Heavy libraries are imported by the commands that use them, and by no other."""
    command = [sys.executable, "-X", "importtime", "-m", "flows", "--help"]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    imported = set(re.findall(r"\|\s+(\w+)\s*$", answer.stderr, flags=re.MULTILINE))
    assert "argparse" in imported
    assert not imported & set(HEAVY)
