"""Tables of earlier checkpoint inhibitors: classes, what the rules ask, intervals, and outcomes by class."""

from analysis.ard import Place, Results
from analysis.estimates.rechallenge import ANSWERS, CLASSES, GROUP, INTERVALS, OUTCOMES, QUESTIONS, RECHALLENGE
from analysis.report.language import tr
from analysis.report.parts import Number, Text, convention, interval, named, say
from analysis.report.response_tables import proportion_cells, spread_line
from analysis.report.table import Column, Line, Table
from models.protocol import Protocol

_ALWAYS_SHOWN = ("NAIVE", "RECHALLENGE_SAME", "RECHALLENGE_SWITCH")


def class_words(name: str) -> str:
    """A class of rule R4 in words."""
    words = {
        "NAIVE": tr("No earlier checkpoint inhibitor"),
        "RECHALLENGE_SAME": tr("Rechallenge after progression, same agent"),
        "RECHALLENGE_SWITCH": tr("Rechallenge after progression, other agent"),
        "CONTINUATION_BEYOND_PD": tr("Same agent continued beyond progression"),
        "RESUMPTION_NO_PD": tr("Resumed without progression in between"),
        "ADD_ON": tr("Added to a running checkpoint inhibitor"),
        "UNKNOWN": tr("Unknown"),
    }
    return words[name]


def _question_words(name: str) -> str:
    words = {
        "pd_after": tr("Progression or relapse after it"),
        "same_agent": tr("Same agent as the last one"),
        "same_agent_ever": tr("Same agent as any earlier one"),
        "gap_gt_3m": tr("Stopped for longer than the study asks of the same agent"),
        "irae_ok": tr("Immune-related events recovered"),
        "conforms_protocol": tr("Rechallenge as the study defines it"),
    }
    return words[name]


def classes_table(results: Results) -> Table:
    """Every included patient in one class."""
    lines = []
    for name in CLASSES:
        place = Place(RECHALLENGE, variable=GROUP, variable_level=name)
        if name in _ALWAYS_SHOWN or results.number(place, "n").value:
            n, _, percent, limits = proportion_cells(results, place)
            lines.append(Line(class_words(name), (n, percent, limits)))
    total = Number(results.number(Place("cohort"), "n"), "count")
    return Table(
        "table_rechallenge",
        say("Earlier checkpoint inhibitors (n = {n})", n=total),
        tr("Class"),
        (Column("n"), Column("%"), Column(tr("95% CI"), "centre")),
        tuple(lines),
        (
            say("Inhibitors of earlier lines and curative courses count; first doses of the index combination do not."),
            say("Exact (Clopper-Pearson) intervals."),
        ),
    )


def questions_table(results: Results) -> Table:
    """What the rules ask of patients with an earlier inhibitor, unknown answers shown as such."""
    lines = []
    for question in QUESTIONS:
        places = [Place(RECHALLENGE, variable=question, variable_level=answer) for answer in ANSWERS]
        counts: list[Text] = [(Number(results.number(place, "n"), "count"),) for place in places]
        percent = (Number(results.number(places[0], "pct"), "percent"),)
        lines.append(Line(_question_words(question), (counts[0], percent, *counts[1:])))
    total = Number(results.number(Place(RECHALLENGE), "n_prior_ici"), "count")
    return Table(
        "table_rechallenge_questions",
        say("Patients with an earlier checkpoint inhibitor (n = {n})", n=total),
        tr("Question"),
        (Column(tr("Yes")), Column("%"), Column(tr("No")), Column(tr("Unknown"))),
        tuple(lines),
        (
            say("Percentages have all patients with an earlier inhibitor as denominator, unknown answers included."),
            say("A date known to the month answers only where its first and its last day agree."),
        ),
    )


def intervals_table(results: Results) -> Table:
    """Treatment-free interval and washout."""
    free = Place(INTERVALS)
    headings = (Column("n"), Column(tr("Median")), Column(tr("Quartiles"), "centre"), Column(tr("Range"), "centre"))
    lines = (
        spread_line(results, tr("Treatment-free interval, months"), free, "months"),
        spread_line(results, tr("Washout, days"), Place(INTERVALS, variable="washout_days"), "measure"),
    )
    notes = (
        say("Treatment-free: from the last dose of the earlier inhibitor to the index date; both days must be known."),
        say("Washout: from the last dose of any earlier systemic drug to the index date."),
        say("Quartiles: {method}.", method=convention(results.number(free, "median").method)),
    )
    caption = (tr("Treatment-free interval and washout"),)
    return Table("table_treatment_free_interval", caption, tr("Interval"), headings, lines, notes)


def outcomes_table(results: Results, protocol: Protocol) -> Table:
    """Response and medians of each class that somebody is in."""
    endpoints = protocol.analysis.endpoints
    lines = []
    for place in results.places(OUTCOMES, "orr"):
        total, percent, lower, upper = (
            results.number(place, name) for name in ("total", "pct", "pct_lower", "pct_upper")
        )
        cells: list[Text] = [(Number(total, "count"),), (Number(results.number(place, "n"), "count"),)]
        cells.append((Number(percent, "percent"), " (", *interval(lower, upper, "percent"), ")"))
        for endpoint in endpoints:
            cells += _median_cells(results, Place(OUTCOMES, endpoint.paramcd, GROUP, place.group_level))
        lines.append(Line(class_words(place.group_level or "UNKNOWN"), tuple(cells)))
    headings = [Column("N"), Column(tr("Responders")), Column(tr("ORR, % (95% CI)"), "centre")]
    for endpoint in endpoints:
        headings += [
            Column(tr("Events"), "right", str(named(endpoint))),
            Column(tr("Median, months (95% CI)"), "centre", str(named(endpoint))),
        ]
    median = next((row.method for row in results.rows if row.analysis == OUTCOMES and row.statistic == "median"), None)
    return Table(
        "table_rechallenge_outcomes",
        (tr("Outcomes by earlier checkpoint inhibitor"),),
        tr("Class"),
        tuple(headings),
        tuple(lines),
        (
            say("Small groups, chosen by doctors and not drawn by lot: described, not compared; no test is made."),
            say("Medians: {method}.", method=convention(median)),
        ),
    )


def _median_cells(results: Results, place: Place) -> list[Text]:
    events, median, lower, upper = (
        results.number(place, name) for name in ("n_events", "median", "median_lower", "median_upper")
    )
    shown: Text = (Number(median, "months"),)
    if median.value is not None:
        shown = (*shown, " (", *interval(lower, upper, "months"), ")")
    return [(Number(events, "count"),), shown]
