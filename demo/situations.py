"""The catalogue of screened patients who are not eligible, each with the criterion that fails first (rule R3.2).

Named after the situation, so that a test can say whom it means.
"""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from demo.cases import Circumstances
from demo.courses import assess, give, watch
from demo.formulary import FORMULARY
from demo.index_line import tell_index_line, tell_outcome, tell_response
from demo.priors import tell_priors
from demo.profile import Profile
from demo.story import (
    TRIAL,
    Admission,
    CancelledOrder,
    Condition,
    Death,
    Dispensing,
    Elsewhere,
    FollowUp,
    Infusion,
    LabResult,
    Line,
    Metastasis,
    Performance,
    Scan,
    Staging,
    Story,
)


def _without_priors(story: Story, _profile: Profile, _index: date, first_dose: date, rng: Random) -> None:
    story.diagnosed = first_dose - timedelta(rng.randint(14, 25))
    story.metastases.append(Metastasis(story.diagnosed, "LUNG"))
    story.stagings.append(Staging(story.diagnosed, "T3", "N1", "M1", "IVB"))


def _never_curative(story: Story, profile: Profile, index: date, first_dose: date, rng: Random) -> None:
    tell_priors(story, profile, index, first_dose, rng, may_be_curative=False)


def _without_progression(story: Story, profile: Profile, index: date, first_dose: date, rng: Random) -> None:
    """Four cycles, stable, then the study drugs are added: the same line, so nothing came before it."""
    start = first_dose - timedelta(88)
    _without_priors(story, profile, index, start, rng)
    drugs = ("paclitaxel", "carboplatin")
    give(story, drugs, start, start + timedelta(63), cycles=4)
    assess(story, start + timedelta(70), "SD", start - timedelta(5))
    story.lines.append(Line(start, (*drugs, "anlotinib", profile.pd1)))


def _added_to_the_line(story: Story, profile: Profile, index: date, starts: tuple[date, date], rng: Random) -> None:
    tell_index_line(story, profile, index, starts, rng)
    story.lines = [line for line in story.lines if line.start != min(starts)]


def _doses(key: str, first: date) -> list[Infusion]:
    drug = FORMULARY[key]
    return [Infusion(first + timedelta(drug.cycle_days * number), key, drug.mg, drug.cycle_days) for number in range(3)]


def _capsules(first: date, mg: int) -> list[Dispensing]:
    return [Dispensing(first + timedelta(21 * number), "anlotinib", 14, 1, mg) for number in range(3)]


def _with_pdl1(story: Story, profile: Profile, index: date, starts: tuple[date, date], rng: Random) -> None:
    """Anlotinib with a PD-L1 antibody: looks like the regimen and is not."""
    story.dispensings += _capsules(starts[0], profile.anlotinib_mg)
    story.infusions += _doses("benmelstobart", starts[1])
    story.lines.append(Line(min(starts), ("anlotinib", "benmelstobart")))
    _finish(story, profile, index, rng)


def _anlotinib_alone(story: Story, profile: Profile, index: date, _starts: tuple[date, date], rng: Random) -> None:
    story.dispensings += _capsules(index, profile.anlotinib_mg)
    story.lines.append(Line(index, ("anlotinib",)))
    _finish(story, profile, index, rng)


def _pd1_order_cancelled(story: Story, profile: Profile, index: date, starts: tuple[date, date], rng: Random) -> None:
    """The antibody was ordered and cancelled three times."""
    _anlotinib_alone(story, profile, index, starts, rng)
    story.cancelled_orders += [CancelledOrder(dose.day, dose.drug, dose.mg) for dose in _doses(profile.pd1, index)]


def _one_after_the_other(story: Story, profile: Profile, index: date, starts: tuple[date, date], rng: Random) -> None:
    """Three doses of the antibody, a progression, and anlotinib long after the last dose ceased to count."""
    first, later = min(starts), min(starts) + timedelta(95)
    story.infusions += _doses(profile.pd1, first)
    assess(story, first + timedelta(80), "PD", first - timedelta(5))
    story.lines.append(Line(first, (profile.pd1,)))
    story.dispensings += _capsules(later, profile.anlotinib_mg)
    story.lines.append(Line(later, ("anlotinib",)))
    assess(story, later + timedelta(50), "SD", later - timedelta(5))
    tell_outcome(story, replace(profile, pfs_event=False, os_event=False), index, rng)


def _treated_elsewhere(story: Story, _profile: Profile, index: date, first_dose: date, rng: Random) -> None:
    """A course given elsewhere, known by an acronym and by month, and the progression after it."""
    start = index.replace(day=1) - timedelta(150)
    _without_priors(story, _profile, index, start, rng)
    story.elsewhere.append(
        Elsewhere(("paclitaxel", "cisplatin"), start, start + timedelta(60), first_dose, acronym="TP")
    )
    story.lines.append(Line(start.replace(day=1), ("paclitaxel", "cisplatin")))
    assess(story, first_dose - timedelta(10), "PD", start)


