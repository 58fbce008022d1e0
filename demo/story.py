"""What happened to one invented patient, told once and free of any hospital's file shape.

A story is what the three hospitals write down in their own ways. Drugs are keys of `demo.formulary`.
"""

from dataclasses import dataclass, field
from datetime import date

CUTOFF = date(2025, 7, 5)
"""Data cutoff of the anlotinib study; the 87 are told so that it changes nothing about them."""

EXTRACT_DATE = date(2025, 7, 31)
"""Day on which the hospitals extracted their data: after the cutoff, so that later facts exist and must be ignored."""

TRIAL = "DEMO-001"
"""Number of the trial whose blinded doses some patients had."""


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
    is_maintenance: bool = False


@dataclass(frozen=True, slots=True)
class Dispensing:
    """Capsules or tablets handed out on one day, or brought along by the patient; negative units come back."""

    day: date
    drug: str
    units: int
    units_per_day: int
    strength_mg: int
    intent: str | None = None
    stopped_for_toxicity: bool = False
    reduced_for_toxicity: bool = False
    is_own_supply: bool = False


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
class Lesion:
    """One lesion as one reader saw it on one day.

    Role TARGET, NONTARGET or NEW; state MEASURED, TSTM (too small to measure), ABSENT or NE for a target, CR, NONCR, PD
    or NE for a non-target, EQUIVOCAL or UNEQUIVOCAL for a new lesion. `mm` is the short axis of a node.
    """

    day: date
    lesion: str
    organ: str
    role: str
    state: str
    mm: int | None = None
    reader: str = "INV"

    @property
    def is_node(self) -> bool:
        """Whether the lesion is a lymph node."""
        return self.organ.endswith("_LN")


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
    """One laboratory result in the first unit of `demo.vocabulary.TESTS`; `value` may be words, `<0.5` or empty."""

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
    """A death as one source reports it: REGISTRY, HOSPITAL or FAMILY; a family may know the month only."""

    day: date
    source: str
    month_only: bool = False

    @property
    def in_hospital(self) -> bool:
        """Whether a stay ended with it."""
        return self.source == "HOSPITAL"


@dataclass(frozen=True, slots=True)
class AdverseEvent:
    """One adverse event; the term is a key of `demo.vocabulary.ADVERSE_EVENTS`, the relation one of its texts."""

    start: date
    end: date | None
    term: str
    grade: int | None
    relation: str
    month_only: bool = False


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
class Outcome:
    """How it went on from an index date, as the reader whom rule R5.3 prefers and the best source of a death say.

    `readings` are days and responses up to and including the first progression; `changes` the sums of target diameters
    in percent of baseline. A disputed death ends nothing: survival is censored on `last_alive`.
    """

    index: date
    readings: list[tuple[date, str]] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)
    best_response: str = "MISSING"
    reader: str = ""
    progression: date | None = None
    death: date | None = None
    is_death_disputed: bool = False
    last_alive: date | None = None
    next_therapy: date | None = None


@dataclass(frozen=True, slots=True)
class Doses:
    """What became of one component of the index regimen."""

    component: str
    initial_mg: int
    lowest_mg: int
    reductions: int
    for_toxicity: bool
    delays: int
    delay_days: int
    omissions: int
    given_mg: int
    last_day: date


@dataclass(slots=True)
class Truth:
    """What a reader of the records must find: `demo.truth` says what each part means."""

    situation: str
    eligible: bool = False
    first_failed: str = ""
    index: date | None = None
    label: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    gastric_index: date | None = None
    statuses: dict[str, str] = field(default_factory=dict)
    outcome: Outcome | None = None
    doses: list[Doses] = field(default_factory=list)
    related_grades: dict[str, int] = field(default_factory=dict)
    worst_grades: dict[str, int] = field(default_factory=dict)


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
    lesions: list[Lesion] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    performances: list[Performance] = field(default_factory=list)
    vitals: list[Vital] = field(default_factory=list)
    labs: list[LabResult] = field(default_factory=list)
    biopsies: list[Biopsy] = field(default_factory=list)
    metastases: list[Metastasis] = field(default_factory=list)
    relapses: list[date] = field(default_factory=list)
    clinical_progressions: list[date] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    radiotherapies: list[Radiotherapy] = field(default_factory=list)
    stagings: list[Staging] = field(default_factory=list)
    admissions: list[Admission] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    deaths: list[Death] = field(default_factory=list)
    adverse_events: list[AdverseEvent] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
