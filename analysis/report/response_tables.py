"""Tables of tumour response: best response and rates, depth, onset and duration, and rates by subgroup."""

from analysis.ard import Place, Results
from analysis.estimates.response import (
    CONFIRMED,
    DEPTH,
    DURATION_ENDPOINT,
    NOT_EVALUABLE,
    ONSET,
    ONSET_ENDPOINT,
    RESPONSE,
)
from analysis.estimates.response_subgroups import MISSING, OTHER, RATES, RESPONSE_BY
from analysis.estimates.survival import SURVIVAL
from analysis.report.language import tr
from analysis.report.parts import Kind, Label, Number, Text, convention, interval, named, plain, say
from analysis.report.table import Column, Line, Table
from analysis.report.time_tables import survival_cells
from analysis.report.words import RESPONSES
from models.protocol import Covariate, Protocol

_COUNTS = (Column("n"), Column("N"), Column("%"))


def response_table(results: Results) -> Table:
    """Best overall response with exact intervals; all included patients are the denominator."""
    lines = [Line(tr("Best overall response"), kind="heading")]
    lines += [
        _proportion_line(results, tr(name), Place(RESPONSE, variable="bor", variable_level=category))
        for category, name in RESPONSES.items()
        if category not in NOT_EVALUABLE and _is_worth_a_line(results, category)
    ]
    lines.append(_proportion_line(results, tr("Not evaluable"), Place(RESPONSE, variable="not_evaluable")))
    lines += _rate_lines(results, tr("All patients"), RESPONSE, "")
    benefit = Place(RESPONSE, variable="cbr")
    lines.append(_proportion_line(results, tr("Clinical benefit rate"), benefit))
    lines += _rate_lines(results, tr("All patients, responses confirmed (sensitivity)"), CONFIRMED, "")
    lines += _rate_lines(results, tr("Evaluable patients only (sensitivity)"), RESPONSE, "_evaluable")
    return Table(
        "table_2_response",
        say("Best overall response ({criteria}, without confirmation)", criteria=convention("RECIST 1.1")),
        tr("Response"),
        (*_COUNTS, Column(tr("95% CI"), "centre")),
        tuple(lines),
        _response_notes(results),
    )


def _rate_lines(results: Results, heading: str, analysis: str, suffix: str) -> list[Line]:
    names = {"orr": tr("Objective response rate"), "dcr": tr("Disease control rate")}
    rates = [_proportion_line(results, words, Place(analysis, variable=name + suffix)) for name, words in names.items()]
    return [Line(heading, kind="heading"), *rates]


def _response_notes(results: Results) -> tuple[Text, ...]:
    assessed, never = (
        Number(results.number(Place(RESPONSE, variable="bor", variable_level=category), "n"), "count")
        for category in NOT_EVALUABLE
    )
    open_cases = results.number(Place(RESPONSE, variable="cbr"), "n_unknown")
    notes = [
        say("Exact (Clopper-Pearson) intervals. Every included patient is in the denominator N of the main rates."),
        say(
            "Not evaluable: {assessed} assessed, not evaluable; {never} never assessed.", assessed=assessed, never=never
        ),
        say("Confirmed: a second assessment, apart by the study's interval, shows the response again."),
        say("Clinical benefit: response, or disease control as long as the study asks for."),
    ]
    if open_cases.value:
        n_open = Number(open_cases, "count")
        notes.append(say("Clinical benefit is open in {n} patients whose death is not dated; not counted.", n=n_open))
    return tuple(notes)


def _is_worth_a_line(results: Results, category: str) -> bool:
    count = results.number(Place(RESPONSE, variable="bor", variable_level=category), "n")
    return category != "NON-CR/NON-PD" or bool(count.value)


def _proportion_line(results: Results, heading: Label | str, place: Place) -> Line:
    return Line(heading, proportion_cells(results, place), "level")


def proportion_cells(results: Results, place: Place) -> tuple[Text, ...]:
    """n, N, percentage and its interval."""
    n, total, percent, lower, upper = (
        results.number(place, name) for name in ("n", "total", "pct", "pct_lower", "pct_upper")
    )
    counts: tuple[Text, ...] = ((Number(n, "count"),), (Number(total, "count"),))
    return (*counts, (Number(percent, "percent"),), interval(lower, upper, "percent"))


def spread_line(results: Results, heading: str, place: Place, kind: Kind) -> Line:
    """n, median, quartiles and range of measured values; words where nobody has one."""
    n, median, q1, q3, lowest, highest = (
        results.number(place, name) for name in ("n", "median", "q1", "q3", "min", "max")
    )
    ranges = (interval(q1, q3, kind), interval(lowest, highest, kind)) if n.value else ((), ())
    return Line(heading, ((Number(n, "count"),), (Number(median, kind),), *ranges))


