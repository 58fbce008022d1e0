"""Several small plots in one figure: a grid of axes, dressed alike."""

from dataclasses import dataclass
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.report.axes import SIZE, plain_axes
from analysis.report.palette import INK
from analysis.report.svg import FROM

_ACROSS = 2
_PANEL_WIDTH, _PANEL_HEIGHT = 4.2, 3.0
_TITLE_WIDTH = 40
"""Characters of a panel's title on one line."""
_LEFT, _RIGHT, _BOTTOM, _TOP = 0.75, 0.2, 0.62, 0.55


@dataclass(frozen=True)
class Panels:
    """A figure and its axes, one a panel in reading order."""

    figure: Figure
    axes: tuple[Axes, ...]


def grid_of(count: int, *, across: int = _ACROSS) -> Panels:
    """As many panels as asked for, at most `across` beside each other; sizes in inches."""
    columns = min(count, across)
    rows = int(np.ceil(count / columns))
    width, height = columns * _PANEL_WIDTH, rows * _PANEL_HEIGHT
    figure = Figure(figsize=(width, height))
    axes = []
    for number in range(count):
        row, column = divmod(number, columns)
        left = (column * _PANEL_WIDTH + _LEFT) / width
        bottom = ((rows - 1 - row) * _PANEL_HEIGHT + _BOTTOM) / height
        size = ((_PANEL_WIDTH - _LEFT - _RIGHT) / width, (_PANEL_HEIGHT - _BOTTOM - _TOP) / height)
        axes.append(figure.add_axes((left, bottom, *size)))
    return Panels(figure, tuple(axes))


def dress(axes: Axes, title: str, x_label: str, y_label: str) -> None:
    """Thin spines, a pale grid, the title over the panel's left edge."""
    axes.set_title(
        fill(title, _TITLE_WIDTH), fontsize=SIZE, color=INK, loc="left", fontweight="bold", gid=f"{FROM}protocol"
    )
    axes.set_xlabel(x_label, fontsize=SIZE, color=INK, labelpad=3)
    axes.set_ylabel(y_label, fontsize=SIZE, color=INK, labelpad=3)
    plain_axes(axes, grid="y", size=SIZE - 1)
