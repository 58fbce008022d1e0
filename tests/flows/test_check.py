"""`oncomart check`: one page, one exit code, and the same as JSON."""

import json
from pathlib import Path

import pytest

from flows.cli import main

CENTRE = """
id = "hospital"
name = "Hospital"
[deliveries]
path = "unused"
[source.patients]
files = ["patients.csv"]
"""
PATIENT = """
table = "patient"
[[feed]]
source = "patients"
[feed.columns]
patient_id = {column = "id", system = "HIS"}
birth_ym = "born"
"""


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    """The folder of a centre; its deliveries are beside it."""
    folder = tmp_path / "hospital"
    (folder / "tables").mkdir(parents=True)
    (folder / "centre.toml").write_text(CENTRE)
    (folder / "tables" / "patient.toml").write_text(PATIENT)
    return folder


def check(centre: Path, content: str) -> int:
    delivery = centre.parent / "deliveries" / "2025-07-05"
    delivery.mkdir(parents=True, exist_ok=True)
    (delivery / "patients.csv").write_text(content)
    arguments = ["check", str(centre), "--deliveries", str(delivery.parent), "--home", str(centre.parent / "home")]
    return main([*arguments, "--json", str(centre.parent / "report.json")])


def test_a_delivery_that_could_land_ends_with_0(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page says what was found and that a refresh would land it."""
    assert check(centre, "id,born\n1,03/04/1958\n2,1960-01-01\n") == 0
    page = capsys.readouterr().out
    assert "patients: patients.csv, 2 rows" in page
    assert "patients, born: YYYY-MM-DD (1), DD/MM/YYYY or MM/DD/YYYY: ambiguous (1); not read: DD/MM/YYYY" in page
    assert "patient.birth_ym: 1 record not a date (DQ004), such as patients.csv row 2" in page
    assert page.endswith("A refresh would land this delivery.\n")
    assert "1958" not in page


def test_a_delivery_that_could_not_land_ends_with_2(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page says what is in the way; the JSON file holds the same."""
    assert check(centre, "id,birth date\n1,1958\n") == 2
    page = capsys.readouterr().out
    assert "the mapping names 'born', which is not there" in page
    assert "In the way" in page
    assert page.endswith("A refresh could not land this delivery as it is.\n")
    report = json.loads((centre.parent / "report.json").read_text())
    assert report["files"][0]["unmatched"][0]["column"] == "born"


def test_an_unknown_centre_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a folder of a centre nor a centre of the configuration."""
    config = tmp_path / "oncomart.toml"
    config.write_text("[centres.hospital_a]\n[studies.anlotinib_pd1_escc]\n")
    assert main(["check", "hospital_z", "--config", str(config), "--home", str(tmp_path)]) == 2
    assert "it has hospital_a" in capsys.readouterr().err
