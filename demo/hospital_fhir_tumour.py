"""How hospital FHIR writes down the tumour: pathology, stage, imaging, lesions, responses and clinical progression."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from demo.resources import (
    ICDO3,
    LOINC,
    MCODE,
    SNOMED,
    TERMINOLOGY,
    UCUM,
    Resource,
    coded,
    component,
    extension,
    pointer,
    quantity,
)
from demo.resources import resource as make
from demo.story import Biopsy, Lesion, Staging, Story
from demo.vocabulary import HISTOLOGIES, PRIMARIES

_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_MODALITIES = {"CT": "CT", "MRI": "MR"}
_PLACES = {
    "ADRENAL": "C74.9",
    "BONE": "C41.9",
    "DISTANT_LN": "C77.2",
    "ESOPHAGUS": "C15.9",
    "LIVER": "C22.0",
    "LUNG": "C34.9",
    "PERITONEUM": "C48.2",
    "PLEURA": "C38.4",
    "REGIONAL_LN": "C77.1",
    "SKIN": "C44.9",
}
_READERS = {"INV": "INVESTIGATOR", "IND": "INDEPENDENT ASSESSOR"}
_ROLES = {"TARGET": "TARGET", "NONTARGET": "NON-TARGET", "NEW": "NEW"}
_STATES = {
    "TSTM": "TOO SMALL TO MEASURE",
    "ABSENT": "ABSENT",
    "NE": "NOT EVALUABLE",
    "CR": "ABSENT",
    "NONCR": "PRESENT",
    "PD": "UNEQUIVOCAL PROGRESSION",
    "EQUIVOCAL": "EQUIVOCAL",
    "UNEQUIVOCAL": "UNEQUIVOCAL",
}
_CATEGORIES = {
    LOINC: {"group": "21908-9", "t": "21905-5", "n": "21906-3", "m": "21907-1"},
    SNOMED: {"group": "399537006", "t": "399504009", "n": "399534004", "m": "399387003"},
}
_LONGER_THAN_SHORT_AXIS = 5


def tumour_resources(story: Story, patient: str, subject: Resource) -> Iterator[Resource]:
    """Everything about the tumour."""
    for number, biopsy in enumerate(story.biopsies):
        yield _pathology(biopsy, f"{patient}-path-{number}", subject, is_coded=story.number % 2 == 0)
    for number, staging in enumerate(story.stagings):
        yield from _stage(staging, f"{patient}-stage-{number}", subject, LOINC if story.number % 2 else SNOMED)
    yield from _imaging(story, patient, subject)
    yield from _lesions(story, patient, subject)
    for number, seen in enumerate(story.assessments):
        components = [component("EVAL", valueCodeableConcept=coded(None, _READERS[seen.reader]))]
        if seen.sum_mm is not None:
            components.append(component("SUMDIAM", valueQuantity=quantity(seen.sum_mm, "mm")))
        yield _observation(
            f"{patient}-response-{number}",
            seen.day.isoformat(),
            coded(LOINC, "88040-1", "Response to cancer treatment"),
            subject,
            method=coded(_DICOM, "126081", "RECIST 1.1"),
            valueCodeableConcept=coded(None, seen.response),
            component=components,
        )
    for number, day in enumerate(story.clinical_progressions):
        examined = coded(SNOMED, "5880005", "Clinical examination")
        yield _observation(
            f"{patient}-status-{number}",
            day.isoformat(),
            coded(LOINC, "97509-4", "Cancer Disease Progression"),
            subject,
            profile="mcode-cancer-disease-status",
            extension=[extension(f"{MCODE}mcode-evidence-type", valueCodeableConcept=examined)],
            valueCodeableConcept=coded(SNOMED, "271299001", "Patient's condition worsened"),
        )


def _observation(number: str, day: str, code: Resource, subject: Resource, **more: Any) -> Resource:
    return make(
        "Observation",
        number,
        status="final",
        code=code,
        subject=subject,
        effectiveDateTime=day,
        **more,
    )


def _pathology(biopsy: Biopsy, number: str, subject: Resource, *, is_coded: bool) -> Resource:
    """Some pathologists code, others write."""
    place, (found, _, morphology) = PRIMARIES[biopsy.site][2], HISTOLOGIES[biopsy.histology]
    if is_coded:
        return _observation(
            number,
            biopsy.day.isoformat(),
            coded(LOINC, "59847-4", "Histology and Behavior ICD-O-3 Cancer"),
            subject,
            valueCodeableConcept=coded(ICDO3, f"{morphology}/3"),
            bodySite=coded(ICDO3, biopsy.site),
        )
    return make(
        "DiagnosticReport",
        number,
        status="final",
        category=[coded(f"{TERMINOLOGY}v2-0074", "PAT")],
        code=coded(None, None, text="Pathology report"),
        subject=subject,
        effectiveDateTime=biopsy.day.isoformat(),
        conclusion=f"({place}){found}",
    )


def _stage(staging: Staging, number: str, subject: Resource, system: str) -> Iterator[Resource]:
    """The group and its T, N and M, in the codes of one release of mCODE or another."""
    values = {"t": staging.t, "n": staging.n, "m": staging.m}
    method = coded(SNOMED, "897275008", "American Joint Commission on Cancer, Cancer Staging Manual, 8th edition")
    codes = _CATEGORIES[system]
    for part, value in values.items():
        yield _observation(
            f"{number}-{part}",
            staging.day.isoformat(),
            coded(system, codes[part]),
            subject,
            method=method,
            valueCodeableConcept=coded("http://cancerstaging.org", f"c{value}"),
        )
    yield _observation(
        f"{number}-group",
        staging.day.isoformat(),
        coded(system, codes["group"]),
        subject,
        profile="mcode-tnm-stage-group",
        method=method,
        valueCodeableConcept=coded(None, None, text=staging.group),
        hasMember=[pointer("Observation", f"{number}-{part}") for part in values],
    )


def _imaging(story: Story, patient: str, subject: Resource) -> Iterator[Resource]:
    for number, scan in enumerate(story.scans):
        study = f"{patient}-scan-{number}"
        yield make(
            "ImagingStudy",
            study,
            status="available",
            subject=subject,
            started=f"{scan.day}T14:30:00+08:00",
            modality=[{"system": _DICOM, "code": _MODALITIES[scan.modality]}],
            description=f"{scan.modality} {scan.region.lower()}",
        )
        yield make(
            "DiagnosticReport",
            f"{study}-report",
            status="final",
            category=[coded(f"{TERMINOLOGY}v2-0074", "RAD")],
            code=coded(None, None, text="Imaging report"),
            subject=subject,
            effectiveDateTime=scan.day.isoformat(),
            issued=f"{scan.day + timedelta(2)}T08:00:00+08:00",
            imagingStudy=[pointer("ImagingStudy", study)],
            conclusion=scan.finding,
        )


def _lesions(story: Story, patient: str, subject: Resource) -> Iterator[Resource]:
    known: set[str] = set()
    for number, seen in enumerate(story.lesions):
        tumour = f"{patient}-{seen.reader}-{seen.lesion}-{seen.organ}".replace("_", "-")
        if tumour not in known:
            known.add(tumour)
            yield make(
                "BodyStructure",
                tumour,
                profile="mcode-tumor",
                identifier=[{"value": seen.lesion}],
                location=coded(ICDO3, _PLACES[seen.organ]),
                patient=subject,
            )
        yield _observation(
            f"{patient}-size-{number}",
            seen.day.isoformat(),
            coded(LOINC, "21889-1", "Size Tumor"),
            subject,
            profile="mcode-tumor-size",
            focus=[pointer("BodyStructure", tumour)],
            component=[*_dimensions(seen), *_judged(seen)],
        )


def _dimensions(seen: Lesion) -> Iterator[Resource]:
    """The longest dimension in millimetres; of a node in centimetres, and its short axis."""
    if seen.mm is None:
        return
    longest = quantity(seen.mm, "mm", system=UCUM, code="mm")
    if seen.is_node:
        centimetres = (seen.mm + _LONGER_THAN_SHORT_AXIS) / 10
        longest = quantity(f"{centimetres:g}", "cm", system=UCUM, code="cm")
        yield component("33729-5", LOINC, valueQuantity=quantity(seen.mm, "mm", system=UCUM, code="mm"))
    yield component("33728-7", LOINC, valueQuantity=longest)


def _judged(seen: Lesion) -> Iterator[Resource]:
    yield component("EVAL", valueCodeableConcept=coded(None, _READERS[seen.reader]))
    yield component("LESIDENT", valueCodeableConcept=coded(None, _ROLES[seen.role]))
    if seen.state != "MEASURED":
        yield component("TUMSTATE", valueCodeableConcept=coded(None, _STATES[seen.state]))
