"""Survival curves: step lines, censor ticks, shaded intervals, and the numbers under the axis at the same months."""

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory

from analysis.ard import Place, Results
from analysis.estimates.survival import CURVES
from analysis.report.axes import SIZE, plain_axes
from analysis.report.language import tr
from analysis.report.palette import INK, MUTED
from analysis.report.parts import Number
from analysis.report.svg import ARD, FROM, columns

_WIDTH = 5.9
_PLOT_HEIGHT = 3.1
_ROW_HEIGHT = 0.21
_TOP, _RIGHT, _AXIS = 0.15, 0.25, 0.62
_BOTTOM = 0.1
_LEAST_LEFT, _LABEL_LEFT = 0.8, 0.32
_CHARACTER_WIDTH = 0.08
_SMALL = 9.0
COUNTS = {"at_risk": "Number at risk", "cum_events": "Cumulative events", "cum_censored": "Cumulative censored"}
"""Rows of numbers under the axis, by statistic."""


@dataclass(frozen=True)
class Series:
    """One curve: the place of its numbers (an analysis of `CURVES`), its label and its colour."""

    place: Place
    label: str
    colour: str


def draw_curves(
    results: Results,
    series: tuple[Series, ...],
    axis_label: str,
    legend_title: str = "",
    counts: tuple[str, ...] = tuple(COUNTS),
    since: str = "",
) -> Figure:
    """Draw one endpoint's curves, and under the axis these of `COUNTS`; sizes are inches.

    The axis is in months, and `since` says from when they count if not from the index date.
    """
    rows = _risk_rows(series, counts)
    # Headings stand over empty space and may reach into the plot's width; row labels may not.
    longest_label = max(columns(label) for label, one, _ in rows if one)
    left = max(_LEAST_LEFT, _LABEL_LEFT + _CHARACTER_WIDTH * longest_label)
    height = _TOP + _PLOT_HEIGHT + _AXIS + _ROW_HEIGHT * len(rows) + _BOTTOM
    figure = Figure(figsize=(_WIDTH, height))
    width = (_WIDTH - left - _RIGHT) / _WIDTH
    axes = figure.add_axes((left / _WIDTH, 1 - (_TOP + _PLOT_HEIGHT) / height, width, _PLOT_HEIGHT / height))
    ticks = [row.time_months or 0.0 for row in results.of(series[0].place, "at_risk")]
    for one in series:
        _draw_curve(axes, results, one)
    _dress(axes, ticks, axis_label, _longest(results, series, ticks), since)
    if len(series) > 1:
        _draw_legend(axes, series, legend_title)
    draw_risk_rows(figure, axes, results, rows)
    return figure


def _longest(results: Results, series: tuple[Series, ...], ticks: list[float]) -> float:
    ends = [row.time_months or 0.0 for one in series for row in results.of(_curve_place(one), "survival")]
    return max([*ends, *ticks, 1.0])


def _curve_place(series: Series) -> Place:
    return Place(
        CURVES[series.place.analysis], series.place.endpoint, series.place.group_name, series.place.group_level
    )


def _draw_curve(axes: Axes, results: Results, series: Series) -> None:
    place = _curve_place(series)
    steps = [(0.0, 1.0)] + [(row.time_months or 0.0, row.value or 0.0) for row in results.of(place, "survival")]
    if len(steps) == 1:
        return
    thin_from = results.number(place, "thin_from").value
    _draw_band(axes, results, place, series.colour, steps[-1][0])
    solid, dashed = _split(steps, thin_from)
    axes.step(*zip(*solid, strict=True), where="post", color=series.colour, linewidth=1.6, solid_capstyle="butt")
    if len(dashed) > 1:
        style = (0, (2.2, 1.4))
        axes.step(*zip(*dashed, strict=True), where="post", color=series.colour, linewidth=1.4, linestyle=style)
    survival = dict(steps)
    marks = [(row.time_months or 0.0, survival[row.time_months or 0.0]) for row in results.of(place, "n_censored")]
    if marks:
        x, y = zip(*marks, strict=True)
        axes.plot(x, y, linestyle="none", marker="|", markersize=7, markeredgewidth=0.9, color=series.colour)


Steps = list[tuple[float, float]]


