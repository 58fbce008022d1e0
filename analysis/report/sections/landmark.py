"""Survival by response, from a landmark on."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.landmark import ENDPOINT, GROUP, LANDMARK, LEVELS, RESPONDERS
from analysis.estimates.survival import LOGRANK, SURVIVAL
from analysis.report.curves import Series, draw_curves
from analysis.report.figures import median_text, reading_text
from analysis.report.language import tr
from analysis.report.palette import level_colour
from analysis.report.parts import Label, Number, Text, convention, interval, label_text, named, plain, say
from analysis.report.section import Illustration, Prose, Section
from analysis.report.table import Column, Line, Table
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """The landmark of the parameters as curves, all landmarks as a table."""
    endpoints = _endpoints(results)
    if not endpoints:
        return
    why = say(
        "Survival by best response is not shown from the index date on: a patient must live long enough to respond, so "
        "that responders would seem to live longer even if response meant nothing (immortal time). Groups are formed "
        "at the landmark from what was known then, and survival counts from there."
    )
    words = Prose((why, *(_who(results, endpoint) for endpoint in endpoints)))
    heading = (tr("Survival by response at the landmark"),)
    blocks = (words, _curves(results, protocol, endpoints[0]), _table(results, endpoints))
    yield Section("landmark", heading, tr("Landmark"), blocks)


def _endpoints(results: Results) -> list[str]:
    return [place.endpoint for place in results.places(LANDMARK) if place.endpoint and place.group_name is None]


def _months(results: Results, endpoint: str) -> Number:
    return Number(results.number(Place(LANDMARK, endpoint), "landmark_months"), "measure")


def _level(label: str) -> str:
    return tr("Responders") if label == RESPONDERS else tr("Non-responders")


def _who(results: Results, endpoint: str) -> Text:
    names = ("n", "n_died_before", "n_censored_before", "n_responded_and_out")
    n, died, censored, responded = (Number(results.number(Place(LANDMARK, endpoint), name), "count") for name in names)
    return say(
        "Landmark of {months} months: {n} patients are in; {died} had died by then and {censored} were no longer "
        "followed ({responded} of these had responded).",
        months=_months(results, endpoint),
        n=n,
        died=died,
        censored=censored,
        responded=responded,
    )


def _curves(results: Results, protocol: Protocol, endpoint: str) -> Illustration:
    places = {label: Place(SURVIVAL, endpoint, GROUP, label) for label in reversed(LEVELS)}
    every = [Series(place, _level(label), level_colour(code)) for code, (label, place) in enumerate(places.items())]
    series = tuple(one for one in every if results.number(one.place, "n").value) or tuple(every[:1])
    survival = next(one for one in protocol.analysis.endpoints if one.paramcd == ENDPOINT)
    figure = draw_curves(
        results, series, label_text(survival), tr("At the landmark"), since=tr("Months since the landmark")
    )
    medians = [
        part
        for label, place in places.items()
        for part in say("{level}: {median}; ", level=_level(label), median=median_text(results, place))
    ]
    months = _months(results, endpoint)
    caption: Text = (
        *say("{endpoint} from the landmark of {months} months on. ", endpoint=named(survival), months=months),
        *medians,
        *say("log-rank P {p}. ", p=Number(results.number(Place(LOGRANK, endpoint, GROUP), "p_value"), "p")),
        *reading_text(results, series),
    )
    return Illustration("os_landmark", tr("Survival by response at the landmark"), figure, caption)


def _table(results: Results, endpoints: list[str]) -> Table:
    lines: list[Line] = []
    for endpoint in endpoints:
        test = Number(results.number(Place(LOGRANK, endpoint, GROUP), "p_value"), "p")
        heading = Label(plain(say("Landmark {months} months", months=_months(results, endpoint))), "convention")
        lines.append(Line(heading, ((), (), (), (), (), (), (test,)), "heading"))
        lines += [_line(results, endpoint, label) for label in reversed(LEVELS)]
    columns = (
        Column("n"),
        Column(tr("Deaths")),
        Column(tr("Median, months")),
        Column(tr("95% CI"), "centre"),
        Column(tr("HR")),
        Column(tr("95% CI"), "centre"),
        Column(tr("Log-rank P")),
    )
    ratio = results.number(Place(LANDMARK, endpoints[0], GROUP, RESPONDERS), "hr")
    method = convention(ratio.method)
    notes = (
        say("Medians count from the landmark. HR: responders against non-responders; {method}.", method=method),
        say("The first landmark is the study's; the others are sensitivity analyses."),
        say("A landmark removes immortal time, not the differences between patients: response is not a treatment."),
    )
    caption = (tr("Survival by response at the landmark"),)
    return Table("table_landmark", caption, tr("Group"), columns, tuple(lines), notes)


def _line(results: Results, endpoint: str, label: str) -> Line:
    place = Place(SURVIVAL, endpoint, GROUP, label)
    n, events, median, lower, upper = (
        results.number(place, name) for name in ("n", "n_events", "median", "median_lower", "median_upper")
    )
    cells: list[Text] = [(Number(n, "count"),), (Number(events, "count"),), (Number(median, "months"),)]
    cells.append(interval(lower, upper, "months") if median.value is not None else ())
    if label != RESPONDERS:
        return Line(_level(label), (*cells, (tr("reference"),), (), ()), "level")
    ratio, low, high = (
        results.number(Place(LANDMARK, endpoint, GROUP, RESPONDERS), name) for name in ("hr", "hr_lower", "hr_upper")
    )
    limits = interval(low, high, "ratio") if ratio.value is not None else ()
    return Line(_level(label), (*cells, (Number(ratio, "ratio"),), limits, ()), "level")
