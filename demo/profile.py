"""Who is treated and how it ends, before any record exists: the 87 of escc87.csv, and invented patients like them.

`escc87.csv` is synthetic: tables found by a search until a published summary came out; nobody's data.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random

DAYS_PER_MONTH = 30.4375
_SITES = {"Upper": "C15.3", "Middle": "C15.4", "Lower": "C15.5"}
_ADVERSE_EVENT = "ae_"
LOST = "lost to follow-up"
_SEEN_AFTER_CUTOFF = {"P022", "P046", "P052", "P075"}


@dataclass(frozen=True, slots=True)
class Profile:
    """One treated patient.

    Durations are days with both ends counted; `prior_ici_free_days` is index date minus last prior ICI dose.
    """

    label: str
    age: int
    sex: str
    ecog: int
    site: str
    had_surgery: bool
    prior_lines: int
    had_prior_ici: bool
    many_sites: bool
    has_baseline_radiotherapy: bool
    anlotinib_mg: int
    pd1: str
    had_taxane: bool
    had_platinum: bool
    had_targeted: bool
    best_response: str
    best_change: float | None
    response_days: int | None
    pfs_days: int
    pfs_event: bool
    os_days: int
    os_event: bool
    prior_ici_free_days: int | None
    treatment_days: int
    status: str
    adverse_events: tuple[tuple[str, int], ...]

    @property
    def stays_on_treatment(self) -> bool:
        """Whether treatment goes on at the data cutoff."""
        return self.status == "on treatment"

    @property
    def is_lost(self) -> bool:
        """Whether nobody knows what happened after the last dose."""
        return self.status == LOST

    @property
    def is_seen_after_cutoff(self) -> bool:
        """Whether later facts are recorded: they prove life at the cutoff, so follow-up must end on that very day."""
        return self.label in _SEEN_AFTER_CUTOFF

    @property
    def progressed(self) -> bool:
        """Whether progression-free survival ends with a progression and not with death on that day."""
        return self.pfs_event and not (self.os_event and self.pfs_days == self.os_days)


def days(months: str) -> int:
    """Months with one decimal as whole days: keeps every figure that was printed from months."""
    return round(float(months) * DAYS_PER_MONTH)


def _optional_days(months: str) -> int | None:
    return days(months) if months else None


def _response_days(row: dict[str, str]) -> int | None:
    """Days to the first response, such that the duration of response prints as given.

    Response plus duration and progression-free survival were rounded apart: the nearest day that fits is taken, one day
    later for P062 (3.0 + 25.6 months against 28.6), the same day for all others.
    """
    if not row["ttr_months"]:
        return None
    nearest = days(row["ttr_months"])
    for candidate in (nearest, nearest + 1, nearest - 1):
        duration = days(row["pfs_months"]) - candidate + 1
        if f"{duration / DAYS_PER_MONTH:.1f}" == f"{float(row['dor_months']):.1f}":
            return candidate
    raise ValueError(f"escc87.csv: time to response and duration of {row['patient_id']} do not fit its progression")


def _profile(row: dict[str, str]) -> Profile:
    return Profile(
        label=row["patient_id"],
        age=int(row["age"]),
        sex=row["sex"][0],
        ecog=int(row["ecog"]),
        site=_SITES[row["primary_site"]],
        had_surgery=row["prior_surgery"] == "Yes",
        prior_lines=int(row["prior_lines"]),
        had_prior_ici=row["prior_ici"] == "1",
        many_sites=row["met_sites"] == ">3",
        has_baseline_radiotherapy=row["radiotherapy"] == "Yes",
        anlotinib_mg=int(row["anlotinib_mg"]),
        pd1=row["pd1"].lower(),
        had_taxane=row["prior_taxane"] == "1",
        had_platinum=row["prior_platinum"] == "1",
        had_targeted=row["prior_targeted"] == "1",
        best_response=row["best_response"],
        best_change=float(row["best_pct_change"]) if row["best_pct_change"] else None,
        response_days=_response_days(row),
        pfs_days=days(row["pfs_months"]),
        pfs_event=row["pfs_event"] == "1",
        os_days=days(row["os_months"]),
        os_event=row["os_event"] == "1",
        prior_ici_free_days=_optional_days(row["tfi_months"]),
        treatment_days=days(row["treatment_months"]),
        status=row["treatment_status"],
        adverse_events=tuple(
            (name.removeprefix(_ADVERSE_EVENT), int(grade))
            for name, grade in row.items()
            if name.startswith(_ADVERSE_EVENT) and grade != "0"
        ),
    )


@cache
def published_profiles() -> tuple[Profile, ...]:
    """The 87 patients of the anlotinib study, in the order of escc87.csv."""
    with files("demo").joinpath("escc87.csv").open(encoding="utf-8") as table:
        return tuple(_profile(row) for row in csv.DictReader(table))


_BEST_RESPONSES = ("SD", "SD", "SD", "SD", "PR", "PR", "CR", "PD")
_CHANGES = {"SD": (-28, 12), "PR": (-65, -32), "CR": (-100, -100), "PD": (20, 38)}
"""Range of the best change of the sum of diameters, in percent of baseline."""

_TERMS = {
    **dict.fromkeys(("fatigue", "hypertension", "nausea_vomiting", "anemia", "hand_foot", "liver", "proteinuria"), 3),
    "hypothyroidism": 2,
}
"""Adverse events of invented patients and the worst grade that they reach."""

_SEVERITIES = (0, 0, 0, 1, 1, 2, 2, 3)


def _invented_adverse_events(rng: Random) -> tuple[tuple[str, int], ...]:
    graded = [(term, min(rng.choice(_SEVERITIES), worst)) for term, worst in _TERMS.items()]
    return tuple((term, grade) for term, grade in graded if grade)


def invented_profile(rng: Random) -> Profile:
    """A patient who would be eligible if nothing else were told: earlier lines, a response, a progression."""
    best_response = rng.choice(_BEST_RESPONSES)
    progression = rng.randint(40, 75) if best_response == "PD" else rng.randint(140, 330)
    treatment = progression - rng.randint(0, 20)
    return Profile(
        label="",
        age=rng.randint(38, 82),
        sex=rng.choice("MMF"),
        ecog=rng.choice((0, 1, 1, 1, 2)),
        site=rng.choice(tuple(_SITES.values())),
        had_surgery=rng.random() < 0.4,
        prior_lines=rng.choice((1, 1, 2, 2, 3)),
        had_prior_ici=False,
        many_sites=rng.random() < 0.3,
        has_baseline_radiotherapy=rng.random() < 0.1,
        anlotinib_mg=rng.choice((12, 12, 10)),
        pd1=rng.choice(("camrelizumab", "tislelizumab", "pembrolizumab", "sintilimab", "toripalimab")),
        had_taxane=rng.random() < 0.6,
        had_platinum=rng.random() < 0.6,
        had_targeted=False,
        best_response=best_response,
        best_change=float(rng.randint(*_CHANGES[best_response])),
        response_days=rng.randint(43, 60) if best_response in ("PR", "CR") else None,
        pfs_days=progression,
        pfs_event=True,
        os_days=max(progression + rng.randint(30, 250), 300),
        os_event=rng.random() < 0.7,
        prior_ici_free_days=None,
        treatment_days=treatment,
        status="progression or death",
        adverse_events=_invented_adverse_events(rng),
    )
