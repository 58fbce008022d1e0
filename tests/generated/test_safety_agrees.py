"""Adverse events of the shipped SQL against the reference, over patients drawn at the edges of the windows (R8)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pytest
from hypothesis import strategies as st

from tests.generated.drawing import drawn, patients_wanted
from tests.generated.histories import CUTOFF
from tests.reference.days import after
from tests.reference.safety import Event, Judged, SafetyRules, Treatment, flagged, judge, worst
from tests.reference.tables import default_parameters
from tests.rules import harness, safety_cases

INDEX = dt.date(2024, 1, 10)
TERMS = {"恶心": "Nausea", "呕吐": "Vomiting", "乏力": "Fatigue", "鼻衄": "Epistaxis"}
GROUPS = {
    "Nausea and vomiting": ("恶心", "呕吐"),
    "Fatigue": ("乏力",),
    "Hemorrhage": ("鼻衄",),
    "ANY_TRAE": tuple(TERMS),
}
PATIENTS = 1200


@dataclass(frozen=True)
class Patient:
    """One drawn patient: treatment and events."""

    treatment: Treatment
    rows: tuple[Event, ...]


@st.composite
def patients(draw: st.DrawFn) -> Patient:
    """A patient whose events begin, worsen and end around the edges of the windows."""
    last_dose = draw(st.sampled_from([INDEX, after(INDEX, 150), dt.date(2025, 6, 20)]))
    next_line = draw(st.sampled_from([None, None, after(last_dose, 10), after(last_dose, 31)]))
    edges = [INDEX, after(last_dose, 30), after(last_dose, 90), CUTOFF, *([next_line] if next_line else [])]

    def text(*wide: str | None) -> str | None:
        day = after(draw(st.sampled_from(edges)), draw(st.sampled_from([-60, -2, -1, 0, 0, 1, 2, 20])))
        precision = draw(st.sampled_from(["D"] * 6 + ["M", "Y", *wide]))
        cut: Mapping[str | None, str | None] = {"D": day.isoformat(), "M": f"{day:%Y-%m}", "Y": f"{day:%Y}", None: None}
        return cut[precision]

    rows = [
        Event(
            term=draw(st.sampled_from(list(TERMS))),
            start=text(None),
            grade=draw(st.sampled_from([None, 1, 1, 2, 3, 4])),
            causality=draw(st.sampled_from(["可能有关", "可能无关", "肯定有关", "无关", "待评价", "说不清楚", None])),
            end=text(None, None, None, None),
            grade_at=text(None, None, None) if draw(st.booleans()) else None,
        )
        for _ in range(draw(st.integers(1, 6)))
    ]
    return Patient(Treatment(INDEX, last_dose, next_line, CUTOFF), tuple(row for row in rows if not _ends_first(row)))


def _ends_first(event: Event) -> bool:
    """An event that ends before it starts, as far as its dates are known, is rejected in staging (DQ071)."""
    return bool(event.start and event.end and event.end < event.start[: len(event.end)])


def rules() -> SafetyRules:
    defaults = default_parameters()
    return SafetyRules(
        int(defaults["te_days_after_last_dose"]),
        int(defaults["te_irae_days_after_last_dose"]),
        defaults["missing_causality"],
    )


@pytest.fixture(scope="module")
def histories() -> dict[str, Patient]:
    return {f"drawn_{number}": patient for number, patient in enumerate(drawn(patients(), patients_wanted(PATIENTS)))}


@pytest.fixture(scope="module")
def judged(histories: dict[str, Patient]) -> dict[str, list[Judged]]:
    return {name: judge(patient.rows, patient.treatment, rules()) for name, patient in histories.items()}


@pytest.fixture(scope="module")
def warehouse(histories: dict[str, Patient]) -> duckdb.DuckDBPyConnection:
    treated = {
        name: safety_cases.Treated(
            index=patient.treatment.index.isoformat(),
            last_dose=patient.treatment.last_dose.isoformat(),
            next_line=patient.treatment.next_line.isoformat() if patient.treatment.next_line else None,
        )
        for name, patient in histories.items()
    }
    events: dict[str, list[safety_cases.Row]] = {
        name: [
            {
                "raw_term": event.term,
                "start_text": event.start,
                "end_text": event.end,
                "grade_at": event.grade_at,
                "ctcae_grade": event.grade,
                "causality_text": event.causality,
                "row_key": f"{name}_{row}",
                "source_row": row,
            }
            for row, event in enumerate(patient.rows)
        ]
        for name, patient in histories.items()
    }
    return safety_cases.run(treated, events)


def test_each_event_is_judged_alike(
    histories: dict[str, Patient], judged: dict[str, list[Judged]], warehouse: duckdb.DuckDBPyConnection
) -> None:
    """Start, windows, relation and grade inside the window agree for every drawn event that the cutoff knows."""
    names = {harness.patient_key(name): name for name in histories}
    query = (
        "select patient_key, source_row, start_date, trtemfl, irae_trtemfl, traefl, te_grade"
        " from warehouse.marts.adverse_events"
    )
    found = {(names[key], row): tuple(rest) for key, row, *rest in warehouse.execute(query).fetchall()}
    expected = {
        (name, one.row): (one.start, one.emergent, one.emergent_immune, one.related_emergent, one.grade_in_window)
        for name, some in judged.items()
        for one in some
    }
    differing = sorted(place for place in found.keys() | expected.keys() if found.get(place) != expected.get(place))
    shown = [(histories[name], row, found.get((name, row)), expected.get((name, row))) for name, row in differing[:1]]
    assert not differing, f"{len(differing)} of {len(expected)} events differ: {shown}"
    assert {answer[1] for answer in expected.values()} == {"Y", "N", "U"}


def test_the_flagged_event_of_each_term_is_the_same(
    histories: dict[str, Patient], judged: dict[str, list[Judged]], warehouse: duckdb.DuckDBPyConnection
) -> None:
    """The highest grade of a patient and term stands on the same row, ties and missing grades included."""
    names = {harness.patient_key(name): name for name in histories}
    query = "select patient_key, term, source_row from warehouse.marts.adverse_events where max_grade_flag = 'Y'"
    found = {(names[key], term, row) for key, term, row in warehouse.execute(query).fetchall()}
    expected = {
        (name, term, one.row)
        for name, patient in histories.items()
        for text, term in TERMS.items()
        if (one := flagged(patient.rows, judged[name], text))
    }
    assert found == expected


def test_the_tables_count_alike(
    histories: dict[str, Patient], judged: dict[str, list[Judged]], warehouse: duckdb.DuckDBPyConnection
) -> None:
    """Each patient counts once per group of related events, at the highest grade known."""
    query = (
        "select grouped_term, n_safety, n_any, n_g12, n_g3plus, n_grade_unknown"
        " from warehouse.marts.adverse_event_summary where scope = 'TRAE'"
    )
    found = {group: tuple(counts) for group, *counts in warehouse.execute(query).fetchall()}
    expected = {}
    for group, terms in GROUPS.items():
        sure = [worst(patient.rows, judged[name], terms, related=True) for name, patient in histories.items()]
        grades = [grade for counts, grade in sure if counts]
        mild, severe = ([g for g in grades if g is not None and (g < 3) is is_mild] for is_mild in (True, False))
        expected[group] = (len(histories), len(grades), len(mild), len(severe), grades.count(None))
    assert found == expected
