"""A whole patient with oesophageal cancer: a profile, what makes or breaks eligibility, and every record around."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from demo import clinic
from demo.index_line import tell_index_line
from demo.laboratory import plan_grades, tell_labs
from demo.priors import tell_baseline_radiotherapy, tell_priors
from demo.profile import LOST, Profile
from demo.readings import NOT_EVALUABLE
from demo.safety import Treatment, tell_adverse_events
from demo.story import CUTOFF, Biopsy, Story, Truth
from demo.vitals import tell_vitals

WINDOW = (date(2019, 1, 1), date(2024, 12, 31))
"""First and last possible index date of the anlotinib study, both inside."""

_FIRST_INDEX = {True: date(2020, 9, 1), False: date(2019, 7, 1)}
"""Earliest index told here, by whether an ICI was given before: earlier there was hardly one to give."""

_NOT_AT_CUTOFF, _OUT_OF_GRACE = 20, 45
"""Days from the last record to the cutoff at the least. Of the lost so many that a last supply and its grace are over,
42 days after an infusion every three weeks: else rule R7.6 has them on treatment."""

_DIES_ON_A_FIFTEENTH = {"P007", "P019"}
"""Their families know the month of death only; rule R0.3 then says day 15, which is when they died."""

TellTreatment = Callable[[Story, Profile, date, tuple[date, date], Random], None]
TellPriors = Callable[[Story, Profile, date, date, Random], None]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What sets a screened patient apart; the defaults describe an eligible one.

    `statuses` names the criteria of rule R3.2 that are not MET, E3 apart: it is UNKNOWN without imaging of the brain.
    """

    situation: str
    first_failed: str = ""
    statuses: Mapping[str, str] = field(default_factory=dict)
    age: int | None = None
    ecog: int | None = None
    ecog_notes: str = "usual"
    histology: str = "squamous"
    further_histology: str = ""
    is_metastatic: bool = True
    is_staged: bool = True
    sex_known: bool = True
    window: str = "inside"
    treatment: TellTreatment = tell_index_line
    priors: TellPriors = tell_priors
    add: Callable[[Story, date, Random], None] | None = None
    has_index: bool = True
    disappears: bool = False


def _index_date(profile: Profile, window: str, rng: Random) -> date:
    if window == "after":
        return WINDOW[1] + timedelta(rng.randint(6, 60))
    if window == "before":
        return WINDOW[0] - timedelta(rng.randint(20, 150))
    if profile.stays_on_treatment:
        before_cutoff = 0 if profile.is_seen_after_cutoff else rng.randint(1, 9)
        return CUTOFF - timedelta(before_cutoff + profile.os_days - 1)
    first = _FIRST_INDEX[profile.had_prior_ici]
    silence = _OUT_OF_GRACE if profile.is_lost else _NOT_AT_CUTOFF
    latest = min(WINDOW[1], CUTOFF - timedelta(profile.os_days + silence))
    index = first + timedelta(rng.randint(0, (latest - first).days))
    if profile.label in _DIES_ON_A_FIFTEENTH:
        index += timedelta(15 - (index + timedelta(profile.os_days - 1)).day)
    return index


def _starts(index: date, rng: Random) -> tuple[date, date]:
    """First days of anlotinib and of the PD-1 antibody, up to five days apart; the later one is the index date."""
    earlier = index - timedelta(rng.choice((0, 0, 1, 2, 3, 5)))
    return (index, earlier) if rng.random() < 0.5 else (earlier, index)


def _fit_to_cutoff(profile: Profile, index: date) -> Profile:
    """Of one who starts after the window: stable and followed up to the cutoff."""
    followed = (CUTOFF - index).days - 5
    if profile.best_response == "PD":
        profile = replace(profile, best_response="SD", best_change=0.0)
    return replace(
        profile,
        pfs_days=followed,
        os_days=followed,
        treatment_days=followed,
        pfs_event=False,
        os_event=False,
        status=LOST,
    )


def _as_told(profile: Profile, circumstances: Circumstances) -> Profile:
    return replace(
        profile,
        age=circumstances.age or profile.age,
        ecog=profile.ecog if circumstances.ecog is None else circumstances.ecog,
        had_surgery=profile.had_surgery and circumstances.is_metastatic,
    )


