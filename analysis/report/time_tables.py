"""Tables of time to event: survival summary, follow-up."""

from analysis.ard import Place, Results
from analysis.estimates.survival import FOLLOW_UP, FOLLOW_UP_ENDPOINT, LOGRANK, SURVIVAL
from analysis.report.language import tr
from analysis.report.parts import Number, Text, convention, interval, named, plain, say
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