def _split(steps: Steps, thin_from: float | None) -> tuple[Steps, Steps]:
    """The part of the curve with enough patients at risk, and the part after it; they meet at `thin_from`."""
    if thin_from is None:
        return steps, []
    before = [step for step in steps if step[0] <= thin_from]
    return before, [(thin_from, before[-1][1]), *(step for step in steps if step[0] > thin_from)]


def _draw_band(axes: Axes, results: Results, place: Place, colour: str, end: float) -> None:
    limits = [
        (row.time_months or 0.0, row.value or 0.0, results.number(place, "upper", row.time_months).value or 0.0)
        for row in results.of(place, "lower")
    ]
    if not limits:
        return
    stops = [limit[0] for limit in limits[1:]] + [end]
    time = [moment for (start, _, _), stop in zip(limits, stops, strict=True) for moment in (start, stop)]
    lower = [value for _, value, _ in limits for _ in range(2)]
    upper = [value for _, _, value in limits for _ in range(2)]
    axes.fill_between(time, lower, upper, color=colour, alpha=0.14, linewidth=0)


def _dress(axes: Axes, ticks: list[float], axis_label: str, longest: float, since: str) -> None:
    axes.set_xlim(0, longest * 1.02)
    axes.set_ylim(0, 1.02)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    shares = [share / 5 for share in range(6)]
    axes.set_yticks(shares, [f"{100 * share:.0f}" for share in shares])
    axes.set_xlabel(since or tr("Months since index date"), fontsize=SIZE, color=INK, labelpad=5)
    axes.set_ylabel(f"{axis_label} (%)", fontsize=SIZE, color=INK, labelpad=6)
    plain_axes(axes, grid="y")


def _draw_legend(axes: Axes, series: tuple[Series, ...], title: str) -> None:
    lines = [axes.plot([], [], color=one.colour, linewidth=2.2, label=one.label)[0] for one in series]
    legend = axes.legend(
        handles=lines, loc="upper right", frameon=False, fontsize=SIZE, labelcolor=INK, handlelength=1.4
    )
    legend.set_title(title)
    legend.get_title().set(color=MUTED, fontsize=SIZE)
    legend.set_alignment("left")
    for text in (*legend.get_texts(), legend.get_title()):
        text.set_gid(f"{FROM}protocol")


RiskRow = tuple[str, Series | None, str | None]


def _risk_rows(series: tuple[Series, ...], counts: tuple[str, ...]) -> list[RiskRow]:
    """Label, curve and statistic of each row under the axis; a heading has no curve."""
    if len(series) == 1:
        return [(tr(COUNTS[statistic]), series[0], statistic) for statistic in counts]
    rows: list[RiskRow] = []
    for statistic in counts:
        rows.append((tr(COUNTS[statistic]), None, None))
        rows += [(one.label, one, statistic) for one in series]
    return rows


def draw_risk_rows(figure: Figure, axes: Axes, results: Results, rows: list[RiskRow]) -> None:
    """Write counts at the months of the axis, from the bottom of the figure upwards."""
    height = figure.get_size_inches()[1]
    across = blended_transform_factory(axes.transData, figure.transFigure)
    margin = 0.1 / _WIDTH
    for number, (label, series, statistic) in enumerate(rows):
        y = (_BOTTOM + _ROW_HEIGHT * (len(rows) - number - 0.5)) / height
        style: dict[str, Any] = {"fontsize": _SMALL, "va": "center"}
        if series is None or statistic is None:
            figure.text(margin, y, label, color=INK, fontweight="bold", ha="left", **style)
            continue
        is_alone = series.place.group_name is None
        x = margin if is_alone else 0.24 / _WIDTH
        figure.text(x, y, label, color=INK if is_alone else MUTED, ha="left", gid=f"{FROM}protocol", **style)
        if not is_alone:
            swatch = Line2D([margin + 0.04 / _WIDTH], [y], marker="s", markersize=5, color=series.colour)
            swatch.set_transform(figure.transFigure)
            figure.add_artist(swatch)
        for row in results.of(series.place, statistic):
            shown = str(Number(row, "count"))
            axes.text(
                row.time_months or 0.0,
                y,
                shown,
                transform=across,
                ha="center",
                color=INK,
                gid=f"{ARD}{row.ard_id}",
                **style,
            )
