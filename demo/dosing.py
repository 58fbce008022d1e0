"""How the study drugs are handed out and given: cycles, delays, pauses, returns, reductions."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random

from demo.courses import CYCLE
from demo.formulary import FORMULARY
from demo.profile import Profile
from demo.story import Dispensing, Doses, Infusion, Story

ON_DAYS = 14
_STRENGTHS = (12, 10, 8)
_TOXIC = "adverse event"

Fill = tuple[date, int]
"""First day and number of capsules, one a day of intake."""


def tell_anlotinib(story: Story, profile: Profile, start: date, end: date, rng: Random) -> bool:
    """Supplies whose last day of intake is `end`; False when `end` falls into the rest week of the only cycle."""
    rest = (end - start).days % CYCLE - (ON_DAYS - 1)
    cycles = (end - start).days // CYCLE
    if rest > 0 and cycles == 0:
        _hand_out(story, profile, [(start, ON_DAYS)], end, 0, rng)
        return False
    delay = max(rest, 0)
    if cycles > 4 and rng.random() < 0.12:
        cycles, delay = cycles - 1, delay + CYCLE
    delayed_from = rng.randint(1, cycles) if delay else cycles + 1
    fills = [
        (start + timedelta(number * CYCLE + (delay if number >= delayed_from else 0)), ON_DAYS)
        for number in range(cycles + 1)
    ]
    last_day, _ = fills[-1]
    fills[-1] = (last_day, min(ON_DAYS, (end - last_day).days + 1))
    _hand_out(story, profile, _pairs(fills, delayed_from, rng), end, delay, rng)
    return True


def _pairs(fills: list[Fill], delayed_from: int, rng: Random) -> list[Fill]:
    """Now and then two full cycles are handed out at once, never across a delay."""
    merged: list[Fill] = []
    number = 0
    while number < len(fills):
        day, units = fills[number]
        pair = number + 1 < len(fills) - 1 and number + 1 != delayed_from and rng.random() < 0.2
        merged.append((day, 2 * units if pair else units))
        number += 2 if pair else 1
    return merged


def _hand_out(story: Story, profile: Profile, fills: list[Fill], end: date, delay: int, rng: Random) -> None:
    strengths = _strengths(profile, len(fills), rng)
    blamed = profile.status in (_TOXIC, "progression or death") and rng.random() < 0.8
    own = rng.randint(1, len(fills)) if rng.random() < 0.12 else 0
    for number, ((day, units), mg) in enumerate(zip(fills, strengths, strict=True)):
        is_last = number == len(fills) - 1
        is_lower = number > 0 and mg < strengths[number - 1]
        handed = ON_DAYS if is_last and _brings_back(profile, rng) else units
        story.dispensings.append(
            Dispensing(
                *(day, "anlotinib", handed, 1, mg),
                stopped_for_toxicity=profile.status == _TOXIC and is_last,
                reduced_for_toxicity=blamed and is_lower,
                is_own_supply=number == own > 0,
            )
        )
        if handed > units:
            story.dispensings.append(Dispensing(end + timedelta(1), "anlotinib", units - handed, 1, mg))
    reductions = sum(lower < higher for higher, lower in pairwise(strengths))
    given = sum(units * mg for (_, units), mg in zip(fills, strengths, strict=True))
    last_day = end if delay or len(fills) > 1 else min(end, fills[0][0] + timedelta(ON_DAYS - 1))
    story.truth.doses.append(
        Doses(
            "anlotinib",
            initial_mg=strengths[0],
            lowest_mg=strengths[-1],
            reductions=reductions,
            for_toxicity=blamed and reductions > 0,
            delays=int(delay > 0),
            delay_days=delay,
            omissions=0,
            given_mg=given,
            last_day=last_day,
        )
    )


def _brings_back(profile: Profile, rng: Random) -> bool:
    """Whether the last supply was a whole one and the rest of it came back."""
    return profile.os_days > profile.treatment_days + 30 and rng.random() < 0.5


def _strengths(profile: Profile, fills: int, rng: Random) -> list[int]:
    """Strength in mg of each supply: one step down, for some a second, never back up."""
    level = _STRENGTHS.index(profile.anlotinib_mg)
    first = rng.randint(2, 4) if profile.status == _TOXIC or rng.random() < 0.2 else fills
    second = first + rng.randint(2, 4) if rng.random() < 0.4 else fills
    levels = [level + (number >= first) + (number >= second) for number in range(fills)]
    return [_STRENGTHS[min(down, len(_STRENGTHS) - 1)] for down in levels]


def tell_pd1(story: Story, profile: Profile, start: date, end: date, *, ends_on_last_day: bool, rng: Random) -> None:
    """Infusions every three weeks; one late and the rest shifted, or one left out, in some."""
    drug = FORMULARY[profile.pd1]
    days = [start + timedelta(number * CYCLE) for number in range((end - start).days // CYCLE + 1)]
    delay = omissions = 0
    luck = rng.random()
    if ends_on_last_day and days[-1] != end:
        days.append(end)
    elif len(days) > 4 and luck < 0.3:
        late, delay = rng.randint(2, len(days) - 2), rng.randint(8, 12)
        days = [day + timedelta(delay if number >= late else 0) for number, day in enumerate(days)]
        days = [day for day in days if day <= end]
    elif len(days) > 4 and luck < 0.4:
        days.pop(rng.randint(2, len(days) - 2))
        omissions = 1
    for day in days:
        stopped = profile.status == _TOXIC and day == days[-1]
        story.infusions.append(Infusion(day, drug.key, drug.mg, CYCLE, stopped_for_toxicity=stopped))
    story.truth.doses.append(
        Doses(
            *(profile.pd1, drug.mg, drug.mg, 0, False, int(delay > 0), delay, omissions, len(days) * drug.mg),
            last_day=days[-1],
        )
    )
