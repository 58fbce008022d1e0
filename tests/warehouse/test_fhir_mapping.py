"""The shipped mapping of FHIR R4 and mCODE: what resources become that the demo hospital does not write.

Every patient is named after a situation; all land together, in two exports.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from models.config import Settings
from tests.formats.landing import KEY, pseudonym
from tests.warehouse.hospital import Hospital
from warehouse import LocatedCentre, land, load_centre

MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/"
ICDO3 = "http://terminology.hl7.org/CodeSystem/icd-o-3"
LABORATORY = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}
IMAGING = [{"url": f"{MCODE}mcode-evidence-type", "valueCodeableConcept": {"coding": [{"code": "363679005"}]}}]
STATUSES = {"271299001": "PD", "359746009": "SD", "709137006": "NE", "103338009": "CR", "103337004": "PR"}
BEFORE, AFTER = "2025-06-30", "2025-07-31"

Resource = dict[str, Any]


def coded(code: str, system: str | None = None) -> Resource:
    """A CodeableConcept."""
    return {"coding": [{"code": code, **({"system": system} if system else {})}]}


def resource(kind: str, patient: str, **elements: Any) -> Resource:
    """A resource about a patient; its id is that of the patient where one is enough."""
    return {"resourceType": kind, "id": patient, "subject": {"reference": f"Patient/{patient}"}, **elements}


def observation(patient: str, loinc: str, **elements: Any) -> Resource:
    """An observation, final unless said otherwise."""
    defaults = {"status": "final", "effectiveDateTime": "2024-03-05T08:00:00+08:00"}
    code = coded(loinc, "http://loinc.org")
    return resource("Observation", patient, **{"id": f"{patient}.{loinc}", "code": code, **defaults, **elements})


def radiotherapy(patient: str, dose: float, unit: str) -> Resource:
    """A course with one volume."""
    delivered = {"url": "totalDoseDelivered", "valueQuantity": {"value": dose, "unit": unit}}
    volume = {"url": f"{MCODE}mcode-radiotherapy-dose-delivered-to-volume", "extension": [delivered]}
    course = {"status": "completed", "code": coded("1217123003"), "extension": [volume]}
    return resource("Procedure", patient, performedPeriod={"start": "2024-03"}, **course)


def exported_before() -> Iterator[Resource]:
    """What is corrected or taken back a month later."""
    yield observation("taken-back", "29463-7", valueQuantity={"value": 61, "unit": "kg"})
    yield observation("taken-back", "89247-1", valueInteger=1)
    yield observation("corrected", "29463-7", valueQuantity={"value": 16, "unit": "kg"})


def exported_after() -> Iterator[Resource]:
    """One resource or a few for every situation."""
    yield observation("taken-back", "29463-7", valueQuantity={"value": 61, "unit": "kg"}, status="entered-in-error")
    yield observation("taken-back", "89247-1", valueInteger=1, status="entered-in-error")
    yield observation("corrected", "29463-7", valueQuantity={"value": 61, "unit": "kg"}, status="corrected")
    yield resource("Patient", "born-in-may", gender="female", birthDate="1960-05")
    yield from drug_by_reference()
    yield radiotherapy("centigray", 5040, "cGy")
    yield radiotherapy("gray", 50.4, "Gy")
    named = {"code": {"text": "radical resection of the oesophagus"}, "performedDateTime": "2024-03-05"}
    yield resource("Procedure", "named-operation", status="completed", category=coded("387713003"), **named)
    for code in (*STATUSES, "268910001"):
        yield observation(f"imaged-{code}", "97509-4", valueCodeableConcept=coded(code), extension=IMAGING)
    yield observation("worse-at-the-bedside", "97509-4", valueCodeableConcept=coded("271299001"))
    histology = {"url": f"{MCODE}mcode-histology-morphology-behavior", "valueCodeableConcept": coded("8070/3", ICDO3)}
    cancer = {"code": coded("C15.4", "http://hl7.org/fhir/sid/icd-10-cm"), "bodySite": [coded("C15.4", ICDO3)]}
    yield resource("Condition", "cancer-with-histology", extension=[histology], onsetDateTime="2024-03", **cancer)
    marker = {
        "category": [{"coding": [LABORATORY]}],
        "valueQuantity": {"value": "@", "comparator": "<", "unit": "ng/mL"},
    }
    yield observation("marker", "2039-6", **marker)
    yield resource("Patient", "died-in-hospital", deceasedDateTime="2024-05-09")
    stay = {"class": {"code": "IMP"}, "period": {"start": "2024-05-01", "end": "2024-05-09T10:00:00+08:00"}}
    ended = {"status": "finished", "hospitalization": {"dischargeDisposition": coded("exp")}}
    yield resource("Encounter", "died-in-hospital", **stay, **ended)
    newer = {"reference": "https://server/fhir/Patient/merged/_history/2"}
    yield resource("Patient", "merged-away", link=[{"type": "replaced-by", "other": newer}])


def drug_by_reference() -> Iterator[Resource]:
    """An infusion whose drug and interval stand in other files."""
    yield resource("Medication", "taxane", code={"coding": [{"display": "paclitaxel 30 MG"}]})
    every_three_weeks = {"timing": {"repeat": {"period": 3, "periodUnit": "wk"}}}
    plan = {"status": "draft", "intent": "plan", "dosageInstruction": [every_three_weeks]}
    yield resource("MedicationRequest", "drug-by-reference", **plan)
    yield resource(
        "MedicationAdministration",
        "drug-by-reference",
        status="stopped",
        statusReason=[coded("407563006", "http://snomed.info/sct")],
        medicationReference={"reference": "Medication/taxane"},
        request={"reference": "MedicationRequest/drug-by-reference"},
        effectivePeriod={"start": "2024-03-05", "end": "2024-03-06"},
    )


class Export(Hospital):
    """A hospital of five lines."""

    @property
    def centre(self) -> LocatedCentre:
        (self.root / "centre.toml").write_text(
            'id = "hospital"\nname = "Hospital"\nmapping = "fhir_r4_mcode"\n[deliveries]\npath = "deliveries"\n',
            "utf-8",
        )
        return LocatedCentre(load_centre(self.root), self.root, self.deliveries)

    def export(self, day: str, resources: Iterator[Resource]) -> None:
        """Delivers resources, one file a type; a value of `@` becomes a decimal with a zero at its end."""
        lines: dict[str, list[str]] = defaultdict(list)
        for each in resources:
            lines[each["resourceType"]].append(json.dumps(each).replace('"@"', "0.50") + "\n")
        lines["Patient"] += ['{"resourceType":"Patient","id":"merged"}\n']
        for kind, of_kind in lines.items():
            self.deliver(day, f"{kind}.000.ndjson", "".join(of_kind))

    def of(self, patient: str, table: str, *columns: str) -> list[list[object]]:
        """Rows of one patient."""
        number = pseudonym("Patient", patient)
        return [list(row) for who, *row in self.rows(table, "patient_id", *columns) if who == number]


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Export:
    """Both exports, landed."""
    hospital = Export(tmp_path_factory.mktemp("fhir"), {}, [])
    hospital.export(BEFORE, exported_before())
    hospital.export(AFTER, exported_after())
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ONCOMART_KEY_HOSPITAL", KEY)
        report = land(hospital.home, hospital.centre, Settings())
    assert not report.problems
    assert not any(delivery.problems for delivery in report.deliveries)
    return hospital


def test_months_of_birth_are_enough(hospital: Export) -> None:
    """FHIR dates may end at the month."""
    assert hospital.of("born-in-may", "patient", "sex", "birth_ym") == [["F", "1960-05"]]


def test_medications_by_reference(hospital: Export) -> None:
    """The name stands in another file, and so does the interval between infusions."""
    columns = ("raw_name", "cycle_days", "start_text", "end_text", "reason_stop")
    given = ["paclitaxel 30 MG", 21, "2024-03-05", "2024-03-06", "TOXICITY"]
    assert hospital.of("drug-by-reference", "drug_row", *columns) == [given]


@pytest.mark.parametrize("unit", ["centigray", "gray"])
def test_dose_of_radiotherapy(hospital: Export, unit: str) -> None:
    """The dose comes in centigray, as mCODE asks, or in gray."""
    assert hospital.of(unit, "procedure", "kind", "dose_gy::float", "start_text") == [
        ["RT", pytest.approx(50.4), "2024-03"]
    ]


def test_operation_told_by_its_name(hospital: Export) -> None:
    """Without a coded intent the vocabulary reads the name of an operation."""
    found = hospital.of("named-operation", "procedure", "kind", "start_text")
    assert found == [["SURGERY_CURATIVE", "2024-03-05"]]


@pytest.mark.parametrize(("code", "response"), STATUSES.items())
def test_disease_status_from_imaging_is_a_response(hospital: Export, code: str, response: str) -> None:
    """What a clinician read from a scan counts as the investigator's response."""
    found = hospital.of(f"imaged-{code}", "response", "reader", "response", "response_date")
    assert found == [["INV", response, "2024-03-05"]]
    assert hospital.of(f"imaged-{code}", "disease_event", "event") == []


