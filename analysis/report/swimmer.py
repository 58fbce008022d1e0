"""Swimmer: one lane a patient, index treatment as bar, follow-up as line, and what happened as marks."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.ard import Results
from analysis.estimates.lanes import SWIMMER
from analysis.estimates.survival import axis_ticks
from analysis.report.axes import SIZE, plain_axes
from analysis.report.lanes import WIDTH, Lane, draw_legend, lanes_of, legend_height, mark
from analysis.report.language import tr
from analysis.report.palette import INK, MUTED, PAPER

_LANE, _MOST_HEIGHT, _LEAST_HEIGHT = 0.115, 16.0, 3.4
_BELOW, _LEFT, _RIGHT = 0.62, 0.35, 0.2
_BAR = 0.72
_MARKS = {"response_months": "^", "progression_months": "D"}


def draw_swimmer(results: Results) -> Figure:
    """Draw the lanes, longest treatment on top."""
    lanes = lanes_of(results, SWIMMER)
    inside = min(max(_LANE * len(lanes), _LEAST_HEIGHT), _MOST_HEIGHT)
    height = legend_height(lanes) + inside + _BELOW
    figure = Figure(figsize=(WIDTH, height))
    across = (WIDTH - _LEFT - _RIGHT) / WIDTH
    axes = figure.add_axes((_LEFT / WIDTH, _BELOW / height, across, inside / height))
    size = min(5.2, 72 * inside / max(len(lanes), 1) * 0.62)
    for number, lane in enumerate(lanes):
        _draw_lane(axes, results, lane, len(lanes) - number - 0.5, size)
    longest = max([_month(results, lane, "followed_months") for lane in lanes], default=1.0)
    ticks = axis_ticks(longest)
    axes.set_xlim(0, longest * 1.03)
    axes.set_ylim(0, max(len(lanes), 1))
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks([])
    axes.set_xlabel(tr("Months since index date"), fontsize=SIZE, color=INK, labelpad=5)
    axes.set_ylabel(tr("One lane a patient"), fontsize=SIZE, color=INK, labelpad=5)
    plain_axes(axes, grid="x")
    _draw_key(axes, lanes)
    return figure


def _month(results: Results, lane: Lane, statistic: str) -> float:
    return results.number(lane.place, statistic).value or 0.0


def _draw_lane(axes: Axes, results: Results, lane: Lane, y: float, size: float) -> None:
    treated, followed = (_month(results, lane, name) for name in ("treatment_months", "followed_months"))
    axes.plot([0, followed], [y, y], color=MUTED, linewidth=0.8, solid_capstyle="butt", zorder=1)
    axes.barh(y, treated, height=_BAR, color=lane.colour, linewidth=0, zorder=2)
    if results.number(lane.place, "is_ongoing").value:
        axes.plot([treated], [y], marker=">", markersize=size * 1.25, color=lane.colour, zorder=3)
    for statistic, marker in _MARKS.items():
        for row in results.of(lane.place, statistic):
            (hollow,) = axes.plot([row.value or 0.0], [y], marker=marker, markersize=size, zorder=4)
            hollow.set(markerfacecolor=PAPER, markeredgecolor=INK, markeredgewidth=0.8)
    if results.number(lane.place, "has_died").value:
        axes.plot([followed], [y], marker="s", markersize=size * 0.9, color=INK, zorder=4)


def _draw_key(axes: Axes, lanes: list[Lane]) -> None:
    hollow = [mark(marker, label) for marker, label in (("^", tr("First response")), ("D", tr("Progression")))]
    for one in hollow:
        one.set(markerfacecolor=PAPER, markeredgecolor=INK)
    marks = (*hollow, mark("s", tr("Death"), size=5), mark(">", tr("Treatment goes on at the cutoff"), MUTED))
    draw_legend(axes, lanes, marks)
