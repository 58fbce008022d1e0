"""Tables of time to event: survival summary, follow-up, Cox regression."""

from analysis.ard import Place, Results
from analysis.estimates.levels import reference_level
from analysis.estimates.regression import MULTIVARIABLE, UNIVARIATE
from analysis.estimates.survival import FOLLOW_UP, FOLLOW_UP_ENDPOINT, LOGRANK, SURVIVAL
from analysis.report.language import tr
from analysis.report.parts import Label, Number, Text, convention, interval, label_text, named, plain, say
from analysis.report.table import Column, Line, Table
from models.protocol import Covariate, EndpointChoice, Protocol

DASH: Text = ("–",)


def survival_table(results: Results, protocol: Protocol, endpoint: EndpointChoice) -> Table:
    """Medians and rates of one endpoint, for all patients and by subgroup with log-rank P."""
    months = protocol.analysis.rate_months
    overall = Place(SURVIVAL, endpoint.paramcd)
    lines = [Line(tr("All patients"), (*survival_cells(results, overall, months), DASH))]
    for name in protocol.analysis.curves_by:
        covariate = _covariate(protocol, name)
        test = results.number(Place(LOGRANK, endpoint.paramcd, name), "p_value")
        empty: tuple[Text, ...] = ((),) * (4 + len(months))
        lines.append(Line(named(covariate), (*empty, (Number(test, "p"),)), "heading"))
        for level in covariate.levels:
            place = Place(SURVIVAL, endpoint.paramcd, name, level.label)
            lines.append(Line(named(level), (*survival_cells(results, place, months), ()), "level"))
    headings = [Column("n"), Column(tr("Events")), Column(tr("Median, months")), Column(tr("95% CI"), "centre")]
    headings += [Column(plain(say("{month}-month rate, % (95% CI)", month=str(month))), "centre") for month in months]
    methods = [results.number(overall, "median").method, results.number(overall, "rate", float(months[0])).method]
    return Table(
        f"table_survival_{endpoint.paramcd.lower()}",
        say("{endpoint}: medians and rates", endpoint=named(endpoint)),
        tr("Patients"),
        (*headings, Column(tr("Log-rank P"))),
        tuple(lines),
        (
            say("Medians: {median}. Rates: {rate}.", median=convention(methods[0]), rate=convention(methods[1])),
            say("'Not reached': the curve stays above one half, or follow-up ends before that month."),
            say("Subgroup comparisons are exploratory and not adjusted for each other."),
        ),
    )


def survival_cells(results: Results, place: Place, months: tuple[int, ...]) -> tuple[Text, ...]:
    """n, events, median, its interval, and the rate with its interval at each month."""
    lower, upper = (results.number(place, name) for name in ("median_lower", "median_upper"))
    cells: list[Text] = [
        (Number(results.number(place, "n"), "count"),),
        (Number(results.number(place, "n_events"), "count"),),
        (Number(results.number(place, "median"), "months"),),
        interval(lower, upper, "months"),
    ]
    for month in months:
        rate = results.number(place, "rate", float(month))
        if rate.value is None:
            cells.append((Number(rate, "percent"),))
        else:
            lower, upper = (results.number(place, name, float(month)) for name in ("rate_lower", "rate_upper"))
            limits = interval(lower, upper, "percent")
            cells.append(say("{rate} ({limits})", rate=Number(rate, "percent"), limits=limits))
    return tuple(cells)


def _covariate(protocol: Protocol, name: str) -> Covariate:
    return next(covariate for covariate in protocol.covariates if covariate.name == name)


FOLLOW_UP_FORMS = {
    "reverse_km": "Reverse Kaplan-Meier (deaths censored)",
    "naive_all": "Naive: median time of all patients",
    "naive_alive": "Naive: median time of patients alive",
}


