"""Figures of Cox regression: forests of factors and of subgroups, and plots of proportional hazards."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.hazards import PROPORTIONAL, SMOOTH
from analysis.estimates.interactions import INTERACTION, subgroup_factors
from analysis.estimates.levels import reference_level
from analysis.estimates.regression import MULTIVARIABLE, UNIVARIATE
from analysis.report.cox_tables import PENALISED, covariate_named, cox_endpoint
from analysis.report.forest import ForestLine, Headings, draw_forest
from analysis.report.hazard_plots import draw_log_log, draw_residuals
from analysis.report.language import tr
from analysis.report.parts import Label, Number, Text, convention, label_text, named, plain, say, sentences
from analysis.report.section import Illustration
from models.protocol import Covariate, EndpointChoice, Exposure, Protocol

_PENALISED_NAMES = ("hr_penalised", "hr_penalised_lower", "hr_penalised_upper")


def forests_of(results: Results, protocol: Protocol) -> Iterator[Illustration]:
    """The forest plots of the protocol's Cox models."""
    chosen = protocol.analysis
    models = {
        UNIVARIATE: (chosen.cox_univariate, tr("one factor at a time")),
        MULTIVARIABLE: (chosen.cox_multivariable, tr("factors together, complete cases")),
    }
    endpoint = cox_endpoint(protocol)
    for analysis, (names, words) in models.items():
        if not names:
            continue
        lines = [
            line
            for name in names
            for line in _factor_lines(results, analysis, endpoint, covariate_named(protocol, name))
        ]
        figure = draw_forest(results, lines, Headings((("", "n"), ("", tr("Events")))))
        caption = (
            say("{endpoint}: hazard ratios, {words}.", words=words, endpoint=named(endpoint)),
            *_reading(results, lines),
        )
        title = plain(say("Hazard ratios, {words}", words=words))
        yield Illustration(f"forest_{analysis}", title, figure, sentences(caption), "wide")


def _factor_lines(results: Results, analysis: str, endpoint: EndpointChoice, covariate: Covariate) -> list[ForestLine]:
    reference = reference_level(covariate)
    against = say("{factor} (vs {level})", factor=label_text(covariate), level=label_text(covariate.levels[reference]))
    lines = [ForestLine(plain(against), is_heading=True)]
    for code, level in enumerate(covariate.levels):
        if code == reference:
            continue
        place = Place(analysis, endpoint.paramcd, variable=covariate.name, variable_level=level.label)
        counts = tuple(Number(results.number(place, name), "count") for name in ("n", "n_events"))
        if results.has(place, "hr_penalised"):
            lines.append(ForestLine(f"{label_text(level)} {PENALISED}", counts, place, names=_PENALISED_NAMES))
        else:
            lines.append(ForestLine(label_text(level), counts, place))
    return lines


def _reading(results: Results, lines: list[ForestLine]) -> list[Text]:
    drawn = [line for line in lines if line.place]
    texts = [say("The vertical line marks no effect.")]
    if drawn and drawn[0].place:
        texts.append(say("{method}.", method=convention(results.number(drawn[0].place, "hr").method)))
    penalised = next((line.place for line in drawn if line.names == _PENALISED_NAMES), None)
    if penalised:
        method = convention(results.number(penalised, "hr_penalised").method)
        texts.append(say("{mark} {method}.", mark=PENALISED, method=method))
    return texts


