"""Every history that a record can have over a few deliveries, and what the lake last says of each."""

from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path

import duckdb

from tests.warehouse.hospital import Hospital
from warehouse import Home, committed_batches
from warehouse.lake import table_files

DAYS = ("2025-04-30", "2025-05-31", "2025-06-30", "2025-07-31")
HEADER = ["id", "no", "day", "status"]
FIRST, SECOND, IMPOSSIBLE = "2024-01-01", "2024-01-02", "2024-02-30"

WORDS: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    ((FIRST, "done"),),
    ((SECOND, "done"),),
    ((FIRST, "void"),),
    ((IMPOSSIBLE, "done"),),
    ((FIRST, "done"), (SECOND, "done"), (FIRST, "done")),
    ((SECOND, "void"), (SECOND, "done")),
)
"""What a delivery can say of a record: nothing, a day, another, withdrawn, unreadable, corrected back, revived."""

HISTORIES: tuple[tuple[tuple[tuple[str, str], ...], ...], ...] = tuple(product(WORDS, repeat=len(DAYS)))


def hospital(root: Path, secret: str = "one key for every home") -> Hospital:
    """Orders as full dumps (drug_row) and the same rows as changes (scan), both with withdrawal marks."""
    hospital = Hospital(
        root,
        {"orders": {"files": ["orders.csv"], "encoding": "utf-8"}},
        [
            _mapping(
                "drug_row",
                "row_id",
                "start_text",
                "full",
                raw_name={"constant": "顺铂"},
                source_kind={"constant": "ADMIN"},
            ),
            _mapping("scan", "scan_id", "scan_date", "changes", modality={"constant": "CT"}),
        ],
    )
    hospital.home.ensure()
    key = hospital.home.keys / "hospital.key"
    key.write_text(secret)
    key.chmod(0o600)
    return hospital


def _mapping(table: str, key: str, day: str, delivery: str, **constants: object) -> dict[str, object]:
    feed = {
        "source": "orders",
        "withdrawn": {"column": "status", "among": ["void"]},
        "columns": {
            "patient_id": {"column": "id", "system": "HIS"},
            key: {"column": "no", "system": "order"},
            day: "day",
            **constants,
        },
    }
    return {"table": table, "key": [key], "delivery": delivery, "feed": [feed]}


def rows_of(day_no: int, numbers: Iterable[int]) -> list[Sequence[str]]:
    """What the delivery of a day says of the records of these histories."""
    return [
        [str(number % 97), str(number), day, status] for number in numbers for day, status in HISTORIES[number][day_no]
    ]


def last_words(home: Home, table: str) -> set[tuple[object, ...]]:
    """Key and content of every record that is not withdrawn, in the order that staging keeps."""
    files = [str(path) for path in table_files(home, table, committed_batches(home))]
    if not files:
        return set()
    with duckdb.connect() as connection:
        rows = connection.execute(
            """
            SELECT row_key, row_hash FROM (
                SELECT *, row_number() OVER (
                    PARTITION BY row_key
                    ORDER BY extract_date DESC, delivery_seq DESC, source_row DESC, source_part DESC, row_hash DESC
                ) AS word_number
                FROM read_parquet(?, hive_partitioning = false)
            ) WHERE word_number = 1 AND NOT is_withdrawn
            """,
            [files],
        ).fetchall()
    return set(rows)