def _chemotherapy_only(story: Story, _profile: Profile, index: date, _starts: tuple[date, date], rng: Random) -> None:
    give(story, ("irinotecan", "s1"), index, index + timedelta(70))
    story.lines.append(Line(index, ("irinotecan", "s1")))
    progression = index + timedelta(rng.randint(80, 100))
    watch(story, index, progression)
    assess(story, progression, "PD", index - timedelta(5))


def _finish(story: Story, profile: Profile, index: date, rng: Random) -> None:
    tell_response(story, profile, index, rng)
    tell_outcome(story, profile, index, rng)


def _last_ecog_too_old(story: Story, index: date, rng: Random) -> None:
    story.performances = [Performance(index - timedelta(rng.randint(35, 60)), ecog=1)]


def _no_ecog(story: Story, _index: date, _rng: Random) -> None:
    story.performances = []


def _kps_in_ecog_field(story: Story, index: date, rng: Random) -> None:
    story.performances = [Performance(index - timedelta(2), misfiled_kps=rng.choice((70, 80, 90)))]


def _second_cancer(story: Story, index: date, rng: Random) -> None:
    story.conditions.append(Condition(index - timedelta(200), rng.choice(("C73", "C34.1", "C18.7"))))


def _brain_metastasis(story: Story, index: date, _rng: Random) -> None:
    found = max(stay.start for stay in story.admissions if stay.start < index)
    story.metastases.append(Metastasis(found, "BRAIN"))
    story.scans.append(Scan(found, "MRI", "BRAIN", "脑转移, 病灶周围水肿"))


def _blinded_trial(story: Story, _index: date, rng: Random) -> None:
    """Two doses of a trial whose arms nobody knows, days before a line: one regimen with it (R1, R2.4)."""
    told_by_month = {course.start for course in story.elsewhere}
    line = min((line for line in story.lines if line.start not in told_by_month), key=lambda line: line.start)
    first = line.start - timedelta(rng.randint(1, 3))
    story.blinded_doses += [first, first + timedelta(21)]
    story.lines.remove(line)
    story.lines.append(replace(line, start=first, drugs=(f"BLINDED:{TRIAL}", *line.drugs)))


def _measured_by_nobody_else(
    story: Story, profile: Profile, index: date, starts: tuple[date, date], rng: Random
) -> None:
    tell_index_line(story, profile, index, starts, rng, is_read_twice=False)


def _responses_only_in_lesions(story: Story, _index: date, rng: Random) -> None:
    """Nobody wrote a response down: progressions before index are clinical ones, those after follow from lesions.

    In some the new lesion that proves the progression had been seen, and doubted, one scan before: then it counts.
    """
    outcome = story.truth.outcome
    if outcome is None:
        return
    story.clinical_progressions += [
        seen.day for seen in story.assessments if seen.response == "PD" and seen.day < outcome.index
    ]
    story.admissions += [Admission(day, day + timedelta(3)) for day in story.clinical_progressions]
    story.assessments, outcome.reader = [], "DERIVED"
    found = next((seen for seen in story.lesions if seen.role == "NEW" and seen.state == "UNEQUIVOCAL"), None)
    if found and len(outcome.readings) > 2 and rng.random() < 0.7:
        (doubted_on, _), _ = outcome.readings[-2:]
        story.lesions.append(replace(found, day=doubted_on, state="EQUIVOCAL", mm=6))
        outcome.readings[-2:] = [(doubted_on, "PD")]
        outcome.progression = doubted_on
        outcome.changes.pop()


def _death_far_from_the_registry_s(story: Story, _index: date, _rng: Random) -> None:
    """The family's day and the registry's are seven weeks apart: the registry is believed, and somebody must look."""
    outcome = story.truth.outcome
    if outcome is None or outcome.last_alive is None:
        return
    if outcome.death is None:
        outcome.death = outcome.last_alive + timedelta(9)
    in_hospital = [death for death in story.deaths if death.in_hospital]
    story.deaths = [*in_hospital, Death(outcome.death, "REGISTRY"), Death(outcome.death - timedelta(49), "FAMILY")]


def _specimen_after_death(story: Story, _index: date, _rng: Random) -> None:
    """Blood was drawn ten days after the registry's day of death: that death is disputed."""
    outcome = story.truth.outcome
    if outcome is None or outcome.last_alive is None:
        return
    outcome.death, outcome.is_death_disputed = outcome.last_alive + timedelta(5), True
    story.admissions = [replace(stay, died=False) for stay in story.admissions]
    story.follow_ups.append(FollowUp(outcome.last_alive, by_phone=False))
    story.deaths = [Death(outcome.death, "REGISTRY")]
    story.labs.append(LabResult(outcome.death + timedelta(10), "CRP", "4.4", None, 8))


