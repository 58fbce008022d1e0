"""Tables of Cox regression: hazard ratios alone and adjusted, and what selection would take."""

from analysis.ard import Place, Results, Row
from analysis.estimates.levels import reference_level
from analysis.estimates.regression import LINEAR, MULTIVARIABLE, SELECTION, UNIVARIATE
from analysis.report.language import tr
from analysis.report.parts import Label, Number, Text, convention, interval, named, say, sentences
from analysis.report.table import Column, Line, Table
from models.protocol import Covariate, EndpointChoice, Protocol

DASH: Text = ("–",)
PENALISED = "†"
"""Marks a ratio that a penalised fit gives because events separate the factor."""


def covariate_named(protocol: Protocol, name: str) -> Covariate:
    """The protocol's covariate of this name."""
    return next(covariate for covariate in protocol.covariates if covariate.name == name)


def cox_endpoint(protocol: Protocol) -> EndpointChoice:
    """The endpoint that the study's Cox models explain."""
    chosen = protocol.analysis
    return next(endpoint for endpoint in chosen.endpoints if endpoint.paramcd == chosen.cox_endpoint)


def cox_factors(protocol: Protocol) -> tuple[Covariate, ...]:
    """Every factor of the Cox models in the order of the table."""
    chosen = protocol.analysis
    names = dict.fromkeys((*chosen.cox_univariate, *chosen.cox_multivariable))
    return tuple(covariate_named(protocol, name) for name in names)


def cox_table(results: Results, protocol: Protocol) -> Table:
    """Hazard ratios one factor at a time and together; a factor of several levels has a global P."""
    lines = [line for covariate in cox_factors(protocol) for line in _factor_lines(results, covariate, protocol)]
    above = (tr("One factor at a time"), tr("Adjusted"))
    columns = [Column("n"), Column(tr("Events"))]
    for group in above:
        columns += [
            Column(tr("HR"), above=group),
            Column(tr("95% CI"), "centre", above=group),
            Column("P", above=group),
        ]
    return Table(
        "table_cox",
        say("{endpoint}: hazard ratios", endpoint=named(cox_endpoint(protocol))),
        tr("Factor"),
        tuple(columns),
        tuple(lines),
        _cox_notes(results, protocol),
    )


def _factor_lines(results: Results, covariate: Covariate, protocol: Protocol) -> list[Line]:
    chosen = protocol.analysis
    models = {UNIVARIATE: chosen.cox_univariate, MULTIVARIABLE: chosen.cox_multivariable}
    head: list[Text] = [(), ()]
    for analysis, members in models.items():
        has_global_test = covariate.name in members and len(covariate.levels) > 2
        place = Place(analysis, chosen.cox_endpoint, variable=covariate.name)
        test = say("global {p}", p=Number(results.number(place, "p_global"), "p")) if has_global_test else ()
        head += [(), (), test]
    lines = [Line(named(covariate), tuple(head), "heading")]
    for code, level in enumerate(covariate.levels):
        at = {"variable": covariate.name, "variable_level": level.label}
        cells: list[Text] = []
        for analysis, members in models.items():
            if covariate.name not in members:
                cells += [DASH, (), ()]
            elif code == reference_level(covariate):
                cells += [(tr("reference"),), (), ()]
            else:
                cells += _ratio_cells(results, Place(analysis, chosen.cox_endpoint, **at))
        analysis = UNIVARIATE if covariate.name in chosen.cox_univariate else MULTIVARIABLE
        lines.append(
            Line(named(level), (*_counts(results, Place(analysis, chosen.cox_endpoint, **at)), *cells), "level")
        )
    if covariate.name in {term.covariate for term in chosen.cox_linear}:
        lines.append(_linear_line(results, covariate, protocol))
    return lines


def _linear_line(results: Results, covariate: Covariate, protocol: Protocol) -> Line:
    place = Place(LINEAR, protocol.analysis.cox_endpoint, variable=covariate.name)
    per = next(term.per for term in protocol.analysis.cox_linear if term.covariate == covariate.name)
    head = Label(tr("per {per} {unit}, linear").format(per=per, unit=tr(covariate.unit or "")))
    return Line(head, (*_counts(results, place), *_ratio_cells(results, place), DASH, (), ()), "level")


def _counts(results: Results, place: Place) -> tuple[Text, ...]:
    return tuple((Number(results.number(place, name), "count"),) for name in ("n", "n_events"))


