"""R10: the checks on derived rows, which stop publication, and those on whole tables of a centre."""

from collections.abc import Iterator

import duckdb
import pytest

from tests.rules import harness

Row = harness.Row

INDEX = "2024-01-01"


def _of(patient: str, family: str, **columns: object) -> Row:
    place = {"centre_id": harness.CENTRE, "patient_key": harness.patient_key(patient)}
    return {**place, "param_set_id": harness.param_set(family), **columns}


def _line(patient: str, seq: int, number: int | None, start: str, *, is_counted: bool = True) -> Row:
    return _of(patient, "R2", line_seq=seq, is_counted=is_counted, line_no=number, start_date=start)


def _given(patient: str, seq: int, last_dose: str) -> tuple[Row, Row]:
    episode = f"{patient}_{seq}"
    return (
        _of(patient, "R2", line_seq=seq, episode_id=episode),
        _of(patient, "R2", episode_id=episode, last_dose_date=last_dose),
    )


def _time(patient: str, paramcd: str, end: str, days: int, cnsr: int, start: str = INDEX) -> Row:
    said = "DEATH" if cnsr == 0 else "LAST EVALUABLE ASSESSMENT"
    dates = {"start_date": start, "end_date": end, "aval_days": days, "cnsr": cnsr, "evntdesc": said}
    return _of(patient, "R6", paramcd=paramcd, **dates)


def _prior(patient: str, last_prior: str | None, ici_class: str = "RECHALLENGE_SAME") -> Row:
    return _of(patient, "R4", ici_class=ici_class, index_date=INDEX, last_prior_ici_hi=last_prior)


def _end(patient: str, reason: str, *, is_ongoing: bool = False) -> Row:
    return _of(patient, "R7", component="ALL", reason=reason, is_ongoing=is_ongoing)


INCLUDED = (
    "included_without_best_response",
    "best_response_of_no_category",
    "best_response_missing",
    "ended_for_a_reason",
    "ended_for_no_reason",
    "ongoing_and_ended",
    "on_treatment",
)
GIVEN = [_given("dosed_past_the_next_line", 1, "2023-03-02"), _given("dosed_to_the_next_line", 1, "2023-03-01")]

REPLACED: dict[str, list[Row]] = {
    "int_lines_of_therapy": [
        _line("a_number_left_out", 1, 1, "2023-01-01"),
        _line("a_number_left_out", 2, 3, "2023-02-01"),
        _line("numbered_though_not_counted", 1, 1, "2023-01-01", is_counted=False),
        _line("two_lines_on_one_day", 1, 1, "2023-01-01"),
        _line("two_lines_on_one_day", 2, 2, "2023-01-01"),
        _line("numbered_in_order", 1, None, "2022-01-01", is_counted=False),
        _line("numbered_in_order", 2, 1, "2023-01-01"),
        _line("numbered_in_order", 3, 2, "2023-02-01"),
        *(
            _line(patient, seq, seq, start)
            for patient in ("dosed_past_the_next_line", "dosed_to_the_next_line")
            for seq, start in ((1, "2023-01-01"), (2, "2023-03-01"))
        ),
    ],
    "int_line_episodes": [member for member, _ in GIVEN],
    "int_exposure_episodes": [episode for _, episode in GIVEN],
    "int_survival_times": [
        _time("a_day_lost", "OS", "2024-01-31", 30, 1),
        _time("a_day_short", "OS", "2024-01-31", 31, 1),
        _time("before_the_start", "OS", "2023-12-31", 0, 1),
        _time("negative_code", "OS", "2024-01-31", 31, -1),
        _time("counted_twice", "OS", "2024-01-31", 31, 0),
        _time("counted_twice", "OS", "2024-01-31", 31, 0),
        _time("death_is_no_event", "OS", "2024-01-31", 31, 0),
        _time("death_is_no_event", "PFS", "2024-01-31", 31, 1),
        _time("progressed_after_death", "OS", "2024-01-31", 31, 0),
        _time("progressed_after_death", "PFS", "2024-02-01", 32, 0),
        _time("progressed_and_lives", "OS", "2024-01-31", 31, 1),
        _time("progressed_and_lives", "PFS", "2024-01-15", 15, 0),
        _time("responds_without_response", "DOR", "2024-03-31", 31, 0, start="2024-03-01"),
        _time("responds", "DOR", "2024-03-31", 31, 0, start="2024-03-01"),
    ],
    "int_event_dates": [_of("responds", "R6", at_risk_from="INDEX", event="FIRST_RESPONSE", event_date="2024-03-01")],
    "int_treatment_free_intervals": [
        _prior("dqx12", INDEX),
        _prior("stopped_the_day_before", "2023-12-31"),
        _prior("added_on", INDEX, "ADD_ON"),
        _prior("naive", None, "NAIVE"),
    ],
    "int_eligibility_patients": [_of(patient, "R3", is_included=True) for patient in INCLUDED],
    "int_dispositions": [
        _end("ended_for_a_reason", "PD"),
        _end("ended_for_no_reason", "OTHER"),
        _end("ongoing_and_ended", "TOXICITY", is_ongoing=True),
        _end("on_treatment", "ONGOING", is_ongoing=True),
    ],
    "int_best_response": [
        _of("best_response_of_no_category", "R5", bor="PR?"),
        _of("best_response_missing", "R5", bor="MISSING"),
    ],
}

