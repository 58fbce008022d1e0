"""Homes that several tests share: making one costs a refresh."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STUDIES = ("all_indexed", "gastric_second_line")


@dataclass(frozen=True)
class Run:
    """What one command left behind."""

    code: int
    words: str


def oncomart(*words: str | Path) -> Run:
    """Run the command line as a user does, in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    command: Sequence[str] = [sys.executable, "-m", "flows", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return Run(done.returncode, done.stdout + done.stderr)


def with_studies(config: str) -> str:
    """A configuration with the studies of `tests/flows/studies` beside those that it names."""
    files = ROOT / "tests" / "flows" / "studies"
    return config + "".join(f'[studies.{study}]\nfile = "{files / study}.toml"\n' for study in STUDIES)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo as a newcomer runs it, then refreshed once more with a third study beside the first."""
    home = tmp_path_factory.mktemp("demo") / "home"
    run = oncomart("demo", "--home", home)
    assert run.code == 0, run.words
    return home


@pytest.fixture(scope="session")
def studies_home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The deliveries of the demo under the paper's study and those of `tests/flows/studies` side by side."""
    home = tmp_path_factory.mktemp("studies")
    deliveries = demo_home / "deliveries" / "hospital_a"
    centre = f'[centres.hospital_a]\ndeliveries = "{deliveries}"\n[studies.anlotinib_pd1_escc]\n'
    (home / "oncomart.toml").write_text(with_studies(centre), encoding="utf-8")
    run = oncomart("refresh", "--home", home)
    assert run.code == 0, run.words
    return home
