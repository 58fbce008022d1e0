"""What a check of a delivery tells, as data: the words on the terminal and the JSON file are made from it."""

from datetime import date

from pydantic import BaseModel, ConfigDict


class _Finding(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UnmatchedColumn(_Finding):
    """A column that the mapping names and the file has not; `nearest` is the most similar name that it has."""

    column: str
    nearest: str | None


class DateColumn(_Finding):
    """Forms of the dates in a column that feeds a date, by rows of the sample; `unread` are those that cannot land."""

    column: str
    forms: dict[str, int]
    unread: tuple[str, ...]


class FileFinding(_Finding):
    """One source in one file. Encodings are of text files; `matched` columns are read, `unused` ones are not."""

    source: str
    file: str
    read: int
    used: int
    skipped: dict[str, int]
    failed: dict[str, int]
    error: str | None
    encoding_declared: str | None
    encoding_detected: str | None
    matched: tuple[str, ...]
    unmatched: tuple[UnmatchedColumn, ...]
    unused: tuple[str, ...]
    dates: tuple[DateColumn, ...]


class MissingSource(_Finding):
    """A source without a file; `near` are files of the delivery that no source reads and whose names are similar."""

    source: str
    patterns: tuple[str, ...]
    required: bool
    near: tuple[str, ...]


class Rejected(_Finding):
    """Records that break the contract in one way; `places` are `file row n` of the first."""

    table: str
    check_id: str
    column: str
    reason: str
    rows: int
    places: tuple[str, ...]


class TableFinding(_Finding):
    """One contract table. `repeated_keys` are business keys that several records of different content share."""

    table: str
    emitted: int
    would_land: int
    quarantined: int
    duplicates: int
    repeated_keys: int
    places: tuple[str, ...]


class UnknownName(_Finding):
    """A name or code that nothing knows. `value` is None for all those together that too few patients share."""

    table: str
    column: str
    value: str | None
    values: int
    rows: int
    nearest: str | None


class CheckReport(_Finding):
    """All that one delivery, tried without landing it, says."""

    centre_id: str
    delivery_id: str
    extract_date: date
    files: tuple[FileFinding, ...]
    missing: tuple[MissingSource, ...]
    unread_files: tuple[str, ...]
    tables: tuple[TableFinding, ...]
    rejected: tuple[Rejected, ...]
    unknown: tuple[UnknownName, ...]
    drift: tuple[str, ...]
    problems: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def can_land(self) -> bool:
        """Whether a refresh would take the delivery as it is."""
        return not self.problems
