"""Curves and forests of a study: what is drawn, and what the captions say."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.regression import MULTIVARIABLE, UNIVARIATE
from analysis.estimates.survival import CURVE, LOGRANK, SURVIVAL
from analysis.report.curves import Series, draw_curves
from analysis.report.forest import draw_forest
from analysis.report.palette import INK, level_colour
from analysis.report.parts import Label, Number, Text, interval
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
    caption: Text = (
        Label(endpoint.label),
        " of all patients: ",
        *_median(results, place),
        "; ",
        Number(results.number(place, "n_events"), "count"),
        " events among ",
        Number(results.number(place, "n"), "count"),
        ". ",
        *_reading(results, (place,)),
    )
    figure = draw_curves(results, (Series(place, endpoint.label, INK),), endpoint.label)
    return Illustration(f"{endpoint.paramcd.lower()}_all", endpoint.label, figure, caption)


def _by_group(results: Results, endpoint: EndpointChoice, covariate: Covariate) -> Illustration:
    places = {level.label: Place(SURVIVAL, endpoint.paramcd, covariate.name, level.label) for level in covariate.levels}
    series = tuple(
        Series(place, label, level_colour(number))
        for number, (label, place) in enumerate(places.items())
        if results.number(place, "n").value
    )
    medians: list[Text] = [(Label(label), ": ", *_median(results, place), "; ") for label, place in places.items()]
    test = results.number(Place(LOGRANK, endpoint.paramcd, covariate.name), "p_value")
    caption: Text = (
        Label(endpoint.label),
        " by ",
        Label(_uncapitalised(covariate.label)),
        ". ",
        *(part for median in medians for part in median),
        "log-rank P ",
        Number(test, "p"),
        ". ",
        *_reading(results, tuple(one.place for one in series)),
    )
    title = f"{endpoint.label} by {_uncapitalised(covariate.label)}"
    drawn = series or (Series(next(iter(places.values())), covariate.label, INK),)
    figure = draw_curves(results, drawn, endpoint.label, covariate.label)
    return Illustration(f"{endpoint.paramcd.lower()}_by_{covariate.name}", title, figure, caption)


def _uncapitalised(label: str) -> str:
    """A label inside a sentence; words in capitals such as ECOG stay."""
    return label if label[1:2].isupper() or "-" in label[:4] else label[:1].lower() + label[1:]


def _median(results: Results, place: Place) -> Text:
    median, lower, upper = (results.number(place, name) for name in ("median", "median_lower", "median_upper"))
    if median.value is None:
        return ("median ", Number(median, "months"))
    limits = interval(lower, upper, "months")
    return ("median ", Number(median, "months"), " months (", Label("95% CI ", "convention"), *limits, ")")


def _reading(results: Results, places: tuple[Place, ...]) -> Text:
    """How to read the drawing: conventions, and from where on a curve is uncertain."""
    if not places:
        return ()
    median = results.number(places[0], "median").method or ""
    rate = next((row.method for row in results.of(places[0], "rate")), None) or ""
    text: list[str | Label | Number] = [
        "Medians: ",
        Label(median, "convention"),
        "; shaded: ",
        Label(f"95% limits ({rate})", "convention"),
        "; ticks: censored patients.",
    ]
    for place in places:
        thin = results.number(Place(CURVE, place.endpoint, place.group_name, place.group_level), "thin_from")
        if thin.value is not None:
            of_level = (" (", Label(place.group_level), ")") if place.group_level else ()
            text += [" Dashed after ", Number(thin, "months"), " months", *of_level, ": fewer than five at risk."]
    return tuple(text)


def forests_of(results: Results, protocol: Protocol) -> Iterator[Illustration]:
    """The forest plots of the protocol's Cox models."""
    chosen = protocol.analysis
    models = {
        UNIVARIATE: (chosen.cox_univariate, "one factor at a time"),
        MULTIVARIABLE: (chosen.cox_multivariable, "factors together, complete cases"),
    }
    for analysis, (names, words) in models.items():
        if names:
            figure = draw_forest(
                results, analysis, chosen.cox_endpoint, tuple(_covariate(protocol, name) for name in names)
            )
            label = next(choice.label for choice in chosen.endpoints if choice.paramcd == chosen.cox_endpoint)
            caption: Text = (
                "Hazard ratios for ",
                Label(_uncapitalised(label)),
                f", {words}. Log axis; the line marks no effect.",
            )
            yield Illustration(f"forest_{analysis}", f"Hazard ratios, {words}", figure, caption, "wide")
