"""FHIR resources as NDJSON: nothing crashes, no line is unaccounted for, no digit is lost."""

import json
import tracemalloc
from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest

from models.errors import ConfigError, DeliveryError
from models.mapping import Source
from tests.warehouse.hospital import Hospital
from warehouse.intake.ndjson_files import NdjsonReader

PATHS = {
    "id": "id",
    "patient": "subject.getReferenceKey()",
    "loinc": "code.coding.where(system='http://loinc.org').code",
    "text": "code.text",
    "value": "valueQuantity.value",
    "systolic": "component.where(code.coding.code='8480-6').valueQuantity.value",
    "grade": "extension('http://grade').valueCodeableConcept.coding.where(system='http://a' and version='5').code",
    "profile": "meta.profile",
    "subject": "subject",
}


def read(content: bytes | str, **paths: str) -> tuple[list[dict[str, object]], NdjsonReader]:
    """The rows that a reader of observations yields, and the reader after them."""
    data = content if isinstance(content, bytes) else content.encode()
    source = Source(files=["x"], resource="Observation", paths=paths or PATHS)
    reader = NdjsonReader(BytesIO(data), "file x", source)
    rows = [row for batch in reader.batches(list(paths or PATHS)) for row in batch.to_pylist()]
    return rows, reader


def observation(**elements: object) -> str:
    """One line."""
    return json.dumps({"resourceType": "Observation", **elements}, ensure_ascii=False) + "\n"


def cells(column: str, *lines: str) -> list[object]:
    """One column of some lines."""
    return [row[column] for row in read("".join(lines))[0]]


def test_filters_choose_among_codings() -> None:
    """The coding of the wanted system is found wherever it stands; without one the cell is empty."""
    ours, loinc = {"system": "http://lis", "code": "ALT"}, {"system": "http://loinc.org", "code": "1742-6"}
    assert cells("loinc", *(observation(code={"coding": c}) for c in ([ours, loinc], [loinc, ours], [ours]))) == [
        *("1742-6", "1742-6"),
        None,
    ]


def test_filters_ask_below_the_item() -> None:
    """A component is chosen by any code of its own code."""
    pulse = {"code": {"coding": [{"code": "8867-4"}]}, "valueQuantity": {"value": 70}}
    systolic = {"code": {"coding": [{"code": "SYS"}, {"code": "8480-6"}]}, "valueQuantity": {"value": 151}}
    assert cells("systolic", observation(component=[pulse, systolic]), observation(component=[pulse])) == ["151", None]


def test_filters_with_several_conditions() -> None:
    """Every condition of a filter has to hold for the same item."""
    codings = [{"system": "http://a", "version": "4", "code": "x"}, {"system": "http://a", "version": "5", "code": "y"}]
    extension = [{"url": "http://other"}, {"url": "http://grade", "valueCodeableConcept": {"coding": codings}}]
    assert cells("grade", observation(extension=extension)) == ["y"]


def test_filters_with_alternatives() -> None:
    """An item is kept when any alternative holds."""
    path = "code.coding.where(system='b' or system='c').code"
    lines = (
        observation(code={"coding": [{"system": s, "code": s.upper()} for s in systems]})
        for systems in ("ab", "cd", "ad")
    )
    assert [row["code"] for row in read("".join(lines), code=path)[0]] == ["B", "C", None]


def test_one_item_need_not_be_a_list() -> None:
    """An element is read alike as an item and as a list of one."""
    coding = {"system": "http://loinc.org", "code": "718-7"}
    assert (
        cells("loinc", observation(code={"coding": coding}), observation(code=[{"coding": [coding]}])) == ["718-7"] * 2
    )


@pytest.mark.parametrize(
    "reference", ["Patient/p-1", "https://server/fhir/Patient/p-1", "Patient/p-1/_history/3", "urn:uuid:p-1"]
)
def test_references_give_the_bare_id(reference: str) -> None:
    """Relative, absolute, versioned and urn references lead to the same patient."""
    assert cells("patient", observation(subject={"reference": reference})) == ["p-1"]


