"""The demo's bulk export is FHIR R4: elements that must be there are, ids and references are sound, dates are dates."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo import tell
from demo.hospital_fhir import HospitalFhir

REQUIRED = {
    "Patient": {"id"},
    "Encounter": {"status", "class"},
    "Condition": {"subject"},
    "Medication": {"id"},
    "MedicationAdministration": {"status", "subject"},
    "MedicationRequest": {"status", "intent", "subject"},
    "MedicationDispense": {"status"},
    "MedicationStatement": {"status", "subject"},
    "Procedure": {"status", "subject"},
    "Observation": {"status", "code"},
    "BodyStructure": {"patient"},
    "AdverseEvent": {"actuality", "subject"},
    "DiagnosticReport": {"status", "code"},
    "ImagingStudy": {"status", "subject"},
}
"""Elements of minimum cardinality 1 (https://hl7.org/fhir/R4, each resource's page)."""

CHOICES = {
    "MedicationAdministration": (("medicationCodeableConcept", "medicationReference"), ("effectiveDateTime",)),
    "MedicationRequest": (("medicationCodeableConcept", "medicationReference"),),
    "MedicationDispense": (("medicationCodeableConcept", "medicationReference"),),
    "MedicationStatement": (("medicationCodeableConcept", "medicationReference"),),
}
"""Choice elements of which exactly one has to be there."""

ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d[+]08:00)?)?)?")
DATES = (
    "Date",
    "DateTime",
    "issued",
    "started",
    "date",
    "authoredOn",
    "whenHandedOver",
    "start",
    "end",
    "dateAsserted",
)

Resource = dict[str, Any]


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> list[Resource]:
    """What the hospital wrote of twenty patients."""
    folder = tmp_path_factory.mktemp("export")
    hospital = HospitalFhir(folder)
    for number in range(80, 100):
        hospital.write(tell(number))
    hospital.close()
    return [resource for path in sorted(folder.iterdir()) for resource in _of_file(path)]


def _of_file(path: Path) -> Iterator[Resource]:
    for line in path.read_text("utf-8").splitlines():
        resource: Resource = json.loads(line)
        assert resource["resourceType"] == path.stem
        yield resource


def _elements(value: object, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every element below a value, lists opened."""
    if isinstance(value, list):
        for item in value:
            yield from _elements(item, name)
        return
    yield name, value
    if isinstance(value, dict):
        for below, item in value.items():
            yield from _elements(item, below)


def test_every_type_is_written(resources: list[Resource]) -> None:
    """The stories need every type of resource that the hospital has."""
    assert {resource["resourceType"] for resource in resources} == set(REQUIRED)


def test_required_elements_are_there(resources: list[Resource]) -> None:
    """No resource lacks what R4 requires, and of a choice exactly one is there."""
    for resource in resources:
        assert REQUIRED[resource["resourceType"]] <= set(resource)
        for names in CHOICES.get(resource["resourceType"], ()):
            assert sum(name in resource for name in names) == 1


def test_ids_are_sound_and_unique(resources: list[Resource]) -> None:
    """Ids have FHIR's form and stand once a type; every relative reference leads to one."""
    ids = [f"{resource['resourceType']}/{resource['id']}" for resource in resources]
    assert len(ids) == len(set(ids))
    assert all(ID.fullmatch(resource["id"]) for resource in resources)
    references = {value for each in resources for name, value in _elements(each) if name == "reference"}
    assert references <= set(ids)


def test_nothing_is_empty(resources: list[Resource]) -> None:
    """FHIR knows no empty texts, lists and objects, and no null."""
    for resource in resources:
        assert all(value not in ("", None, [], {}) for _, value in _elements(resource))


def test_dates_are_dates(resources: list[Resource]) -> None:
    """A date has year, month or day, or a time with its zone."""
    for resource in resources:
        for name, value in _elements(resource):
            if name.endswith(DATES) and isinstance(value, str):
                assert DATE.fullmatch(value)


def test_extensions_and_codings_name_themselves(resources: list[Resource]) -> None:
    """An extension has a url and either a value or extensions; a coding has a code or a display."""
    for resource in resources:
        for name, value in _elements(resource):
            if name == "extension":
                assert ("extension" in value) != any(key.startswith("value") for key in value)
                assert value["url"]
            if name == "coding":
                assert "code" in value or "display" in value
