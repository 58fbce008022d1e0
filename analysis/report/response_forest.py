"""Response rates by subgroup as a forest: exact intervals of ORR and DCR side by side, the overall rate as a line."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.ard import Place, Results, Row
from analysis.estimates.response import RESPONSE
from analysis.estimates.response_subgroups import MISSING, OTHER, RATES, RESPONSE_BY
from analysis.report.axes import plain_axes
from analysis.report.inches import SIZE, write, write_number
from analysis.report.language import tr
from analysis.report.palette import INK, MUTED
from analysis.report.parts import label_text
from analysis.report.svg import FROM
from models.protocol import Covariate

_WIDTH = 8.4
_ROW_HEIGHT = 0.27
_HEAD, _FOOT = 0.62, 0.62
_LABEL, _INDENT = 0.1, 0.26


@dataclass(frozen=True)
class _Panel:
    """One rate: its plot and columns, inches from the left."""

    rate: str
    left: float
    right: float
    count: float
    total: float
    test: float


_PANELS = (_Panel("orr", 3.55, 5.0, 3.0, 3.4, 5.45), _Panel("dcr", 6.35, 7.8, 5.8, 6.2, 8.3))


@dataclass(frozen=True)
class _Line:
    """A covariate's heading (no level), or one of its levels."""

    label: str
    covariate: str
    level: str | None = None


def draw_response_forest(results: Results, covariates: tuple[Covariate, ...]) -> Figure:
    """Draw every level that somebody has; the P value of a covariate stands in its heading's row."""
    lines = [line for covariate in covariates for line in _lines(results, covariate)]
    height = _HEAD + _FOOT + _ROW_HEIGHT * max(len(lines), 1)
    figure = Figure(figsize=(_WIDTH, height))
    titles = {"orr": tr("Objective response"), "dcr": tr("Disease control")}
    for panel in _PANELS:
        width = (panel.right - panel.left) / _WIDTH
        axes = figure.add_axes((panel.left / _WIDTH, _FOOT / height, width, 1 - (_HEAD + _FOOT) / height))
        axes.set_ylim(0, max(len(lines), 1))
        _dress(axes, results.number(Place(RESPONSE, variable=panel.rate), "pct"))
        middle = (panel.left + panel.right) / 2
        write(figure, middle, height - 0.18, titles[panel.rate], align="center", weight="bold")
        for x, heading in ((panel.count, "n"), (panel.total, "N"), (panel.test, "P")):
            write(figure, x, height - 0.44, heading, weight="bold")
        for number, line in enumerate(lines):
            _draw_line(figure, axes, results, panel, line, len(lines) - number - 0.5)
    for number, line in enumerate(lines):
        y = _FOOT + _ROW_HEIGHT * (len(lines) - number - 0.5)
        is_heading = line.level is None
        x, weight = (_LABEL, "bold") if is_heading else (_INDENT, "normal")
        write(figure, x, y, line.label, align="left", weight=weight, gid=f"{FROM}protocol")
    return figure


def _lines(results: Results, covariate: Covariate) -> list[_Line]:
    labels = {level.label: label_text(level) for level in covariate.levels}
    labels |= {OTHER: tr("Other"), MISSING: tr("Missing")}
    shown = [
        _Line(words, covariate.name, label)
        for label, words in labels.items()
        if results.has(Place(RESPONSE_BY, None, covariate.name, label, RATES[0]), "n")
    ]
    return [_Line(label_text(covariate), covariate.name), *shown]


def _dress(axes: Axes, overall: Row) -> None:
    axes.set_xlim(0, 100)
    axes.set_xticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100"])
    axes.set_yticks([])
    axes.set_xlabel(tr("% (95% CI)"), fontsize=SIZE, color=MUTED, labelpad=4, gid=f"{FROM}convention")
    if overall.value is not None:
        axes.axvline(overall.value, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    plain_axes(axes, grid="x", sides=("bottom",), size=SIZE)


def _draw_line(figure: Figure, axes: Axes, results: Results, panel: _Panel, line: _Line, row: float) -> None:
    y = _FOOT + _ROW_HEIGHT * row
    place = Place(RESPONSE_BY, None, line.covariate, line.level, panel.rate)
    if line.level is None:
        write_number(figure, panel.test, y, results.number(place, "p_value"), "p")
        return
    write_number(figure, panel.count, y, results.number(place, "n"), "count")
    write_number(figure, panel.total, y, results.number(place, "total"), "count")
    percent, lower, upper = (results.number(place, name).value for name in ("pct", "pct_lower", "pct_upper"))
    if percent is None or lower is None or upper is None:
        return
    axes.plot([lower, upper], [row, row], color=INK, linewidth=1.3, solid_capstyle="butt")
    axes.plot([percent], [row], marker="s", markersize=5.5, color=INK, clip_on=False)
