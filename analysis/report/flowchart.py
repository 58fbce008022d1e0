"""The flowchart as data for the page: boxes down the middle, exclusions with their reasons to the side."""

from dataclasses import dataclass

from analysis.ard import Place, Results
from analysis.report.parts import Label, Number, Text
from analysis.report.words import reason_words
from models.protocol import Criterion, Protocol


@dataclass(frozen=True)
class Exclusion:
    """Patients who leave at one criterion: how many, why, and how many remain."""

    kind: str
    label: Label
    left: Number
    reasons: tuple[Text, ...]
    remaining: Number


@dataclass(frozen=True)
class Flow:
    """Screened, exclusions in the protocol's order, included; where nobody left; who was kept although unknown."""

    screened: Number
    exclusions: tuple[Exclusion, ...]
    included: Number
    nobody_left: tuple[Label, ...]
    kept_unknown: tuple[Text, ...]


def build_flow(results: Results, protocol: Protocol) -> Flow:
    """Arrange the counts of the attrition."""
    cohort = Place("cohort")
    exclusions, nobody, kept = [], [], []
    for criterion in protocol.criteria:
        place = Place("attrition", variable=criterion.id)
        unknown = results.number(place, "n_unknown_kept")
        if unknown.value:
            kept.append((Number(unknown, "count"), " kept, unknown: ", Label(criterion.label)))
        if results.number(place, "n_left").value:
            exclusions.append(_exclusion(results, place, criterion))
        else:
            nobody.append(Label(criterion.label))
    return Flow(
        Number(results.number(cohort, "n_screened"), "count"),
        tuple(exclusions),
        Number(results.number(cohort, "n"), "count"),
        tuple(nobody),
        tuple(kept),
    )


def _exclusion(results: Results, place: Place, criterion: Criterion) -> Exclusion:
    reasons = []
    for at in results.places("attrition_reasons", criterion.id):
        words = reason_words(at.variable_level)
        suffix = " (unknown)" if at.group_level == "UNKNOWN" else ""
        reasons.append((Number(results.number(at, "n"), "count"), " ", Label(words, "data"), suffix))
    kind = "Inclusion criterion not met" if criterion.kind == "inclusion" else "Exclusion criterion met"
    left, remaining = (Number(results.number(place, name), "count") for name in ("n_left", "n_out"))
    return Exclusion(kind, Label(criterion.label), left, tuple(reasons), remaining)
