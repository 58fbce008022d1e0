"""How hospital FHIR writes down results: laboratory, vital signs, performance, adverse events and deaths."""

from collections.abc import Iterator
from typing import Any

from demo.resources import (
    ICD10,
    LOINC,
    TERMINOLOGY,
    UCUM,
    Resource,
    coded,
    component,
    day_or_month,
    extension,
    quantity,
)
from demo.resources import resource as make
from demo.story import AdverseEvent, Death, LabResult, Performance, Story, Vital
from demo.vocabulary import ADVERSE_EVENTS, PRIMARIES, RELATIONS, TESTS

_CTCAE = "http://hl7.org/fhir/us/ctcae/"
_CAUSALITY = f"{TERMINOLOGY}adverse-event-causality-assess"
_CAUSALITIES = {
    "肯定有关": "certain",
    "很可能有关": "probably-likely",
    "可能有关": "possible",
    "无法判定": "unassessable-unclassifiable",
    "待评价": "conditional-classified",
    "可能无关": "unlikely",
}
_REPORTERS = {"REGISTRY": "Organization", "FAMILY": "RelatedPerson"}


def result_resources(story: Story, patient: str, subject: Resource) -> Iterator[Resource]:
    """Every result, adverse event and report of a death."""
    for number, lab in enumerate(story.labs):
        yield _laboratory(lab, f"{patient}-lab-{number}", subject)
    for number, vital in enumerate(story.vitals):
        yield from _vital_signs(vital, f"{patient}-vital-{number}", subject)
    for number, note in enumerate(story.performances):
        yield _performance(note, f"{patient}-ps-{number}", subject)
    for number, event in enumerate(story.adverse_events):
        yield _adverse_event(event, f"{patient}-ae-{number}", subject)
    for number, death in enumerate(story.deaths):
        if not death.in_hospital:
            yield from _death(death, f"{patient}-death-{number}", story.primary_code, subject)


def _result(number: str, category: str, code: Resource, subject: Resource, day: str, **more: Any) -> Resource:
    return make(
        "Observation",
        number,
        status="final",
        category=[coded(f"{TERMINOLOGY}observation-category", category)],
        code=code,
        subject=subject,
        effectiveDateTime=day,
        **more,
    )


def _laboratory(lab: LabResult, number: str, subject: Resource) -> Resource:
    test = TESTS[lab.test]
    limits = {
        side: quantity(f"{limit:g}", test.unit)
        for side, limit in (("low", lab.low), ("high", lab.high))
        if limit is not None
    }
    sign, digits = (lab.value[:1], lab.value[1:]) if lab.value[:1] in ("<", ">") else ("", lab.value)
    value: Resource = {"valueString": lab.value}
    if not lab.value:
        value = {"dataAbsentReason": coded(f"{TERMINOLOGY}data-absent-reason", "unknown")}
    elif digits.replace(".", "", 1).isdigit():
        value = {"valueQuantity": quantity(digits, test.unit, **({"comparator": sign} if sign else {}))}
    return _result(
        number,
        "laboratory",
        coded(LOINC, test.loinc, text=test.name),
        subject,
        f"{lab.day}T06:30:00+08:00",
        **value,
        referenceRange=[limits] if limits else None,
    )


def _vital_signs(vital: Vital, number: str, subject: Resource) -> Iterator[Resource]:
    day = f"{vital.day}T07:40:00+08:00"
    parts = (("8480-6", vital.systolic), ("8462-4", vital.diastolic))
    pressure = [component(code, LOINC, valueQuantity=quantity(value, "mm[Hg]")) for code, value in parts]
    panel = coded(LOINC, "85354-9", "Blood pressure panel with all children optional")
    yield _result(f"{number}-bp", "vital-signs", panel, subject, day, component=pressure)
    weight = quantity(f"{vital.weight_kg:g}", "kg", system=UCUM, code="kg")
    body_weight = coded(LOINC, "29463-7", "Body weight")
    yield _result(f"{number}-weight", "vital-signs", body_weight, subject, day, valueQuantity=weight)


def _performance(note: Performance, number: str, subject: Resource) -> Resource:
    ecog = note.ecog if note.misfiled_kps is None else note.misfiled_kps
    code = ("89243-0", "Karnofsky Performance Status score") if ecog is None else ("89247-1", "ECOG Performance Status")
    score = note.kps if ecog is None else ecog
    return _result(number, "survey", coded(LOINC, *code), subject, note.day.isoformat(), valueInteger=score)


def _adverse_event(event: AdverseEvent, number: str, subject: Resource) -> Resource:
    words, term, _ = ADVERSE_EVENTS[event.term]
    grade = coded(f"{_CTCAE}CodeSystem/ctcae-grade-code-system", str(event.grade))
    resolved = event.end.isoformat() if event.end else None
    extensions = [
        *([extension(f"{_CTCAE}StructureDefinition/ctcae-grade", valueCodeableConcept=grade)] if event.grade else []),
        *(
            [extension(f"{_CTCAE}StructureDefinition/adverse-event-resolved-date", valueDateTime=resolved)]
            if resolved
            else []
        ),
    ]
    return make(
        "AdverseEvent",
        number,
        extension=extensions or None,
        actuality="actual",
        event={"coding": [{"version": "5.0", "display": term}], "text": words[0]},
        subject=subject,
        date=day_or_month(event.start, month_only=event.month_only),
        outcome=coded(f"{TERMINOLOGY}adverse-event-outcome", "resolved" if resolved else "ongoing"),
        suspectEntity=[_suspected(event.relation)] if event.relation else None,
    )


def _suspected(relation: str) -> Resource:
    code = _CAUSALITIES.get(relation)
    assessment = coded(_CAUSALITY, code) if code else coded(None, None, text=RELATIONS[relation])
    return {"instance": {"display": "systemic treatment"}, "causality": [{"assessment": assessment}]}


def _death(death: Death, number: str, primary_code: str, subject: Resource) -> Iterator[Resource]:
    by = [{"type": _REPORTERS[death.source], "display": death.source.lower()}]
    when = day_or_month(death.day, month_only=death.month_only)
    yield make(
        "Observation",
        number,
        status="final",
        code=coded(LOINC, "81956-5", "Date+time of death"),
        subject=subject,
        performer=by,
        valueDateTime=when,
    )
    yield make(
        "Observation",
        f"{number}-cause",
        status="final",
        code=coded(LOINC, "69453-9", "Cause of death"),
        subject=subject,
        performer=by,
        valueCodeableConcept=coded(ICD10, PRIMARIES[primary_code][0]),
    )
