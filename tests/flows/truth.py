"""The demo hospitals' hidden truth, joined to a release through the source rows that the release names."""

import csv
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import duckdb
import pyarrow.parquet as pq

Row = dict[str, str]


@dataclass(frozen=True)
class Truth:
    """Truth by patient_key; `tables` holds every file by its name, several rows a patient."""

    tables: dict[str, dict[str, list[Row]]]

    @property
    def patients(self) -> dict[str, Row]:
        """One row a patient screened."""
        return {key: row for key, (row,) in self.tables["patients"].items()}

    @property
    def lines(self) -> dict[str, list[Row]]:
        """Lines of therapy in order."""
        return self.tables["lines"]

    def events(self, study_index: str) -> dict[str, Row]:
        """One row a patient whom a kind of study has an index date for."""
        return {key: row for key, (row,) in self.tables["events"].items() if row["study_index"] == study_index}

    def situation(self, key: str) -> str:
        """What sets a patient apart."""
        return self.patients[key]["situation"]

    def of_centre(self, centre_id: str) -> "Truth":
        """The patients of one centre."""
        return Truth(
            {
                name: {key: rows for key, rows in table.items() if rows[0]["centre_id"] == centre_id}
                for name, table in self.tables.items()
            }
        )


def _of_csv(delivery: Path) -> list[str]:
    with (delivery / "患者基本信息.csv").open(encoding="gb18030", newline="") as file:
        return [row[0] for row in csv.reader(file)]


def _of_workbook(delivery: Path) -> list[str]:
    """The first sheet holds the patients, each row's first cell the number."""
    (path,) = delivery.glob("*.xlsx")
    with ZipFile(path) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    return ["".join(row[0].itertext()) for row in sheet.iterfind(".//{*}row")]


def _of_parquet(delivery: Path) -> list[str]:
    return [str(person) for person in pq.read_table(delivery / "person.parquet")["person_id"].to_pylist()]


NUMBERS: Mapping[str, Callable[[Path], Sequence[str]]] = {
    "hospital_a": _of_csv,
    "hospital_b": _of_workbook,
    "hospital_c": _of_parquet,
}
"""The patient's number by physical row of the extract, the first row first."""


def read_truth(home: Path, build: duckdb.DuckDBPyConnection) -> Truth:
    """Read the truth of every centre; a patient is found by the row of the extract that its pseudonym came from."""
    keys: dict[tuple[str, str], str] = {}
    for folder in (home / "deliveries").iterdir():
        (delivery,) = folder.iterdir()
        numbers = NUMBERS[folder.name](delivery)
        rows = build.execute(
            "select patient_key, source_row from staging.stg_patient where centre_id = ?", [folder.name]
        ).fetchall()
        keys |= {(folder.name, numbers[row - 1]): key for key, row in rows}
    return Truth({path.stem: _by_patient(path, keys) for path in (home / "truth").glob("*.csv")})


def _by_patient(path: Path, keys: Mapping[tuple[str, str], str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[keys[row["centre_id"], row["identifier"]]].append(row)
    return found
