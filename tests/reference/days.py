"""Calendar arithmetic of rule R0.5 and three-valued answers of rule R0.2."""

import calendar
import datetime as dt
from collections.abc import Iterable

YES, NO, UNKNOWN = "Y", "N", "U"


def after(day: dt.date, days: int) -> dt.date:
    """The day that lies `days` later."""
    return day + dt.timedelta(days=days)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of the month `months` later, the month's last day when it is shorter (R0.5, calendar rule)."""
    years, month0 = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month0 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def until(day: dt.date, cutoff: dt.date | None) -> dt.date:
    """The day, or the cutoff where the day lies after it (R0.4: an interval that crosses the cutoff is truncated)."""
    return day if cutoff is None else min(day, cutoff)


def seen(day: dt.date | None, cutoff: dt.date | None) -> bool:
    """Whether a dated row exists at the cutoff (R0.4)."""
    return day is not None and (cutoff is None or day <= cutoff)


def agreed(answers: Iterable[bool]) -> str:
    """Y or N when the answers at the earliest and the latest possible day agree, else U (R0.3)."""
    distinct = set(answers)
    if len(distinct) != 1:
        return UNKNOWN
    return YES if distinct.pop() else NO


def all_of(*answers: str) -> str:
    """Three-valued 'and': one N decides, then one U, else Y (R0.2)."""
    if NO in answers:
        return NO
    return UNKNOWN if UNKNOWN in answers else YES
