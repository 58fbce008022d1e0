"""The index line and what follows: anlotinib two weeks on, one off, a PD-1 antibody every three weeks, scans, the end.

Offsets are days since the index date (index itself is 0). Durations of a profile count both ends, so that a duration of
n days ends on offset n - 1.
"""

from datetime import date, timedelta
from random import Random

from demo.courses import assess, give, scan
from demo.deaths import tell_death
from demo.dosing import tell_anlotinib, tell_pd1
from demo.lesions import Reader
from demo.profile import Profile
from demo.readings import NEVER_MEASURED, plan_readings
from demo.second_reader import tell_second_reader
from demo.story import CUTOFF, Death, FollowUp, Line, Outcome, Radiotherapy, Story

_NEXT_LINE = ("irinotecan", "docetaxel", "gemcitabine", "s1", "vinorelbine")

IRRADIATED_EARLY = {"P034": 21, "P087": 11}
"""Offset of radiotherapy to the tumour between an NE assessment and the progression.

New anticancer therapy ends the window of best response (R6.2): the progression counts for survival, not for response.
"""


def tell_index_line(
    story: Story, profile: Profile, index: date, starts: tuple[date, date], rng: Random, *, is_read_twice: bool = True
) -> None:
    """Treatment, scans and outcome from the index date on; `starts`: first days of anlotinib and of the antibody."""
    anlotinib_start, pd1_start = starts
    treatment_end = index + timedelta(profile.treatment_days - 1)
    reaches_end = tell_anlotinib(story, profile, anlotinib_start, treatment_end, rng)
    tell_pd1(story, profile, pd1_start, treatment_end, ends_on_last_day=not reaches_end, rng=rng)
    story.lines.append(Line(min(starts), ("anlotinib", profile.pd1)))
    tell_response(story, profile, index, rng, is_read_twice=is_read_twice)
    tell_outcome(story, profile, index, rng)


def tell_response(story: Story, profile: Profile, index: date, rng: Random, *, is_read_twice: bool = True) -> None:
    """Baseline scan and all assessments up to the end of progression-free survival, measured by one or two readers."""
    baseline = index - timedelta(rng.randint(3, 14))
    scan(story, baseline, "基线评估")
    readings = plan_readings(profile, rng)
    for reading in readings:
        assess(story, index + timedelta(reading.offset), reading.response, baseline, reading.sum_mm)
    outcome = Outcome(index, best_response=profile.best_response, reader="INVESTIGATOR")
    outcome.readings = [(index + timedelta(reading.offset), reading.response) for reading in readings]
    outcome.progression = next((day for day, response in outcome.readings if response == "PD"), None)
    if profile.label not in NEVER_MEASURED:
        outcome.changes = Reader(story, baseline, "INV", rng).read(index, readings)
        if is_read_twice:
            tell_second_reader(story, outcome, readings, baseline, is_published=bool(profile.label), rng=rng)
    if profile.label in IRRADIATED_EARLY:
        start = index + timedelta(IRRADIATED_EARLY[profile.label])
        story.radiotherapies.append(Radiotherapy(start, start + timedelta(4), 20.0, 5, "ESOPHAGUS", is_curative=False))
        outcome.next_therapy = start
    story.truth.outcome = outcome


def tell_outcome(story: Story, profile: Profile, index: date, rng: Random) -> None:
    """A next line after progression, then death, the last contact alive, or treatment that goes on past the cutoff."""
    end = index + timedelta(profile.os_days - 1)
    progression = index + timedelta(profile.pfs_days - 1)
    if profile.progressed and (end - progression).days > 90 and rng.random() < 0.7:
        _tell_next_line(story, progression, end, rng)
    if profile.os_event:
        tell_death(story, end, rng)
    elif profile.os_days > profile.pfs_days:
        story.follow_ups.append(FollowUp(end, by_phone=True))
    if profile.is_seen_after_cutoff:
        _tell_after_cutoff(story, index, rng)
    if story.truth.outcome:
        story.truth.outcome.death = end if profile.os_event else None
        story.truth.outcome.last_alive = end


def _tell_next_line(story: Story, progression: date, end: date, rng: Random) -> None:
    start = progression + timedelta(rng.randint(10, 25))
    used = {drug for line in story.lines for drug in line.drugs}
    drugs = (rng.choice([drug for drug in _NEXT_LINE if drug not in used]),)
    give(story, drugs, start, end - timedelta(20), cycles=rng.randint(2, 4))
    story.lines.append(Line(start, drugs))
    if story.truth.outcome and story.truth.outcome.next_therapy is None:
        story.truth.outcome.next_therapy = start


def _tell_after_cutoff(story: Story, index: date, rng: Random) -> None:
    """Facts after the cutoff that must change nothing: a progression, and for some a death."""
    after = CUTOFF + timedelta(15)
    assess(story, after, "PD", index - timedelta(7))
    if rng.random() < 0.5:
        story.deaths.append(Death(after + timedelta(8), "FAMILY"))
