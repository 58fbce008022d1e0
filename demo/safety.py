"""Adverse events as they are written down: those of the treatment, and those that must not be counted as such.

An event counts from index to 30 days after the last dose and before the next line, unless it is judged unrelated.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo.story import AdverseEvent, Story
from demo.vocabulary import ADVERSE_EVENTS

_COUNTED = ("肯定有关", "很可能有关", "可能有关", "可能有关", "无法判定", "待评价", "")
_UNRELATED = ("可能无关", "无关", "肯定无关")
_COMPLAINTS = ("fatigue", "nausea", "vomiting", "hypertension", "hand_foot", "mucositis")
"""Events that may also come before, after and apart from the study treatment without a meaning of their own."""

_NOT_COUNTED_FROM = 31
"""Days after the last dose from which an event no longer belongs to the treatment (R8.1)."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """The days that decide what counts: index, last dose of the last component, next line, last day alive or seen."""

    index: date
    last_dose: date
    next_line: date | None
    last_day: date


def tell_adverse_events(story: Story, grades: dict[str, int], treatment: Treatment, rng: Random) -> None:
    """Each event of the treatment at its worst grade, lesser ones beside it, and events that do not count."""
    for column, grade in grades.items():
        term = rng.choice([term for term, (_, _, group) in ADVERSE_EVENTS.items() if group == column])
        days = (treatment.last_dose - treatment.index).days
        start = treatment.index + timedelta(rng.randint(1, max(1, min(90, days - 1))))
        _add(story, start, term, grade, rng.choice(_COUNTED), treatment, rng)
        if grade > 1 and rng.random() < 0.4:
            _add(story, treatment.index, term, rng.choice((1, None)), rng.choice(_COUNTED), treatment, rng)
    story.truth.related_grades = dict(grades)
    _tell_what_does_not_count(story, treatment, rng)


def _add(
    story: Story, start: date, term: str, grade: int | None, relation: str, treatment: Treatment, rng: Random
) -> None:
    """Some are dated by month, some have not ended."""
    end: date | None = min(start + timedelta(rng.randint(4, 20)), treatment.last_day)
    luck = rng.random()
    if luck > 0.85:
        end = None
    by_month = luck < 0.15 and _is_certain_by_month(start, treatment)
    story.adverse_events.append(AdverseEvent(start, end, term, grade, relation, month_only=by_month))


def _is_certain_by_month(start: date, treatment: Treatment) -> bool:
    """Whether the month alone tells that the event belongs to the treatment: else nobody can know."""
    last_of_month = start.replace(day=monthrange(start.year, start.month)[1])
    counted = treatment.last_dose + timedelta(_NOT_COUNTED_FROM - 1)
    return last_of_month <= counted and (treatment.next_line is None or last_of_month < treatment.next_line)


def _tell_what_does_not_count(story: Story, treatment: Treatment, rng: Random) -> None:
    """Unrelated, before index, long after the last dose, in the next line: each graded higher than what counts."""
    index, last_dose = treatment.index, treatment.last_dose
    if rng.random() < 0.3:
        term = rng.choice((*_COMPLAINTS, "fever", "cough", "insomnia"))
        story.adverse_events.append(_decoy(min(index + timedelta(5), last_dose), term, rng.choice(_UNRELATED)))
    if rng.random() < 0.2:
        before = index - timedelta(rng.randint(20, 60))
        story.adverse_events.append(_decoy(before, rng.choice(_COMPLAINTS), rng.choice(_COUNTED)))
    late = last_dose + timedelta(_NOT_COUNTED_FROM + rng.randint(0, 20))
    later = [late] if rng.random() < 0.3 else []
    if treatment.next_line and rng.random() < 0.3:
        later.append(treatment.next_line + timedelta(rng.randint(0, 4)))
    for day in later:
        if day + timedelta(5) <= treatment.last_day:
            story.adverse_events.append(_decoy(day, rng.choice(_COMPLAINTS), rng.choice(_COUNTED)))


def _decoy(start: date, term: str, relation: str) -> AdverseEvent:
    return AdverseEvent(start, start + timedelta(5), term, 3, relation)
