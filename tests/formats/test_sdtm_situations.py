"""What trials deliver in more ways than one, read by the shipped SDTM mapping; each patient is one situation."""

import pytest

from tests.formats.landing import KEY, pseudonym
from tests.formats.trial import Row, Trial

DELIVERED = {
    "dm": """USUBJID,SEX,DTHDTC
died_by_disposition,F,2024-05-10
died_by_demographics,M,2024-06
""",
    "ex": """STUDYID,USUBJID,EXSEQ,EXTRT,EXDOSE,EXDOSU,EXDOSFRQ,EXROUTE,EXSTDTC,EXENDTC,EXADJ
S,took_capsules,1,ANLOTINIB,12,mg,QD,ORAL,2024-01-01,2024-01-14,
S,took_capsules,2,ANLOTINIB,10,mg,QD,ORAL,2024-01-22,2024-02-04,ADVERSE EVENT
S,took_capsules,3,CAPECITABINE,1500,mg,BID,ORAL,2024-03-01,2024-03-14,
S,counted_capsules,1,ANLOTINIB,12,mg,QD,ORAL,2024-01-01,2024-01-14,
S,stopped_for_progression,1,NIVOLUMAB,240,mg,EVERY 2 WEEKS,INTRAVENOUS,2024-01-01,2024-01-01,
S,stopped_for_progression,2,NIVOLUMAB,240,mg,EVERY 2 WEEKS,INTRAVENOUS,2024-01-15,2024-01-15,
S,missed_a_dose,1,NIVOLUMAB,0,mg,EVERY 2 WEEKS,INTRAVENOUS,2024-01-01,2024-01-01,
S,was_blinded,1,NIVOLUMAB OR PLACEBO,240,mg,EVERY 4 WEEKS,INTRAVENOUS,2024-01-01,2024-01-01,
""",
    "da": """USUBJID,DASEQ,DATESTCD,DASCAT,DAORRES,DADTC
counted_capsules,1,DISPAMT,ANLOTINIB,14,2024-01-01
counted_capsules,2,RETAMT,ANLOTINIB,2,2024-01-22
counted_capsules,3,DISPAMT,S-1,56,2024-02-01
counted_capsules,4,RETAMT,S-1,6,2024-03-01
""",
    "cm": """USUBJID,CMSEQ,CMTRT,CMDECOD,CMCAT,CMOCCUR,CMSTDTC,CMENDTC
treated_before,1,Taxol,PACLITAXEL,PRIOR ANTI-CANCER THERAPY,Y,2023-03,2023---15
treated_before,2,Cisplatin,,PRIOR CHEMOTHERAPY,N,2023,
treated_before,3,Prednisone,PREDNISONE,CONCOMITANT MEDICATION,,2024-01-02,
""",
    "pr": """USUBJID,PRSEQ,PRTRT,PRCAT,PRINDC,PRDOSE,PRLOC,PRSTDTC
treated_before,1,EXTERNAL BEAM RADIOTHERAPY,RADIOTHERAPY,PALLIATIVE,30,BONE,2023-05
treated_before,2,OESOPHAGECTOMY,CANCER SURGERY,,,,2022
treated_before,3,GASTROSTOMY,CANCER SURGERY,PALLIATIVE,,STOMACH,2023-04-01
""",
    "ds": """USUBJID,DSSEQ,DSTERM,DSDECOD,DSCAT,DSSTDTC
stopped_for_progression,1,Progression,PROGRESSIVE DISEASE,DISPOSITION EVENT,2024-01-15
died_by_disposition,1,DEATH DUE TO DISEASE PROGRESSION,DEATH,DISPOSITION EVENT,2024-05-10
""",
    "dd": """USUBJID,DDSEQ,DDTESTCD,DDORRES
died_by_demographics,1,PRCDTH,Adverse event
""",
    "ho": """USUBJID,HOSEQ,HOTERM,HOSTDTC,HOENDTC
died_by_disposition,1,HOSPITAL,2024-05-01,2024-05-10
died_by_demographics,1,HOSPITAL,2024-02-01,2024-02-05
""",
    "ss": """USUBJID,SSSEQ,SSTESTCD,SSSTRESC,SSDTC
died_by_disposition,1,SURVSTAT,ALIVE,2024-04-01
died_by_disposition,2,SURVSTAT,DEAD,2024-06-01
""",
    "tu": """DOMAIN,USUBJID,TUSEQ,TULNKID,TUORRES,TULOC,TUEVAL,TUDTC
TU,nobody_named,1,T01,TARGET,LIVER,,2024-01-02
TU,new_lesions,1,N1,NEW,LUNG,INVESTIGATOR,2024-02-01
TU,new_lesions,2,N2,NEW,BRAIN,INVESTIGATOR,2024-03-01
TU,irradiated,3,NT1,NON-TARGET,BONE,INVESTIGATOR,2024-01-01
""",
    "tr": """DOMAIN,USUBJID,TRSEQ,TRLNKID,TRLNKGRP,TRTESTCD,TRORRES,TRSTRESC,TRSTAT,TRMETHOD,TREVAL,TRDTC
TR,nobody_named,1,T01,A1,DIAMETER,TOO SMALL TO MEASURE,5,,PET/CT SCAN,,2024-01-02
TR,new_lesions,1,N1,A2,TUMSTATE,EQUIVOCAL,EQUIVOCAL,,CT SCAN,INVESTIGATOR,2024-02-01
TR,new_lesions,2,N1,A2,DIAMETER,12,12,,CT SCAN,INVESTIGATOR,2024-02-01
TR,new_lesions,3,,A2,SUMDIAM,62,62,,,INVESTIGATOR,
TR,irradiated,1,NT1,A2,TUMSTATE,,,NOT DONE,CT SCAN,INVESTIGATOR,2024-02-01
""",
    "supptu": """RDOMAIN,USUBJID,IDVAR,IDVARVAL,QNAM,QVAL
TU,irradiated,TUSEQ,3,TUPRVIR,Y
""",
    "rs": """DOMAIN,USUBJID,RSSEQ,RSLNKGRP,RSCAT,RSTESTCD,RSSTRESC,RSEVAL,VISIT,RSDTC
RS,nobody_named,1,A1,RECIST 1.1,OVRLRESP,SD,,WEEK 6,2024-01-02
RS,new_lesions,1,A2,RECIST 1.1,OVRLRESP,SD,INVESTIGATOR,UNSCHEDULED,2024-02-01
RS,deteriorated,1,,PROTOCOL DEFINED RESPONSE CRITERIA,SYMPTDTR,PD,INVESTIGATOR,,2024-04-02
RS,classified_in_rs,1,,ECOG,ECOG101,1,INVESTIGATOR,,2024-01-01
""",
    "qs": """USUBJID,QSSEQ,QSCAT,QSTESTCD,QSORRES,QSSTRESC,QSDTC
classified_in_qs,1,ECOG,ECOG101,Fully active,0,2024-01-01
""",
    "lb": """USUBJID,LBSEQ,LBTESTCD,LBSPEC,LBORRES,LBORRESU,LBDTC
urine_and_blood,1,GLUC,SERUM,5.1,mmol/L,2024-01-01T08:30
urine_and_blood,2,GLUC,URINE,0,mmol/L,2024-01-01
urine_and_blood,3,PROT,URINE,3+,,2024-01-01
urine_and_blood,4,PROT,URINE,1.2,g/day,2024-01-01
urine_and_blood,5,BILI,SERUM,12,umol/L,2024-01-01
""",
    "mi": """USUBJID,MISEQ,MITESTCD,MICAT,MISTRESC,MILOC,MIDTC
told_in_words,1,HISTPATH,HISTOPATHOLOGY,ADENOCARCINOMA,STOMACH,2024-01-03
""",
    "mh": """USUBJID,MHSEQ,MHTERM,MHDECOD,MHCAT,MHSTDTC
told_in_words,1,Squamous cell carcinoma of the oesophagus,,PRIMARY DIAGNOSIS,2023-12
metastatic,1,liver mets,Metastases to liver,CANCER HISTORY,2024-01
metastatic,2,mediastinal nodes,Metastases to lymph nodes,CANCER HISTORY,2024-01
metastatic,3,retroperitoneal nodes,Metastases to lymph nodes,CANCER HISTORY,2024-02
metastatic,4,relapse,Oesophageal carcinoma recurrent,CANCER HISTORY,2024
""",
}


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """All situations in one delivery, landed."""
    landed = Trial(tmp_path_factory.mktemp("trial"))
    landed.deliver(DELIVERED)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ONCOMART_KEY_TRIAL", KEY)
        report = landed.land()
    assert not report.problems
    assert all(not table.quarantined for delivery in report.deliveries for table in delivery.tables)
    return landed


