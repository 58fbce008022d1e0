"""Deliveries that are larger than memory: read in small chunks and written in runs, they land as if they had fitted."""

from pathlib import Path

import pytest

from tests.warehouse.hospital import Hospital
from warehouse.intake import intake_file, runs, settle

COLUMNS = ("row_key", "row_hash", "is_withdrawn", "delivery_id", "source_file", "source_row", "source_part", "dose")


def hospital_of_orders(root: Path) -> Hospital:
    """Orders of two deliveries: repeats within and across files, bad doses, an open quote, a file that is refused."""
    drug = {
        "patient_id": {"column": "id", "system": "HIS"},
        "row_id": {"column": "order", "system": "order"},
        "source_kind": {"constant": "ORDER"},
        "raw_name": "name",
        "dose": "dose",
    }
    contact = {
        "patient_id": {"column": "id", "system": "HIS"},
        "date_text": "day",
        "kind": {"constant": "OUTPATIENT_VISIT"},
    }
    tables = [
        {"table": "drug_row", "key": ["row_id"], "feed": [{"source": "orders", "columns": drug}]},
        {"table": "contact", "feed": [{"source": "orders", "columns": contact}]},
    ]
    (root / "deliveries").mkdir(parents=True)
    hospital = Hospital(root, {"orders": {"files": ["orders*.csv"]}}, tables)
    header = ["id", "order", "name", "dose", "day"]
    rows = [[str(n % 7), str(n), "顺铂", "?" if n % 9 == 4 else str(n), f"2024-03-{n % 28 + 1:02}"] for n in range(60)]
    hospital.deliver("2025-06-05", "orders_1.csv", [header, *rows, *rows[10:14]])
    hospital.deliver("2025-06-05", "orders_2.csv", [header, *rows[30:40], ["1", '"open', "", "", ""], *rows[5:9]])
    hospital.deliver(
        "2025-06-05", "orders_3.csv", ("id,order,name,dose,day\n" + "1,2,顺铂,3,4\n" * 20).encode() + b"\xff\n"
    )
    hospital.deliver(
        "2025-07-05", "orders_1.csv", [header, *rows[:50], *([*row[:3], "5", row[4]] for row in rows[50:])]
    )
    return hospital


def test_runs_land_what_would_have_landed_from_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, quarantine and counts are the same, whether runs land as they are, lose rows, or are taken back."""
    whole = hospital_of_orders(tmp_path / "whole")
    told = [delivery.tables for delivery in whole.land().deliveries]
    monkeypatch.setattr(intake_file, "CHUNK_ROWS", 1)
    monkeypatch.setattr("warehouse.intake.csv_files.BLOCK_BYTES", 200)
    monkeypatch.setattr(runs, "GATHERED_ROWS", 8)
    monkeypatch.setattr(settle, "LEAST_MOVED_ROWS", 2)
    monkeypatch.setattr(settle, "PART_ROWS", 10)
    in_runs = hospital_of_orders(tmp_path / "in_runs")
    key = in_runs.home.keys / "hospital.key"
    key.parent.mkdir(parents=True)
    key.write_bytes((whole.home.keys / "hospital.key").read_bytes())
    key.chmod(0o600)
    assert [delivery.tables for delivery in in_runs.land().deliveries] == told
    assert len(list(in_runs.home.lake.glob("drug_row/*/*/part-*.parquet"))) > 4
    assert in_runs.rows("drug_row", *COLUMNS) == whole.rows("drug_row", *COLUMNS) != []
    assert in_runs.rows("contact", *COLUMNS[:-1]) == whole.rows("contact", *COLUMNS[:-1]) != []
    place = ("table_name", "source_file", "source_row", "check_id", "row_hmac")
    assert in_runs.quarantine(*place) == whole.quarantine(*place) != []
