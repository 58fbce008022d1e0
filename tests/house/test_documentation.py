"""House rules of what is written about the SQL: descriptions, units and tests."""

import tomllib
from pathlib import Path

import pytest

from tests.house import sql_files

OWED = Path(__file__).with_name("models_without_test.toml")


@pytest.fixture(scope="module")
def documentation() -> dict[str, sql_files.Documentation]:
    """What the YAML files say, by model name."""
    return sql_files.documentation()


@pytest.mark.parametrize("model", sql_files.public_models(), ids=lambda path: path.stem)
def test_a_published_model_says_what_each_column_means(
    model: Path, documentation: dict[str, sql_files.Documentation]
) -> None:
    """Every published table and column is described, and every number has a unit or a kind."""
    assert model.stem in documentation, f"{sql_files.relative(model)} is described nowhere"
    described = documentation[model.stem]
    assert described.description, f"{model.stem} has no description"
    assert described.columns, f"{model.stem} lists no columns"
    silent = [column.name for column in described.columns if not column.description]
    assert not silent, f"{model.stem}: columns without a description: {silent}"
    untyped = [column.name for column in described.columns if not column.data_type]
    assert not untyped, f"{model.stem}: columns without a data_type: {untyped}"
    numbers = [column for column in described.columns if column.is_numeric]
    bare = [column.name for column in numbers if not {"unit", "kind"} & set(column.meta)]
    assert not bare, f"{model.stem}: numbers with neither meta.unit nor meta.kind: {bare}"


def test_the_yaml_describes_no_model_that_is_gone(documentation: dict[str, sql_files.Documentation]) -> None:
    """A description belongs to a model that exists."""
    assert set(documentation) <= {path.stem for path in sql_files.models()}


def test_every_model_is_tested_or_listed_with_a_reason(documentation: dict[str, sql_files.Documentation]) -> None:
    """A model has a test in YAML, a test that names it, or a line in models_without_test.toml; the list is exact."""
    tested = {name for name, described in documentation.items() if described.has_tests}
    tested |= sql_files.models_with_unit_tests() | sql_files.names_in_tests()
    untested = {path.stem for path in sql_files.models()} - tested
    listed: dict[str, str] = tomllib.loads(OWED.read_text(encoding="utf-8"))
    assert sorted(untested - set(listed)) == [], "models without a test and without a reason"
    assert sorted(set(listed) - untested) == [], "models listed as untested that are tested, or gone"
    assert not [name for name, reason in listed.items() if len(reason.split()) < 4]
