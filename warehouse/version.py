"""Which code made a release or a batch."""

import hashlib
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
ROOMS = ("models", "warehouse", "dbt_project", "flows", "analysis", "studies", "centres")
SOURCE_SUFFIXES = {".py", ".sql", ".toml", ".yml", ".csv", ".html", ".css"}
PACKAGES = (
    "duckdb",
    "pyarrow",
    "pydantic",
    "dbt-core",
    "dbt-duckdb",
    "lifelines",
    "prefect",
    "matplotlib",
    "numpy",
    "scipy",
    "pandas",
)


@cache
def code_version() -> str:
    """`git describe` of a checkout without a change in the rooms; else `tree-` and a hash of all source files."""
    changes = _git("status", "--porcelain", "--", *ROOMS)
    described = _git("describe", "--always", "--tags")
    return described if described and changes == "" else f"tree-{_tree_hash()}"


def _git(*arguments: str) -> str | None:
    """Output of a git command, None when there is no git or no repository."""
    try:
        done = subprocess.run(["git", "-C", str(REPOSITORY), *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def package_versions() -> dict[str, str]:
    """Versions of the installed packages that a result depends on."""
    installed = {distribution.metadata["Name"].lower() for distribution in metadata.distributions()}
    return {name: metadata.version(name) for name in PACKAGES if name in installed}


def _tree_hash() -> str:
    digest = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((REPOSITORY / room).rglob("*")):
            if path.suffix in SOURCE_SUFFIXES and path.is_file():
                digest.update(path.relative_to(REPOSITORY).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
