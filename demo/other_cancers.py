"""Other cancers: gastric ones for a made-up second-line study, and some whom the anlotinib study must refuse."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo import clinic
from demo.courses import assess, give, scan, watch
from demo.profile import Profile, invented_profile
from demo.story import Biopsy, Death, FollowUp, Line, Metastasis, Performance, Staging, Story, Truth

PD1 = "{pd1}"
_ANTIBODIES = ("sintilimab", "nivolumab", "tislelizumab", "camrelizumab", "toripalimab")
_FIRST_START, _LAST_START = date(2019, 6, 1), date(2023, 6, 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """One kind of patient: primary site, histology and the drugs of each line; `{pd1}` stands for any PD-1 antibody."""

    situation: str
    code: str
    histology: str
    lines: tuple[tuple[str, ...], ...]
    is_second_line_pd1: bool = False


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
    Plan("gastric_chemotherapy_only", "C16.2", "adenocarcinoma", (("oxaliplatin", "capecitabine"), ("paclitaxel",))),
)


def tell_other_cancer(number: int, plan: Plan, rng: Random) -> Story:
    """Tell one patient with another primary cancer; every line but the last ends with a progression before the next."""
    profile = invented_profile(rng)
    first = _FIRST_START + timedelta(rng.randint(0, (_LAST_START - _FIRST_START).days))
    truth = Truth(plan.situation, first_failed="I1")
    person = clinic.person(number, profile.sex, profile.age, first, rng)
    story = Story(number, person, plan.code, truth, diagnosed=first - timedelta(rng.randint(10, 25)))
    pd1 = rng.choice(_ANTIBODIES)
    start = first
    for regimen in plan.lines:
        start = _tell_line(story, tuple(pd1 if drug == PD1 else drug for drug in regimen), start, rng)
    _tell_surroundings(story, profile, plan, first, start, rng)
    if plan.is_second_line_pd1:
        truth.gastric_index = story.lines[1].start
    return story


def _tell_line(story: Story, drugs: tuple[str, ...], start: date, rng: Random) -> date:
    """One line and its progression; returns the day on which the next could start."""
    cycles = rng.randint(3, 6)
    stop = start + timedelta(21 * cycles)
    give(story, drugs, start, stop, cycles=cycles)
    progression = stop + timedelta(rng.randint(7, 25))
    scan(story, start - timedelta(4), "基线评估")
    watch(story, start, progression)
    assess(story, progression, "PD", start - timedelta(4))
    story.lines.append(Line(start, drugs))
    story.performances.append(Performance(start - timedelta(1), ecog=rng.randint(0, 2)))
    return progression + timedelta(rng.randint(8, 20))


def _tell_surroundings(story: Story, profile: Profile, plan: Plan, first: date, end: date, rng: Random) -> None:
    last_seen = end + timedelta(rng.randint(30, 300))
    story.biopsies.append(Biopsy(story.diagnosed, plan.code, plan.histology))
    story.metastases += [
        Metastasis(story.diagnosed, organ) for organ in rng.sample(("LIVER", "PERITONEUM", "DISTANT_LN"), 2)
    ]
    story.stagings.append(Staging(story.diagnosed, "T4a", "N2", "M1", "IV"))
    if rng.random() < 0.7:
        in_hospital = rng.random() < 0.5
        story.deaths.append(Death(last_seen, in_hospital, told_by_family=not in_hospital))
    else:
        story.follow_ups.append(FollowUp(last_seen, by_phone=True))
    clinic.tell_comorbidities(story, rng)
    clinic.tell_admissions(story, first, last_seen, rng)
    clinic.tell_nursing(story, profile, first, rng)
    clinic.tell_labs(story, first, rng)
