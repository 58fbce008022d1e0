"""Tables of patients and responses: Table 1, response, rechallenge, variants, centres, landing."""

from analysis.ard import Place, Results
from analysis.estimates.baseline import TABLE_ONE
from analysis.estimates.cohort import LANDING_COUNTS
from analysis.estimates.response import NOT_EVALUABLE, RECHALLENGE, RESPONSE
from analysis.estimates.variants import VARIANTS, moved_items
from analysis.report.language import tr
from analysis.report.parts import Label, Number, Text, convention, interval, named, plain, say
from analysis.report.table import Column, Line, Table
from analysis.report.words import ITEMS, RESPONSES
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


def response_table(results: Results) -> Table:
    """Best overall response with exact intervals; all included patients are the denominator."""
    lines = [Line(tr("Best overall response"), kind="heading")]
    lines += [
        _proportion_line(results, tr(name), Place(RESPONSE, variable="bor", variable_level=category))
        for category, name in RESPONSES.items()
        if category not in NOT_EVALUABLE and _is_worth_a_line(results, category)
    ]
    lines.append(_proportion_line(results, tr("Not evaluable"), Place(RESPONSE, variable="not_evaluable")))
    for heading, suffix in ((tr("All patients"), ""), (tr("Evaluable patients only (sensitivity)"), "_evaluable")):
        lines.append(Line(heading, kind="heading"))
        for name, words in (("orr", tr("Objective response rate")), ("dcr", tr("Disease control rate"))):
            lines.append(_proportion_line(results, words, Place(RESPONSE, variable=name + suffix)))
    parts: list[Text] = []
    for category in NOT_EVALUABLE:
        count = results.number(Place(RESPONSE, variable="bor", variable_level=category), "n")
        parts.append(say("{n} {category}", n=Number(count, "count"), category=tr(RESPONSES[category])))
    return Table(
        "table_2_response",
        say("Best overall response ({criteria}, without confirmation)", criteria=convention("RECIST 1.1")),
        tr("Response"),
        (Column("n"), Column("N"), Column("%"), Column(tr("95% CI"), "centre")),
        tuple(lines),
        (
            say("Exact (Clopper-Pearson) intervals. Every included patient is in the denominator N of the main rates."),
            say("Not evaluable: {assessed}; {never}.", assessed=parts[0], never=parts[1]),
        ),
    )


def _is_worth_a_line(results: Results, category: str) -> bool:
    count = results.number(Place(RESPONSE, variable="bor", variable_level=category), "n")
    return category != "NON-CR/NON-PD" or bool(count.value)


def _proportion_line(results: Results, heading: str, place: Place) -> Line:
    numbers = {name: results.number(place, name) for name in ("n", "total", "pct", "pct_lower", "pct_upper")}
    return Line(
        heading,
        (
            (Number(numbers["n"], "count"),),
            (Number(numbers["total"], "count"),),
            (Number(numbers["pct"], "percent"),),
            interval(numbers["pct_lower"], numbers["pct_upper"], "percent"),
        ),
        "level",
    )


def rechallenge_table(results: Results) -> Table:
    """Earlier checkpoint inhibitors and the treatment-free interval before the index date."""
    place = Place(RECHALLENGE)
    counts = {
        "n_prior_ici": "Patients with an earlier checkpoint inhibitor",
        "n_unknown": "Patients in whom that is unknown",
        "n_same_agent": "Same agent again",
        "n": "Treatment-free interval known to the day",
    }
    lines = [Line(tr(words), ((Number(results.number(place, name), "count"),),)) for name, words in counts.items()]
    middle, lower, upper = (results.number(place, name) for name in ("median", "q1", "q3"))
    quartiles = say("{middle} ({range})", middle=Number(middle, "months"), range=interval(lower, upper, "months"))
    lines.append(Line(tr("Median interval, months (interquartile range)"), (quartiles,)))
    return Table(
        "table_rechallenge",
        (tr("Earlier checkpoint inhibitors and treatment-free interval"),),
        tr("Among included patients"),
        (Column(tr("Value")),),
        tuple(lines),
        (
            say("From the last dose of the earlier inhibitor to the index date, where both days are known."),
            say("Quartiles: {method}.", method=convention(middle.method)),
        ),
    )


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


def centres_table(results: Results, protocol: Protocol) -> Table:
    """Patients and events by centre, with the cutoff that each centre's data were read at."""
    endpoints = [endpoint.paramcd for endpoint in protocol.analysis.endpoints]
    lines = []
    for place in results.places("centres"):
        if place.endpoint is not None:
            continue
        cells: list[Text] = [
            (Number(results.number(place, "data_cutoff"), "text"),),
            (Number(results.number(place, "n_screened"), "count"),),
            (Number(results.number(place, "n"), "count"),),
        ]
        for endpoint in endpoints:
            at = Place("centres", endpoint, "centre", place.group_level)
            # A centre without an included patient has no times to count events in.
            cells.append((Number(results.number(at, "n_events"), "count"),) if results.has(at, "n_events") else ("–",))
        lines.append(Line(Label(place.group_level or "", "data"), tuple(cells)))
    counted = (plain(say("{endpoint} events", endpoint=endpoint)) for endpoint in endpoints)
    headings = (tr("Data cutoff"), tr("Screened"), tr("Included"), *counted)
    return Table(
        "table_centres",
        (tr("Centres"),),
        tr("Centre"),
        tuple(Column(heading) for heading in headings),
        tuple(lines),
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