def subgroup_forests_of(results: Results, protocol: Protocol) -> Iterator[Illustration]:
    """One forest an endpoint: the exposure's hazard ratio by subgroup, with the P value of each interaction."""
    exposure = protocol.analysis.exposure
    if exposure is None or not any(results.places(INTERACTION)):
        return
    compared = covariate_named(protocol, exposure.covariate)
    labels = {level.label: label_text(level) for level in compared.levels}
    groups = tuple(f"{label_text(compared)}: {labels[label]}" for label in (exposure.exposed, exposure.control))
    short = tuple(labels[label] for label in (exposure.exposed, exposure.control))
    headings = Headings(
        tuple((group, heading) for group in short for heading in ("n", tr("Events"))), tr("P interaction")
    )
    for endpoint in protocol.analysis.endpoints:
        lines = _subgroup_lines(results, protocol, exposure, endpoint)
        caption = say(
            "{endpoint}: hazard ratio of {exposed} against {control} in each subgroup. {method}. P of interaction: "
            "{test}. Subgroups are compared by this test alone, never by P values of their own.",
            endpoint=named(endpoint),
            exposed=Label(groups[0]),
            control=Label(short[1]),
            method=convention(results.number(_exposed(exposure, endpoint), "hr").method),
            test=_test_method(results, protocol, exposure, endpoint),
        )
        figure = draw_forest(results, lines, headings)
        title = plain(say("{endpoint}: subgroups", endpoint=label_text(endpoint)))
        yield Illustration(
            f"forest_subgroups_{endpoint.paramcd.lower()}",
            title,
            figure,
            sentences((caption, (named(exposure),))),
            "wide",
        )


def _exposed(exposure: Exposure, endpoint: EndpointChoice, name: str | None = None, level: str | None = None) -> Place:
    return Place(INTERACTION, endpoint.paramcd, name, level, exposure.covariate, exposure.exposed)


def _test_method(results: Results, protocol: Protocol, exposure: Exposure, endpoint: EndpointChoice) -> Text:
    name = next(iter(subgroup_factors(protocol, exposure)), None)
    place = Place(INTERACTION, endpoint.paramcd, name, variable=exposure.covariate)
    return (convention(results.number(place, "p_interaction").method),) if name else ("–",)


def _subgroup_lines(
    results: Results, protocol: Protocol, exposure: Exposure, endpoint: EndpointChoice
) -> list[ForestLine]:
    lines = [_subgroup_line(results, tr("All patients"), _exposed(exposure, endpoint))]
    for name in subgroup_factors(protocol, exposure):
        covariate = covariate_named(protocol, name)
        test = results.number(Place(INTERACTION, endpoint.paramcd, name, variable=exposure.covariate), "p_interaction")
        p_value = Number(test, "p") if test.value is not None else None
        lines.append(ForestLine(label_text(covariate), p_value=p_value, is_heading=True))
        for level in covariate.levels:
            place = _exposed(exposure, endpoint, name, level.label)
            lines.append(_subgroup_line(results, label_text(level), place))
    return lines


def _subgroup_line(results: Results, label: str, place: Place) -> ForestLine:
    names = ("n_exposed", "n_events_exposed", "n_control", "n_events_control")
    return ForestLine(label, tuple(Number(results.number(place, name), "count") for name in names), place)


def hazard_plots_of(results: Results, protocol: Protocol) -> Iterator[Illustration]:
    """Residuals of the adjusted model, and log-log curves of those of its factors whose curves the study draws."""
    chosen = protocol.analysis
    factors = tuple(covariate_named(protocol, name) for name in chosen.cox_multivariable)
    endpoint = cox_endpoint(protocol)
    if any(results.places(SMOOTH)):
        overall = results.number(Place(PROPORTIONAL, endpoint.paramcd), "p_value")
        smooth = next(results.of(results.places(SMOOTH)[0], "log_hr"))
        caption = say(
            "Scaled Schoenfeld residuals of the adjusted model: {endpoint}. One point an event; line and band: "
            "{smooth}. A level line means a constant hazard ratio. GLOBAL P {p}; {method}.",
            endpoint=named(endpoint),
            smooth=convention(smooth.method),
            p=Number(overall, "p"),
            method=convention(overall.method),
        )
        figure = draw_residuals(results, endpoint.paramcd, factors)
        yield Illustration("proportional_hazards", tr("Scaled Schoenfeld residuals"), figure, caption, "wide")
    drawn = tuple(factor for factor in factors if factor.name in chosen.curves_by)
    if drawn:
        caption = say(
            "Survival on a log-log scale: {endpoint}. Curves that keep their distance have proportional hazards.",
            endpoint=named(endpoint),
        )
        figure = draw_log_log(results, endpoint, drawn)
        yield Illustration("log_log_curves", tr("Survival on a log-log scale"), figure, caption, "wide")