def tell_escc(number: int, profile: Profile, circumstances: Circumstances, rng: Random) -> Story:
    """Tell one patient with cancer of the oesophagus from diagnosis to the last record."""
    index = _index_date(profile, circumstances.window, rng)
    if circumstances.window == "after":
        profile = _fit_to_cutoff(profile, index)
    profile = _as_told(profile, circumstances)
    starts = _starts(index, rng)
    first_dose = min(starts)
    person = clinic.person(number, profile.sex if circumstances.sex_known else "", profile.age, index, rng)
    truth = Truth(
        circumstances.situation, not circumstances.first_failed, circumstances.first_failed, label=profile.label
    )
    story = Story(number, person, profile.site, truth, diagnosed=index)
    circumstances.priors(story, profile, index, first_dose, rng)
    if profile.has_baseline_radiotherapy:
        tell_baseline_radiotherapy(story, index, rng)
    circumstances.treatment(story, profile, index, starts, rng)
    _tell_surroundings(story, profile, circumstances, index, first_dose, rng)
    truth.index = index if circumstances.has_index else None
    truth.facts = _facts(profile, index) if truth.eligible else {}
    return story


def _tell_surroundings(
    story: Story, profile: Profile, circumstances: Circumstances, index: date, first_dose: date, rng: Random
) -> None:
    last_seen = index + timedelta(profile.os_days - 1)
    story.biopsies.append(Biopsy(story.diagnosed, profile.site, circumstances.histology))
    if circumstances.further_histology:
        story.biopsies.append(Biopsy(index - timedelta(35), profile.site, circumstances.further_histology))
    clinic.tell_comorbidities(story, rng)
    clinic.tell_admissions(story, first_dose, last_seen, rng)
    if circumstances.ecog_notes == "usual":
        clinic.tell_baseline_performance(story, profile.ecog, index, first_dose, rng)
    is_imaged = clinic.tell_brain_imaging(story, index, 0.85, rng)
    story.truth.statuses = clinic.statuses(circumstances.statuses, is_brain_imaged=is_imaged)
    _tell_treatment_notes(story, profile, index, last_seen, rng)
    if circumstances.add:
        circumstances.add(story, index, rng)
    if not circumstances.is_metastatic:
        story.metastases = []
        story.stagings = [replace(staging, m="M0", group="III") for staging in story.stagings]
    if not circumstances.is_staged:
        story.stagings = []
    if circumstances.disappears:
        clinic.forget_after(story, index)


def _tell_treatment_notes(story: Story, profile: Profile, index: date, last_seen: date, rng: Random) -> None:
    """Vital signs, laboratory results and adverse events of the index line."""
    grades = dict(profile.adverse_events)
    next_line = min((line.start for line in story.lines if line.start > index), default=None)
    days = clinic.visits(story, index, until=next_line or last_seen + timedelta(1))
    clinic.tell_performance_on_treatment(story, profile.ecog, days, rng)
    tell_vitals(story, grades.get("hypertension", 0), index, days, rng)
    tell_labs(story, plan_grades(grades, rng), index, days, rng)
    last_dose = index + timedelta(profile.treatment_days - 1)
    tell_adverse_events(story, grades, Treatment(index, last_dose, next_line, last_seen), rng)


def _facts(profile: Profile, index: date) -> dict[str, object]:
    """The endpoints and baseline facts that the rules must give back for one of the 87."""
    last_assessment = profile.pfs_days - 1
    if profile.label in NOT_EVALUABLE and not profile.pfs_event:
        last_assessment = NOT_EVALUABLE[profile.label][-1][0]
    return {
        "age": profile.age,
        "sex": profile.sex,
        "ecog": profile.ecog,
        "primary_site": profile.site,
        "prior_surgery": profile.had_surgery,
        "prior_lines": profile.prior_lines,
        "prior_ici": profile.had_prior_ici,
        "tfi_days": profile.prior_ici_free_days,
        "prior_taxane": profile.had_taxane,
        "prior_platinum": profile.had_platinum,
        "prior_targeted": profile.had_targeted,
        "more_than_three_sites": profile.many_sites,
        "baseline_radiotherapy": profile.has_baseline_radiotherapy,
        "anlotinib_mg": profile.anlotinib_mg,
        "pd1": profile.pd1,
        "bor": profile.best_response,
        "first_response_date": index + timedelta(profile.response_days - 1) if profile.response_days else None,
        "pfs_days": last_assessment + 1,
        "pfs_cnsr": int(not profile.pfs_event),
        "os_days": profile.os_days,
        "os_cnsr": int(not profile.os_event),
        "treatment_days": profile.treatment_days,
        "treatment_status": profile.status,
    }
