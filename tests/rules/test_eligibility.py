"""Eligibility and attrition (rule R3.2): the cases of 03c through the shipped study, and both sides of each criterion.

Every patient is a whole record: one earlier line of carboplatin, then the index combination on INDEX.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.rules import harness

INDEX = "2023-05-20"
STUDY = (harness.ROOT / "studies" / "anlotinib_pd1_escc.toml").read_text(encoding="utf-8")
STABLE_BRAIN = STUDY.replace(
    '[{ type = "no_active_brain_metastasis" }]', '[{ type = "no_active_brain_metastasis", min = 28 }]'
).replace('id = "anlotinib_pd1_escc"', 'id = "stable_brain"')


@dataclass
class Patient:
    """An eligible patient; a case overrides what makes it one."""

    birth_ym: str = "1960-05"
    sex: str | None = "M"
    pathology: list[tuple[str, str, str, str]] = field(default_factory=lambda: [("2022-06-01", "C15.4", "8070", "N")])
    metastasis: str | None = "2022-12-01"
    ecog: int | None = 1
    prior_drug: bool = True
    prior_dose: str = "2023-01-10"
    stopped_for: str | None = None
    responses: list[tuple[str, str]] = field(default_factory=lambda: [("2023-04-20", "PD")])
    index_drug: str = "tislelizumab"
    diagnoses: list[tuple[str, str, str]] = field(default_factory=lambda: [("2022-06-01", "C15.4", "PRIMARY")])
    notes: list[tuple[str, str]] = field(default_factory=list)
    brain_scans: list[str] = field(default_factory=lambda: ["2023-05-10"])
    brain_metastases: list[str] = field(default_factory=list)
    brain_treatments: list[str] = field(default_factory=list)
    stage: str | None = "2022-12-01"
    contacts: list[str] = field(default_factory=lambda: ["2023-08-01"])

    def lake(self, patient_id: str) -> dict[str, list[harness.Row]]:
        """The patient's rows by contract table."""
        drugs: list[tuple[str, str, str, str, int | None]] = []
        if self.prior_drug:
            drugs.append(("carboplatin", self.prior_dose, "ADMIN", "IV", None))
        drugs += [("anlotinib", INDEX, "DISPENSE", "PO", 14), (self.index_drug, INDEX, "ADMIN", "IV", None)]
        rows: dict[str, list[dict[str, object]]] = {
            "patient": [{"sex": self.sex, "birth_ym": self.birth_ym}],
            "pathology": [
                {
                    "path_date": day,
                    "site_icdo": site,
                    "icdo_morphology": code,
                    "behaviour": "3",
                    "text_flag_mixed": mixed,
                }
                for day, site, code, mixed in self.pathology
            ],
            "disease_event": [{"event": "DX", "event_date_text": "2022-06-01", "is_distant": "N"}],
            "ecog": [] if self.ecog is None else [{"specimen_date": "2023-05-18", "test": "ECOG", "value": self.ecog}],
            "drug_row": [
                {
                    "raw_name": name,
                    "start_text": day,
                    "source_kind": kind,
                    "route": route,
                    "qty": units,
                    "units_per_day": 1 if units else None,
                    "dispense_setting": "OUTPATIENT" if units else None,
                    "reason_stop": self.stopped_for if name == "carboplatin" else None,
                }
                for name, day, kind, route, units in drugs
            ],
            "response": [{"reader": "INV", "response_date": day, "response": seen} for day, seen in self.responses],
            "diagnosis": [{"date_text": day, "code": code, "kind": kind} for day, code, kind in self.diagnoses],
            "clinical_note_flag": [{"date_text": day, "flag": flag} for day, flag in self.notes],
            "scan": [{"scan_date": day, "modality": "MRI", "region": "BRAIN"} for day in self.brain_scans],
            "procedure": [{"kind": "RT", "start_text": d, "target_site": "BRAIN"} for d in self.brain_treatments],
            "stage": [{"stage_date": self.stage, "m": "M1", "stage_group": "IVB"}] if self.stage else [],
            "contact": [{"date_text": day, "kind": "OUTPATIENT_VISIT"} for day in self.contacts],
        }
        metastases = [(self.metastasis, "LIVER")] if self.metastasis else []
        for day, organ in [*metastases, *((day, "BRAIN") for day in self.brain_metastases)]:
            rows["disease_event"].append({"event": "M1", "event_date_text": day, "organ": organ, "is_distant": "Y"})
        return {table: [{"patient_id": patient_id, **row} for row in some] for table, some in rows.items()}


