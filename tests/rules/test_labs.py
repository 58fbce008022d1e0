"""Laboratory grades (R8.4, R8.5) through the shipped SQL: worked cases of 08a, and results as hospitals write them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from tests.rules import harness
from tests.rules.lab_cases import BASELINE_DAY, RESULT_DAY, graded
from tests.rules.lab_results_written import ALT_INCREASED, REJECTED, WRITTEN, Written

WORKED_UNITS = {"HGB": "g/L", "ANC": "10^9/L", "PLT": "10^9/L"}


def lab(patient: str, test: str, value: object, day: str, **limits: object) -> dict[str, object]:
    """A row of the contract table `lab`."""
    return {"patient_id": patient, "test": test, "value_text": value, "specimen_date": day, **limits}


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def _worked_rows() -> Iterator[dict[str, object]]:
    for case in harness.example("08a_labs__input"):
        patient, test = str(case["case_id"]), str(case["test"])
        shared = {"unit": WORKED_UNITS.get(test), "uln": _number(case["uln"]), "lln": _number(case["lln"])}
        yield lab(patient, test, case["value"], RESULT_DAY, **shared)
        if case["baseline"]:
            yield lab(patient, test, case["baseline"], BASELINE_DAY, **shared)


def _written_rows() -> Iterator[dict[str, object]]:
    for case in WRITTEN:
        limits = {"unit": case.unit, "uln": case.uln, "lln": case.lln}
        yield lab(case.patient, case.test, case.value, RESULT_DAY, **limits)
        for day, value, unit, uln in case.baseline:
            yield lab(case.patient, case.test, value, day, unit=unit, uln=uln)


def _story_rows() -> Iterator[dict[str, object]]:
    """Patients of whom more than one result is looked at."""
    alt = {"unit": "U/L", "uln": 40}
    for patient, before, after in [
        ("rises_from_a_raised_baseline", "130", ["125", "210"]),
        ("never_worse_than_baseline", "130", ["125"]),
        ("no_baseline", None, ["125"]),
    ]:
        if before:
            yield lab(patient, "AST", before, BASELINE_DAY, **alt | {"uln": 200})
        for number, value in enumerate(after):
            yield lab(patient, "AST", value, f"2024-02-0{number + 1}", **alt)
    for day, value in [("2024-01-08", "2.9"), ("2024-02-01", "2.8"), ("2024-02-02", "2.4"), ("2024-02-03", "2.3")]:
        yield lab("hypokalaemia_at_baseline", "K", value, day, unit="mmol/L", lln=3.5, uln=5.3)
    yield lab("month_known_only", "ALT", "500", "2024-02", **alt)
    yield lab("after_the_cutoff", "ALT", "500", "2025-07-06", **alt)
    yield lab("unknown_test", "神秘指标", "500", RESULT_DAY, **alt)
    yield lab("bracket_of_another_material", "血红蛋白(尿)", "5", RESULT_DAY, unit="g/L", lln=115)
    for day, dipstick in [("2024-02-01", "3+"), ("2024-02-15", "3+"), ("2024-02-23", "3+")]:
        yield lab("collection_overrides_dipstick", "U-PRO", dipstick, day)
    yield lab("collection_overrides_dipstick", "UPRO24", "0.8", "2024-02-08", unit="g/24h", uln=0.15)
    thyroid = {"unit": "mIU/L", "lln": 0.5, "uln": 4.8}
    ft4 = {"unit": "pmol/L", "lln": 12, "uln": 22}
    for patient, days in {
        "subclinical": [("2024-02-01", "9.0", "15")],
        "overt_and_replaced": [("2024-02-01", "30", "5"), ("2024-03-01", "12", "10")],
        "treated_too_late_for_the_first": [("2024-02-01", "9.0", "15"), ("2024-03-01", "9.5", "15")],
        "thyroiditis": [("2024-01-20", "<0.5", "30"), ("2024-03-01", "20", "8")],
        "high_before_treatment": [("2024-01-05", "9.0", "15"), ("2024-02-01", "9.5", "15")],
        "dose_raised": [("2024-02-01", "9.0", "15")],
        "dose_unchanged": [("2024-02-01", "9.0", "15")],
        "admitted": [("2024-02-01", "60", "3")],
    }.items():
        for day, tsh, free in days:
            yield lab(patient, "TSH", tsh, day, **thyroid)
            yield lab(patient, "FT4", free, day, **ft4)


LEVOTHYROXINE = [
    # patient, day, dose in mg
    ("overt_and_replaced", "2024-02-05", 0.05),
    ("treated_too_late_for_the_first", "2024-03-05", 0.05),
    ("dose_raised", "2023-06-01", 0.05),
    ("dose_raised", "2024-02-05", 0.075),
    ("dose_unchanged", "2023-06-01", 0.05),
    ("dose_unchanged", "2024-02-05", 0.05),
]


@pytest.fixture(scope="module")
def grades() -> Mapping[str, list[dict[str, Any]]]:
    """Rows of int_laboratory_grades by patient, in order of day, test and term."""
    lake = {
        "lab": [*_worked_rows(), *_written_rows(), *_story_rows()],
        "ae": [
            {
                "patient_id": "admitted",
                "raw_term": "甲减",
                "term": "Hypothyroidism",
                "ctcae_grade": 3,
                "start_text": "2024-02-03",
            }
        ],
    }
    drugs = [
        {
            "patient_id": patient,
            "drug_key": "levothyroxine",
            "source_kind": "DISPENSE",
            "start_date": date.fromisoformat(day),
            "dose_mg": dose,
        }
        for patient, day, dose in LEVOTHYROXINE
    ]
    names = {harness.patient_key(str(row["patient_id"])): str(row["patient_id"]) for row in lake["lab"]}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names.values()}
    with graded(lake, drugs) as connection:
        rows = connection.execute(
            "select * from intermediate.int_laboratory_grades order by specimen_date, test, ctcae_term"
        )
        columns = [column[0] for column in rows.description or []]
        for values in rows.fetchall():
            row = dict(zip(columns, values, strict=True))
            found[names[row["patient_key"]]].append(row)
    return found


def of_result_day(rows: Sequence[dict[str, Any]], term: str) -> dict[str, Any]:
    """The one row of the day after treatment began and of a CTCAE term."""
    [row] = [
        row
        for row in rows
        if row["specimen_date"] == date.fromisoformat(RESULT_DAY) and (row["ctcae_term"] or "") == term
    ]
    return row


@pytest.mark.parametrize("case", [row["case_id"] for row in harness.example("08a_labs__expected")])
def test_worked_laboratory_grades(case: str, grades: Mapping[str, list[dict[str, Any]]]) -> None:
    """Each worked case of 08a has the grade of the rule book, or none where the book gives none."""
    [expected] = [row for row in harness.example("08a_labs__expected") if row["case_id"] == case]
    [row] = [row for row in grades[case] if row["is_post_baseline"]]
    assert row["grade"] == (None if expected["grade_v5"] is None else int(expected["grade_v5"]))


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case.patient)
def test_results_are_read_as_hospitals_write_them(case: Written, grades: Mapping[str, list[dict[str, Any]]]) -> None:
    """Value, unit and name that can be read are graded; what cannot be is told with its reason and is not grade 0."""
    if case.expected == REJECTED:
        assert grades[case.patient] == []
        return
    row = of_result_day(grades[case.patient], case.term)
    assert (row["reason_null"] or row["grade"]) == case.expected
    assert (row["grade"] is None) == isinstance(case.expected, str)


def test_names_that_match_nothing_whole_are_not_guessed(grades: Mapping[str, list[dict[str, Any]]]) -> None:
    """An unknown name, or a known one with another material in brackets, yields no result at all."""
    assert grades["unknown_test"] == []
    assert grades["bracket_of_another_material"] == []


def test_only_what_is_dated_and_known_at_the_cutoff_counts(grades: Mapping[str, list[dict[str, Any]]]) -> None:
    """A result of an unknown day keeps its row without a grade; one after the cutoff does not exist."""
    [row] = grades["month_known_only"]
    assert (row["grade"], row["reason_null"], row["emergent_flag"]) == (None, "DATE_IMPRECISE", None)
    assert grades["after_the_cutoff"] == []


@pytest.mark.parametrize(
    ("patient", "term", "emergent"),
    [
        ("no_baseline", "Aspartate aminotransferase increased", ["Y"]),
        ("LB04", ALT_INCREASED, ["N"]),
        ("hypokalaemia_at_baseline", "Hypokalemia", ["N", "Y", "Y"]),
        ("hypokalaemia_at_baseline", "Hyperkalemia", ["N", "N", "N"]),
        ("high_before_treatment", "Hypothyroidism", ["N"]),
        ("subclinical", "Hypothyroidism", ["Y"]),
    ],
)
def test_a_result_is_emergent_above_the_baseline_grade(
    patient: str, term: str, emergent: list[str], grades: Mapping[str, list[dict[str, Any]]]
) -> None:
    """Emergent is a grade after the index date above the worst of the baseline day, above 0 without a baseline."""
    rows = [row for row in grades[patient] if row["ctcae_term"] == term and row["is_post_baseline"]]
    assert [row["emergent_flag"] for row in rows] == emergent


def test_the_worst_result_is_the_first_of_the_highest_grade(grades: Mapping[str, list[dict[str, Any]]]) -> None:
    """One result by patient and term is the worst after the index date; of equal grades the earliest."""
    rows = [row for row in grades["hypokalaemia_at_baseline"] if row["ctcae_term"] == "Hypokalemia"]
    assert [(row["grade"], row["worst_flag"]) for row in rows] == [(3, "N"), (3, "N"), (4, "Y"), (4, "N")]


def test_baseline_rows_and_flags_are_told(grades: Mapping[str, list[dict[str, Any]]]) -> None:
    """A baseline from before the window is LATE, none is BASELINE_MISSING, and the baseline record is marked."""
    assert of_result_day(grades["late_baseline_counts"], ALT_INCREASED)["grade_flags"] == "LATE"
    assert of_result_day(grades["baseline_older_than_late"], ALT_INCREASED)["grade_flags"] == ("BASELINE_MISSING")
    same_day = [(row["value"], row["baseline_flag"]) for row in grades["worst_of_the_day_is_the_baseline"][:2]]
    assert sorted(same_day) == [(30, "N"), (80, "Y")]


def test_a_collection_overrides_the_dipsticks_of_seven_days(grades: Mapping[str, list[dict[str, Any]]]) -> None:
    """Seven days from a 24 h collection a dipstick takes its grade, eight days from it no longer."""
    rows = [row for row in grades["collection_overrides_dipstick"] if row["test"] == "UPRO_DIP"]
    assert [(str(row["specimen_date"]), row["grade"], row["grade_flags"]) for row in rows] == [
        ("2024-02-01", 1, "BASELINE_MISSING,BY_24H_COLLECTION"),
        ("2024-02-15", 1, "BASELINE_MISSING,BY_24H_COLLECTION"),
        ("2024-02-23", 2, "BASELINE_MISSING"),
    ]


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ("subclinical", [(1, "SUBCLINICAL")]),
        ("overt_and_replaced", [(2, "OVERT,REPLACEMENT"), (2, "OVERT,REPLACEMENT")]),
        ("treated_too_late_for_the_first", [(1, "SUBCLINICAL"), (2, "SUBCLINICAL,REPLACEMENT")]),
        ("thyroiditis", [(0, ""), (1, "OVERT,THYROIDITIS")]),
        ("high_before_treatment", [(1, "SUBCLINICAL")]),
        ("dose_raised", [(2, "SUBCLINICAL,REPLACEMENT")]),
        ("dose_unchanged", [(1, "SUBCLINICAL")]),
        ("admitted", [(3, "OVERT")]),
    ],
)
def test_hypothyroidism_follows_tsh_and_replacement(
    patient: str, expected: list[tuple[int, str]], grades: Mapping[str, list[dict[str, Any]]]
) -> None:
    """A high TSH is grade 1, with levothyroxine started or raised 2, with the clinician's grade 3; FT4 says more."""
    rows = [row for row in grades[patient] if row["ctcae_term"] == "Hypothyroidism" and row["is_post_baseline"]]
    assert [(row["grade"], row["grade_flags"].removeprefix("BASELINE_MISSING").strip(",")) for row in rows] == expected


