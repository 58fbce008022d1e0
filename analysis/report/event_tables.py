"""Adverse events as tables: terms by severity, the row of any event first."""

from analysis.ard import Place, Results
from analysis.estimates.safety import (
    ADVERSE_EVENTS,
    ANY_EVENT,
    ANY_GRADE,
    FATAL,
    MILD,
    SEVERE,
    UNDETERMINED,
    UNGRADED,
    event_place,
)
from analysis.report.language import tr
from analysis.report.parts import Label, Number, Text, say, sentences
from analysis.report.table import Column, Line, Table
from analysis.report.words import ANY_EVENT_WORDS, IMMUNE_CLASSES, SCOPE_WORDS

_SEVERITIES = {ANY_GRADE: "Any grade", MILD: "Grade 1–2", SEVERE: "Grade ≥ 3"}


def terms_of(results: Results, scope: str) -> tuple[str, ...]:
    """The terms of a scope in the order of the results: any event, then by falling frequency."""
    places = results.places(ADVERSE_EVENTS)
    return tuple(
        place.variable or "" for place in places if (place.group_level, place.variable_level) == (scope, ANY_GRADE)
    )


def term_label(scope: str, term: str) -> Label | str:
    """A term in the language of the report."""
    if term == ANY_EVENT[scope]:
        return tr(ANY_EVENT_WORDS[scope])
    return Label(tr(IMMUNE_CLASSES.get(term, term) if scope == "IRAE" else term), "data")


def event_table(results: Results, scope: str) -> Table:
    """Patients with each term of a scope (TRAE, TEAE, IRAE): any grade, grade 1-2, grade 3 or more."""
    terms = terms_of(results, scope)
    has_ungraded = any(_count(results, scope, term, UNGRADED).row.value for term in terms)
    severities = {**_SEVERITIES, UNGRADED: "Grade unknown"} if has_ungraded else _SEVERITIES
    lines = [
        Line(
            term_label(scope, term),
            tuple(cell for severity in severities for cell in _cells(results, scope, term, severity)),
        )
        for term in terms
    ]
    return Table(
        f"table_3_{scope.lower()}",
        say("{scope} (n = {n})", scope=tr(SCOPE_WORDS[scope]), n=_population(results)),
        tr("Adverse event") if scope != "IRAE" else tr("Class"),
        tuple(Column(unit, "right", tr(words)) for words in severities.values() for unit in ("n", "%")),
        tuple(lines),
        _notes(results, scope, terms),
    )


def _population(results: Results) -> Number:
    return Number(results.number(Place(ADVERSE_EVENTS), "n_safety"), "count")


def _count(results: Results, scope: str, term: str, severity: str) -> Number:
    return Number(results.number(event_place(scope, term, severity), "n"), "count")


def _cells(results: Results, scope: str, term: str, severity: str) -> tuple[Text, Text]:
    percent = Number(results.number(event_place(scope, term, severity), "pct"), "percent")
    return (_count(results, scope, term, severity),), (percent,)


def _notes(results: Results, scope: str, terms: tuple[str, ...]) -> tuple[Text, ...]:
    notes = [
        say(
            "Percentages are of the safety population: included patients with any dose. Each patient counts once in a "
            "row, at the worst grade; the row of any event counts patients, not events."
        ),
        say("Fatal (grade five): {n}.", n=_count(results, scope, ANY_EVENT[scope], FATAL)),
    ]
    doubtful = [
        say("{term}: {n}.", term=term_label(scope, term), n=_count(results, scope, term, UNDETERMINED))
        for term in terms
        if _count(results, scope, term, UNDETERMINED).row.value
    ]
    if doubtful:
        before = say("Further patients whose events are all doubtful or cannot be placed in time, counted nowhere.")
        notes.append(sentences([before, *doubtful]))
    return tuple(notes)
