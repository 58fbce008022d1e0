"""Other cancers: gastric ones for a made-up second-line study, and some whom the anlotinib study must refuse."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo import clinic
from demo.courses import CYCLE, assess, give, scan, watch
from demo.deaths import tell_death
from demo.formulary import FORMULARY
from demo.laboratory import plan_grades, tell_labs
from demo.lesions import Reader
from demo.profile import invented_profile
from demo.readings import BASELINE_SUM_MM, Reading
from demo.situations import NO_INDEX_STATUSES
from demo.story import (
    Biopsy,
    FollowUp,
    Infusion,
    Line,
    Metastasis,
    Outcome,
    Performance,
    Staging,
    Story,
    Truth,
)
from demo.vitals import tell_vitals

PD1 = "{pd1}"
_ANTIBODIES = ("sintilimab", "nivolumab", "tislelizumab", "camrelizumab", "toripalimab")
_FIRST_START, _LAST_START = date(2019, 6, 1), date(2023, 6, 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """One kind of patient: primary site, histology and the drugs of each line; `{pd1}` stands for any PD-1 antibody.

    `maintenance` is a drug that the first line goes on with, as its plan says.
    """

    situation: str
    code: str
    histology: str
    lines: tuple[tuple[str, ...], ...]
    is_second_line_pd1: bool = False
    maintenance: str = ""


PLANS: tuple[Plan, ...] = (
    Plan(
        "gastric_second_line_pd1",
        "C16.2",
        "adenocarcinoma",
        (("oxaliplatin", "s1"), ("paclitaxel", PD1)),
        is_second_line_pd1=True,
    ),
    Plan("lung_squamous_with_study_drugs", "C34.1", "squamous", (("gemcitabine", "carboplatin"), ("anlotinib", PD1))),
    Plan(
        "gastric_first_line_pd1", "C16.2", "adenocarcinoma", (("oxaliplatin", "s1", PD1), ("paclitaxel", "ramucirumab"))
    ),
    Plan(
        "gastric_second_line_pd1_alone",
        "C16.0",
        "adenocarcinoma",
        (("oxaliplatin", "capecitabine"), (PD1,)),
        is_second_line_pd1=True,
    ),
    Plan("lung_adenocarcinoma", "C34.3", "adenocarcinoma", (("pemetrexed", "carboplatin", PD1), ("docetaxel",))),
    Plan(
        "gastric_third_line_pd1",
        "C16.3",
        "adenocarcinoma",
        (("oxaliplatin", "s1"), ("docetaxel",), ("irinotecan", PD1)),
    ),
    Plan("colon", "C18.7", "adenocarcinoma", (("oxaliplatin", "capecitabine", "bevacizumab"), ("irinotecan",))),
    Plan(
        "gastric_second_line_pd1_and_ramucirumab",
        "C16.3",
        "adenocarcinoma",
        (("oxaliplatin", "s1"), ("ramucirumab", PD1)),
        True,
    ),
    Plan("liver", "C22.0", "hepatocellular", ((PD1, "bevacizumab"),)),
    Plan(
        "lung_with_planned_maintenance",
        "C34.3",
        "adenocarcinoma",
        (("pemetrexed", "carboplatin"), ("docetaxel",)),
        maintenance="bevacizumab",
    ),
    Plan("gastric_chemotherapy_only", "C16.2", "adenocarcinoma", (("oxaliplatin", "capecitabine"), ("paclitaxel",))),
)


def tell_other_cancer(number: int, plan: Plan, rng: Random) -> Story:
    """Tell one patient with another primary cancer; every line but the last ends with a progression before the next."""
    profile = invented_profile(rng)
    first = _FIRST_START + timedelta(rng.randint(0, (_LAST_START - _FIRST_START).days))
    truth = Truth(plan.situation, first_failed="I1")
    person = clinic.person(number, profile.sex, profile.age, first, rng)
    story = Story(number, person, plan.code, truth, diagnosed=first - timedelta(rng.randint(10, 25)))
    story.metastases += [
        Metastasis(story.diagnosed, organ) for organ in rng.sample(("LIVER", "PERITONEUM", "DISTANT_LN"), 2)
    ]
    pd1 = rng.choice(_ANTIBODIES)
    start = first
    for order, regimen in enumerate(plan.lines):
        drugs = tuple(pd1 if drug == PD1 else drug for drug in regimen)
        start = _tell_line(story, drugs, start, plan.maintenance if order == 0 else "", order == 1, rng)
    _tell_surroundings(story, plan, first, start, rng)
    if plan.is_second_line_pd1:
        truth.gastric_index = story.lines[1].start
    return story


def _tell_line(
    story: Story, drugs: tuple[str, ...], start: date, maintenance: str, is_second: bool, rng: Random
) -> date:
    """One line and its progression, the second one measured; returns the day on which the next could start."""
    cycles = rng.randint(3, 6)
    stop = start + timedelta(CYCLE * cycles)
    give(story, drugs, start, stop, cycles=cycles)
    if maintenance:
        drugs, stop = (*drugs, maintenance), _maintain(story, maintenance, stop, rng)
    progression = stop + timedelta(rng.randint(7, 25))
    scan(story, start - timedelta(4), "基线评估")
    watch(story, start, progression)
    assess(story, progression, "PD", start - timedelta(4))
    if is_second:
        _measure(story, start, drugs, rng)
    elif story.truth.outcome:
        story.truth.outcome.next_therapy = start
    story.lines.append(Line(start, drugs))
    story.performances.append(Performance(start - timedelta(1), ecog=rng.randint(0, 2)))
    return progression + timedelta(rng.randint(8, 20))


def _maintain(story: Story, drug: str, start: date, rng: Random) -> date:
    """Infusions that the plan of the line foresees; returns the last day."""
    days = [start + timedelta(CYCLE * number) for number in range(rng.randint(3, 5))]
    story.infusions += [Infusion(day, drug, FORMULARY[drug].mg, CYCLE, is_maintenance=True) for day in days]
    return days[-1]


def _measure(story: Story, start: date, drugs: tuple[str, ...], rng: Random) -> None:
    """Lesions of the second line: stable within a few millimetres until they grow."""
    seen = [(found.day, found.response) for found in story.assessments if found.day > start]
    readings = [
        Reading((day - start).days, response, BASELINE_SUM_MM + (32 if response == "PD" else rng.randint(-6, 6)))
        for day, response in seen
    ]
    changes = Reader(story, start - timedelta(4), "INV", rng).read(start, readings)
    progression = seen[-1][0]
    story.truth.outcome = Outcome(start, seen, changes, "SD", "INVESTIGATOR", progression)
    if set(drugs) & set(_ANTIBODIES) and "anlotinib" in drugs:
        story.truth.index = start


def _tell_surroundings(story: Story, plan: Plan, first: date, end: date, rng: Random) -> None:
    last_seen = end + timedelta(rng.randint(30, 300))
    story.biopsies.append(Biopsy(story.diagnosed, plan.code, plan.histology))
    story.stagings.append(Staging(story.diagnosed, "T4a", "N2", "M1", "IV"))
    is_dead = rng.random() < 0.7
    if is_dead:
        tell_death(story, last_seen, rng)
    else:
        story.follow_ups.append(FollowUp(last_seen, by_phone=True))
    clinic.tell_comorbidities(story, rng)
    clinic.tell_admissions(story, first, last_seen, rng)
    is_imaged = clinic.tell_brain_imaging(story, first, 0.5, rng)
    story.truth.statuses = clinic.statuses(_statuses(story), is_brain_imaged=is_imaged)
    outcome = story.truth.outcome
    if outcome:
        outcome.death, outcome.last_alive = last_seen if is_dead else None, last_seen
    index = outcome.index if outcome else first
    next_line = min((line.start for line in story.lines if line.start > index), default=last_seen)
    days = clinic.visits(story, index, until=next_line)
    tell_vitals(story, 0, index, days, rng)
    tell_labs(story, plan_grades({}, rng), index, days, rng)


def _statuses(story: Story) -> dict[str, str]:
    """No cancer of the gullet: I1 is not met, and whether that is an adenocarcinoma (E1) nobody can know."""
    elsewhere = {"I1": "NOT_MET", "E1": "UNKNOWN"}
    return elsewhere if story.truth.index else NO_INDEX_STATUSES | elsewhere
