"""Tables of an exposure comparison: the weights of both groups, and the effect unweighted and weighted."""

from analysis.ard import Place, Results
from analysis.estimates.exposure import E_VALUE, EFFECT, FORM, UNWEIGHTED_FORM, WEIGHTED_FORM
from analysis.estimates.weighting import WEIGHTS
from analysis.report.cox_tables import covariate_named
from analysis.report.language import tr
from analysis.report.parts import Kind, Label, Number, Text, convention, interval, label_text, named, plain, say
from analysis.report.table import Column, Line, Table
from models.protocol import Exposure, Protocol

DASH: Text = ("–",)


def group_labels(protocol: Protocol, exposure: Exposure) -> tuple[str, str]:
    """Words of both groups: the covariate with the exposed level, and with the level it is compared with."""
    covariate = covariate_named(protocol, exposure.covariate)
    words = {level.label: label_text(level) for level in covariate.levels}
    exposed, control = (
        plain(say("{factor}: {level}", factor=label_text(covariate), level=words[label]))
        for label in (exposure.exposed, exposure.control)
    )
    return exposed, control


def weights_table(results: Results, protocol: Protocol, exposure: Exposure) -> Table:
    """Patients, effective sample size and weights of both groups."""
    lines = []
    kinds: dict[str, Kind] = {
        "n": "count",
        "effective_size": "months",
        "mean": "ratio",
        "min": "ratio",
        "max": "ratio",
        "largest_untruncated": "ratio",
        "n_truncated": "count",
    }
    for level, label in zip((exposure.exposed, exposure.control), group_labels(protocol, exposure), strict=True):
        place = Place(WEIGHTS, None, exposure.covariate, level)
        cells = tuple((Number(results.number(place, name), kind),) for name, kind in kinds.items())
        lines.append(Line(Label(label), cells))
    cut = results.number(Place(WEIGHTS, variable=exposure.covariate), "truncate_percent")
    headings = (
        "n",
        tr("Effective sample size"),
        tr("Mean weight"),
        tr("Smallest"),
        tr("Largest"),
        tr("Largest before truncation"),
        tr("Truncated, n"),
    )
    return Table(
        "table_weights",
        (tr("Weights of the exposure groups"),),
        tr("Group"),
        tuple(Column(heading) for heading in headings),
        tuple(lines),
        (
            say("Weights: {method}.", method=convention(cut.method)),
            say(
                "Weights past the outermost {percent}% at either end are set to that percentile. Effective sample "
                "size: patients of equal weight who would say as much.",
                percent=Number(cut, "measure"),
            ),
        ),
    )


def effect_table(results: Results, protocol: Protocol, exposure: Exposure) -> Table:
    """Hazard ratio of each endpoint unweighted and weighted, with the E-value of the weighted one."""
    lines = []
    for endpoint in protocol.analysis.endpoints:
        places = {
            form: Place(EFFECT, endpoint.paramcd, exposure.covariate, exposure.exposed, FORM, form)
            for form in (UNWEIGHTED_FORM, WEIGHTED_FORM)
        }
        cells: list[Text] = [
            (Number(results.number(places[UNWEIGHTED_FORM], name), "count"),) for name in ("n", "n_events")
        ]
        for place in places.values():
            cells += _ratio_cells(results, place)
        strength = Place(E_VALUE, endpoint.paramcd, exposure.covariate, exposure.exposed)
        for name in ("estimate", "limit"):
            cells.append((Number(results.number(strength, name), "ratio"),) if results.has(strength, name) else DASH)
        lines.append(Line(named(endpoint), tuple(cells)))
    columns = [Column("n"), Column(tr("Events"))]
    for above in (tr("Unweighted"), tr("Weighted")):
        columns += [Column(tr("HR"), above=above), Column(tr("95% CI"), "centre", above), Column("P", above=above)]
    columns += [Column(tr("estimate"), above=tr("E-value")), Column(tr("limit"), above=tr("E-value"))]
    exposed, control = group_labels(protocol, exposure)
    return Table(
        "table_exposure_effect",
        say("Hazard ratio: {exposed} against {control}", exposed=Label(exposed), control=Label(control)),
        tr("Endpoint"),
        tuple(columns),
        tuple(lines),
        _effect_notes(results, exposure),
    )


def _ratio_cells(results: Results, place: Place) -> list[Text]:
    ratio, lower, upper, p_value = (results.number(place, name) for name in ("hr", "hr_lower", "hr_upper", "p_value"))
    if ratio.value is None:
        return [(Number(ratio, "ratio"),), (), ()]
    return [(Number(ratio, "ratio"),), interval(lower, upper, "ratio"), (Number(p_value, "p"),)]


def _effect_notes(results: Results, exposure: Exposure) -> tuple[Text, ...]:
    rows = [row for row in results.rows if row.analysis == EFFECT and row.statistic == "hr"]
    methods = {row.variable_level: row.method for row in rows}
    strength = next((row for row in results.rows if row.analysis == E_VALUE), None)
    notes: list[Text] = [
        say(
            "Unweighted: {unweighted}. Weighted: {weighted}.",
            unweighted=convention(methods[UNWEIGHTED_FORM]),
            weighted=convention(methods[WEIGHTED_FORM]),
        )
    ]
    if strength:
        notes.append(
            say(
                "E-value ({method}): how strongly, as a risk ratio, something unmeasured would have to go with both "
                "the exposure and the outcome to move the estimate, or the nearer limit of its interval, to one.",
                method=convention(strength.method),
            )
        )
    return (*notes, (named(exposure),))
