"""Centres as tables: what each brings, where its patients left, what is missing; withheld counts stay withheld."""

from collections.abc import Sequence
from dataclasses import replace

from analysis.ard import Place, Results
from analysis.estimates.baseline import TABLE_ONE
from analysis.estimates.centres import ATTRITION, CENTRES, MISSING, centre_place
from analysis.estimates.survival import FOLLOW_UP_ENDPOINT
from analysis.report.language import tr
from analysis.report.parts import Label, Labelled, Number, Text, interval, named, plain, say
from analysis.report.table import Column, Line, Table
from models.protocol import Protocol


def centre_names(results: Results) -> tuple[str, ...]:
    """Centres with a patient who was screened."""
    return tuple(place.group_level or "" for place in results.places(CENTRES) if results.has(place, "n_screened"))


def centres_table(results: Results, protocol: Protocol) -> Table:
    """Patients, events, medians and follow-up by centre, with the cutoff at which each centre's data were read."""
    endpoints = [endpoint.paramcd for endpoint in protocol.analysis.endpoints]
    lines = []
    for centre in centre_names(results):
        place = centre_place(centre)
        cells: list[Text] = [
            (Number(results.number(place, "data_cutoff"), "text"),),
            (Number(results.number(place, "n_screened"), "count"),),
            (Number(results.number(place, "n"), "count"),),
        ]
        for endpoint in endpoints:
            at = centre_place(centre, endpoint)
            cells += [(Number(results.number(at, "n_events"), "count"),), _median(results, at, "median")]
        if FOLLOW_UP_ENDPOINT in endpoints:
            cells.append(_median(results, centre_place(centre, FOLLOW_UP_ENDPOINT), "follow_up_median"))
        lines.append(Line(Label(centre, "data"), tuple(cells)))
    columns = [Column(tr("Data cutoff")), Column(tr("Screened")), Column(tr("Included"))]
    for endpoint in endpoints:
        columns += [
            Column(plain(say("{endpoint} events", endpoint=endpoint))),
            Column(plain(say("Median {endpoint}, months (95% CI)", endpoint=endpoint)), "centre"),
        ]
    if FOLLOW_UP_ENDPOINT in endpoints:
        columns.append(Column(tr("Follow-up, months (95% CI)"), "centre"))
    return Table(
        "table_centres",
        (tr("Centres"),),
        tr("Centre"),
        tuple(columns),
        tuple(lines),
        (
            *_withheld(results),
            say(
                "Follow-up by reverse Kaplan-Meier. Medians of centres are not pooled; those of centres whose patients "
                "are withheld or fewer than ten are withheld."
            ),
        ),
    )


def _median(results: Results, place: Place, statistic: str) -> Text:
    middle, lower, upper = (results.number(place, f"{statistic}{end}") for end in ("", "_lower", "_upper"))
    if middle.value is None:
        return (Number(middle, "months"),)
    return say("{middle} ({range})", middle=Number(middle, "months"), range=interval(lower, upper, "months"))


def _withheld(results: Results) -> tuple[Text, ...]:
    """How small counts are treated, where there is more than one centre."""
    if len(centre_names(results)) < 2:
        return ()
    smallest = Number(results.number(Place("parameters", variable="suppress_k"), "value"), "text")
    return (
        say(
            "Counts from one to below {k} are withheld, and others with them so that no sum gives one away.", k=smallest
        ),
    )


def attrition_table(results: Results, protocol: Protocol) -> Table:
    """Patients who left at each criterion, by centre and in all."""
    rows = [(one, one.id, Place("attrition", variable=one.id)) for one in protocol.criteria]
    caption = say("Patients who left at each criterion, by centre")
    return _by_centre(
        results, rows, ATTRITION, "n_left", Table("table_centres_attrition", caption, tr("Criterion"), (), ())
    )


def missing_table(results: Results, protocol: Protocol) -> Table | None:
    """Patients without a value of each characteristic that somebody lacks, by centre and in all."""
    rows = [(one, one.name, Place(TABLE_ONE, variable=one.name)) for one in protocol.covariates]
    incomplete = [row for row in rows if results.number(row[2], "n_missing").value]
    caption = say("Missing values, by centre")
    empty = Table("table_centres_missing", caption, tr("Characteristic"), (), ())
    return _by_centre(results, incomplete, MISSING, "n_missing", empty) if incomplete else None


def _by_centre(
    results: Results, rows: Sequence[tuple[Labelled, str, Place]], analysis: str, statistic: str, empty: Table
) -> Table:
    """Fill a table with a column a centre and one for all; each row has a label, a variable and its total's place."""
    centres = centre_names(results)
    lines = []
    for item, variable, total in rows:
        places = [*(centre_place(centre, None, analysis, variable) for centre in centres), total]
        lines.append(Line(named(item), tuple((Number(results.number(at, statistic), "count"),) for at in places)))
    columns = (*(Column(centre) for centre in centres), Column(tr("All")))
    return replace(empty, columns=columns, lines=tuple(lines), notes=_withheld(results))
