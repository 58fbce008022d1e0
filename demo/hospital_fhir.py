"""Hospital FHIR: a bulk export of FHIR R4 resources with mCODE profiles, as NDJSON."""

from collections.abc import Iterator
from pathlib import Path

from demo.hospital_fhir_drugs import drug_resources
from demo.hospital_fhir_results import result_resources
from demo.hospital_fhir_tumour import tumour_resources
from demo.resources import ICD10, MCODE, SNOMED, TERMINOLOGY, BulkExport, Resource, coded, exact, extension, pointer
from demo.resources import resource as make
from demo.story import Admission, Story
from demo.vocabulary import COMORBIDITIES, ORGANS, PRIMARIES

_TYPES = (
    "Patient",
    "Encounter",
    "Condition",
    "Medication",
    "MedicationAdministration",
    "MedicationRequest",
    "MedicationDispense",
    "MedicationStatement",
    "Procedure",
    "Observation",
    "BodyStructure",
    "AdverseEvent",
    *("DiagnosticReport", "ImagingStudy"),
)
_GENDERS = {"M": "male", "F": "female", "": "unknown"}
_CURATIVE = coded(SNOMED, "373808002", "Curative - procedure intent")
_PALLIATIVE = coded(SNOMED, "363676003", "Palliative - procedure intent")
_IRRADIATED = {"BONE": "C41.9", "ESOPHAGUS": "C15.9", "BRAIN": "C71.9"}
_ICDO3 = f"{TERMINOLOGY}icd-o-3"
_CENTIGRAY_A_GRAY = 100


class HospitalFhir:
    """Writes stories as resources, one NDJSON file a type."""

    centre_id = "hospital_fhir"
    identifier_system = "Patient"

    def __init__(self, folder: Path) -> None:
        self._export = BulkExport(folder, _TYPES)
        self._medications: set[str] = set()

    def write(self, story: Story) -> str:
        """Write all resources of one patient; returns the id of the Patient."""
        patient = f"pat-{story.number:06d}"
        subject = pointer("Patient", patient)
        self._export.add([_patient(story, patient)])
        for resources in (_conditions, _encounters, _procedures, tumour_resources, result_resources):
            self._export.add(resources(story, patient, subject))
        for made in drug_resources(story, patient, subject):
            if made["resourceType"] != "Medication" or made["id"] not in self._medications:
                self._export.add([made])
                self._medications.add(made["id"])
        return patient

    def close(self) -> None:
        """Finish all files."""
        self._export.close()


def _patient(story: Story, patient: str) -> Resource:
    person = story.person
    died = next((death.day.isoformat() for death in story.deaths if death.in_hospital), None)
    return make(
        "Patient",
        patient,
        profile="mcode-cancer-patient",
        identifier=[{"system": "urn:oid:2.16.156.1.1", "value": person.national_id}],
        name=[{"text": person.name}],
        telecom=[{"system": "phone", "value": person.phone}],
        gender=_GENDERS[person.sex],
        birthDate=person.birth.isoformat(),
        deceasedDateTime=died,
        address=[{"text": person.address}],
    )


def _conditions(story: Story, patient: str, subject: Resource) -> Iterator[Resource]:
    code, name, _ = PRIMARIES[story.primary_code]
    primary = coded(ICD10, code, text=name)

    def condition(number: str, profile: str | None, day: str, what: Resource, status: str, category: str) -> Resource:
        return make(
            "Condition",
            f"{patient}-{number}",
            profile=profile,
            clinicalStatus=coded(f"{TERMINOLOGY}condition-clinical", status),
            verificationStatus=coded(f"{TERMINOLOGY}condition-ver-status", "confirmed"),
            category=[coded(f"{TERMINOLOGY}condition-category", category)],
            code=what,
            subject=subject,
            recordedDate=day,
        )

    cancer, listed = "mcode-primary-cancer-condition", ("active", "problem-list-item")
    yield condition("cancer", cancer, story.diagnosed.isoformat(), primary, *listed)
    for number, day in enumerate(story.relapses):
        yield condition(f"relapse-{number}", cancer, day.isoformat(), primary, "recurrence", "encounter-diagnosis")
    for number, found in enumerate(story.metastases):
        code, name = ORGANS[found.organ]
        profile = "mcode-secondary-cancer-condition"
        yield condition(f"met-{number}", profile, found.day.isoformat(), coded(ICD10, code, text=name), *listed)
    for number, had in enumerate(story.conditions):
        code, name = COMORBIDITIES.get(had.code) or PRIMARIES[had.code][:2]
        other = cancer if had.code.startswith("C") else None
        yield condition(f"other-{number}", other, had.day.isoformat(), coded(ICD10, code, text=name), *listed)


