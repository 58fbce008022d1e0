"""The flowchart as data for the page: boxes down the middle, exclusions with their reasons to the side."""

from dataclasses import dataclass, field
from typing import Literal

from analysis.ard import Place, Results
from analysis.report.language import tr
from analysis.report.parts import Label, Number, Text, named, plain, say
from analysis.report.table import Column, Line, Table
from analysis.report.words import reason_words
from models.protocol import Criterion, Protocol


@dataclass(frozen=True)
class Reason:
    """Why some of those who leave at a criterion leave."""

    count: Number
    words: Text


@dataclass(frozen=True)
class Exclusion:
    """Patients who leave at one criterion: how many, why, and how many remain."""

    kind: str
    label: Label
    left: Number
    reasons: tuple[Reason, ...]
    remaining: Number


@dataclass(frozen=True)
class Flow:
    """Screened, exclusions in the protocol's order, included; where nobody left; who was kept although unknown."""

    screened: Number
    exclusions: tuple[Exclusion, ...]
    included: Number
    nobody_left: tuple[Label, ...]
    kept_unknown: tuple[Text, ...]
    kind: Literal["flow"] = field(default="flow", init=False)


def build_flow(results: Results, protocol: Protocol) -> Flow:
    """Arrange the counts of the attrition."""
    cohort = Place("cohort")
    exclusions, nobody, kept = [], [], []
    for criterion in protocol.criteria:
        place = Place("attrition", variable=criterion.id)
        unknown = results.number(place, "n_unknown_kept")
        if unknown.value:
            kept.append(say("{n} kept, unknown: {criterion}", n=Number(unknown, "count"), criterion=named(criterion)))
        if results.number(place, "n_left").value:
            exclusions.append(_exclusion(results, place, criterion))
        else:
            nobody.append(named(criterion))
    return Flow(
        Number(results.number(cohort, "n_screened"), "count"),
        tuple(exclusions),
        Number(results.number(cohort, "n"), "count"),
        tuple(nobody),
        tuple(kept),
    )


def flow_table(flow: Flow) -> Table:
    """The flowchart's counts as a table, for documents that hold no drawing."""
    lines = [Line(tr("Screened"), ((), (flow.screened,)))]
    for step in flow.exclusions:
        lines.append(Line(step.label, ((step.left,), (step.remaining,))))
        lines += [Line(Label(plain(reason.words), "data"), ((reason.count,), ()), "level") for reason in step.reasons]
    lines.append(Line(tr("Included"), ((), (flow.included,))))
    notes = [say("Each patient leaves at the first criterion that fails.")]
    if flow.nobody_left:
        nobody = [part for label in flow.nobody_left for part in (label, tr("; "))][:-1]
        notes.append(say("Nobody left at: {criteria}.", criteria=tuple(nobody)))
    notes += [say("{kept}.", kept=kept) for kept in flow.kept_unknown]
    columns = (Column(tr("Left")), Column(tr("Remaining")))
    return Table("table_flow", (tr("Flow of patients"),), tr("Criterion"), columns, tuple(lines), tuple(notes))


def _exclusion(results: Results, place: Place, criterion: Criterion) -> Exclusion:
    reasons = []
    for at in results.places("attrition_reasons", criterion.id):
        reason = Label(tr(reason_words(at.variable_level)), "data")
        unknown = (tr(" (unknown)"),) if at.group_level == "UNKNOWN" else ()
        reasons.append(Reason(Number(results.number(at, "n"), "count"), (reason, *unknown)))
    kind = tr("Inclusion criterion not met") if criterion.kind == "inclusion" else tr("Exclusion criterion met")
    left, remaining = (Number(results.number(place, name), "count") for name in ("n_left", "n_out"))
    return Exclusion(kind, named(criterion), left, tuple(reasons), remaining)
