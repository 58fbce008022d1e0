"""Builds the marts that analysis reads, from patients as plain rows; shares nothing with the SQL that makes them."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from models.protocol import Covariate, Protocol

DAYS_PER_MONTH = 30.4375
PARAMETERS = {
    "km_ci": "loglog",
    "median_ci": "brookmeyer_crowley_loglog",
    "quantile_type": "7",
    "cox_ties": "efron",
    "uni_p_enter": "0.05",
    "epv_min": "10",
    "suppress_k": "5",
    "meta_method": "REML + modified Hartung-Knapp",
    "centre_min_events": "5",
    "days_per_month": "30.4375",
    "tte_add_one": "1",
    "landmark_months": "2",
}
TABLES = {
    "marts.study_cohort": "centre_id varchar, patient_key varchar, index_date date, data_cutoff date, "
    "is_included boolean, first_failed_criterion varchar",
    "marts.attrition": "step integer, criterion_id varchar, kind varchar, label varchar, n_in bigint, "
    "n_not_met bigint, n_unknown_excluded bigint, n_unknown_kept bigint, n_out bigint",
    "marts.attrition_reasons": "step integer, criterion_id varchar, status varchar, reason varchar, n_patients bigint",
    "marts.covariates": "centre_id varchar, patient_key varchar, covariate varchar, value_number decimal(18,4), "
    "value_text varchar, level varchar",
    "marts.treatment_free_intervals": "centre_id varchar, patient_key varchar, prior_ici varchar, ici_class varchar, "
    "same_agent varchar, same_agent_ever varchar, tfi_months double, washout_days bigint, pd_after varchar, "
    "gap_gt_3m varchar, irae_ok varchar, conforms_protocol varchar",
    "marts.best_response": "centre_id varchar, patient_key varchar, response_source varchar, "
    "bor varchar, confirmed_bor varchar, is_responder boolean, is_controlled boolean, is_clinical_benefit boolean, "
    "best_pct_base decimal(18,1), best_sum_date date, depth_status varchar, has_new_lesion boolean, "
    "window_end_date date",
    "marts.tumour_timepoints": "centre_id varchar, patient_key varchar, reader varchar, tp_date date, "
    "first_date date, last_date date, is_baseline boolean, pct_base decimal(18,1), new_lesion varchar",
    "marts.event_dates": "centre_id varchar, patient_key varchar, event varchar, event_date date",
    "marts.survival_times": "centre_id varchar, patient_key varchar, paramcd varchar, aval_days integer, "
    "aval_months double, cnsr integer, start_date date",
    "marts.adverse_event_summary": "scope varchar, grouped_term varchar, n_safety bigint, n_any bigint, n_g12 bigint, "
    "n_g3plus bigint, n_grade_unknown bigint, n_undetermined bigint",
    "marts.adverse_events": "centre_id varchar, patient_key varchar, grouped_term varchar, certainty varchar, "
    "grade integer, te_grade integer, trtemfl varchar, traefl varchar, irae_flag varchar, irae_trtemfl varchar",
    "marts.dosing": "centre_id varchar, patient_key varchar, component varchar, initial_mg decimal(18,4), "
    "reduced varchar, escalated varchar, n_reductions integer, n_toxicity_reductions integer, "
    "n_unexplained_reductions integer, n_interruptions integer, n_delays integer, n_omissions integer, "
    "cycles_started integer, cycles_completed integer, duration_months double, rdi_pct decimal(18,1), "
    "rdi_label_pct decimal(18,1), is_rdi_above_max boolean, is_ongoing boolean",
    "marts.disposition": "centre_id varchar, patient_key varchar, reason varchar, duration_months double",
}
RELEASE_TABLES = {
    "marts.variant_differences": "study_id varchar, variant varchar, centre_id varchar, patient_key varchar, "
    "item varchar, is_included_in_both boolean, primary_value varchar, variant_value varchar",
    "meta.deliveries": "centre_id varchar, delivery_id varchar, extract_date date",
    "quality.landing": "centre_id varchar, table_name varchar, rows_emitted bigint, rows_landed bigint, "
    "rows_quarantined bigint, rows_duplicate bigint",
    "quality.checks": "check_id varchar, table_name varchar, centre_id varchar, study_id varchar, variant varchar, "
    "fires_when varchar, tolerance_pct decimal(18, 4), n_rows bigint, n_fail bigint, is_exceeded boolean",
}
RESPONDING = ("CR", "PR")
CONTROLLED = (*RESPONDING, "SD", "NON-CR/NON-PD")


@dataclass(frozen=True)
class Patient:
    """One included patient: covariate values (None is missing), best response, and days with event flag by endpoint.

    `response` and `ici` hold further columns of marts.best_response and marts.treatment_free_intervals.
    """

    key: str
    covariates: Mapping[str, float | str | None] = field(default_factory=dict)
    bor: str = "NE"
    times: Mapping[str, tuple[int, bool]] = field(default_factory=dict)
    prior_ici: str = "N"
    same_agent: str | None = None
    tfi_months: float | None = None
    response: Mapping[str, object] = field(default_factory=dict)
    ici: Mapping[str, object] = field(default_factory=dict)
    centre: str = "hospital_a"


def level_of(covariate: Covariate, value: float | str | None) -> str | None:
    """The protocol's level of a value, None if it has none."""
    if value is None:
        return None
    for level in covariate.levels:
        if isinstance(value, str):
            if value in level.values:
                return level.label
        elif (level.min is None or level.min <= value) and (level.max is None or value <= level.max):
            return level.label
    return None


