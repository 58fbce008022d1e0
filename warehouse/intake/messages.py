"""What landing says in words: by file, by table, and what a person should read."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from models.mapping import CentreConfig, TableMapping
from warehouse.accounting import FileCount, TableCount
from warehouse.intake.checks import Reason
from warehouse.intake.deliveries import DeliveryFile

_SAYS = {
    Reason.EMPTY: "have no value in {column}, which may not be empty",
    Reason.SPOILT_NUMBER: "have a {column} that a spreadsheet has spoilt (such as 4.1E+17, #N/A, ###)",
    Reason.NOT_IN_MAP: "have a value in {column} that the mapping does not list",
    Reason.NOT_PERMITTED: "have a value in {column} that the contract does not permit",
    Reason.NOT_A_NUMBER: "have a {column} that is no number",
    Reason.OUT_OF_RANGE: "have a {column} out of range",
    Reason.NOT_A_DATE: "have a {column} that is in no form of date",
    Reason.IMPOSSIBLE_DATE: "have a {column} that the calendar does not have",
}


def quarantine_warnings(
    where: str, tables: Sequence[TableCount], config: CentreConfig, files: Sequence[DeliveryFile]
) -> Iterator[str]:
    """One line a reason for which records of a delivery went to quarantine, with the file's own columns in brackets."""
    for table in tables:
        for count in table.quarantined:
            sources = {file.source for file in files if file.name == count.file}
            written = ", ".join(_written_in(config.mapping(table.table), count.column, sources))
            column = f"{count.column} ({written})" if written else count.column
            says = _SAYS[Reason(count.reason)].format(column=column)
            yield (
                f"{where}, table {table.table}: {count.rows} records {says} ({count.check_id}), "
                f"first in {count.file} row {count.row}. "
                f"They are in quarantine; {table.landed} landed. Mend the mapping or the export."
            )


def _written_in(mapping: TableMapping, column: str, sources: Collection[str]) -> Iterable[str]:
    """The columns of the sources from which a contract column is taken."""
    cells = [feed.columns.get(column) for feed in mapping.feed if feed.source in sources]
    return dict.fromkeys(name for cell in cells if cell for name in (cell.columns or (cell.column,)) if name)


def unfed_warnings(where: str, config: CentreConfig, delivered: Collection[str]) -> Iterator[str]:
    """One line about all tables of whose sources none has a file in the delivery."""
    unfed = []
    for mapping in config.tables:
        sources = dict.fromkeys(feed.source for feed in mapping.feed)
        if not any(source in delivered for source in sources):
            files = ", ".join(pattern for source in sources for pattern in config.centre.source[source].files)
            unfed.append(f"{mapping.table} ({files})")
    if unfed:
        yield (
            f"{where}: no file feeds {', '.join(unfed)}: nothing landed in {'them' if len(unfed) > 1 else 'it'}. "
            "If the centre has these data, ask for the files, or look whether they came under other names."
        )


def truncation_warnings(where: str, delivery_id: str, tables: Sequence[TableCount]) -> Iterator[str]:
    """One line a table that looks truncated. What a refused file lacks is told by its refusal."""
    for table in tables:
        if table.kept and table.is_complete:
            yield (
                f"{where}, table {table.table}: {table.kept} of {table.known} known records are not in this full "
                "delivery, but the delivery looks truncated: none was withdrawn. Ask the centre for the whole extract; "
                f"if this is the whole, refresh with --accept-withdrawals {delivery_id}."
            )


def file_line(where: str, count: FileCount, seconds: float) -> str:
    """What became of the rows of a file."""
    if count.error is not None:
        return f"{where}: {count.file} refused"
    skipped, failed = sum(count.skipped.values()), sum(count.failed.values())
    return (
        f"{where}: {count.file} {count.read:,} rows read, {count.used:,} used, {skipped:,} skipped, "
        f"{failed:,} failed ({seconds:.1f} s)"
    )


def table_line(where: str, count: TableCount) -> str:
    """What became of the records of a contract table."""
    return (
        f"{where}: {count.table} {count.emitted:,} records, {count.landed:,} landed, "
        f"{count.rows_quarantined:,} quarantined, {count.duplicates:,} duplicates, {count.withdrawn:,} withdrawn"
    )
