"""What landing tells: by centre, delivery, file and table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from warehouse.accounting import FileCount, TableCount


@dataclass(frozen=True)
class FileIntake:
    """What came of one file."""

    count: FileCount
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    refused_tables: frozenset[str]


class Status(StrEnum):
    """What became of a delivery.

    LANDED: read from its files. UNCHANGED: the lake has it already. KEPT: its folder has gone, the lake keeps what it
    said. COMPARED: not read, but its differences were taken again, since a delivery before it is new or another.
    REFUSED: its files cannot be read; what the lake had of it stays.
    """

    LANDED = "landed"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    COMPARED = "compared"
    REFUSED = "refused"


@dataclass(frozen=True)
class DeliveryReport:
    """One delivery. `problems` need somebody to act before a release may be published; `warnings` only to be read."""

    delivery_id: str
    extract_date: date
    status: Status
    batch_id: str | None = None
    files: tuple[FileCount, ...] = ()
    tables: tuple[TableCount, ...] = ()
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class CentreReport:
    """One centre's deliveries in order."""

    centre_id: str
    deliveries: tuple[DeliveryReport, ...]
    centre_problems: tuple[str, ...] = ()
    centre_warnings: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """All that needs somebody to act."""
        return (*self.centre_problems, *(problem for delivery in self.deliveries for problem in delivery.problems))

    @property
    def warnings(self) -> tuple[str, ...]:
        """All that should be read."""
        return (*self.centre_warnings, *(warning for delivery in self.deliveries for warning in delivery.warnings))

    @property
    def rows_read(self) -> int:
        """Source rows read in this run."""
        return sum(file.read for delivery in self._landed() for file in delivery.files)

    @property
    def rows_landed(self) -> int:
        """Records landed in this run, all tables."""
        return sum(table.landed for delivery in self._landed() for table in delivery.tables)

    @property
    def rows_quarantined(self) -> int:
        """Records put into quarantine in this run, all tables."""
        return sum(table.rows_quarantined for delivery in self._landed() for table in delivery.tables)

    def _landed(self) -> Iterator[DeliveryReport]:
        return (delivery for delivery in self.deliveries if delivery.status is Status.LANDED)
