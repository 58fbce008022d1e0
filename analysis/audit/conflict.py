"""What an audit finds: the rule that is broken, how badly, and the arithmetic that proves it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a conflict says."""

    IMPOSSIBLE = "impossible"
    """No data give this number under the method that is named with it."""
    INCONSISTENT = "inconsistent"
    """Two printed numbers contradict each other; each of them alone could be."""
    CONVENTION = "not the stated convention"
    """The number can be, but not by the method that the publication names or uses elsewhere."""


class Rule(StrEnum):
    """The rules, named for what must hold; letters and numbers are those of the rule book and its checks."""

    PERCENTAGE = "a percentage is a whole count over its total (DQ079)"
    PROPORTION_INTERVAL = "an interval of a proportion follows from its count (R9.5)"
    INSIDE = "an estimate lies inside its interval"
    CENTRE = "a hazard ratio is the geometric mean of its Wald interval (DQ078)"
    WIDTH = "events limit how narrow the interval of a hazard ratio can be (R9.4)"
    P_FLOOR = "events limit how small the P value of a hazard ratio can be (R9.4)"
    P_VALUE = "hazard ratio, interval and P value agree (R9.4)"
    LEVELS = "a factor of three levels has two hazard ratios (R9.4)"
    RATE_INTERVAL = "an interval of a survival rate follows a known formula (R9.2)"
    RATE_WIDTH = "patients limit how narrow the interval of a survival rate can be (R9.2)"
    MEDIAN = "a median and the curve it is read from agree (R9.2)"
    MEDIAN_LIMIT = "limits of a median agree with the band of the curve (R9.2)"
    ONE_CONVENTION = "intervals of medians follow one convention"
    FOLLOW_UP = "median follow-up names its method (R6.4)"
    ONE_VALUE = "one quantity has one value (DQ080)"
    SUM = "parts add up to their total (R9.10)"
    AT_MOST = "a part is no larger than the whole (R9.10)"
    PRODUCT = "two ways of saying the same amount agree"
    RANKING = "a list of the most frequent leaves out none that is more frequent"


@dataclass(frozen=True)
class Conflict:
    """One broken rule; `arithmetic` says what was printed and what would have been possible."""

    rule: Rule
    severity: Severity
    arithmetic: str


@dataclass(frozen=True)
class Finding:
    """A conflict and where it is: the place in a publication or in results.ard, and the entry that is wrong."""

    place: str
    entry: str
    conflict: Conflict

    def __str__(self) -> str:
        return f"{self.place}, {self.entry}: {self.conflict.arithmetic} Rule: {self.conflict.rule}."