_NO_INDEX = "I2"
"""Without an index date no baseline window exists, so that performance status is unknown before I5 is asked."""

NO_INDEX_STATUSES = {"I2": "UNKNOWN", "I3": "UNKNOWN", "I4": "UNKNOWN", "I5": "NOT_MET", "E4": "NOT_MET"}


def _fails(criterion: str, status: str = "NOT_MET", *, also: tuple[str, ...] = ()) -> dict[str, str]:
    return {criterion: status} | dict.fromkeys(also, "NOT_MET")


SITUATIONS: tuple[Circumstances, ...] = (
    Circumstances("ecog_missing", "I2", _fails("I2", "UNKNOWN"), ecog_notes="none", add=_no_ecog),
    Circumstances("adenosquamous", "I1", _fails("I1", also=("E1",)), histology="adenosquamous"),
    Circumstances("pdl1_instead_of_pd1", _NO_INDEX, NO_INDEX_STATUSES, treatment=_with_pdl1, has_index=False),
    Circumstances("index_after_window", "I5", _fails("I5"), window="after"),
    Circumstances("no_prior_systemic_therapy", "I4", _fails("I4"), priors=_without_priors),
    Circumstances("second_primary_cancer", "E2", _fails("E2"), add=_second_cancer),
    Circumstances("ecog_three", "I2", _fails("I2"), ecog=3),
    Circumstances(
        "chemotherapy_only",
        _NO_INDEX,
        NO_INDEX_STATUSES,
        priors=_treated_elsewhere,
        treatment=_chemotherapy_only,
        has_index=False,
    ),
    Circumstances("active_brain_metastasis", "E3", _fails("E3"), add=_brain_metastasis),
    Circumstances("age_seventeen", "I3", _fails("I3"), age=17),
    Circumstances("missing_stage", "E4", _fails("E4"), is_staged=False),
    Circumstances("adenocarcinoma_of_oesophagus", "I1", _fails("I1", also=("E1",)), histology="adenocarcinoma"),
    Circumstances("blinded_trial_before_and_ecog_three", "I2", _fails("I2"), ecog=3, add=_blinded_trial),
    Circumstances(
        "no_progression_before_index",
        "I4",
        _fails("I4"),
        priors=_without_progression,
        treatment=_added_to_the_line,
    ),
    Circumstances("second_biopsy_adenocarcinoma", "E1", _fails("E1"), further_histology="adenocarcinoma"),
    Circumstances("anlotinib_alone", _NO_INDEX, NO_INDEX_STATUSES, treatment=_anlotinib_alone, has_index=False),
    Circumstances("kps_in_ecog_field", "I2", _fails("I2", "UNKNOWN"), ecog_notes="none", add=_kps_in_ecog_field),
    Circumstances("never_seen_after_index", "E4", _fails("E4"), disappears=True),
    Circumstances("carcinoma_not_specified", "I1", _fails("I1", "UNKNOWN"), histology="carcinoma_nos"),
    Circumstances("pd1_order_cancelled", _NO_INDEX, NO_INDEX_STATUSES, treatment=_pd1_order_cancelled, has_index=False),
    Circumstances("index_before_window", "I5", _fails("I5"), window="before"),
    Circumstances("last_ecog_too_old", "I2", _fails("I2", "UNKNOWN"), ecog_notes="none", add=_last_ecog_too_old),
    Circumstances(
        "pd1_and_anlotinib_never_overlap", _NO_INDEX, NO_INDEX_STATUSES, treatment=_one_after_the_other, has_index=False
    ),
    Circumstances("never_metastatic", "I1", _fails("I1"), is_metastatic=False, priors=_never_curative),
    Circumstances("ecog_three_and_brain_metastasis", "I2", _fails("I2", also=("E3",)), ecog=3, add=_brain_metastasis),
    Circumstances("sex_not_recorded", "E4", _fails("E4"), sex_known=False),
    Circumstances(
        "ecog_three_and_responses_only_in_lesions",
        "I2",
        _fails("I2"),
        ecog=3,
        treatment=_measured_by_nobody_else,
        add=_responses_only_in_lesions,
    ),
    Circumstances("ecog_three_and_two_days_of_death", "I2", _fails("I2"), ecog=3, add=_death_far_from_the_registry_s),
    Circumstances("ecog_three_and_blood_drawn_after_death", "I2", _fails("I2"), ecog=3, add=_specimen_after_death),
)
