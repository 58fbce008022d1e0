"""Laboratory results as hospitals write them, each with the grade that must come of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

ALT_INCREASED = "Alanine aminotransferase increased"
CREATININE_INCREASED = "Creatinine increased"
NEUTROPHILS_DECREASED = "Neutrophil count decreased"


@dataclass(frozen=True)
class Written:
    """One result as a hospital writes it, and what must come of it: grade, or the reason why there is none."""

    patient: str
    test: str
    value: str | None
    unit: str | None
    expected: int | str | None
    term: str
    uln: float | None = None
    lln: float | None = None
    baseline: Sequence[tuple[str, str, str | None, float | None]] = field(default=())
    """Earlier results: day, value, unit, upper limit."""


REJECTED = "DQ011"
"""A unit that nothing converts into the canonical unit of the test: staging rejects the row."""

DIPSTICKS: list[tuple[str, int | str]] = [
    ("阴性", 0),
    ("-", 0),
    ("±", 0),
    ("弱阳性", 0),
    ("trace", 0),
    ("+", 1),
    ("1+", 1),
    ("＋１", 1),
    ("阳性(+)", 1),
    ("2+", 2),
    ("++", 2),
    ("3+(5.0)", 2),
    ("+++", 2),
    ("4+", 3),
    ("＋＋＋＋", 3),
    ("NEGATIVE", 0),
    ("阳性", "NOT_A_NUMBER"),
    ("5+", "NOT_A_NUMBER"),
    ("30", "NOT_A_NUMBER"),
]
"""Urine protein by dipstick, as laboratories print it, with its grade or the reason why it has none."""

WRITTEN = [
    # How the value is written.
    Written("full_width_digits", "ALT", "１２０．１", "U/L", 2, ALT_INCREASED, uln=40),
    Written("arrow_behind_the_value", "ALT", "120.1↑", "U/L", 2, ALT_INCREASED, uln=40),
    Written("letter_behind_the_value", "ALT", "120.1 H", "U/L", 2, ALT_INCREASED, uln=40),
    Written("thousands_separator", "ALT", "1,200", "U/L", 4, ALT_INCREASED, uln=40),
    Written("binary_noise", "TBIL", "25.799999999999997", "umol/L", 1, "Blood bilirubin increased", uln=17.2),
    Written("see_remarks", "ALT", "见备注", "U/L", "NOT_A_NUMBER", ALT_INCREASED, uln=40),
    Written("range_instead_of_value", "ALT", "20-40", "U/L", "NOT_A_NUMBER", ALT_INCREASED, uln=40),
    Written("no_value", "ALT", None, "U/L", "VALUE_MISSING", ALT_INCREASED, uln=40),
    Written("below_detection_is_normal", "ALT", "<5", "U/L", 0, ALT_INCREASED, uln=40),
    Written("below_a_raised_value", "ALT", "<130", "U/L", "VALUE_CENSORED", ALT_INCREASED, uln=40),
    Written("above_every_bound", "LIPASE", "＞2000", "U/L", 4, "Lipase increased", uln=60),
    Written("above_the_limit_only", "LIPASE", ">60", "U/L", "VALUE_CENSORED", "Lipase increased", uln=60),
    Written("neutrophils_below_half", "ANC", "<0.5", "10^9/L", 4, NEUTROPHILS_DECREASED, lln=1.8),
    Written("neutrophils_below_one", "ANC", "小于1.0", "10^9/L", "VALUE_CENSORED", NEUTROPHILS_DECREASED, lln=1.8),
    # How the unit is written.
    Written("grams_a_decilitre", "HGB", "7.99", "g/dL", 3, "Anemia", lln=11.5),
    Written("grams_a_decilitre_on_the_bound", "HGB", "8.0", "g/dl", 2, "Anemia", lln=11.5),
    Written("count_a_cubic_millimetre", "ANC", "999", "/mm³", 3, NEUTROPHILS_DECREASED, lln=1800),
    Written("count_a_microlitre", "ANC", "1000", "cells/µL", 2, NEUTROPHILS_DECREASED, lln=1800),
    Written("thousands_a_microlitre", "PLT", "74.9", "×10³/μL", 2, "Platelet count decreased", lln=125),
    Written("full_width_unit", "PLT", "75", "１０＾９／Ｌ", 1, "Platelet count decreased", lln=125),
    Written("ucum_unit", "WBC", "0.99", "10*3/uL", 4, "White blood cell decreased", lln=4),
    Written("count_with_its_one", "ANC", "999", "1/uL", 3, NEUTROPHILS_DECREASED, lln=1800),
    Written("count_a_nanolitre", "PLT", "74.9", "/nL", 2, "Platelet count decreased", lln=125),
    Written("blank_unit_of_a_count", "ANC", "0.45", None, "UNIT_BLANK", NEUTROPHILS_DECREASED, lln=1.8),
    Written("percent_of_a_count", "ANC", "45", "%", REJECTED, NEUTROPHILS_DECREASED, lln=40),
    Written("blank_unit_of_a_multiple", "ALT", "120.1", None, 2, ALT_INCREASED, uln=40),
    Written("unknown_unit_of_a_multiple", "ALT", "2.1", "ukat/L", 2, ALT_INCREASED, uln=0.67),
    Written("milliequivalents", "POTASSIUM", "2.9", "mEq/L", 3, "Hypokalemia", lln=3.5),
    Written("us_magnesium_by_its_own_bounds", "MG", "1.2", "mg/dL", 1, "Hypomagnesemia", lln=1.7),
    Written("us_glucose_by_its_own_bounds", "GLU", "54.9", "mg/dl", 2, "Hypoglycemia", lln=70),
    Written("us_triglycerides_on_the_bound", "TG", "300", "mg/dL", 1, "Hypertriglyceridemia"),
    Written("us_calcium_above_the_bound", "CA_CORR", "12.6", "mg/dL", 3, "Hypercalcemia", uln=10.2),
    Written("ionised_calcium_without_us_bounds", "CA_ION", "5.0", "mg/dL", REJECTED, "Hypercalcemia (Ionized)"),
    # How the test is named.
    Written("named_in_chinese", "谷丙转氨酶", "120.1", "U/L", 2, ALT_INCREASED, uln=40),
    Written("named_with_its_code", "血清丙氨酸氨基转移酶（ALT）", "120.1", "U/L", 2, ALT_INCREASED, uln=40),
    Written("named_with_its_method", "★总胆红素(重氮法)", "25.9", "umol/L", 2, "Blood bilirubin increased", uln=17.2),
    Written("named_by_loinc", "6768-6", "301", "U/L", 2, "Alkaline phosphatase increased", uln=120),
    Written("named_by_loinc_name", "Leukocytes [#/volume] in Blood", "1.9", "10*3/uL", 3, "White blood cell decreased"),
    Written("named_by_cdisc_code", "LIPASET", "301", "U/L", 4, "Lipase increased", uln=60),
    Written("sodium_by_its_symbol", "Na", "119", "mmol/L", 4, "Hyponatremia", lln=137),
    Written("gamma_gt", "γ－谷氨酰转移酶", "126", "U/L", 2, "GGT increased", uln=50),
    # Limits and baselines.
    Written("worst_grade_needs_no_limit", "ANC", "0.9", "10^9/L", 3, NEUTROPHILS_DECREASED),
    Written("mildest_grade_needs_its_limit", "POTASSIUM", "3.4", "mmol/L", "LLN_MISSING", "Hypokalemia"),
    Written(
        "creatinine_by_baseline_alone",
        "CREAT",
        "160",
        "umol/L",
        2,
        CREATININE_INCREASED,
        baseline=[("2024-01-01", "80", "umol/L", None)],
    ),
    Written(
        "creatinine_not_raised_without_limit",
        "CREAT",
        "100",
        "umol/L",
        "ULN_MISSING",
        CREATININE_INCREASED,
        baseline=[("2024-01-01", "80", "umol/L", None)],
    ),
    Written(
        "creatinine_baseline_in_mg",
        "CREAT",
        "132.7",
        "umol/L",
        2,
        CREATININE_INCREASED,
        uln=104,
        baseline=[("2024-01-01", "1.0", "mg/dL", 1.2)],
    ),
    Written(
        "creatinine_baseline_in_mg_on_the_bound",
        "CREAT",
        "132.6",
        "umol/L",
        1,
        CREATININE_INCREASED,
        uln=104,
        baseline=[("2024-01-01", "1.0", "mg/dL", 1.2)],
    ),
    Written(
        "high_baseline_by_its_own_limit",
        "ALT",
        "130",
        "U/L",
        1,
        ALT_INCREASED,
        uln=100,
        baseline=[("2024-01-01", "80", "U/L", 40)],
    ),
    Written(
        "normal_baseline_by_its_own_limit",
        "ALT",
        "130",
        "U/L",
        2,
        ALT_INCREASED,
        uln=40,
        baseline=[("2024-01-01", "80", "U/L", 100)],
    ),
    Written(
        "baseline_without_limit",
        "ALT",
        "130",
        "U/L",
        "BASELINE_ULN_MISSING",
        ALT_INCREASED,
        uln=40,
        baseline=[("2024-01-01", "80", "U/L", None)],
    ),
    Written(
        "baseline_of_another_unit",
        "ALT",
        "130",
        "U/L",
        "BASELINE_UNIT_DIFFERS",
        ALT_INCREASED,
        uln=40,
        baseline=[("2024-01-01", "2", "ukat/L", 0.7)],
    ),
    Written(
        "first_day_of_the_window",
        "ALT",
        "130",
        "U/L",
        1,
        ALT_INCREASED,
        uln=40,
        baseline=[("2023-12-25", "80", "U/L", 40)],
    ),
    Written(
        "late_baseline_counts",
        "ALT",
        "130",
        "U/L",
        1,
        ALT_INCREASED,
        uln=40,
        baseline=[("2023-12-11", "80", "U/L", 40)],
    ),
    Written(
        "baseline_older_than_late",
        "ALT",
        "130",
        "U/L",
        2,
        ALT_INCREASED,
        uln=40,
        baseline=[("2023-12-10", "80", "U/L", 40)],
    ),
    Written(
        "latest_day_is_the_baseline",
        "ALT",
        "130",
        "U/L",
        2,
        ALT_INCREASED,
        uln=40,
        baseline=[("2024-01-02", "80", "U/L", 40), ("2024-01-08", "30", "U/L", 40)],
    ),
    Written(
        "worst_of_the_day_is_the_baseline",
        "ALT",
        "130",
        "U/L",
        1,
        ALT_INCREASED,
        uln=40,
        baseline=[("2024-01-02", "30", "U/L", 40), ("2024-01-02", "80", "U/L", 40)],
    ),
    # Dipsticks.
    *(
        Written(f"dipstick_{number}", "尿蛋白", text, None, grade, "Proteinuria")
        for number, (text, grade) in enumerate(DIPSTICKS)
    ),
    Written("collection_in_milligrams", "24小时尿蛋白定量", "3500", "mg/24h", 3, "Proteinuria", uln=150),
    Written("collection_on_the_limit", "UPRO24", "0.15", "g/24h", 1, "Proteinuria", uln=0.15),
    Written("ratio_is_not_graded", "尿蛋白/肌酐", "4.0", "g/g", "NO_NUMERIC_RULE", ""),
]
