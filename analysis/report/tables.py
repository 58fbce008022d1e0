"""Tables of patients and responses: Table 1, response, rechallenge, variants, centres, landing."""

from analysis.ard import Place, Results
from analysis.estimates.baseline import TABLE_ONE
from analysis.estimates.cohort import LANDING_COUNTS
from analysis.estimates.response import NOT_EVALUABLE, RECHALLENGE, RESPONSE
from analysis.estimates.variants import VARIANTS, moved_items
from analysis.report.parts import Label, Number, Text, interval
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
        ("Baseline characteristics (n = ", Number(total, "count"), ")"),
        "Characteristic",
        (Column("n"), Column("%")),
        tuple(lines),
        (
            ("Percentages are of patients whose value is known; missing values are shown where there are any.",),
            ("Medians and quartiles: ", Label(_quantile_method(results, protocol), "convention"), "."),
        ),
    )


def _quantile_method(results: Results, protocol: Protocol) -> str:
    measured = [covariate for covariate in protocol.covariates if covariate.show != "levels"]
    if not measured:
        return "none shown"
    return results.number(Place(TABLE_ONE, variable=measured[0].name), "median").method or ""


def _covariate_lines(results: Results, covariate: Covariate) -> list[Line]:
    place = Place(TABLE_ONE, variable=covariate.name)
    unit = f" ({covariate.unit})" if covariate.unit else ""
    lines = [Line(Label(covariate.label + unit), kind="heading")]
    if covariate.show != "levels":
        lowest, highest = (results.number(place, name) for name in ("min", "max"))
        middle = Number(results.number(place, "median"), "measure")
        lines.append(Line("Median (range)", ((middle, " (", *interval(lowest, highest, "measure"), ")"), ()), "level"))
    if covariate.show != "median_range":
        for level in covariate.levels:
            at = Place(TABLE_ONE, variable=covariate.name, variable_level=level.label)
            lines.append(Line(Label(level.label), _count_and_percent(results, at, "n", "pct"), "level"))
        if results.number(place, "n_other").value:
            lines.append(Line("Other", _count_and_percent(results, place, "n_other", "pct_other"), "level"))
    missing = results.number(place, "n_missing")
    if missing.value:
        lines.append(Line("Missing", ((Number(missing, "count"),), ()), "level"))
    return lines


def _count_and_percent(results: Results, place: Place, count: str, percent: str) -> tuple[Text, ...]:
    return (Number(results.number(place, count), "count"),), (Number(results.number(place, percent), "percent"),)


def response_table(results: Results) -> Table:
    """Best overall response with exact intervals; all included patients are the denominator."""
    lines = [Line("Best overall response", kind="heading")]
    lines += [
        _proportion_line(results, name, Place(RESPONSE, variable="bor", variable_level=category))
        for category, name in RESPONSES.items()
        if category not in NOT_EVALUABLE and _is_worth_a_line(results, category)
    ]
    lines.append(_proportion_line(results, "Not evaluable", Place(RESPONSE, variable="not_evaluable")))
    for heading, suffix in (("All patients", ""), ("Evaluable patients only (sensitivity)", "_evaluable")):
        lines.append(Line(heading, kind="heading"))
        for name, words in (("orr", "Objective response rate"), ("dcr", "Disease control rate")):
            lines.append(_proportion_line(results, words, Place(RESPONSE, variable=name + suffix)))
    parts: list[Text] = []
    for category in NOT_EVALUABLE:
        count = results.number(Place(RESPONSE, variable="bor", variable_level=category), "n")
        parts.append((Number(count, "count"), f" {RESPONSES[category]}"))
    return Table(
        "table_2_response",
        ("Best overall response (", Label("RECIST 1.1", "convention"), ", without confirmation)"),
        "Response",
        (Column("n"), Column("N"), Column("%"), Column("95% CI", "centre")),
        tuple(lines),
        (
            ("Exact (Clopper-Pearson) intervals. Every included patient is in the denominator N of the main rates.",),
            ("Not evaluable: ", *parts[0], "; ", *parts[1], "."),
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
    lines = [Line(words, ((Number(results.number(place, name), "count"),),)) for name, words in counts.items()]
    middle, lower, upper = (results.number(place, name) for name in ("median", "q1", "q3"))
    quartiles = (Number(middle, "months"), " (", *interval(lower, upper, "months"), ")")
    lines.append(Line("Median interval, months (interquartile range)", (quartiles,)))
    return Table(
        "table_rechallenge",
        ("Earlier checkpoint inhibitors and treatment-free interval",),
        "Among included patients",
        (Column("Value"),),
        tuple(lines),
        (
            ("From the last dose of the earlier inhibitor to the index date, where both days are known.",),
            ("Quartiles: ", Label(middle.method or "", "convention"), "."),
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
        lines.append(Line(Label(variant.label), tuple(cells)))
    headings = ("Included", "Entering", "Leaving", *(ITEMS.get(item, item) for item in items))
    return Table(
        "table_variants",
        ("Patients whom other assumptions move",),
        "Variant",
        tuple(Column(heading) for heading in headings),
        tuple(lines),
        (
            (
                "Entering and leaving: against the primary analysis. Other columns: patients included in both whose "
                "value differs.",
            ),
            ("Who they are, with both values: marts.variant_differences.",),
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
    headings = ("Data cutoff", "Screened", "Included", *(f"{endpoint} events" for endpoint in endpoints))
    return Table(
        "table_centres",
        ("Centres",),
        "Centre",
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
        ("Records of the deliveries behind this release",),
        "Contract table",
        tuple(Column(heading) for heading in ("Emitted", "Landed", "Quarantined", "Duplicates")),
        tuple(lines),
        (("Emitted = landed + quarantined + duplicates. All centres and studies of the release together.",),),
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
        ("Data-quality checks beyond their tolerance",),
        "Check, table, centre",
        (Column("Failed"), Column("Looked at"), Column("Tolerance"), Column("What fails", "left")),
        tuple(lines),
    )
