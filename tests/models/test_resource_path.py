"""Paths into FHIR resources: what mappings may say, and what they are told when they say more."""

import pytest
from pydantic import ValidationError

from models.mapping import Source
from models.resource_path import Condition, PathError, Where, parse_path


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("id", ("id",)),
        ("valueQuantity.value", ("valueQuantity", "value")),
        (
            "code.coding.where(system='http://loinc.org').code",
            ("code", "coding", Where(((Condition(("system",), "http://loinc.org"),),)), "code"),
        ),
        (
            "component.where(code.coding.code = '8480-6' and id='x').valueQuantity.value",
            (
                *("component", Where(((Condition(("code", "coding", "code"), "8480-6"), Condition(("id",), "x")),))),
                *("valueQuantity", "value"),
            ),
        ),
        ("extension('u').valueDateTime", ("extension", Where(((Condition(("url",), "u"),),)), "valueDateTime")),
        (
            "code.coding.where(system='a' or system='b' and version='5').code",
            (
                *("code", "coding"),
                Where(((Condition(("system",), "a"),), (Condition(("system",), "b"), Condition(("version",), "5")))),
                "code",
            ),
        ),
        ("subject.getReferenceKey()", ("subject", "reference")),
    ],
)
def test_paths(text: str, steps: tuple[object, ...]) -> None:
    """Elements, filters, extensions and keys of references are read as FHIRPath and SQL on FHIR mean them."""
    assert parse_path(text).steps == steps
    assert parse_path(text).is_reference == text.endswith("getReferenceKey()")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "at its end: the name of an element"),
        ("code.", "at its end"),
        ("code.coding[0].code", "at '[0].code': a dot or the end"),
        ("code.coding.where(system=loinc).code", "at 'loinc).code': a text in single quotes"),
        ("code.coding.where(system='x'.code", "at '.code': ')'"),
        ("code.coding.where(system='x')", "ends with a filter"),
        ("value.ofType(Quantity).value", "at '(Quantity).value'"),
        ("subject.getReferenceKey().x", "at '.x'"),
    ],
)
def test_what_is_no_path(text: str, says: str) -> None:
    """Anything beyond the part of FHIRPath that mappings need is refused at the place where it begins."""
    with pytest.raises(PathError) as caught:
        parse_path(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ({"format": "ndjson"}, "ndjson needs resource"),
        ({"resource": "Patient"}, "a path for each column"),
        ({"resource": "Patient", "paths": {"sex": "gender"}, "format": "csv"}, 'not to "csv"'),
        ({"resource": "Patient", "paths": {"sex": "gender."}}, "path of sex: 'gender.' cannot be read at its end"),
    ],
)
def test_sources_of_resources(source: dict[str, object], says: str) -> None:
    """A source of resources says which, and where each column stands in them, or the mapping is refused when read."""
    with pytest.raises(ValidationError) as caught:
        Source.model_validate({"files": ["x"], **source})
    assert says in str(caught.value)