def _ratio_cells(results: Results, place: Place) -> list[Text]:
    """Ratio, interval and P value; the penalised ones, marked, where the events separate the level."""
    names, mark = ("hr", "hr_lower", "hr_upper", "p_value"), ""
    if results.has(place, "hr_penalised"):
        names, mark = ("hr_penalised", "hr_penalised_lower", "hr_penalised_upper", "p_penalised"), PENALISED
    ratio, lower, upper, p_value = (results.number(place, name) for name in names)
    if ratio.value is None:
        return [(Number(ratio, "ratio"),), (), ()]
    marked: Text = (Number(ratio, "ratio"), mark) if mark else (Number(ratio, "ratio"),)
    return [marked, interval(lower, upper, "ratio"), (Number(p_value, "p"),)]


def _cox_notes(results: Results, protocol: Protocol) -> tuple[Text, ...]:
    rows = [row for row in results.rows if row.analysis in (UNIVARIATE, MULTIVARIABLE)]
    ratio = next((row for row in rows if row.statistic == "hr"), None)
    notes: list[Text] = [say("HR below one: fewer events than in the reference level.")]
    if ratio:
        test = next(row for row in rows if row.statistic == "p_global")
        notes.append(say("{ratio}; global P: {test}.", ratio=convention(ratio.method), test=convention(test.method)))
    penalised = next((row for row in rows if row.statistic == "hr_penalised"), None)
    if penalised:
        notes.append(
            say(
                "{mark} Every event, or none, fell into this level, so that the likelihood has no maximum: {method}.",
                mark=PENALISED,
                method=convention(penalised.method),
            )
        )
    if protocol.analysis.cox_multivariable:
        notes += _size_notes(results, Place(MULTIVARIABLE, protocol.analysis.cox_endpoint))
    return tuple(notes)


def _size_notes(results: Results, place: Place) -> list[Text]:
    counts = {name: Number(results.number(place, name), "count") for name in ("n", "n_events", "n_coefficients")}
    size = say(
        "Adjusted: the factors of the right half together, complete cases: {n} patients, {events} events and "
        "{coefficients} coefficients, {share} events for each.",
        n=counts["n"],
        events=counts["n_events"],
        coefficients=counts["n_coefficients"],
        share=Number(results.number(place, "events_per_coefficient"), "measure"),
    )
    if not results.number(place, "exceeds_cap").value:
        return [size, _cap(results, place)]
    caution = say("Caution: the adjusted model has more coefficients than that and may be overfitted.")
    return [size, sentences((_cap(results, place), caution))]


def _cap(results: Results, place: Place) -> Text:
    return say(
        "At {guard} events for each coefficient the model may have {most}.",
        guard=Number(results.number(Place("parameters", variable="epv_min"), "value"), "text"),
        most=Number(results.number(place, "most_coefficients"), "count"),
    )


def selection_table(results: Results, protocol: Protocol) -> Table:
    """Which factors univariate selection would take, beside those of the protocol's adjusted model."""
    chosen = protocol.analysis
    lines = []
    for name in chosen.cox_univariate:
        place = Place(SELECTION, chosen.cox_endpoint, variable=name)
        alone = Place(UNIVARIATE, chosen.cox_endpoint, variable=name)
        cells: list[Text] = [
            (Number(results.number(alone, "n_coefficients"), "count"),),
            (Number(results.number(alone, "p_global"), "p"),),
        ]
        cells += [_flag(results.number(place, flag)) for flag in ("enters", "is_forced", "is_in_model")]
        lines.append(Line(named(covariate_named(protocol, name)), tuple(cells)))
    overall = Place(SELECTION, chosen.cox_endpoint)
    taken, threshold = (results.number(overall, name) for name in ("n_coefficients", "p_enter"))
    rule = say(
        "The rule takes factors whose own model has P < {threshold} ({test}), and the forced ones; no stepwise "
        "selection. It gives {taken} coefficients.",
        threshold=Number(results.number(Place("parameters", variable="uni_p_enter"), "value"), "text"),
        test=convention(threshold.method),
        taken=Number(taken, "count"),
    )
    return Table(
        "table_selection",
        (tr("What univariate selection would put into the adjusted model"),),
        tr("Factor"),
        (
            Column(tr("Coefficients")),
            Column("P"),
            Column(tr("Would enter"), "centre"),
            Column(tr("Forced"), "centre"),
            Column(tr("In the adjusted model"), "centre"),
        ),
        tuple(lines),
        (
            sentences((rule, _cap(results, overall))),
            say("The adjusted model is the protocol's; nothing was selected by the data."),
        ),
    )


def _flag(row: Row) -> Text:
    return (tr("yes") if row.value else tr("no"),)
