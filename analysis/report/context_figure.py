"""The study beside published cohorts: a panel a quantity, a row a cohort, dot and interval; nothing is pooled."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.ard import Place, Results
from analysis.estimates.context import cohort_place
from analysis.report.axes import SIZE, plain_axes
from analysis.report.context_panels import Estimate, Panel, name_and_treatment
from analysis.report.language import tr
from analysis.report.palette import INK, MUTED, PAPER, RULE, level_colour
from analysis.report.parts import Number
from analysis.report.svg import ARD, FROM, columns
from models.protocol import Protocol

_ROW_HEIGHT = 0.46
_TOP, _BOTTOM, _RIGHT = 0.5, 0.55, 0.2
_PANEL, _GAP = 1.75, 0.3
_PANELS_A_BAND = 3
_CHARACTER_WIDTH, _MARGIN, _N = 0.075, 0.1, 0.6
_SMALL = 9.0


def draw_context(results: Results, protocol: Protocol, panels: tuple[Panel, ...]) -> Figure:
    """Draw the panels, a few to a band, a row a cohort and the study's own above; sizes are inches."""
    rows = len(protocol.context) + 1
    words = [part for cohort in protocol.context for part in name_and_treatment(cohort)]
    left = _MARGIN + _CHARACTER_WIDTH * max(map(columns, words)) + _N
    width = left + min(len(panels), _PANELS_A_BAND) * (_PANEL + _GAP) - _GAP + _RIGHT
    band = _TOP + _ROW_HEIGHT * rows + _BOTTOM
    height = band * -(-len(panels) // _PANELS_A_BAND)
    figure = Figure(figsize=(width, height))
    for number, panel in enumerate(panels):
        above, column = divmod(number, _PANELS_A_BAND)
        top = height - above * band - _TOP
        if column == 0:
            _write_cohorts(figure, results, protocol, left - 0.2, top)
        start, bottom = (left + column * (_PANEL + _GAP)) / width, (top - _ROW_HEIGHT * rows) / height
        axes = figure.add_axes((start, bottom, _PANEL / width, _ROW_HEIGHT * rows / height))
        found = [panel.own(results), *(panel.of(results, cohort.label) for cohort in protocol.context)]
        for row, estimate in enumerate(found):
            if estimate:
                _draw_estimate(axes, estimate, panel, row)
        _dress(axes, panel, rows, max(_reach(estimate) for estimate in found if estimate))
    return figure


def _write_cohorts(figure: Figure, results: Results, protocol: Protocol, n_at: float, top: float) -> None:
    """Name and treatment of each row at the left, patients in a column ending at `n_at` inches, down from `top`."""
    width, height = figure.get_size_inches()
    style: dict[str, Any] = {"va": "center", "fontsize": SIZE, "color": INK}
    figure.text(n_at / width, (top + 0.16) / height, "n", ha="right", **style)
    own = [(tr("This study"), "", results.number(Place("cohort"), "n"))]
    published = [
        (*name_and_treatment(cohort), results.number(cohort_place(cohort.label), "n")) for cohort in protocol.context
    ]
    for row, (name, treatment, n) in enumerate(own + published):
        y = top - (row + 0.5) * _ROW_HEIGHT
        weight = "normal" if treatment else "bold"
        shift = 0.09 if treatment else 0.0
        figure.text(_MARGIN / width, (y + shift) / height, name, weight=weight, gid=f"{FROM}protocol", **style)
        below = {**style, "color": MUTED, "fontsize": _SMALL}
        figure.text(_MARGIN / width, (y - shift) / height, treatment, gid=f"{FROM}protocol", **below)
        shown = str(Number(n, "count")) if n.value is not None else "–"
        figure.text(n_at / width, y / height, shown, ha="right", gid=f"{ARD}{n.ard_id}" if n.value else None, **style)


def _reach(estimate: Estimate) -> float:
    return max(row.value or 0.0 for row in (estimate.value, estimate.upper) if row is not None)


def _draw_estimate(axes: Axes, estimate: Estimate, panel: Panel, row: int) -> None:
    colour = level_colour(0) if row == 0 else INK
    value = estimate.value.value or 0.0
    lower, upper = estimate.lower, estimate.upper
    if lower and upper and lower.value is not None and upper.value is not None:
        axes.plot([lower.value, upper.value], [row, row], color=colour, linewidth=1.6, solid_capstyle="butt")
        axes.plot([value], [row], marker="o", markersize=6.5, color=colour)
    else:
        # Without an interval nobody knows how far the dot can be trusted: it is open.
        axes.plot([value], [row], marker="o", markersize=6.5, color=colour, markerfacecolor=PAPER, markeredgewidth=1.5)
    text = axes.text(
        value,
        row - 0.2,
        str(Number(estimate.value, panel.kind)),
        ha="center",
        va="bottom",
        fontsize=_SMALL,
        color=colour,
    )
    text.set_gid(f"{ARD}{estimate.value.ard_id}")


def _dress(axes: Axes, panel: Panel, rows: int, reach: float) -> None:
    axes.set_ylim(rows - 0.5, -0.5)
    end = 100 if panel.kind == "percent" and reach > 75 else reach * 1.12
    ticks = [tick for tick in MaxNLocator(4).tick_values(0, end) if 0 <= tick <= end]
    axes.set_xlim(0, end)
    axes.set_yticks([])
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_title(panel.heading, fontsize=SIZE, color=INK, loc="left", pad=6).set_gid(f"{FROM}convention")
    axes.axhline(0.5, color=RULE, linewidth=0.9)
    plain_axes(axes, grid="x", sides=("bottom",))
