"""Dosing of the index components side by side, and how treatment ended."""

from typing import Literal

from analysis.ard import Place, Results
from analysis.estimates.dosing import (
    CHANGES,
    DISPOSITION,
    DOSING,
    DURATION,
    INITIAL_DOSE,
    LOW_INTENSITY_PERCENT,
    REASON,
    component_place,
)
from analysis.report.language import tr
from analysis.report.parts import Label, Number, Text, convention, interval, named, plain, say
from analysis.report.table import Column, Line, Table
from models.protocol import IndexComponent, Protocol

NONE: Text = ("–",)
Kind = Literal["plain", "level"]
REASONS = {
    "ONGOING": "On treatment at the cutoff",
    "PD": "Progression",
    "DEATH": "Death from cancer or an unknown cause",
    "AE": "Adverse event or intolerance",
    "PATIENT_DECISION": "Patient's decision",
    "COMPLETED": "Planned course completed",
    "LOST": "Lost to follow-up",
    "OTHER": "Other or not stated",
    "NOT_TREATED": "Never treated",
}
_CHANGES = {
    "reduced": "Dose reduced",
    "reduced_for_toxicity": "for toxicity or intolerance",
    "reduced_unexplained": "without a recorded reason",
    "escalated": "Dose raised",
    "interrupted": "Interrupted within a cycle",
    "delayed": "Cycle or infusion delayed",
    "omitted": "Infusion omitted",
}
_PARTS_OF_REDUCED = ("reduced_for_toxicity", "reduced_unexplained")
_MEASURES = {
    DURATION: ("Duration, months: median (range)", ("min", "max")),
    "cycles_started": ("Cycles or infusions begun: median (range)", ("min", "max")),
    "cycles_completed": ("Cycles or infusions completed: median (range)", ("min", "max")),
}


def dosed_components(results: Results, protocol: Protocol) -> tuple[IndexComponent, ...]:
    """Index components of which the results hold doses."""
    return tuple(one for one in protocol.index.components if results.has(component_place(one.name), "n"))


def dosing_table(results: Results, protocol: Protocol) -> Table:
    """A column a component; patients in percent of those in whom the item is known."""
    components = dosed_components(results, protocol)
    names = [component.name for component in components]
    lines = [
        Line(tr("Patients with a dated dose"), tuple(_number(results, component_place(name), "n") for name in names))
    ]
    lines += _initial_doses(results, names)
    for change, words in _CHANGES.items():
        kind: Kind = "level" if change in _PARTS_OF_REDUCED else "plain"
        cells = tuple(
            _change(results, component_place(name, change), CHANGES[change].times is not None) for name in names
        )
        lines.append(Line(tr(words), cells, kind))
    lines += _intensities(results, names)
    for measure, (words, ends) in _MEASURES.items():
        lines.append(Line(tr(words), _measures(results, names, measure, ends)))
    return Table(
        "table_dosing",
        (tr("Dosing"),),
        tr("Component of the study treatment"),
        tuple(Column(str(named(component)), "centre") for component in components),
        tuple(lines),
        (
            say("Counts: patients (percent of those in whom it is known), number of times."),
            say(
                "Relative dose intensity: dose taken over the dose that the schedule planned between the first and the "
                "last dose, at the patient's own first dose and at the flat label dose; delays and interruptions lower "
                "it, planned rest does not. Starting at a lower dose is no reduction."
            ),
            say("Quartiles: {method}.", method=convention(_method(results, names))),
        ),
    )


def _method(results: Results, names: list[str]) -> str | None:
    return results.number(component_place(names[0], DURATION), "median").method


def _number(results: Results, place: Place, statistic: str) -> Text:
    return (Number(results.number(place, statistic), "count"),)


def _share(results: Results, place: Place) -> Text:
    if not results.has(place, "n"):
        return NONE
    count, percent = Number(results.number(place, "n"), "count"), Number(results.number(place, "pct"), "percent")
    return NONE if percent.row.value is None else say("{n} ({percent})", n=count, percent=percent)


def _change(results: Results, place: Place, is_counted: bool) -> Text:
    share = _share(results, place)
    if share == NONE or not is_counted:
        return share
    return say("{share}, {times} times", share=share, times=Number(results.number(place, "n_times"), "count"))


def _measure(results: Results, place: Place, ends: tuple[str, str]) -> Text:
    middle = results.number(place, "median")
    if middle.value is None:
        return NONE
    lower, upper = (results.number(place, name) for name in ends)
    limits = interval(lower, upper, "measure")
    return say("{middle} ({range})", middle=Number(middle, "measure"), range=limits)


def _initial_doses(results: Results, names: list[str]) -> list[Line]:
    """A line for each first dose that any component has, the largest first."""
    levels = {place.variable_level for place in results.places(DOSING, INITIAL_DOSE) if place.variable_level}
    lines = [Line(tr("First dose, mg"), kind="heading")] if levels else []
    for level in sorted(levels, key=float, reverse=True):
        cells = tuple(_share(results, component_place(name, INITIAL_DOSE, level)) for name in names)
        lines.append(Line(Label(level, "data"), cells, "level"))
    if any(results.number(component_place(name, INITIAL_DOSE), "n_missing").value for name in names):
        cells = tuple(_number(results, component_place(name, INITIAL_DOSE), "n_missing") for name in names)
        lines.append(Line(tr("Unknown"), cells, "level"))
    return lines


def _measures(results: Results, names: list[str], measure: str, ends: tuple[str, str]) -> tuple[Text, ...]:
    return tuple(_measure(results, component_place(name, measure), ends) for name in names)


def _intensities(results: Results, names: list[str]) -> list[Line]:
    below = plain(say("below {limit}%", limit=str(LOW_INTENSITY_PERCENT)))
    means = tuple((Number(results.number(component_place(name, "rdi_pct"), "mean"), "measure"),) for name in names)
    low, high = (
        tuple(_share(results, component_place(name, change)) for name in names)
        for change in ("low_intensity", "above_planned")
    )
    against_label = _measures(results, names, "rdi_label_pct", ("q1", "q3"))
    return [
        Line(tr("Relative dose intensity, %"), kind="heading"),
        Line(tr("median (quartiles)"), _measures(results, names, "rdi_pct", ("q1", "q3")), "level"),
        Line(tr("mean"), means, "level"),
        Line(Label(below, "convention"), low, "level"),
        Line(tr("more than planned"), high, "level"),
        Line(tr("against the label dose: median (quartiles)"), against_label, "level"),
    ]


def disposition_table(results: Results) -> Table:
    """Patients on treatment at the cutoff and each reason for its end; they add up to all patients."""
    lines = []
    for place in results.places(DISPOSITION, REASON):
        count, percent = results.number(place, "n"), results.number(place, "pct")
        if count.value:
            words = REASONS[place.variable_level or ""]
            lines.append(Line(tr(words), ((Number(count, "count"),), (Number(percent, "percent"),))))
    duration = Place(DISPOSITION, variable=DURATION)
    return Table(
        "table_disposition",
        say("End of treatment (n = {n})", n=Number(results.number(Place("cohort"), "n"), "count")),
        tr("Reason"),
        (Column("n"), Column("%")),
        tuple(lines),
        (
            say("Each patient has one reason, the first that applies in the order of the table."),
            say(
                "Duration of treatment to the last dose of the last component: median {months} months.",
                months=_measure(results, duration, ("min", "max")),
            ),
        ),
    )
