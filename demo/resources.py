"""FHIR resources as Python dictionaries, and NDJSON files of them as a bulk export names them."""

import json
import re
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

Resource = dict[str, Any]

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICDO3 = "http://terminology.hl7.org/CodeSystem/icd-o-3"
UCUM = "http://unitsofmeasure.org"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"

_EXACT_MARK = "\x01"
_EXACT = re.compile(r'"\\u0001([^"]*)"')


class BulkExport:
    """Writes resources to `<type>.ndjson`, one a line; every type has a file, an empty one too.

    Args:
        folder: where the files go.
        types: the types of resources that are written.
    """

    def __init__(self, folder: Path, types: Iterable[str]) -> None:
        self._open = ExitStack()
        self._files = {
            kind: self._open.enter_context((folder / f"{kind}.ndjson").open("w", encoding="utf-8", newline=""))
            for kind in types
        }

    def add(self, resources: Iterable[Resource]) -> None:
        """Write resources, numbers of `exact` as they were given."""
        for resource in resources:
            line = json.dumps(resource, ensure_ascii=False, separators=(",", ":"))
            self._files[resource["resourceType"]].write(_EXACT.sub(r"\1", line) + "\n")

    def close(self) -> None:
        """Finish all files."""
        self._open.close()


def exact(number: object) -> str:
    """A number that is written digit for digit: 1.50 stays 1.50."""
    return f"{_EXACT_MARK}{number}"


def resource(kind: str, number: str, *, profile: str | None = None, **elements: Any) -> Resource:
    """A resource; elements that are None are left out."""
    meta = {"profile": [MCODE + profile]} if profile else None
    content = {"resourceType": kind, "id": number, "meta": meta, **elements}
    return {name: value for name, value in content.items() if value is not None}


def coded(system: str | None, code: str | None, display: str | None = None, text: str | None = None) -> Resource:
    """A CodeableConcept of one coding, or of a text alone."""
    coding = {name: value for name, value in (("system", system), ("code", code), ("display", display)) if value}
    return {**({"coding": [coding]} if coding else {}), **({"text": text} if text else {})}


def quantity(value: object, unit: str, **more: Any) -> Resource:
    """A Quantity; value None for a unit alone."""
    return {**({} if value is None else {"value": exact(value)}), **more, **({"unit": unit} if unit else {})}


def pointer(kind: str, number: str) -> Resource:
    """A relative reference."""
    return {"reference": f"{kind}/{number}"}


def extension(url: str, **value: Any) -> Resource:
    """An extension with one value, or with extensions of its own."""
    return {"url": url, **value}


def component(code: str, system: str | None = None, **value: Any) -> Resource:
    """A component of an observation."""
    return {"code": coded(system, code), **value}


def day_or_month(day: date, *, month_only: bool) -> str:
    """A date as far as it is known."""
    return f"{day:%Y-%m}" if month_only else day.isoformat()
