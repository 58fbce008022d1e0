"""Laboratory results around the index line: a baseline, values that follow it, and abnormalities of a known grade.

Values are in the first unit of `demo.vocabulary.TESTS` and lie in the middle of their CTCAE grade, so that neither the
conversion to another unit nor its rounding moves them across a bound.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo.story import Dispensing, LabResult, Story


@dataclass(frozen=True, slots=True)
class _Panel:
    """A test's limits, its usual baseline, decimals, and a typical value by grade.

    `by_grade` holds multiples of the upper limit (`is_multiple`) or values as such; `wobble` is the share by which
    results move around the baseline.
    """

    low: float | None
    high: float
    usual: tuple[float, float]
    digits: int
    by_grade: dict[int, float]
    is_multiple: bool = False
    wobble: float = 0.04


_PANELS = {
    "ALT": _Panel(9, 50, (16, 40), 0, {1: 2.0, 2: 4.0, 3: 10.0, 4: 25.0}, is_multiple=True),
    "AST": _Panel(15, 40, (18, 34), 0, {1: 2.0, 2: 4.0, 3: 10.0, 4: 26.0}, is_multiple=True),
    "TBIL": _Panel(None, 23, (8, 18), 1, {1: 1.25, 2: 2.2, 3: 5.0}, is_multiple=True),
    "CREA": _Panel(57, 97, (84, 91), 0, {1: 1.15, 2: 2.2, 3: 4.0}, is_multiple=True),
    "HB": _Panel(130, 175, (140, 160), 0, {1: 110, 2: 90, 3: 70}),
    "NEUT": _Panel(1.8, 6.3, (2.6, 5.4), 2, {1: 1.65, 2: 1.2, 3: 0.7, 4: 0.3}),
    "PLT": _Panel(125, 350, (160, 310), 0, {1: 100, 2: 60, 3: 35, 4: 15}),
    "K": _Panel(3.5, 5.3, (3.9, 4.7), 2, {2: 3.2, 3: 2.7}),
    "NA": _Panel(137, 147, (140, 144), 0, {1: 133, 3: 125}, wobble=0.01),
}
_WOMENS_HB = _Panel(115, 150, (124, 140), 0, {1: 108, 2: 90, 3: 70})
_TSH, _FT4 = (0.55, 4.78), (12.0, 22.0)
_ANAEMIC_BASELINE, _HIGH_BASELINE = (106, 109), (66, 84)
_ANALYSER_LIMIT = 1000
_WORST_BY_TREATMENT = 2
"""Grade of a treated hypothyroidism: what is worse only a clinician can say (R8.5)."""

_PROTEIN = {0: ("阴性", "阴性", "±"), 1: ("1+",), 2: ("2+", "3+"), 3: ("4+",)}
_PROTEIN_24H = (0.02, 0.15)


def plan_grades(adverse_events: dict[str, int], rng: Random) -> dict[str, int]:
    """Worst grade on treatment by test: what the adverse events imply, and abnormalities that nobody wrote down."""
    told = {"ALT": "liver", "HB": "anemia", "U-PRO": "proteinuria", "TSH": "hypothyroidism"}
    grades = {test: adverse_events.get(term, 0) for test, term in told.items()}
    for test, share, possible in (
        ("NEUT", 0.25, (1, 1, 2, 2, 3, 4)),
        ("PLT", 0.2, (1, 1, 2, 3, 4)),
        ("AST", 0.15, (1, 1, 2, 3, 4)),
        ("CREA", 0.12, (1, 2)),
        ("TBIL", 0.12, (1, 2, 3)),
        ("K", 0.06, (2, 3)),
        ("NA", 0.06, (1, 3)),
    ):
        grades[test] = rng.choice(possible) if rng.random() < share else 0
    return grades


def tell_labs(story: Story, grades: dict[str, int], index: date, visits: list[date], rng: Random) -> None:
    """A panel within two weeks before index and at each visit; `grades` are reached at one visit each.

    The truth receives the worst grade of every test that has a result after index.
    """
    baseline = index - timedelta(rng.randint(1, 7))
    for test, panel in _PANELS.items():
        of_sex = _WOMENS_HB if test == "HB" and story.person.sex == "F" else panel
        _tell_test(story, test, of_sex, grades.get(test, 0), baseline, visits, rng)
    _tell_thyroid(story, grades.get("TSH", 0), baseline, visits, rng)
    _tell_protein(story, grades.get("U-PRO", 0), baseline, visits, rng)
    story.labs.append(LabResult(baseline, "CRP", rng.choice(("<0.5", "3.2", "5.8")), None, 8))
    if visits and rng.random() < 0.2:
        _tell_what_nobody_can_grade(story, visits[-1], rng)


def _tell_test(
    story: Story, test: str, panel: _Panel, grade: int, baseline: date, visits: list[date], rng: Random
) -> None:
    usual, floor = panel.usual, 0
    if test == "HB" and rng.random() < 0.25:
        usual, floor = _ANAEMIC_BASELINE, 1
    if test == "ALT" and rng.random() < 0.1:
        usual = _HIGH_BASELINE
    base = rng.uniform(*usual)
    _add(story, baseline, test, panel, base)
    worst = rng.choice(visits) if visits else None
    for day in visits:
        value = base * rng.uniform(1 - panel.wobble, 1 + panel.wobble)
        if day == worst and grade:
            typical = panel.by_grade[grade]
            value = typical * max(panel.high, base) if panel.is_multiple else typical
        _add(story, day, test, panel, value)
    if visits:
        story.truth.worst_grades[test] = max(grade, floor)


def _add(story: Story, day: date, test: str, panel: _Panel, value: float) -> None:
    printed = f"{value:.{panel.digits}f}"
    if test == "AST" and value > _ANALYSER_LIMIT:
        printed = f">{_ANALYSER_LIMIT}"
    story.labs.append(LabResult(day, test, printed, panel.low, panel.high))


def _tell_thyroid(story: Story, grade: int, baseline: date, visits: list[date], rng: Random) -> None:
    """Normal at baseline; later high thyrotropin alone, or treated, after a phase of none at all in some."""
    _add_thyroid(story, baseline, f"{rng.uniform(1.2, 3.2):.2f}", rng.uniform(14, 19))
    for number, day in enumerate(visits[1::2]):
        if not grade:
            _add_thyroid(story, day, f"{rng.uniform(1.2, 3.2):.2f}", rng.uniform(14, 19))
        elif number == 0 and len(visits) > 3 and rng.random() < 0.4:
            _add_thyroid(story, day, "<0.01", 28.0)
        else:
            _add_thyroid(story, day, f"{9 + 8 * grade}.5", 8.4 if grade > 1 else 13.5)
    if grade > 1 and len(visits) > 1:
        story.dispensings.append(Dispensing(visits[-1], "levothyroxine", 100, 1, 0))
    if len(visits) > 1:
        story.truth.worst_grades["TSH"] = min(grade, _WORST_BY_TREATMENT)


def _add_thyroid(story: Story, day: date, thyrotropin: str, thyroxine: float) -> None:
    story.labs.append(LabResult(day, "TSH", thyrotropin, *_TSH))
    story.labs.append(LabResult(day, "FT4", f"{thyroxine:.1f}", *_FT4))


def _tell_protein(story: Story, grade: int, baseline: date, visits: list[date], rng: Random) -> None:
    """Dipsticks; a collection over a day beside one of them, which knows better."""
    story.labs.append(LabResult(baseline, "U-PRO", rng.choice(("阴性", "±")), None, None))
    worst = rng.choice(visits) if visits else None
    for day in visits:
        shown = grade if day == worst else 0
        if shown == 1 and rng.random() < 0.4:
            story.labs.append(LabResult(day, "U-PRO", "3+", None, None))
            story.labs.append(LabResult(day, "U-PRO24", "0.62", *_PROTEIN_24H))
        else:
            story.labs.append(LabResult(day, "U-PRO", rng.choice(_PROTEIN[shown]), None, None))
    if visits:
        story.truth.worst_grades["U-PRO"] = grade


def _tell_what_nobody_can_grade(story: Story, day: date, rng: Random) -> None:
    """A high value without limits, a remark and an empty cell: none of them is grade 0."""
    story.labs.append(LabResult(day, "ALT", f"{rng.randint(60, 90)}", None, None))
    story.labs.append(LabResult(day, "TBIL", "见备注", None, 23))
    story.labs.append(LabResult(day, "PLT", "", 125, 350))
