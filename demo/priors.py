"""Everything before the index line: diagnosis, surgery, curative courses, earlier lines, progressions between them.

Lines are laid out backwards from the first dose of the index line: each ends with a progression before the next begins,
and the last dose of an immune checkpoint inhibitor (ICI) falls exactly where the treatment-free interval says.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo.courses import CYCLE, assess, give, watch
from demo.formulary import FORMULARY
from demo.profile import Profile
from demo.story import Elsewhere, Line, Metastasis, Operation, Radiotherapy, Staging, Story

_ICI = (
    "sintilimab",
    "toripalimab",
    "camrelizumab",
    "tislelizumab",
    "pembrolizumab",
    "nivolumab",
    "adebrelimab",
    "sugemalimab",
)
_TAXANES = ("paclitaxel", "paclitaxel_nab", "docetaxel")
_PLATINUMS = ("cisplatin", "carboplatin", "nedaplatin")
_TARGETED = ("apatinib", "bevacizumab", "rh_endostatin")
_UNFLAGGED = (("irinotecan",), ("s1",), ("capecitabine",), ("gemcitabine",), ("vinorelbine",))
_NEVER_CURATIVE = {*_TARGETED, "irinotecan", "gemcitabine", "vinorelbine"}
_ORGANS = ("LUNG", "LIVER", "BONE", "PLEURA", "ADRENAL", "PERITONEUM", "SKIN")
_SAME_AGENT_FROM_DAYS = 100
_ONE_LINE_LATER_FROM_DAYS = 130


@dataclass(frozen=True, slots=True)
class Slot:
    """One earlier line: its drugs, when it starts, the last day on which drugs may be taken, and its progression."""

    drugs: tuple[str, ...]
    start: date
    until: date
    progression: date


def tell_priors(
    story: Story, profile: Profile, index: date, first_dose: date, rng: Random, *, may_be_curative: bool = True
) -> None:
    """Add diagnosis, earlier lines, surgery and metastases; every day lies before `first_dose`."""
    ici_line = _ici_line(profile, rng)
    regimens = _regimens(profile, ici_line, rng)
    slots = _slots(profile, regimens, ici_line, index, first_dose, rng)
    course = _curative_course(profile, regimens, ici_line, rng) if may_be_curative else "none"
    palliative = slots[1:] if course in ("counted", "chemoradiation") else slots
    relapse = _tell_origin(story, profile, slots, course, rng)
    for number, slot in enumerate(palliative):
        outside = number == 0 and len(slots) > 1 and course == "none" and ici_line != 0 and rng.random() < 0.3
        _tell_line(story, slot, outside, first_dose)
    _spread(story, profile, relapse, [slot.start for slot in palliative] + [first_dose], rng)
    story.lines.sort(key=lambda line: line.start)


def _ici_line(profile: Profile, rng: Random) -> int | None:
    if profile.prior_ici_free_days is None:
        return None
    latest = profile.prior_lines - 1
    later = min(profile.prior_ici_free_days // _ONE_LINE_LATER_FROM_DAYS, latest)
    return latest - rng.randint(0, later)


def _regimens(profile: Profile, ici_line: int | None, rng: Random) -> list[list[str]]:
    """Drugs of each line, every drug in one line only, with exactly the classes that the profile had."""
    regimens: list[list[str]] = [[] for _ in range(profile.prior_lines)]
    if ici_line is not None:
        regimens[ici_line].append(_prior_ici_agent(profile, rng))
    if profile.had_platinum:
        partner = rng.choice(_TAXANES) if profile.had_taxane else "fluorouracil"
        regimens[0] += [partner, rng.choice(_PLATINUMS)]
    elif profile.had_taxane:
        rng.choice(regimens).append(rng.choice(_TAXANES))
    if profile.had_targeted:
        regimens[rng.choice(range(min(1, profile.prior_lines - 1), profile.prior_lines))].append(rng.choice(_TARGETED))
    unflagged = list(_UNFLAGGED)
    rng.shuffle(unflagged)
    for regimen in regimens:
        if not regimen:
            regimen += unflagged.pop()
    return regimens


def _prior_ici_agent(profile: Profile, rng: Random) -> str:
    gap = profile.prior_ici_free_days or 0
    if gap >= _SAME_AGENT_FROM_DAYS and rng.random() < 0.4:
        return profile.pd1
    return rng.choice([agent for agent in _ICI if agent != profile.pd1])


def _slots(
    profile: Profile, regimens: list[list[str]], ici_line: int | None, index: date, first_dose: date, rng: Random
) -> list[Slot]:
    later: list[Slot] = []
    end, count = first_dose, len(regimens)
    if ici_line is not None and profile.prior_ici_free_days is not None:
        last_ici = index - timedelta(profile.prior_ici_free_days)
        later, end = _slots_after(regimens[ici_line + 1 :], last_ici, first_dose, rng)
        ici_slot = _ici_slot(regimens[ici_line], last_ici, end, rng)
        later, end, count = [ici_slot, *later], ici_slot.start, ici_line
    earlier: list[Slot] = []
    for regimen in reversed(regimens[:count]):
        cycles = rng.randint(2, 6)
        start = end - timedelta((cycles - 1) * CYCLE + rng.randint(35, 80))
        progression = end - timedelta(rng.randint(5, 12))
        earlier.insert(0, Slot(tuple(regimen), start, start + timedelta((cycles - 1) * CYCLE + 14), progression))
        end = start
    return earlier + later


def _slots_after(regimens: list[list[str]], last_ici: date, first_dose: date, rng: Random) -> tuple[list[Slot], date]:
    """Lines between the last ICI dose and the index line share the time; also says where the first of them starts."""
    if not regimens:
        return [], first_dose
    start = last_ici + timedelta(rng.randint(18, 30))
    width = (first_dose - start).days // len(regimens)
    slots = []
    for number, regimen in enumerate(regimens):
        opened = start + timedelta(number * width)
        progression = opened + timedelta(width - rng.randint(5, 12))
        slots.append(Slot(tuple(regimen), opened, progression - timedelta(10), progression))
    return slots, start


def _ici_slot(regimen: list[str], last_ici: date, end: date, rng: Random) -> Slot:
    """A line whose ICI is given for the last time on `last_ici`; the slot's start counts back whole cycles."""
    agent = next(drug for drug in regimen if drug in _ICI)
    start = last_ici - timedelta(rng.randint(3, 9) * FORMULARY[agent].cycle_days)
    return Slot(tuple(regimen), start, last_ici, end - timedelta(rng.randint(5, 12)))


