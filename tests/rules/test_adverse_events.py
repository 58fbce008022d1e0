"""Adverse events (rules R8.1 to R8.3, R8.6): the worked cases, both sides of every window, and what texts mean."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.rules import harness, safety_cases
from tests.rules.safety_cases import Row, Treated

Found = Mapping[str, list[Row]]

CAUSALITIES = harness.example("08c_causality__expected")
DATES = {str(row["case_id"]): row for row in harness.example("00_dates__input") if row["role"] == "AE_START"}
DATES_EXPECTED = {str(row["case_id"]): row for row in harness.example("00_dates__expected")}


def event(start: str | None, raw_term: str = "乏力", grade: int | None = 1, **columns: object) -> Row:
    """An adverse event row."""
    return {"raw_term": raw_term, "start_text": start, "ctcae_grade": grade, "causality_text": "可能有关", **columns}


WORKED = harness.protocol({"bl_ecog_before": "42"}).replace('id = "rule_cases"', 'id = "worked_table"')
"""A study with a cohort of its own, so that the worked table counts its six patients and no others."""

NEXT_LINE = Treated(next_line="2024-06-20")
# situation: events in order of their starts, what the last of them is, treatment
WINDOWS: dict[str, tuple[list[Row], dict[str, object], Treated]] = {
    "began_on_the_index_day": ([event("2024-01-10")], {"trtemfl": "Y", "onset_reason": "NEW"}, Treated()),
    "began_the_day_before_index": ([event("2024-01-09")], {"trtemfl": "N", "onset_reason": "BEFORE_INDEX"}, Treated()),
    "began_30_days_after_the_last_dose": ([event("2024-07-10")], {"trtemfl": "Y"}, Treated()),
    "began_31_days_after_the_last_dose": ([event("2024-07-11")], {"trtemfl": "N", "irae_trtemfl": "Y"}, Treated()),
    "began_90_days_after_the_last_dose": ([event("2024-09-08")], {"trtemfl": "N", "irae_trtemfl": "Y"}, Treated()),
    "began_91_days_after_the_last_dose": ([event("2024-09-09")], {"irae_trtemfl": "N"}, Treated()),
    "began_the_day_before_the_next_line": ([event("2024-06-19")], {"trtemfl": "Y"}, NEXT_LINE),
    "began_with_the_next_line": ([event("2024-06-20")], {"trtemfl": "N", "irae_trtemfl": "Y"}, NEXT_LINE),
    "never_took_a_component": ([event("2024-02-01")], {"trtemfl": "N"}, Treated(last_dose=None)),
    "month_before_index": ([event("2023-12")], {"trtemfl": "N", "start_date": date(2023, 12, 1)}, Treated()),
    "month_inside_the_window": ([event("2024-06")], {"trtemfl": "Y", "start_date_flag": "D"}, Treated()),
    "month_in_which_the_window_ends": ([event("2024-07")], {"trtemfl": "U", "traefl": "U"}, Treated()),
    "year_of_index": (
        [event("2024")],
        {"trtemfl": "U", "start_date": date(2024, 1, 10), "start_date_flag": "M"},
        Treated(),
    ),
    "year_of_index_and_treated_into_the_next": ([event("2024")], {"trtemfl": "Y"}, Treated(last_dose="2025-01-20")),
    "undated": ([event(None)], {"trtemfl": "U", "onset_reason": "UNDATED", "start_date_flag": "X"}, Treated()),
    "undated_and_over_before_index": ([event(None, end_text="2024-01-09")], {"trtemfl": "N"}, Treated()),
    "worsened_under_treatment": (
        [event("2023-12-01"), event("2023-12-01", grade=2, grade_at="2024-02-01")],
        {"trtemfl": "Y", "onset_reason": "WORSENED", "onset_date": date(2024, 2, 1), "baseline_grade": 1},
        Treated(),
    ),
    "as_bad_as_before": (
        [event("2023-12-01", grade=2), event("2023-12-01", grade=2, grade_at="2024-02-01")],
        {"trtemfl": "N", "onset_reason": "NOT_WORSE"},
        Treated(),
    ),
    "worsened_the_day_before_index": (
        [event("2023-12-01"), event("2023-12-01", grade=2, grade_at="2024-01-09")],
        {"trtemfl": "N", "onset_reason": "BEFORE_INDEX"},
        Treated(),
    ),
    "worsened_after_the_window": (
        [event("2023-12-01"), event("2023-12-01", grade=2, grade_at="2024-07-11")],
        {"trtemfl": "N", "onset_reason": "WORSENED"},
        Treated(),
    ),
    "worse_than_an_unknown_grade": (
        [event("2023-12-01", grade=None), event("2023-12-01", grade=2, grade_at="2024-02-01")],
        {"trtemfl": "U", "onset_reason": "WORSENING_UNKNOWN"},
        Treated(),
    ),
    "repeated_while_the_old_one_lasts": (
        [event("2023-12-01", grade=2, end_text="2024-02-01"), event("2024-02-01", grade=2)],
        {"trtemfl": "N", "onset_reason": "NOT_WORSE"},
        Treated(),
    ),
    "repeated_after_the_old_one_ended": (
        [event("2023-12-01", grade=2, end_text="2024-01-31"), event("2024-02-01", grade=2)],
        {"trtemfl": "Y", "onset_reason": "NEW"},
        Treated(),
    ),
    "over_before_index_and_back": (
        [event("2023-11-01", grade=3, end_text="2024-01-09"), event("2024-02-01")],
        {"trtemfl": "Y", "baseline_grade": None},
        Treated(),
    ),
    "graded_after_the_cutoff": (
        [event("2024-02-01", grade_at="2025-07-06")],
        {"grade": None, "trtemfl": "Y"},
        Treated(),
    ),
    "graded_at_the_cutoff": ([event("2024-02-01", grade_at="2025-07-05")], {"grade": 1, "te_grade": None}, Treated()),
    "ended_in_a_month": (
        [event("2024-02-01", end_text="2024-03")],
        {"end_date": date(2024, 3, 31), "end_date_flag": "D"},
        Treated(),
    ),
    "died_in_the_month_of_the_end": (
        [event("2024-02-01", end_text="2024-03")],
        {"end_date": date(2024, 3, 20)},
        Treated(death="2024-03-20"),
    ),
    "ended_in_the_year_of_the_cutoff": (
        [event("2024-02-01", end_text="2025")],
        {"end_date": date(2025, 7, 5), "end_date_flag": "M"},
        Treated(),
    ),
    "lasted_beyond_the_cutoff": (
        [event("2024-02-01", end_text="2025-08-01")],
        {"end_date": date(2025, 7, 5), "is_ongoing_at_cutoff": True},
        Treated(),
    ),
}


def steroid(drug: str, day: str, dose_mg: str | None, **columns: object) -> Row:
    """A drug row of a systemic corticosteroid."""
    return {"drug_key": drug, "class": "STEROID", "start_date": day, "dose_mg": dose_mg, **columns}


def weighing(drug: Row, weight_kg: str | None = "60") -> Treated:
    return Treated(drugs=(drug,), weight_kg=weight_kg)


PREDNISONE = steroid("prednisone", "2024-02-15", "30")
LEVOTHYROXINE: Row = {"drug_key": "levothyroxine", "class": "SUPPORTIVE"}
ON_DAY = "2024-02-01"
# situation: the event, what it is, treatment
FLAGS: dict[str, tuple[Row, dict[str, object], Treated]] = {
    "pneumonitis_without_evidence": (event(ON_DAY, "pneumonitis"), {"irae_class": "LUNG", "irae_flag": "N"}, Treated()),
    "called_immune_by_the_physician": (
        event(ON_DAY, "免疫性肺炎"),
        {"irae_class": "LUNG", "irae_flag": "Y"},
        Treated(),
    ),
    "immune_by_its_causality": (
        event(ON_DAY, "皮疹", causality_text="与免疫治疗有关"),
        {"irae_flag": "Y", "causality": "RELATED"},
        Treated(),
    ),
    "infectious_pneumonia": (event(ON_DAY, "肺炎"), {"irae_class": None, "irae_flag": "N"}, weighing(PREDNISONE)),
    "steroid_on_day_14": (event(ON_DAY, "pneumonitis"), {"irae_flag": "Y"}, weighing(PREDNISONE)),
    "steroid_on_day_15": (
        event(ON_DAY, "pneumonitis"),
        {"irae_flag": "N"},
        weighing(steroid("prednisone", "2024-02-16", "30")),
    ),
    "steroid_the_day_before_the_onset": (
        event(ON_DAY, "pneumonitis"),
        {"irae_flag": "N"},
        weighing(steroid("prednisone", "2024-01-31", "30")),
    ),
    "steroid_just_below_half_a_milligram": (
        event(ON_DAY, "pneumonitis"),
        {"irae_flag": "N"},
        weighing(steroid("prednisone", ON_DAY, "29.9")),
    ),
    "methylprednisolone_counts_by_a_quarter_more": (
        event(ON_DAY, "pneumonitis"),
        {"irae_flag": "Y"},
        weighing(steroid("methylprednisolone", ON_DAY, "24")),
    ),
    "dexamethasone_by_equivalence": (
        event(ON_DAY, "pneumonitis"),
        {"irae_flag": "Y"},
        weighing(steroid("dexamethasone", ON_DAY, "4.5")),
    ),
    "dexamethasone_below_equivalence": (
        event(ON_DAY, "pneumonitis"),
        {"irae_flag": "N"},
        weighing(steroid("dexamethasone", ON_DAY, "4.4")),
    ),
    "tablets_of_a_steroid": (
        event(ON_DAY, "pneumonitis"),
        {"irae_flag": "Y"},
        weighing(steroid("prednisone", ON_DAY, None, units_per_day="6", strength_mg="5")),
    ),
    "steroid_cream": (
        event(ON_DAY, "皮疹"),
        {"irae_flag": "N"},
        weighing(steroid("prednisone", ON_DAY, "30", local_route="Y")),
    ),
    "steroid_without_a_weight": (event(ON_DAY, "pneumonitis"), {"irae_flag": "U"}, weighing(PREDNISONE, None)),
    "steroid_without_a_dose": (
        event(ON_DAY, "pneumonitis"),
        {"irae_flag": "U"},
        weighing(steroid("prednisone", ON_DAY, None)),
    ),
    "diarrhoea_grade_1_and_steroid": (event(ON_DAY, "腹泻"), {"irae_flag": "N"}, weighing(PREDNISONE)),
    "diarrhoea_grade_2_and_steroid": (event(ON_DAY, "腹泻", 2), {"irae_flag": "Y"}, weighing(PREDNISONE)),
    "transaminase_grade_2_alone": (event(ON_DAY, "ALT升高", 2), {"irae_class": "LIVER", "irae_flag": "N"}, Treated()),
    "thyroid_replaced": (
        event(ON_DAY, "甲减"),
        {"irae_class": "ENDOCRINE", "irae_flag": "Y"},
        Treated(drugs=({**LEVOTHYROXINE, "start_date": "2024-03-01"},)),
    ),
    "thyroid_replaced_long_before": (
        event(ON_DAY, "甲减"),
        {"irae_flag": "N"},
        Treated(drugs=({**LEVOTHYROXINE, "start_date": "2023-03-01"},)),
    ),
    "stated_to_be_on_replacement": (
        event(ON_DAY, "Adrenal insufficiency", endocrine_on_replacement="Y"),
        {"irae_flag": "Y"},
        Treated(),
    ),
    "tsh_without_treatment": (
        event(ON_DAY, "TSH升高"),
        {"grouped_term": "Thyroid stimulating hormone increased"},
        Treated(),
    ),
    "tsh_with_treatment": (
        event(ON_DAY, "TSH升高"),
        {"grouped_term": "Hypothyroidism"},
        Treated(drugs=({**LEVOTHYROXINE, "start_date": "2024-03-01"},)),
    ),
    "nosebleed_grade_2": (event(ON_DAY, "鼻衄", 2), {"haemorrhage_flag": "Y", "vascular_safety_flag": "N"}, Treated()),
    "nosebleed_grade_3": (event(ON_DAY, "鼻衄", 3), {"vascular_safety_flag": "Y"}, Treated()),
    "bleeding_without_a_grade": (event(ON_DAY, "咯血", None), {"vascular_safety_flag": "U"}, Treated()),
    "fistula_grade_1": (
        event(ON_DAY, "食管-气管瘘"),
        {"fistula_flag": "Y", "vascular_safety_flag": "Y", "haemorrhage_flag": "N"},
        Treated(),
    ),
    "event_that_nothing_names": (
        event(ON_DAY, "莫可名状"),
        {"term": None, "grouped_term": "UNRESOLVED", "irae_flag": "U", "vascular_safety_flag": "U"},
        Treated(),
    ),
}

# text: (term, certainty, grade) of each event that it names
TEXTS: dict[str, list[tuple[str | None, str, int | None]]] = {
    "恶心、呕吐2级": [("Nausea", "CERTAIN", 2), ("Vomiting", "CERTAIN", 2)],
    "恶心1级、腹泻2级": [("Nausea", "CERTAIN", 1), ("Diarrhea", "CERTAIN", 2)],
    "皮疹；乏力2级": [("Rash", "CERTAIN", None), ("Fatigue", "CERTAIN", 2)],
    "nausea, rash grade 2": [("Nausea", "CERTAIN", 2), ("Rash", "CERTAIN", 2)],
    "ALT/AST升高，恶心": [("Transaminases increased", "CERTAIN", None), ("Nausea", "CERTAIN", None)],
    "Ⅲ度骨髓抑制": [("Bone marrow suppression", "CERTAIN", 3)],
    "Ⅱ-Ⅲ度中性粒细胞减少": [("Neutrophil count decreased", "CERTAIN", 3)],
    "手足综合征 G2": [("Palmar-plantar erythrodysesthesia syndrome", "CERTAIN", 2)],
    "乏力2级(CTCAE5.0)": [("Fatigue", "CERTAIN", 2)],
    "发热38.5度": [("Fever", "CERTAIN", None)],
    "一度房室传导阻滞": [("Atrioventricular block first degree", "CERTAIN", None)],
    "重度中性粒细胞减少": [("Neutrophil count decreased", "CERTAIN", None)],
    "皮疹（面部、颈部）": [("Rash", "CERTAIN", None)],
    "无力": [("Fatigue", "CERTAIN", None)],
    "无恶心、呕吐": [("Nausea", "NEGATED", None), ("Vomiting", "NEGATED", None)],
    "否认恶心，皮疹": [("Nausea", "NEGATED", None), ("Rash", "UNCERTAIN", None)],
    "无恶心，有呕吐": [("Nausea", "NEGATED", None), ("Vomiting", "CERTAIN", None)],
    "no nausea or vomiting": [("Nausea", "NEGATED", None), ("Vomiting", "NEGATED", None)],
    "恶心：无": [("Nausea", "NEGATED", None)],
    "无": [],
    "未见明显不良反应": [],
    "可疑肺炎": [("Lung infection", "UNCERTAIN", None)],
    "肺炎？": [("Lung infection", "UNCERTAIN", None)],
    "不排除肺炎": [("Lung infection", "UNCERTAIN", None)],
    "肺炎": [("Lung infection", "CERTAIN", None)],
    "肺炎（免疫性）": [("Pneumonitis", "CERTAIN", None)],
    "immune-related pneumonia": [("Pneumonitis", "CERTAIN", None)],
    "Interstitial lung disease": [("Interstitial lung disease", "CERTAIN", None)],
    "Diarrhoea": [("Diarrhea", "CERTAIN", None)],
    "oedema peripheral": [("Edema limbs", "CERTAIN", None)],
    "palmar-plantar erythrodysaesthesia": [("Palmar-plantar erythrodysesthesia syndrome", "CERTAIN", None)],
    "tracheo-oesophageal fistula": [("Tracheoesophageal fistula", "CERTAIN", None)],
    "反应性皮肤毛细血管增生症": [("Reactive cutaneous capillary endothelial proliferation", "CERTAIN", None)],
    "噁心": [("Nausea", "CERTAIN", None)],
    "血小板↓": [("Platelet count decreased", "CERTAIN", None)],
    "elevated ALT": [("Alanine aminotransferase increased", "CERTAIN", None)],
    "恶心、莫名其妙": [("Nausea", "CERTAIN", None), (None, "CERTAIN", None)],
    "莫名、其妙": [(None, "CERTAIN", None)],
    "无明显诱因": [(None, "UNCERTAIN", None)],
}
OTHER_CAUSALITIES = {
    "Not Related": "NOT_RELATED",
    "UNLIKELY RELATED": "POSSIBLY_NOT",
    "Possible": "POSSIBLY",
    "probable": "RELATED",
    "Definite": "RELATED",
    "Unrelated": "NOT_RELATED",
    "POSSIBLY_NOT": "POSSIBLY_NOT",
    "Y": "RELATED",
    "N": "NOT_RELATED",
    "有关": "RELATED",
    "　可能有关 ": "POSSIBLY",
    "与试验药物可能无关": "POSSIBLY_NOT",
    "Unknown": "MISSING",
    "可能有关吧": "MISSING",
}


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
    for text in [row["source_text"] for row in CAUSALITIES] + list(OTHER_CAUSALITIES):
        treated[f"cause {text}"] = Treated()
        events[f"cause {text}"] = [event("2024-02-01", causality_text=text)]
    for case, row in DATES.items():
        treated[case], events[case] = Treated(index=str(row["index_date"])), [event(row["date_text"])]
    treated["coded"] = Treated()
    events["coded"] = [
        event("2024-02-01", "手足皮肤反应2级", None, term="Palmar-plantar erythrodysesthesia syndrome"),
        event("2024-03-01", "a word of its own", term="Rare disorder of the source"),
        event("2025-07-06", "恶心"),
    ]
    return treated, events


@pytest.fixture(scope="module")
def warehouse() -> duckdb.DuckDBPyConnection:
    """All patients of this file in one run: the plain study, one that holds missing causality unrelated, the worked table."""
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
    """R8.3: each patient once per group at the highest grade; unlikely, early and late events are out, unknown causes in."""
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
    """A coded term wins over the text, one that the vocabulary lacks stays as it is, and nothing after the cutoff counts."""
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
    assert asked[("UNRESOLVED_TERM", "event_that_nothing_names")]["item"] == "UNRESOLVED 2024-02-01"


def test_adae_marks_first_occurrences(warehouse: duckdb.DuckDBPyConnection) -> None:
    """ADAE holds one first and one worst emergent event a subject, and no flag on an event that is not emergent."""
    flagged: Any = warehouse.execute(
        "select max(n_first), max(n_worst), max(n_stray) from (select count(*) filter (where aoccfl = 'Y') as n_first,"
        " count(*) filter (where aoccifl = 'Y') as n_worst, count(*) filter (where trtemfl is null and aoccfl = 'Y')"
        " as n_stray from warehouse.adam.adae where studyid = 'rule_cases' group by usubjid)"
    ).fetchone()
    assert flagged == (1, 1, 0)
