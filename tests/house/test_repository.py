"""House rules of the repository: what the lock holds, and what no committed file may hold."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOMS = ("models", "warehouse", "analysis", "flows", "demo", "tests")
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: ; ([^\\]+))?", re.MULTILINE)
OF_ONE_MACHINE = re.compile(r"(?<![\w.$}])/(work|root|home/\w+|Users)/|[A-Z]:\\Users")
OF_AN_INDEX = re.compile(r"pypi\.org|files\.pythonhosted|registry\.npmjs|--index-url ?=? ?http")


@pytest.fixture(scope="module")
def committed(root: Path) -> dict[str, str]:
    """Text of every file that is, or would be, committed, by path; binary files are left out."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    texts = {}
    for name in filter(None, listed.split("\0")):
        content = (root / name).read_bytes() if (root / name).is_file() else b""
        if b"\0" not in content:
            texts[name] = content.decode("utf-8", errors="replace")
    assert "pyproject.toml" in texts
    return texts


def lines_with(pattern: re.Pattern[str], texts: dict[str, str]) -> list[str]:
    """File and line of each match, without the line's text."""
    return [
        f"{name}:{number}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_holds_a_path_of_one_machine(committed: dict[str, str]) -> None:
    """Whatever is committed works on another machine than its author's."""
    assert not lines_with(OF_ONE_MACHINE, committed)


def test_no_file_names_a_package_index(committed: dict[str, str]) -> None:
    """A hospital behind its own mirror uses the lock as it is."""
    assert not lines_with(OF_AN_INDEX, committed)


def test_a_planted_path_and_a_planted_index_are_seen() -> None:
    """The two searches above find what they look for."""
    assert lines_with(OF_ONE_MACHINE, {"a": "x\ncd /" + "home/someone/data"}) == ["a:2"]
    assert lines_with(OF_AN_INDEX, {"a": "https://pypi" + ".org/simple/uv"}) == ["a:1"]


def test_the_lock_holds_names_versions_and_hashes_alone(root: Path) -> None:
    """Every locked distribution has a hash, and no line an address."""
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock)[1:]
    assert len(entries) > 100
    assert not [entry.split(" ")[0] for entry in entries if "--hash=sha256:" not in entry]


def test_the_lock_answers_what_the_project_asks_for(root: Path) -> None:
    """Each dependency of pyproject.toml is locked at a version that it permits."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    versions = {canonicalize_name(name): Version(version) for name, version, _ in LOCKED.findall(lock)}
    asked = [Requirement(text) for text in project["dependencies"]]
    unmet = [
        str(requirement)
        for requirement in asked
        if canonicalize_name(requirement.name) not in versions
        or versions[canonicalize_name(requirement.name)] not in requirement.specifier
    ]
    assert not unmet, f"lock again as CONTRIBUTING.md says: {unmet}"


def imported_libraries(source: str) -> set[str]:
    """Top-level names of the libraries that a module's source imports; the standard library is left out."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names


def test_every_imported_library_is_asked_for(root: Path) -> None:
    """No code rests on a library that is only there because another one wanted it; the parts of dbt count as dbt."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked: set[str] = {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}
    asked |= {"dbt-common", "dbt-adapters"}
    sources = [path.read_text(encoding="utf-8") for room in ROOMS for path in (root / room).rglob("*.py")]
    libraries = set().union(*map(imported_libraries, sources)) - set(ROOMS)
    owners = {name: set(map(canonicalize_name, packages_distributions().get(name, []))) for name in libraries}
    assert not {name for name in libraries if not asked & owners[name]}


@pytest.mark.parametrize("name", ["LICENSE", "CHANGELOG.md", "GLOSSARY.md", "CONTRIBUTING.md", "README.md"])
def test_a_newcomer_finds_the_usual_papers(root: Path, name: str) -> None:
    """Licence, changes, glossary, contributing and readme stand at the root and are not empty."""
    assert (root / name).read_text(encoding="utf-8").strip()
