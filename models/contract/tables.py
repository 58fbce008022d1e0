"""The logical input tables of rule R0.1.

Two names differ from the rule book because SQL reserves them: `start`/`end` are `start_text`/`end_text` everywhere.
"""

from models.contract.column import Column, Kind, Table

SOURCE_KINDS = ("ADMIN", "MAR", "DISPENSE", "ORDER", "RETURN", "HISTORY")
RESPONSES = ("CR", "PR", "SD", "PD", "NE", "NON-CR/NON-PD", "iUPD", "iCPD", "iCR", "iPR", "iSD")
READERS = ("INV", "IND")
DISEASE_EVENTS = ("DX", "M1", "RECURRENCE", "LOCAL_RELAPSE", "CLIN_PD")
ORGANS = (
    "ADRENAL",
    "BONE",
    "BRAIN",
    "DISTANT_LN",
    "ESOPHAGUS",
    "KIDNEY",
    "LIVER",
    "LUNG",
    "OTHER",
    "OVARY",
    "PERICARDIUM",
    "PERITONEUM",
    "PLEURA",
    "REGIONAL_LN",
    "SKIN",
    "SPLEEN",
    "STOMACH",
)
PROCEDURE_KINDS = ("SURGERY_CURATIVE", "SURGERY_PALLIATIVE", "RT", "ABLATION", "STENT", "HAIC")
INTENTS = ("CURATIVE", "PALLIATIVE", "NEOADJUVANT", "ADJUVANT", "DEFINITIVE")
DOSE_UNITS = ("mg", "g", "ug", "mg/m2", "mg/kg", "AUC", "MU", "IU", "capsule", "tablet", "vial")
ROUTES = (
    "IV",
    "PO",
    "SC",
    "IM",
    "INTRAPLEURAL",
    "INTRAPERITONEAL",
    "INTRAPERICARDIAL",
    "INTRAARTERIAL",
    "TOPICAL",
    "OTHER",
)
CONTACT_KINDS = ("OUTPATIENT_VISIT", "INPATIENT_STAY", "PHONE_PATIENT", "PHONE_FAMILY", "REFILL", "BILLING", "OTHER")
DEATH_SOURCES = ("REGISTRY", "HOSPITAL", "FAMILY", "FREE_TEXT")
STOP_REASONS = ("PROGRESSION", "TOXICITY", "INTOLERANCE", "COMPLETED", "PATIENT_DECISION", "LOST", "OTHER")


def _patient(meaning: str = "Whose row this is.") -> Column:
    return Column(name="patient_id", kind=Kind.PATIENT, nullable=False, check_id="DQ001", meaning=meaning)


def _date(name: str, meaning: str, *, nullable: bool = True) -> Column:
    return Column(name=name, kind=Kind.PARTIAL_DATE, nullable=nullable, check_id="DQ004", meaning=meaning)


def _code(
    name: str, values: tuple[str, ...], meaning: str, *, nullable: bool = True, check_id: str = "DQ000"
) -> Column:
    return Column(name=name, kind=Kind.CODE, values=values, nullable=nullable, check_id=check_id, meaning=meaning)


def _text(name: str, meaning: str, *, nullable: bool = True) -> Column:
    return Column(name=name, kind=Kind.TEXT, nullable=nullable, meaning=meaning)


def _record(name: str, meaning: str) -> Column:
    return Column(name=name, kind=Kind.RECORD, meaning=meaning)


def _decimal(name: str, unit: str | None, meaning: str, *, minimum: int | None = None) -> Column:
    return Column(name=name, kind=Kind.DECIMAL, unit=unit, minimum=minimum, meaning=meaning)


def _flag(name: str, meaning: str) -> Column:
    return Column(name=name, kind=Kind.FLAG, values=("Y", "N"), meaning=meaning)


PATIENT = Table(
    name="patient",
    grain="patient",
    meaning="The patient master of a centre.",
    columns=(
        _patient("The patient's number in the system that the mapping names."),
        _code("sex", ("M", "F"), "Sex as registered."),
        Column(
            name="birth_ym",
            kind=Kind.MONTH,
            check_id="DQ004",
            meaning="Year and month of birth; the day is dropped at landing.",
        ),
        Column(
            name="age_at_diagnosis",
            kind=Kind.INTEGER,
            unit="years",
            minimum=0,
            maximum=120,
            meaning="Age as given by the source, for sources without a date of birth.",
        ),
    ),
)

