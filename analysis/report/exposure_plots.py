"""Plots of an exposure comparison: overlap of propensity scores, and balance before and after weighting."""

from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.ard import Place, Results
from analysis.estimates.weighting import BALANCE, BALANCED, BIN, PROPENSITY
from analysis.report.axes import SIZE, plain_axes
from analysis.report.cox_tables import covariate_named
from analysis.report.language import tr
from analysis.report.palette import INK, MUTED, RULE, level_colour
from analysis.report.parts import label_text, plain, say
from analysis.report.svg import FROM, columns
from models.protocol import Exposure, Protocol

_WIDTH = 5.9
_HEIGHT = 3.8
_LEFT, _RIGHT, _BOTTOM, _TOP = 0.75, 0.2, 0.62, 0.6
_ROW = 0.3
_CHARACTER_WIDTH = 0.078


def draw_overlap(results: Results, exposure: Exposure, title: str, labels: tuple[str, str]) -> Figure:
    """Scores of the exposed upwards and of the others downwards: patients as bars, weighted patients as outlines."""
    figure = Figure(figsize=(_WIDTH, _HEIGHT))
    size = ((_WIDTH - _LEFT - _RIGHT) / _WIDTH, (_HEIGHT - _BOTTOM - _TOP) / _HEIGHT)
    axes = figure.add_axes((_LEFT / _WIDTH, _BOTTOM / _HEIGHT, *size))
    for number, (level, label) in enumerate(zip((exposure.exposed, exposure.control), labels, strict=True)):
        sign = 1 if number == 0 else -1
        places = [place for place in results.places(PROPENSITY, BIN) if place.group_level == level]
        edges = [results.number(place, "lower").value or 0.0 for place in places]
        width = (results.number(places[0], "upper").value or 0.0) - edges[0]
        heights = {
            name: [sign * (results.number(place, name).value or 0.0) for place in places] for name in ("n", "weight")
        }
        axes.bar(edges, heights["n"], width=width, align="edge", color=level_colour(number), alpha=0.55, label=label)
        axes.bar(edges, heights["weight"], width=width, align="edge", fill=False, edgecolor=INK, linewidth=0.9)
    axes.axhline(0, color=MUTED, linewidth=0.9)
    axes.set_xlim(0, 1)
    axes.yaxis.set_major_formatter(lambda height, _: f"{abs(height):g}")
    axes.set_xlabel(tr("Propensity score: probability of the exposure"), fontsize=SIZE, color=INK, labelpad=5)
    axes.set_ylabel(tr("Patients"), fontsize=SIZE, color=INK, labelpad=5)
    axes.bar([0], [0], fill=False, edgecolor=INK, linewidth=0.9, label=tr("weighted"))
    _dress(figure, axes, "y")
    _legend(axes, title)
    return figure


def _legend(axes: Axes, title: str = "") -> None:
    """One line above the plot."""
    legend = axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.02, 1.0),
        ncols=3,
        frameon=False,
        fontsize=SIZE,
        labelcolor=INK,
        handlelength=1.3,
        borderpad=0.1,
        title=title,
    )
    legend.get_title().set(color=MUTED, fontsize=SIZE)
    legend.set_alignment("left")
    for text in (*legend.get_texts(), legend.get_title()):
        text.set_gid(f"{FROM}protocol")


def draw_balance(results: Results, protocol: Protocol) -> Figure:
    """One row a covariate level: absolute standardised difference before (hollow) and after (filled) weighting."""
    places = [place for place in results.places(BALANCE) if place.variable is not None]
    names = [_balance_label(protocol, place) for place in places]
    left = 0.25 + _CHARACTER_WIDTH * max(columns(name) for name in names)
    height = _ROW * len(places) + 0.95
    figure = Figure(figsize=(_WIDTH + 0.9, height))
    width = figure.get_size_inches()[0]
    axes = figure.add_axes(
        (left / width, _BOTTOM / height, (width - left - _RIGHT) / width, _ROW * len(places) / height)
    )
    rows = [len(places) - number - 0.5 for number in range(len(places))]
    forms = (("before", tr("before weighting"), MUTED, "none"), ("after", tr("after weighting"), level_colour(0), None))
    ends: dict[str, list[float]] = {}
    for when, words, colour, fill in forms:
        values = [results.number(place, f"difference_{when}").value for place in places]
        ends[when] = [abs(value or 0.0) for value in values]
        axes.plot(
            ends[when],
            rows,
            linestyle="none",
            marker="o",
            markersize=6.5,
            markeredgewidth=1.4,
            markeredgecolor=colour,
            markerfacecolor=fill or colour,
            label=words,
            zorder=3,
        )
    for row, before, after in zip(rows, ends["before"], ends["after"], strict=True):
        axes.plot([before, after], [row, row], color=RULE, linewidth=1.2, zorder=1)
    axes.axvline(BALANCED, color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)))
    axes.set_ylim(0, len(places))
    axes.set_xlim(0, max(*ends["before"], *ends["after"], 2 * BALANCED) * 1.08)
    axes.set_yticks(rows, names)
    axes.set_xlabel(tr("Absolute standardised mean difference"), fontsize=SIZE, color=INK, labelpad=5)
    _dress(figure, axes, "x")
    axes.tick_params(axis="y", length=0)
    _legend(axes)
    return figure


def _balance_label(protocol: Protocol, place: Place) -> str:
    covariate = covariate_named(protocol, place.variable or "")
    level = next((level for level in covariate.levels if level.label == place.variable_level), None)
    if level is None:
        return label_text(covariate)
    return plain(say("{factor}: {level}", factor=label_text(covariate), level=label_text(level)))


def _dress(figure: Figure, axes: Axes, grid: Literal["x", "y"]) -> None:
    figure.canvas.draw()
    plain_axes(axes, grid=grid)
