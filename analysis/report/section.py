"""What a report is made of: sections of blocks. A section is built from results and protocol, and prints anywhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from analysis.report.flowchart import Flow
from analysis.report.parts import Text
from analysis.report.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Illustration:
    """A drawn figure; `name` is also its file's name, `title` what a screen reader says; `width` how much it needs."""

    name: str
    title: str
    figure: "Figure"
    caption: Text
    width: Literal["normal", "wide"] = "normal"
    kind: Literal["illustration"] = field(default="illustration", init=False)


@dataclass(frozen=True)
class Prose:
    """Paragraphs, or the items of a list, under a heading of their own where there is one."""

    paragraphs: tuple[Text, ...]
    is_list: bool = False
    heading: str = ""
    kind: Literal["prose"] = field(default="prose", init=False)


Block = Table | Illustration | Prose | Flow


@dataclass(frozen=True)
class Section:
    """A section of the report: `id` is its anchor, `nav` the short word that leads to it."""

    id: str
    heading: Text
    nav: str
    blocks: tuple[Block, ...]


def illustrations(sections: Iterable[Section]) -> Iterator[Illustration]:
    """The drawn figures of the sections, in their order."""
    return (block for section in sections for block in section.blocks if isinstance(block, Illustration))
