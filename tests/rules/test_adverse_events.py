"""Adverse events (rules R8.1 to R8.3, R8.6): the worked cases, both sides of every window, and what texts mean."""

from collections.abc import Mapping
from typing import Any

import duckdb
import pytest

from tests.rules import harness, safety_cases
from tests.rules.safety_cases import Row, Treated
from tests.rules.safety_situations import FLAGS, OTHER_CAUSALITIES, TEXTS, WINDOWS, event

Found = Mapping[str, list[Row]]

CAUSALITIES = harness.example("08c_causality__expected")
DATES = {str(row["case_id"]): row for row in harness.example("00_dates__input") if row["role"] == "AE_START"}
DATES_EXPECTED = {str(row["case_id"]): row for row in harness.example("00_dates__expected")}


WORKED = harness.protocol({"bl_ecog_before": "42"}).replace('id = "rule_cases"', 'id = "worked_table"')
"""A study with a cohort of its own, so that the worked table counts its six patients and no others."""


def _worked_table() -> tuple[dict[str, Treated], dict[str, list[Row]]]:
    treated: dict[str, Treated] = {}
    events: dict[str, list[Row]] = {}
    for patient in harness.example("08b_ae__input_patients"):
        name = f"AE01_{patient['patient']}"
        treated[name] = Treated(str(patient["index"]), patient["last_dose"], patient["nact"], study=WORKED)
        events[name] = [
            event(row["onset"], str(row["term"]), int(str(row["grade"])), causality_text=row["causality"])
            for row in harness.example("08b_ae__input")
            if row["patient"] == patient["patient"]
        ]
    return treated, events


def _batch() -> tuple[dict[str, Treated], dict[str, list[Row]]]:
    treated, events = _worked_table()
    for name, (some, _, patient) in WINDOWS.items():
        treated[name], events[name] = patient, some
    for name, (one, _, patient) in FLAGS.items():
        treated[name], events[name] = patient, [one]
    for text in TEXTS:
        treated[f"text {text}"], events[f"text {text}"] = Treated(), [event("2024-02-01", text, None)]
    for cause in [*(row["source_text"] for row in CAUSALITIES), *OTHER_CAUSALITIES]:
        treated[f"cause {cause}"] = Treated()
        events[f"cause {cause}"] = [event("2024-02-01", causality_text=cause)]
    for case, dates in DATES.items():
        treated[case], events[case] = Treated(index=str(dates["index_date"])), [event(dates["date_text"])]
    treated["coded"] = Treated()
    events["coded"] = [
        event("2024-02-01", "手足皮肤反应2级", None, term="Palmar-plantar erythrodysesthesia syndrome"),
        event("2024-03-01", "a word of its own", term="Rare disorder of the source"),
        event("2025-07-06", "恶心"),
    ]
    return treated, events


@pytest.fixture(scope="module")
def warehouse() -> duckdb.DuckDBPyConnection:
    """All patients of this file in one run: the plain study, a stricter one on missing causality, the worked table."""
    return safety_cases.run(*_batch(), protocols=[safety_cases.PLAIN, safety_cases.STRICT, WORKED])


@pytest.fixture(scope="module")
def found(warehouse: duckdb.DuckDBPyConnection) -> Found:
    """Rows of marts.adverse_events by patient, in the order of their source rows and parts."""
    names = {harness.patient_key(name): name for name in _batch()[0]}
    by_name: dict[str, list[Row]] = {name: [] for name in names.values()}
    query = "select * from warehouse.marts.adverse_events where study_id = 'rule_cases' order by source_row"
    for row in safety_cases.rows(warehouse, query):
        by_name[names[str(row["patient_key"])]].append(row)
    return by_name


@pytest.mark.parametrize("case", ["AE01"])
def test_the_worked_table_of_events(warehouse: duckdb.DuckDBPyConnection, case: str) -> None:
    """R8.3: each patient once a group at the highest grade; unlikely, early and late events out, unknown causes in."""
    expected = [row for row in harness.example("08b_ae__expected") if row["case_id"] == case]
    columns = [name for name in expected[0] if name != "case_id"]
    summary = safety_cases.rows(
        warehouse,
        "select * from warehouse.marts.adverse_event_summary where study_id = 'worked_table' and scope = 'TRAE'",
    )
    found = {tuple(str(row[name]) for name in columns) for row in summary}
    assert found == {tuple(str(row[name]) for name in columns) for row in expected}
    assert len(summary) == len(expected)


@pytest.mark.parametrize("row", CAUSALITIES, ids=lambda row: f"CA01-{row['source_text'] or 'blank'}")
def test_the_worked_causalities(found: Found, row: dict[str, str | None]) -> None:
    """R8.2: a causality is read as a whole value, and a missing one counts as related."""
    (seen,) = found[f"cause {row['source_text']}"]
    assert (seen["causality"], seen["traefl"]) == (row["mapped"], row["trae"])


@pytest.mark.parametrize(("text", "causality"), OTHER_CAUSALITIES.items(), ids=list(OTHER_CAUSALITIES))
def test_causality_in_other_spellings(found: Found, text: str, causality: str) -> None:
    """R8.2: English, NCI and CDISC wordings are known as whole values; an unknown text is never guessed."""
    assert [seen["causality"] for seen in found[f"cause {text}"]] == [causality]


def test_a_study_may_hold_missing_causality_unrelated(warehouse: duckdb.DuckDBPyConnection) -> None:
    """R8.2: missing_causality decides about MISSING and about nothing else."""
    counted = warehouse.execute(
        "select study_id, causality, bool_and(relfl = 'Y'), bool_or(relfl = 'Y') from warehouse.marts.adverse_events"
        " group by all order by all"
    ).fetchall()
    related = {(study, causality): (every, some) for study, causality, every, some in counted}
    assert related[("rule_cases", "MISSING")] == (True, True)
    assert related[("strict_causality", "MISSING")] == (False, False)
    assert related[("strict_causality", "POSSIBLY")] == (True, True)
    assert related[("rule_cases", "POSSIBLY_NOT")] == (False, False)


