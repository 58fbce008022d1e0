"""Spider: one line a patient, change of the sum of target lesions from baseline over the months since index."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.ard import Results
from analysis.estimates.lanes import SPIDER
from analysis.estimates.survival import axis_ticks
from analysis.report.axes import SIZE, plain_axes
from analysis.report.lanes import (
    WIDTH,
    Lane,
    draw_legend,
    draw_thresholds,
    lanes_of,
    legend_height,
    mark,
    percent_ticks,
)
from analysis.report.language import tr
from analysis.report.palette import INK

_PLOT_HEIGHT = 3.7
_BELOW, _LEFT, _RIGHT = 0.62, 0.85, 0.6
Points = list[tuple[float, float]]


def draw_spider(results: Results) -> Figure:
    """Draw every course from 0% at index to the last complete sum before progression or another therapy."""
    lanes = lanes_of(results, SPIDER)
    height = legend_height(lanes) + _PLOT_HEIGHT + _BELOW
    figure = Figure(figsize=(WIDTH, height))
    width = (WIDTH - _LEFT - _RIGHT) / WIDTH
    axes = figure.add_axes((_LEFT / WIDTH, _BELOW / height, width, _PLOT_HEIGHT / height))
    courses = {lane.place: _points(results, lane) for lane in lanes}
    values = [value for course in courses.values() for _, value in course] or [0.0]
    longest = max([month for course in courses.values() for month, _ in course], default=1.0)
    percent_ticks(axes, min(values), max(values))
    draw_thresholds(axes)
    for lane in lanes:
        _draw_course(axes, results, lane, courses[lane.place])
    ticks = axis_ticks(longest)
    axes.set_xlim(0, longest * 1.03)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xlabel(tr("Months since index date"), fontsize=SIZE, color=INK, labelpad=5)
    axes.set_ylabel(tr("Change from baseline (%)"), fontsize=SIZE, color=INK, labelpad=5)
    plain_axes(axes, grid="y")
    draw_legend(axes, lanes, (mark("X", tr("New lesion")),))
    return figure


def _points(results: Results, lane: Lane) -> Points:
    return [(row.time_months or 0.0, row.value or 0.0) for row in results.of(lane.place, "pct_change")]


def _draw_course(axes: Axes, results: Results, lane: Lane, points: Points) -> None:
    months, changes = zip((0.0, 0.0), *points, strict=True)
    axes.plot(
        months,
        changes,
        color=lane.colour,
        linewidth=1.1,
        alpha=0.9,
        marker="o",
        markersize=2.2,
        markevery=slice(1, None),
    )
    new = {row.time_months or 0.0 for row in results.of(lane.place, "has_new_lesion")}
    for month, change in points:
        if month in new:
            axes.plot(
                [month], [change], marker="X", markersize=5, color=lane.colour, markeredgecolor=INK, markeredgewidth=0.5
            )
