"""A made-up centre in a temporary folder: its mapping, its deliveries, and what the lake holds after landing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from models.config import Settings
from models.mapping import CentreConfig
from warehouse import NO_ORDERS, CentreReport, FileCount, Home, LocatedCentre, committed_batches, land, landing_orders
from warehouse.lake import quarantine_file, table_files

SETTINGS = Settings(memory_limit="512MB", threads=1)
SEX = {"sex": {"column": "性别", "map": {"男": "M", "女": "F"}, "otherwise": "null"}}
TABLE = "id,性别\n1,男\n2,女\n"
Rows = Sequence[Sequence[str]]


@dataclass
class Hospital:
    """One centre. `sources` and `tables` are what centre.toml and tables/*.toml would say."""

    root: Path
    sources: Mapping[str, Mapping[str, object]]
    tables: Sequence[Mapping[str, object]]
    calendar: Mapping[str, object] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)

    @property
    def home(self) -> Home:
        return Home(self.root / "home")

    @property
    def deliveries(self) -> Path:
        return self.root / "deliveries"

    @property
    def centre(self) -> LocatedCentre:
        config = CentreConfig.model_validate(
            {
                "centre": {
                    "id": "hospital",
                    "name": "Hospital",
                    "deliveries": {"path": "deliveries"},
                    "source": self.sources,
                    **self.calendar,
                },
                "tables": self.tables,
            }
        )
        return LocatedCentre(config, self.root, self.deliveries)

    def deliver(self, delivery: str, name: str, content: bytes | str | Rows, encoding: str = "utf-8") -> Path:
        """Puts a file into a delivery; rows become CSV."""
        path = self.deliveries / delivery / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, (bytes, str)):
            content = "".join(",".join(row) + "\n" for row in content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def land(self, reland: Sequence[str] = (), accept_withdrawals: Sequence[str] = ()) -> CentreReport:
        orders = landing_orders(self.home, [self.centre], reland, accept_withdrawals)
        return land(self.home, self.centre, SETTINGS, self.messages.append, orders.get(self.centre.id, NO_ORDERS))

    def rows(self, table: str, *columns: str) -> list[tuple[object, ...]]:
        """Rows of a lake table in the committed batches, sorted."""
        files = [str(path) for path in table_files(self.home, table, committed_batches(self.home))]
        if not files:
            return []
        with duckdb.connect() as connection:
            return sorted(connection.read_parquet(files).project(", ".join(columns)).fetchall(), key=repr)

    def quarantine(self, *columns: str) -> list[tuple[object, ...]]:
        """Rows of quarantine in the committed batches, sorted."""
        paths = (quarantine_file(self.home, batch.centre_id, batch.batch_id) for batch in committed_batches(self.home))
        files = [str(path) for path in paths if path.exists()]
        if not files:
            return []
        with duckdb.connect() as connection:
            return sorted(connection.read_parquet(files).project(", ".join(columns)).fetchall(), key=repr)


def patients_of(
    root: Path, columns: Mapping[str, object], *, source: Mapping[str, object] | None = None, **mapping: object
) -> Hospital:
    """A hospital of files `patients*` with a column `id`; contract table `patient` takes it and further ones."""
    feed = {"source": "patients", "columns": {"patient_id": {"column": "id", "system": "HIS"}, **columns}}
    table = {"table": "patient", "feed": [feed], **mapping}
    return Hospital(root, {"patients": {"files": ["patients*"], **(source or {})}}, [table])


def one_cell(root: Path, table: str, column: str, cell: object, values: Sequence[str], **others: object) -> Hospital:
    """A hospital that has delivered `values` in the column `cell` of one file; `cell` feeds one contract column."""
    columns = {"patient_id": {"column": "id", "system": "HIS"}, column: cell, **others}
    hospital = Hospital(
        root, {"file": {"files": ["file.csv"]}}, [{"table": table, "feed": [{"source": "file", "columns": columns}]}]
    )
    rows = [f'{number},"{value}"' for number, value in enumerate(values)]
    hospital.deliver("2025-07-05", "file.csv", "\n".join(["id,cell", *rows, ""]))
    return hospital


def only_file(hospital: Hospital) -> FileCount:
    """Lands, and gives the count of the one file."""
    (delivery,) = hospital.land().deliveries
    (file,) = delivery.files
    return file