def of(trial: Trial, patient: str, table: str, columns: str) -> list[Row]:
    """What the lake tells of one patient."""
    return trial.rows(table, columns, f"patient_id = '{pseudonym('USUBJID', patient)}'")


def test_oral_exposure_is_an_intake_of_its_days(trial: Trial) -> None:
    """An oral record in EX is taken from its first to its last day, so many units of that strength a day."""
    columns = "source_kind, raw_spec, units_per_day::int, start_text, end_text, reason_stop"
    assert of(trial, "took_capsules", "drug_row", columns) == [
        ("ADMIN", "10 mg", 1, "2024-01-22", "2024-02-04", "TOXICITY"),
        ("ADMIN", "12 mg", 1, "2024-01-01", "2024-01-14", None),
        ("ADMIN", "1500 mg", 2, "2024-03-01", "2024-03-14", None),
    ]


def test_accountability_counts_only_without_exposure(trial: Trial) -> None:
    """What was handed out of a drug whose intake EX tells would count twice: it is left out, another drug's is not."""
    assert of(trial, "counted_capsules", "drug_row", "source_kind, raw_name, qty::int") == [
        ("ADMIN", "ANLOTINIB", None),
        ("DISPENSE", "S-1", 56),
        ("RETURN", "S-1", -6),
    ]