PATHOLOGY = Table(
    name="pathology",
    grain="report",
    meaning="Pathology reports, coded to ICD-O-3 from reviewed phrases or by the source.",
    columns=(
        _patient(),
        _record("report_id", "The report's own number."),
        _date("path_date", "Day the specimen was taken or, if unknown, reported."),
        _text("site_icdo", "ICD-O-3 topography, such as C15.4."),
        _text("icdo_morphology", "ICD-O-3 morphology without behaviour, such as 8070."),
        _code("behaviour", ("0", "1", "2", "3", "6", "9"), "ICD-O-3 behaviour: 3 is malignant, primary site."),
        _flag("text_flag_mixed", "Y when the report names a second, glandular component."),
    ),
)

DISEASE_EVENT = Table(
    name="disease_event",
    grain="event",
    meaning="Diagnosis, first metastasis, relapse and clinical progression as recorded.",
    columns=(
        _patient(),
        _code(
            "event",
            DISEASE_EVENTS,
            "What happened: diagnosis, distant metastasis, relapse, clinical progression.",
            nullable=False,
        ),
        _date("event_date_text", "When it was first documented."),
        _code("organ", ORGANS, "Organ involved; paired organs are one, all distant nodes are one."),
        _text("station", "Nodal station or side, where recorded."),
        _flag("is_distant", "Y for disease beyond the primary and its regional nodes."),
        _text("source", "Kind of document that says so, such as IMAGING or DISCHARGE."),
    ),
)

DRUG_ROW = Table(
    name="drug_row",
    grain="order, dispensing or administration",
    meaning="Everything that says a drug was ordered, dispensed, given, returned or taken elsewhere.",
    columns=(
        _patient(),
        _record("row_id", "The row's own number in the source."),
        _code(
            "source_kind",
            SOURCE_KINDS,
            "Which document the row is; administrations outrank orders (rule R2.1).",
            nullable=False,
        ),
        _text("raw_name", "Drug as written: brand, salt, strength and tags included.", nullable=False),
        _text("raw_spec", "Strength and pack as written."),
        _decimal("dose", "dose_unit", "Single dose."),
        _code("dose_unit", DOSE_UNITS, "Unit of the single dose.", check_id="DQ009"),
        _decimal("qty", "units (capsules, tablets, vials)", "Units dispensed; negative for a return."),
        _decimal("units_per_day", "units per on-day", "Units taken on a day of intake.", minimum=0),
        _code("route", ROUTES, "Route of administration."),
        _code("dispense_setting", ("WARD", "DISCHARGE", "OUTPATIENT"), "Where a dispensing took place."),
        _date("start_text", "First day: of the administration, the dispensing, the order or the course."),
        _date("end_text", "Last day, where the source gives one."),
        _code("status", ("DONE", "STOPPED", "CANCELLED", "PLANNED"), "State of the row in the source."),
        _code("reason_stop", STOP_REASONS, "Why the drug was stopped, where recorded."),
        _text("trial_id", "Trial registration, for blinded drugs."),
        Column(
            name="cycle_days",
            kind=Kind.INTEGER,
            unit="days",
            minimum=1,
            maximum=120,
            meaning="Interval ordered between infusions.",
        ),
        _code("intent", INTENTS, "Intent of the course, where recorded."),
        _flag("planned_maintenance", "Y when the source plans the drug as maintenance."),
    ),
)

PROCEDURE = Table(
    name="procedure",
    grain="procedure",
    meaning="Surgery, radiotherapy and local treatments.",
    columns=(
        _patient(),
        _record("procedure_id", "The procedure's own number."),
        _code("kind", PROCEDURE_KINDS, "What was done.", nullable=False),
        _date("start_text", "First day."),
        _date("end_text", "Last day."),
        _decimal("dose_gy", "Gy", "Total dose of radiotherapy.", minimum=0),
        _code("intent", INTENTS, "Intent, where recorded."),
        _code("target_site", ORGANS, "Organ treated."),
    ),
)

