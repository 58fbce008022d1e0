"""What the truth beside a delivery holds: every screened patient, and of the 87 what was published."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from demo import generate

PUBLISHED = Path(__file__).resolve().parents[2] / "demo" / "escc87.csv"
FILES = ("adverse_events", "criteria", "dosing", "events", "lab_grades", "lines", "patients", "responses")

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """The files of a demo of four hundred patients, by name."""
    home = tmp_path_factory.mktemp("truth")
    generate(home)
    found = {}
    for path in sorted((home / "truth").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = list(csv.DictReader(file))
    assert tuple(found) == FILES
    return found


def of_the_87(truth: dict[str, Rows], name: str) -> Rows:
    """Rows of the patients of the anlotinib study."""
    included = {row["identifier"] for row in truth["patients"] if row["eligible"] == "1"}
    return [row for row in truth[name] if row["identifier"] in included]


def test_every_criterion_of_every_patient_has_a_status(truth: dict[str, Rows]) -> None:
    """Ten statuses for each of the four hundred, of all three kinds, and none NOT_MET among the 87."""
    assert len(truth["criteria"]) == 10 * 400
    assert {row["status"] for row in truth["criteria"]} == {"MET", "NOT_MET", "UNKNOWN"}
    assert {row["criterion_id"] for row in of_the_87(truth, "criteria") if row["status"] != "MET"} == {"E3"}


def test_everybody_with_lines_and_events(truth: dict[str, Rows]) -> None:
    """Lines are told for every patient, events for everyone with an index date of either study."""
    everybody = {row["identifier"] for row in truth["patients"]}
    indexed = {row["identifier"] for row in truth["patients"] if row["index_date"] or row["gastric_index_date"]}
    assert {row["identifier"] for row in truth["lines"]} == everybody
    assert {row["identifier"] for row in truth["events"]} == indexed


def test_the_published_facts_of_the_87(truth: dict[str, Rows]) -> None:
    """Doses, endings, responses and the mean best change are those of the paper's population."""
    patients = of_the_87(truth, "patients")
    assert Counter(row["anlotinib_mg"] for row in patients) == {"12": 61, "10": 26}
    assert Counter(row["treatment_status"] for row in patients) == {
        "on treatment": 11,
        "progression or death": 63,
        "lost to follow-up": 7,
        "adverse event": 6,
    }
    events = of_the_87(truth, "events")
    assert Counter(row["bor"] for row in events) == {"PR": 19, "SD": 45, "PD": 18, "NE": 5}
    assert (sum(row["pfs_cnsr"] == "0" for row in events), sum(row["os_cnsr"] == "0" for row in events)) == (69, 59)
    changes = [int(row["best_change_pct"]) for row in events if row["best_change_pct"]]
    assert (len(changes), round(sum(changes) / len(changes), 2)) == (82, -8.07)


def test_the_worst_related_grades_of_the_87_are_the_table(truth: dict[str, Rows]) -> None:
    """Adverse events of the truth count per term and grade as the columns ae_* of the table do."""
    told = Counter((row["term"], row["grade"]) for row in of_the_87(truth, "adverse_events"))
    with PUBLISHED.open(encoding="utf-8", newline="") as table:
        expected = Counter(
            (name.removeprefix("ae_"), grade)
            for row in csv.DictReader(table)
            for name, grade in row.items()
            if name.startswith("ae_") and grade != "0"
        )
    assert told == expected


def test_what_the_rules_must_tell_apart_is_there(truth: dict[str, Rows]) -> None:
    """Every source of responses, every censoring code, delays, omissions, reductions and every laboratory grade."""
    events = truth["events"]
    assert {row["response_source"] for row in events} >= {"INVESTIGATOR", "INDEPENDENT", "DERIVED"}
    assert {row["bor"] for row in events} == {"CR", "PR", "SD", "PD", "NE", "MISSING"}
    assert {row["pfs_cnsr"] for row in events} == {"0", "1", "2"}
    assert {row["os_cnsr"] for row in events} == {"0", "1", "8"}
    dosing = truth["dosing"]
    assert {row["lowest_mg"] for row in dosing if row["component"] == "anlotinib"} == {"12", "10", "8"}
    assert {row["reductions"] for row in dosing} == {"0", "1", "2"}
    assert any(row["delays"] == "1" for row in dosing)
    assert any(row["omissions"] == "1" for row in dosing)
    grades = defaultdict(set)
    for row in truth["lab_grades"]:
        grades[row["test"]].add(row["worst_grade"])
    assert {grade for of_test in grades.values() for grade in of_test} == {"0", "1", "2", "3", "4"}
    assert all("0" in of_test and len(of_test) > 1 for of_test in grades.values())
