"""What a format says of itself to be compared: who writes it, who reads it, what it cannot carry."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from demo.story import Story


class Writer(Protocol):
    """Writes stories down in the shape of the format, as `demo.generator.Hospital` does."""

    identifier_system: str

    def write(self, story: Story) -> str:
        """Write one patient's records and return the number that they carry."""

    def close(self) -> None:
        """Finish all files."""


@dataclass(frozen=True)
class CannotCarry:
    """Content of a table that differs from hospital A's, and why.

    Without `columns`, the rows that `rows` selects (SQL over the table's columns) are left out on both sides; with
    them, only these columns of such rows are.
    """

    table: str
    why: str
    columns: tuple[str, ...] = ()
    rows: str = "true"


@dataclass(frozen=True)
class Format:
    """One shape of deliveries.

    Args:
        name: what the tests call it.
        centre_id: the centre that delivers in it, mapped by `centres/<centre_id>` unless `standard` is given.
        writer: makes the writer of a delivery's folder.
        standard: the shipped mapping that a centre of five lines names.
        mapped_by: the shipped centre whose mapping serves, where that is another than `centre_id`.
        in_database: whether the files are loaded into a PostgreSQL server, which the centre then reads instead.
        cannot_carry: where its contract rows differ from hospital A's.
        marts_differ: where its marts (`schema.table`) then differ from hospital A's.
    """

    name: str
    centre_id: str
    writer: Callable[[Path], Writer]
    standard: str | None = None
    mapped_by: str | None = None
    in_database: bool = False
    cannot_carry: tuple[CannotCarry, ...] = ()
    marts_differ: tuple[CannotCarry, ...] = ()

    def centre_folder(self, root: Path, made: Path) -> Path:
        """The folder with the centre's mapping: a shipped one, or five lines written below `made`."""
        if self.standard is None:
            return root / "centres" / (self.mapped_by or self.centre_id)
        folder = made / self.centre_id
        folder.mkdir(parents=True)
        lines = (
            f'id = "{self.centre_id}"',
            f'name = "{self.name}"',
            f'mapping = "{self.standard}"',
            "[deliveries]",
            f'path = "deliveries/{self.centre_id}"',
        )
        (folder / "centre.toml").write_text("\n".join(lines), encoding="utf-8")
        return folder
