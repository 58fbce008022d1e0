"""The index line and what follows: anlotinib two weeks on, one off, a PD-1 antibody every three weeks, scans, the end.

Offsets are days since the index date (index itself is 0). Durations of a profile count both ends, so that a duration of
n days ends on offset n - 1.
"""

from datetime import date, timedelta
from random import Random

from demo.courses import CYCLE, assess, give, scan
from demo.formulary import FORMULARY
from demo.profile import Profile
from demo.story import CUTOFF, Assessment, Death, Dispensing, FollowUp, Infusion, Line, Radiotherapy, Story

ON_DAYS = 14
_SD_FROM = 42
_VISIT = 49
_NEXT_LINE = ("irinotecan", "docetaxel", "gemcitabine", "s1", "vinorelbine")
_BASELINE_SUM_MM = 60

NOT_EVALUABLE = {
    "P028": ((39, "SD"),),
    "P034": ((18, "NE"),),
    "P059": ((12, "NE"),),
    "P073": ((21, "NE"),),
    "P087": ((8, "NE"),),
}
"""Assessments (offset, response) of the five whose best response is NE: not evaluable, or stable before day 42."""

IRRADIATED_EARLY = {"P034": 21, "P087": 11}
"""Offset of radiotherapy to the tumour between an NE assessment and the progression.

New anticancer therapy ends the window of best response (R6.2): the progression counts for survival, not for response.
"""


def tell_index_line(story: Story, profile: Profile, index: date, starts: tuple[date, date], rng: Random) -> None:
    """Treatment, scans and outcome from the index date on; `starts`: first days of anlotinib and of the antibody."""
    anlotinib_start, pd1_start = starts
    treatment_end = index + timedelta(profile.treatment_days - 1)
    reaches_end = _tell_anlotinib(story, profile, anlotinib_start, treatment_end, rng)
    _tell_pd1(story, profile, pd1_start, treatment_end, ends_on_last_day=not reaches_end)
    story.lines.append(Line(min(starts), ("anlotinib", profile.pd1)))
    tell_response(story, profile, index, rng)
    tell_outcome(story, profile, index, rng)


def _tell_anlotinib(story: Story, profile: Profile, start: date, end: date, rng: Random) -> bool:
    """Supplies whose last day of intake is `end`; False when `end` falls into the rest week of the only cycle."""
    rest = (end - start).days % CYCLE - (ON_DAYS - 1)
    cycles = (end - start).days // CYCLE
    if rest > 0 and cycles == 0:
        _hand_out(story, profile, [(start, ON_DAYS)], end, rng)
        return False
    delay = max(rest, 0)
    delayed_from = rng.randint(1, cycles) if delay else cycles + 1
    fills = [
        (start + timedelta(number * CYCLE + (delay if number >= delayed_from else 0)), ON_DAYS)
        for number in range(cycles + 1)
    ]
    last_day, _ = fills[-1]
    fills[-1] = (last_day, min(ON_DAYS, (end - last_day).days + 1))
    _hand_out(story, profile, _pairs(fills, delayed_from, rng), end, rng)
    return True


def _pairs(fills: list[tuple[date, int]], delayed_from: int, rng: Random) -> list[tuple[date, int]]:
    """Now and then two full cycles are handed out at once, never across a delay."""
    merged: list[tuple[date, int]] = []
    number = 0
    while number < len(fills):
        day, units = fills[number]
        pair = number + 1 < len(fills) - 1 and number + 1 != delayed_from and rng.random() < 0.2
        merged.append((day, 2 * units if pair else units))
        number += 2 if pair else 1
    return merged


def _hand_out(story: Story, profile: Profile, fills: list[tuple[date, int]], end: date, rng: Random) -> None:
    returns = profile.os_days > profile.treatment_days + 30 and rng.random() < 0.5
    reduced_from = rng.randint(2, 4) if "adverse" in profile.status or rng.random() < 0.15 else len(fills)
    toxic = profile.status == "adverse event"
    for number, (day, units) in enumerate(fills):
        mg = profile.anlotinib_mg - 2 if number >= reduced_from else profile.anlotinib_mg
        is_last = number == len(fills) - 1
        handed = ON_DAYS if is_last and returns else units
        story.dispensings.append(Dispensing(day, "anlotinib", handed, 1, mg, stopped_for_toxicity=toxic and is_last))
        if handed > units:
            story.dispensings.append(Dispensing(end + timedelta(1), "anlotinib", units - handed, 1, mg))