def _worked_case(row: Mapping[str, str | None]) -> Patient:
    active = row["brain_active"]
    brain = row["brain_mets"] == "Y"
    return Patient(
        birth_ym=f"{2023 - int(str(row['age']))}-05",
        pathology=[("2022-06-01", "C15.4", str(row["icdo_morph"]).split("/", maxsplit=1)[0], str(row["mixed_adeno"]))],
        metastasis="2022-12-01" if row["m1_date_ok"] == "Y" else None,
        ecog=int(row["ecog"]) if row["ecog"] else None,
        prior_drug=row["prior_systemic"] == "Y",
        responses=[("2023-04-20", "PD")] if row["pd_or_intol"] == "Y" else [],
        brain_scans=["2023-05-10"] if row["brain_mets"] else [],
        brain_metastases=["2023-01-01"] if brain else [],
        brain_treatments=["2023-02-01"] if brain and active == "N" else [],
        contacts=["2023-08-01"] if int(str(row["followup_rows"])) else [],
    )


WORKED = {str(row["case_id"]): _worked_case(row) for row in harness.example("03c_eligibility__input")}

BOUNDARIES: dict[str, tuple[Patient, str, str, str]] = {
    # patient: record, criterion, status, reason
    "biopsied_at_another_site": (
        Patient(pathology=[("2022-06-01", "C34.1", "8070", "N")]),
        "I1",
        "NOT_MET",
        "OTHER_SITE",
    ),
    "biopsied_at_another_site_after_index": (
        Patient(pathology=[("2023-05-21", "C34.1", "8070", "N")]),
        "I1",
        "UNKNOWN",
        "NO_PATHOLOGY",
    ),
    "biopsied_at_both_sites": (
        Patient(pathology=[("2022-05-01", "C34.1", "8140", "N"), ("2022-06-01", "C15.4", "8070", "N")]),
        "I1",
        "MET",
        "PATHOLOGY_PROVEN",
    ),
    "biopsied_at_both_sites_but_not_specified": (
        Patient(pathology=[("2022-05-01", "C34.1", "8070", "N"), ("2022-06-01", "C15.4", "8010", "N")]),
        "I1",
        "UNKNOWN",
        "HISTOLOGY_NOT_SPECIFIED",
    ),
    "carcinoma_not_specified": (
        Patient(pathology=[("2022-06-01", "C15.4", "8010", "N")]),
        "I1",
        "UNKNOWN",
        "HISTOLOGY_NOT_SPECIFIED",
    ),
    "adenosquamous": (Patient(pathology=[("2022-06-01", "C15.4", "8560", "N")]), "I1", "NOT_MET", "OTHER_HISTOLOGY"),
    "clinical_code_only": (Patient(pathology=[]), "I1", "UNKNOWN", "NO_PATHOLOGY"),
    "basaloid_squamous": (Patient(pathology=[("2022-06-01", "C15.4", "8083", "N")]), "I1", "MET", "PATHOLOGY_PROVEN"),
    "outside_the_range": (
        Patient(pathology=[("2022-06-01", "C15.4", "8077", "N")]),
        "I1",
        "NOT_MET",
        "OTHER_HISTOLOGY",
    ),
    "biopsied_after_index": (
        Patient(pathology=[("2023-05-21", "C15.4", "8070", "N")]),
        "I1",
        "UNKNOWN",
        "NO_PATHOLOGY",
    ),
    "metastasis_seven_days_later": (Patient(metastasis="2023-05-27"), "I1", "MET", "PATHOLOGY_PROVEN"),
    "metastasis_eight_days_later": (Patient(metastasis="2023-05-28"), "I1", "NOT_MET", "EVENT_NOT_DOCUMENTED"),
    "metastasis_known_to_the_month": (Patient(metastasis="2023-05"), "I1", "UNKNOWN", "DATE_IMPRECISE"),
    "ecog_two": (Patient(ecog=2), "I2", "MET", "ECOG_IN_RANGE"),
    "ecog_three": (Patient(ecog=3), "I2", "NOT_MET", "ECOG_ABOVE_MAX"),
    "eighteen_on_the_fifteenth": (Patient(birth_ym="2005-05"), "I3", "MET", "AGE_IN_RANGE"),
    "eighteen_next_month": (Patient(birth_ym="2005-06"), "I3", "NOT_MET", "AGE_BELOW_MIN"),
    "progressed_on_the_index_day": (Patient(responses=[(INDEX, "PD")]), "I4", "MET", "PROGRESSED"),
    "stopped_for_toxicity": (Patient(responses=[], stopped_for="TOXICITY"), "I4", "MET", "STOPPED_FOR_TOXICITY"),
    "stable_after_a_long_break": (
        Patient(prior_dose="2022-12-01", responses=[("2023-04-20", "SD")]),
        "I4",
        "NOT_MET",
        "NO_PROGRESSION_DOCUMENTED",
    ),
    "added_while_stable": (Patient(responses=[("2023-04-20", "SD")]), "I4", "NOT_MET", "NO_PRIOR_SYSTEMIC_THERAPY"),
    "never_imaged": (Patient(responses=[]), "I4", "UNKNOWN", "PROGRESSION_UNKNOWN"),
    "untreated_before": (Patient(prior_drug=False), "I4", "NOT_MET", "NO_PRIOR_SYSTEMIC_THERAPY"),
    "pdl1_instead_of_pd1": (Patient(index_drug="benmelstobart"), "I5", "NOT_MET", "NO_COMBINATION"),
    "organ_function_noted": (
        Patient(notes=[(INDEX, "ORGAN_FUNCTION_INADEQUATE")]),
        "I6",
        "NOT_MET",
        "ORGAN_FUNCTION_INADEQUATE",
    ),
    "organ_function_noted_later": (
        Patient(notes=[("2023-05-21", "ORGAN_FUNCTION_INADEQUATE")]),
        "I6",
        "MET",
        "NOT_FLAGGED",
    ),
    "mixed_component": (Patient(pathology=[("2022-06-01", "C15.4", "8070", "Y")]), "E1", "NOT_MET", "MIXED_HISTOLOGY"),
    "second_cancer_five_years_ago": (
        Patient(diagnoses=[("2018-05-20", "C18.7", "SECOND_PRIMARY")]),
        "E2",
        "NOT_MET",
        "SECOND_PRIMARY",
    ),
    "second_cancer_a_day_earlier": (
        Patient(diagnoses=[("2018-05-19", "C18.7", "SECOND_PRIMARY")]),
        "E2",
        "MET",
        "NO_SECOND_PRIMARY",
    ),
    "skin_cancer_is_exempt": (
        Patient(diagnoses=[("2022-01-01", "C44.3", "SECOND_PRIMARY")]),
        "E2",
        "MET",
        "NO_SECOND_PRIMARY",
    ),
    "nothing_coded": (Patient(diagnoses=[]), "E2", "UNKNOWN", "NO_CODED_CONDITIONS"),
    "brain_not_imaged": (Patient(brain_scans=[]), "E3", "UNKNOWN", "NO_BRAIN_IMAGING"),
    "brain_untreated": (Patient(brain_metastases=["2023-01-01"]), "E3", "NOT_MET", "BRAIN_METASTASIS_UNTREATED"),
    "brain_progressed_after_treatment": (
        Patient(brain_metastases=["2023-01-01", "2023-04-01"], brain_treatments=["2023-02-01"]),
        "E3",
        "NOT_MET",
        "BRAIN_METASTASIS_NOT_STABLE",
    ),
    "sex_not_recorded": (Patient(sex=None), "E4", "NOT_MET", "NO_SEX"),
    "never_staged": (Patient(stage=None), "E4", "NOT_MET", "NO_BASELINE_STAGE"),
    "staged_after_index": (Patient(stage="2023-06-20"), "E4", "NOT_MET", "NO_BASELINE_STAGE"),
}