def build(connection: duckdb.DuckDBPyConnection, protocol: Protocol, patients: Iterable[Patient]) -> None:
    """Create every mart and fill it with these patients, all included."""
    for schema in ("marts", "meta", "quality"):
        connection.execute(f"create schema {schema}")
    for name, columns in TABLES.items():
        connection.execute(f"create table {name} (study_id varchar, variant varchar, {columns})")
    for name, columns in RELEASE_TABLES.items():
        connection.execute(f"create table {name} ({columns})")
    connection.begin()  # thousands of rows, each a transaction of its own otherwise
    for patient in patients:
        _insert_patient(connection, protocol, patient)
    connection.commit()


def insert(connection: duckdb.DuckDBPyConnection, protocol: Protocol, mart: str, *values: object) -> None:
    """Add one row of a study mart."""
    marks = ", ".join("?" * (len(values) + 2))
    connection.execute(f"insert into {mart} values ({marks})", [protocol.study.id, "primary", *values])


def insert_columns(connection: duckdb.DuckDBPyConnection, protocol: Protocol, mart: str, **columns: object) -> None:
    """Add one row of a study mart by the names of its columns; the others stay empty."""
    row = {"study_id": protocol.study.id, "variant": "primary", **columns}
    marks = ", ".join("?" * len(row))
    connection.execute(f"insert into {mart} ({', '.join(row)}) values ({marks})", list(row.values()))


def _insert_patient(connection: duckdb.DuckDBPyConnection, protocol: Protocol, patient: Patient) -> None:
    who = (patient.centre, patient.key)
    insert(connection, protocol, "marts.study_cohort", *who, "2020-01-01", protocol.cutoff.date, True, None)
    for covariate in protocol.covariates:
        value = patient.covariates.get(covariate.name)
        number, text = (None, value) if isinstance(value, str) else (value, None)
        row = (*who, covariate.name, number, text, level_of(covariate, value))
        insert(connection, protocol, "marts.covariates", *row)
    names = {"centre_id": patient.centre, "patient_key": patient.key}
    flags = {"is_responder": patient.bor in RESPONDING, "is_controlled": patient.bor in CONTROLLED}
    response = {"bor": patient.bor, "depth_status": "NO_ASSESSMENT", **flags, **patient.response}
    insert_columns(connection, protocol, "marts.best_response", **names, **response)
    interval = {"prior_ici": patient.prior_ici, "same_agent": patient.same_agent, "tfi_months": patient.tfi_months}
    insert_columns(connection, protocol, "marts.treatment_free_intervals", **names, **interval, **patient.ici)
    for paramcd, (days, is_event) in patient.times.items():
        time = (paramcd, days, days / DAYS_PER_MONTH, 0 if is_event else 1, "2020-01-01")
        insert(connection, protocol, "marts.survival_times", *who, *time)


SITES = {"Upper": "C15.3", "Middle": "C15.4", "Lower": "C15.5"}
YES = {"1": "Yes", "0": "No"}


