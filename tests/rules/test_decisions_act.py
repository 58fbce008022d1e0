"""What a reviewer decides on a death or on a response reaches the endpoints, and nothing else does."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.rules import harness, survival_courses
from tests.rules.survival_courses import Course

STUDY = survival_courses.study("decided", ["OS", "PFS"])
EARLIER, LATER = "2025-08-02", "2025-08-03"
BEFORE_THE_EXTRACT = "2025-07-31"
ACTIVE = Course(deaths=(("REGISTRY", "2024-06-01"),), last_vital_sign="2024-08-01", last_visit="2024-08-01")
FAR_APART = Course(
    deaths=(("REGISTRY", "2024-04-10"), ("FAMILY", "2024-09-01")),
    assessments=(("2024-03-01", "SD"), ("2024-06-09", "SD")),
)
ACTIVE_AND_FAR_APART = Course(
    deaths=(("REGISTRY", "2024-06-01"), ("FAMILY", "2024-09-01")), last_vital_sign="2024-08-01", last_visit="2024-08-01"
)
UNDATED = Course(deaths=(("REGISTRY", None),), last_visit="2024-08-01")
BEFORE_INDEX = Course(deaths=(("REGISTRY", "2023-12-01"),), last_visit="2024-08-01")
LOST_CR = Course(assessments=(("2024-02-15", "CR"), ("2024-04-15", "PR"), ("2024-06-15", "PD")))
READ_BY_INVESTIGATOR = Course(assessments=(("2024-02-15", "SD"), ("2024-04-15", "PD")))
UNREAD = Course(last_visit="2024-08-01")

Decision = tuple[str, str, str | None, str]


def _active(value: str | None, day: str = LATER) -> tuple[Decision, ...]:
    return (("R6.3", "ACTIVITY_AFTER_DEATH", value, day),)


def _far_apart(value: str, day: str = LATER) -> tuple[Decision, ...]:
    return (("R6.3", "DEATH_SOURCES_CONFLICT", value, day),)


def _lost(day_of_scan: str, value: str, day: str = LATER) -> tuple[Decision, ...]:
    return (("R5.4", f"CR_THEN_NONCR INV {day_of_scan}", value, day),)


End = tuple[str, int]
SUSPENDED = ("2024-01-01", 8)
# case: (course, decisions, their status in the queue, end of overall survival)
DEATHS: dict[str, tuple[Course, tuple[Decision, ...], str, End]] = {
    "active_undecided": (ACTIVE, (), "OPEN", SUSPENDED),
    "active_confirmed": (ACTIVE, _active("CONFIRMED"), "DECIDED", ("2024-06-01", 0)),
    "active_confirmed_in_small_letters": (ACTIVE, _active(" confirmed "), "DECIDED", ("2024-06-01", 0)),
    "active_not_dead": (ACTIVE, _active("NOT_DEAD"), "DECIDED", ("2024-08-01", 1)),
    "active_redated": (ACTIVE, _active("2024-09-01"), "DECIDED", ("2024-09-01", 0)),
    "active_redated_to_index": (ACTIVE, _active("2024-01-01"), "DECIDED", ("2024-01-01", 0)),
    "active_redated_to_cutoff": (ACTIVE, _active("2025-07-05"), "DECIDED", ("2025-07-05", 0)),
    "active_decided_before_the_extract": (ACTIVE, _active("CONFIRMED", BEFORE_THE_EXTRACT), "EXPIRED", SUSPENDED),
    "active_decided_in_other_words": (ACTIVE, _active("PROBABLY"), "INVALID", SUSPENDED),
    "active_decided_without_value": (ACTIVE, _active(None), "INVALID", SUSPENDED),
    "active_redated_after_cutoff": (ACTIVE, _active("2025-07-06"), "INVALID", SUSPENDED),
    "active_redated_before_index": (ACTIVE, _active("2023-12-31"), "INVALID", SUSPENDED),
    "active_redated_to_no_day": (ACTIVE, _active("2024-02-30"), "INVALID", SUSPENDED),
    "active_redated_to_a_month": (ACTIVE, _active("2024-06"), "INVALID", SUSPENDED),
    "active_decided_as_all_choices": (ACTIVE, _active("CONFIRMED|NOT_DEAD"), "INVALID", SUSPENDED),
    "active_redated_to_all_days": (ACTIVE, _active("2024-01-01..2025-07-05"), "INVALID", SUSPENDED),
    "sources_undecided": (FAR_APART, (), "OPEN", ("2024-04-10", 0)),
    "sources_confirmed": (FAR_APART, _far_apart("CONFIRMED"), "DECIDED", ("2024-04-10", 0)),
    "sources_redated": (FAR_APART, _far_apart("2024-09-01"), "DECIDED", ("2024-09-01", 0)),
    "sources_not_dead": (FAR_APART, _far_apart("NOT_DEAD"), "DECIDED", ("2024-06-09", 1)),
    "only_the_source_confirmed": (ACTIVE_AND_FAR_APART, _far_apart("CONFIRMED"), "DECIDED", SUSPENDED),
    "both_confirmed": (
        ACTIVE_AND_FAR_APART,
        (*_active("CONFIRMED", EARLIER), *_far_apart("CONFIRMED")),
        "DECIDED",
        ("2024-06-01", 0),
    ),
    "later_decision_redates": (
        ACTIVE_AND_FAR_APART,
        (*_active("NOT_DEAD", EARLIER), *_far_apart("2024-09-01")),
        "DECIDED",
        ("2024-09-01", 0),
    ),
    "undated_undecided": (UNDATED, (), "OPEN", ("2024-08-01", 1)),
    "undated_dated": (UNDATED, (("R6.3", "DEATH_UNDATED", "2024-10-01", LATER),), "DECIDED", ("2024-10-01", 0)),
    "undated_confirmed": (UNDATED, (("R6.3", "DEATH_UNDATED", "CONFIRMED", LATER),), "INVALID", ("2024-08-01", 1)),
    "before_index_not_dead": (
        BEFORE_INDEX,
        (("R6.3", "DEATH_BEFORE_INDEX", "NOT_DEAD", LATER),),
        "DECIDED",
        ("2024-08-01", 1),
    ),
    "before_index_confirmed": (
        BEFORE_INDEX,
        (("R6.3", "DEATH_BEFORE_INDEX", "CONFIRMED", LATER),),
        "INVALID",
        SUSPENDED,
    ),
    "not_dead_though_nobody_says_dead": (UNREAD, _active("NOT_DEAD"), "NOT_ASKED", ("2024-08-01", 1)),
}
# case: (course, decisions, their status in the queue, end of progression-free survival, best response)
RESPONSES: dict[str, tuple[Course, tuple[Decision, ...], str, End, str]] = {
    "lost_cr_undecided": (LOST_CR, (), "OPEN", ("2024-06-15", 0), "CR"),
    "never_a_cr": (LOST_CR, _lost("2024-02-15", "PR"), "DECIDED", ("2024-06-15", 0), "PR"),
    "came_back_after_cr": (LOST_CR, _lost("2024-04-15", "PD"), "DECIDED", ("2024-04-15", 0), "CR"),
    "lost_cr_decided_before_the_extract": (
        LOST_CR,
        _lost("2024-04-15", "PD", BEFORE_THE_EXTRACT),
        "EXPIRED",
        ("2024-06-15", 0),
        "CR",
    ),
    "lost_cr_decided_in_other_words": (LOST_CR, _lost("2024-04-15", "PARTIAL"), "INVALID", ("2024-06-15", 0), "CR"),
    "lost_cr_decided_with_a_day": (LOST_CR, _lost("2024-04-15", "2024-04-15"), "INVALID", ("2024-06-15", 0), "CR"),
    "readers_undecided": (READ_BY_INVESTIGATOR, (), "OPEN", ("2024-06-15", 0), "PR"),
    "readers_decided_as_progression": (
        READ_BY_INVESTIGATOR,
        (("DQ077", "READERS_DISAGREE IND 2024-04-15", "PD", LATER),),
        "DECIDED",
        ("2024-04-15", 0),
        "PR",
    ),
    "lesions_undecided": (UNREAD, (), "OPEN", ("2024-06-15", 1), "CR"),
    "node_decided_as_progression": (
        UNREAD,
        (("R5.2", "CR_LOST INV 2024-04-15", "PD", LATER),),
        "DECIDED",
        ("2024-04-15", 0),
        "CR",
    ),
    "later_of_two_decisions_on_the_node": (
        UNREAD,
        (
            ("R5.2", "CR_LOST INV 2024-04-15", "PD", EARLIER),
            ("R5.4", "CR_THEN_NONCR DERIVED_INV 2024-04-15", "CR", LATER),
        ),
        "DECIDED",
        ("2024-06-15", 1),
        "CR",
    ),
    "new_lesion_decided_as_progression": (
        UNREAD,
        (("R5.3", "EQUIVOCAL_OPEN INV 2024-06-15", "PD", LATER),),
        "DECIDED",
        ("2024-06-15", 0),
        "CR",
    ),
}
COURSES = {case: row[0] for case, row in DEATHS.items()} | {case: row[0] for case, row in RESPONSES.items()}
DECISIONS = {case: row[1] for case, row in DEATHS.items()} | {case: row[1] for case, row in RESPONSES.items()}
STATUSES = {case: row[2] for case, row in DEATHS.items()} | {case: row[2] for case, row in RESPONSES.items()}
INDEPENDENT = (("2024-02-15", "PR"), ("2024-04-15", "PR"), ("2024-06-15", "PD"))
NODE = (("2023-12-20", 18), ("2024-02-15", 8), ("2024-04-15", 11), ("2024-06-15", 11))


def _readings() -> Iterator[tuple[str, harness.Row]]:
    """A second reader for some patients; a node that comes back and a doubtful new lesion for others."""
    for case, course in COURSES.items():
        if course is READ_BY_INVESTIGATOR:
            for day, response in INDEPENDENT:
                yield "response", {"patient_id": case, "reader": "IND", "response_date": day, "response": response}
        if course is UNREAD and case in RESPONSES:
            node = {"patient_id": case, "reader": "INV", "lesion_id": "N1", "organ": "DISTANT_LN", "role": "TARGET"}
            for day, size in NODE:
                yield "lesion", {**node, "scan_date": day, "status": "MEASURED", "mm": size}
            new = {"patient_id": case, "reader": "INV", "lesion_id": "X1", "organ": "LIVER", "role": "NEW"}
            yield "lesion", {**new, "scan_date": "2024-06-15", "certainty": "EQUIVOCAL"}


@pytest.fixture(scope="module")
def built() -> duckdb.DuckDBPyConnection:
    """One run over all courses; every row was extracted on the harness's extract date."""
    lake: dict[str, list[harness.Row]] = survival_courses.lake(COURSES)
    for table, row in _readings():
        lake.setdefault(table, []).append(row)
    lake["adjudication"] = [
        {"patient_id": case, "rule": rule, "item": item, "value": value, "decided_date": day, "decided_by": "board"}
        for case, decisions in DECISIONS.items()
        for rule, item, value, day in decisions
    ]
    replaced = {"int_index": survival_courses.index_rows(COURSES, [STUDY])}
    replaced |= survival_courses.treatment_rows(COURSES, harness.param_set("R2", STUDY))
    return harness.run_models(
        "+int_survival_times +int_best_response +review_queue", lake=lake, protocols=[STUDY], replaced=replaced
    )


