"""What a published table may hold: printed numbers of each kind, and statements that must hold (docs/audit.md).

Numbers keep the digits with which they stand in the file: 0.70 is not 0.7.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from analysis.audit.curves import PrintedMedian, PrintedRate
from analysis.audit.ranges import NOT_REACHED, Range
from analysis.audit.ratios import PTest
from analysis.conventions import Band

ProportionInterval = Literal["clopper_pearson", "wilson", "wilson_continuity", "wald"]


def _read_printed(value: object) -> Range:
    match value:
        case "not reached":
            return NOT_REACHED
        case Decimal() | str() | int() if not isinstance(value, bool):
            return Range.printed(value)
    raise ValueError("needs a number as it was printed")


def _read_count(value: object) -> Range:
    match value:
        case int() if not isinstance(value, bool) and value >= 0:
            return Range.exact(value)
    raise ValueError("needs a whole number")


Printed = Annotated[Range, BeforeValidator(_read_printed)]
Count = Annotated[Range, BeforeValidator(_read_count)]
Total = Annotated[int | str, Field(description="a number of patients, or a name of [totals]")]


class Strict(BaseModel):
    """Refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Entry(Strict):
    """Something printed; entries of several places with one `quantity` are one number."""

    quantity: Annotated[str, Field(min_length=1)]

    def numbers(self) -> Iterator[tuple[str, Range]]:
        """What can be compared between places: count, estimate, lower, upper, P, in this order."""
        named = {name: value for name in type(self).model_fields if isinstance(value := getattr(self, name), Range)}
        estimates = [value for name, value in named.items() if name not in ("count", "lower", "upper", "p")]
        numbers = {**named, "estimate": estimates[0]} if estimates else named
        yield from ((name, numbers[name]) for name in ("count", "estimate", "lower", "upper", "p") if name in numbers)


class _Interval(Entry):
    lower: Printed | None = None
    upper: Printed | None = None

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        if self.lower is not None and self.upper is not None and self.upper.is_below(self.lower):
            raise ValueError(f"lower {self.lower} is above upper {self.upper}; are they exchanged?")
        return self


class Proportion(_Interval):
    """A count of a total, its percentage, its interval in percent; what was not printed is left out."""

    count: Count | None = None
    total: Total | None = None
    percent: Printed | None = None
    interval: ProportionInterval | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.count is None and self.percent is None:
            raise ValueError("needs a count or a percent")
        return self


class Ratio(_Interval):
    """A hazard ratio; `p_test` is wald where the P value is the model's own, score where it may be a log-rank test."""

    ratio: Printed
    p: Printed | None = None
    p_test: PTest = "score"
    events: Annotated[int, Field(gt=0)] | None = None
    levels: Annotated[int, Field(ge=2)] = Field(2, description="levels of the factor that the one ratio stands for")
    is_binary: bool = Field(True, description="false for a measured covariate, such as age per year")
    sizes: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]] | None = None
    interval: Literal["wald", "profile"] = "wald"

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.ratio.high <= 0:
            raise ValueError(f"ratio {self.ratio} must be above 0")
        if self.sizes is not None and self.events is not None and self.events > sum(self.sizes):
            raise ValueError(f"{self.events} events are more than the {sum(self.sizes)} patients of sizes")
        return self


class Median(_Interval):
    """A median survival time in months of one curve; limits may be "not reached"."""

    median: Printed
    curve: str | None = Field(None, description="the curve that it is read from; rates name it likewise")

    @property
    def printed(self) -> PrintedMedian:
        """The numbers alone."""
        return PrintedMedian(self.median, self.lower, self.upper)


class Rate(_Interval):
    """Survival in percent at a time in months, read from a curve of n patients."""

    percent: Printed
    months: Annotated[Decimal, Field(gt=0)]
    curve: str | None = None
    n: Annotated[int, Field(gt=0)] | None = None
    interval: Band | None = None

    @property
    def printed(self) -> PrintedRate:
        """The numbers alone."""
        return PrintedRate(float(self.months), self.percent, self.lower, self.upper, self.n)


class FollowUp(Entry):
    """A median follow-up in months; `method` as the publication names it."""

    median: Printed
    curve: str | None = None
    method: Literal["reverse_km", "naive", "not named"] = "not named"


class Mention(Entry):
    """A bare number of the text: a count of patients, or a measured value."""

    count: Count | None = None
    value: Printed | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.count is None) == (self.value is None):
            raise ValueError("needs either a count or a value")
        return self


Term = Annotated[int | Decimal | str, Field(description="a quantity of the file, a name of [totals], or a number")]


class Sum(Strict):
    """Parts that must add up to a total."""

    what: str
    parts: Annotated[tuple[Term, ...], Field(min_length=1)]
    total: Term

    @property
    def terms(self) -> tuple[Term, ...]:
        """Everything that it names."""
        return (*self.parts, self.total)


class AtMost(Strict):
    """Terms in ascending order: none may be larger than the next one."""

    what: str
    ascending: Annotated[tuple[Term, ...], Field(min_length=2)]

    @property
    def terms(self) -> tuple[Term, ...]:
        """Everything that it names."""
        return self.ascending


class Product(Strict):
    """Two products that say the same amount, such as months in days and cycles of so many days."""

    what: str
    left: Annotated[tuple[Term, ...], Field(min_length=1)]
    right: Annotated[tuple[Term, ...], Field(min_length=1)]

    @property
    def terms(self) -> tuple[Term, ...]:
        """Everything that it names."""
        return (*self.left, *self.right)


class Ranking(Strict):
    """The quantities that a list of the most frequent names, and all that it was chosen from."""

    what: str
    named: Annotated[tuple[str, ...], Field(min_length=1)]
    among: Annotated[tuple[str, ...], Field(min_length=1)]

    @property
    def terms(self) -> tuple[Term, ...]:
        """Everything that it names."""
        return (*self.named, *self.among)


Statement = Sum | AtMost | Product | Ranking