STABLE_FOR: dict[str, tuple[Patient, str]] = {
    "brain_stable_28_days": (
        Patient(brain_metastases=["2023-01-01"], brain_treatments=["2023-04-01"], brain_scans=["2023-04-29"]),
        "MET",
    ),
    "brain_stable_27_days": (
        Patient(brain_metastases=["2023-01-01"], brain_treatments=["2023-04-01"], brain_scans=["2023-04-28"]),
        "NOT_MET",
    ),
}

EVERYONE = {
    **WORKED,
    **{case: patient for case, (patient, *_) in BOUNDARIES.items()},
    **{case: patient for case, (patient, _) in STABLE_FOR.items()},
}


@dataclass
class Verdicts:
    """What the shipped models say about the patients."""

    criteria: dict[tuple[str, str, str], tuple[str, str]]
    included: dict[str, tuple[bool, str | None]]
    matrix: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def verdicts() -> Verdicts:
    """One run over all patients, for the shipped study and for one that asks for 28 days of stable brain imaging."""
    lake: dict[str, list[harness.Row]] = {}
    for case, patient in EVERYONE.items():
        for table, rows in patient.lake(case).items():
            lake.setdefault(table, []).extend(rows)
    connection = harness.run_models("+eligibility +study_cohort +attrition", lake=lake, protocols=[STUDY, STABLE_BRAIN])
    names = {harness.patient_key(case): case for case in EVERYONE}
    criteria = connection.execute(
        "select study_id, patient_key, criterion_id, status, reason from warehouse.marts.eligibility"
        " where variant = 'primary'"
    ).fetchall()
    cohort = connection.execute(
        "select patient_key, is_included, first_failed_criterion from warehouse.marts.study_cohort"
        " where variant = 'primary' and study_id = ?",
        ["anlotinib_pd1_escc"],
    ).fetchall()
    steps = connection.execute(
        "select * from warehouse.marts.attrition where variant = 'primary' order by study_id, step"
    ).fetchall()
    return Verdicts(
        criteria={(study, names[key], criterion): (status, why) for study, key, criterion, status, why in criteria},
        included={names[key]: (is_included, failed) for key, is_included, failed in cohort},
        matrix=steps,
    )


