"""How hospital FHIR writes down drugs: requests, administrations, dispensing, and what patients tell."""

from collections.abc import Iterator
from datetime import date, timedelta

from demo.formulary import FORMULARY, PREMEDICATION, SUPPORTIVE_CAPSULES
from demo.resources import MCODE, SNOMED, TERMINOLOGY, Resource, coded, extension, pointer, quantity
from demo.resources import resource as make
from demo.story import TRIAL, Dispensing, Infusion, Story

_INTENTS = {"ADJUVANT": ("373846009", "Adjuvant - intent"), "NEOADJUVANT": ("373847000", "Neo-adjuvant - intent")}
_INTRAVENOUS = coded(SNOMED, "47625008", "Intravenous route")
_ORAL = coded(SNOMED, "26643006", "Oral route")
_NOT_TOLERATED = coded(SNOMED, "407563006", "Treatment not tolerated")
_STUDY = "http://hl7.org/fhir/StructureDefinition/workflow-researchStudy"
_DAYS_A_WEEK = 7


def drug_resources(story: Story, patient: str, subject: Resource) -> Iterator[Resource]:
    """Everything about drugs; a Medication comes before the resources that name it, for every patient anew."""
    yield from _infusions(story, patient, subject)
    yield from _dispensings(story, patient, subject)
    yield from _elsewhere(story, patient, subject)
    for number, order in enumerate(story.cancelled_orders):
        yield make(
            "MedicationRequest",
            f"{patient}-cancelled-{number}",
            status="cancelled",
            intent="order",
            medicationCodeableConcept=_named(order.drug, order.day),
            subject=subject,
            authoredOn=order.day.isoformat(),
            dosageInstruction=[{"route": _INTRAVENOUS, "doseAndRate": [{"doseQuantity": quantity(order.mg, "mg")}]}],
        )


def _infusions(story: Story, patient: str, subject: Resource) -> Iterator[Resource]:
    requested: set[str] = set()
    for number, infusion in enumerate(story.infusions):
        request = f"{patient}-{_spelled(infusion.drug)}-{infusion.cycle_days}"
        if request not in requested:
            requested.add(request)
            yield _request(request, infusion, subject)
        given = _given(f"{patient}-inf-{number}", infusion.day, subject)
        given["request"] = pointer("MedicationRequest", request)
        given["dosage"] = {"route": _INTRAVENOUS, "dose": quantity(infusion.mg, "mg")}
        if infusion.day.day % 2:
            given["medicationCodeableConcept"] = _named(infusion.drug, infusion.day)
        else:
            yield _medication(infusion.drug)
            given["medicationReference"] = pointer("Medication", _spelled(infusion.drug))
        if infusion.intent:
            given["extension"] = [_intent(infusion.intent)]
        if infusion.stopped_for_toxicity:
            given["statusReason"] = [_NOT_TOLERATED]
        if infusion.is_maintenance:
            given["note"] = [{"text": "planned maintenance"}]
        yield given
    for number, day in enumerate(story.blinded_doses):
        given = _given(f"{patient}-blinded-{number}", day, subject)
        given["extension"] = [extension(_STUDY, valueReference={"identifier": {"value": TRIAL}})]
        given["medicationCodeableConcept"] = coded(None, None, text="SHR-1701 or placebo, blinded")
        given["dosage"] = {"route": _INTRAVENOUS, "dose": quantity(1, "vial")}
        request = f"{patient}-blinded"
        given["request"] = pointer("MedicationRequest", request)
        if not number:
            yield _order(request, day, coded(None, None, text="SHR-1701 or placebo, blinded"), subject, 3)
        yield given
    given = _given(f"{patient}-premedication", story.diagnosed, subject)
    given["medicationCodeableConcept"] = coded(None, None, text=PREMEDICATION[0][1])
    given["dosage"] = {"route": _INTRAVENOUS, "dose": quantity(10, "mg")}
    yield given