def _curative_course(profile: Profile, regimens: list[list[str]], ici_line: int | None, rng: Random) -> str:
    """`counted`: the first line is a curative course with an early relapse; `uncounted`: one long before it.

    `chemoradiation`: the first line is given with radiotherapy of the gullet instead of an operation.
    """
    suits = ici_line != 0 and not set(regimens[0]) & _NEVER_CURATIVE
    if not profile.had_surgery:
        return "chemoradiation" if suits and rng.random() < 0.25 else "none"
    if suits and rng.random() < 0.5:
        return "counted"
    return "uncounted" if rng.random() < 0.4 else "none"


def _tell_line(story: Story, slot: Slot, outside: bool, told_by: date) -> None:
    months = _whole_months(slot) if outside and not any(FORMULARY[drug].is_oral for drug in slot.drugs) else None
    if months:
        story.elsewhere.append(Elsewhere(slot.drugs, *months, told_on=told_by - timedelta(2)))
    else:
        _give_line(story, slot)
    watch(story, slot.start, slot.progression)
    assess(story, slot.progression, "PD", slot.start - timedelta(5))
    story.lines.append(Line(months[0] if months else slot.start, slot.drugs))


def _give_line(story: Story, slot: Slot) -> None:
    ici = tuple(drug for drug in slot.drugs if drug in _ICI)
    chemotherapy = tuple(drug for drug in slot.drugs if drug not in _ICI)
    give(story, ici, slot.start, slot.until, cycles=40)
    give(story, chemotherapy, slot.start, slot.until)


def _whole_months(slot: Slot) -> tuple[date, date] | None:
    """First and last month of a line as a patient remembers them, when the progression comes after both."""
    end = slot.until.replace(day=monthrange(slot.until.year, slot.until.month)[1])
    if end >= slot.progression:
        end = slot.until.replace(day=1) - timedelta(1)
    return (slot.start.replace(day=1), end) if end > slot.start else None


