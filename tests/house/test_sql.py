"""House rules of the SQL: how a model opens, how it is written, and that no number of a protocol is typed into it."""

import hashlib
import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.house import sql_files
from tests.house.sql_literals import Allowed, forbidden, literals, read_allowed, unused

LINTED = "house/linted_sql"
ALLOWED = Path(__file__).with_name("sql_literals_allowed.toml")


def test_the_project_has_models_to_check() -> None:
    """An empty dbt project fails, so that no rule below is kept by there being nothing to break it."""
    assert sql_files.models(), "dbt_project/models holds no SQL"
    assert sql_files.public_models(), f"dbt_project/models holds none of {', '.join(sql_files.PUBLIC_LAYERS)}"


@pytest.mark.parametrize("model", sql_files.models(), ids=lambda path: path.stem)
def test_a_model_opens_with_its_grain_and_its_rule(model: Path) -> None:
    """The first line of a model says what one row is, the second which rule made it."""
    first, second, *_ = [*model.read_text(encoding="utf-8").splitlines(), "", ""]
    name = sql_files.relative(model)
    assert re.match(r"-- One row per \w.*\.$", first), f"{name}: line 1 is not its grain: {first!r}"
    assert re.match(r"-- \w.{10,}", second), f"{name}: line 2 is not its rule: {second!r}"


def lint_key(model: Path) -> str:
    """Hash of what decides whether a model passes sqlfluff: its text, the settings, the macros and the version."""
    settings = [sql_files.ROOT / ".sqlfluff", *sorted((sql_files.DBT_PROJECT / "macros").rglob("*.sql")), model]
    contents = [version("sqlfluff").encode(), *(path.read_bytes() for path in settings)]
    return hashlib.sha256(b"\0".join(contents)).hexdigest()


def test_sql_is_written_one_way(pytestconfig: pytest.Config) -> None:
    """Every model passes sqlfluff as .sqlfluff sets it up; one that passed and has not changed is not linted again."""
    passed = set(pytestconfig.cache.get(LINTED, []))
    keys = {sql_files.relative(model): lint_key(model) for model in sql_files.models()}
    pending = [name for name, key in keys.items() if key not in passed]
    found: dict[str, list[str]] = {}
    if pending:
        command = [sys.executable, "-m", "sqlfluff", "lint", "--format", "json", "--processes", "2", *pending]
        lint = subprocess.run(command, cwd=sql_files.ROOT, capture_output=True, text=True, check=False)
        assert lint.returncode in (0, 1), lint.stderr
        found = {file["filepath"]: [_told(each) for each in file["violations"]] for file in json.loads(lint.stdout)}
    broken = {name: violations for name, violations in found.items() if violations}
    pytestconfig.cache.set(LINTED, sorted(key for name, key in keys.items() if name not in broken))
    assert not broken, "\n".join(f"{name}: {told}" for name, violations in broken.items() for told in violations)


def _told(violation: dict[str, Any]) -> str:
    return f"line {violation['start_line_no']}: {violation['code']} {violation['description']}"


def test_no_number_of_a_protocol_is_typed_into_sql() -> None:
    """Numbers other than 0 and 1 reach SQL as rows of a parameter table, or are allowed one by one with a reason."""
    allowed = read_allowed(ALLOWED)
    found = [
        message
        for path in sql_files.project_sql()
        for message in forbidden(sql_files.relative(path), path.read_text(encoding="utf-8"), allowed)
    ]
    assert not found, "numbers in SQL that sql_literals_allowed.toml does not name:\n" + "\n".join(found)


def test_every_allowed_number_is_used_and_explained() -> None:
    """The allow-list holds no entry that nothing needs any more, and no entry without a sentence of reason."""
    allowed = read_allowed(ALLOWED)
    sources = {sql_files.relative(path): path.read_text(encoding="utf-8") for path in sql_files.project_sql()}
    assert not unused(sources, allowed)
    assert not [entry for entry in allowed if len(entry.reason.split()) < 4]


@pytest.mark.parametrize(
    ("planted", "expected"),
    [
        ("select a from b where gap_days > 28", ["28"]),
        ("select a from b where first_date >= date '2019-01-01'", ["2019-01-01"]),
        ("select a + interval '4 weeks' from b", ["4 weeks"]),
        ("select a from b\nwhere {{ within_days('gap', 120) }}", ["120"]),
        ("{% set window = 28 %}select {{ window }}", ["28"]),
        ("select {{ dbt.dateadd('day', 'gap + 42', 'a') }}", ["42"]),
        ("select a * 0.7 from b", ["0.7"]),
        ("select a from b -- within 28 days", []),
        ("{# 28 days by default #}select a from b", []),
        ("select x0[1], coalesce(y, 0), cast(z as decimal(18, 3)) from int_tbl_2", []),
        ("select '{{ var(\"code\") }}' as code, 'R2.4' as rule from {{ ref('int_lines_2') }}", []),
    ],
)
def test_the_number_checker_sees_what_is_planted(planted: str, expected: list[str]) -> None:
    """A number is found in SQL, in a date or an interval and in Jinja, and not in a comment, a name or a type."""
    assert [literal.text for literal in literals(planted)] == expected


def test_a_planted_number_is_reported_with_its_line_and_an_allowed_one_is_not() -> None:
    """The checker names file and line of a number, and an entry for another file does not excuse it."""
    source = "-- One row per patient.\n{{ config(\n  tags=['a']\n) }}\nselect 28 as a,\n  30.4375 as b"
    allowed = [Allowed(file="a.sql", literal="30.4375", reason="days in a mean month")]
    assert forbidden("a.sql", source, allowed) == ["a.sql:5: 28"]
    assert forbidden("b.sql", source, allowed) == ["b.sql:5: 28", "b.sql:6: 30.4375"]
    assert unused({"a.sql": "select 1"}, allowed) == ["a.sql: 30.4375 is not there"]
