"""Curves of a study: what is drawn, and what the captions say."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.survival import CURVE, LOGRANK, SURVIVAL
from analysis.report.curves import Series, draw_curves
from analysis.report.palette import INK, level_colour
from analysis.report.parts import Label, Number, Part, Text, convention, interval, label_text, named, plain, say
from analysis.report.section import Illustration
from models.protocol import Covariate, EndpointChoice, Protocol


def curves_of(results: Results, protocol: Protocol, endpoint: EndpointChoice) -> Iterator[Illustration]:
    """One endpoint's curve of all patients, then one by each covariate that the protocol compares."""
    yield _overall(results, endpoint)
    for name in protocol.analysis.curves_by:
        yield _by_group(results, endpoint, _covariate(protocol, name))


def _covariate(protocol: Protocol, name: str) -> Covariate:
    return next(covariate for covariate in protocol.covariates if covariate.name == name)


def _overall(results: Results, endpoint: EndpointChoice) -> Illustration:
    place = Place(SURVIVAL, endpoint.paramcd)
    title = label_text(endpoint)
    series = (Series(place, title, INK),)
    caption = say(
        "{endpoint} of all patients: {median}; {events} events among {n}. ",
        endpoint=named(endpoint),
        median=median_text(results, place),
        events=Number(results.number(place, "n_events"), "count"),
        n=Number(results.number(place, "n"), "count"),
    )
    figure = draw_curves(results, series, title)
    return Illustration(f"{endpoint.paramcd.lower()}_all", title, figure, (*caption, *reading_text(results, series)))


def _by_group(results: Results, endpoint: EndpointChoice, covariate: Covariate) -> Illustration:
    places = {
        label_text(level): Place(SURVIVAL, endpoint.paramcd, covariate.name, level.label) for level in covariate.levels
    }
    series = tuple(
        Series(place, label, level_colour(number))
        for number, (label, place) in enumerate(places.items())
        if results.number(place, "n").value
    )
    medians: list[Part] = []
    for label, place in places.items():
        medians += say("{level}: {median}; ", level=Label(label), median=median_text(results, place))
    test = results.number(Place(LOGRANK, endpoint.paramcd, covariate.name), "p_value")
    title = say("{endpoint} by {group}", endpoint=named(endpoint), group=Label(_uncapitalised(label_text(covariate))))
    caption = say("{title}. {medians}log-rank P {p}. ", title=title, medians=tuple(medians), p=Number(test, "p"))
    drawn = series or (Series(next(iter(places.values())), label_text(covariate), INK),)
    figure = draw_curves(results, drawn, label_text(endpoint), label_text(covariate))
    name = f"{endpoint.paramcd.lower()}_by_{covariate.name}"
    return Illustration(name, plain(title), figure, (*caption, *reading_text(results, series)))


def _uncapitalised(label: str) -> str:
    """A label inside a sentence; words in capitals such as ECOG stay."""
    return label if label[1:2].isupper() or "-" in label[:4] else label[:1].lower() + label[1:]


def median_text(results: Results, place: Place) -> Text:
    """The median of a curve with its interval, inside a sentence."""
    median, lower, upper = (results.number(place, name) for name in ("median", "median_lower", "median_upper"))
    if median.value is None:
        return say("median {median}", median=Number(median, "months"))
    return say(
        "median {median} months ({ci} {limits})",
        median=Number(median, "months"),
        ci=convention("95% CI"),
        limits=interval(lower, upper, "months"),
    )


def reading_text(results: Results, series: tuple[Series, ...]) -> Text:
    """How to read the drawing: conventions, and from where on a curve is uncertain."""
    if not series:
        return ()
    first = series[0].place
    rate = next((row.method for row in results.of(first, "rate")), None)
    text = list(
        say(
            "Medians: {median}; shaded: {limits} ({rate}); ticks: censored patients.",
            median=convention(results.number(first, "median").method),
            limits=convention("95% limits"),
            rate=convention(rate),
        )
    )
    for one in series:
        place = one.place
        thin = results.number(Place(CURVE, place.endpoint, place.group_name, place.group_level), "thin_from")
        if thin.value is not None:
            of_level = say(" ({level})", level=Label(one.label)) if place.group_level else ()
            text += say(
                " Dashed after {months} months{level}: fewer than five at risk.",
                months=Number(thin, "months"),
                level=of_level,
            )
    return tuple(text)
