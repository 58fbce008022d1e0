"""R1: from a name as written to the drugs that it holds."""

import duckdb
import pytest

from tests.rules.harness import example, run_models

LOOK_ALIKES = ("apatinb", "lapatinb", "afatinb", "阿怕替尼", "替加奥", "顺柏", "carboplatn", "tislelizumba")
"""Near to a listed name, but to one that has a look-alike; only the last may be guessed."""

ENGLISH = {
    "5FU": ["fluorouracil"],
    "5 FU": ["fluorouracil"],
    "5-Flourouracil": ["fluorouracil"],
    "5 fluorouracil": ["fluorouracil"],
    "xeloda": ["capecitabine"],
    "Leucovorin Calcium": ["leucovorin"],
    "Carboplatin/Taxol": ["carboplatin", "paclitaxel"],
    "Cytoxan|Taxotere": ["cyclophosphamide", "docetaxel"],
    "FOLFOX": ["fluorouracil", "leucovorin", "oxaliplatin"],
    "cisplatin and 5-FU": ["cisplatin", "fluorouracil"],
}
HOSPITAL = {
    "注射用卡瑞利珠单抗(艾瑞卡)200mg": ["camrelizumab"],
    "[国谈](自备)安罗替尼胶囊(福可维)12mg*7粒/盒": ["anlotinib"],
    "紫杉醇(白蛋白结合型)(艾越)100mg": ["paclitaxel_nab"],
    "甲磺酸阿帕替尼片(艾坦)250mg": ["apatinib"],
    "注射用盐酸吉西他滨": ["gemcitabine"],
    "顺铂 30mg/6ml + 5-FU 0.25g/10ml": ["cisplatin", "fluorouracil"],
    "紫杉醇联合顺铂": ["paclitaxel", "cisplatin"],
    "和美新": ["topotecan"],
    "順鉑": ["cisplatin"],
}
Part = tuple[str, str, str, str | None, str]


@pytest.fixture(scope="module")
def parts() -> dict[tuple[str, bool], list[Part]]:
    """Drug, method, review, strength and own supply of each part; by name and whether it is a history."""
    given = [str(case["raw_name"]) for case in example("01_drug_norm__input")]
    told = [*ENGLISH, *HOSPITAL, *LOOK_ALIKES, "TP"]
    rows = [{"patient_id": "has_orders", "source_kind": "ADMIN", "raw_name": name} for name in [*given, "TP", "FOLFOX"]]
    rows += [{"patient_id": "has_history", "source_kind": "HISTORY", "raw_name": name} for name in told]
    rows += [{"patient_id": "in_a_trial", "source_kind": "ADMIN", "raw_name": "研究用药", "trial_id": "NCT1"}]
    connection = run_models("+int_drug_parts", lake={"drug_row": rows})
    return _by_name(connection)


def _by_name(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, bool], list[Part]]:
    found: dict[tuple[str, bool], list[Part]] = {}
    query = """
        select raw_name, is_history, drug_key, match_method, review_flag,
            cast(cast(strength_mg as double) as varchar), own_supply
        from intermediate.int_drug_parts order by raw_name, is_history, part_no
    """
    for name, is_history, *part in connection.execute(query).fetchall():
        found.setdefault((name, is_history), []).append((part[0], part[1], part[2], part[3], part[4]))
    return found


@pytest.mark.parametrize("given", example("01_drug_norm__input"), ids=lambda row: str(row["case_id"]))
def test_worked_names_resolve_as_the_rule_book_says(
    parts: dict[tuple[str, bool], list[Part]], given: dict[str, str | None]
) -> None:
    """R1: each worked name gives the rule book's drugs and review flags."""
    rows = [row for row in example("01_drug_norm__expected") if row["case_id"] == given["case_id"]]
    found = [(part[0], part[2]) for part in parts[str(given["raw_name"]), False]]
    assert found == [(row["drug_key"], row["review"]) for row in rows]


def test_names_from_english_records_resolve(parts: dict[tuple[str, bool], list[Part]]) -> None:
    """R1.2, R1.9: spellings, trade names, acronyms and combinations of English free text find their drugs."""
    assert {name: [part[0] for part in parts[name, True]] for name in ENGLISH} == ENGLISH


def test_names_from_a_chinese_pharmacy_resolve(parts: dict[tuple[str, bool], list[Part]]) -> None:
    """R1.3 to R1.9: tags, salts, forms, strengths, brands in brackets and combinations are read through."""
    assert {name: [part[0] for part in parts[name, True]] for name in HOSPITAL} == HOSPITAL


def test_look_alikes_are_never_guessed(parts: dict[tuple[str, bool], list[Part]]) -> None:
    """R1.10: a name near to a drug that has look-alikes stays unresolved and goes to review."""
    *never, guessed = LOOK_ALIKES
    assert {name: parts[name, True][0][:3] for name in never} == dict.fromkeys(never, ("UNRESOLVED", "NONE", "Y"))
    assert parts[guessed, True][0][:3] == ("tislelizumab", "FUZZY", "Y")


def test_an_acronym_is_read_only_in_a_history(parts: dict[tuple[str, bool], list[Part]]) -> None:
    """R1.9: TP in a history is paclitaxel and cisplatin, for review; in an order it is nothing."""
    assert [part[:3] for part in parts["TP", True]] == [("paclitaxel", "ACRONYM", "Y"), ("cisplatin", "ACRONYM", "Y")]
    assert [part[:2] for part in parts["TP", False]] == [("UNRESOLVED", "NONE")]


def test_strength_and_own_supply_are_kept(parts: dict[tuple[str, bool], list[Part]]) -> None:
    """R1.3, R1.4: the strength in milligrams and the patient's own supply survive the reading of the name."""
    assert parts["[国谈](自备)安罗替尼胶囊(福可维)12mg*7粒/盒", True][0][3:] == ("12.0", "Y")
    assert parts["亚叶酸钙注射液0.1g", False][0][3:] == ("100.0", "N")


def test_a_blinded_drug_names_its_trial(parts: dict[tuple[str, bool], list[Part]]) -> None:
    """R1.8: a trial's unknown drug becomes a token of that trial, for review."""
    assert parts["研究用药", False][0][:3] == ("BLINDED:NCT1", "TRIAL", "Y")
