"""Forest plot: counts in columns on the left, estimate and interval beside the plot, on a log axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.ard import Place, Results
from analysis.report.axes import plain_axes
from analysis.report.inches import SIZE, write, write_number
from analysis.report.language import tr
from analysis.report.palette import INK, MUTED
from analysis.report.parts import Number
from analysis.report.svg import ARD, FROM

_ROW_HEIGHT = 0.26
_HEAD, _HEAD_ABOVE, _FOOT = 0.42, 0.24, 0.66
_LABEL, _INDENT = 0.1, 0.28
_LABEL_WIDTH, _COUNT_WIDTH, _PLOT_WIDTH, _GAP = 2.95, 0.6, 2.05, 0.25
_RATIO, _LOWER, _TO, _UPPER, _P = 0.55, 1.05, 1.2, 1.7, 2.75
_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
_SPARSE_TICKS = (0.02, 0.1, 0.5, 1.0, 2.0, 10.0, 50.0)
_MOST_TICKS = 6
_LEAST_SPAN = (0.5, 2.0)
_RATIO_NAMES = ("hr", "hr_lower", "hr_upper")


@dataclass(frozen=True)
class ForestLine:
    """One line: a label with its counts, the place of its hazard ratio (none for a heading) and a P value.

    A count that may not be shown is None. `names` are the statistics of the ratio and its limits; a pooled ratio is a
    diamond as wide as its interval.
    """

    label: str
    counts: tuple[Number | None, ...] = ()
    place: Place | None = None
    p_value: Number | None = None
    names: tuple[str, str, str] = _RATIO_NAMES
    is_heading: bool = False
    is_pooled: bool = False


@dataclass(frozen=True)
class Headings:
    """Group (or '') and heading of each column of counts, and the heading of the P values ('' for none)."""

    counts: tuple[tuple[str, str], ...]
    p_value: str = ""


def draw_forest(results: Results, lines: Sequence[ForestLine], headings: Headings) -> Figure:
    """Draw the hazard ratio of each line that has one; a ratio without an estimate says why. Sizes are inches."""
    has_groups = any(group for group, _ in headings.counts)
    head = _HEAD + (_HEAD_ABOVE if has_groups else 0)
    left = _LABEL_WIDTH + _COUNT_WIDTH * len(headings.counts)
    right = left + _GAP + _PLOT_WIDTH
    width = right + (_P if headings.p_value else _UPPER) + 0.05
    height = head + _FOOT + _ROW_HEIGHT * len(lines)
    figure = Figure(figsize=(width, height))
    plot = ((left + _GAP) / width, _FOOT / height, _PLOT_WIDTH / width, 1 - (head + _FOOT) / height)
    axes = figure.add_axes(plot)
    axes.set_ylim(0, len(lines))
    _dress(axes, _span(results, lines))
    _write_headings(figure, headings, height - head + 0.2, right)
    for number, line in enumerate(lines):
        row = len(lines) - number - 0.5
        y = _FOOT + _ROW_HEIGHT * row
        _write_line(figure, line, y, right)
        if line.place:
            _draw_ratio(figure, axes, results, line, row, right)
    return figure


def _write_headings(figure: Figure, headings: Headings, y: float, right: float) -> None:
    bold: dict[str, Any] = {"weight": "bold", "gid": f"{FROM}convention"}
    for place, (_, heading) in enumerate(headings.counts):
        write(figure, _LABEL_WIDTH + _COUNT_WIDTH * (place + 1), y, heading, **bold)
    for x, heading in ((_RATIO, tr("HR")), (_UPPER, tr("95% CI")), (_P, headings.p_value)):
        if heading:
            write(figure, right + x, y, heading, **bold)
    groups = [group for group, _ in headings.counts]
    for group in dict.fromkeys(group for group in groups if group):
        places = [place for place, one in enumerate(groups) if one == group]
        end = _LABEL_WIDTH + _COUNT_WIDTH * (places[-1] + 1)
        write(figure, end, y + _HEAD_ABOVE, group, weight="bold", gid=f"{FROM}protocol")


def _write_line(figure: Figure, line: ForestLine, y: float, right: float) -> None:
    x, weight = (_LABEL, "bold") if line.is_heading else (_INDENT, "normal")
    write(figure, x, y, line.label, align="left", weight=weight, gid=f"{FROM}protocol")
    for place, count in enumerate(line.counts):
        x = _LABEL_WIDTH + _COUNT_WIDTH * (place + 1)
        if count is None:
            write(figure, x, y, "–", colour=MUTED)
        else:
            write_number(figure, x, y, count.row, count.kind)
    if line.p_value:
        write_number(figure, right + _P, y, line.p_value.row, "p")


def _draw_ratio(figure: Figure, axes: Axes, results: Results, line: ForestLine, row: float, right: float) -> None:
    y = _FOOT + _ROW_HEIGHT * row
    ratio, lower, upper = _ratio(results, line)
    if ratio.row.value is None:
        colour = {"colour": MUTED, "align": "left"}
        write(figure, right + 0.12, y, str(ratio), gid=f"{ARD}{ratio.row.ard_id}", **colour)
        return
    low, high = axes.get_xlim()
    ends = [low if lower.row.value is None else lower.row.value, high if upper.row.value is None else upper.row.value]
    if line.is_pooled:
        middle = ratio.row.value
        axes.fill([ends[0], middle, ends[1], middle], [row, row + 0.32, row, row - 0.32], color=INK, linewidth=0)
    else:
        axes.plot(ends, [row, row], color=INK, linewidth=1.3, solid_capstyle="butt")
        axes.plot([ratio.row.value], [row], marker="s", markersize=5.5, color=INK)
    for x, limit in ((_RATIO, ratio), (_LOWER, lower), (_UPPER, upper)):
        write_number(figure, right + x, y, limit.row, "ratio")
    write(figure, right + _TO, y, tr("to"), align="center")


def _ratio(results: Results, line: ForestLine) -> tuple[Number, ...]:
    assert line.place is not None
    return tuple(Number(results.number(line.place, name), "ratio") for name in line.names)


def _span(results: Results, lines: Sequence[ForestLine]) -> tuple[float, float]:
    """Ends of the axis: ticks around every interval, cut at the outermost ticks."""
    limits = [number.row.value for line in lines if line.place for number in _ratio(results, line)[1:]]
    known = [limit for limit in limits if limit is not None] + list(_LEAST_SPAN)
    lowest = max((tick for tick in _TICKS if tick <= min(known)), default=_TICKS[0])
    highest = min((tick for tick in _TICKS if tick >= max(known)), default=_TICKS[-1])
    return lowest, highest


def _dress(axes: Axes, span: tuple[float, float]) -> None:
    ticks = [tick for tick in _TICKS if span[0] <= tick <= span[1]]
    if len(ticks) > _MOST_TICKS:
        ticks = [tick for tick in ticks if tick in _SPARSE_TICKS]
    axes.set_xscale("log")
    axes.set_xlim(*span)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([])
    axes.set_xlabel(tr("← fewer events · hazard ratio · more events →"), fontsize=SIZE, color=MUTED, labelpad=5)
    axes.axvline(1, color=MUTED, linewidth=1)
    plain_axes(axes, grid="x", sides=("bottom",), size=SIZE)
