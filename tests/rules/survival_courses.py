"""Patients after their index date for the tests of time to event, and one run of the shipped SQL over them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.rules import harness

CUTOFF = date(2025, 7, 5)
SUPPLY_BEYOND_LAST_DOSE = timedelta(7)


@dataclass(frozen=True)
class Course:
    """What happened to a patient after the index date; procedures are (day, kind, site, intent)."""

    index: str = "2024-01-01"
    assessments: tuple[tuple[str, str], ...] = ()
    deaths: tuple[tuple[str | None, ...], ...] = ()
    last_visit: str | None = None
    last_vital_sign: str | None = None
    new_drug: str | None = None
    clinical_progression: str | None = None
    baseline_scan: bool = True
    diagnosis: str | None = None
    line_start: str | None = None
    last_dose: str | None = None
    is_stopped: bool = False
    procedure: tuple[str, str, str, str] | None = None
    second_primary: str | None = None
    centre_id: str = harness.CENTRE


def study(name: str, endpoints: Sequence[str], parameters: Mapping[str, str] | None = None, index: str = "") -> str:
    """A protocol that asks for endpoints, each given as TOML or as the code of an endpoint of the rule book."""
    listed = ", ".join(e if e.startswith("{") else f'{{ paramcd = "{e}", label = "{e}" }}' for e in endpoints)
    head, _, _ = harness.protocol(parameters).partition("[analysis]")
    if index:
        before, _, after = head.partition("[index]")
        head = f"{before}{index}\n[[criteria]]{after.partition('[[criteria]]')[2]}"
    return f"{head.replace('rule_cases', name)}\n[analysis]\nendpoints = [{listed}]\nresponse = false\n"


def _place(course: Course, case: str) -> dict[str, object]:
    return {"centre_id": course.centre_id, "patient_key": harness.patient_key(case, course.centre_id)}


def _cut(day: str) -> date:
    return min(date.fromisoformat(day), CUTOFF)


def index_rows(courses: Mapping[str, Course], studies: Sequence[str]) -> list[harness.Row]:
    """Rows of int_index: the index date of each course under each study."""
    sets = {(harness.param_set("R3", text), harness.param_set("R2", text), _index_type(text)) for text in studies}
    return [
        {
            **_place(course, case),
            "param_set_id": cohort,
            "lines_param_set_id": lines,
            "index_type": index_type,
            "index_date": course.index,
            "index_line_seq": 1,
            "index_line_start_date": course.line_start or course.index,
            "data_cutoff": CUTOFF,
            "source_table": "drug_row",
            "source_file": "drug_row.csv",
            "source_row": 2,
        }
        for cohort, lines, index_type in sets
        for case, course in courses.items()
    ]


def _index_type(text: str) -> str:
    return "diagnosis" if 'type = "diagnosis"' in text else "combination"


def treatment_rows(courses: Mapping[str, Course], lines_set: str) -> dict[str, list[harness.Row]]:
    """Capsules of anlotinib as the index line up to the last dose, and irinotecan as the line after it."""
    episodes: list[harness.Row] = []
    lines: list[harness.Row] = []
    members: list[harness.Row] = []
    doses: list[harness.Row] = []
    for case, course in courses.items():
        place = {**_place(course, case), "param_set_id": lines_set}
        kind = {"counts_in_lot": "Y", "local_route": "N", "start_flag": ""}
        source = {"first_row_key": case, "first_source_file": "drug_row.csv", "first_source_row": 9}
        start = course.line_start or course.index
        last_dose = course.last_dose or start
        covered = date.fromisoformat(last_dose) + SUPPLY_BEYOND_LAST_DOSE
        supply = {"last_dose_date": _cut(last_dose), "covered_through_date": min(covered, CUTOFF)}
        anlotinib = {**place, **kind, **source, **supply, "drug_key": "anlotinib", "start_date": start}
        episodes.append({**anlotinib, "episode_id": f"{case} anlotinib"})
        lines.append({**place, **source, "line_seq": 1, "start_date": start, "is_counted": True})
        members.append({**place, "episode_id": f"{case} anlotinib", "line_seq": 1})
        reason = "OTHER" if course.is_stopped else None
        dose = {"drug_key": "anlotinib", "local_route": "N", "start_date": start, "is_oral": "Y", "is_kept": True}
        doses.append({**place, **dose, "source_kind": "DISPENSE", "row_key": case, "reason_stop": reason} | _SOURCE)
        if course.new_drug:
            later = {**place, **source, "start_date": course.new_drug}
            episodes.append({**later, **kind, "drug_key": "irinotecan", "episode_id": f"{case} irinotecan"})
            lines.append({**later, "line_seq": 2, "is_counted": True, "advance_reason": "PD"})
            members.append({**place, "episode_id": f"{case} irinotecan", "line_seq": 2})
    return {
        "int_exposure_episodes": episodes,
        "int_lines_of_therapy": lines,
        "int_line_episodes": members,
        "int_drug_rows_selected": doses,
    }


_SOURCE = {"source_file": "drug_row.csv", "source_row": 9}


def lake(courses: Mapping[str, Course]) -> dict[str, list[harness.Row]]:
    """Assessments, deaths, contacts, vital signs, events, scans and procedures as rows of the contract tables."""
    rows: dict[str, list[harness.Row]] = {"patient": []}
    for case, course in courses.items():
        for table, columns in [("patient", {}), *_observed(course), *_recorded(course)]:
            rows.setdefault(table, []).append({"patient_id": case, "centre_id": course.centre_id, **columns})
    return rows


LakeRow = tuple[str, dict[str, object]]


def _observed(course: Course) -> Iterator[LakeRow]:
    for day, seen in course.assessments:
        yield "response", {"reader": "INV", "response_date": day, "response": seen}
    for source, died, *cause in course.deaths:
        yield "death", {"source": source, "date_text": died, "cause": cause[0] if cause else None}
    if course.baseline_scan:
        scan_day = date.fromisoformat(course.index) - timedelta(days=10)
        yield "scan", {"scan_date": scan_day.isoformat(), "modality": "CT", "region": "CHEST"}


def _recorded(course: Course) -> Iterator[LakeRow]:
    if course.last_visit:
        yield "contact", {"date_text": course.last_visit, "kind": "OUTPATIENT_VISIT"}
    if course.last_vital_sign:
        yield "vital", {"specimen_date": course.last_vital_sign, "test": "SBP", "value_text": "120"}
    if course.clinical_progression:
        yield "disease_event", {"event": "CLIN_PD", "event_date_text": course.clinical_progression}
    if course.diagnosis:
        yield "disease_event", {"event": "DX", "event_date_text": course.diagnosis}
    if course.second_primary:
        yield "diagnosis", {"date_text": course.second_primary, "code": "C34", "kind": "SECOND_PRIMARY"}
    if course.procedure:
        day, kind, site, intent = course.procedure
        yield "procedure", {"start_text": day, "kind": kind, "target_site": site, "intent": intent}


@dataclass(frozen=True)
class Times:
    """Rows of int_survival_times by study, case and endpoint; deaths by case; reviews as (case, reason, value)."""

    endpoints: dict[tuple[str, str, str], dict[str, Any]]
    conflicts: dict[str, bool]
    reviews: set[tuple[str, str, str]]

    def end(self, text: str, case: str, endpoint: str) -> tuple[str, int] | None:
        """Date and code of one time, None where there is no time."""
        row = self.endpoints.get((text, case, endpoint))
        return None if row is None else (row["end_date"].isoformat(), row["cnsr"])


def run(courses: Mapping[str, Course], studies: Sequence[str], lake_rows: Mapping[str, Sequence[harness.Row]]) -> Times:
    """One run of the shipped SQL over all courses for several studies, which share their lines."""
    replaced = {"int_index": index_rows(courses, studies)}
    replaced |= treatment_rows(courses, harness.param_set("R2", studies[0]))
    names = {harness.patient_key(case, course.centre_id): case for case, course in courses.items()}
    sets = {harness.param_set("R6", text): text for text in studies}
    models = "+int_survival_times +int_reviews_survival"
    with harness.run_models(models, lake=lake_rows, protocols=studies, replaced=replaced) as connection:
        found = connection.execute("select * from intermediate.int_survival_times")
        columns = [column[0] for column in found.description]
        rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        first_set = [harness.param_set("R6", studies[0])]
        conflicts = connection.execute(
            "select patient_key, has_source_conflict from intermediate.int_deaths where param_set_id = ?", first_set
        ).fetchall()
        reviews = connection.execute(
            "select patient_key, review_reason, value from intermediate.int_reviews_survival where param_set_id = ?",
            first_set,
        ).fetchall()
    return Times(
        {(sets[row["param_set_id"]], names[row["patient_key"]], row["paramcd"]): row for row in rows},
        {names[key]: has_conflict for key, has_conflict in conflicts},
        {(names[key], reason, value) for key, reason, value in reviews},
    )