def _tell_origin(story: Story, profile: Profile, slots: list[Slot], course: str, rng: Random) -> date:
    """Diagnosis and, for those operated on, the curative part; returns the day on which the disease spread."""
    if course == "chemoradiation":
        return _tell_chemoradiation(story, slots, rng)
    if not profile.had_surgery:
        story.diagnosed = slots[0].start - timedelta(rng.randint(12, 25))
        return story.diagnosed
    if course == "counted":
        return _tell_counted_course(story, slots, rng)
    relapse = slots[0].start - timedelta(rng.randint(8, 16))
    if course == "uncounted":
        drugs = _uncounted_drugs(profile)
        surgery = relapse - timedelta(rng.randint(340, 600))
        _tell_adjuvant(story, drugs, surgery, rng, counted=False)
    else:
        surgery = relapse - timedelta(rng.randint(200, 600))
        _operate(story, surgery)
        story.diagnosed = surgery - timedelta(rng.randint(14, 30))
    story.relapses.append(relapse)
    return relapse


def _uncounted_drugs(profile: Profile) -> tuple[str, ...]:
    if profile.had_platinum:
        return ("paclitaxel", "cisplatin") if profile.had_taxane else ("fluorouracil", "cisplatin")
    return ("paclitaxel",) if profile.had_taxane else ("s1",)


def _tell_adjuvant(story: Story, drugs: tuple[str, ...], surgery: date, rng: Random, *, counted: bool) -> None:
    start = surgery + timedelta(rng.randint(30, 50))
    give(story, drugs, start, start + timedelta(3 * CYCLE - 1), cycles=3, intent="ADJUVANT")
    story.lines.append(Line(start, drugs, "CURATIVE", counted))
    _operate(story, surgery)
    story.diagnosed = surgery - timedelta(rng.randint(14, 30))


def _tell_counted_course(story: Story, slots: list[Slot], rng: Random) -> date:
    """Neoadjuvant or adjuvant chemotherapy whose last dose is less than six months before the relapse."""
    relapse, drugs = slots[0].progression, slots[0].drugs
    if rng.random() < 0.5:
        _tell_adjuvant(story, drugs, relapse - timedelta(rng.randint(170, 215)), rng, counted=True)
    else:
        surgery = relapse - timedelta(rng.randint(50, 100))
        start = surgery - timedelta(rng.randint(75, 85))
        give(story, drugs, start, start + timedelta(3 * CYCLE - 1), cycles=3, intent="NEOADJUVANT")
        story.lines.append(Line(start, drugs, "CURATIVE", counted=True))
        _operate(story, surgery)
        story.diagnosed = start - timedelta(rng.randint(10, 20))
    story.relapses.append(relapse)
    return relapse


def _tell_chemoradiation(story: Story, slots: list[Slot], rng: Random) -> date:
    """Definitive chemoradiation whose last dose is less than six months before the relapse."""
    relapse, drugs = slots[0].progression, slots[0].drugs
    start = relapse - timedelta(rng.randint(120, 170))
    give(story, drugs, start, start + timedelta(3 * CYCLE - 1), cycles=3)
    story.radiotherapies.append(Radiotherapy(start, start + timedelta(38), 50.4, 28, "ESOPHAGUS", is_curative=True))
    story.lines.append(Line(start, drugs, "CURATIVE", counted=True))
    story.diagnosed = start - timedelta(rng.randint(10, 20))
    story.stagings.append(Staging(story.diagnosed, "T3", "N1", "M0", "III"))
    story.relapses.append(relapse)
    return relapse


def _operate(story: Story, day: date) -> None:
    story.operations.append(Operation(day, is_curative=True))
    story.stagings.append(Staging(day, "T3", "N1", "M0", "III"))


def _spread(story: Story, profile: Profile, advanced: date, line_starts: list[date], rng: Random) -> None:
    """First metastases on `advanced`, further organs on the eve of later lines, as many organs as told."""
    organs = ["DISTANT_LN", *rng.sample(_ORGANS, 4)]
    organs = organs[: rng.randint(4, 5) if profile.many_sites else rng.randint(1, 3)]
    first = rng.randint(1, len(organs))
    story.metastases += [Metastasis(advanced, organ) for organ in organs[:first]]
    story.metastases += [Metastasis(rng.choice(line_starts) - timedelta(1), organ) for organ in organs[first:]]
    story.stagings.append(Staging(advanced, rng.choice(("T2", "T3", "T4a")), rng.choice(("N1", "N2")), "M1", "IVB"))


def tell_baseline_radiotherapy(story: Story, index: date, rng: Random) -> None:
    """Palliative radiotherapy that starts inside the baseline window of the index line."""
    start = index - timedelta(rng.randint(3, 20))
    story.radiotherapies.append(
        Radiotherapy(start, start + timedelta(13), 30.0, 10, rng.choice(("BONE", "ESOPHAGUS")), is_curative=False)
    )
