"""Figures as SVG: text stays text, and every number carries its ard_id.

Matplotlib lets a text carry a group id; ids that begin with ARD or FROM become the attributes data-ard and data-from.
"""

import io
import re
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from analysis.report.palette import THEMED
from analysis.report.section import Section, illustrations

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ARD = "ard:"
FROM = "from:"
FONTS = (
    "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', "
    "'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif"
)


def columns(words: str) -> int:
    """Width in columns of a terminal: a Chinese character takes two, a Latin letter one."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in words)


def figure_svg(figure: "Figure") -> str:
    """The figure as a standalone SVG document, the same bytes for the same figure."""
    import matplotlib as mpl

    stream = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "oncomart"}), warnings.catch_warnings():
        # Chinese is measured with a Latin font here and drawn with the reader's own.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    text = re.sub(r"'DejaVu Sans'(?:, [^;\"]*)?", FONTS, text)
    text = re.sub(rf'id="{ARD}([^"#]*)(?:#[^"]*)?"', r'data-ard="\1"', text)
    return re.sub(rf'id="{FROM}([^"#]*)(?:#[^"]*)?"', r'data-from="\1"', text)


def draw_figures(sections: Iterable[Section]) -> dict[str, str]:
    """Every figure of the sections as an SVG document, by its name."""
    return {one.name: figure_svg(one.figure) for one in illustrations(sections)}


def inline(svg: str, name: str, title: str) -> str:
    """The SVG inside a page: ids made unique by `name`, colours as CSS variables, a title for screen readers."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r'(?<![\w-])id="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r'(href="|url\()#', rf"\g<1>#{name}-", body)
    for colour, variable in THEMED.items():
        body = body.replace(colour, variable)
    body = re.sub(r'<svg ([^>]*?)height="[^"]+"', r"<svg \1", body, count=1)
    body = re.sub(r'<svg ([^>]*?)width="[^"]+"', r"<svg \1", body, count=1)
    label = f' role="img" aria-label="{title}"'
    return re.sub(r"<svg ", f"<svg{label} ", body, count=1)
