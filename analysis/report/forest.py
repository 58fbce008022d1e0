"""Forest plot of one Cox model: estimate, interval, n and events in columns beside the plot, on a log axis."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.ard import Place, Results
from analysis.estimates.levels import reference_level
from analysis.report.inches import SIZE, write, write_number
from analysis.report.language import tr
from analysis.report.palette import INK, MUTED, RULE
from analysis.report.parts import Number, label_text, plain, say
from analysis.report.svg import ARD, FROM
from models.protocol import Covariate

_WIDTH = 8.4
_ROW_HEIGHT = 0.26
_HEAD, _FOOT = 0.42, 0.66
_LABEL, _INDENT, _N, _EVENTS = 0.1, 0.28, 3.55, 4.15
_PLOT_LEFT, _PLOT_RIGHT = 4.4, 6.45
_RATIO, _LOWER, _TO, _UPPER = 7.0, 7.5, 7.65, 8.15
_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
_LEAST_SPAN = (0.5, 2.0)


@dataclass(frozen=True)
class _Line:
    """One line of the plot: a factor's heading (no place), or a level with its numbers."""

    label: str
    place: Place | None = None


def draw_forest(results: Results, analysis: str, endpoint: str, covariates: tuple[Covariate, ...]) -> Figure:
    """Draw the hazard ratios of every level but the references; a ratio without an estimate says why."""
    lines = [line for covariate in covariates for line in _lines(analysis, endpoint, covariate)]
    height = _HEAD + _FOOT + _ROW_HEIGHT * len(lines)
    figure = Figure(figsize=(_WIDTH, height))
    width = (_PLOT_RIGHT - _PLOT_LEFT) / _WIDTH
    axes = figure.add_axes((_PLOT_LEFT / _WIDTH, _FOOT / height, width, 1 - (_HEAD + _FOOT) / height))
    axes.set_ylim(0, len(lines))
    _dress(axes, _span(results, lines))
    for x, heading in ((_N, "n"), (_EVENTS, tr("Events")), (_RATIO, tr("HR")), (_UPPER, tr("95% CI"))):
        write(figure, x, height - 0.2, heading, weight="bold", gid=f"{FROM}convention")
    for number, line in enumerate(lines):
        row = len(lines) - number - 0.5
        _draw_line(figure, axes, results, line, row)
    return figure


def _lines(analysis: str, endpoint: str, covariate: Covariate) -> list[_Line]:
    reference = reference_level(covariate)
    against = say("{factor} (vs {level})", factor=label_text(covariate), level=label_text(covariate.levels[reference]))
    return [_Line(plain(against))] + [
        _Line(label_text(level), Place(analysis, endpoint, variable=covariate.name, variable_level=level.label))
        for code, level in enumerate(covariate.levels)
        if code != reference
    ]


def _span(results: Results, lines: list[_Line]) -> tuple[float, float]:
    """Ends of the axis: ticks around every interval, cut at the outermost ticks."""
    limits = [
        results.number(line.place, name).value for line in lines if line.place for name in ("hr_lower", "hr_upper")
    ]
    known = [limit for limit in limits if limit is not None] + list(_LEAST_SPAN)
    lowest = max((tick for tick in _TICKS if tick <= min(known)), default=_TICKS[0])
    highest = min((tick for tick in _TICKS if tick >= max(known)), default=_TICKS[-1])
    return lowest, highest


def _dress(axes: Axes, span: tuple[float, float]) -> None:
    ticks = [tick for tick in _TICKS if span[0] <= tick <= span[1]]
    axes.set_xscale("log")
    axes.set_xlim(*span)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([])
    for label in axes.get_xticklabels():
        label.set_gid(f"{FROM}axis")
    axes.tick_params(labelsize=SIZE, labelcolor=INK, color=MUTED, length=3.5)
    axes.set_xlabel(tr("← fewer events · hazard ratio · more events →"), fontsize=SIZE, color=MUTED, labelpad=5)
    axes.axvline(1, color=MUTED, linewidth=1)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.patch.set_visible(False)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(MUTED)


def _draw_line(figure: Figure, axes: Axes, results: Results, line: _Line, row: float) -> None:
    y = _FOOT + _ROW_HEIGHT * row
    if line.place is None:
        write(figure, _LABEL, y, line.label, align="left", weight="bold", gid=f"{FROM}protocol")
        return
    write(figure, _INDENT, y, line.label, align="left", gid=f"{FROM}protocol")
    write_number(figure, _N, y, results.number(line.place, "n"), "count")
    write_number(figure, _EVENTS, y, results.number(line.place, "n_events"), "count")
    ratio, lower, upper = (results.number(line.place, name) for name in ("hr", "hr_lower", "hr_upper"))
    if ratio.value is None or lower.value is None or upper.value is None:
        write(figure, _UPPER, y, str(Number(ratio, "ratio")), colour=MUTED, gid=f"{ARD}{ratio.ard_id}")
        return
    axes.plot([lower.value, upper.value], [row, row], color=INK, linewidth=1.3, solid_capstyle="butt")
    axes.plot([ratio.value], [row], marker="s", markersize=5.5, color=INK)
    for x, limit in ((_RATIO, ratio), (_LOWER, lower), (_UPPER, upper)):
        write_number(figure, x, y, limit, "ratio")
    write(figure, _TO, y, tr("to"), align="center")