@pytest.mark.parametrize("number", ["1.50", "0.10", "100", "-3.0e5", "12345678901234567890.1234567890"])
def test_numbers_stay_as_written(number: str) -> None:
    """Decimals keep their zeros and their last digit, as FHIR asks."""
    line = observation(valueQuantity={"value": "@"}).replace('"@"', number)
    assert cells("value", line) == [number]
    assert Decimal(number) == Decimal(str(cells("value", line)[0]))


def test_numbers_inside_texts_are_left_alone() -> None:
    """Text that looks like a name and a number is no number."""
    text = 'dose": 5 , "x":7} and ":3,"'
    assert cells("text", observation(code={"text": text})) == [text]


def test_objects_have_no_text() -> None:
    """A path that ends above the text gives nothing, never JSON with whatever it holds."""
    assert cells("subject", observation(subject={"display": "a name"})) == [None]


def test_first_of_several_texts() -> None:
    """Of several texts the first is taken; brackets at the start of a text are no list."""
    assert cells("profile", observation(meta={"profile": ["first", "second"]})) == ["first"]
    assert cells("text", observation(code={"text": "[IU]/L"})) == ["[IU]/L"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"resourceType":"Observation","id":"cut', "no JSON"),
        ("id,name", "no JSON"),
        ('{"resourceType":"Observation"} {"resourceType":"Observation"}', "no JSON"),
        ('{"resourceType":"Observation","valueInteger":007}', "no JSON"),
        ("[]", "no resource: resourceType is missing"),
        ('{"id":"nothing"}', "no resource: resourceType is missing"),
        ('{"resourceType":"Observation","id":"a","id":"b"}', "a name stands twice in one object"),
        ('{"resourceType":"Observation","x":[{"y":{"a":1,"a":2}}]}', "a name stands twice in one object"),
    ],
)
def test_malformed_lines_fail_with_their_number(line: str, reason: str) -> None:
    """A line that is no resource fails alone, is numbered, and says why."""
    rows, reader = read(observation(id="before") + line + "\n" + observation(id="after"))
    assert [(row["id"], row["source_row"]) for row in rows] == [("before", 1), ("after", 3)]
    assert (dict(reader.failed.counts), reader.failed.samples) == ({reason: 1}, {reason: [2]})


def test_lines_that_are_not_wanted_are_skipped_with_their_reason() -> None:
    """Empty lines and resources of another type are counted, and so is a last line without an end."""
    patient = json.dumps({"resourceType": "Patient", "id": "p"})
    rows, reader = read(f"\n{patient}\r\n  \r\n{observation(id='last').strip()}")
    assert [(row["id"], row["source_row"]) for row in rows] == [("last", 4)]
    assert +reader.failed.skipped == {"blank": 2, "another resourceType": 1}


def test_byte_order_mark_and_carriage_returns() -> None:
    """Neither is part of a resource."""
    assert cells("id", "\ufeff" + observation(id="a").replace("\n", "\r\n"), observation(id="b")) == ["a", "b"]


def test_file_cut_inside_a_character() -> None:
    """Only the last line is lost, and it is counted once."""
    rows, reader = read((observation(id="a") + '{"id":"癌').encode()[:-1])
    assert (len(rows), dict(reader.failed.counts), +reader.failed.skipped) == (
        1,
        {"file ends inside a character": 1},
        {},
    )


def test_bytes_that_are_not_utf8_refuse_the_file() -> None:
    """The message names the row."""
    with pytest.raises(DeliveryError, match="row 2 is not UTF-8"):
        read(observation(id="a").encode() + '{"id":"癌"}\n'.encode("gb18030"))


