"""Time to event (rule R6): the worked cases of 06, and both sides of each boundary of deaths and follow-up."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.rules import harness, survival_courses
from tests.rules.survival_courses import Course, Times, study

ENDPOINTS = ("OS", "PFS", "PFSFDA", "PFSCLIN", "PFSCOMP", "TTP", "TTNT", "TTD", "TTDANLO", "TTF", "DOR", "TTR")
PRIMARY = study("primary_rules", ENDPOINTS)
NO_ADDED_DAY = study("no_added_day", ENDPOINTS, {"tte_add_one": "0"})


def _worked(row: Mapping[str, str | None]) -> Course:
    assessed = [item.split(":") for item in str(row["assess"]).split("|")] if row["assess"] else []
    return Course(
        index=str(row["index"]),
        assessments=tuple((day, seen) for day, seen in assessed),
        deaths=(("REGISTRY", str(row["death"])),) if row["death"] else (),
        last_visit=row["last_alive"],
        new_drug=row["nact"],
        clinical_progression=row["clin_pd"],
        baseline_scan=row["base_assess"] == "Y",
        last_dose=row["last_dose"],
        is_stopped=row["disc"] == "Y",
    )


COURSES = {str(row["case_id"]): _worked(row) for row in harness.example("06_tte__input")} | {
    "vital_sign_a_day_after_death": Course(deaths=(("HOSPITAL", "2024-06-01"),), last_vital_sign="2024-06-02"),
    "vital_sign_two_days_after_death": Course(
        assessments=(("2024-03-01", "SD"),),
        deaths=(("HOSPITAL", "2024-06-01"),),
        last_visit="2024-05-10",
        last_vital_sign="2024-06-03",
    ),
    "seen_on_the_day_of_a_disputed_death": Course(
        assessments=(("2024-03-01", "SD"), ("2024-06-01", "SD")),
        deaths=(("HOSPITAL", "2024-06-01"),),
        last_visit="2024-06-01",
        last_vital_sign="2024-06-03",
    ),
    "seen_the_day_before_a_disputed_death": Course(
        deaths=(("HOSPITAL", "2024-06-01"),), last_visit="2024-05-31", last_vital_sign="2024-06-03"
    ),
    "seen_after_the_cutoff": Course(last_visit="2025-07-20"),
    "died_before_the_index": Course(deaths=(("FAMILY", "2023-12-01"),), last_visit="2024-02-01"),
    "registry_against_family": Course(deaths=(("FAMILY", "2024-05-01"), ("REGISTRY", "2024-06-01"))),
    "sources_30_days_apart": Course(deaths=(("HOSPITAL", "2024-06-01"), ("FAMILY", "2024-05-02"))),
    "sources_31_days_apart": Course(deaths=(("HOSPITAL", "2024-06-01"), ("FAMILY", "2024-05-01"))),
    "died_in_a_month_after_a_visit": Course(deaths=(("FAMILY", "2024-03"),), last_visit="2024-03-22"),
    "died_in_a_year": Course(deaths=(("FAMILY", "2024"),), last_visit="2024-05-01"),
    "progressed_on_the_index_day": Course(assessments=(("2024-01-01", "PD"),), last_visit="2024-09-01"),
    "only_not_evaluable": Course(assessments=(("2024-03-01", "NE"),), last_visit="2024-09-01"),
    "without_baseline_died_on_day_126": Course(baseline_scan=False, deaths=(("REGISTRY", "2024-05-06"),)),
    "without_baseline_died_on_day_127": Course(baseline_scan=False, deaths=(("REGISTRY", "2024-05-07"),)),
    "progressed_on_the_day_of_the_new_drug": Course(
        assessments=(("2024-03-01", "SD"), ("2024-05-01", "PD")), new_drug="2024-05-01", last_visit="2024-09-01"
    ),
    "progressed_after_the_cutoff_only": Course(
        assessments=(("2025-06-01", "SD"), ("2025-07-06", "PD")), last_visit="2025-07-05"
    ),
    "seen_alive_only_by_refill_and_bill": Course(last_visit="2024-02-01"),
}


def _lake() -> dict[str, list[harness.Row]]:
    lake = survival_courses.lake(COURSES)
    for kind in ("REFILL", "BILLING"):
        refill = {"patient_id": "seen_alive_only_by_refill_and_bill", "date_text": "2024-12-01", "kind": kind}
        lake["contact"].append(refill)
    return lake


@pytest.fixture(scope="module")
def times() -> Times:
    """One run over all courses for two studies."""
    return survival_courses.run(COURSES, [PRIMARY, NO_ADDED_DAY], _lake())


WORKED = harness.example("06_tte__expected")


@pytest.mark.parametrize("expected", WORKED, ids=lambda row: f"{row['case_id']}-{row['paramcd']}")
def test_the_worked_times_come_out(times: Times, expected: dict[str, str | None]) -> None:
    """Each case of 06 gets the date, days, months, code and words that the rule book gives it."""
    row = times.endpoints[PRIMARY, str(expected["case_id"]), str(expected["paramcd"])]
    months = Decimal(row["aval_months"]).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    found = (row["end_date"].isoformat(), str(row["aval_days"]), str(months), str(row["cnsr"]), row["evntdesc"])
    assert found == tuple(expected[name] for name in ("adt", "aval_days", "aval_months", "cnsr", "evntdesc"))


@pytest.mark.parametrize(
    ("case", "endpoint", "expected"),
    [
        ("vital_sign_a_day_after_death", "OS", ("2024-06-01", 0)),
        ("vital_sign_two_days_after_death", "OS", ("2024-05-10", 8)),
        ("vital_sign_two_days_after_death", "PFS", ("2024-03-01", 8)),
        ("seen_on_the_day_of_a_disputed_death", "OS", ("2024-03-01", 8)),
        ("seen_on_the_day_of_a_disputed_death", "PFS", ("2024-03-01", 8)),
        ("seen_the_day_before_a_disputed_death", "OS", ("2024-05-31", 8)),
        ("seen_after_the_cutoff", "OS", ("2025-07-05", 1)),
        ("died_before_the_index", "OS", ("2024-01-01", 8)),
        ("registry_against_family", "OS", ("2024-06-01", 0)),
        ("died_in_a_month_after_a_visit", "OS", ("2024-03-22", 0)),
        ("died_in_a_year", "OS", ("2024-08-31", 0)),
        ("progressed_on_the_index_day", "PFS", ("2024-01-01", 2)),
        ("only_not_evaluable", "PFS", ("2024-01-01", 2)),
        ("without_baseline_died_on_day_126", "PFSFDA", ("2024-05-06", 0)),
        ("without_baseline_died_on_day_127", "PFSFDA", ("2024-01-01", 7)),
        ("progressed_on_the_day_of_the_new_drug", "PFSFDA", ("2024-05-01", 0)),
        ("progressed_after_the_cutoff_only", "PFS", ("2025-06-01", 1)),
        ("seen_alive_only_by_refill_and_bill", "OS", ("2024-02-01", 1)),
    ],
)
def test_both_sides_of_a_boundary(times: Times, case: str, endpoint: str, expected: tuple[str, int]) -> None:
    """Activity, ranks, imputation and windows decide as R6 says; refills and bills prove no life."""
    row = times.endpoints[PRIMARY, case, endpoint]
    assert (row["end_date"].isoformat(), row["cnsr"]) == expected


@pytest.mark.parametrize(("case", "expected"), [("sources_30_days_apart", False), ("sources_31_days_apart", True)])
def test_sources_of_death_that_lie_far_apart_are_flagged(times: Times, case: str, *, expected: bool) -> None:
    """Up to 30 days between two sources is tolerated, more goes to review; the higher rank counts in both."""
    assert times.conflicts[case] is expected
    assert times.endpoints[PRIMARY, case, "OS"]["end_date"] == date(2024, 6, 1)


def test_the_flag_of_an_imputed_death_stays_with_the_time(times: Times) -> None:
    """A day imputed is marked D, a month imputed M, a date as given is not marked."""
    flags = [
        times.endpoints[PRIMARY, case, "OS"]["end_date_flag"]
        for case in ("died_in_a_month_after_a_visit", "died_in_a_year", "registry_against_family")
    ]
    assert flags == ["D", "M", ""]


def test_a_study_chooses_whether_a_day_is_added(times: Times) -> None:
    """Under tte_add_one 0 every time is one day shorter, in the same run."""
    added, plain = (times.endpoints[study, "TE01", "PFS"]["aval_days"] for study in (PRIMARY, NO_ADDED_DAY))
    assert (added, plain) == (162, 161)


def test_only_responders_have_a_time_to_response(times: Times) -> None:
    """TTR and DOR rows exist for responders and for nobody else."""
    responders = {case for study, case, endpoint in times.endpoints if study == PRIMARY and endpoint == "TTR"}
    assert responders == {"TE01", "TE10"}
    assert responders == {case for study, case, endpoint in times.endpoints if study == PRIMARY and endpoint == "DOR"}


@pytest.mark.parametrize(
    ("case", "reason", "value"),
    [
        ("sources_31_days_apart", "DEATH_SOURCES_CONFLICT", "ACCEPTED 2024-06-01"),
        ("vital_sign_two_days_after_death", "ACTIVITY_AFTER_DEATH", "DISPUTED 2024-06-01"),
        ("died_before_the_index", "DEATH_BEFORE_INDEX", "DISPUTED 2023-12-01"),
    ],
)
def test_a_doubtful_death_goes_to_review(times: Times, case: str, reason: str, value: str) -> None:
    """Sources far apart and suspended deaths are put to a reviewer with what stands now."""
    assert (case, reason, value) in times.reviews


def test_a_plain_death_does_not_go_to_review(times: Times) -> None:
    """Neither sources within the tolerance nor a vital sign on the day after ask for a decision."""
    asked = {case for case, _, _ in times.reviews}
    assert not asked & {"sources_30_days_apart", "vital_sign_a_day_after_death"}