def _encounters(story: Story, patient: str, subject: Resource) -> Iterator[Resource]:
    for number, stay in enumerate(story.admissions):
        yield make(
            "Encounter",
            f"{patient}-stay-{number}",
            status="finished",
            **_classed("IMP"),
            subject=subject,
            period={"start": f"{stay.start}T09:00:00+08:00", "end": f"{stay.end}T11:00:00+08:00"},
            diagnosis=_diagnoses(story, patient, stay),
            hospitalization={
                "dischargeDisposition": coded(f"{TERMINOLOGY}discharge-disposition", "exp" if stay.died else "home")
            },
        )
    for number, call in enumerate(story.follow_ups):
        told = {"individual": {"type": "RelatedPerson", "display": "family"}}
        yield make(
            "Encounter",
            f"{patient}-call-{number}",
            status="finished",
            **_classed("VR" if call.by_phone else "AMB"),
            subject=subject,
            participant=[told] if call.by_phone else None,
            period={"start": call.day.isoformat(), "end": call.day.isoformat()},
        )


def _classed(code: str) -> Resource:
    return {"class": {"system": f"{TERMINOLOGY}v3-ActCode", "code": code}}


def _diagnoses(story: Story, patient: str, stay: Admission) -> list[Resource]:
    """The cancer first; another one at every stay of its time, and at the last."""
    last = stay == story.admissions[-1]
    others = [
        f"other-{number}"
        for number, had in enumerate(story.conditions)
        if had.code.startswith("C") and (last or had.day <= stay.start)
    ]
    return [
        {"condition": pointer("Condition", f"{patient}-{number}"), "rank": rank}
        for rank, number in enumerate(["cancer", *others], start=1)
    ]


def _procedures(story: Story, patient: str, subject: Resource) -> Iterator[Resource]:
    intent_url = f"{MCODE}mcode-procedure-intent"
    for number, operation in enumerate(story.operations):
        yield make(
            "Procedure",
            f"{patient}-op-{number}",
            profile="mcode-cancer-related-surgical-procedure",
            extension=[extension(intent_url, valueCodeableConcept=_CURATIVE if operation.is_curative else _PALLIATIVE)],
            status="completed",
            category=coded(SNOMED, "387713003", "Surgical procedure"),
            code=coded(None, None, text="Oesophagectomy"),
            subject=subject,
            performedDateTime=operation.day.isoformat(),
            bodySite=[coded(_ICDO3, "C15.9")],
        )
    for number, course in enumerate(story.radiotherapies):
        dose = {"value": exact(f"{course.gray * _CENTIGRAY_A_GRAY:g}"), "unit": "cGy", "code": "cGy"}
        delivered = [
            extension("volume", valueReference={"display": course.organ.lower()}),
            extension("totalDoseDelivered", valueQuantity=dose),
            extension("fractionsDelivered", valueUnsignedInt=course.fractions),
        ]
        yield make(
            "Procedure",
            f"{patient}-rt-{number}",
            profile="mcode-radiotherapy-course-summary",
            extension=[
                extension(intent_url, valueCodeableConcept=_CURATIVE if course.is_curative else _PALLIATIVE),
                extension(f"{MCODE}mcode-radiotherapy-dose-delivered-to-volume", extension=delivered),
            ],
            status="completed",
            category=coded(SNOMED, "108290001", "Radiation oncology AND/OR radiotherapy"),
            code=coded(SNOMED, "1217123003", "Radiotherapy course of treatment"),
            subject=subject,
            performedPeriod={"start": course.start.isoformat(), "end": course.end.isoformat()},
            bodySite=[coded(_ICDO3, _IRRADIATED[course.organ])],
        )
