"""What a cell or a caption is made of: numbers with their ard_id, labels with their origin, and plain words.

A plain word holds no digits; a digit on the page belongs to a number of the results or says where else it comes from.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, Protocol

from markupsafe import Markup, escape

from analysis.ard import Row
from analysis.report.language import spoken, tr

Kind = Literal["count", "percent", "months", "ratio", "p", "measure", "text"]
Origin = Literal["protocol", "convention", "release", "data"]

_DECIMALS: dict[Kind, int] = {"count": 0, "percent": 1, "months": 1, "ratio": 2, "p": 3}
_SMALLEST_P = Decimal("0.001")
_LARGEST_P = Decimal("0.999")
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Number:
    """A number of the results, printed as its kind asks."""

    row: Row
    kind: Kind

    def __str__(self) -> str:
        if self.row.value is None or self.kind == "text":
            return tr(self.row.value_text or "")
        return format_value(self.row.value, self.kind)

    def __html__(self) -> str:
        if self.row.value is None or self.kind == "text":
            return Markup('<span data-ard="{}">{}</span>').format(self.row.ard_id, str(self))
        return Markup('<data value="{}" data-ard="{}" data-kind="{}">{}</data>').format(
            repr(self.row.value), self.row.ard_id, self.kind, str(self)
        )


@dataclass(frozen=True)
class Label:
    """Words of the protocol, of a convention, of the release or of the data, which may hold digits."""

    text: str
    origin: Origin = "protocol"

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        return Markup('<span data-from="{}">{}</span>').format(self.origin, self.text)


Part = str | Label | Number
Text = tuple[Part, ...]


class Labelled(Protocol):
    """What the study protocol gives a label: a covariate, level, criterion, endpoint, index component or variant."""

    @property
    def label(self) -> str:
        """English."""
        ...

    @property
    def label_zh(self) -> str | None:
        """Chinese, where the protocol gives it."""
        ...


def label_text(item: Labelled) -> str:
    """The protocol's own label in the language of the report, English where there is no other."""
    return item.label_zh if spoken() == "zh" and item.label_zh else item.label


def named(item: Labelled) -> Label:
    """The protocol's own label as a part of a text."""
    return Label(label_text(item))


def convention(words: str | None) -> Label:
    """The convention behind a number (its `method`) in the language of the report."""
    return Label(tr(words or ""), "convention")


def say(template: str, **parts: Part | Text) -> Text:
    """A sentence with parts in named places, which another language may put in another order.

    `say("of {n} screened", n=Number(row, "count"))` gives the words around the number and the number itself.
    """
    text: list[Part] = []
    for place, piece in enumerate(_PLACE.split(tr(template))):
        if place % 2 == 0:
            text += [piece] if piece else []
        else:
            part = parts[piece]
            text += part if isinstance(part, tuple) else [part]
    return tuple(text)


def sentences(texts: Iterable[Text]) -> Text:
    """Sentences one after the other, with a space between them where the language has one."""
    text: list[Part] = []
    for one in texts:
        text += [" ", *one] if text and spoken() != "zh" else one
    return tuple(text)


def format_value(value: float, kind: Kind) -> str:
    """Print a value: counts grouped by thousands, fixed decimals rounded half up, P values never as 0.000."""
    exact = Decimal(repr(value))
    if kind == "p" and exact < _SMALLEST_P:
        return f"< {_SMALLEST_P}"
    if kind == "p" and exact > _LARGEST_P:
        return f"> {_LARGEST_P}"
    decimals = _DECIMALS.get(kind, 0 if exact == exact.to_integral_value() else 1)
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,}"


def html(text: Iterable[Part]) -> Markup:
    """Parts as markup, every string escaped."""
    return Markup("").join(escape(part) for part in text)


def plain(text: Iterable[Part]) -> str:
    """Parts as plain text, for CSV."""
    return "".join(str(part) for part in text)


def interval(lower: Row, upper: Row, kind: Kind) -> Text:
    """'lower to upper'; the reason once where neither end exists."""
    if lower.value is None and upper.value is None:
        return (Number(lower, kind),)
    return say("{lower} to {upper}", lower=Number(lower, kind), upper=Number(upper, kind))