def _tell_pd1(story: Story, profile: Profile, start: date, end: date, *, ends_on_last_day: bool) -> None:
    drug = FORMULARY[profile.pd1]
    doses = [start + timedelta(number * CYCLE) for number in range((end - start).days // CYCLE + 1)]
    if ends_on_last_day and doses[-1] != end:
        doses.append(end)
    toxic = profile.status == "adverse event"
    for day in doses:
        story.infusions.append(Infusion(day, drug.key, drug.mg, CYCLE, stopped_for_toxicity=toxic and day == doses[-1]))


def tell_response(story: Story, profile: Profile, index: date, rng: Random) -> None:
    """Baseline scan and all assessments up to the end of progression-free survival."""
    baseline = index - timedelta(rng.randint(3, 14))
    scan(story, baseline, "基线评估")
    for offset, response in _assessments(profile):
        assess(story, index + timedelta(offset), response, baseline, _sum_mm(profile, response))
    if profile.label in IRRADIATED_EARLY:
        start = index + timedelta(IRRADIATED_EARLY[profile.label])
        story.radiotherapies.append(Radiotherapy(start, start + timedelta(4), 20.0, 5, "ESOPHAGUS", is_curative=False))
    if profile.label and rng.random() < 0.1:
        _second_reader(story, index)


def _sum_mm(profile: Profile, response: str) -> int | None:
    if response == "NE" or profile.best_change is None:
        return None
    if response == "PD":
        return round(_BASELINE_SUM_MM * max(1.25, 1 + profile.best_change / 100))
    return round(_BASELINE_SUM_MM * (1 + profile.best_change / 100))


def _second_reader(story: Story, index: date) -> None:
    """The independent reader saw one scan only: too few to replace the investigator (R5.3)."""
    first = next(seen for seen in story.assessments if seen.day > index)
    response = "SD" if first.response == "PR" else first.response
    story.assessments.append(Assessment(first.day, response, first.baseline, first.sum_mm, "IND"))


def _assessments(profile: Profile) -> list[tuple[int, str]]:
    end = profile.pfs_days - 1
    if profile.label in NOT_EVALUABLE:
        seen = list(NOT_EVALUABLE[profile.label])
    elif profile.best_response == "PD":
        seen = [(36, "SD")] if end > 65 else []
    elif profile.best_response == "PR" and profile.response_days is not None:
        first = profile.response_days - 1
        seen = [(44, "SD")] if first > 75 else []
        seen += _every_visit(first, end, "PR")
    else:
        seen = _every_visit(min(_SD_FROM + 3, end), end, "SD")
    if profile.progressed:
        return [*seen, (end, "PD")]
    return seen if profile.pfs_event or seen[-1][0] == end else [*seen, (end, "SD")]


def _every_visit(first: int, end: int, response: str) -> list[tuple[int, str]]:
    """An assessment on `first`, then one a visit, the last at least three weeks before `end`."""
    return [(first, response)] + [(offset, response) for offset in range(first + _VISIT, end - 20, _VISIT)]


def tell_outcome(story: Story, profile: Profile, index: date, rng: Random) -> None:
    """A next line after progression, then death, the last contact alive, or treatment that goes on past the cutoff."""
    end = index + timedelta(profile.os_days - 1)
    progression = index + timedelta(profile.pfs_days - 1)
    if profile.progressed and (end - progression).days > 90 and rng.random() < 0.7:
        _tell_next_line(story, progression, end, rng)
    if profile.os_event:
        story.deaths.append(_death(end, rng))
    elif profile.os_days > profile.pfs_days:
        story.follow_ups.append(FollowUp(end, by_phone=True))
    if profile.is_seen_after_cutoff:
        _tell_after_cutoff(story, index, rng)


def _tell_next_line(story: Story, progression: date, end: date, rng: Random) -> None:
    start = progression + timedelta(rng.randint(10, 25))
    used = {drug for line in story.lines for drug in line.drugs}
    drugs = (rng.choice([drug for drug in _NEXT_LINE if drug not in used]),)
    give(story, drugs, start, end - timedelta(20), cycles=rng.randint(2, 4))
    story.lines.append(Line(start, drugs))


def _death(day: date, rng: Random) -> Death:
    if day.day == 15 and rng.random() < 0.7:
        return Death(day, in_hospital=False, told_by_family=True, month_only=True)
    in_hospital = rng.random() < 0.6
    by_family = not in_hospital or rng.random() < 0.4
    return Death(day, in_hospital, by_family, month_only=in_hospital and by_family and rng.random() < 0.3)


def _tell_after_cutoff(story: Story, index: date, rng: Random) -> None:
    """Facts after the cutoff that must change nothing: a progression, and for some a death."""
    after = CUTOFF + timedelta(15)
    assess(story, after, "PD", index - timedelta(7))
    if rng.random() < 0.5:
        story.deaths.append(Death(after + timedelta(8), in_hospital=False, told_by_family=True))
