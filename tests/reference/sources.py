"""Baseline of the index date, the source of responses that counts, and how far readers agree (R3.3, R5.1.3, R5.3)."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.reference.days import after
from tests.reference.recist import (
    NONTARGET,
    TARGET,
    Reading,
    RecistRules,
    is_complete,
    is_measured,
    responses,
    time_points,
)
from tests.reference.response import MISSING, NE, PD, WORST_FIRST, Assessment

INDEPENDENT, INVESTIGATOR, DERIVED = "INDEPENDENT", "INVESTIGATOR", "DERIVED"
IND, INV = "IND", "INV"
RECORDED_BY = {IND: INDEPENDENT, INV: INVESTIGATOR}
BASELINE_LABEL = "BL"


@dataclass(frozen=True)
class BaselineRules:
    """Parameters of R3.3 for imaging, and the order of sources of R5.3."""

    bl_imaging_before: int
    bl_imaging_late_after: int
    response_source_priority: Sequence[str]

    def holds(self, day: dt.date, index: dt.date) -> bool:
        """Whether a day lies in the window of baseline imaging, both bounds included, never after index."""
        return after(index, -self.bl_imaging_before) <= day <= index

    def flag(self, day: dt.date, index: dt.date) -> str:
        """LATE where imaging is a baseline that is older than RECIST asks for."""
        return "LATE" if (index - day).days > self.bl_imaging_late_after else ""


@dataclass(frozen=True)
class Assessed:
    """A response with the last scan up to which it says that there was no progression."""

    date: dt.date
    response: str
    last_evaluable: dt.date | None


@dataclass(frozen=True)
class Stream:
    """Everything that one source says after the index date; `reader` is INV or IND."""

    source: str
    reader: str
    rows: Sequence[Assessed]

    @property
    def assessments(self) -> list[Assessment]:
        return [Assessment(row.date, row.response) for row in self.rows]


@dataclass(frozen=True)
class LesionCourse:
    """One reader's lesions around the index date; the baseline is None where there is no complete time point."""

    baseline: dt.date | None
    has_later_lesions: bool
    rows: Sequence[Assessed]


def lesion_course(
    readings: Iterable[Reading], index: dt.date, rules: BaselineRules, recist: RecistRules
) -> LesionCourse:
    """R5.1.3: baseline is the latest complete time point of the window; later courses are relative to their own start.

    silent: a time point stands on the day of its last target scan. One without a value for a target of its course is
    complete only where no other is. A course starts at a labelled baseline, at the first lesions, and, where no label
    speaks, at targets all of which are new. Without a baseline nothing is derived at all.
    """
    groups = time_points(readings, recist.tp_window_days)
    starts = _starts(groups)
    candidates = []
    for number, group in enumerate(groups):
        day = _assessed(group)
        if is_complete(group, recist) and rules.holds(day, index):
            start = max((s for s in starts if s <= number), default=number)
            of_course = {r.lesion_id for r in groups[start] if r.role == TARGET}
            candidates.append((is_measured(group, of_course, recist), day, number))
    has_later = any(_first(group) > index for group in groups)
    if not candidates:
        return LesionCourse(None, has_later, ())
    _, day, baseline = max(candidates)
    later = [start for start in starts if _first(groups[start]) > index]
    bounds = [baseline, *later, len(groups)]
    rows = []
    for number, (start, end) in enumerate(pairwise(bounds)):
        if number == 0 or is_complete(groups[start], recist):
            found = responses(groups[start:end], recist)
            rows += [Assessed(tp.date, tp.response, tp.last_evaluable) for tp in found if tp.date > index]
    return LesionCourse(day, has_later, rows)


def _first(group: Sequence[Reading]) -> dt.date:
    return min(r.date for r in group)


def _assessed(group: Sequence[Reading]) -> dt.date:
    return max((r.date for r in group if r.role == TARGET), default=max(r.date for r in group))


def _starts(groups: Sequence[Sequence[Reading]]) -> list[int]:
    has_label = any(group[0].tp == BASELINE_LABEL for group in groups)
    starts, known = [], set[str]()
    has_lesions = False
    for number, group in enumerate(groups):
        if not any(r.role in (TARGET, NONTARGET) for r in group):
            continue
        targets = {r.lesion_id for r in group if r.role == TARGET}
        is_unspoken = group[0].tp is None or not has_label
        is_new = not has_lesions or (bool(targets) and not targets & known)
        if group[0].tp == BASELINE_LABEL or (is_unspoken and is_new):
            starts.append(number)
        has_lesions, known = True, known | targets
    return starts


def streams(
    recorded: Mapping[str, Sequence[Assessment]], courses: Mapping[str, LesionCourse], index: dt.date
) -> list[Stream]:
    """R5.1.1, R5.3: what each reader recorded after index, and what each reader's lesions say, never mixed."""
    found = []
    for reader, source in RECORDED_BY.items():
        rows = [Assessed(a.date, a.response, a.date) for a in recorded.get(reader, ()) if a.date > index]
        found.append(Stream(source, reader, rows))
        found.append(Stream(DERIVED, reader, courses[reader].rows if reader in courses else ()))
    return [Stream(s.source, s.reader, _worst_a_day(s.rows)) for s in found if s.rows]


def _worst_a_day(rows: Sequence[Assessed]) -> list[Assessed]:
    by_day: dict[dt.date, list[Assessed]] = {}
    for row in rows:
        by_day.setdefault(row.date, []).append(row)
    return [min(by_day[day], key=lambda row: WORST_FIRST.index(row.response)) for day in sorted(by_day)]


def chosen(
    found: Sequence[Stream], courses: Mapping[str, LesionCourse], rules: BaselineRules, window: int
) -> Stream | None:
    """R5.3: one source for the patient, the first of the list; an independent reader only if it covers the start.

    silent: an independent reader of whom no lesions are known after index has read a baseline. Who does not cover comes
    last, so that nothing is lost. Of lesions of two readers those of the independent one count first.
    """
    groups = _time_points(found, window)[:2]

    def rank(stream: Stream) -> tuple[bool, int, str]:
        course = courses.get(IND)
        has_baseline = course is None or course.baseline is not None or not course.has_later_lesions
        days = {row.date for row in stream.rows}
        covers = has_baseline and all(days & group for group in groups)
        priority = rules.response_source_priority.index(stream.source)
        return (stream.reader == IND and not covers, priority, stream.reader)

    return min(found, key=rank, default=None)


def _time_points(found: Sequence[Stream], window: int) -> list[set[dt.date]]:
    """R5.1.2: a new time point starts more than the window after the first day of the one before."""
    groups: list[set[dt.date]] = []
    for day in sorted({row.date for stream in found for row in stream.rows}):
        if groups and day <= after(min(groups[-1]), window):
            groups[-1].add(day)
        else:
            groups.append({day})
    return groups


def discordance(investigator: str, independent: str) -> str:
    """R5.3. silent: what could not be evaluated is missing, unless the other saw progression."""
    if investigator == independent:
        return "AGREE"
    if PD in (investigator, independent):
        return "MAJOR"
    if {NE, MISSING} & {investigator, independent}:
        return "MISSING_ONE"
    return "MINOR"