def _rows(built: duckdb.DuckDBPyConnection, case: str, query: str) -> list[tuple[Any, ...]]:
    return built.execute(query, [harness.patient_key(case)]).fetchall()


def _end(built: duckdb.DuckDBPyConnection, case: str, endpoint: str) -> tuple[End, str]:
    query = "select end_date, cnsr, srcdom from intermediate.int_survival_times where patient_key = ? and paramcd = "
    ((end, cnsr, table),) = _rows(built, case, f"{query} '{endpoint}'")
    return (end.isoformat(), cnsr), table


def _statuses(built: duckdb.DuckDBPyConnection, case: str) -> Mapping[str, str]:
    query = "select item, decision_status from warehouse.quality.review_queue where patient_key = ? and rule <> 'R3.2'"
    return dict(_rows(built, case, query))


@pytest.mark.parametrize("case", DECISIONS)
def test_the_queue_keeps_each_matter_with_the_state_of_its_decision(
    built: duckdb.DuckDBPyConnection, case: str
) -> None:
    """A decided matter stays in the queue; an impossible value and a decision that nobody asked for are named there."""
    statuses = _statuses(built, case)
    decided = {item for _, item, _, _ in DECISIONS[case]}
    assert {statuses[item] for item in decided or statuses} == {STATUSES[case]}
    assert {status for item, status in statuses.items() if item not in decided} <= {"OPEN"}


