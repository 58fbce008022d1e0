"""Tables about the adjusted model: missing data, proportional hazards, restricted means where they are not."""

from analysis.ard import Place, Results
from analysis.estimates.hazards import PROPORTIONAL, RESTRICTED
from analysis.estimates.missing import MISSING
from analysis.estimates.regression import MULTIVARIABLE
from analysis.report.cox_tables import covariate_named, cox_endpoint
from analysis.report.language import tr
from analysis.report.parts import Number, Text, convention, interval, named, say
from analysis.report.table import Column, Line, Table
from models.protocol import Protocol


def missing_table(results: Results, protocol: Protocol) -> Table:
    """Missing values of each covariate, and what they cost the adjusted model."""
    chosen = protocol.analysis
    lines = []
    for covariate in protocol.covariates:
        place = Place(MISSING, variable=covariate.name)
        counts: list[Text] = [
            (Number(results.number(place, "n"), "count"),),
            (Number(results.number(place, "pct"), "percent"),),
            (Number(results.number(place, "n_outside"), "count"),),
            (tr("yes") if covariate.name in chosen.cox_multivariable else tr("no"),),
        ]
        lines.append(Line(named(covariate), tuple(counts)))
    notes: list[Text] = [(tr("Outside all levels: a value that belongs to no level of the protocol."),)]
    if chosen.cox_multivariable:
        place = Place(MULTIVARIABLE, chosen.cox_endpoint)
        n, total = results.number(place, "n"), results.number(Place("cohort"), "n")
        notes.append(
            say(
                "The adjusted model uses the {n} of {total} patients with a level of each of its factors.",
                n=Number(n, "count"),
                total=Number(total, "count"),
            )
        )
    return Table(
        "table_missing",
        say("Missing baseline data (n = {n})", n=Number(results.number(Place("cohort"), "n"), "count")),
        tr("Characteristic"),
        (
            Column(tr("Missing, n")),
            Column("%"),
            Column(tr("Outside all levels, n")),
            Column(tr("In the adjusted model"), "centre"),
        ),
        tuple(lines),
        tuple(notes),
    )


def hazards_table(results: Results, protocol: Protocol) -> Table:
    """Test of proportional hazards of each factor of the adjusted model and of all together."""
    places = results.places(PROPORTIONAL)
    lines = []
    for place in places:
        head = named(covariate_named(protocol, place.variable)) if place.variable else tr("GLOBAL")
        chi2, degrees, p_value = (results.number(place, name) for name in ("chi2", "degrees", "p_value"))
        cells: tuple[Text, ...] = ((Number(chi2, "ratio"),), (), ())
        if chi2.value is not None:
            cells = ((Number(chi2, "ratio"),), (Number(degrees, "count"),), (Number(p_value, "p"),))
        lines.append(Line(head, cells))
    return Table(
        "table_proportional_hazards",
        say("{endpoint}: proportional hazards in the adjusted model", endpoint=named(cox_endpoint(protocol))),
        tr("Factor"),
        (Column("χ²"), Column(tr("Degrees of freedom")), Column("P")),
        tuple(lines),
        (
            (convention(results.number(places[-1], "chi2").method), "."),
            (tr("A small P says that the hazard ratio changes with time; few events give the test little power."),),
        ),
    )


def restricted_table(results: Results, protocol: Protocol) -> Table:
    """Restricted mean survival by level of each factor whose hazards are not proportional."""
    lines: list[Line] = []
    places = results.places(RESTRICTED)
    for name in dict.fromkeys(place.group_name or "" for place in places):
        covariate = covariate_named(protocol, name)
        lines.append(Line(named(covariate), kind="heading"))
        for level in covariate.levels:
            place = Place(RESTRICTED, protocol.analysis.cox_endpoint, name, level.label)
            if place in places:
                lines.append(Line(named(level), _mean_cells(results, place), "level"))
    first = results.number(places[0], "mean")
    return Table(
        "table_restricted_mean",
        say("{endpoint}: restricted mean, months", endpoint=named(cox_endpoint(protocol))),
        tr("Patients"),
        (
            Column("n"),
            Column(tr("Up to month")),
            Column(tr("Mean")),
            Column(tr("95% CI"), "centre"),
            Column(tr("Difference")),
            Column(tr("95% CI"), "centre"),
            Column("P"),
        ),
        tuple(lines),
        (
            (convention(first.method), "."),
            (tr("Difference: from the reference level. Shown because the hazards are not proportional."),),
        ),
    )


def _mean_cells(results: Results, place: Place) -> tuple[Text, ...]:
    mean, lower, upper = (results.number(place, name) for name in ("mean", "mean_lower", "mean_upper"))
    cells: list[Text] = [
        (Number(results.number(place, "n"), "count"),),
        (Number(results.number(place, "until"), "months"),),
        (Number(mean, "months"),),
        interval(lower, upper, "months"),
    ]
    if not results.has(place, "difference"):
        return (*cells, (tr("reference"),), (), ())
    difference, lower, upper, p_value = (
        results.number(place, name) for name in ("difference", "difference_lower", "difference_upper", "p_value")
    )
    return (*cells, (Number(difference, "months"),), interval(lower, upper, "months"), (Number(p_value, "p"),))
