"""How the axes of every plot look: thin spines where they are needed, hairlines across one axis, no frame."""

from typing import Literal

from matplotlib.axes import Axes

from analysis.report.palette import INK, MUTED, RULE
from analysis.report.svg import FROM

SIZE = 10.0
TWO_SIDES = ("left", "bottom")


def plain_axes(axes: Axes, *, grid: Literal["x", "y"], sides: tuple[str, ...] = TWO_SIDES, size: float = SIZE) -> None:
    """Dress axes whose ticks are final; without its spine an axis has labels and no tick marks. `size` is in points."""
    axes.grid(axis=grid, color=RULE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.patch.set_visible(False)
    axes.tick_params(which="both", labelsize=size, labelcolor=INK, color=MUTED, width=0.8, length=3.5)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(side in sides)
        axes.spines[side].set_color(MUTED)
    if "left" not in sides:
        axes.tick_params(axis="y", length=0)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_gid(f"{FROM}axis")
