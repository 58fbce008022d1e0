"""Deaths as one to three sources report them: the registry knows best, the family may know a wrong day or the month."""

from datetime import date, timedelta
from random import Random

from demo.story import Death, Story

_LONGEST_SLIP = 20
"""Days by which a family's date may be off: less than the thirty that would call for a review (R6.3)."""


def tell_death(story: Story, day: date, rng: Random) -> None:
    """Report a death on `day`; whoever ranks highest is right about it (R6.3).

    Where only the month is known the death is told for a fifteenth, the day that rule R0.3 puts in its place.
    """
    if day.day == 15 and rng.random() < 0.7:
        story.deaths.append(Death(day, "FAMILY", month_only=True))
        return
    official = [source for source, share in (("REGISTRY", 0.5), ("HOSPITAL", 0.55)) if rng.random() < share]
    story.deaths += [Death(day, source) for source in official]
    if not official:
        story.deaths.append(Death(day, "FAMILY"))
    elif rng.random() < 0.5:
        story.deaths.append(_as_the_family_says(day, rng))


def _as_the_family_says(day: date, rng: Random) -> Death:
    if rng.random() < 0.4:
        return Death(day, "FAMILY", month_only=True)
    return Death(day + timedelta(rng.randint(-_LONGEST_SLIP, _LONGEST_SLIP)), "FAMILY")
