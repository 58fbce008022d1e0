"""The demo hospital's hidden truth, joined to a release through the source rows that the release names."""

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

PATIENT_FILE = "患者基本信息.csv"


@dataclass(frozen=True)
class Truth:
    """Truth by patient_key: one row a patient, several a line."""

    patients: dict[str, dict[str, str]]
    lines: dict[str, list[dict[str, str]]]


def read_truth(home: Path, build: duckdb.DuckDBPyConnection) -> Truth:
    """Read the truth of hospital A; a patient is found by the row of the extract that its pseudonym came from."""
    (delivery,) = (home / "deliveries" / "hospital_a").iterdir()
    with (delivery / PATIENT_FILE).open(encoding="gb18030", newline="") as file:
        raw = list(csv.reader(file))
    rows = build.execute("select patient_key, source_row from staging.stg_patient").fetchall()
    keys = {raw[row - 1][0]: key for key, row in rows}
    patients = {keys[row["identifier"]]: row for row in _rows(home / "truth" / "patients.csv")}
    lines: dict[str, list[dict[str, str]]] = {}
    for row in _rows(home / "truth" / "lines.csv"):
        lines.setdefault(keys[row["identifier"]], []).append(row)
    return Truth(patients, lines)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
