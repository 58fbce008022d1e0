"""The tables of the page, built once, printed as HTML and as CSV. Numbers of patients below ten are not printed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from analysis.disclosure import FEWEST_PATIENTS, shown_patients
from analysis.quality.figures import CATEGORIES, CONTEXTS
from analysis.quality.reading import Check, Release
from analysis.report.language import tr
from analysis.report.parts import Label, Text, format_value, plain, say
from analysis.report.table import Column, Line, Table


def of_data(words: object) -> Text:
    """Something that the data or the release say, as a cell; nothing for None."""
    return () if words is None else (Label(str(words), "data"),)


def count(number: int) -> Text:
    """A count with its thousands."""
    return of_data(f"{number:,}")


def percent(number: float) -> str:
    """A percentage; one that is not 0 never prints as 0."""
    return "< 0.1" if 0 < number < 0.1 else format_value(number, "percent")


def deliveries_table(release: Release) -> Table:
    """Every delivery with its extract date and what became of the rows of its files."""
    lines = [
        Line(
            Label(f"{one.centre} {one.delivery}", "data"),
            (of_data(one.extract_date), *map(count, (one.n_files, one.read, one.used, one.skipped, one.failed))),
        )
        for one in release.deliveries
    ]
    headings = ("Extract date", "Files", "Rows read", "Used", "Skipped", "Failed")
    return Table(
        "deliveries",
        (tr("Deliveries of this release"),),
        tr("Centre and delivery"),
        tuple(Column(tr(heading)) for heading in headings),
        tuple(lines),
        (say("Rows read = used + skipped + failed; meta.delivery_files has them by file."),),
    )


def kahn_table(release: Release) -> Table:
    """Checks that looked at rows, and those beyond their tolerance, by Kahn's category and context."""
    lines = []
    for category in CATEGORIES:
        some = [one for one in release.checks if one.category == category]
        cells = [cell for context in CONTEXTS for cell in _numbers([one for one in some if one.context == context])]
        lines.append(Line(tr(category), (*cells, *_numbers(some))))
    above = (*(tr(context.capitalize()) for context in CONTEXTS), tr("Both"))
    columns = tuple(
        Column(tr(heading), above=over)
        for over in above
        for heading in ("Listed", "Looked at rows", "Beyond tolerance")
    )
    notes = (
        say("Categories and contexts after Kahn et al., eGEMs (2016). Verification: against the data themselves."),
        say("Validation: against what is known elsewhere. A check counts once, whatever its tables and centres."),
    )
    return Table("kahn", (tr("Checks by Kahn's category and context"),), tr("Category"), columns, tuple(lines), notes)


def _numbers(checks: Iterable[Check]) -> list[Text]:
    every = list(checks)
    groups = (every, [one for one in every if one.n_rows], [one for one in every if one.is_exceeded])
    return [count(len({one.check_id for one in group})) for group in groups]


@dataclass(frozen=True)
class CheckSum:
    """A check at one centre, over its tables: what a reader of the list sees."""

    check: Check
    tables: tuple[str, ...]
    n_rows: int
    n_fail: int
    is_exceeded: bool | None

    @property
    def percent(self) -> str:
        """Share that failed; empty without rows."""
        return percent(100 * self.n_fail / self.n_rows) if self.n_rows else ""

    @property
    def tolerance(self) -> str:
        """In percent; empty where nothing is judged."""
        return tolerance_words(self.check)


def tolerance_words(check: Check) -> str:
    """The tolerance in percent, without needless decimals; empty where nothing is judged."""
    return "" if check.tolerance is None else f"{check.tolerance.normalize():f}"


def check_sums(release: Release, category: str) -> Iterator[CheckSum]:
    """The checks of a category, one line a centre and study."""
    some = sorted(
        (one for one in release.checks if one.category == category),
        key=lambda one: (one.check_id, one.centre or "", one.study or ""),
    )
    for _, group in groupby(some, key=lambda one: (one.check_id, one.centre, one.study)):
        of_tables = list(group)
        judged = [one.is_exceeded for one in of_tables if one.is_exceeded is not None]
        yield CheckSum(
            of_tables[0],
            tuple(one.table for one in of_tables),
            sum(one.n_rows for one in of_tables),
            sum(one.n_fail for one in of_tables),
            any(judged) if judged else None,
        )


def checks_table(release: Release) -> Table:
    """Every check on every table and centre, for spreadsheets."""
    lines = [
        Line(
            Label(one.check_id, "data"),
            (
                (tr(one.category),),
                (tr(one.context.capitalize()),),
                of_data(one.table),
                of_data(one.centre),
                of_data(one.study),
                of_data(one.severity),
                (Label(tr(one.fires_when), "data"),),
                of_data(one.n_rows),
                of_data(one.n_fail),
                of_data(tolerance_words(one)),
                ("" if one.is_exceeded is None else tr("beyond") if one.is_exceeded else tr("within"),),
                (Label(tr(one.remedy), "data"),),
            ),
        )
        for one in release.checks
    ]
    headings = (
        "Category",
        "Kahn's context",
        "Table",
        "Centre",
        "Study",
        "Severity",
        "What fails",
        "Looked at",
        "Failed",
        "Tolerance, %",
        "Verdict",
        "What to do",
    )
    columns = tuple(Column(tr(heading)) for heading in headings)
    return Table("checks", (tr("All checks"),), tr("Check"), columns, tuple(lines))