def follow_up_table(results: Results) -> Table:
    """Three forms of follow-up, each by its name."""
    lines = []
    for form, words in FOLLOW_UP_FORMS.items():
        place = Place(FOLLOW_UP, FOLLOW_UP_ENDPOINT, variable=form)
        ends = ("median_lower", "median_upper") if form == "reverse_km" else ("min", "max")
        lower, upper = (results.number(place, name) for name in ends)
        kind = "95% CI" if form == "reverse_km" else "range"
        cells: tuple[Text, ...] = (
            (Number(results.number(place, "n"), "count"),),
            (Number(results.number(place, "median"), "months"),),
            say("{limits} ({kind})", limits=interval(lower, upper, "months"), kind=convention(kind)),
        )
        lines.append(Line(tr(words), cells))
    return Table(
        "table_follow_up",
        (tr("Length of follow-up for overall survival"),),
        tr("Form"),
        (Column("n"), Column(tr("Median, months")), Column(tr("95% CI or range"), "centre")),
        tuple(lines),
        (
            say(
                "Early deaths pull the naive medians down; reverse Kaplan-Meier is the form to compare between studies."
            ),
        ),
    )


def cox_table(results: Results, protocol: Protocol) -> Table:
    """Hazard ratios one factor at a time and together; a factor of several levels has a global P."""
    chosen = protocol.analysis
    names = [*chosen.cox_univariate, *(name for name in chosen.cox_multivariable if name not in chosen.cox_univariate)]
    lines: list[Line] = []
    for name in names:
        lines += _factor_lines(results, _covariate(protocol, name), protocol)
    return Table(
        "table_cox",
        say("Hazard ratios for {endpoint}", endpoint=Label(_endpoint_label(protocol))),
        tr("Factor"),
        (
            Column("n"),
            Column(tr("Events")),
            *(
                Column(tr(heading), "centre" if heading == "95% CI" else "right", above)
                for above in (tr("One factor at a time"), tr("Adjusted"))
                for heading in ("HR", "95% CI", "P")
            ),
        ),
        tuple(lines),
        _cox_notes(results, protocol),
    )


def _endpoint_label(protocol: Protocol) -> str:
    chosen = protocol.analysis
    return next(
        label_text(endpoint) for endpoint in chosen.endpoints if endpoint.paramcd == chosen.cox_endpoint
    ).lower()


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
        cells: list[Text] = []
        for analysis, members in models.items():
            place = Place(analysis, chosen.cox_endpoint, variable=covariate.name, variable_level=level.label)
            if covariate.name not in members:
                cells += [DASH, (), ()]
            elif code == reference_level(covariate):
                cells += [(tr("reference"),), (), ()]
            else:
                cells += _ratio_cells(results, place)
        analysis = UNIVARIATE if covariate.name in chosen.cox_univariate else MULTIVARIABLE
        place = Place(analysis, chosen.cox_endpoint, variable=covariate.name, variable_level=level.label)
        counts: list[Text] = [(Number(results.number(place, name), "count"),) for name in ("n", "n_events")]
        lines.append(Line(named(level), (*counts, *cells), "level"))
    return lines


def _ratio_cells(results: Results, place: Place) -> list[Text]:
    ratio = results.number(place, "hr")
    if ratio.value is None:
        return [(Number(ratio, "ratio"),), (), ()]
    lower, upper = (results.number(place, name) for name in ("hr_lower", "hr_upper"))
    return [
        (Number(ratio, "ratio"),),
        interval(lower, upper, "ratio"),
        (Number(results.number(place, "p_value"), "p"),),
    ]


def _cox_notes(results: Results, protocol: Protocol) -> tuple[Text, ...]:
    chosen = protocol.analysis
    notes: list[Text] = [say("HR below one: fewer events than in the reference level. P: Wald test.")]
    if chosen.cox_multivariable:
        place = Place(MULTIVARIABLE, chosen.cox_endpoint)
        n, events, coefficients, share = (
            results.number(place, name) for name in ("n", "n_events", "n_coefficients", "events_per_coefficient")
        )
        guard = results.number(Place("parameters", variable="epv_min"), "value")
        notes.append(
            say(
                "Adjusted: the factors of the right half together, complete cases (n = {n}, {events} events, "
                "{coefficients} coefficients: {share} events per coefficient; the study asks for at least {guard}).",
                n=Number(n, "count"),
                events=Number(events, "count"),
                coefficients=Number(coefficients, "count"),
                share=Number(share, "measure"),
                guard=Number(guard, "text"),
            )
        )
    return tuple(notes)