FOUND = [
    ("DQ020", "a_number_left_out", {False, True}),
    ("DQ020", "numbered_though_not_counted", {True}),
    ("DQ020", "two_lines_on_one_day", {False, True}),
    ("DQ020", "numbered_in_order", {False}),
    ("DQ021", "a_day_lost", {True}),
    ("DQ021", "before_the_start", {True}),
    ("DQ021", "a_day_short", {False}),
    ("DQ022", "negative_code", {True}),
    ("DQ022", "counted_twice", {True}),
    ("DQ022", "a_day_short", {False}),
    ("DQ023", "death_is_no_event", {True}),
    ("DQ023", "progressed_after_death", {True}),
    ("DQ023", "progressed_and_lives", {False}),
    ("DQ024", "responds_without_response", {True}),
    ("DQ024", "responds", {False}),
    ("DQ025", "included_without_best_response", {True}),
    ("DQ025", "best_response_of_no_category", {True}),
    ("DQ025", "best_response_missing", {False}),
    ("DQ027", "included_without_best_response", {True}),
    ("DQ027", "ongoing_and_ended", {True}),
    ("DQ027", "ended_for_no_reason", {False}),
    ("DQ027", "on_treatment", {False}),
    ("DQ039", "ended_for_no_reason", {True}),
    ("DQ039", "ended_for_a_reason", {False}),
    ("DQ072", "dosed_past_the_next_line", {True}),
    ("DQ072", "dosed_to_the_next_line", {False}),
    ("DQ073", "stopped_the_day_before", {False}),
    ("DQ073", "added_on", {False}),
    ("DQ073", "naive", {False}),
]


@pytest.fixture(scope="module")
def derived() -> Iterator[duckdb.DuckDBPyConnection]:
    """Derived rows as planted, and what the checks find in them."""
    with harness.run_models(
        "int_parameters_r6 int_included_patients int_checks_on_derivations int_checks_on_totals", replaced=REPLACED
    ) as connection:
        yield connection


def _found(connection: duckdb.DuckDBPyConnection, check: str, patient: str) -> set[bool]:
    query = """
        select check_id, patient_key, is_failed from intermediate.int_checks_on_derivations
        union all
        select check_id, patient_key, is_failed from intermediate.int_checks_on_totals
    """
    query = f"select is_failed from ({query}) where check_id = ? and patient_key = ?"
    return {found for (found,) in connection.execute(query, [check, harness.patient_key(patient)]).fetchall()}