def test_a_line_without_end_refuses_the_file() -> None:
    """A file that is one line of any length is refused and never held as a whole."""

    class Endless(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return b" " * (size or 0)

    reader = NdjsonReader(Endless(), "file x", Source(files=["x"], resource="Observation", paths=PATHS))
    with pytest.raises(DeliveryError, match="longer than 16 MB"):
        list(reader.batches(["id"]))


def test_elements_that_no_resource_has_are_told() -> None:
    """An absent element leaves its columns empty, and a note names it."""
    _, reader = read(observation(id="a"), id="id", when="effectiveDateTime")
    assert reader.notes == ("no Observation of the file has effectiveDateTime; columns taken from there are empty.",)


def test_memory_does_not_grow_with_the_file() -> None:
    """Lines pass in blocks: three times the lines take no more of Python's memory."""

    def peak(lines: int) -> int:
        line = observation(id="a", code={"text": "x" * 2000}).encode()
        source = Source(files=["x"], resource="Observation", paths={"id": "id"})
        data = BytesIO(line * lines)
        tracemalloc.start()
        try:
            assert sum(batch.num_rows for batch in NdjsonReader(data, "x", source).batches(["id"])) == lines
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(24_000) < 1.3 * peak(8_000)


def hospital_of_patients(root: Path, lines: Sequence[str]) -> Hospital:
    """A hospital that exported its patients."""
    paths = {"id": "id", "sex": "gender", "entered": "active"}
    source = {"patients": {"files": ["Patient*.ndjson"], "resource": "Patient", "paths": paths}}
    columns = {"patient_id": {"column": "id", "system": "Patient"}, "sex": {"column": "sex", "map": {"male": "M"}}}
    hospital = Hospital(root, source, [{"table": "patient", "feed": [{"source": "patients", "columns": columns}]}])
    hospital.deliver("2025-07-31", "Patient.000.ndjson", "".join(f"{line}\n" for line in lines))
    return hospital


def test_landing_accounts_for_every_line(tmp_path: Path) -> None:
    """Read is used, skipped and failed lines together; rows carry the line they stand in."""
    male = '{"resourceType":"Patient","id":"%s","gender":"male"}'
    hospital = hospital_of_patients(tmp_path, ["", male % "a", '{"resourceType":"Group"}', "{", male % "b"])
    (delivery,) = hospital.land().deliveries
    (file,) = delivery.files
    assert (file.read, file.used) == (5, 2)
    assert (file.skipped, file.failed) == ({"blank": 1, "another resourceType": 1}, {"no JSON": 1})
    assert hospital.rows("patient", "sex", "source_row") == [("M", 2), ("M", 5)]
    assert any("row 4" in warning for warning in delivery.warnings)


def test_columns_without_a_path_are_told_when_the_mapping_is_read(tmp_path: Path) -> None:
    """A slip of the pen in a mapping is found before any file is there, with the nearest column."""
    hospital = hospital_of_patients(tmp_path, [])
    columns = {"patient_id": {"column": "idd", "system": "Patient"}}
    hospital.tables = [{"table": "patient", "feed": [{"source": "patients", "columns": columns}]}]
    with pytest.raises(ValueError, match=r"'idd', which has no path in source patients; did you mean id"):
        hospital.land()


@pytest.mark.parametrize("column", ["column", "key", "value"])
def test_lookups_among_resources_need_paths(tmp_path: Path, column: str) -> None:
    """A lookup from or into resources is checked alike."""
    hospital = hospital_of_patients(tmp_path, [])
    lookup = {"column": "id", "source": "patients", "key": "id", "value": "sex", column: "sexx"}
    hospital.sources = {"patients": {**hospital.sources["patients"], "lookup": {"again": lookup}}}
    with pytest.raises(ValueError, match=r"lookup again asks for 'sexx', which has no path in source patients"):
        hospital.land()


def test_files_of_resources_need_paths(tmp_path: Path) -> None:
    """A file whose name says NDJSON, under a source without paths, is an error of the mapping."""
    hospital = hospital_of_patients(tmp_path, [])
    hospital.sources = {"patients": {"files": ["Patient*.ndjson"]}}
    with pytest.raises(ConfigError, match="needs resource"):
        hospital.land()
