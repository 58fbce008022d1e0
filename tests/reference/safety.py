"""Adverse events: windows, causality and highest grades (R8.1 to R8.3), written from the rule book and slowly."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tests.reference.days import NO, UNKNOWN, YES, after, all_of, seen, until
from tests.reference.imputation import Surroundings, impute, read_partial

RELATED = {"肯定有关", "很可能有关", "可能有关"}
UNRELATED = {"可能无关", "无关", "肯定无关"}


@dataclass(frozen=True)
class Event:
    """One row: what happened, its dates as text, its grade and the day from which that grade holds."""

    term: str
    start: str | None
    grade: int | None
    causality: str | None
    end: str | None = None
    grade_at: str | None = None


@dataclass(frozen=True)
class Treatment:
    """Index date, last dose of the last component, start of the next line and data cutoff."""

    index: dt.date
    last_dose: dt.date
    next_line: dt.date | None
    cutoff: dt.date


@dataclass(frozen=True)
class SafetyRules:
    """Parameters of R8.1 and R8.2."""

    te_days_after_last_dose: int
    te_irae_days_after_last_dose: int
    missing_causality: str


@dataclass(frozen=True)
class Judged:
    """What an event is: `row` is its place in the patient's rows."""

    row: int
    start: dt.date | None
    emergent: str
    emergent_immune: str
    related_emergent: str
    grade_in_window: int | None
    onset: dt.date | None


def judge(events: Sequence[Event], treatment: Treatment, rules: SafetyRules) -> list[Judged]:
    """The events known at the cutoff.

    silent: an event documented to last into a later row of its term is one condition with it; where its end is not
    known, the later row stands for itself.
    """
    known = [(row, event) for row, event in enumerate(events) if _is_known(event, treatment)]
    return [_judge(row, event, [other for _, other in known], treatment, rules) for row, event in known]


def worst(
    events: Sequence[Event], judged: Sequence[Judged], terms: Sequence[str], *, related: bool
) -> tuple[bool, int | None]:
    """Whether any sure event of these terms counts, and the highest known grade among those that do (R8.3)."""
    counting = [
        one
        for one in judged
        if events[one.row].term in terms and (one.related_emergent if related else one.emergent) == YES
    ]
    grades = [one.grade_in_window for one in counting if one.grade_in_window is not None]
    return bool(counting), max(grades, default=None)


def flagged(events: Sequence[Event], judged: Sequence[Judged], term: str) -> Judged | None:
    """The emergent event of the highest grade of a term, the earliest of equals (R0.7)."""
    emergent = [one for one in judged if events[one.row].term == term and one.emergent == YES]
    return min(emergent, key=lambda one: (-(one.grade_in_window or 0), one.onset, one.row), default=None)


def _is_known(event: Event, treatment: Treatment) -> bool:
    start = _start(event.start, treatment.index)
    return start is None or seen(start, treatment.cutoff)


def _start(text: str | None, index: dt.date) -> dt.date | None:
    return None if text is None else impute("AE_START", text, Surroundings(index=index))[0]


def _end(text: str | None, cutoff: dt.date) -> dt.date | None:
    """R0.3, role AE end, of a living patient; R0.4 truncates an exact day too."""
    day = None if text is None else impute("AE_END", text, Surroundings(cutoff=cutoff))[0]
    return None if day is None else until(day, cutoff)


def _grade(event: Event, treatment: Treatment) -> int | None:
    """The grade, unless it holds only from a day after the cutoff."""
    since = _start(event.grade_at, treatment.index)
    return event.grade if since is None or since <= treatment.cutoff else None


def _grade_day(event: Event, index: dt.date) -> dt.date | None:
    days = [day for day in (_start(event.grade_at, index), _start(event.start, index)) if day is not None]
    return max(days, default=None)


def _latest(text: str | None, cutoff: dt.date) -> dt.date | None:
    partial = None if text is None else read_partial(text)
    return None if partial is None else until(partial.hi, cutoff)


def _baseline(event: Event, known: Sequence[Event], treatment: Treatment) -> tuple[int | None, dt.date | None] | None:
    """Grade of the term at the index date and the last day to which it is documented; None without such a condition."""
    lasting = []
    for other in known:
        day = _grade_day(other, treatment.index)
        end = _end(other.end, treatment.cutoff)
        if (
            other.term == event.term
            and day is not None
            and day < treatment.index
            and (end is None or end >= treatment.index)
        ):
            lasting.append((day, _grade(other, treatment), end))
    if not lasting:
        return None
    last_day = max(day for day, _, _ in lasting)
    grades = [grade for day, grade, _ in lasting if day == last_day and grade is not None]
    return max(grades, default=None), max((end for _, _, end in lasting if end is not None), default=None)


def _onset(event: Event, known: Sequence[Event], treatment: Treatment) -> tuple[str, dt.date | None, dt.date | None]:
    """Whether the event can be emergent at all, from which day, and from which day at the latest."""
    start, latest = _start(event.start, treatment.index), _latest(event.start, treatment.cutoff)
    end = _end(event.end, treatment.cutoff)
    if start is None:
        return (NO if end is not None and end < treatment.index else UNKNOWN), None, None
    baseline = _baseline(event, known, treatment)
    lasts_into_it = baseline is not None and baseline[1] is not None and baseline[1] >= start
    if start >= treatment.index and not lasts_into_it:
        return YES, start, latest
    graded = _grade_day(event, treatment.index)
    if graded is None or graded < treatment.index:
        return NO, None, None
    grade = _grade(event, treatment)
    graded_latest = max(day for day in (_latest(event.grade_at, treatment.cutoff), latest) if day is not None)
    if baseline is None or baseline[0] is None or grade is None:
        return UNKNOWN, graded, graded_latest
    return (YES, graded, graded_latest) if grade > baseline[0] else (NO, None, None)


def _inside(onset: tuple[str, dt.date | None, dt.date | None], last_day: dt.date) -> str:
    can_be, earliest, latest = onset
    if can_be == NO or (earliest is not None and earliest > last_day):
        return NO
    if can_be == UNKNOWN or latest is None:
        return UNKNOWN
    return YES if latest <= last_day else UNKNOWN


def _judge(row: int, event: Event, known: Sequence[Event], treatment: Treatment, rules: SafetyRules) -> Judged:
    last_day = after(treatment.last_dose, rules.te_days_after_last_dose)
    if treatment.next_line is not None:
        last_day = min(last_day, after(treatment.next_line, -1))
    onset = _onset(event, known, treatment)
    emergent = _inside(onset, last_day)
    graded = _grade_day(event, treatment.index)
    return Judged(
        row=row,
        start=_start(event.start, treatment.index),
        emergent=emergent,
        emergent_immune=_inside(onset, after(treatment.last_dose, rules.te_irae_days_after_last_dose)),
        related_emergent=all_of(emergent, _related(event.causality, rules)),
        grade_in_window=None if graded is not None and graded > last_day else _grade(event, treatment),
        onset=onset[1],
    )


def _related(causality: str | None, rules: SafetyRules) -> str:
    """R8.2: whole values; whatever is neither related nor unrelated is missing."""
    if causality in RELATED:
        return YES
    if causality in UNRELATED:
        return NO
    return YES if rules.missing_causality == "related" else NO