def test_end_of_treatment_gives_the_reason(trial: Trial) -> None:
    """A disposition on the last day of an exposure says why the drug was stopped, and of no other exposure."""
    assert of(trial, "stopped_for_progression", "drug_row", "start_text, cycle_days, reason_stop") == [
        ("2024-01-01", 14, None),
        ("2024-01-15", 14, "PROGRESSION"),
    ]


def test_a_dose_of_nothing_was_not_given(trial: Trial) -> None:
    """SDTM records a missed dose as one of 0: no administration."""
    assert of(trial, "missed_a_dose", "drug_row", "raw_name") == []


def test_a_treatment_that_may_be_placebo_names_its_trial(trial: Trial) -> None:
    """Rule R1 needs the trial of a blinded drug; other drugs carry none."""
    assert of(trial, "was_blinded", "drug_row", "raw_name, trial_id") == [("NIVOLUMAB OR PLACEBO", "S")]
    assert of(trial, "took_capsules", "drug_row", "DISTINCT trial_id") == [(None,)]


def test_medication_by_category(trial: Trial) -> None:
    """Anticancer treatment outside the study is history, other medication is not, and what was not taken is none."""
    assert of(trial, "treated_before", "drug_row", "source_kind, raw_name, start_text, end_text") == [
        ("ADMIN", "PREDNISONE", "2024-01-02", None),
        ("HISTORY", "PACLITAXEL", "2023-03", "2023"),
    ]


def test_prior_radiotherapy_and_surgery(trial: Trial) -> None:
    """The purpose is read where it is told; the removal of an organ without one is meant to cure."""
    assert of(trial, "treated_before", "procedure", "kind, start_text, intent, target_site, dose_gy::int") == [
        ("RT", "2023-05", "PALLIATIVE", "BONE", 30),
        ("SURGERY_CURATIVE", "2022", None, "ESOPHAGUS", None),
        ("SURGERY_PALLIATIVE", "2023-04-01", "PALLIATIVE", "STOMACH", None),
    ]


def test_an_evaluator_who_is_not_named_is_the_investigator(trial: Trial) -> None:
    """Without TREVAL and RSEVAL the investigator judged; TOO SMALL TO MEASURE keeps no number."""
    assert of(trial, "nobody_named", "lesion", "reader, organ, status, mm") == [("INV", "LIVER", "TSTM", None)]
    assert of(trial, "nobody_named", "response", "reader, response") == [("INV", "SD")]


def test_sum_of_diameters_by_link_group(trial: Trial) -> None:
    """The sum that belongs to a response is found by its link group where TR gives it no date."""
    assert of(trial, "new_lesions", "response", "response, target_sum_mm::int") == [("SD", 62)]


