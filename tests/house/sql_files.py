"""Where the SQL of the project is, and what is written about it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DBT_PROJECT = ROOT / "dbt_project"
MODELS = DBT_PROJECT / "models"
#: Folders of models that analysts read; the other folders hold steps.
PUBLIC_LAYERS = ("marts", "adam", "quality", "meta", "omop", "results")
NUMERIC_TYPES = ("int", "uint", "hugeint", "bigint", "smallint", "tinyint", "double", "float", "real", "decimal")


@dataclass(frozen=True)
class Column:
    """One column as the YAML beside a model describes it."""

    name: str
    description: str
    data_type: str
    meta: dict[str, Any]
    has_tests: bool

    @property
    def is_numeric(self) -> bool:
        """Whether the declared type holds numbers; arrays and structs do not count."""
        declared = self.data_type.lower()
        return declared.startswith(NUMERIC_TYPES) and not declared.endswith("]")


@dataclass
class Documentation:
    """What the YAML says about one model, wherever under the project it says it."""

    name: str
    file: Path
    description: str = ""
    columns: list[Column] = field(default_factory=list)
    has_model_tests: bool = False

    @property
    def has_tests(self) -> bool:
        """Whether the model or one of its columns is tested in YAML."""
        return self.has_model_tests or any(column.has_tests for column in self.columns)


def models() -> list[Path]:
    """Every SQL model, sorted by path."""
    return sorted(MODELS.rglob("*.sql"))


def public_models() -> list[Path]:
    """The models that a release publishes, sorted by path."""
    return [path for path in models() if path.relative_to(MODELS).parts[0] in PUBLIC_LAYERS]


def project_sql() -> list[Path]:
    """Every SQL file that derives something: models, macros, and tests in SQL; sorted by path."""
    folders = ("models", "macros", "tests", "snapshots", "analyses")
    return sorted(path for folder in folders for path in (DBT_PROJECT / folder).rglob("*.sql"))


def relative(path: Path) -> str:
    """A path as messages and lists give it: from the root, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


def _yaml_files() -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted([*DBT_PROJECT.rglob("*.yml"), *DBT_PROJECT.rglob("*.yaml")]):
        if path.name == "dbt_project.yml" or {"target", "dbt_packages"} & set(path.relative_to(DBT_PROJECT).parts):
            continue
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(content, dict):
            yield path, content


def _tests(entry: dict[str, Any]) -> bool:
    return bool(entry.get("data_tests") or entry.get("tests"))


def _meta(entry: dict[str, Any]) -> dict[str, Any]:
    return {**(entry.get("meta") or {}), **((entry.get("config") or {}).get("meta") or {})}


def _column(entry: dict[str, Any]) -> Column:
    return Column(
        name=entry["name"],
        description=(entry.get("description") or "").strip(),
        data_type=str(entry.get("data_type") or ""),
        meta=_meta(entry),
        has_tests=_tests(entry),
    )


def documentation() -> dict[str, Documentation]:
    """What the YAML files say, by model name."""
    found: dict[str, Documentation] = {}
    for path, content in _yaml_files():
        for entry in content.get("models") or []:
            found[entry["name"]] = Documentation(
                name=entry["name"],
                file=path,
                description=(entry.get("description") or "").strip(),
                columns=[_column(column) for column in entry.get("columns") or []],
                has_model_tests=_tests(entry),
            )
    return found


def models_with_unit_tests() -> set[str]:
    """Names of the models that a dbt unit test gives rows to and expects rows from."""
    return {test["model"] for _, content in _yaml_files() for test in content.get("unit_tests") or []}


def names_in_tests() -> set[str]:
    """Every word of the tests, house rules left out: a model among them is tested by name."""
    folders = (ROOT / "tests", DBT_PROJECT / "tests")
    kinds = (".py", ".sql", ".csv", ".toml")
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in kinds]
    rules = ROOT / "tests" / "house"
    texts = (path.read_text(encoding="utf-8") for path in files if not path.is_relative_to(rules))
    return {word for text in texts for word in re.findall(r"\w+", text)}