@pytest.mark.parametrize(
    ("check", "patient", "found"), FOUND, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_broken_derived_row_is_found(
    derived: duckdb.DuckDBPyConnection, check: str, patient: str, found: set[bool]
) -> None:
    """A derived row that cannot be right fails its check, the row beside it that can be passes."""
    assert _found(derived, check, patient) == found


@pytest.mark.parametrize("case", ["DQX12"])
def test_worked_case_of_a_derived_row(derived: duckdb.DuckDBPyConnection, case: str) -> None:
    """The last prior dose on the index date is the index dose leaked into prior exposure."""
    (expected,) = (
        row["expected_check_id"] for row in harness.example("10_dq__input_expected") if row["case_id"] == case
    )
    assert expected == "DQ073"
    assert _found(derived, expected, case.lower()) == {True}


def _scores(centre: str, *days: str) -> list[Row]:
    plain = {"centre_id": centre, "patient_id": f"{centre}_patient", "test": "ECOG", "value": 1}
    return [{**plain, "specimen_date": day} for day in days]


def _infusions(centre: str, *days: str) -> list[Row]:
    plain = {"centre_id": centre, "patient_id": f"{centre}_patient", "raw_name": "cisplatin"}
    return [{**plain, "source_kind": "ADMIN", "route": "IV", "start_text": day} for day in days]


CENTRES = ("dense", "thin", "usual", "other")
SUNDAY = "2024-03-03"
"""A calendar of 2024 says so."""

CENTRE_LAKE: dict[str, list[Row]] = {
    "ecog": [
        *_scores("usual", "2024-03-04", "2024-03-05", "2025-07-06"),
        *_scores("other", "2024-03-01", "2024-03-15", "2024-03-04", "2024-03"),
        *_scores("dense", *(f"2024-03-{day:02d}" for day in range(2, 14))),
        *_scores("thin", "2024-03-07"),
        *_scores("unheard_of", "2024-03-05"),
    ],
    "drug_row": [
        *_infusions("usual", "2024-03-04", "2024-03-05"),
        *_infusions("other", "2024-03-04", SUNDAY),
        *_infusions("dense", "2024-03-04"),
        *_infusions("thin", "2024-03-04"),
    ],
    "centres": [{"centre_id": centre, "calendar": "absolute"} for centre in CENTRES],
}


@pytest.fixture(scope="module")
def centres() -> Iterator[duckdb.DuckDBPyConnection]:
    """Four centres that send little, much, on Sundays and as usual, and rows of one that nobody configured."""
    with harness.run_models("+int_centre_checks", lake=CENTRE_LAKE) as connection:
        yield connection


@pytest.mark.parametrize(
    ("check", "table", "expected"),
    [
        ("DQ028", "ecog", {"usual": (3, 0), "other": (4, 0), "dense": (12, 0), "thin": (1, 0), "unheard_of": (1, 1)}),
        ("DQ041", "ecog", {"usual": (1, 0), "other": (1, 0), "dense": (1, 1), "thin": (1, 1)}),
        ("DQ058", "ecog", {"usual": (3, 0), "other": (4, 0), "dense": (12, 0), "thin": (1, 0)}),
        ("DQ059", "ecog", {"usual": (3, 1), "other": (4, 0), "dense": (12, 0), "thin": (1, 0)}),
        ("DQ075", "ecog", {"usual": (3, 0), "other": (3, 2), "dense": (12, 0), "thin": (1, 0)}),
        ("DQ076", "drug_row", {"usual": (2, 0), "other": (2, 1), "dense": (1, 0), "thin": (1, 0)}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_of_a_centre_is_judged_as_a_whole(
    centres: duckdb.DuckDBPyConnection, check: str, table: str, expected: dict[str, tuple[int, int]]
) -> None:
    """Rows of nobody's centre, volumes far from the median, dates after the cutoff or guessed, infusions on Sundays."""
    query = "select centre_id, n_rows, n_fail from intermediate.int_centre_checks where check_id = ? and table_name = ?"
    found = {centre: (rows, failed) for centre, rows, failed in centres.execute(query, [check, table]).fetchall()}
    assert found == expected
