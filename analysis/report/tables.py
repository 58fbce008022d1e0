"""Tables of patients: Table 1, variants, landing, checks."""

from analysis.ard import Place, Results
from analysis.estimates.baseline import TABLE_ONE
from analysis.estimates.cohort import LANDING_COUNTS
from analysis.estimates.variants import VARIANTS, moved_items
from analysis.report.language import tr
from analysis.report.parts import Label, Number, Text, convention, interval, named, plain, say
from analysis.report.table import Column, Line, Table
from analysis.report.words import ITEMS
from models.protocol import Covariate, Protocol


def table_one(results: Results, protocol: Protocol) -> Table:
    """Baseline characteristics, in the protocol's order."""
    lines: list[Line] = []
    for covariate in protocol.covariates:
        lines += _covariate_lines(results, covariate)
    total = results.number(Place("cohort"), "n")
    return Table(
        "table_1_baseline",
        say("Baseline characteristics (n = {n})", n=Number(total, "count")),
        tr("Characteristic"),
        (Column("n"), Column("%")),
        tuple(lines),
        (
            say("Percentages are of patients whose value is known; missing values are shown where there are any."),
            say("Medians and quartiles: {method}.", method=convention(_quantile_method(results, protocol))),
        ),
    )


def _quantile_method(results: Results, protocol: Protocol) -> str:
    measured = [covariate for covariate in protocol.covariates if covariate.show != "levels"]
    if not measured:
        return "none shown"
    return results.number(Place(TABLE_ONE, variable=measured[0].name), "median").method or ""


def _covariate_lines(results: Results, covariate: Covariate) -> list[Line]:
    place = Place(TABLE_ONE, variable=covariate.name)
    head = named(covariate)
    if covariate.unit:
        head = Label(plain(say("{label} ({unit})", label=head, unit=tr(covariate.unit))))
    lines = [Line(head, kind="heading")]
    if covariate.show != "levels":
        lowest, highest = (results.number(place, name) for name in ("min", "max"))
        middle = Number(results.number(place, "median"), "measure")
        shown = say("{middle} ({range})", middle=middle, range=interval(lowest, highest, "measure"))
        lines.append(Line(tr("Median (range)"), (shown, ()), "level"))
    if covariate.show != "median_range":
        for level in covariate.levels:
            at = Place(TABLE_ONE, variable=covariate.name, variable_level=level.label)
            lines.append(Line(named(level), _count_and_percent(results, at, "n", "pct"), "level"))
        if results.number(place, "n_other").value:
            lines.append(Line(tr("Other"), _count_and_percent(results, place, "n_other", "pct_other"), "level"))
    missing = results.number(place, "n_missing")
    if missing.value:
        lines.append(Line(tr("Missing"), ((Number(missing, "count"),), ()), "level"))
    return lines


def _count_and_percent(results: Results, place: Place, count: str, percent: str) -> tuple[Text, ...]:
    return (Number(results.number(place, count), "count"),), (Number(results.number(place, percent), "percent"),)


def variants_table(results: Results, protocol: Protocol) -> Table:
    """How many patients each variant of the protocol includes and moves."""
    items = moved_items(protocol)
    lines = []
    for variant in protocol.variants:
        place = Place(VARIANTS, group_name="variant", group_level=variant.name)
        cells: list[Text] = [
            (Number(results.number(place, name), "count"),) for name in ("n", "n_entering", "n_leaving")
        ]
        for item in items:
            at = Place(VARIANTS, group_name="variant", group_level=variant.name, variable=item)
            cells.append((Number(results.number(at, "n_moved"), "count"),))
        lines.append(Line(named(variant), tuple(cells)))
    headings = (
        tr("Included"),
        tr("Entering"),
        tr("Leaving"),
        *(tr(ITEMS[item]) if item in ITEMS else item for item in items),
    )
    return Table(
        "table_variants",
        (tr("Patients whom other assumptions move"),),
        tr("Variant"),
        tuple(Column(heading) for heading in headings),
        tuple(lines),
        (
            say(
                "Entering and leaving: against the primary analysis. Other columns: patients included in both whose "
                "value differs."
            ),
            say("Who they are, with both values: marts.variant_differences."),
        ),
    )


def landing_table(results: Results) -> Table:
    """What became of the records of all deliveries of the release, by contract table."""
    lines = [
        Line(
            Label(place.variable or "", "data"),
            tuple((Number(results.number(place, name), "count"),) for name in LANDING_COUNTS),
        )
        for place in results.places("landing")
    ]
    return Table(
        "table_landing",
        (tr("Records of the deliveries behind this release"),),
        tr("Contract table"),
        tuple(Column(tr(heading)) for heading in ("Emitted", "Landed", "Quarantined", "Duplicates")),
        tuple(lines),
        (say("Emitted = landed + quarantined + duplicates. All centres and studies of the release together."),),
    )


def checks_table(results: Results) -> Table:
    """Data-quality checks that exceed their tolerance, one line for each centre and table."""
    lines = [
        Line(
            Label(f"{place.variable} {place.variable_level}, {place.group_level}", "data"),
            (
                (Number(results.number(place, "n_fail"), "count"),),
                (Number(results.number(place, "n_rows"), "count"),),
                (Number(results.number(place, "tolerance"), "text"),),
                (Number(results.number(place, "fires_when"), "text"),),
            ),
        )
        for place in results.places("checks")
    ]
    return Table(
        "table_checks",
        (tr("Data-quality checks beyond their tolerance"),),
        tr("Check, table, centre"),
        (Column(tr("Failed")), Column(tr("Looked at")), Column(tr("Tolerance")), Column(tr("What fails"), "left")),
        tuple(lines),
    )