def test_an_improvement_is_no_response_of_recist(hospital: Export) -> None:
    """What mCODE calls improved is less than a partial response, and is left out."""
    assert hospital.of("imaged-268910001", "response", "response") == []


def test_disease_status_without_imaging_is_a_clinical_progression(hospital: Export) -> None:
    """A worsening seen at the bedside is an event."""
    found = hospital.of("worse-at-the-bedside", "disease_event", "event", "event_date_text")
    assert found == [["CLIN_PD", "2024-03-05"]]
    assert hospital.of("worse-at-the-bedside", "response", "response") == []


def test_histology_at_the_cancer(hospital: Export) -> None:
    """A cancer that carries its histology gives a pathology row beside the diagnosis."""
    found = hospital.of("cancer-with-histology", "pathology", "path_date", "site_icdo", "icdo_morphology", "behaviour")
    assert found == [["2024-03", "C15.4", "8070", "3"]]
    diagnosis = hospital.of("cancer-with-histology", "diagnosis", "code", "kind", "date_text")
    assert diagnosis == [["C15.4", "PRIMARY", "2024-03"]]


def test_a_number_with_a_sign_keeps_its_zeros(hospital: Export) -> None:
    """A result lands digit for digit behind its sign, under a code that is not known as it is."""
    assert hospital.of("marker", "lab", "test", "value_text", "unit") == [["2039-6", "<0.50", "ng/mL"]]


