"""Tolerances of data-quality checks: which one stands, where it ends, and what cannot be set."""

import csv
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from models.config import Config, Quality
from models.errors import ConfigError
from models.tolerances import Tolerances, read_tolerances

CHECKS = [
    {"check_id": "DQ030", "tolerance_pct": "10"},
    {"check_id": "DQ031", "tolerance_pct": "0"},
    {"check_id": "DQ032", "tolerance_pct": ""},
]


def chosen(**sections: Any) -> Tolerances:
    return read_tolerances(CHECKS, Quality.model_validate(sections), "oncomart.toml")


def config(quality: dict[str, Any]) -> Config:
    return Config.model_validate({"centres": {"north": {}}, "studies": {"study": {}}, "quality": quality})


def test_a_centre_s_tolerance_stands_before_that_of_all_and_that_before_the_rule_book() -> None:
    """What is set for one centre holds there alone; where nothing is set, the rule book's stays."""
    tolerances = chosen(tolerances={"DQ030": 0.2, "DQ032": 0.5}, centre_tolerances={"north": {"DQ030": 0.025}})
    assert tolerances.of("DQ030", "north") == Decimal("2.5")
    assert tolerances.of("DQ030", "south") == tolerances.of("DQ030", None) == 20
    assert tolerances.of("DQ031", "north") == 0
    assert tolerances.of("DQ032", "south") == 50


@pytest.mark.parametrize(
    ("check", "rows", "failed", "verdict"),
    [
        ("DQ030", 100, 10, False),
        ("DQ030", 1000, 101, True),
        ("DQ031", 50_000, 0, False),
        ("DQ031", 50_000, 1, True),
        ("DQ030", 0, 0, None),
        ("DQ032", 100, 100, None),
    ],
)
def test_at_the_tolerance_is_within_it(check: str, rows: int, failed: int, verdict: bool | None) -> None:
    """One row more than the share is beyond it; without rows, or without a tolerance, nothing is judged."""
    assert chosen().is_exceeded(check, "north", rows, failed) is verdict


def test_the_table_for_sql_holds_what_is_set_and_nothing_else() -> None:
    """Shares become percentages; a tolerance of all centres has none."""
    tolerances = chosen(tolerances={"DQ031": 0.05}, centre_tolerances={"north": {"DQ030": 1}})
    assert tolerances.table.rows == (("DQ030", "north", 100), ("DQ031", None, 5))
    assert chosen().table.rows == ()


def test_an_unknown_check_is_named_with_what_there_is() -> None:
    """A misspelt number is refused, and the message says file, number and range."""
    with pytest.raises(ConfigError, match=r"oncomart\.toml.*DQ31.*DQ030 to DQ032"):
        chosen(tolerances={"DQ31": 0.1})


@pytest.mark.parametrize("share", [-0.01, 1.01, 5, "a tenth"])
def test_a_tolerance_is_a_share(share: object) -> None:
    """5 for 5% would let everything pass: a share lies between 0 and 1."""
    with pytest.raises(ValidationError, match=r"quality\.tolerances\.DQ031"):
        config({"tolerances": {"DQ031": share}})


def test_a_tolerance_of_a_centre_that_is_not_there_is_refused() -> None:
    """A misspelt centre would silently keep the rule book's tolerance."""
    with pytest.raises(ValidationError, match=r"centre_tolerances names nroth"):
        config({"centre_tolerances": {"nroth": {"DQ031": 0.1}}})
    assert config({"centre_tolerances": {"north": {"DQ031": 0.1}}}).quality.centre_tolerances


def test_no_study_takes_the_folder_of_the_page() -> None:
    """A study called quality would be written over the release's own page."""
    with pytest.raises(ValidationError, match="no study may be called quality"):
        Config.model_validate({"centres": {"north": {}}, "studies": {"quality": {}}})


def test_the_rule_book_s_tolerance_and_its_number_agree(root: Path) -> None:
    """The percentage in the words is the one that judges; words without a number judge nothing, or everything."""
    with (root / "dbt_project" / "seeds" / "dq_checks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 80
    for row in rows:
        number = re.match(r"[0-9.]+", row["tolerance"])
        wordless = "0" if row["tolerance"] == "review all" else ""
        assert row["tolerance_pct"] == (number.group() if number else wordless), row["check_id"]
