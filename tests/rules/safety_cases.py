"""Invented patients of the safety rules (R8): their treatment as the rows that the windows are derived from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from tests.rules import harness

Row = dict[str, object]

INDEX, LAST_DOSE = "2024-01-10", "2024-06-10"
PLAIN = harness.protocol()
EXTRACTED = date(2030, 1, 1)
"""After all events that are told; what an extract cannot know yet is rejected (DQ058)."""

GIVEN: Row = {"is_kept": True, "local_route": "N", "source_kind": "ADMIN"}
STRICT = harness.protocol({"missing_causality": "not_related"}).replace('id = "rule_cases"', 'id = "strict_causality"')
SELECTED = (
    "+int_adverse_events +stg_vital int_parameters_r8 int_included_patients path:models/intermediate/safety"
    " adverse_events adverse_event_summary adae unresolved_terms"
)


@dataclass(frozen=True)
class Treated:
    """One patient's index date, last dose of the last component, next line and death; drugs and weights beside them."""

    index: str = INDEX
    last_dose: str | None = LAST_DOSE
    next_line: str | None = None
    death: str | None = None
    drugs: tuple[Row, ...] = ()
    weight_kg: str | None = None
    study: str = PLAIN


def run(
    treated: Mapping[str, Treated], events: Mapping[str, Sequence[Row]], protocols: Sequence[str] = (PLAIN,)
) -> duckdb.DuckDBPyConnection:
    """The safety models over events by patient; each patient is included in the studies that share its cohort."""
    place = {name: {"centre_id": harness.CENTRE, "patient_key": harness.patient_key(name)} for name in treated}
    studies = {patient.study for patient in treated.values()}
    sets = {(family, study): harness.param_set(family, study) for family in ("R2", "R3", "R6") for study in studies}
    lines, cohort, survival = (
        {name: sets[(family, patient.study)] for name, patient in treated.items()} for family in ("R2", "R3", "R6")
    )
    weighed = [name for name, patient in treated.items() if patient.weight_kg]
    dosed = [name for name, patient in treated.items() if patient.last_dose]
    return harness.run_models(
        SELECTED,
        protocols=protocols,
        extract_date=EXTRACTED,
        lake={
            "patient": [{"patient_id": name} for name in treated],
            "ae": [{"patient_id": name, **event} for name, some in events.items() for event in some],
            "vital": [
                {
                    "patient_id": name,
                    "specimen_date": "2024-01-02",
                    "test": "WEIGHT",
                    "value_text": treated[name].weight_kg,
                    "unit": "kg",
                }
                for name in weighed
            ],
        },
        replaced={
            "int_eligibility_patients": [
                {**place[name], "param_set_id": cohort[name], "is_included": True} for name in treated
            ],
            "int_index": [
                {
                    **place[name],
                    "param_set_id": cohort[name],
                    "lines_param_set_id": lines[name],
                    "index_date": patient.index,
                    "index_line_seq": 1,
                    "data_cutoff": "2025-07-05",
                }
                for name, patient in treated.items()
            ],
            "int_index_component_episodes": [
                {
                    **place[name],
                    "param_set_id": cohort[name],
                    "component": component,
                    "episode_id": component,
                    "start_date": treated[name].index,
                }
                for name in dosed
                for component in ("anlotinib", "pd1")
            ],
            "int_line_episodes": [
                {**place[name], "param_set_id": lines[name], "episode_id": component, "line_seq": 1}
                for name in dosed
                for component in ("anlotinib", "pd1")
            ],
            "int_exposure_episodes": [
                {**place[name], "param_set_id": lines[name], "episode_id": component, "last_dose_date": last_dose}
                for name in dosed
                for component, last_dose in (("anlotinib", treated[name].last_dose), ("pd1", treated[name].index))
            ],
            "int_lines_of_therapy": [
                {**place[name], "param_set_id": lines[name], "line_seq": 1, "next_start_date": patient.next_line}
                for name, patient in treated.items()
            ],
            "int_deaths": [
                {
                    **place[name],
                    "param_set_id": survival[name],
                    "death_date": patient.death,
                    "death_status": "ACCEPTED",
                }
                for name, patient in treated.items()
                if patient.death
            ],
            "int_drug_rows_selected": [
                {**place[name], "param_set_id": lines[name], **GIVEN, **drug}
                for name, patient in treated.items()
                for drug in patient.drugs
            ],
        },
    )


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """The rows of a query as dictionaries."""
    found = connection.execute(query)
    columns = [column[0] for column in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
