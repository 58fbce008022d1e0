"""The demo hospital's hidden truth, joined to a release through the source rows that the release names."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import duckdb

PATIENT_FILE = "患者基本信息.csv"

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


def read_truth(home: Path, build: duckdb.DuckDBPyConnection) -> Truth:
    """Read the truth of hospital A; a patient is found by the row of the extract that its pseudonym came from."""
    (delivery,) = (home / "deliveries" / "hospital_a").iterdir()
    with (delivery / PATIENT_FILE).open(encoding="gb18030", newline="") as file:
        raw = list(csv.reader(file))
    rows = build.execute("select patient_key, source_row from staging.stg_patient").fetchall()
    keys = {raw[row - 1][0]: key for key, row in rows}
    return Truth({path.stem: _by_patient(path, keys) for path in (home / "truth").glob("*.csv")})


def _by_patient(path: Path, keys: dict[str, str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[keys[row["identifier"]]].append(row)
    return found
