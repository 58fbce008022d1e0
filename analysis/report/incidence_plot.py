"""Cumulative incidence: causes stacked for all patients, or stepped by group, with numbers at risk below."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.ard import Place, Results
from analysis.estimates.incidence import CAUSE, CURVE
from analysis.report.axes import SIZE, plain_axes
from analysis.report.curves import RiskRow, Series, draw_risk_rows
from analysis.report.language import tr
from analysis.report.palette import INK, MUTED
from analysis.report.svg import FROM, columns

_WIDTH, _PLOT_HEIGHT = 5.9, 3.1
_ROW_HEIGHT, _TOP, _RIGHT, _AXIS, _BOTTOM = 0.21, 0.15, 0.25, 0.62, 0.1
_LEAST_LEFT, _LABEL_LEFT, _CHARACTER_WIDTH = 0.8, 0.42, 0.072
_STYLES = ("solid", (0, (4, 2)), (0, (1, 1.5)), (0, (5, 1.5, 1, 1.5)))


@dataclass(frozen=True)
class Cause:
    """One cause: its code in the results, its words and its colour."""

    code: str
    label: str
    colour: str


def draw_incidence(results: Results, place: Place, causes: tuple[Cause, ...], axis_label: str) -> Figure:
    """All patients: the causes on top of each other; what is left white is free of any event."""
    figure, axes, rows = _canvas((Series(place, tr("Number at risk"), INK),))
    floor: np.ndarray[tuple[int], np.dtype[np.float64]] | None = None
    for cause in causes:
        months, shares = _steps(results, place, cause, _end(results, place))
        base = np.zeros(months.size) if floor is None else floor
        top = base + shares
        axes.fill_between(months, base, top, step="post", color=cause.colour, linewidth=0, label=cause.label)
        floor = top
    _finish(results, figure, axes, rows, axis_label)
    return figure


def draw_incidence_by(
    results: Results, groups: tuple[Series, ...], causes: tuple[Cause, ...], axis_label: str, legend_title: str
) -> Figure:
    """By group: one colour a group, one line style a cause."""
    figure, axes, rows = _canvas(groups)
    for group in groups:
        end = _end(results, group.place)
        for cause, style in zip(causes, _STYLES, strict=False):
            months, shares = _steps(results, group.place, cause, end)
            label = f"{group.label}: {cause.label}"
            axes.step(months, shares, where="post", color=group.colour, linestyle=style, linewidth=1.6, label=label)
    _finish(results, figure, axes, rows, axis_label, legend_title)
    return figure


def _canvas(groups: tuple[Series, ...]) -> tuple[Figure, Axes, list[RiskRow]]:
    rows: list[RiskRow] = [(tr("Number at risk"), groups[0], "at_risk")]
    if groups[0].place.group_name is not None:
        rows = [(tr("Number at risk"), None, None), *((one.label, one, "at_risk") for one in groups)]
    left = max(_LEAST_LEFT, _LABEL_LEFT + _CHARACTER_WIDTH * max(columns(label) for label, one, _ in rows if one))
    height = _TOP + _PLOT_HEIGHT + _AXIS + _ROW_HEIGHT * len(rows) + _BOTTOM
    figure = Figure(figsize=(_WIDTH, height))
    width = (_WIDTH - left - _RIGHT) / _WIDTH
    axes = figure.add_axes((left / _WIDTH, 1 - (_TOP + _PLOT_HEIGHT) / height, width, _PLOT_HEIGHT / height))
    return figure, axes, rows


def _end(results: Results, place: Place) -> float:
    return max((row.time_months or 0.0 for row in results.of(place, "at_risk") if row.value), default=0.0)


def _steps(
    results: Results, place: Place, cause: Cause, end: float
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Months and incidence from 0 on; the last value holds to the last tick with somebody at risk."""
    at = Place(CURVE, place.endpoint, place.group_name, place.group_level, CAUSE, cause.code)
    points = [(0.0, 0.0), *((row.time_months or 0.0, row.value or 0.0) for row in results.of(at, "incidence"))]
    points.append((max(end, points[-1][0]), points[-1][1]))
    months, shares = (np.array(values, dtype=np.float64) for values in zip(*points, strict=True))
    return months, shares


def _finish(
    results: Results, figure: Figure, axes: Axes, rows: list[RiskRow], axis_label: str, legend_title: str = ""
) -> None:
    series = next(one for _, one, _ in rows if one)
    ticks = [row.time_months or 0.0 for row in results.of(series.place, "at_risk")]
    axes.set_xlim(0, max([*ticks, axes.dataLim.x1, 1.0]) * 1.02)
    axes.set_ylim(0, 1.02)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    shares = [share / 5 for share in range(6)]
    axes.set_yticks(shares, [f"{100 * share:.0f}" for share in shares])
    axes.set_xlabel(tr("Months since index date"), fontsize=SIZE, color=INK, labelpad=5)
    axes.set_ylabel(f"{axis_label} (%)", fontsize=SIZE, color=INK, labelpad=6)
    plain_axes(axes, grid="y")
    legend = axes.legend(loc="upper left", frameon=False, fontsize=SIZE, labelcolor=INK, handlelength=1.8)
    legend.set_title(legend_title)
    legend.get_title().set(color=MUTED, fontsize=SIZE)
    legend.set_alignment("left")
    for text in (*legend.get_texts(), legend.get_title()):
        text.set_gid(f"{FROM}protocol")
    draw_risk_rows(figure, axes, results, rows)
