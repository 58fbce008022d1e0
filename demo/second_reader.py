"""The independent reader: reads everything in some patients, one scan in others, and now and then sees it otherwise.

An independent reader who read the first two scans replaces the investigator (R5.3); of the 87 such a reader agrees.
"""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from demo.lesions import Reader
from demo.readings import Reading
from demo.story import Assessment, Outcome, Story

_READS_ALL, _READS_ONE = 0.15, 0.25
_STABLE_SUM_MM = 85
_SD_FROM = 42


def tell_second_reader(
    story: Story, outcome: Outcome, readings: list[Reading], baseline: date, *, is_published: bool, rng: Random
) -> None:
    """Add the independent readings of a patient, if there are any, and let them decide where they are to decide."""
    luck = rng.random()
    if luck >= _READS_ONE or not readings:
        return
    if luck < _READS_ALL:
        earlier = _seen_earlier(readings, outcome.best_response)
        differs = not is_published and rng.random() < 0.5
        _read_all(story, outcome, earlier if differs and earlier else readings, baseline, rng)
    elif len(readings) > 1:
        first = readings[0]
        _read(story, outcome.index, [replace(first, response="SD", sum_mm=_STABLE_SUM_MM)], baseline, rng)


def _seen_earlier(readings: list[Reading], best_response: str) -> list[Reading]:
    """The same with the progression one scan earlier; nothing when that would change the best response."""
    if len(readings) < 3 or readings[-1].response != "PD":
        return []
    *before, last_but_one, last = readings
    if not any(seen.response == best_response and seen.offset >= _SD_FROM for seen in before):
        return []
    return [*before, replace(last_but_one, response="PD", finding="NEW"), replace(last, finding="NEW")]


def _read_all(story: Story, outcome: Outcome, readings: list[Reading], baseline: date, rng: Random) -> None:
    changes = _read(story, outcome.index, readings, baseline, rng)
    until = next((number for number, seen in enumerate(readings) if seen.response == "PD"), len(readings) - 1)
    counted = readings[: until + 1]
    outcome.reader = "INDEPENDENT"
    outcome.readings = [(outcome.index + timedelta(seen.offset), seen.response) for seen in counted]
    outcome.progression = outcome.readings[-1][0] if counted[-1].response == "PD" else None
    outcome.changes = changes[: len(changes) - (len(readings) - len(counted))]


def _read(story: Story, index: date, readings: list[Reading], baseline: date, rng: Random) -> list[int]:
    for seen in readings:
        story.assessments.append(
            Assessment(index + timedelta(seen.offset), seen.response, baseline, seen.sum_mm, "IND")
        )
    return Reader(story, baseline, "IND", rng).read(index, readings)
