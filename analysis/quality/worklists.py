"""What waits for a person, as tables: names and texts that nothing settles, and the review queue."""

from collections.abc import Iterator, Sequence

from analysis.disclosure import shown_patients
from analysis.quality.reading import Release, Unknown
from analysis.quality.tables import of_data
from analysis.report.language import tr
from analysis.report.parts import Label, say
from analysis.report.table import Column, Line, Table

FEWEST_SHARING = 5
"""Patients who must share a name before it is printed, as landing asks for its worklist (rule R1)."""

MOST_UNKNOWN = 15
"""Names of one kind and centre that stand in the list by themselves; the others are counted together."""

KINDS = {
    "drug": "Drug names",
    "test": "Names of laboratory tests and vital signs",
    "unit": "Units of laboratory tests",
    "term": "Words for adverse events and their causality",
    "phrase": "Free text",
}
STATUSES = ("OPEN", "DECIDED", "EXPIRED", "INVALID", "NOT_ASKED")


def unknown_table(release: Release, kind: str) -> Table | None:
    """Names or texts of a kind that nothing settles, those of most patients first; None if there are none."""
    some = [one for one in release.unknown if one.kind == kind]
    if not some:
        return None
    lines = [
        line for centre in release.centres for line in _unknown_lines([one for one in some if one.centre == centre])
    ]
    columns = (
        Column(tr("Centre"), "left"),
        Column(tr("Rows")),
        Column(tr("Patients")),
        Column(tr("Vocabulary") if kind in ("term", "phrase") else tr("Read as"), "left"),
        Column(tr("Nearest"), "left"),
    )
    return Table(f"unknown_{kind}", (tr(KINDS[kind]),), tr("As written"), columns, tuple(lines))


def _unknown_lines(some: Sequence[Unknown]) -> Iterator[Line]:
    named = [one for one in some if one.words and one.n_patients >= FEWEST_SHARING][:MOST_UNKNOWN]
    for one in named:
        read_as, nearest = of_data(one.read_as), of_data(one.candidates)
        rows = of_data(shown_patients(one.n_rows))
        yield Line(
            Label(one.words or "", "data"),
            (of_data(one.centre), rows, of_data(shown_patients(one.n_patients)), read_as, nearest),
        )
    rest = len(some) - len(named)
    if rest:
        more = sum(one.n_rows for one in some) - sum(one.n_rows for one in named)
        yield Line(tr("others"), (of_data(some[0].centre), of_data(shown_patients(more)), (), (), ()))


def reviews_table(release: Release) -> Table:
    """Matters of the review queue by rule and centre, and what became of them."""
    places = dict.fromkeys((one.rule, one.centre, one.study) for one in release.reviews)
    matters = {(one.rule, one.centre, one.study, one.status): one.n_matters for one in release.reviews}
    lines = []
    for rule, centre, study in places:
        found = [matters.get((rule, centre, study, status), 0) for status in STATUSES]
        cells = tuple(of_data(shown_patients(number)) for number in found)
        lines.append(Line(Label(rule, "data"), (of_data(centre), of_data(study), *cells)))
    columns = (
        Column(tr("Centre"), "left"),
        Column(tr("Study"), "left"),
        *(Column(tr(status.replace("_", " ").capitalize())) for status in STATUSES),
    )
    note = say("What each rule asks: docs/review.md. The matters themselves: quality.review_queue.")
    caption = (tr("Review queue"),)
    return Table("reviews", caption, tr("Rule"), columns, tuple(lines), (note,))
