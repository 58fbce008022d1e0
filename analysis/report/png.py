"""Figures as PNG for slides and manuscripts: white background, 300 dots an inch."""

from pathlib import Path
from typing import TYPE_CHECKING

from analysis.report.language import spoken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 300
LATIN = "DejaVu Sans"
CHINESE = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "Noto Sans CJK JP",
)
"""Fonts with Chinese characters, the first that the computer has is taken."""


def can_draw() -> bool:
    """Whether this computer has a font for the language of the report; without one there is no PNG."""
    return spoken() != "zh" or bool(_chinese_fonts())


def write_png(figure: "Figure", path: Path) -> None:
    """Write the figure; its texts keep the fonts that they are measured with here."""
    from matplotlib.text import Text

    if spoken() == "zh":
        for words in figure.findobj(Text):
            words.set_fontfamily([LATIN, *_chinese_fonts()[:1]])
    # Level 1 writes twice as fast as the default of 6 and a third more bytes.
    figure.savefig(path, format="png", dpi=DOTS_PER_INCH, facecolor="white", pil_kwargs={"compress_level": 1})


def _chinese_fonts() -> list[str]:
    from matplotlib.font_manager import fontManager

    present = {font.name for font in fontManager.ttflist}
    return [name for name in CHINESE if name in present]
