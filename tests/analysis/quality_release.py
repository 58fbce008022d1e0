"""A release of two invented centres as the schemas quality and meta hold it, made from what the models' YAML says."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import duckdb
import yaml

Row = Mapping[str, object]

STUDY = "second_line"
CATEGORIES = {"DQ005": "Conformance", "DQ013": "Conformance", "DQ038": "Completeness", "DQ034": "Completeness"}
MEANINGS = {
    "DQ005": "calendar-impossible date (2023-02-30)",
    "DQ013": "value not in 0..5",
    "DQ034": "alive patient with last contact > 180 days before the cutoff",
    "DQ038": "causality missing",
}


def check(check_id: str, table: str, centre: str, n_rows: int, n_fail: int, **others: object) -> Row:
    """A row of quality.checks; DQ034 is the one of a study, and of the context of validation."""
    is_of_study = check_id == "DQ034"
    return {
        "check_id": check_id,
        "table_name": table,
        "kahn_category": CATEGORIES[check_id],
        "context": "validation" if is_of_study else "verification",
        "severity": "warn" if CATEGORIES[check_id] == "Completeness" else "reject",
        "fires_when": MEANINGS[check_id],
        "remedy": f"What to do about {check_id}.",
        "stops_build": "N",
        "centre_id": centre,
        "study_id": STUDY if is_of_study else None,
        "variant": "primary" if is_of_study else None,
        "n_rows": n_rows,
        "n_fail": n_fail,
        **others,
    }


CHECKS = [
    check("DQ005", "lab", "north", 3000, 3),
    check("DQ005", "contact", "north", 400, 0),
    check("DQ005", "lab", "south", 1000, 0),
    check("DQ005", "contact", "south", 0, 0),
    check("DQ013", "ecog", "north", 300, 0),
    check("DQ013", "ecog", "south", 200, 0),
    check("DQ038", "ae", "north", 100, 10),
    check("DQ038", "ae", "south", 100, 11),
    check("DQ034", "contact", "north", 30, 1),
    check("DQ034", "contact", "south", 20, 10),
    check("DQ034", "contact", "south", 20, 20, variant="other_window"),
]
VOLUMES = {"lab": [40] * 5 + [4] + [40] * 6, "death": [1, 0, 2, 1, 1, 3, 0, 1, 2, 1, 1, 1]}
TABLES: dict[str, list[Row]] = {
    "quality.checks": CHECKS,
    "quality.landing": [
        {
            "centre_id": "north",
            "table_name": "lab",
            "rows_emitted": 3100,
            "rows_landed": 2997,
            "rows_quarantined": 3,
            "rows_duplicate": 100,
        },
        {"centre_id": "south", "table_name": "lab", "rows_emitted": 1000, "rows_landed": 1000, "rows_quarantined": 0},
    ],
    "quality.quarantine": [
        {
            "centre_id": "north",
            "table_name": "lab",
            "check_id": "DQ005",
            "column_name": "specimen_date",
            "reason": "impossible_date",
            "n_rows": 3,
            "delivery_id": "2025-01-31",
            "source_file": "lab.csv",
            "source_row": 858,
        }
    ],
    "quality.unresolved_drugs": [
        {
            "centre_id": "north",
            "raw_name": "shared by twelve",
            "drug_key": "UNRESOLVED",
            "n_rows": 40,
            "n_patients": 12,
        },
        {"centre_id": "north", "raw_name": "shared by seven", "drug_key": "UNRESOLVED", "n_rows": 41, "n_patients": 7},
        {"centre_id": "north", "raw_name": "Zhang three", "drug_key": "UNRESOLVED", "n_rows": 3, "n_patients": 3},
    ],
    "quality.unresolved_lab_tests": [],
    "quality.unresolved_terms": [],
    "quality.unresolved_phrases": [],
    "quality.review_queue": [
        *({"centre_id": "north", "rule": "R6.3", "patient_key": f"n{n}", "decision_status": "OPEN"} for n in range(14)),
        *({"centre_id": "south", "rule": "R6.3", "patient_key": f"s{n}", "decision_status": "OPEN"} for n in range(6)),
    ],
    "quality.completeness": [
        {"centre_id": "north", "table_name": "ae", "column_name": "term", "n_rows": 100, "n_filled": 50},
        {"centre_id": "south", "table_name": "ae", "column_name": "term", "n_rows": 9, "n_filled": 8},
    ],
    "quality.volume_by_month": [
        *(
            {"centre_id": "north", "table_name": table, "event_month": date(2024, month, 1), "n_rows": count}
            for table, counts in VOLUMES.items()
            for month, count in enumerate(counts, 1)
            if count
        ),
        {"centre_id": "south", "table_name": "lab", "event_month": date(2024, 6, 1), "n_rows": 400},
        {"centre_id": "south", "table_name": "lab", "event_month": None, "n_rows": 30},
    ],
    "meta.deliveries": [
        {"centre_id": "north", "delivery_id": "2025-01-31", "extract_date": date(2025, 1, 31)},
        {"centre_id": "south", "delivery_id": "2024-12-31", "extract_date": date(2024, 12, 31)},
    ],
    "meta.delivery_files": [
        {
            "centre_id": "north",
            "delivery_id": "2025-01-31",
            "source_file": "lab.csv",
            "rows_read": 3100,
            "rows_used": 3100,
        },
        {
            "centre_id": "south",
            "delivery_id": "2024-12-31",
            "source_file": "lab.csv",
            "rows_read": 1000,
            "rows_used": 1000,
        },
    ],
    "meta.studies": [{"study_id": STUDY}],
}


def fill(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Make every table of both schemas with the columns of its YAML; counts that a row leaves out are 0."""
    for schema in ("quality", "meta"):
        connection.execute(f"create schema {schema}")
        described = yaml.safe_load((root / "dbt_project" / "models" / schema / f"{schema}.yml").read_text("utf-8"))
        for model in described["models"]:
            _make(connection, f"{schema}.{model['name']}", model["columns"])


def _make(connection: duckdb.DuckDBPyConnection, name: str, columns: Iterable[Mapping[str, str]]) -> None:
    types = {column["name"]: column["data_type"] for column in columns}
    connection.execute(f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in types.items())})")
    for row in TABLES.get(name, []):
        full = {**{column: 0 for column, kind in types.items() if kind == "bigint"}, **row}
        places = ", ".join("?" * len(full))
        connection.execute(f"insert into {name} ({', '.join(full)}) values ({places})", list(full.values()))
