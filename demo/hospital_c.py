"""Hospital C: a research warehouse in the OMOP common data model 5.4, Parquet; concept ids mostly unresolved (0)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path

from demo.formulary import FORMULARY, PREMEDICATION, SUPPORTIVE_CAPSULES
from demo.omop_tables import DRUG_CONCEPTS, TABLES, concepts
from demo.parquet_files import ParquetFolder
from demo.story import TRIAL, Story
from demo.vocabulary import (
    ADVERSE_EVENTS,
    HISTOLOGIES,
    ORGANS,
    PRIMARIES,
    QUALITATIVE,
    RELATIONS,
    TESTS,
    Test,
    in_other_unit,
)

_ADMINISTERED, _DISPENSED, _ORDERED, _SELF_REPORTED = 32818, 32825, 32833, 32865
_INPATIENT, _OUTPATIENT, _TELEHEALTH, _DIED = 9201, 9202, 5083, 4216643
_RECURRENCE, _PROGRESSION, _ALGORITHM = 32529, 32677, 32545
_GENDERS = {"M": 8507, "F": 8532, "": 0}
_READERS = {"INV": "RECIST 1.1 overall response, investigator", "IND": "RECIST 1.1 overall response, independent"}
_SEEN_BY = {"INV": "investigator", "IND": "independent"}
_ROLES = {"TARGET": "RECIST target", "NONTARGET": "RECIST non-target", "NEW": "RECIST new lesion"}
_FINDINGS = {
    "MEASURED": "measured",
    "TSTM": "too small to measure",
    "ABSENT": "absent",
    "NE": "not evaluable",
    "CR": "gone",
    "NONCR": "present",
    "PD": "unequivocal progression",
    "EQUIVOCAL": "equivocal",
    "UNEQUIVOCAL": "unequivocal",
}
_DEATH_TYPES = {"REGISTRY": 32885, "HOSPITAL": 32817, "FAMILY": 32865}
_INTENTS = {"NEOADJUVANT": "neoadjuvant", "ADJUVANT": "adjuvant"}

Row = tuple[object, ...]


class HospitalC:
    """Writes stories as rows of OMOP tables, one Parquet file a table."""

    centre_id = "hospital_c"
    identifier_system = "person_id"

    def __init__(self, folder: Path) -> None:
        self._files = ParquetFolder(folder, TABLES)
        self._files.add("concept", concepts())
        self._ids = {table: count(1) for table in TABLES}

    def write(self, story: Story) -> str:
        """Write all records of one patient; returns the person_id as text."""
        person = 5_000_000 + story.number
        born = story.person.birth
        source = f"C{story.number:06d}"
        parts = (born.year, born.month, born.day, born)
        self._files.add("person", [(person, _GENDERS[story.person.sex], *parts, source, story.person.sex or None)])
        rows = {
            "visit_occurrence": _visits(story),
            "condition_occurrence": _conditions(story),
            "drug_exposure": _drugs(story),
            "procedure_occurrence": _procedures(story),
            "measurement": _measurements(story),
            "observation": _observations(story),
            "episode": _episodes(story),
        }
        for table, of_table in rows.items():
            self._files.add(table, ((next(self._ids[table]), person, *row) for row in of_table))
        self._files.add("death", ((person, *row, 0, "malignant neoplasm") for row in _deaths(story)))
        return str(person)

    def close(self) -> None:
        """Finish all files."""
        self._files.close()


def _visits(story: Story) -> Iterator[Row]:
    for stay in story.admissions:
        left = (_DIED, "died") if stay.died else (0, "home")
        yield (_INPATIENT, stay.start, stay.end, "inpatient", *left)
    for call in story.follow_ups:
        kind = (_TELEHEALTH, "telephone follow-up") if call.by_phone else (_OUTPATIENT, "outpatient")
        yield (kind[0], call.day, call.day, kind[1], 0, None)


def _conditions(story: Story) -> Iterator[Row]:
    for day, code, status in _coded(story):
        yield (0, day, 0, code, 0, status)


def _coded(story: Story) -> Iterator[tuple[date, str, str]]:
    for biopsy in story.biopsies:
        yield (biopsy.day, f"{HISTOLOGIES[biopsy.histology][2]}/3-{biopsy.site}", "pathology")
    yield (story.diagnosed, PRIMARIES[story.primary_code][0][:5], "primary")
    for found in story.metastases:
        yield (found.day, ORGANS[found.organ][0][:5], "metastasis")
    for had in story.conditions:
        yield (had.day, had.code, "second primary" if had.code.startswith("C") else "comorbidity")


def _episodes(story: Story) -> Iterator[Row]:
    for day in story.relapses:
        yield (_RECURRENCE, day, 0, _ALGORITHM, "relapse")
    for day in story.clinical_progressions:
        yield (_PROGRESSION, day, 0, _ALGORITHM, "clinical progression")


def _drugs(story: Story) -> Iterator[Row]:
    for infusion in story.infusions:
        stop = "toxicity" if infusion.stopped_for_toxicity else None
        purpose = "planned maintenance" if infusion.is_maintenance else _INTENTS.get(infusion.intent or "", "")
        sig = f"every {infusion.cycle_days} days {purpose}".strip()
        given = (infusion.day, infusion.day, _ADMINISTERED, stop, float(infusion.mg), 1, sig)
        name = _name(infusion.drug, infusion.day)
        yield (DRUG_CONCEPTS.get(infusion.drug, 0), *given, 0, name, "intravenous", "mg")
    for fill in story.dispensings:
        stop = "dose reduced: toxicity" if fill.reduced_for_toxicity else None
        stop = "toxicity" if fill.stopped_for_toxicity else stop
        sig = f"{fill.units_per_day} a day {_INTENTS.get(fill.intent or '', '')}".strip()
        handed = (fill.day, fill.day, _DISPENSED, stop, float(fill.units), abs(fill.units) // fill.units_per_day, sig)
        name = _name(fill.drug, fill.day) + (" (own supply)" if fill.is_own_supply else "")
        name = f"{name} {fill.strength_mg} mg" if fill.strength_mg else name
        yield (DRUG_CONCEPTS.get(fill.drug, 0), *handed, 0, name, "oral", None)
    for course in story.elsewhere:
        for name in [course.acronym] if course.acronym else [FORMULARY[drug].english[0] for drug in course.drugs]:
            yield (0, course.start, course.end, _SELF_REPORTED, None, None, None, None, 0, name, None, None)
    for order in story.cancelled_orders:
        planned = (order.day, order.day, _ORDERED, "cancelled", float(order.mg), 1, None)
        name = FORMULARY[order.drug].english[0]
        yield (DRUG_CONCEPTS.get(order.drug, 0), *planned, 0, name, "intravenous", "mg")
    for day in story.blinded_doses:
        blinded = f"blinded SHR-1701 or placebo ({TRIAL})"
        given = (day, day, _ADMINISTERED, None, 1.0, 1, "every 21 days")
        yield (0, *given, 0, blinded, "intravenous", "vial")
    yield from _supportive(story)


def _supportive(story: Story) -> Iterator[Row]:
    day = story.diagnosed
    yield (0, day, day, _ADMINISTERED, None, 10.0, 1, None, 0, PREMEDICATION[0][1], "intravenous", "mg")
    yield (0, day, day, _DISPENSED, None, 14.0, 14, "1 a day", 0, SUPPORTIVE_CAPSULES[1], "oral", None)


def _name(drug: str, day: date) -> str:
    spellings = FORMULARY[drug].english
    return spellings[day.day % len(spellings)]


def _procedures(story: Story) -> Iterator[Row]:
    for operation in story.operations:
        yield (0, operation.day, operation.day, "Oesophagectomy", "curative" if operation.is_curative else "palliative")
    for course in story.radiotherapies:
        intent = "curative" if course.is_curative else "palliative"
        yield (
            0,
            course.start,
            course.end,
            f"External beam radiotherapy {course.gray:g} Gy: {course.organ.lower()}",
            intent,
        )
    for scan in story.scans:
        yield (0, scan.day, scan.day, f"{scan.modality} {scan.region.lower()}", None)


def _measurements(story: Story) -> Iterator[Row]:
    yield from _lab_results(story)
    for vital in story.vitals:
        for code, value, unit in (
            ("8480-6", vital.systolic, "mm[Hg]"),
            ("8462-4", vital.diastolic, "mm[Hg]"),
            ("29463-7", vital.weight_kg, "kg"),
        ):
            yield (0, vital.day, float(value), 0, None, None, code, unit, f"{value:g}")
    for staging in story.stagings:
        written = f"{staging.t} {staging.n} {staging.m} {staging.group}"
        yield (0, staging.day, None, 0, None, None, "AJCC8", None, written)
    for seen in story.lesions:
        axis = "short axis" if seen.is_node else "longest diameter"
        source = f"{_ROLES[seen.role]} {seen.lesion} {seen.organ.lower()} {axis}, {_SEEN_BY[seen.reader]}"
        mm = None if seen.mm is None else float(seen.mm)
        yield (0, seen.day, mm, 0, None, None, source, "mm", _FINDINGS[seen.state])


def _lab_results(story: Story) -> Iterator[Row]:
    """Results in the units of the warehouse, which are not those of the analyser for some tests."""
    for lab in story.labs:
        test = TESTS[lab.test]
        unit = test.other_unit or test.unit
        value, low, high = (_converted(test, printed) for printed in (lab.value, _text(lab.low), _text(lab.high)))
        limits = (_as_number(low), _as_number(high))
        yield (0, lab.day, _as_number(value), 0, *limits, test.loinc, unit or None, value or None)


def _converted(test: Test, printed: str) -> str:
    """A number in the warehouse's unit, its sign `<` or `>` kept; words in English."""
    sign, number = (printed[:1], printed[1:]) if printed[:1] in ("<", ">") else ("", printed)
    if not test.other_unit or _as_number(number) is None:
        return QUALITATIVE.get(printed, printed)
    return f"{sign}{in_other_unit(test, Decimal(number))}"


def _text(limit: float | None) -> str:
    return "" if limit is None else f"{limit:g}"


def _as_number(value: str) -> float | None:
    return float(value) if value.replace(".", "", 1).isdigit() else None


def _deaths(story: Story) -> Iterator[Row]:
    for death in story.deaths:
        yield (f"{death.day:%Y-%m}" if death.month_only else death.day.isoformat(), _DEATH_TYPES[death.source])


def _observations(story: Story) -> Iterator[Row]:
    for note in story.performances:
        if note.misfiled_kps is not None or note.ecog is not None:
            score = note.ecog if note.misfiled_kps is None else note.misfiled_kps
            yield (0, note.day, score, None, "ECOG performance status")
        else:
            yield (0, note.day, note.kps, None, "Karnofsky performance status")
    for seen in story.assessments:
        yield (0, seen.day, seen.sum_mm, seen.response, _READERS[seen.reader])
    for event in story.adverse_events:
        term = ADVERSE_EVENTS[event.term][1]
        since = f", since {event.start:%Y-%m}" if event.month_only else ""
        until = f", until {event.end}" if event.end else ""
        yield (0, event.start, event.grade, RELATIONS[event.relation] or None, f"CTCAE 5.0: {term}{since}{until}")