@pytest.mark.parametrize("case", DATES)
def test_the_worked_starts_of_events(found: Found, case: str) -> None:
    """R0.3: a month of onset counts from its first day, but from the index date in the month of the index date."""
    (seen,) = found[case]
    expected = DATES_EXPECTED[case]
    assert (str(seen["start_date"]), seen["start_date_flag"], seen["trtemfl"]) == (
        expected["date"],
        expected["flag"],
        "Y",
    )


@pytest.mark.parametrize("situation", WINDOWS)
def test_both_sides_of_every_window(found: Found, situation: str) -> None:
    """R8.1, R0.3, R0.4: an event is emergent inside its windows, not outside, and unknown where its day is."""
    _, expected, _ = WINDOWS[situation]
    latest = found[situation][-1]
    assert {name: latest[name] for name in expected} == expected


@pytest.mark.parametrize("situation", FLAGS)
def test_immune_related_and_vascular_flags(found: Found, situation: str) -> None:
    """R8.6: class and evidence make an immune-related event; severe bleeding or any fistula is a vascular event."""
    _, expected, _ = FLAGS[situation]
    (seen,) = found[situation]
    assert {name: seen[name] for name in expected} == expected


@pytest.mark.parametrize("text", TEXTS)
def test_what_a_text_says(warehouse: duckdb.DuckDBPyConnection, text: str) -> None:
    """R8.3: a text gives the events that it names, their grades, and what it denies or doubts; the rest stays open."""
    seen = warehouse.execute(
        "select term, certainty, grade from intermediate.int_adverse_events where patient_key = ? order by part_no",
        [harness.patient_key(f"text {text}")],
    ).fetchall()
    denied = [row for row in TEXTS[text] if row[1] == "NEGATED"]
    assert [row if row[1] != "NEGATED" else (row[0], row[1], None) for row in seen] == TEXTS[text]
    assert all(grade is None for _, _, grade in denied)


def test_denied_and_absent_events_are_no_events(found: Found) -> None:
    """What a text denies, or a text that says that there was nothing, reaches no table."""
    assert found["text 无恶心、呕吐"] == found["text 无"] == []


def test_doubtful_events_count_nowhere(found: Found) -> None:
    """R0.2: a doubtful event is listed as such and is nobody's highest grade."""
    (seen,) = found["text 可疑肺炎"]
    assert (seen["certainty"], seen["max_grade_flag"]) == ("UNCERTAIN", "N")


def test_a_term_of_the_source_is_taken_as_coded(found: Found) -> None:
    """A coded term wins over the text, one that is not in the vocabulary stays, and nothing after the cutoff counts."""
    coded = [(seen["term"], seen["match_method"], seen["grade"]) for seen in found["coded"]]
    assert coded == [
        ("Palmar-plantar erythrodysesthesia syndrome", "CODED", 2),
        ("Rare disorder of the source", "AS_CODED", 1),
    ]


def test_unknown_words_are_listed_for_review(warehouse: duckdb.DuckDBPyConnection) -> None:
    """R8.2, R8.3: unknown terms and causalities stand on the worklist with their counts."""
    listed = {
        (row["vocabulary"], row["unknown_text"]): (row["n_rows"], row["n_patients"])
        for row in safety_cases.rows(warehouse, "select * from warehouse.quality.unresolved_terms")
    }
    assert listed[("AE_CAUSALITY", "可能有关吧")] == (1, 1)
    assert listed[("AE_TERM", "莫可名状")] == (1, 1)
    assert listed[("AE_TERM", "Rare disorder of the source")] == (1, 1)
    assert ("AE_TERM", "恶心") not in listed


def test_open_questions_reach_a_person(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Each kind of doubt gives a row to review, of the patient whom it concerns and without free text."""
    keys = {harness.patient_key(name): name for name in _batch()[0]}
    asked = {
        (row["review_reason"], keys[str(row["patient_key"])]): row
        for row in safety_cases.rows(warehouse, "select * from intermediate.int_reviews_safety")
    }
    for expected in [
        ("UNKNOWN_CAUSALITY_TEXT", "cause 可能有关吧"),
        ("UNCERTAIN_EVENT", "text 可疑肺炎"),
        ("UNRESOLVED_TERM", "event_that_nothing_names"),
        ("GRADE_OF_A_LIST", "text 恶心、呕吐2级"),
        ("ONSET_UNCLEAR", "undated"),
        ("IMMUNE_EVIDENCE_UNCLEAR", "steroid_without_a_weight"),
        ("VASCULAR_SAFETY_LIST", "nosebleed_grade_3"),
    ]:
        assert asked[expected]["evidence"]
    assert asked[("UNRESOLVED_TERM", "event_that_nothing_names")]["item"] == "UNRESOLVED_TERM UNRESOLVED 2024-02-01"


def test_adae_marks_first_occurrences(warehouse: duckdb.DuckDBPyConnection) -> None:
    """ADAE holds one first and one worst emergent event a subject, and no flag on an event that is not emergent."""
    flagged: Any = warehouse.execute(
        "select max(n_first), max(n_worst), max(n_stray) from (select count(*) filter (where aoccfl = 'Y') as n_first,"
        " count(*) filter (where aoccifl = 'Y') as n_worst, count(*) filter (where trtemfl is null and aoccfl = 'Y')"
        " as n_stray from warehouse.adam.adae where studyid = 'rule_cases' group by usubjid)"
    ).fetchone()
    assert flagged == (1, 1, 0)