@pytest.mark.parametrize("case", DEATHS)
def test_overall_survival_follows_a_decision_on_the_death(built: duckdb.DuckDBPyConnection, case: str) -> None:
    """R6.3: CONFIRMED, NOT_DEAD or another day end the suspension; what is open, expired or impossible leaves it."""
    *_, status, expected = DEATHS[case]
    end, table = _end(built, case, "OS")
    assert end == expected
    acts = status == "DECIDED" and expected[1] == 0
    assert (table == "adjudication") == acts


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("sources_undecided", ("2024-04-10", 0)),
        ("sources_redated", ("2024-09-01", 0)),
        ("sources_not_dead", ("2024-06-09", 1)),
        ("active_undecided", SUSPENDED),
        ("active_confirmed", ("2024-06-01", 0)),
    ],
)
def test_progression_free_survival_follows_a_decision_on_the_death(
    built: duckdb.DuckDBPyConnection, case: str, expected: End
) -> None:
    """R6.2: without a progression the decided death is the event, and scans after a refuted death count again."""
    assert _end(built, case, "PFS")[0] == expected


@pytest.mark.parametrize(
    ("case", "expected"), [("sources_undecided", False), ("sources_redated", True), ("sources_not_dead", True)]
)
def test_clinical_benefit_follows_a_decision_on_the_death(
    built: duckdb.DuckDBPyConnection, case: str, *, expected: bool
) -> None:
    """R5.5: stable disease on day 160 is benefit once the early death is found not to have been."""
    query = "select is_clinical_benefit from intermediate.int_best_response where patient_key = ?"
    assert _rows(built, case, query) == [(expected,)]


