"""What a hospital writes down around treatment: who the patient is, admissions, performance status, comorbidities.

Nothing here may say that a patient was seen after `Story` ends: that would move the date last known alive.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from demo.story import Admission, Condition, Outcome, Performance, Person, Scan, Story

_CRITERIA = ("I1", "I2", "I3", "I4", "I5", "I6", "E1", "E2", "E3", "E4")
_FIRST_VISITS, _LATER_VISITS = 4, 4
"""Visits with notes: the first ones of the treatment, then every fourth."""

_NAMES = "甲乙丙丁戊己庚辛壬癸"


def person(number: int, sex: str, age: int, on: date, rng: Random) -> Person:
    """An invented person who is `age` years old on day `on`, whatever the day of the birth month is taken to be."""
    born = on.replace(day=1, year=on.year - age) - timedelta(rng.randint(40, 320))
    return Person(
        sex=sex,
        birth=born.replace(day=rng.randint(1, 28)),
        name=f"演示{_NAMES[number % 10]}{number}",
        phone=f"199{number:08d}",
        national_id=f"000000{born:%Y%m}00{number % 10000:04d}",
        address=f"示例省样本市虚构路{number % 900 + 1}号",
    )


def tell_admissions(story: Story, first_dose: date, last_seen: date, rng: Random) -> None:
    """A stay for every finding, operation and start of a line; a last one for those who die in hospital."""
    days = {story.diagnosed, first_dose - timedelta(1), *story.relapses, *story.clinical_progressions}
    days |= {found.day for found in story.metastases} | {operation.day - timedelta(2) for operation in story.operations}
    days |= {line.start - timedelta(1) for line in story.lines}
    for day in sorted(days):
        if day <= last_seen:
            story.admissions.append(Admission(day, min(day + timedelta(rng.randint(3, 7)), last_seen)))
    for death in story.deaths:
        if death.in_hospital:
            story.admissions.append(Admission(max(death.day - timedelta(5), first_dose), death.day, died=True))


def tell_baseline_performance(story: Story, ecog: int, index: date, first_dose: date, rng: Random) -> None:
    """The note that counts is the latest of the four weeks before index; older ones, and one after, say otherwise."""
    other = ecog - 1 if ecog else 1
    story.performances.append(Performance(index - timedelta(40), ecog=other))
    story.performances.append(Performance(index - timedelta(rng.randint(14, 20)), ecog=other))
    on = first_dose - timedelta(1)
    kind = rng.random()
    if kind < 0.1:
        story.performances.append(Performance(on, kps={0: 100, 1: 80, 2: 70, 3: 50}[ecog]))
    elif kind < 0.2 and ecog:
        story.performances += [Performance(on, ecog=ecog - 1), Performance(on, ecog=ecog)]
    else:
        story.performances.append(
            Performance(on, ecog=ecog, kps=rng.choice((None, {0: 90, 1: 80, 2: 60, 3: 50}[ecog])))
        )


def visits(story: Story, index: date, until: date) -> list[date]:
    """Days of treatment after index, up to and without `until`, on which notes are taken."""
    days = {infusion.day for infusion in story.infusions} | {fill.day for fill in story.dispensings if fill.units > 0}
    treated = sorted(day for day in days if index < day < until)
    return treated[:_FIRST_VISITS] + treated[_FIRST_VISITS::_LATER_VISITS]


def tell_performance_on_treatment(story: Story, ecog: int, days: list[date], rng: Random) -> None:
    """Performance status at the visits, the same or one worse."""
    for day in days[1:_FIRST_VISITS]:
        story.performances.append(Performance(day, ecog=min(ecog + rng.randint(0, 1), 3)))


def tell_brain_imaging(story: Story, index: date, share: float, rng: Random) -> bool:
    """A scan of the brain before treatment that finds nothing, in a share of patients; says whether there is one."""
    is_imaged = rng.random() < share
    if is_imaged:
        story.scans.append(Scan(index - timedelta(rng.randint(2, 25)), "MRI", "BRAIN", "颅内未见明确转移"))
    return is_imaged


def statuses(told: Mapping[str, str], *, is_brain_imaged: bool) -> dict[str, str]:
    """Status of every criterion of rule R3.2 for one patient: MET unless told otherwise."""
    return dict.fromkeys(_CRITERIA, "MET") | {"E3": "MET" if is_brain_imaged else "UNKNOWN"} | dict(told)


def tell_comorbidities(story: Story, rng: Random) -> None:
    """High blood pressure and diabetes, known since the diagnosis, in some."""
    for code, share in (("I10", 0.3), ("E11", 0.15)):
        if rng.random() < share:
            story.conditions.append(Condition(story.diagnosed, code))


def forget_after(story: Story, day: date) -> None:
    """Strike every record after `day`: the patient never came back."""
    story.infusions = [row for row in story.infusions if row.day <= day]
    story.dispensings = [row for row in story.dispensings if row.day <= day]
    story.assessments = [row for row in story.assessments if row.day <= day]
    story.lesions = [row for row in story.lesions if row.day <= day]
    story.lines = [line for line in story.lines if line.start <= day]
    story.scans = [row for row in story.scans if row.day <= day]
    story.performances = [row for row in story.performances if row.day <= day]
    story.vitals = [row for row in story.vitals if row.day <= day]
    story.labs = [row for row in story.labs if row.day <= day]
    story.radiotherapies = [row for row in story.radiotherapies if row.end <= day]
    story.admissions = [replace(row, end=min(row.end, day)) for row in story.admissions if row.start <= day]
    story.follow_ups = [row for row in story.follow_ups if row.day <= day]
    story.adverse_events, story.deaths = [], []
    story.truth.worst_grades, story.truth.related_grades, story.truth.doses = {}, {}, []
    if story.truth.outcome:
        story.truth.outcome = Outcome(story.truth.outcome.index, last_alive=day)
