"""A trace as one self-contained page with a drawn timeline."""

from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from analysis.report.svg import figure_svg, inline
from analysis.templating import TEMPLATES, templates
from analysis.trace.reading import Event, Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LANES = (
    "LINE",
    "TREATMENT",
    "PROCEDURE",
    "ASSESSMENT",
    "PROGRESSION",
    "DISEASE",
    "PATHOLOGY",
    "ADVERSE EVENT",
    "DEATH RECORD",
    "EVENT",
)
BARS = ("LINE", "TREATMENT", "PROCEDURE")
"""Lanes of what lasts, one row a label; in the others every event is a mark in the lane's one row."""

_WIDTH, _ROW, _FRAME = 9.4, 0.3, 0.7
_LEFT, _RIGHT = 0.24, 0.985
_BAR = 0.62
_MARK_GAP, _CHARACTER = 0.004, 0.0085
"""Shares of the width: between two words, and of one character. A mark whose word would cover another has none."""


def write_trace_page(trace: Trace, file: Path) -> Path:
    """Write the page; it needs no other file and no network."""
    drawing = None
    if timeline_rows(trace):
        drawing = Markup(inline(figure_svg(draw_timeline(trace)), "timeline", "Timeline of the patient"))
    page = (
        templates()
        .get_template("trace.html.j2")
        .render(
            trace=trace,
            drawing=drawing,
            topics=[(topic, list(some)) for topic, some in groupby(trace.derivations, key=lambda one: one.topic)],
            parameters={one.rule: one.parameters for one in trace.derivations if one.parameters},
            stylesheet=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        )
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page, encoding="utf-8")
    return file


def timeline_rows(trace: Trace) -> list[tuple[str, str, tuple[Event, ...]]]:
    """Rows of the drawing from top to bottom: lane, words at the left, events in it."""
    rows: list[tuple[str, str, tuple[Event, ...]]] = []
    for lane in LANES:
        events = tuple(event for event in trace.events if event.lane == lane)
        if lane not in BARS:
            rows += [(lane, lane.capitalize(), events)] if events else []
            continue
        for label in dict.fromkeys(event.label for event in events):
            rows.append((lane, label, tuple(event for event in events if event.label == label)))
    return rows


def draw_timeline(trace: Trace) -> "Figure":
    """Treatments and procedures as bars, assessments and events as marks, index date and cutoff as lines."""
    from matplotlib.figure import Figure

    rows = timeline_rows(trace)
    height = _FRAME + _ROW * len(rows)
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes((_LEFT, 0.45 / height, _RIGHT - _LEFT, 1 - _FRAME / height))
    first, last = _span(rows)
    for place, (lane, _, events) in enumerate(rows):
        _draw_row(axes, len(rows) - 1 - place, lane, events, (last - first).days)
    _dress(axes, rows, trace)
    axes.set_xlim(_place(first), _place(last))
    return figure


def _span(rows: list[tuple[str, str, tuple[Event, ...]]]) -> tuple[date, date]:
    """First and last day of the drawing, with a little air."""
    days = [day for _, _, events in rows for one in events for day in (one.start, one.end or one.start)]
    air = timedelta(days=max(15, (max(days) - min(days)).days // 20))
    return min(days) - air, max(days) + air


def _draw_row(axes: "Axes", height: int, lane: str, events: tuple[Event, ...], days: int) -> None:
    from analysis.report.palette import INK, level_colour

    colour = level_colour(LANES.index(lane))
    if lane in BARS:
        spans = [(_place(one.start), max(1.0, _place(one.end or one.start) - _place(one.start))) for one in events]
        axes.broken_barh(spans, (height - _BAR / 2, _BAR), facecolor=colour)
        return
    axes.plot([_place(one.start) for one in events], [height] * len(events), "o", color=colour, markersize=4)
    for one in _told(events, days):
        axes.annotate(
            one.label, (_place(one.start), height), (3, 3), textcoords="offset points", fontsize=6.5, color=INK
        )


def _told(events: tuple[Event, ...], days: int) -> list[Event]:
    """Events whose words fit behind the words before them, in a drawing of so many days."""
    told: list[Event] = []
    free_from = date.min
    for one in events:
        if one.start >= free_from:
            told.append(one)
            free_from = one.start + timedelta(days=round(days * (_MARK_GAP + _CHARACTER * len(one.label))))
    return told


def _place(day: date) -> float:
    """Matplotlib's number of a day: days since 1970."""
    return float(day.toordinal() - date(1970, 1, 1).toordinal())


def _dress(axes: "Axes", rows: list[tuple[str, str, tuple[Event, ...]]], trace: Trace) -> None:
    import matplotlib.dates

    from analysis.report.palette import INK, MUTED, RULE

    # Matplotlib's date tools carry no types.
    tools: Any = matplotlib.dates

    axes.set_yticks(range(len(rows)), [label for _, label, _ in reversed(rows)])
    axes.set_ylim(-0.7, len(rows) - 1 + 0.9)
    locator = tools.AutoDateLocator()
    axes.xaxis_date()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(tools.ConciseDateFormatter(locator))
    axes.tick_params(colors=MUTED, labelcolor=INK, labelsize=7.5, length=2)
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    index = next((event.start for event in trace.events if event.lane == "EVENT" and event.label == "INDEX"), None)
    last = _span(rows)[1]
    for day, words in ((index, "index"), (trace.data_cutoff, "cutoff")):
        if day is not None and day < last:
            axes.axvline(_place(day), color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
            top = len(rows) - 1 + 0.62
            axes.annotate(words, (_place(day), top), (3, 0), textcoords="offset points", fontsize=7, color=MUTED)
