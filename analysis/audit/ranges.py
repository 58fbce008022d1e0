"""Printed numbers as ranges: 0.63 stands for everything from 0.625 to 0.635.

A check that finds no number in the ranges that would do has proved its case; rounding cannot excuse what it found.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Self, cast

_SLACK = 1e-9
"""Relative width by which ranges may miss each other: sums and products of binary fractions are not exact."""

_BOUNDS = {"<": (0.0, None), "≤": (0.0, None), ">": (None, 1.0), "≥": (None, 1.0)}
"""What a P value that is printed as a bound leaves open."""


@dataclass(frozen=True)
class Range:
    """All numbers from `low` to `high`, both included; `text` is what was printed, or how the range is to be shown."""

    low: float
    high: float
    text: str

    @classmethod
    def printed(cls, value: Decimal | int | str) -> Self:
        """What rounds to a printed number, ties in either direction; '<0.001' and '>0.05' are P values.

        Raises:
            ValueError: the text is no number.
        """
        text = str(value).strip()
        try:
            if text[:1] in _BOUNDS:
                low, high = _BOUNDS[text[0]]
                bound = float(Decimal(text[1:]))
                return cls(bound if low is None else low, bound if high is None else high, text)
            number = Decimal(text)
        except InvalidOperation as error:
            raise ValueError(f"{text!r} is not a number") from error
        if not number.is_finite():
            raise ValueError(f"{text!r} is not a finite number")
        half = Decimal(1).scaleb(cast(int, number.as_tuple().exponent)) / 2
        return cls(float(number - half), float(number + half), text)

    @classmethod
    def exact(cls, value: float) -> Self:
        """One number that nothing has rounded: a count, or a value of results.ard."""
        return cls(value, value, f"{value:.6g}")

    def meets(self, other: "Range") -> bool:
        """Whether some number is in both."""
        slack = _SLACK * max(1.0, *(abs(end) for end in (self.low, other.high) if math.isfinite(end)))
        return self.low <= other.high + slack and other.low <= self.high + slack

    def is_below(self, other: "Range") -> bool:
        """Whether every number of this range is smaller than every number of the other one."""
        return self.high < other.high and not self.meets(other)

    def map(self, function: Callable[[float], float]) -> "Range":
        """The range of a function that only rises or only falls."""
        ends = function(self.low), function(self.high)
        return between(min(ends), max(ends))

    def combine(self, other: "Range", function: Callable[[float, float], float]) -> "Range":
        """The range of a function of two numbers that rises or falls in each of them."""
        ends = [function(one, two) for one in (self.low, self.high) for two in (other.low, other.high)]
        return between(min(ends), max(ends))

    def __str__(self) -> str:
        return self.text


NOT_REACHED = Range(float("inf"), float("inf"), "not reached")
"""A median or a limit of it that comes after the last follow-up."""


def between(low: float, high: float, digits: int = 3) -> Range:
    """A computed range, shown with significant digits: '0.467 to 0.474', or one number where both look the same."""
    ends = f"{low:.{digits}g}", f"{high:.{digits}g}"
    return Range(low, high, ends[0] if ends[0] == ends[1] else " to ".join(ends))
