"""Laboratory grades of the shipped SQL against the slow reference: every bound of ctcae_labs.csv, and drawn results.

2,000 results are drawn by default; the environment variable ONCOMART_GENERATED_PATIENTS sets another number.
"""

from collections.abc import Mapping

import pytest

from tests.generated import lab_results
from tests.generated.drawing import drawn, patients_wanted
from tests.generated.lab_results import LabCase
from tests.reference import grading
from tests.rules.lab_cases import bare_grades

RESULTS_DRAWN = 2000

Grades = Mapping[str, int | None]


@pytest.fixture(scope="module")
def judged() -> list[tuple[LabCase, Grades]]:
    """Every case with the grades that the SQL gives it, by CTCAE term."""
    cases = [*lab_results.boundary_cases(), *drawn(lab_results.lab_cases(), patients_wanted(RESULTS_DRAWN))]
    return list(zip(cases, bare_grades(cases), strict=True))


def disagreements(judged: list[tuple[LabCase, Grades]]) -> list[str]:
    """What SQL and reference say differently, case by case."""
    told = []
    for case, grades in judged:
        reading = grading.in_printed_unit(case.test, case.reading)
        baseline = case.baseline and grading.in_printed_unit(case.test, case.baseline)
        for term, rows in lab_results.terms_of(case.test).items():
            expected = grading.grade(rows, reading, baseline)
            if grades.get(term) != expected:
                told.append(f"{term}: SQL {grades.get(term)}, reference {expected}: {case}")
    return told


def test_every_bound_of_every_row_separates_the_grades_that_it_should(judged: list[tuple[LabCase, Grades]]) -> None:
    """Just below, on and just above each bound of each row, SQL and reference give one grade."""
    at_bounds = [each for each in judged if each[0].purpose != "drawn"]
    assert {int(case.purpose.split(",")[0].split()[1]) for case, _ in at_bounds} == {
        number for number, row in enumerate(lab_results.BOUNDS, start=2) if row["lower"] or row["upper"]
    }
    assert disagreements(at_bounds) == []


def test_drawn_results_get_one_grade_from_both(judged: list[tuple[LabCase, Grades]]) -> None:
    """With limits, units and baselines missing or of another unit, SQL and reference agree, on no grade too."""
    drawn_cases = [each for each in judged if each[0].purpose == "drawn"]
    assert len(drawn_cases) >= 100
    assert disagreements(drawn_cases) == []


def test_every_term_is_given_every_grade_of_its_rows(judged: list[tuple[LabCase, Grades]]) -> None:
    """The cases reach each grade that the bounds can give, grade 0 and no grade: agreement is not for nothing."""
    reached = {(case.test, term, grade) for case, grades in judged for term, grade in grades.items()}
    wanted = {(row["test"], row["ctcae_term"], int(row["grade"])) for row in lab_results.BOUNDS}
    assert wanted <= reached
    assert {grade for _, _, grade in reached} == {None, 0, 1, 2, 3, 4}
