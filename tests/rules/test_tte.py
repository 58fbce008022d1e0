"""Time to event (rule R6): the worked cases of 06 for the endpoints built so far, and both sides of each boundary."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from tests.rules import harness

BUILT = ("OS", "PFS", "PFSFDA", "TTP", "TTNT", "DOR", "TTR")


def _study(name: str, parameters: Mapping[str, str] | None = None) -> str:
    endpoints = ", ".join(f'{{ paramcd = "{code}", label = "{code}" }}' for code in BUILT)
    head, _, _ = harness.protocol(parameters).partition("[analysis]")
    return f"{head.replace('rule_cases', name)}\n[analysis]\nendpoints = [{endpoints}]\n"


PRIMARY = _study("primary_rules")
CENSORED_ALIVE = _study("censored_alive", {"pfs_censor_at": "LAST_ALIVE"})
NO_ADDED_DAY = _study("no_added_day", {"tte_add_one": "0"})
CLINICAL = _study("clinical_progression", {"pd_source": "EITHER"})
STUDIES = (PRIMARY, CENSORED_ALIVE, NO_ADDED_DAY, CLINICAL)


@dataclass
class Course:
    """What happened to a patient after the index date."""

    index: str = "2024-01-01"
    assessments: tuple[tuple[str, str], ...] = ()
    deaths: tuple[tuple[str, str], ...] = ()
    last_visit: str | None = None
    last_vital_sign: str | None = None
    new_drug: str | None = None
    clinical_progression: str | None = None
    baseline_scan: bool = True


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


def _index_rows() -> list[harness.Row]:
    sets = {(harness.param_set("R3", study), harness.param_set("R2", study)) for study in STUDIES}
    return [
        {
            "param_set_id": cohort,
            "lines_param_set_id": lines,
            "centre_id": harness.CENTRE,
            "patient_key": harness.patient_key(case),
            "index_date": course.index,
            "index_line_seq": 1,
            "data_cutoff": date(2025, 7, 5),
            "source_table": "drug_row",
            "source_file": "drug_row.csv",
            "source_row": 2,
        }
        for cohort, lines in sets
        for case, course in COURSES.items()
    ]


def _new_drugs() -> dict[str, list[harness.Row]]:
    """A second line of one new drug for every course that has one."""
    episodes: list[harness.Row] = []
    lines: list[harness.Row] = []
    members: list[harness.Row] = []
    for case, course in COURSES.items():
        place = {
            "param_set_id": harness.param_set("R2", PRIMARY),
            "centre_id": harness.CENTRE,
            "patient_key": harness.patient_key(case),
            "start_date": course.new_drug,
            "first_source_file": "drug_row.csv",
            "first_source_row": 9,
        }
        if course.new_drug:
            kind = {"drug_key": "irinotecan", "start_flag": "", "counts_in_lot": "Y", "local_route": "N"}
            episodes.append({**place, "episode_id": case, **kind})
            lines.append({**place, "line_seq": 2, "is_counted": True, "advance_reason": "PD"})
            keys = {name: place[name] for name in ("param_set_id", "centre_id", "patient_key")}
            members.append({**keys, "episode_id": case, "line_seq": 2})
    return {"int_exposure_episodes": episodes, "int_lines_of_therapy": lines, "int_line_episodes": members}


def _lake() -> dict[str, list[harness.Row]]:
    lake: dict[str, list[harness.Row]] = {"patient": [{"patient_id": case} for case in COURSES]}

    def add(table: str, case: str, **columns: object) -> None:
        lake.setdefault(table, []).append({"patient_id": case, **columns})

    for case, course in COURSES.items():
        for day, seen in course.assessments:
            add("response", case, reader="INV", response_date=day, response=seen)
        for source, day in course.deaths:
            add("death", case, source=source, date_text=day)
        if course.last_visit:
            add("contact", case, date_text=course.last_visit, kind="OUTPATIENT_VISIT")
        if course.last_vital_sign:
            add("vital", case, specimen_date=course.last_vital_sign, test="SBP", value_text="120")
        if course.clinical_progression:
            add("disease_event", case, event="CLIN_PD", event_date_text=course.clinical_progression)
        if course.baseline_scan:
            scan_day = date.fromisoformat(course.index) - timedelta(days=10)
            add("scan", case, scan_date=scan_day.isoformat(), modality="CT", region="CHEST")
    for kind in ("REFILL", "BILLING"):
        add("contact", "seen_alive_only_by_refill_and_bill", date_text="2024-12-01", kind=kind)
    return lake


@dataclass
class Times:
    """Rows of int_survival_times by study and (case, endpoint), and rows of int_deaths by case."""

    endpoints: dict[tuple[str, str, str], dict[str, Any]]
    conflicts: dict[str, bool]


@pytest.fixture(scope="module")
def times() -> Times:
    """One run over all courses for four studies."""
    connection = harness.run_models(
        "+int_survival_times",
        lake=_lake(),
        protocols=STUDIES,
        replaced={"int_index": _index_rows(), **_new_drugs()},
    )
    names = {harness.patient_key(case): case for case in COURSES}
    sets = {harness.param_set("R6", study): study for study in STUDIES}
    found = connection.execute("select * from intermediate.int_survival_times")
    columns = [column[0] for column in found.description]
    rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    conflicts = connection.execute(
        "select patient_key, has_source_conflict from intermediate.int_deaths where param_set_id = ?",
        [harness.param_set("R6", PRIMARY)],
    ).fetchall()
    return Times(
        {(sets[row["param_set_id"]], names[row["patient_key"]], row["paramcd"]): row for row in rows},
        {names[key]: has_conflict for key, has_conflict in conflicts},
    )


WORKED = [row for row in harness.example("06_tte__expected") if row["paramcd"] in BUILT]


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


def test_a_study_chooses_where_progression_free_patients_are_censored(times: Times) -> None:
    """pfs_censor_at LAST_ALIVE censors at the last proof of life, for sources without assessments."""
    row = times.endpoints[CENSORED_ALIVE, "only_not_evaluable", "PFS"]
    assert (row["end_date"], row["cnsr"], row["srcdom"], row["srcvar"]) == (date(2024, 9, 1), 1, "contact", "date_text")


def test_a_study_chooses_whether_a_day_is_added(times: Times) -> None:
    """Under tte_add_one 0 every time is one day shorter, in the same run."""
    added, plain = (times.endpoints[study, "TE01", "PFS"]["aval_days"] for study in (PRIMARY, NO_ADDED_DAY))
    assert (added, plain) == (162, 161)


def test_a_study_chooses_whether_clinical_progression_counts(times: Times) -> None:
    """Under pd_source EITHER the clinician's progression ends PFS; by default imaging alone does."""
    row = times.endpoints[CLINICAL, "TE10", "PFS"]
    assert (row["end_date"], row["srcdom"], row["srcvar"]) == (date(2024, 4, 15), "disease_event", "event_date_text")


def test_only_responders_have_a_time_to_response(times: Times) -> None:
    """TTR and DOR rows exist for responders and for nobody else."""
    responders = {case for study, case, endpoint in times.endpoints if study == PRIMARY and endpoint == "TTR"}
    assert responders == {"TE01", "TE10"}
    assert responders == {case for study, case, endpoint in times.endpoints if study == PRIMARY and endpoint == "DOR"}