SCAN = Table(
    name="scan",
    grain="imaging study",
    meaning="Imaging studies done.",
    columns=(
        _patient(),
        _record("scan_id", "The study's own number."),
        _date("scan_date", "Day of the scan."),
        _code("modality", ("CT", "MRI", "PET", "XRAY", "US", "BONE_SCAN", "OTHER"), "Kind of study."),
        _text("region", "Body region, such as CHEST or BRAIN."),
        _date("report_date", "Day of the report; never used as the day of the scan."),
        _decimal("slice_mm", "mm", "Slice thickness.", minimum=0),
    ),
)

LESION = Table(
    name="lesion",
    grain="lesion x time point x reader",
    meaning="Lesion measurements by reader.",
    columns=(
        _patient(),
        _code("reader", READERS, "INV investigator, IND independent.", nullable=False),
        _text("lesion_id", "Number of the lesion, stable over time points.", nullable=False),
        _code("organ", ORGANS, "Organ of the lesion."),
        _flag("is_node", "Y for a lymph node (short axis)."),
        _code("role", ("TARGET", "NONTARGET", "NEW"), "Role of the lesion under RECIST 1.1.", nullable=False),
        _text("tp", "Time point as recorded."),
        _date("scan_date", "Day of the scan."),
        _code("status", ("MEASURED", "TSTM", "ABSENT", "ABSENT_MERGED", "NE"), "How the lesion was assessed."),
        _decimal("mm", "mm", "Longest diameter, short axis for a node.", minimum=0),
        _code("nt_status", ("CR", "NONCR", "PD", "NE"), "Status of a non-target lesion."),
        _code("certainty", ("EQUIVOCAL", "UNEQUIVOCAL"), "Certainty of a new lesion."),
        _flag("irradiated", "Y when the lesion was irradiated before."),
    ),
)

RESPONSE = Table(
    name="response",
    grain="assessment x reader",
    meaning="Response as recorded at each assessment.",
    columns=(
        _patient(),
        _code("reader", READERS, "INV investigator, IND independent.", nullable=False),
        _text("tp", "Time point as recorded."),
        _date("response_date", "Day of the scan that was assessed."),
        _code("response", RESPONSES, "RECIST 1.1 overall response.", nullable=False, check_id="DQ016"),
        _decimal("target_sum_mm", "mm", "Sum of target diameters as typed by the assessor.", minimum=0),
    ),
)


def _result_table(name: str, meaning: str) -> Table:
    return Table(
        name=name,
        grain="result",
        meaning=meaning,
        columns=(
            _patient(),
            _record("result_id", "The result's own number."),
            _date("specimen_date", "Day of the specimen or measurement."),
            _text("test", "What was measured.", nullable=False),
            _text("value_text", "Result as written."),
            _text("unit", "Unit as written."),
            _decimal("lln", "unit of the result", "Lower limit of normal."),
            _decimal("uln", "unit of the result", "Upper limit of normal."),
        ),
    )


LAB = _result_table("lab", "Laboratory results.")
VITAL = _result_table("vital", "Vital signs: blood pressure, weight, height.")

ECOG = Table(
    name="ecog",
    grain="result",
    meaning="Performance status as recorded.",
    columns=(
        _patient(),
        _date("specimen_date", "Day of the record."),
        _code("test", ("ECOG", "KPS"), "Scale that was used.", nullable=False),
        Column(
            name="value",
            kind=Kind.INTEGER,
            nullable=False,
            minimum=0,
            maximum=100,
            unit="grade of the scale",
            check_id="DQ013",
            meaning="ECOG 0 to 5, or KPS 0 to 100; an ECOG above 5 is rejected in staging (DQ013).",
        ),
    ),
)

AE = Table(
    name="ae",
    grain="event",
    meaning="Adverse events as recorded.",
    columns=(
        _patient(),
        _text("raw_term", "Event as written.", nullable=False),
        _text("term", "CTCAE term, where the source or the mapping codes it."),
        Column(
            name="ctcae_grade",
            kind=Kind.INTEGER,
            minimum=1,
            maximum=5,
            unit="CTCAE grade",
            check_id="DQ014",
            meaning="Severity.",
        ),
        _text("ctcae_version", "Version of CTCAE that the grade follows."),
        _text("causality_text", "Relation to treatment as written."),
        _date("start_text", "First day."),
        _date("end_text", "Last day."),
        _text("outcome", "Outcome as recorded."),
        _date("grade_at", "Day from which the grade holds."),
        _flag("endocrine_on_replacement", "Y for an endocrine event on stable replacement."),
    ),
)

