"""Writing on a figure at inches from its lower left corner, for the columns beside a plot."""

from typing import Any

from matplotlib.figure import Figure

from analysis.ard import Row
from analysis.report.palette import INK
from analysis.report.parts import Kind, Number
from analysis.report.svg import ARD

SIZE = 9.5


def write(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    *,
    align: str = "right",
    weight: str = "normal",
    colour: str = INK,
    gid: str | None = None,
) -> None:
    """Write words; `gid` says where digits in them come from (see `analysis.report.svg`)."""
    width, height = figure.get_size_inches()
    style: dict[str, Any] = {"fontsize": SIZE, "fontweight": weight, "color": colour, "va": "center", "ha": align}
    figure.text(x / width, y / height, text, gid=gid, **style)


def write_number(figure: Figure, x: float, y: float, row: Row, kind: Kind, colour: str = INK) -> None:
    """Write a number of the results, or its words where there is none."""
    write(figure, x, y, str(Number(row, kind)), colour=colour, gid=f"{ARD}{row.ard_id}")
