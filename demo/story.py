"""What happened to one invented patient, told once and free of any hospital's file shape.

A story is what the three hospitals write down in their own ways. Drugs are keys of `demo.formulary`.
"""

from dataclasses import dataclass, field
from datetime import date

CUTOFF = date(2025, 7, 5)
"""Data cutoff of the anlotinib study; the 87 are told so that it changes nothing about them."""

EXTRACT_DATE = date(2025, 7, 31)
"""Day on which the hospitals extracted their data: after the cutoff, so that later facts exist and must be ignored."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who the patient is; name, phone, national number and address are invented and look it."""

    sex: str
    birth: date
    name: str
    phone: str
    national_id: str
    address: str


@dataclass(frozen=True, slots=True)
class Infusion:
    """One drug given on one day; `cycle_days` is the ordered interval."""

    day: date
    drug: str
    mg: int
    cycle_days: int
    intent: str | None = None
    stopped_for_toxicity: bool = False


@dataclass(frozen=True, slots=True)
class Dispensing:
    """Capsules or tablets handed out on one day; negative units come back."""

    day: date
    drug: str
    units: int
    units_per_day: int
    strength_mg: int
    intent: str | None = None
    stopped_for_toxicity: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A course given in another hospital, known by month only."""

    drugs: tuple[str, ...]
    start: date
    end: date
    told_on: date
    acronym: str | None = None


@dataclass(frozen=True, slots=True)
class CancelledOrder:
    """An infusion that was ordered and never given."""

    day: date
    drug: str
    mg: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """One reading of one scan; reader INV or IND, response in RECIST words."""

    day: date
    response: str
    baseline: date
    sum_mm: int | None
    reader: str = "INV"


@dataclass(frozen=True, slots=True)
class Scan:
    """One imaging study."""

    day: date
    modality: str
    region: str
    finding: str


@dataclass(frozen=True, slots=True)
class Performance:
    """A note of performance status; `misfiled_kps` is a Karnofsky value in the ECOG field."""

    day: date
    ecog: int | None = None
    kps: int | None = None
    misfiled_kps: int | None = None


@dataclass(frozen=True, slots=True)
class Vital:
    """Blood pressure in mmHg and weight in kg."""

    day: date
    systolic: int
    diastolic: int
    weight_kg: float


@dataclass(frozen=True, slots=True)
class LabResult:
    """One laboratory result as the analyser prints it."""

    day: date
    test: str
    value: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Biopsy:
    """One pathology report: topography in ICD-O-3 and a histology named in `demo.vocabulary`."""

    day: date
    site: str
    histology: str


@dataclass(frozen=True, slots=True)
class Metastasis:
    """A distant organ first found to be involved."""

    day: date
    organ: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation."""

    day: date
    is_curative: bool


@dataclass(frozen=True, slots=True)
class Radiotherapy:
    """One course of radiotherapy."""

    start: date
    end: date
    gray: float
    fractions: int
    organ: str
    is_curative: bool


@dataclass(frozen=True, slots=True)
class Staging:
    """One staging after AJCC, eighth edition."""

    day: date
    t: str
    n: str
    m: str
    group: str


@dataclass(frozen=True, slots=True)
class Admission:
    """One stay in hospital."""

    start: date
    end: date
    died: bool = False


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One call or visit that found the patient alive."""

    day: date
    by_phone: bool


@dataclass(frozen=True, slots=True)
class Death:
    """A death: who reports it, and whether the family knows the month only."""

    day: date
    in_hospital: bool
    told_by_family: bool
    month_only: bool = False


@dataclass(frozen=True, slots=True)
class AdverseEvent:
    """One adverse event of the study treatment; the term is a column of escc87.csv without `ae_`."""

    start: date
    end: date
    term: str
    grade: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A second cancer or a comorbidity by ICD-10 code."""

    day: date
    code: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of therapy as the generator meant it."""

    start: date
    drugs: tuple[str, ...]
    setting: str = "PALLIATIVE"
    counted: bool = True

    @property
    def regimen(self) -> str:
        """Drug keys sorted and joined as rule R2.3 names a regimen."""
        return " + ".join(sorted(set(self.drugs)))


@dataclass(slots=True)
class Truth:
    """What a reader of the records must find; endpoints are given for the 87 only."""

    situation: str
    eligible: bool = False
    first_failed: str = ""
    index: date | None = None
    label: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    gastric_index: date | None = None


@dataclass(slots=True)
class Story:
    """Everything that is recorded about one patient, and the truth behind it."""

    number: int
    person: Person
    primary_code: str
    truth: Truth
    diagnosed: date
    infusions: list[Infusion] = field(default_factory=list)
    dispensings: list[Dispensing] = field(default_factory=list)
    elsewhere: list[Elsewhere] = field(default_factory=list)
    cancelled_orders: list[CancelledOrder] = field(default_factory=list)
    blinded_doses: list[date] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    performances: list[Performance] = field(default_factory=list)
    vitals: list[Vital] = field(default_factory=list)
    labs: list[LabResult] = field(default_factory=list)
    biopsies: list[Biopsy] = field(default_factory=list)
    metastases: list[Metastasis] = field(default_factory=list)
    relapses: list[date] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    radiotherapies: list[Radiotherapy] = field(default_factory=list)
    stagings: list[Staging] = field(default_factory=list)
    admissions: list[Admission] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    deaths: list[Death] = field(default_factory=list)
    adverse_events: list[AdverseEvent] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