DEATH = Table(
    name="death",
    grain="source record",
    meaning="Deaths, one row a source that reports one.",
    columns=(
        _patient(),
        _code("source", DEATH_SOURCES, "Who reports it; a registry outranks a family (rule R6.3).", nullable=False),
        _date("date_text", "Day of death as far as known."),
        _text("cause", "Cause as coded by the source or the mapping."),
    ),
)

STAGE = Table(
    name="stage",
    grain="staging",
    meaning="Stagings.",
    columns=(
        _patient(),
        _date("stage_date", "Day of the staging."),
        _text("system", "Staging system and edition, such as AJCC8."),
        _text("t", "T category."),
        _text("n", "N category."),
        _text("m", "M category."),
        _text("stage_group", "Stage group as recorded: I, II, III, IV with subgroups."),
    ),
)

DIAGNOSIS = Table(
    name="diagnosis",
    grain="coded condition",
    meaning="Coded conditions.",
    columns=(
        _patient(),
        _date("date_text", "When it was first documented."),
        _text("code", "Code, such as C15.4.", nullable=False),
        _text("system", "Code system, such as ICD10."),
        _code("kind", ("PRIMARY", "SECOND_PRIMARY", "COMORBIDITY"), "What the condition is to this patient."),
    ),
)

BIOMARKER = Table(
    name="biomarker",
    grain="result",
    meaning="Biomarker results, such as PD-L1 CPS.",
    columns=(
        _patient(),
        _date("date_text", "Day of the specimen."),
        _text("name", "Biomarker.", nullable=False),
        _text("value_text", "Result as written."),
    ),
)

CLINICAL_NOTE_FLAG = Table(
    name="clinical_note_flag",
    grain="reviewed statement",
    meaning="Statements that a reviewer took from notes.",
    columns=(
        _patient(),
        _date("date_text", "Day of the note."),
        _text("flag", "Statement, such as ORGAN_FUNCTION_INADEQUATE or ACTIVE_BRAIN_METASTASES.", nullable=False),
        _text("decided_by", "Role of the reviewer."),
    ),
)

IDENTITY_LINK = Table(
    name="identity_link",
    grain="pair of pseudonyms",
    meaning="Two numbers of one person in two systems.",
    columns=(
        Column(name="id_a", kind=Kind.PATIENT, nullable=False, check_id="DQ001", meaning="Number in the first system."),
        Column(
            name="id_b", kind=Kind.PATIENT, nullable=False, check_id="DQ001", meaning="Number in the second system."
        ),
        _date("valid_from", "From when the link holds."),
    ),
)

ADJUDICATION = Table(
    name="adjudication",
    grain="decision",
    meaning="Decisions of reviewers on cases that a rule sends to review.",
    columns=(
        _patient(),
        _text("rule", "Rule that asked.", nullable=False),
        _text("item", "What was decided on.", nullable=False),
        _text("value", "Decision."),
        _text("reason", "Why."),
        _text("decided_by", "Role of the reviewer."),
        _date("decided_date", "When."),
        _text("evidence", "Fingerprint that quality.review_queue printed; the decision holds until it changes."),
    ),
)

CONTACT = Table(
    name="contact",
    grain="proof of life",
    meaning="Contacts that show the patient alive.",
    columns=(
        _patient(),
        _date("date_text", "Day of the contact."),
        _code("kind", CONTACT_KINDS, "Kind of contact; refills and bills prove nothing (rule R6.3).", nullable=False),
    ),
)

TABLES: tuple[Table, ...] = (
    PATIENT,
    PATHOLOGY,
    DISEASE_EVENT,
    DRUG_ROW,
    PROCEDURE,
    SCAN,
    LESION,
    RESPONSE,
    LAB,
    VITAL,
    ECOG,
    AE,
    DEATH,
    STAGE,
    DIAGNOSIS,
    BIOMARKER,
    CLINICAL_NOTE_FLAG,
    IDENTITY_LINK,
    ADJUDICATION,
    CONTACT,
)
