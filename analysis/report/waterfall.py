"""Waterfall: one bar a patient, the best change of the sum of target lesions from baseline, largest growth first."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.ard import Place, Results
from analysis.estimates.lanes import WATERFALL
from analysis.report.axes import SIZE, plain_axes
from analysis.report.lanes import (
    WIDTH,
    Lane,
    count_below,
    draw_legend,
    draw_thresholds,
    lanes_of,
    legend_height,
    mark,
    percent_ticks,
)
from analysis.report.language import tr
from analysis.report.palette import INK

_PLOT_HEIGHT = 3.6
_BELOW, _LEFT, _RIGHT = 0.66, 0.85, 0.6
_ROW = 0.24
_BAR = 0.8
_MARK_GAP = 3.0
"""Percentage points between the end of a bar and the mark beyond it."""


def draw_waterfall(results: Results) -> Figure:
    """Draw the measured patients; those without a measurement are counted below the axis."""
    lanes = lanes_of(results, WATERFALL)
    height = legend_height(lanes) + _PLOT_HEIGHT + _BELOW
    figure = Figure(figsize=(WIDTH, height))
    width = (WIDTH - _LEFT - _RIGHT) / WIDTH
    axes = figure.add_axes((_LEFT / WIDTH, _BELOW / height, width, _PLOT_HEIGHT / height))
    changes = [results.number(lane.place, "pct_change").value or 0.0 for lane in lanes]
    percent_ticks(axes, min([*changes, 0.0]), max([*changes, 0.0]))
    draw_thresholds(axes)
    _draw_bars(axes, results, lanes, changes)
    axes.set_xlim(0.2, len(lanes) + 0.8)
    axes.set_xticks([])
    axes.set_ylabel(tr("Best change from baseline (%)"), fontsize=SIZE, color=INK, labelpad=5)
    plain_axes(axes, grid="y")
    axes.spines["bottom"].set_visible(False)
    draw_legend(axes, lanes, (mark("x", tr("New lesion at progression"), size=5),))
    place = Place(WATERFALL)
    count_below(figure, results.number(place, "n"), tr("patients with a measurement after baseline"), 0.44, 1.1)
    count_below(figure, results.number(place, "n_unmeasured"), tr("patients without one, not drawn"), 0.44 - _ROW, 1.1)
    return figure


def _draw_bars(axes: Axes, results: Results, lanes: list[Lane], changes: list[float]) -> None:
    for number, (lane, change) in enumerate(zip(lanes, changes, strict=True), start=1):
        axes.bar(number, change, width=_BAR, color=lane.colour, linewidth=0)
        # A change of nothing is a patient too: a bar without height would not be seen.
        if not change:
            axes.plot([number - _BAR / 2, number + _BAR / 2], [0, 0], color=lane.colour, linewidth=2.5)
        if results.number(lane.place, "has_new_lesion").value:
            beyond = change + _MARK_GAP if change >= 0 else change - _MARK_GAP
            axes.plot([number], [beyond], marker="x", markersize=3.6, markeredgewidth=1.0, color=INK)
