"""Sentences about doses, the end of treatment and adverse events."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.dosing import DISPOSITION, DOSING, DURATION, INITIAL_DOSE, REASON, component_place
from analysis.estimates.safety import ADVERSE_EVENTS, ANY_EVENT, ANY_GRADE, FATAL, SEVERE, event_place
from analysis.report.dosing_tables import REASONS, dosed_components
from analysis.report.draft.phrases import count, listed, lower_case, percent_of
from analysis.report.event_tables import term_label, terms_of
from analysis.report.language import tr
from analysis.report.parts import Kind, Label, Number, Text, interval, label_text, named, say
from analysis.report.words import SCOPE_WORDS
from models.protocol import IndexComponent, Protocol

MOST_TERMS = 5
"""Terms that a sentence lists; the table has them all."""

CHANGES = {
    "reduced": "dose reduced in {patients}",
    "interrupted": "interrupted in {patients}",
    "delayed": "delayed in {patients}",
    "omitted": "an infusion omitted in {patients}",
}


def exposure(results: Results, protocol: Protocol) -> Iterator[Text]:
    """First doses, changes and intensity of each component, then how treatment ended."""
    for component in dosed_components(results, protocol):
        yield from _doses(results, component)
    if not any(results.places(DISPOSITION)):
        return
    reasons = [
        say("{reason} in {patients}", reason=lower_case(tr(words)), patients=percent_of(results, place))
        for code, words in REASONS.items()
        for place in (Place(DISPOSITION, variable=REASON, variable_level=code),)
        if results.number(place, "n").value
    ]
    yield say("Treatment at the data cutoff, or why it had ended: {reasons}.", reasons=listed(reasons))
    place = Place(DISPOSITION, variable=DURATION)
    if results.number(place, "n").value:
        yield say(
            "Median duration of treatment was {median} months (range {range}).", **_spread(results, place, "months")
        )


def _doses(results: Results, component: IndexComponent) -> Iterator[Text]:
    doses = [
        say(
            "{dose} mg in {patients}",
            dose=Label(place.variable_level or "", "data"),
            patients=percent_of(results, place),
        )
        for place in results.places(DOSING, INITIAL_DOSE)
        if place.group_level == component.name and place.variable_level
    ]
    if doses:
        yield say(
            "First dose of {component}: {doses}.", component=lower_case(label_text(component)), doses=listed(doses)
        )
    changes = [
        say(template, patients=percent_of(results, place))
        for name, template in CHANGES.items()
        for place in (component_place(component.name, name),)
        if results.has(place, "n") and results.number(place, "n").value
    ]
    if changes:
        yield say("{component}: {changes}.", component=named(component), changes=listed(changes))
    place = component_place(component.name, "rdi_pct")
    if results.has(place, "n") and results.number(place, "n").value:
        yield say(
            "Median relative dose intensity of {component} was {median}% (range {range}).",
            component=lower_case(label_text(component)),
            **_spread(results, place, "percent"),
        )


def _spread(results: Results, place: Place, kind: Kind) -> dict[str, Number | Text]:
    low, high = (results.number(place, name) for name in ("min", "max"))
    return {"median": Number(results.number(place, "median"), kind), "range": interval(low, high, kind)}


def safety(results: Results) -> Iterator[Text]:
    """Each scope of adverse events: any grade, grade 3 or more, fatal, and the commonest terms."""
    population = Place(ADVERSE_EVENTS)
    if not results.has(population, "n_safety") or not results.number(population, "n_safety").value:
        return
    yield say("The safety population held {n} patients.", n=count(results, population, "n_safety"))
    grade = Label(tr("grade 3 or more"), "convention")
    for scope, any_term in ANY_EVENT.items():
        terms = [term for term in terms_of(results, scope) if term != any_term]
        if not terms:
            continue
        yield say(
            "{scope}: any grade in {any}, {grade} in {severe}, fatal in {fatal}.",
            scope=tr(SCOPE_WORDS[scope]),
            grade=grade,
            any=percent_of(results, event_place(scope, any_term, ANY_GRADE)),
            severe=percent_of(results, event_place(scope, any_term, SEVERE)),
            fatal=percent_of(results, event_place(scope, any_term, FATAL)),
        )
        yield say("The commonest were {terms}.", terms=_commonest(results, scope, terms, ANY_GRADE))
        if results.number(event_place(scope, any_term, SEVERE), "n").value:
            severe = _commonest(results, scope, terms, SEVERE)
            yield say("The commonest of {grade} were {terms}.", grade=grade, terms=severe)


def _commonest(results: Results, scope: str, terms: list[str], severity: str) -> Text:
    counts = {term: results.number(event_place(scope, term, severity), "n").value or 0 for term in terms}
    first = sorted((term for term in terms if counts[term]), key=lambda term: -counts[term])[:MOST_TERMS]
    return listed(
        say(
            "{term} in {patients}",
            term=lower_case(str(term_label(scope, term))),
            patients=percent_of(results, event_place(scope, term, severity)),
        )
        for term in first
    )