def _escc_patient(row: Mapping[str, str]) -> Patient:
    return Patient(
        key=row["patient_id"],
        covariates={
            "age": float(row["age"]),
            "sex": row["sex"][0],
            "ecog": float(row["ecog"]),
            "primary_site": SITES[row["primary_site"]],
            "prior_surgery": row["prior_surgery"],
            "prior_lines": float(row["prior_lines"]),
            "second_line": float(row["prior_lines"]),
            "prior_ici": YES[row["prior_ici"]],
            "prior_taxane": YES[row["prior_taxane"]],
            "prior_platinum": YES[row["prior_platinum"]],
            "prior_targeted": YES[row["prior_targeted"]],
            "met_sites": 3.0 if row["met_sites"] == "<=3" else 4.0,
            "radiotherapy": row["radiotherapy"],
            "anlotinib_dose": float(row["anlotinib_mg"]),
            "pd1_agent": row["pd1"].lower(),
        },
        bor=row["best_response"],
        times={name: time for name in ("PFS", "OS", "DOR", "TTR") if (time := _escc_time(row, name))},
        prior_ici="Y" if row["prior_ici"] == "1" else "N",
        tfi_months=float(row["tfi_months"]) if row["tfi_months"] else None,
        response={
            "best_pct_base": row["best_pct_change"] or None,
            "depth_status": "MEASURED" if row["best_pct_change"] else "NO_COMPLETE_SUM",
        },
        ici={"ici_class": "UNKNOWN" if row["prior_ici"] == "1" else "NAIVE"},
    )


def _escc_time(row: Mapping[str, str], name: str) -> tuple[int, bool] | None:
    """Days and event flag; a time to response always ends with the response."""
    months = row[f"{name.lower()}_months"]
    is_event = name == "TTR" or float(row[f"{name.lower()}_event"] or 0) == 1
    return (round(float(months) * DAYS_PER_MONTH), is_event) if months else None


def escc87_patients(table: Path) -> list[Patient]:
    """The 87 patients of the study, of one centre."""
    with table.open(encoding="utf-8") as file:
        return [_escc_patient(row) for row in csv.DictReader(file)]


SCREENED = 214
LEAVING = {"I1": 31, "I2": 18, "I4": 22, "I5": 29, "E1": 9, "E2": 7, "E3": 3, "E4": 8}
"""Patients who leave at each criterion; with the 87 they make 214. Two of I2 have no ECOG noted."""

REASONS = {
    "I1": {"NO_PATHOLOGY": 12, "NO_DISTANT_DISEASE": 19},
    "I2": {"ECOG_ABOVE_MAX": 16, "ECOG_MISSING": 2},
    "I4": {"NO_PRIOR_THERAPY": 22},
    "I5": {"PDL1_INSTEAD_OF_PD1": 11, "OUT_OF_WINDOW": 18},
    "E1": {"ADENOCARCINOMA": 9},
    "E2": {"SECOND_PRIMARY": 7},
    "E3": {"ACTIVE_BRAIN_METASTASIS": 3},
    "E4": {"NO_FOLLOW_UP": 8},
}


def escc87_marts(connection: duckdb.DuckDBPyConnection, protocol: Protocol, table: Path) -> None:
    """The 87 patients of the study, screened from 214, in one centre with one delivery."""
    build(connection, protocol, escc87_patients(table))
    n_in = SCREENED
    for criterion_id, patients in LEAVING.items():
        for number in range(patients):
            row = ("hospital_a", f"left_at_{criterion_id}_{number}", None, protocol.cutoff.date, False, criterion_id)
            insert(connection, protocol, "marts.study_cohort", *row)
    for step, criterion in enumerate(protocol.criteria, start=1):
        leaving = LEAVING.get(criterion.id, 0)
        reasons = REASONS.get(criterion.id, {})
        unknown = reasons.get("ECOG_MISSING", 0)
        counts = (n_in, leaving - unknown, unknown, 4 if criterion.id == "I6" else 0, n_in - leaving)
        name = (step, criterion.id, criterion.kind.upper(), criterion.label)
        insert(connection, protocol, "marts.attrition", *name, *counts)
        for reason, count in reasons.items():
            status = "UNKNOWN" if reason == "ECOG_MISSING" else "NOT_MET"
            insert(connection, protocol, "marts.attrition_reasons", step, criterion.id, status, reason, count)
        n_in -= leaving
    connection.execute("insert into meta.deliveries values ('hospital_a', 'delivery_1', '2025-07-05')")
    connection.execute("insert into quality.landing values ('hospital_a', 'drug_row', 9120, 9100, 12, 8)")
    connection.execute("insert into quality.landing values ('hospital_a', 'response', 611, 611, 0, 0)")
    connection.execute(
        "insert into quality.checks values "
        "('DQ013', 'ecog', 'hospital_a', null, null, 'value not in 0..5', 0, 2035, 8, true), "
        "('DQ035', 'death', 'hospital_a', null, null, 'death recorded without a usable date', 1, 294, 0, false)"
    )
