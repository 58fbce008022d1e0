"""How the tumour goes after the index date, before anything is measured: responses, sums, causes of a progression.

Sums are told against a baseline of 100 mm, so that a published change in percent is a number of millimetres.
"""

from dataclasses import dataclass
from itertools import pairwise
from random import Random

from demo.profile import Profile

BASELINE_SUM_MM = 100
NODE_IN_REMISSION_MM = 8
_SD_FROM = 42
_VISIT = 49
_ON_THE_WAY_TO_CR, _STILL_PR, _STILL_SD = 45, 70, 119
_LESS_THAN_A_GROWTH = 4
"""Millimetres above the smallest sum that are no progression whatever the percentage: it takes five (R5.2)."""

NOT_EVALUABLE = {
    "P028": ((39, "SD"),),
    "P034": ((18, "NE"),),
    "P059": ((12, "NE"),),
    "P073": ((21, "NE"),),
    "P087": ((8, "NE"),),
}
"""Assessments (offset, response) of the five whose best response is NE: not evaluable, or stable before day 42."""

NEVER_MEASURED = {"P028"}
"""Stable by a report from elsewhere: no lesion of theirs was measured, so that 82 of the 87 have a best change."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One assessment: days since index, overall response, sum in mm where every target was seen, and the finding.

    A progression's finding is TARGET, NEW, NONTARGET or REAPPEARED; any other reading may have a DOUBTFUL new lesion.
    """

    offset: int
    response: str
    sum_mm: int | None
    finding: str = ""


def plan_readings(profile: Profile, rng: Random) -> list[Reading]:
    """All readings from the first after index up to the end of progression-free survival."""
    seen = _responses(profile)
    sums = _sums(profile, seen, rng)
    readings = [Reading(offset, response, sums.get(offset)) for offset, response in seen]
    if readings and readings[-1].response == "PD":
        readings[-1] = _progression(readings[-1].offset, profile, list(sums.values()), rng)
    return _with_doubt(readings, rng)


def _responses(profile: Profile) -> list[tuple[int, str]]:
    end = profile.pfs_days - 1
    if profile.label in NOT_EVALUABLE:
        seen = list(NOT_EVALUABLE[profile.label])
    elif profile.best_response == "PD":
        seen = [(36, "NE")] if end > 65 else []
    elif profile.response_days is not None:
        seen = _until_remission(profile.response_days - 1, end, profile.best_response)
    else:
        seen = _every_visit(min(_SD_FROM + 3, end), end, "SD")
    if profile.progressed:
        return [*seen, (end, "PD")]
    return seen if profile.pfs_event or seen[-1][0] == end else [*seen, (end, seen[-1][1])]


def _until_remission(first: int, end: int, best: str) -> list[tuple[int, str]]:
    """Stable before a late response; a complete remission is a partial one first."""
    visits = _every_visit(first, end, best)
    if best == "CR":
        visits[0] = (first, "PR")
    return [(44, "SD"), *visits] if first > 75 else visits


def _every_visit(first: int, end: int, response: str) -> list[tuple[int, str]]:
    """An assessment on `first`, then one a visit, the last at least three weeks before `end`."""
    return [(first, response)] + [(offset, response) for offset in range(first + _VISIT, end - 20, _VISIT)]


def _sums(profile: Profile, seen: list[tuple[int, str]], rng: Random) -> dict[int, int]:
    """Sum by offset of every reading that is no progression; the smallest is the best change told.

    In a complete remission the sum is that of the nodes that are left, which the reader knows.
    """
    if profile.best_change is None:
        return {}
    best = BASELINE_SUM_MM + round(profile.best_change)
    sums = {offset: BASELINE_SUM_MM - rng.randint(8, 18) for offset, response in seen if response == "SD"}
    if profile.best_response == "CR":
        return sums | {offset: _ON_THE_WAY_TO_CR for offset, response in seen if response == "PR"}
    same = [offset for offset, response in seen if response == profile.best_response != "PD"]
    most = _STILL_PR if profile.best_response == "PR" else _STILL_SD
    for offset in same:
        sums[offset] = min(best + rng.randint(0, _LESS_THAN_A_GROWTH), most)
    if same:
        sums[rng.choice(same)] = best
    return sums


def _progression(offset: int, profile: Profile, sums: list[int], rng: Random) -> Reading:
    """Progression by growth, by a new lesion or by a non-target, as fits what went before."""
    if profile.best_response == "CR":
        return Reading(offset, "PD", None, "REAPPEARED")
    if profile.best_change is None:
        return Reading(offset, "PD", None, "NEW")
    if profile.best_response == "PD":
        return Reading(offset, "PD", BASELINE_SUM_MM + round(profile.best_change), "TARGET")
    finding = rng.choice(("TARGET", "TARGET", "TARGET", "NEW", "NEW", "NONTARGET"))
    smallest = min([BASELINE_SUM_MM, *sums])
    if finding == "TARGET":
        return Reading(offset, "PD", max(-(-smallest * 12 // 10), smallest + 5) + rng.randint(0, 15), finding)
    return Reading(offset, "PD", sums[-1], finding)


def _with_doubt(readings: list[Reading], rng: Random) -> list[Reading]:
    """Now and then something new is seen that the next reading does not find again."""
    doubted = list(readings)
    for number, (reading, following) in enumerate(pairwise(readings)):
        if reading.response in ("SD", "PR") and following.response == reading.response and rng.random() < 0.08:
            doubted[number] = Reading(reading.offset, reading.response, reading.sum_mm, "DOUBTFUL")
            return doubted
    return doubted