@pytest.mark.parametrize("case", RESPONSES)
def test_best_response_and_progression_follow_a_decision_on_an_assessment(
    built: duckdb.DuckDBPyConnection, case: str
) -> None:
    """R5.4, R6.2: the decided response stands in for what was read; what is open, expired or impossible does not."""
    _, _, status, end, bor = RESPONSES[case]
    assert _end(built, case, "PFS")[0] == end
    query = "select bor, bor_reason = 'ADJUDICATED' from intermediate.int_best_response where patient_key = ?"
    assert _rows(built, case, query) == [(bor, status == "DECIDED")]


def test_a_progression_that_was_decided_leads_to_the_decision(built: duckdb.DuckDBPyConnection) -> None:
    """The event names the decision as its reason and its row, and the undecided twin names the reader's row."""
    query = """
        select reason, source_table from intermediate.int_event_dates
        where patient_key = ? and event = 'FIRST_PROGRESSION'
    """
    assert _rows(built, "came_back_after_cr", query) == [("ADJUDICATED", "adjudication")]
    assert _rows(built, "lost_cr_undecided", query) == [("RECIST_PD", "response")]


def test_a_decision_against_the_conflict_ends_it(built: duckdb.DuckDBPyConnection) -> None:
    """R5.4: a CR that was none is followed by no lesser response any more; the matter itself stays."""
    query = "select is_cr_then_non_cr, first_response_date from intermediate.int_best_response where patient_key = ?"
    assert _rows(built, "never_a_cr", query) == [(False, date(2024, 2, 15))]
    assert _rows(built, "lost_cr_undecided", query) == [(True, date(2024, 2, 15))]
    assert _statuses(built, "never_a_cr") == {
        "CR_THEN_NONCR INV 2024-02-15": "DECIDED",
        "CR_THEN_NONCR INV 2024-04-15": "OPEN",
    }


def test_the_queue_says_what_can_be_decided(built: duckdb.DuckDBPyConnection) -> None:
    """A reviewer reads the vocabulary of each matter in the queue, and what stands by the rule whatever was decided."""
    query = "select choices, value from warehouse.quality.review_queue where patient_key = ? and item = "
    confirmed = _rows(built, "active_confirmed", f"{query} 'ACTIVITY_AFTER_DEATH'")
    assert confirmed == [("CONFIRMED|NOT_DEAD|2024-01-01..2025-07-05", "DISPUTED 2024-06-01")]
    decided = _rows(built, "came_back_after_cr", f"{query} 'CR_THEN_NONCR INV 2024-04-15'")
    assert decided == [("CR|PR|SD|NON-CR/NON-PD|PD|NE", "PR")]
