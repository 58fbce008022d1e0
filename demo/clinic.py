"""What a hospital writes down around treatment: admissions, nursing notes, laboratory results, adverse events.

Nothing here may say that a patient was seen after `Story` ends: that would move the date last known alive.
"""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from demo.profile import Profile
from demo.story import Admission, AdverseEvent, Condition, LabResult, Performance, Person, Story, Vital

_TESTS = (
    ("ALT", 9.0, 50.0, (12, 48)),
    ("AST", 15.0, 40.0, (16, 39)),
    ("TBIL", None, 23.0, (6, 20)),
    ("CREA", 57.0, 97.0, (58, 95)),
    ("HB", 130.0, 175.0, (98, 150)),
    ("ANC", 1.8, 6.3, (2, 6)),
    ("PLT", 125.0, 350.0, (130, 330)),
)
_SYSTOLIC_BY_GRADE = {0: 118, 1: 132, 2: 150, 3: 166}
_VISITS_WITH_NOTES = 4
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
    days = {story.diagnosed, first_dose - timedelta(1), *story.relapses}
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


def _notable_visits(story: Story, index: date) -> list[date]:
    visits = sorted({infusion.day for infusion in story.infusions if infusion.day > index})
    return visits[:_VISITS_WITH_NOTES]


def tell_nursing(story: Story, profile: Profile, index: date, rng: Random) -> None:
    """Blood pressure, weight and performance status at baseline and at the first visits on treatment."""
    grade = dict(profile.adverse_events).get("hypertension", 0)
    weight = rng.uniform(48, 74)
    story.vitals.append(_vital(index - timedelta(1), 0, weight, rng))
    for number, day in enumerate(_notable_visits(story, index)):
        story.vitals.append(_vital(day, grade if number in (1, 2) else 0, weight - number, rng))
        if number:
            story.performances.append(Performance(day, ecog=min(profile.ecog + rng.randint(0, 1), 3)))


def _vital(day: date, grade: int, weight: float, rng: Random) -> Vital:
    systolic = _SYSTOLIC_BY_GRADE[grade] + rng.randint(-1, 3)
    return Vital(day, systolic, systolic - rng.randint(50, 60), round(weight, 1))


def tell_labs(story: Story, index: date, rng: Random) -> None:
    """A panel within two weeks before index and at the first visits on treatment."""
    for day in (index - timedelta(rng.randint(1, 7)), *_notable_visits(story, index)):
        for test, low, high, (least, most) in _TESTS:
            story.labs.append(LabResult(day, test, f"{rng.uniform(least, most):.1f}", low, high))
    story.labs.append(LabResult(index - timedelta(1), "TSH", rng.choice(("2.1", "<0.5", "1.4")), 0.5, 4.8))
    story.labs.append(LabResult(index - timedelta(1), "U-PRO", rng.choice(("阴性", "1+", "见备注")), None, None))


def tell_adverse_events(story: Story, profile: Profile, index: date, rng: Random) -> None:
    """Each event of the profile once, at its highest grade, while on treatment."""
    for term, grade in profile.adverse_events:
        start = index + timedelta(rng.randint(3, max(4, min(90, profile.treatment_days - 1))))
        story.adverse_events.append(AdverseEvent(start, start + timedelta(rng.randint(4, 20)), term, grade))


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
    story.scans = [row for row in story.scans if row.day <= day]
    story.performances = [row for row in story.performances if row.day <= day]
    story.vitals = [row for row in story.vitals if row.day <= day]
    story.labs = [row for row in story.labs if row.day <= day]
    story.radiotherapies = [row for row in story.radiotherapies if row.end <= day]
    story.admissions = [replace(row, end=min(row.end, day)) for row in story.admissions if row.start <= day]
    story.follow_ups = [row for row in story.follow_ups if row.day <= day]
    story.adverse_events, story.deaths = [], []