def test_death_as_the_patient_and_the_stay_tell_it_is_one(hospital: Export) -> None:
    """The hospital's own record counts once, wherever it stands, and the day of death proves no life."""
    assert hospital.of("died-in-hospital", "death", "source", "date_text") == [["HOSPITAL", "2024-05-09"]]
    assert hospital.of("died-in-hospital", "contact", "date_text") == [["2024-05-01"]]


def test_merged_patients_are_linked(hospital: Export) -> None:
    """A record that another one replaced leads to it, through an absolute reference to a version."""
    pair = (pseudonym("Patient", "merged-away"), pseudonym("Patient", "merged"))
    assert hospital.rows("identity_link", "id_a", "id_b") == [pair]


@pytest.mark.parametrize("table", ["vital", "ecog"])
def test_entered_in_error_takes_back(hospital: Export, table: str) -> None:
    """A later export that calls a resource an error withdraws what it had said, with a number of its own or without."""
    assert hospital.of("taken-back", table, "delivery_id", "is_withdrawn") == [[BEFORE, False], [AFTER, True]]


def test_a_resource_corrected_is_a_version_of_the_same_record(hospital: Export) -> None:
    """Versions share the id of the resource."""
    versions = hospital.of("corrected", "vital", "delivery_id", "value_text", "row_key")
    assert [(delivery, value) for delivery, value, _ in versions] == [(BEFORE, "16"), (AFTER, "61")]
    assert len({key for *_, key in versions}) == 1
