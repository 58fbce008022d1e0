"""Treatment-free interval before rechallenge: patients in steps of three months, by class."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.ard import Place, Results
from analysis.estimates.rechallenge import BIN_MONTHS, GROUP, INTERVALS
from analysis.report.axes import SIZE, plain_axes
from analysis.report.language import tr
from analysis.report.palette import INK, level_colour
from analysis.report.rechallenge_tables import class_words

_WIDTH, _HEIGHT = 5.9, 3.4
_LEFT, _BELOW, _RIGHT, _TOP = 0.75, 0.62, 0.2, 0.62


def draw_intervals(results: Results) -> Figure:
    """Stack the classes; the dotted line is the median of all."""
    figure = Figure(figsize=(_WIDTH, _HEIGHT))
    across, up = (_WIDTH - _LEFT - _RIGHT) / _WIDTH, (_HEIGHT - _BELOW - _TOP) / _HEIGHT
    axes = figure.add_axes((_LEFT / _WIDTH, _BELOW / _HEIGHT, across, up))
    end = _draw_bars(axes, results)
    median = results.number(Place(INTERVALS), "median").value
    if median is not None:
        axes.axvline(median, color=INK, linewidth=1.1, linestyle=(0, (2, 2)))
    axes.set_xlim(0, end)
    ticks = [BIN_MONTHS * step for step in range(int(end / BIN_MONTHS) + 1)]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(tr("Months since the last dose of the earlier inhibitor"), fontsize=SIZE, color=INK, labelpad=5)
    axes.set_ylabel(tr("Patients"), fontsize=SIZE, color=INK, labelpad=5)
    plain_axes(axes, grid="y")
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.03, 1.0),
        frameon=False,
        fontsize=SIZE,
        labelcolor=INK,
        handlelength=1.2,
        borderaxespad=0.2,
    )
    return figure


def _draw_bars(axes: Axes, results: Results) -> float:
    """Bars of every class on top of the one before; the end of the last step in months."""
    floor: dict[float, float] = {}
    classes = [place for place in results.places(INTERVALS) if place.group_name == GROUP]
    for number, place in enumerate(classes):
        steps = [(row.time_months or 0.0, row.value or 0.0) for row in results.of(place, "n_in_step")]
        heights = [count for _, count in steps]
        axes.bar(
            [lower for lower, _ in steps],
            heights,
            width=BIN_MONTHS * 0.94,
            bottom=[floor.get(lower, 0.0) for lower, _ in steps],
            align="edge",
            color=level_colour(number),
            label=class_words(place.group_level or "UNKNOWN"),
        )
        for lower, count in steps:
            floor[lower] = floor.get(lower, 0.0) + count
    return max(floor, default=0.0) + BIN_MONTHS
