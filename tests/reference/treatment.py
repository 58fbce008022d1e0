"""How the index treatment ended (R6.2 TTD, R7.6), component by component."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.reference.days import NO, UNKNOWN, YES, after
from tests.reference.survival import Treatment

LOST_REASON = "LOST"


@dataclass(frozen=True)
class Supply:
    """One exposure episode of a component, cut at the cutoff; `doses` are empty for capsules taken at home.

    `grace_days` is oral_grace_days for capsules, the cycle for infusions.
    """

    start: dt.date
    last_dose: dt.date
    covered_through: dt.date
    grace_days: int
    doses: tuple[dt.date, ...] = ()


@dataclass(frozen=True)
class DoseRow:
    """A row that says that a dose was given or supplied, and why the drug was stopped, if it does."""

    day: dt.date
    reason_stop: str | None = None


@dataclass(frozen=True)
class Sight:
    """What bounds the view of a treatment: `end` is the day of death, or the day before a disputed one."""

    index: dt.date
    cutoff: dt.date
    last_alive: dt.date
    next_line: dt.date | None = None
    end: dt.date | None = None
    is_dead: bool = False
    is_disputed: bool = False

    @property
    def last_day(self) -> dt.date:
        """Last day on which a dose counts as one of the index treatment (R2.4)."""
        ends = [self.cutoff, self.end, after(self.next_line, -1) if self.next_line else None]
        return min(day for day in ends if day is not None)


def component_treatment(supplies: Iterable[Supply], rows: Iterable[DoseRow], sight: Sight) -> Treatment:
    """Last dose of one component and whether it was discontinued (Y), goes on (N), or was lost from sight (U).

    silent: who was seen again when supply and grace were over was not lost but stopped; a reason to stop counts unless
    doses followed it; the reason LOST is no discontinuation.
    """
    counted = [s for s in supplies if s.covered_through >= sight.index and s.start <= sight.last_day]
    if not counted:
        return Treatment()
    days = [row for row in rows if row.day <= sight.last_day and any(s.start <= row.day for s in counted)]
    last_row = max(row.day for row in days)
    reasons = {row.reason_stop for row in days if row.day == last_row and row.reason_stop}
    last_dose = max(_last_dose(supply, sight.last_day) for supply in counted)
    grace_end = max(after(supply.covered_through, supply.grace_days) for supply in counted)
    return Treatment(last_dose, _discontinued(grace_end, reasons, sight))


def _last_dose(supply: Supply, last_day: dt.date) -> dt.date:
    if supply.last_dose <= last_day or not supply.doses:
        return min(supply.last_dose, last_day)
    return max(day for day in supply.doses if day <= last_day)


def _discontinued(grace_end: dt.date, reasons: set[str], sight: Sight) -> str:
    if sight.next_line or sight.is_dead or reasons - {LOST_REASON}:
        return YES
    if LOST_REASON in reasons:
        return UNKNOWN
    if grace_end >= sight.cutoff and not sight.is_disputed:
        return NO
    return UNKNOWN if grace_end >= sight.last_alive else YES


def whole_treatment(components: Sequence[Treatment]) -> Treatment:
    """The last dose of the last remaining component; goes on, or was lost, while one component is."""
    dosed = [component for component in components if component.last_dose is not None]
    answers = {component.discontinued for component in dosed}
    discontinued = NO if NO in answers else UNKNOWN if UNKNOWN in answers else YES
    return Treatment(max((c.last_dose for c in dosed if c.last_dose), default=None), discontinued)