def centres_table(release: Release) -> Table:
    """What landing did with the records of each centre, and how many checks are beyond their tolerance there."""
    lines = []
    for one in release.landing:
        beyond = {check.check_id for check in release.exceeded if check.centre == one.centre}
        counts = (one.emitted, one.landed, one.quarantined, one.duplicates, len(beyond))
        lines.append(Line(Label(one.centre, "data"), tuple(map(count, counts))))
    headings = ("Records", "Landed", "Quarantined", "Duplicates", "Checks beyond tolerance")
    return Table(
        "centres",
        (tr("Centres side by side"),),
        tr("Centre"),
        tuple(Column(tr(heading)) for heading in headings),
        tuple(lines),
        (say("Records made by the mapping = landed + quarantined + duplicates."),),
    )


def matrix_table(release: Release) -> Table | None:
    """Checks beyond their tolerance at one centre at least: the share of failing rows at each; None for one centre."""
    centres = release.centres
    if len(centres) < 2:
        return None
    wanted = {(one.check_id, one.study) for one in release.exceeded if one.centre}
    lines = []
    for category in CATEGORIES:
        sums = {(one.check.check_id, one.check.study, one.check.centre): one for one in check_sums(release, category)}
        for check_id, study in sorted(wanted, key=lambda place: (place[0], place[1] or "")):
            at = [sums.get((check_id, study, centre)) for centre in centres]
            if any(at):
                meaning = next(one for one in at if one).check.fires_when
                lines.append(Line(Label(f"{check_id} {tr(meaning)}", "data"), tuple(map(_standing, at))))
    columns = tuple(Column(centre) for centre in centres)
    note = say("Rows that fail in percent of those looked at; ▲ beyond the tolerance.")
    caption = (tr("Checks beyond tolerance, by centre"),)
    return Table("centres_checks", caption, tr("Check"), columns, tuple(lines), (note,))


def _standing(one: CheckSum | None) -> Text:
    return () if one is None or not one.n_rows else of_data(f"{'▲ ' if one.is_exceeded else ''}{one.percent}")


def quarantine_table(release: Release) -> Table:
    """What was refused and why, and where the first such record stands."""
    lines = [
        Line(
            Label(f"{one.table}.{one.column}", "data"),
            (
                of_data(one.centre),
                (tr(one.reason.replace("_", " ")),),
                of_data(one.check_id),
                count(one.n_rows),
                of_data(", ".join(map(str, filter(None, (one.delivery, one.file, one.row and row_words(one.row)))))),
            ),
        )
        for one in release.quarantine
    ]
    columns = (
        Column(tr("Centre"), "left"),
        Column(tr("Reason"), "left"),
        Column(tr("Check"), "left"),
        Column(tr("Records")),
        Column(tr("First in the newest delivery"), "left"),
    )
    note = say("Records count once for each delivery that holds them.")
    caption = (tr("Quarantine by reason"),)
    return Table("quarantine", caption, tr("Table and column"), columns, tuple(lines), (note,))


def row_words(row: int) -> str:
    """A physical row of a file, in words."""
    return plain(say("row {n}", n=of_data(row)))


def completeness_table(release: Release) -> Table:
    """Share of rows with a value, column by column, for spreadsheets."""
    lines = [
        Line(
            Label(f"{one.table}.{one.column}", "data"),
            (
                of_data(one.centre),
                of_data(shown_patients(one.n_rows)),
                () if one.n_rows < FEWEST_PATIENTS else of_data(percent(100 * one.n_filled / one.n_rows)),
            ),
        )
        for one in sorted(release.filled, key=lambda one: (one.table, one.column, one.centre))
    ]
    columns = tuple(Column(tr(heading)) for heading in ("Centre", "Rows", "Filled, %"))
    return Table("completeness", (tr("Completeness of each field"),), tr("Table and column"), columns, tuple(lines))


def volume_table(release: Release) -> Table:
    """Rows of each table and month, for spreadsheets."""
    lines = [
        Line(
            Label(table, "data"), (of_data(centre), of_data(month and f"{month:%Y-%m}"), of_data(shown_patients(rows)))
        )
        for (centre, table), by_month in release.volumes.items()
        for month, rows in by_month.items()
    ]
    columns = tuple(Column(tr(heading)) for heading in ("Centre", "Month", "Rows"))
    return Table("volume_by_month", (tr("Rows a month"),), tr("Table"), columns, tuple(lines))
