"""Competing risks: progression with death first, and why treatment stopped, as cumulative incidence."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.incidence import CAUSE, DEATH_FIRST, EVENT, GRAY, INCIDENCE, STOPPING
from analysis.report.cox_tables import covariate_named
from analysis.report.curves import Series
from analysis.report.incidence_plot import Cause, draw_incidence, draw_incidence_by
from analysis.report.language import tr
from analysis.report.palette import level_colour
from analysis.report.parts import Label, Number, Text, convention, interval, label_text, named, plain, say
from analysis.report.section import Block, Illustration, Section
from analysis.report.table import Column, Line, Table
from models.protocol import Covariate, Protocol

_WORDS = {
    EVENT: "Event of the endpoint",
    "TTP": "Progression",
    DEATH_FIRST: "Death first",
    "PD": "Progression",
    "DEATH": "Death",
    "AE": "Adverse event",
    "PATIENT_DECISION": "Patient's decision",
    "COMPLETED": "Treatment completed",
    "OTHER": "Other reason",
}


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Figure for all patients, figure and Gray's test by the first group, and the table, for each endpoint."""
    blocks: list[Block] = []
    for place in results.places(INCIDENCE):
        if place.group_name is None and place.variable is None and results.number(place, "n").value:
            blocks += _blocks(results, protocol, place)
    if blocks:
        yield Section("incidence", (tr("Competing risks"),), tr("Competing risks"), tuple(blocks))


def _title(protocol: Protocol, endpoint: str) -> str:
    if endpoint == STOPPING:
        return tr("Discontinuation of treatment")
    return next(label_text(one) for one in protocol.analysis.competing if one.paramcd == endpoint)


def _causes(results: Results, protocol: Protocol, endpoint: str) -> tuple[Cause, ...]:
    codes = [
        place.variable_level or ""
        for place in results.places(INCIDENCE, CAUSE)
        if place.endpoint == endpoint and place.group_name is None
    ]
    colours = {code: level_colour(number) for number, code in enumerate(codes)}
    bases = {one.paramcd: protocol.definition(one)[0] for one in protocol.analysis.competing}
    words = {**_WORDS, EVENT: _WORDS.get(bases.get(endpoint, EVENT), _WORDS[EVENT])}
    return tuple(Cause(code, tr(words[code]), colours[code]) for code in codes)


def _blocks(results: Results, protocol: Protocol, place: Place) -> Iterator[Block]:
    endpoint = place.endpoint or ""
    title, causes = _title(protocol, endpoint), _causes(results, protocol, endpoint)
    caption = say(
        "{title}: cumulative incidence of all {n} patients, causes on top of each other; {censored} are censored. "
        "{method}.",
        title=title,
        n=Number(results.number(place, "n"), "count"),
        censored=Number(results.number(place, "n_censored"), "count"),
        method=convention(_method(results, place, causes)),
    )
    figure = draw_incidence(results, place, causes, tr("Cumulative incidence"))
    yield Illustration(f"incidence_{endpoint.lower()}", title, figure, caption)
    covariate = _group(results, protocol, endpoint)
    if covariate:
        yield _by_group(results, endpoint, title, causes, covariate)
    yield _table(results, protocol, endpoint, title, causes, covariate)


def _method(results: Results, place: Place, causes: tuple[Cause, ...]) -> str | None:
    at = Place(INCIDENCE, place.endpoint, variable=CAUSE, variable_level=causes[0].code)
    return next((row.method for row in results.of(at, "incidence")), None)


def _group(results: Results, protocol: Protocol, endpoint: str) -> Covariate | None:
    name = next((place.group_name for place in results.places(GRAY) if place.endpoint == endpoint), None)
    return covariate_named(protocol, name) if name else None


def _by_group(
    results: Results, endpoint: str, title: str, causes: tuple[Cause, ...], covariate: Covariate
) -> Illustration:
    groups = tuple(
        Series(place, label_text(level), level_colour(number))
        for number, level in enumerate(covariate.levels)
        if results.number(place := Place(INCIDENCE, endpoint, covariate.name, level.label), "n").value
    )
    parts: list[Text] = []
    for cause in causes:
        test = results.number(
            Place(GRAY, endpoint, covariate.name, variable=CAUSE, variable_level=cause.code), "p_value"
        )
        parts.append(say(" {cause}: P {p};", cause=cause.label, p=Number(test, "p")))
    method = results.number(
        Place(GRAY, endpoint, covariate.name, variable=CAUSE, variable_level=causes[0].code), "p_value"
    ).method
    heading = say("{title} by {group}", title=title, group=named(covariate))
    caption = (*heading, ".", *(part for text in parts for part in text), " ", convention(method), ".")
    shown = causes if len(causes) <= 2 else causes[:1]
    figure = draw_incidence_by(results, groups, shown, tr("Cumulative incidence"), label_text(covariate))
    return Illustration(f"incidence_{endpoint.lower()}_by_{covariate.name}", plain(heading), figure, caption)


def _table(
    results: Results,
    protocol: Protocol,
    endpoint: str,
    title: str,
    causes: tuple[Cause, ...],
    covariate: Covariate | None,
) -> Table:
    months = protocol.analysis.rate_months
    lines = [Line(tr("All patients"), kind="heading")]
    lines += [_line(results, Place(INCIDENCE, endpoint), cause, months, ()) for cause in causes]
    for level in covariate.levels if covariate else ():
        assert covariate is not None
        place = Place(INCIDENCE, endpoint, covariate.name, level.label)
        head = plain(say("{factor}: {level}", factor=label_text(covariate), level=label_text(level)))
        lines.append(Line(Label(head), kind="heading"))
        for cause in causes:
            at = Place(GRAY, endpoint, covariate.name, variable=CAUSE, variable_level=cause.code)
            is_first = level is covariate.levels[0]
            test: Text = (Number(results.number(at, "p_value"), "p"),) if is_first else ()
            lines.append(_line(results, place, cause, months, test))
    rates = [Column(plain(say("{month} months, % (95% CI)", month=str(month))), "centre") for month in months]
    return Table(
        f"table_incidence_{endpoint.lower()}",
        say("{title}: cumulative incidence", title=title),
        tr("Cause"),
        (Column("n"), Column(tr("Events")), *rates, Column(tr("Gray's P"))),
        tuple(lines),
        (
            say("{method}.", method=convention(_method(results, Place(INCIDENCE, endpoint), causes))),
            say("One minus Kaplan-Meier would count who had another event as if he could still have this one."),
        ),
    )


def _line(results: Results, place: Place, cause: Cause, months: tuple[int, ...], test: Text) -> Line:
    at = Place(INCIDENCE, place.endpoint, place.group_name, place.group_level, CAUSE, cause.code)
    cells: list[Text] = [
        (Number(results.number(place, "n"), "count"),),
        (Number(results.number(at, "n_events"), "count"),),
    ]
    for month in months:
        names = ("incidence", "incidence_lower", "incidence_upper")
        rate, lower, upper = (results.number(at, name, float(month)) for name in names)
        if rate.value is None:
            cells.append((Number(rate, "percent"),))
        else:
            limits = interval(lower, upper, "percent")
            cells.append(say("{rate} ({limits})", rate=Number(rate, "percent"), limits=limits))
    return Line(cause.label, (*cells, test), "level")
