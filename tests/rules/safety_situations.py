"""Situations of adverse events (R8) as rows, each with what it is: for test_adverse_events."""

from datetime import date

from tests.rules.safety_cases import Row, Treated


def event(start: str | None, raw_term: str = "乏力", grade: int | None = 1, **columns: object) -> Row:
    """An adverse event row."""
    return {"raw_term": raw_term, "start_text": start, "ctcae_grade": grade, "causality_text": "可能有关", **columns}


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
