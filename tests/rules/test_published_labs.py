"""Laboratory grades (R8.4) of cases that others have published, through the shipped SQL."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from tests.reference.tables import SEEDS, read_csv
from tests.rules import harness
from tests.rules.lab_cases import BASELINE_DAY, RESULT_DAY, graded

PUBLISHED = Path(__file__).resolve().parent / "published" / "ctcae_v5_admiral.csv"

SCALED_TABLES = {
    # Table in SI units: its unit, and the conventional units with admiral's factor.
    "anemia_si": ("G/L", {"g/dL": "0.1"}),
    "albd_si": ("G/L", {"g/dL": "0.1"}),
    "lymd_si": ("10^9/L", {"10^3/uL": "1", "10^3/mL": "1000"}),
    "neut_si": ("10^9/L", {"10^3/uL": "1", "10^3/mL": "1000"}),
    "plate_si": ("10^9/L", {"10^3/uL": "1", "10^3/mL": "1000"}),
    "wbcd": ("10^9/L", {"10^3/uL": "1", "10^3/mL": "1000"}),
    "caliond_si": ("mmol/L", {"mg/dL": "4"}),
}

UNITS_WITHOUT_BOUNDS = {"calioni_cv", "caliond_si in mg/dL"}
"""R8.4: no conversion across rounded bounds; the book prints ionised calcium in mmol/L only, so DQ011 rejects mg/dL."""

BOOK_INCLUDES_THE_BOUND = {"trigi_si_10": 1, "trigi_cv_10": 1, "ggt_abnormal_10": 1}
"""Grade 1 of triglycerides begins at 1.71 mmol/L or 150 mg/dL, that of GGT at 2.0 times a high baseline, both
included in ctcae_labs as CTCAE v5 prints them; admiral leaves the bound itself at grade 0."""

TERMS_OUTSIDE_THE_BOOK = {
    "Leukocytosis",
    "CD4 lymphocytes decreased",
    "Fibrinogen decreased",
    "Haptoglobin decreased",
    "Hemoglobin increased",
    "INR increased",
    "Lymphocyte count increased",
}
"""admiral grades them by CTCAE v5; the book's list does not have them, so none of their cases is carried over."""


@dataclass(frozen=True)
class Published:
    """One published case: a result with what it is judged by, and its published grade, None if it cannot be graded."""

    case: str
    table: str
    ctcae_term: str
    test: str
    value: str | None
    unit: str | None
    lln: Decimal | None
    uln: Decimal | None
    base: str | None
    base_uln: Decimal | None
    grade: int | None

    def lake_rows(self) -> Iterator[dict[str, object]]:
        """The result and its baseline as rows of the contract table `lab`."""
        patient = {"patient_id": self.case, "test": self.test, "unit": self.unit}
        yield patient | {"value_text": self.value, "specimen_date": RESULT_DAY, "lln": self.lln, "uln": self.uln}
        if self.base:
            yield patient | {"value_text": self.base, "specimen_date": BASELINE_DAY, "uln": self.base_uln}

    @property
    def expected(self) -> int | None:
        """The grade that the rule book gives."""
        if self.table in UNITS_WITHOUT_BOUNDS:
            return None
        return BOOK_INCLUDES_THE_BOUND.get(self.case, self.grade)


def _scaled(text: str, factor: str) -> Decimal | None:
    return Decimal(text) * Decimal(factor) if text else None


def _published() -> Iterator[Published]:
    for row in read_csv(PUBLISHED):
        table = row["case"].rpartition("_")[0]
        si_unit, conventional = SCALED_TABLES.get(table, ("", {}))
        for unit, factor in {"": "1", **conventional}.items():
            value = _scaled(row["value"], factor)
            place = f" in {unit}" if unit else ""
            yield Published(
                case=row["case"] + place,
                table=table + place,
                ctcae_term=row["ctcae_term"],
                test=row["test"],
                value=None if value is None else f"{value:f}",
                unit=(unit if unit and row["unit"].upper() == si_unit.upper() else row["unit"]) or None,
                lln=_scaled(row["lln"], factor),
                uln=_scaled(row["uln"], factor),
                base=row["base"] or None,
                base_uln=_scaled(row["base_uln"], factor),
                grade=int(row["grade"]) if row["grade"] else None,
            )


CASES = list(_published())
TABLES = sorted({case.table for case in CASES})


@pytest.fixture(scope="module")
def grades() -> Mapping[tuple[str, str], int | None]:
    """Grade by case and CTCAE term on the day of the result; a rejected result has no entry."""
    names = {harness.patient_key(case.case): case.case for case in CASES}
    with graded({"lab": [row for case in CASES for row in case.lake_rows()]}) as connection:
        rows = connection.execute(
            "select patient_key, ctcae_term, grade from intermediate.int_laboratory_grades where is_post_baseline"
        ).fetchall()
    return {(names[patient], term): grade for patient, term, grade in rows}


@pytest.mark.parametrize("table", TABLES)
def test_published_cases_have_their_grade(table: str, grades: Mapping[tuple[str, str], int | None]) -> None:
    """A published result has its published grade, or the book's where the book reads a bound otherwise."""
    cases = [case for case in CASES if case.table == table]
    found = {case.case: grades.get((case.case, case.ctcae_term)) for case in cases}
    assert found == {case.case: case.expected for case in cases}


def test_only_units_without_bounds_are_rejected(grades: Mapping[tuple[str, str], int | None]) -> None:
    """A published result is kept, graded or not, unless its unit cannot be compared with the bounds of its test."""
    rejected = {(case.table, case.unit) for case in CASES if (case.case, case.ctcae_term) not in grades}
    assert {(table, unit) for table, unit in rejected if table not in UNITS_WITHOUT_BOUNDS} == {
        ("anemia_si", "G/cL"),
        ("anemia_si in g/dL", "G/cL"),
        ("choles_si", "umol/L"),
        ("choles_cv", "ug/dL"),
    }


def test_terms_outside_the_book_are_still_outside() -> None:
    """The terms left out of the published cases are those that the list of bounds does not have."""
    terms = {row["ctcae_term"] for row in read_csv(SEEDS / "ctcae_labs.csv")}
    assert {case.ctcae_term for case in CASES} <= terms
    assert not TERMS_OUTSIDE_THE_BOOK & terms