def test_a_low_tsh_is_hyperthyroidism_and_stays_beside_what_follows(
    grades: Mapping[str, list[dict[str, Any]]],
) -> None:
    """Both phases of thyroiditis are kept; `<0.5` at a lower limit of 0.5 is below it."""
    rows = [row for row in grades["thyroiditis"] if row["ctcae_term"] == "Hyperthyroidism"]
    assert [row["grade"] for row in rows] == [1, 0]


def test_terms_with_a_clinical_part_are_marked(grades: Mapping[str, list[dict[str, Any]]]) -> None:
    """Grades of lipase, hyponatraemia and TSH take a worst case or are derived, and say so; those of ALT do not."""
    found = {
        term: (row["numeric_in_ctcae"], row["has_clinical_part"])
        for patient, term in [
            ("above_every_bound", "Lipase increased"),
            ("sodium_by_its_symbol", "Hyponatremia"),
            ("sodium_by_its_symbol", "Hypernatremia"),
            ("full_width_digits", ALT_INCREASED),
            ("subclinical", "Hypothyroidism"),
        ]
        for row in [of_result_day(grades[patient], term)]
    }
    assert found == {
        "Lipase increased": ("Y", "Y"),
        "Hyponatremia": ("Y", "Y"),
        "Hypernatremia": ("Y", "N"),
        ALT_INCREASED: ("Y", "N"),
        "Hypothyroidism": ("N", "N"),
    }