def _given(number: str, day: date, subject: Resource) -> Resource:
    return make(
        "MedicationAdministration",
        number,
        profile="mcode-cancer-related-medication-administration",
        status="completed",
        subject=subject,
        effectiveDateTime=f"{day}T10:20:00+08:00",
    )


def _request(number: str, infusion: Infusion, subject: Resource) -> Resource:
    drug = _named(infusion.drug, infusion.day)
    return _order(number, infusion.day, drug, subject, infusion.cycle_days // _DAYS_A_WEEK)


def _order(number: str, day: date, drug: Resource, subject: Resource, weeks: int) -> Resource:
    return make(
        "MedicationRequest",
        number,
        profile="mcode-cancer-related-medication-request",
        status="completed",
        intent="order",
        medicationCodeableConcept=drug,
        subject=subject,
        authoredOn=(day - timedelta(1)).isoformat(),
        dosageInstruction=[
            {"timing": {"repeat": {"frequency": 1, "period": weeks, "periodUnit": "wk"}}, "route": _INTRAVENOUS}
        ],
    )


def _dispensings(story: Story, patient: str, subject: Resource) -> Iterator[Resource]:
    for number, fill in enumerate(story.dispensings):
        handed = _handed(f"{patient}-fill-{number}", fill.day, subject, fill.units, fill.units_per_day)
        name = FORMULARY[fill.drug].english[fill.day.day % len(FORMULARY[fill.drug].english)]
        own = " (own supply)" if fill.is_own_supply else ""
        strength = f" {fill.strength_mg} mg" if fill.strength_mg else ""
        handed["medicationCodeableConcept"] = coded(None, None, text=f"{name}{own}{strength}")
        if fill.intent:
            handed["extension"] = [_intent(fill.intent)]
        if why := _why_changed(fill):
            handed["note"] = [{"text": f"{why} because of toxicity"}]
        yield handed
    handed = _handed(f"{patient}-supportive", story.diagnosed, subject, 14, 1)
    handed["medicationCodeableConcept"] = coded(None, None, text=SUPPORTIVE_CAPSULES[1])
    yield handed


def _why_changed(fill: Dispensing) -> str:
    if fill.stopped_for_toxicity:
        return "stopped"
    return "reduced" if fill.reduced_for_toxicity else ""


def _handed(number: str, day: date, subject: Resource, units: int, units_per_day: int) -> Resource:
    taken = {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "route": _ORAL,
        "doseAndRate": [{"doseQuantity": quantity(units_per_day, "capsule")}],
    }
    return make(
        "MedicationDispense",
        number,
        status="completed",
        category=coded(f"{TERMINOLOGY}medicationdispense-category", "outpatient"),
        subject=subject,
        quantity=quantity(units, "capsule"),
        whenHandedOver=f"{day}T15:05:00+08:00",
        dosageInstruction=[taken],
    )


def _elsewhere(story: Story, patient: str, subject: Resource) -> Iterator[Resource]:
    for number, course in enumerate(story.elsewhere):
        names = [course.acronym] if course.acronym else [FORMULARY[drug].english[0] for drug in course.drugs]
        for part, name in enumerate(names):
            yield make(
                "MedicationStatement",
                f"{patient}-elsewhere-{number}-{part}",
                status="completed",
                medicationCodeableConcept=coded(None, None, text=name),
                subject=subject,
                effectivePeriod={"start": f"{course.start:%Y-%m}", "end": f"{course.end:%Y-%m}"},
                dateAsserted=course.told_on.isoformat(),
                informationSource=subject,
            )


def _medication(drug: str) -> Resource:
    return make("Medication", _spelled(drug), code=coded(None, None, text=FORMULARY[drug].english[0]))


def _named(drug: str, day: date) -> Resource:
    names = FORMULARY[drug].english
    return coded(None, None, text=names[day.day % len(names)])


def _spelled(drug: str) -> str:
    """A drug's key as an id may be spelled."""
    return drug.replace("_", "-")


def _intent(intent: str) -> Resource:
    return extension(f"{MCODE}mcode-procedure-intent", valueCodeableConcept=coded(SNOMED, *_INTENTS[intent]))
