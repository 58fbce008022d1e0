"""Adverse events as bars: grade 3 or more from the axis, grade 1-2 on top of it, patients in percent at the end."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.ard import Results
from analysis.estimates.safety import ANY_GRADE, MILD, SEVERE, UNGRADED, event_place
from analysis.report.axes import SIZE, plain_axes
from analysis.report.event_tables import term_label, terms_of
from analysis.report.language import tr
from analysis.report.palette import INK, RULE, level_colour
from analysis.report.parts import Number
from analysis.report.svg import ARD, FROM, columns

MOST_BARS = 20
_WIDTH = 7.4
_ROW_HEIGHT = 0.27
_TOP, _BOTTOM, _RIGHT = 0.36, 0.58, 0.5
_CHARACTER_WIDTH, _MARGIN = 0.078, 0.2
_PARTS = {
    SEVERE: ("Grade ≥ 3", level_colour(1)),
    MILD: ("Grade 1–2", level_colour(5)),
    UNGRADED: ("Grade unknown", RULE),
}


def draw_event_bars(results: Results, scope: str) -> Figure:
    """Draw the commonest terms of a scope, at most `MOST_BARS`; the axis is in percent of the safety population."""
    terms = terms_of(results, scope)[:MOST_BARS]
    height = _TOP + _BOTTOM + _ROW_HEIGHT * len(terms)
    labels = [str(term_label(scope, term)) for term in terms]
    left = _MARGIN + _CHARACTER_WIDTH * max(columns(label) for label in labels)
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes(
        (left / _WIDTH, _BOTTOM / height, (_WIDTH - left - _RIGHT) / _WIDTH, _ROW_HEIGHT * len(terms) / height)
    )
    starts = [0.0] * len(terms)
    for severity, (words, colour) in _PARTS.items():
        widths = [results.number(event_place(scope, term, severity), "pct").value or 0.0 for term in terms]
        if severity == UNGRADED and not any(widths):
            continue
        axes.barh(range(len(terms)), widths, 0.68, starts, color=colour, label=tr(words), linewidth=0)
        starts = [start + width for start, width in zip(starts, widths, strict=True)]
    for row, term in enumerate(terms):
        total = results.number(event_place(scope, term, ANY_GRADE), "pct")
        text = axes.text(
            (total.value or 0) + 1, row, str(Number(total, "percent")), va="center", fontsize=SIZE, color=INK
        )
        text.set_gid(f"{ARD}{total.ard_id}")
    _dress(axes, labels)
    return figure


def _dress(axes: Axes, labels: list[str]) -> None:
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_yticks(range(len(labels)), labels)
    ticks = range(0, 101, 20)
    axes.set_xticks(ticks, [f"{tick}" for tick in ticks])
    axes.set_xlabel(tr("Patients (%)"), fontsize=SIZE, color=INK, labelpad=5)
    plain_axes(axes, grid="x", sides=("bottom",))
    for label in axes.get_yticklabels():
        label.set_gid(f"{FROM}data")
    legend = axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=3,
        frameon=False,
        fontsize=SIZE,
        labelcolor=INK,
        handlelength=1,
        borderaxespad=0.2,
    )
    for text in legend.get_texts():
        text.set_gid(f"{FROM}convention")
