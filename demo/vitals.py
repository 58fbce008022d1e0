"""Blood pressure and weight: normal, high for good, or high on a single day, which is not yet hypertension (R8.5)."""

from datetime import date, timedelta
from random import Random

from demo.story import Dispensing, Story, Vital

_SYSTOLIC = {0: (104, 116), 1: (124, 136), 2: (144, 155), 3: (164, 176)}
_DIASTOLIC = {0: (64, 77), 1: (70, 78), 2: (84, 88), 3: (86, 96)}
_HIGH_ON_ONE_DAY, _HIGH_BEFORE = 0.12, 0.08
_HIGHEST_GRADE_OF_ONE_DAY = 2
_TREATED_FROM = 2


def tell_vitals(story: Story, grade: int, index: date, visits: list[date], rng: Random) -> None:
    """Readings before index and at each visit; `grade` is the grade of a hypertension under treatment, 0 for none.

    The truth receives the grade that rule R8.5 derives: that of two days or more, else at most 2.
    """
    weight = rng.uniform(48, 74)
    usual = 2 if not grade and rng.random() < _HIGH_BEFORE else 0
    single = not grade and not usual and rng.random() < _HIGH_ON_ONE_DAY
    high = set(visits[1:4] if grade else visits[1:2] if single else [])
    _measure(story, index - timedelta(1), usual, weight, rng)
    for number, day in enumerate(visits):
        _measure(story, day, (grade or 3) if day in high else usual, weight - number / 2, rng)
    if grade >= _TREATED_FROM and high:
        story.dispensings.append(Dispensing(max(high), "amlodipine", 28, 1, 5))
    if visits:
        told = (grade or 3) if high else usual
        lasting = len(high) > 1 or (not high and len(visits) > 1)
        story.truth.worst_grades["BP"] = told if lasting else min(told, _HIGHEST_GRADE_OF_ONE_DAY)


def _measure(story: Story, day: date, grade: int, weight: float, rng: Random) -> None:
    """One reading, or three of which the middle one counts."""
    systolic, diastolic = rng.randint(*_SYSTOLIC[grade]), rng.randint(*_DIASTOLIC[grade])
    for away in (0, -1, 1) if rng.random() < 0.15 else (0,):
        story.vitals.append(Vital(day, systolic + 14 * away, diastolic + 8 * away, round(weight, 1)))
