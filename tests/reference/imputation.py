"""Dates that are known to the month or the year only (R0.3)."""

import calendar
import datetime as dt
from dataclasses import dataclass

from tests.reference.days import after

EXACT, DAY_IMPUTED, MONTH_IMPUTED, UNUSABLE = "", "D", "M", "X"


@dataclass(frozen=True)
class Surroundings:
    """The dates that an imputed date has to respect, None where there is none."""

    index: dt.date | None = None
    last_alive: dt.date | None = None
    cutoff: dt.date | None = None
    death: dt.date | None = None
    last_nonpd: dt.date | None = None
    next_start: dt.date | None = None


@dataclass(frozen=True)
class PartialDate:
    """What a source text says: the first and the last possible day and the precision D, M or Y."""

    lo: dt.date
    hi: dt.date
    precision: str


def read_partial(text: str) -> PartialDate | None:
    """Read YYYY, YYYY-MM or YYYY-MM-DD; None for a day that no calendar has."""
    parts = [int(part) for part in text.split("-")]
    try:
        if len(parts) == 1:
            return PartialDate(dt.date(parts[0], 1, 1), dt.date(parts[0], 12, 31), "Y")
        if len(parts) == 2:
            last = calendar.monthrange(parts[0], parts[1])[1]
            return PartialDate(dt.date(parts[0], parts[1], 1), dt.date(parts[0], parts[1], last), "M")
        day = dt.date(*parts)
    except ValueError:
        return None
    return PartialDate(day, day, "D")


def impute(role: str, text: str, around: Surroundings) -> tuple[dt.date | None, str]:
    """The date that a role of R0.3 gives to a text, and its flag.

    silent: a death whose possible days all lie before the last sign of life, or after the cutoff, stays at the nearer
    possible day; that it cannot be is a matter of R6.3.
    """
    partial = read_partial(text)
    if partial is None:
        return None, UNUSABLE
    if partial.precision == "D":
        return partial.lo, EXACT
    day = _ROLES[role](partial, around)
    if day is None:
        return None, UNUSABLE
    return day, DAY_IMPUTED if partial.precision == "M" else MONTH_IMPUTED


def _latest(*days: dt.date | None) -> dt.date:
    return max(day for day in days if day is not None)


def _earliest(*days: dt.date | None) -> dt.date:
    return min(day for day in days if day is not None)


def _death(partial: PartialDate, around: Surroundings) -> dt.date:
    low = min(_latest(partial.lo, around.last_alive), partial.hi)
    high = max(_earliest(partial.hi, around.cutoff), low)
    if partial.precision == "Y":
        return after(low, (high - low).days // 2)
    return min(max(partial.lo.replace(day=15), low), high)


def _progression(partial: PartialDate, around: Surroundings) -> dt.date | None:
    if partial.precision == "Y":
        return None
    after_scan = after(around.last_nonpd, 1) if around.last_nonpd else None
    after_index = after(around.index, 1) if around.index else None
    low = _latest(partial.lo, after_scan, after_index)
    high = _earliest(partial.hi, around.death, around.cutoff)
    return min(max(partial.lo.replace(day=15), low), high) if low <= high else None


def _drug_start(partial: PartialDate, _: Surroundings) -> dt.date | None:
    return partial.lo if partial.precision == "M" else None


def _drug_end(partial: PartialDate, around: Surroundings) -> dt.date | None:
    if partial.precision == "Y":
        return None
    return _earliest(partial.hi, after(around.next_start, -1) if around.next_start else None)


def _event_start(partial: PartialDate, around: Surroundings) -> dt.date:
    is_index_period = around.index is not None and partial.lo <= around.index <= partial.hi
    return around.index if is_index_period and around.index else partial.lo


def _event_end(partial: PartialDate, around: Surroundings) -> dt.date:
    return _earliest(partial.hi, around.death, around.cutoff)


def _last_alive(partial: PartialDate, _: Surroundings) -> dt.date:
    return partial.lo


_ROLES = {
    "DEATH": _death,
    "PD": _progression,
    "DRUG_START": _drug_start,
    "DRUG_END": _drug_end,
    "AE_START": _event_start,
    "AE_END": _event_end,
    "LAST_ALIVE": _last_alive,
}
