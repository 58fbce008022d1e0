"""Columns of a source that stand in another source of the same delivery."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.warehouse.hospital import Hospital

DRUG_NAME = {"column": "concept", "source": "concepts", "key": "id", "value": "name"}
EXPOSURES = [["no", "person", "concept"], ["1", "7", "11"], ["2", "7", "12"], ["3", "8", "99"], ["4", "8", ""]]
CONCEPTS = [["id", "name", "vocabulary"], ["11", "cisplatin", "RxNorm"], ["12", "paclitaxel", "RxNorm"]]


def hospital_of(root: Path, lookup: Mapping[str, Mapping[str, object]], **concepts: object) -> Hospital:
    """A hospital whose biomarker table takes `looked_up`, a column of exposures that stands elsewhere."""
    columns = {
        "patient_id": {"column": "person", "system": "person"},
        "name": {"column": "no"},
        "value_text": "looked_up",
    }
    return Hospital(
        root,
        {
            "exposures": {"files": ["exposures*"], "lookup": lookup},
            "concepts": {"files": ["concepts*"], **concepts},
            "groups": {"files": ["groups*"], "required": False},
        },
        [{"table": "biomarker", "feed": [{"source": "exposures", "columns": columns}]}],
    )


def landed(hospital: Hospital) -> list[object]:
    """What was looked up, in the order of the source rows."""
    report = hospital.land()
    assert report.problems == ()
    return [value for _, value in hospital.rows("biomarker", "source_row", "value_text")]


def test_a_value_stands_in_another_file(tmp_path: Path) -> None:
    """The key leads to the value; a key that the other source does not have, or an empty one, leads to none."""
    hospital = hospital_of(tmp_path, {"looked_up": DRUG_NAME})
    hospital.deliver("2025-07-05", "exposures.csv", EXPOSURES)
    hospital.deliver("2025-07-05", "concepts.csv", CONCEPTS)
    assert landed(hospital) == ["cisplatin", "paclitaxel", None, None]


def test_rows_that_only_serve_lookups_are_accounted_for(tmp_path: Path) -> None:
    """Every row of a looked-up file is counted as read and skipped for that reason, malformed ones as failed."""
    hospital = hospital_of(tmp_path, {"looked_up": DRUG_NAME})
    hospital.deliver("2025-07-05", "exposures.csv", EXPOSURES)
    hospital.deliver("2025-07-05", "concepts.csv", [*CONCEPTS, ["13", "one cell too few"]])
    (concepts, exposures) = hospital.land().deliveries[0].files
    assert (concepts.file, concepts.read, concepts.used) == ("concepts.csv", 3, 0)
    assert concepts.skipped == {"looked up only": 2}
    assert sum(concepts.failed.values()) == 1
    assert (exposures.read, exposures.used) == (4, 4)


def test_the_smallest_of_several_values_wins_and_is_told(tmp_path: Path) -> None:
    """A key with several values takes the smallest, in whatever order files and rows come, and a warning counts it."""
    for name, order in (("forwards", 1), ("backwards", -1)):
        hospital = hospital_of(tmp_path / name, {"looked_up": DRUG_NAME})
        hospital.deliver("2025-07-05", "exposures.csv", EXPOSURES)
        rows = [["11", "b", ""], ["11", "a", ""], ["12", "c", ""], ["12", "c", ""]][::order]
        hospital.deliver("2025-07-05", "concepts_1.csv", [CONCEPTS[0], *rows])
        hospital.deliver("2025-07-05", "concepts_2.csv", [CONCEPTS[0], ["11", "aa", ""], ["12", "-", ""]])
        assert landed(hospital)[:2] == ["a", "c"]
        (warning,) = hospital.land().deliveries[0].warnings
        assert "source concepts: 1 values of id lead to several of name" in warning


def test_one_lookup_may_lead_to_the_next(tmp_path: Path) -> None:
    """A looked-up column may be the key of another lookup."""
    by_vocabulary = {"column": "vocabulary", "source": "groups", "key": "code", "value": "group"}
    vocabulary = {**DRUG_NAME, "value": "vocabulary"}
    hospital = hospital_of(tmp_path, {"looked_up": by_vocabulary, "vocabulary": vocabulary})
    hospital.deliver("2025-07-05", "exposures.csv", EXPOSURES)
    hospital.deliver("2025-07-05", "concepts.csv", CONCEPTS)
    hospital.deliver("2025-07-05", "groups.csv", [["code", "group"], ["RxNorm", "drugs"], ["LOINC", "laboratory"]])
    assert landed(hospital) == ["drugs", "drugs", None, None]


def test_another_column_stands_in(tmp_path: Path) -> None:
    """Where nothing is found, the value of the column that `otherwise` names is taken."""
    hospital = hospital_of(tmp_path, {"looked_up": {**DRUG_NAME, "otherwise": "no"}})
    hospital.deliver("2025-07-05", "exposures.csv", EXPOSURES)
    hospital.deliver("2025-07-05", "concepts.csv", CONCEPTS)
    assert landed(hospital) == ["cisplatin", "paclitaxel", "3", "4"]


def test_several_keys_and_a_condition(tmp_path: Path) -> None:
    """Several columns are matched with as many keys, and `when` says which rows of the other source count."""
    lookup = {
        "column": ["person", "no"],
        "source": "concepts",
        "key": ["id", "vocabulary"],
        "value": "name",
        "when": [{"column": "name", "not_among": ["void"]}],
    }
    hospital = hospital_of(tmp_path, {"looked_up": lookup})
    hospital.deliver("2025-07-05", "exposures.csv", EXPOSURES)
    rows = [["7", "void", "1"], ["7", "first of 7", "1"], ["8", "void", "3"], ["7", "third of 7", "3"]]
    hospital.deliver("2025-07-05", "concepts.csv", [CONCEPTS[0], *rows])
    assert landed(hospital) == ["first of 7", None, None, None]


def test_a_source_may_feed_a_table_and_be_looked_up(tmp_path: Path) -> None:
    """A source that feeds a table keeps its own accounts when another, or itself, looks something up in it."""
    hospital = hospital_of(tmp_path, {"looked_up": {"column": "no", "source": "exposures", "key": "no", "value": "no"}})
    hospital.deliver("2025-07-05", "exposures.csv", EXPOSURES)
    hospital.deliver("2025-07-05", "concepts.csv", CONCEPTS)
    assert landed(hospital) == ["1", "2", "3", "4"]
    (concepts, exposures) = hospital.land().deliveries[0].files
    assert (exposures.read, exposures.used, exposures.skipped) == (4, 4, {})
    assert concepts.read == 0


def test_a_looked_up_column_serves_conditions(tmp_path: Path) -> None:
    """A condition may stand on a looked-up column."""
    hospital = hospital_of(tmp_path, {"looked_up": DRUG_NAME})
    (table,) = hospital.tables
    table["feed"][0]["when"] = [{"column": "looked_up", "matches": "platin$"}]  # type: ignore[index]
    hospital.deliver("2025-07-05", "exposures.csv", EXPOSURES)
    hospital.deliver("2025-07-05", "concepts.csv", CONCEPTS)
    assert landed(hospital) == ["cisplatin"]
    assert sum(hospital.land().deliveries[0].files[1].skipped.values()) == 3


def test_without_the_other_file(tmp_path: Path) -> None:
    """A source that may be missing leaves looked-up values empty; a required one refuses the delivery."""
    hospital = hospital_of(tmp_path / "optional", {"looked_up": DRUG_NAME}, required=False)
    hospital.deliver("2025-07-05", "exposures.csv", EXPOSURES)
    assert landed(hospital) == [None, None, None, None]
    hospital = hospital_of(tmp_path / "required", {"looked_up": DRUG_NAME})
    hospital.deliver("2025-07-05", "exposures.csv", EXPOSURES)
    (problem,) = hospital.land().deliveries[0].problems
    assert "no file for source concepts" in problem


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("id,title\n11,cisplatin\n", "concepts.csv: column 'name' missing; found are id, title"),
        (b"id,name\n11,\xff\xff\n", "concepts.csv: row 2 is not utf-8-sig"),
    ],
)
def test_a_broken_lookup_refuses_what_needs_it(tmp_path: Path, content: str | bytes, told: str) -> None:
    """What cannot be looked up does not land as empty: the tables that need it are refused, and the reason is told."""
    hospital = hospital_of(tmp_path, {"looked_up": DRUG_NAME})
    hospital.deliver("2025-07-05", "exposures.csv", EXPOSURES)
    hospital.deliver("2025-07-05", "concepts.csv", content)
    problems = hospital.land().deliveries[0].problems
    assert told in problems[0]
    assert "table biomarker: column 'looked_up' cannot be looked up" in problems[1]
    assert hospital.rows("biomarker", "*") == []


def test_a_lookup_hides_no_column_of_the_file(tmp_path: Path) -> None:
    """A lookup with the name of a column that the file has is refused: nobody could tell which of them is meant."""
    hospital = hospital_of(tmp_path, {"looked_up": DRUG_NAME})
    hospital.deliver("2025-07-05", "exposures.csv", [["no", "person", "concept", "looked_up"], ["1", "7", "11", "x"]])
    hospital.deliver("2025-07-05", "concepts.csv", CONCEPTS)
    assert "'looked_up' is in the file" in hospital.land().deliveries[0].problems[0]


@pytest.mark.parametrize(
    ("lookup", "told"),
    [
        ({"looked_up": {**DRUG_NAME, "source": "notions"}}, "asks source 'notions', which is not described"),
        ({"looked_up": {**DRUG_NAME, "key": ["id", "name"]}}, "lists of the same length"),
        ({"a": {**DRUG_NAME, "column": "b"}, "b": {**DRUG_NAME, "column": "a"}}, "lookup a leads back to itself"),
        ({"looked_up": {**DRUG_NAME, "source": "exposures", "value": "looked_up"}}, "which is looked up itself"),
    ],
)
def test_lookups_that_cannot_be(tmp_path: Path, lookup: dict[str, dict[str, object]], told: str) -> None:
    """A lookup in no source, with other numbers of columns and keys, in a circle or through another is refused."""
    hospital = hospital_of(tmp_path, lookup)
    with pytest.raises(ValidationError, match=told):
        hospital.land()