@pytest.mark.parametrize("expected", harness.example("03c_eligibility__expected"), ids=lambda row: str(row["case_id"]))
def test_the_worked_patients_are_judged(verdicts: Verdicts, expected: dict[str, str | None]) -> None:
    """Each case of 03c gets its status by criterion, and leaves at the first that fails."""
    as_written = {"MET": "NOT_EXCL", "NOT_MET": "EXCL", "UNKNOWN": "UNKNOWN"}
    case = str(expected["case_id"])
    for criterion in ("I1", "I2", "I3", "I4", "E1", "E2", "E3", "E4"):
        status = verdicts.criteria["anlotinib_pd1_escc", case, criterion][0]
        assert (as_written[status] if criterion.startswith("E") else status) == expected[criterion], criterion
    is_included, first_failed = verdicts.included[case]
    assert ("Y" if is_included else "N", first_failed) == (expected["included"], expected["first_failed"])


@pytest.mark.parametrize("case", BOUNDARIES)
def test_both_sides_of_a_criterion(verdicts: Verdicts, case: str) -> None:
    """A fact just inside its bound passes, just outside fails, a missing one is unknown, each with its reason."""
    _, criterion, status, reason = BOUNDARIES[case]
    assert verdicts.criteria["anlotinib_pd1_escc", case, criterion] == (status, reason)


@pytest.mark.parametrize("case", STABLE_FOR)
def test_stable_brain_imaging_lasts_as_long_as_the_protocol_asks(verdicts: Verdicts, case: str) -> None:
    """A treated brain metastasis is inactive from the day on which imaging has been stable for the protocol's days."""
    assert verdicts.criteria["stable_brain", case, "E3"][0] == STABLE_FOR[case][1]


def test_every_step_of_every_flowchart_adds_up(verdicts: Verdicts) -> None:
    """What comes into a step leaves as not met, as unknown, or goes on, and what goes on comes into the next."""
    previous: dict[str, int] = {}
    for study, _, _, _, _, _, n_in, n_not_met, n_unknown_excluded, _, n_out in verdicts.matrix:
        assert n_in == n_not_met + n_unknown_excluded + n_out
        assert n_in == previous.get(study, len(EVERYONE))
        previous[study] = n_out
    assert previous["anlotinib_pd1_escc"] == sum(is_included for is_included, _ in verdicts.included.values())