def course_table(results: Results) -> Table:
    """How deep and how soon patients responded."""
    onset = Place(ONSET, ONSET_ENDPOINT)
    lines = (
        spread_line(results, tr("Best change of the sum of targets, all measured (%)"), Place(DEPTH), "percent"),
        spread_line(results, tr("The same, responders (%)"), Place(DEPTH, variable="responders"), "percent"),
        spread_line(results, tr("Time to response, responders (months)"), onset, "months"),
    )
    headings = (Column("n"), Column(tr("Median")), Column(tr("Quartiles"), "centre"), Column(tr("Range"), "centre"))
    method = convention(results.number(onset, "median").method)
    notes = (
        say(
            "Mean best change {mean}% (n = {n}).",
            mean=Number(results.number(Place(DEPTH), "mean"), "percent"),
            n=Number(results.number(Place(DEPTH), "n"), "count"),
        ),
        say("Quartiles: {method}.", method=method),
        say("Time to response runs from the index date to the first complete or partial response, confirmed or not."),
    )
    return Table("table_course_of_response", (tr("Depth and onset of response"),), "", headings, lines, notes)


def duration_table(results: Results, protocol: Protocol) -> Table:
    """Duration of response: median and rates of the responders."""
    months = protocol.analysis.rate_months
    place = Place(SURVIVAL, DURATION_ENDPOINT)
    headings = [
        Column(tr("Responders")),
        Column(tr("Events")),
        Column(tr("Median, months")),
        Column(tr("95% CI"), "centre"),
    ]
    headings += [
        Column(plain(say("Still responding at {month} months, % (95% CI)", month=str(month))), "centre")
        for month in months
    ]
    rate = next((row.method for row in results.of(place, "rate")), None)
    notes = (
        say(
            "Median: {median}. Rates: {rate}.",
            median=convention(results.number(place, "median").method),
            rate=convention(rate),
        ),
        say("From the first response to progression or death; censored at the last evaluable assessment."),
    )
    line = Line(tr("Duration of response"), survival_cells(results, place, months))
    return Table("table_duration_of_response", (tr("Duration of response"),), "", tuple(headings), (line,), notes)


def response_by_table(results: Results, protocol: Protocol) -> Table:
    """ORR and DCR of each level, with the test between the levels."""
    lines: list[Line] = []
    for name in protocol.analysis.response_by:
        covariate = next(covariate for covariate in protocol.covariates if covariate.name == name)
        lines += _subgroup_lines(results, covariate)
    above = {"orr": tr("Objective response"), "dcr": tr("Disease control")}
    headings = ("n", "%", tr("95% CI"), "P")
    columns = tuple(
        Column(heading, "centre" if heading == tr("95% CI") else "right", words)
        for words in above.values()
        for heading in headings
    )
    tests = {row.method for row in results.rows if row.analysis == RESPONSE_BY and row.statistic == "p_value"}
    named_tests = [part for test in tests for part in ("; ", convention(test))][1:]
    notes = (
        say("Exact (Clopper-Pearson) intervals; patients without an assessment stay in the denominator N."),
        say("P between the levels: {tests}.", tests=tuple(named_tests)),
        say("Exploratory, not adjusted for each other; patients under 'Missing' and 'Other' take no part in the test."),
    )
    caption = (tr("Objective response and disease control by subgroup"),)
    return Table("table_response_by_subgroup", caption, tr("Subgroup"), (Column("N"), *columns), tuple(lines), notes)


def _subgroup_lines(results: Results, covariate: Covariate) -> list[Line]:
    head: list[Text] = [()]
    for rate in RATES:
        test = results.number(Place(RESPONSE_BY, None, covariate.name, None, rate), "p_value")
        head += [(), (), (), (Number(test, "p"),)]
    lines = [Line(named(covariate), tuple(head), "heading")]
    labels = {level.label: named(level) for level in covariate.levels}
    labels |= {OTHER: Label(tr("Other")), MISSING: Label(tr("Missing"))}
    for label, shown in labels.items():
        places = [Place(RESPONSE_BY, None, covariate.name, label, rate) for rate in RATES]
        if not results.has(places[0], "n"):
            continue
        cells: list[Text] = [(Number(results.number(places[0], "total"), "count"),)]
        for place in places:
            n, _, percent, limits = proportion_cells(results, place)
            cells += [n, percent, limits, ()]
        lines.append(Line(shown, tuple(cells), "level"))
    return lines