def test_unscheduled_visits_are_no_time_point(trial: Trial) -> None:
    """A visit names its time point, but for the unscheduled ones, which all have one name."""
    assert of(trial, "nobody_named", "response", "tp") == [("WEEK 6",)]
    assert of(trial, "new_lesions", "response", "tp") == [(None,)]


def test_new_lesions(trial: Trial) -> None:
    """A new lesion is as certain as TR says, or known from TU alone."""
    assert of(trial, "new_lesions", "lesion", "role, lesion_id, organ, scan_date, certainty") == [
        ("NEW", "N1", "LUNG", "2024-02-01", "EQUIVOCAL"),
        ("NEW", "N2", "BRAIN", "2024-03-01", None),
    ]


def test_irradiated_lesions(trial: Trial) -> None:
    """A supplemental qualifier of TU tells of irradiation; what could not be assessed is not evaluable."""
    columns = "role, organ, nt_status, irradiated"
    assert of(trial, "irradiated", "lesion", columns) == [("NONTARGET", "BONE", "NE", "Y")]


def test_imaging_from_tumour_results(trial: Trial) -> None:
    """A patient whose imaging PR does not list is known by the days and methods of TR, each once."""
    assert of(trial, "new_lesions", "scan", "scan_date, modality") == [("2024-02-01", "CT")]
    assert of(trial, "nobody_named", "scan", "scan_date, modality") == [("2024-01-02", "PET")]


def test_symptomatic_deterioration_is_clinical_progression(trial: Trial) -> None:
    """Progression judged without a scan stands in RS."""
    assert of(trial, "deteriorated", "disease_event", "event, event_date_text") == [("CLIN_PD", "2024-04-02")]


@pytest.mark.parametrize(("patient", "grade"), [("classified_in_qs", 0), ("classified_in_rs", 1)])
def test_performance_status_before_and_after_3_4(trial: Trial, patient: str, grade: int) -> None:
    """ECOG stood in QS before SDTMIG 3.4 and stands in RS since."""
    assert of(trial, patient, "ecog", "test, value, specimen_date") == [("ECOG", grade, "2024-01-01")]


def test_urine_is_not_blood(trial: Trial) -> None:
    """Glucose of urine is no blood glucose; protein is told by its unit: of the day, or by dipstick."""
    assert of(trial, "urine_and_blood", "lab", "test, value_text, specimen_date") == [
        ("GLUC", "5.1", "2024-01-01"),
        ("TBIL", "12", "2024-01-01"),
        ("UPRO24", "1.2", "2024-01-01"),
        ("UPRO_DIP", "3+", "2024-01-01"),
    ]


def test_histology_from_text(trial: Trial) -> None:
    """Without ICD-O-3 codes, microscopy and the term of the cancer under study are read by the vocabularies."""
    assert of(trial, "told_in_words", "pathology", "path_date, icdo_morphology, behaviour") == [
        ("2023-12", "8070", "3"),
        ("2024-01-03", "8140", "3"),
    ]
    assert of(trial, "told_in_words", "disease_event", "event, event_date_text") == [("DX", "2023-12")]


def test_metastases_by_meddra_term(trial: Trial) -> None:
    """Preferred terms name the organ; lymph nodes are distant disease only where the site says which."""
    assert of(trial, "metastatic", "disease_event", "event, organ, event_date_text") == [
        ("M1", "DISTANT_LN", "2024-02"),
        ("M1", "LIVER", "2024-01"),
        ("RECURRENCE", None, "2024"),
    ]


@pytest.mark.parametrize(
    ("patient", "death", "contacts"),
    [
        ("died_by_disposition", ("HOSPITAL", "2024-05-10", "CANCER"), ["2024-04-01", "2024-05-01"]),
        ("died_by_demographics", ("HOSPITAL", "2024-06", "ADVERSE EVENT"), ["2024-02-01", "2024-02-05"]),
    ],
)
def test_deaths_and_proofs_of_life(trial: Trial, patient: str, death: Row, contacts: list[str]) -> None:
    """A death that dispositions tell is not told again by DM; a stay that ended with it proves no life on that day."""
    assert of(trial, patient, "death", "source, date_text, cause") == [death]
    assert of(trial, patient, "contact", "date_text") == [(day,) for day in contacts]
