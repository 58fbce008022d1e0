"""What became of every row: counts by file and by contract table, and the identities that they must keep."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from models.errors import AccountingBroken


class _Count(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileCount(_Count):
    """Rows of one source in one file: read = used + skipped + failed.

    `used` rows gave at least one record to a contract table. `error` says why a file was refused as a whole; then no
    row of it counts. `columns` are the names found, `looks` says of those that were read what their cells look like.
    """

    source: str
    file: str
    sha256: str
    bytes: int
    read: int = 0
    used: int = 0
    skipped: dict[str, int] = {}
    failed: dict[str, int] = {}
    error: str | None = None
    columns: tuple[str, ...] = ()
    looks: dict[str, str] = {}


class QuarantineCount(_Count):
    """Records of one table in quarantine for one reason; `file` and `row` are where the first of them stands."""

    check_id: str
    column: str
    reason: str
    rows: int
    file: str
    row: int


class TableCount(_Count):
    """Records of one contract table: emitted = landed + quarantined + duplicates.

    `duplicates` say nothing that the lake or this delivery had not said; `withdrawn` are tombstones for records that
    left a full delivery, which no source row emitted. `known` records were in the lake before a full delivery, and
    `kept` of them stay though it lacks them, because it looks truncated. `is_complete` is false when a file of the
    table was refused: then nothing is taken as gone.
    """

    table: str
    emitted: int = 0
    landed: int = 0
    quarantined: tuple[QuarantineCount, ...] = ()
    duplicates: int = 0
    withdrawn: int = 0
    known: int = 0
    kept: int = 0
    is_full: bool = True
    is_complete: bool = True

    @property
    def rows_quarantined(self) -> int:
        """Records in quarantine, whatever the reason."""
        return sum(count.rows for count in self.quarantined)


class PhraseGap(_Count):
    """Cells of free text that a vocabulary leaves open for one reason; `file` and `row` are where the first stands.

    `text` is given where several patients share it word for word; the others of a reason are counted together.
    """

    source: str
    column: str
    vocabulary: str
    reason: str
    text: str | None
    rows: int
    patients: int
    file: str
    row: int


class ValueCount(_Count):
    """Rows of one source with one value in a cell that feeds a contract column of codes or names.

    `value` is as the source writes it; `beside` is the test whose unit it is, empty for all but units.
    """

    source: str
    table: str
    column: str
    value: str
    beside: str
    rows: int


def check_accounts(where: str, files: Iterable[FileCount], tables: Iterable[TableCount]) -> None:
    """Asserts both identities.

    Raises:
        AccountingBroken: a row is unaccounted for; the message names the file or the table.
    """
    for file in files:
        skipped, failed = sum(file.skipped.values()), sum(file.failed.values())
        if file.read != file.used + skipped + failed:
            raise AccountingBroken(
                f"{where}, {file.file} ({file.source}): {file.read} rows read, but {file.used} used "
                f"+ {skipped} skipped + {failed} failed."
            )
    for table in tables:
        if table.emitted != table.landed + table.rows_quarantined + table.duplicates:
            raise AccountingBroken(
                f"{where}, {table.table}: {table.emitted} records emitted, but {table.landed} landed "
                f"+ {table.rows_quarantined} quarantined + {table.duplicates} duplicates."
            )
