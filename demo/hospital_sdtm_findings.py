"""What trial data find out about a patient: adverse events, laboratory, vital signs, clinical classifications."""

from collections.abc import Iterator
from datetime import date

from demo.sdtm_files import Row
from demo.story import Story
from demo.vocabulary import ADVERSE_EVENTS, QUALITATIVE, RELATIONS, TESTS

_RELATIONS = {"无法判定": "NOT ASSESSABLE", "待评价": "PENDING"}
_LABORATORY = {
    "CREA": ("CREAT", "Creatinine", "SERUM"),
    "HB": ("HGB", "Hemoglobin", "BLOOD"),
    "NEUT": ("NEUT", "Neutrophils", "BLOOD"),
    "PLT": ("PLAT", "Platelets", "BLOOD"),
    "TBIL": ("BILI", "Bilirubin", "SERUM"),
    "NA": ("SODIUM", "Sodium", "SERUM"),
    "FT4": ("T4FR", "Thyroxine, Free", "SERUM"),
    "U-PRO": ("PROT", "Protein", "URINE"),
    "U-PRO24": ("PROT", "Protein", "URINE"),
}
_VITALS = {"SYSBP": "Systolic Blood Pressure", "DIABP": "Diastolic Blood Pressure", "WEIGHT": "Weight"}


def event_rows(story: Story) -> Iterator[Row]:
    """Adverse events with MedDRA-like terms and CTCAE grades."""
    for event in story.adverse_events:
        term = ADVERSE_EVENTS[event.term][1]
        relation = _RELATIONS.get(event.relation, RELATIONS[event.relation].upper())
        yield {
            "AETERM": term.lower(),
            "AEDECOD": term,
            "AEREL": relation,
            "AEOUT": "RECOVERED/RESOLVED" if event.end else "NOT RECOVERED/NOT RESOLVED",
            "AETOXGR": event.grade or "",
            "AESTDTC": partial_day(event.start, month_only=event.month_only),
            "AEENDTC": event.end or "",
            "CTCAEVER": "5.0",
        }


def laboratory_rows(story: Story) -> Iterator[Row]:
    """Results in the units of the analyser; urine is told apart from blood by its specimen."""
    for lab in story.labs:
        code, name, specimen = _LABORATORY.get(lab.test, (lab.test, lab.test, "SERUM"))
        value = QUALITATIVE.get(lab.value, lab.value)
        number = f"{float(value):g}" if value.replace(".", "", 1).isdigit() else ""
        unit = TESTS[lab.test].unit.replace("g/24h", "g/day")
        standard: Row = {"LBSTRESC": value, "LBSTRESN": number, "LBSTRESU": unit}
        limits: Row = {"LBORNRLO": _limit(lab.low), "LBORNRHI": _limit(lab.high)}
        about: Row = {"LBTESTCD": code, "LBTEST": name, "LBSPEC": specimen, "LBDTC": lab.day}
        method = "DIPSTICK" if lab.test == "U-PRO" else ""
        yield {**about, "LBORRES": value, "LBORRESU": unit, **standard, **limits, "LBMETHOD": method}


def vital_rows(story: Story) -> Iterator[Row]:
    """Blood pressure and weight, a row each."""
    for vital in story.vitals:
        values = {"SYSBP": vital.systolic, "DIABP": vital.diastolic, "WEIGHT": vital.weight_kg}
        for code, value in values.items():
            unit = "kg" if code == "WEIGHT" else "mmHg"
            standard: Row = {"VSSTRESC": f"{value:g}", "VSSTRESN": value, "VSSTRESU": unit}
            about: Row = {"VSTESTCD": code, "VSTEST": _VITALS[code], "VSDTC": vital.day}
            yield {**about, "VSORRES": f"{value:g}", "VSORRESU": unit, **standard}


def performance_rows(story: Story) -> Iterator[Row]:
    """Clinical classifications stand in RS since SDTMIG 3.4."""
    for note in story.performances:
        ecog = note.ecog if note.misfiled_kps is None else note.misfiled_kps
        about: Row = {"RSTESTCD": "ECOG101", "RSTEST": "ECOG1-Performance Status", "RSCAT": "ECOG"}
        if ecog is None:
            about = {"RSTESTCD": "KPSS101", "RSTEST": "KPSS1-Karnofsky Performance Status", "RSCAT": "KPS SCALE"}
        value = note.kps if ecog is None else ecog
        yield {**about, "RSORRES": value, "RSSTRESC": value, "RSEVAL": "INVESTIGATOR", "RSDTC": note.day}


def staging_rows(story: Story) -> Iterator[Row]:
    """T, N, M and stage group, a row each, as items of one clinical classification."""
    for staging in story.stagings:
        for number, value in enumerate((staging.t, staging.n, staging.m, staging.group), start=1):
            about: Row = {"RSTESTCD": f"AJCC10{number}", "RSTEST": f"AJCC1-Item {number}", "RSCAT": "AJCC V8"}
            yield {**about, "RSORRES": value, "RSSTRESC": value, "RSEVAL": "INVESTIGATOR", "RSDTC": staging.day}


def _limit(limit: float | None) -> str:
    return "" if limit is None else f"{limit:g}"


def partial_day(day: date, *, month_only: bool) -> str:
    """A day as ISO text, cut after the month where no more is known."""
    return f"{day:%Y-%m}" if month_only else day.isoformat()
