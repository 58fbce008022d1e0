"""The drawn patients reach what they are meant to reach: a comparison that never meets a rule says nothing about it."""

from collections import Counter

import pytest

from tests.generated.comparison import books
from tests.generated.drawing import drawn
from tests.generated.reading import Reading
from tests.generated.strategies import combination_histories, curative_histories, line_histories

ADVANCE_REASONS = {"FIRST", "PD", "PD_RESTART", "GAP", "NEW_DRUG_PD_UNKNOWN"}
TAGS = {"TBP", "HOLIDAY", "FORMULATION", "SUBST", "ADD_NONPD"}
ICI_CLASSES = {
    "NAIVE",
    "ADD_ON",
    "RESUMPTION_NO_PD",
    "CONTINUATION_BEYOND_PD",
    "RECHALLENGE_SAME",
    "RECHALLENGE_SWITCH",
    "UNKNOWN",
}
BEST_RESPONSES = {"CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "MISSING"}
PFS_CODES = {0, 1, 2, 8}


@pytest.fixture(scope="module")
def line_readings() -> list[Reading]:
    known = books()
    return [
        Reading(history, known) for kind in (line_histories(), curative_histories()) for history in drawn(kind, 400)
    ]


@pytest.fixture(scope="module")
def included() -> list[Reading]:
    known = books()
    readings = (Reading(history, known) for history in drawn(combination_histories(), 400))
    return [reading for reading in readings if reading.is_included]


def test_lines_advance_for_every_reason(line_readings: list[Reading]) -> None:
    """Every row of the table in R2.4 decides about some drawn patient."""
    lines = [line for reading in line_readings for line in reading.lines]
    assert {line.advance_reason for line in lines} == ADVANCE_REASONS
    assert {tag for line in lines for tag in line.tags} == TAGS


def test_curative_courses_count_and_do_not_count(line_readings: list[Reading]) -> None:
    """R2.5: both sides of the six months are drawn, and palliative lines beside them."""
    lines = [line for reading in line_readings for line in reading.lines]
    found = Counter((line.setting, line.is_counted) for line in lines)
    assert set(found) == {("CURATIVE", True), ("CURATIVE", False), ("PALLIATIVE", True)}


def test_prior_ici_has_every_class(included: list[Reading]) -> None:
    """R4: each class has patients."""
    assert {reading.prior_ici("U").ici_class for reading in included} == ICI_CLASSES


def test_best_response_has_every_value(included: list[Reading]) -> None:
    """R5.4: each best response has patients, and confirmation changes some."""
    assert {reading.best_response.bor for reading in included} == BEST_RESPONSES
    assert any(reading.best_response.bor != reading.best_response.confirmed_bor for reading in included)


def test_progression_free_survival_ends_in_every_way(included: list[Reading]) -> None:
    """R6: events, censoring with and without an assessment, and disputed deaths are drawn."""
    assert {pfs.cnsr for reading in included if (pfs := reading.endpoints.row("PFS"))} == PFS_CODES
