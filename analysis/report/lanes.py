"""What waterfall, spider and swimmer share: lanes of the results, one colour a best response, axes and legend."""

import math
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.ard import Place, Results, Row
from analysis.estimates.lanes import LANE
from analysis.estimates.response import CATEGORIES
from analysis.report.axes import SIZE
from analysis.report.language import tr
from analysis.report.palette import INK, MUTED, response_colour
from analysis.report.parts import Number
from analysis.report.svg import ARD, FROM
from analysis.report.words import RESPONSES

WIDTH = 8.4
_ROOM = 6
"""Percentage points beyond the values, for the marks."""

_LEGEND_ROW, _LEGEND_MARGIN = 0.27, 0.12
_MOST_IN_A_ROW = 4
SHRUNK, GROWN = -30, 20
"""Changes in % that make a partial response (from baseline) and a progression (RECIST 1.1; Eisenhauer 2009)."""


@dataclass(frozen=True)
class Lane:
    """One patient of one figure: place of the numbers, and best response."""

    place: Place
    best: str

    @property
    def colour(self) -> str:
        """Colour of the best response."""
        return response_colour(self.best)


def lanes_of(results: Results, analysis: str) -> list[Lane]:
    """The lanes of a figure in the order of their numbers."""
    return [
        Lane(place, results.number(place, "best_response").value_text or "") for place in results.places(analysis, LANE)
    ]


def draw_thresholds(axes: Axes) -> None:
    """The lines at which the sum alone makes a response or a progression, each with its value."""
    axes.axhline(0, color=MUTED, linewidth=0.9)
    for level in (SHRUNK, GROWN):
        axes.axhline(level, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        words = f"{level:+d}%".replace("-", "−")
        right: dict[str, Any] = {"ha": "left", "va": "center", "fontsize": SIZE, "color": INK}
        axes.text(1.01, level, words, transform=axes.get_yaxis_transform(), gid=f"{FROM}convention", **right)


def percent_ticks(axes: Axes, lowest: float, highest: float) -> None:
    """Ticks of 20% around the values; −100% is the end, since nothing shrinks to less than nothing."""
    bottom = max(-100, 20 * math.floor((lowest - _ROOM) / 20))
    top = 20 * math.ceil((highest + _ROOM) / 20)
    ticks = list(range(bottom, max(top, 40) + 1, 20))
    axes.set_ylim(ticks[0], ticks[-1])
    axes.set_yticks(ticks, [f"{tick:+d}".replace("-", "−") if tick else "0" for tick in ticks])


def legend_height(lanes: list[Lane]) -> float:
    """Inches that the legend needs above the axes."""
    return _LEGEND_MARGIN + _LEGEND_ROW * (1 + _rows_of(_present(lanes)))


def _present(lanes: list[Lane]) -> list[str]:
    """Best responses that somebody has, from the best on."""
    return [category for category in CATEGORIES if category in {lane.best for lane in lanes}]


def _rows_of(categories: list[str]) -> int:
    return math.ceil(len(categories) / _MOST_IN_A_ROW)


def draw_legend(axes: Axes, lanes: list[Lane], marks: tuple[Line2D, ...]) -> None:
    """Best responses, and the marks over them, above the axes."""
    present = _present(lanes)
    handles = [Patch(color=response_colour(name), label=response_label(name)) for name in present]
    style: dict[str, Any] = {"frameon": False, "fontsize": SIZE, "labelcolor": INK, "handlelength": 1.2}
    place: dict[str, Any] = {"loc": "lower left", "columnspacing": 1.3, "borderaxespad": 0.3}
    columns = min(len(present), _MOST_IN_A_ROW) or 1
    axes.add_artist(axes.legend(handles=handles, ncols=columns, bbox_to_anchor=(-0.02, 1.0), **style, **place))
    higher = 1.0 + _LEGEND_ROW * _rows_of(present) / (axes.bbox.height / axes.figure.dpi)
    axes.legend(handles=marks, ncols=len(marks), bbox_to_anchor=(-0.02, higher), **style, **place)


def response_label(category: str) -> str:
    """A category of best response in words."""
    words = tr(RESPONSES[category])
    return words[:1].upper() + words[1:]


def mark(marker: str, label: str, colour: str = INK, size: float = 6.0) -> Line2D:
    """A mark of the legend, without a line."""
    return Line2D([], [], linestyle="none", marker=marker, markersize=size, color=colour, label=label)


def count_below(figure: Figure, row: Row, words: str, y: float, x: float) -> None:
    """A count with its words under a figure; x and y in inches from the lower left corner."""
    width, height = figure.get_size_inches()
    style: dict[str, Any] = {"fontsize": SIZE, "color": INK, "va": "center"}
    figure.text(x / width, y / height, str(Number(row, "count")), ha="right", gid=f"{ARD}{row.ard_id}", **style)
    figure.text((x + 0.08) / width, y / height, words, ha="left", **style)
