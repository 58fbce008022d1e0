"""After landing no raw identifier is under the home: not in lake, quarantine, scratch, manifests or messages."""

from pathlib import Path

import duckdb
import pytest
from pyarrow import parquet

from tests.warehouse.hospital import Hospital
from warehouse.intake import delivery_landing
from warehouse.intake.scratch import create_scratch_tables

CANARIES = ("ZYH-88231907", "王小明", "410105195803172213", "13912345678", "ORDER-5521")


def hospital_of_canaries(root: Path) -> Hospital:
    """Patients' numbers, order numbers and names stand in mapped, unmapped, free-text and wrong columns."""
    number, name, national_id, phone, order = CANARIES
    patient = {"patient_id": {"column": "住院号", "system": "住院号"}, "birth_ym": "出生日期"}
    drug = {
        "patient_id": {"column": "住院号", "system": "住院号"},
        "row_id": {"column": "医嘱ID", "system": "医嘱ID"},
        "source_kind": {"constant": "ORDER"},
        "raw_name": {"column": "备注", "phrases": [["顺铂", "顺铂"]]},
        "dose": "剂量",
        "start_text": "开始",
        "route": {"column": "用法", "map": {"静滴": "IV"}},
    }
    hospital = Hospital(
        root,
        {"file": {"files": ["f*.csv"]}},
        [
            {"table": "patient", "feed": [{"source": "file", "columns": patient}]},
            {"table": "drug_row", "feed": [{"source": "file", "columns": drug}]},
        ],
    )
    header = ["住院号", "姓名", "出生日期", "身份证号", "医嘱ID", "备注", "剂量", "开始", "用法"]
    good = [number, name, "1958-03-17", national_id, order, f"{name}家属来电{phone}；顺铂", "12", "2024-03-05", "静滴"]
    shifted = [number, name, name, national_id, order, f"{phone} 顺铂", phone, national_id, name]
    hospital.deliver("2025-07-05", "f1.csv", [header, good, shifted, [number, phone], [f'"{name}', *good[1:]]])
    hospital.deliver("2025-07-05", "f2.csv", "住院号,姓名\n" + number + ",x\n")
    return hospital


def everything_under(home: Path) -> str:
    """Every byte below the home as text, Parquet decoded; file names too."""
    parts = []
    for path in sorted(home.rglob("*")):
        parts.append(str(path))
        if path.is_file():
            parts.append(path.read_bytes().decode("utf-8", "ignore"))
        if path.suffix == ".parquet":
            parts.append(str(parquet.read_table(path, partitioning=None).to_pylist()))
    return "\n".join(parts)


def test_no_raw_identifier_after_landing(tmp_path: Path) -> None:
    """Good rows, rows in quarantine, broken rows and refused files leave no identifier behind, nor do the messages."""
    hospital = hospital_of_canaries(tmp_path)
    report = hospital.land()
    assert report.rows_landed > 0
    assert report.rows_quarantined > 0
    assert len(report.problems) > 0
    told = "\n".join([*hospital.messages, *report.problems, *report.warnings])
    for canary in CANARIES:
        assert canary not in everything_under(hospital.home.root)
        assert canary not in told


def test_no_raw_identifier_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A landing that dies while it writes leaves no identifier behind, not even before the next one cleans up."""
    hospital = hospital_of_canaries(tmp_path)

    def die(_folder: Path) -> None:
        raise MemoryError

    monkeypatch.setattr(delivery_landing, "remove_tree", die)
    with pytest.raises(MemoryError):
        hospital.land()
    assert list(hospital.home.work.rglob("records.duckdb")) != []
    for canary in CANARIES:
        assert canary not in everything_under(hospital.home.root)


def test_scratch_never_spills_raw_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection that raw rows pass through has no folder to spill into."""
    hospital = hospital_of_canaries(tmp_path)
    seen: list[object] = []

    def note(connection: duckdb.DuckDBPyConnection) -> None:
        seen.append(connection.execute("SELECT current_setting('temp_directory')").fetchone())
        create_scratch_tables(connection)

    monkeypatch.setattr("warehouse.intake.delivery_landing.create_scratch_tables", note)
    hospital.land()
    assert seen == [("",)]


def test_day_of_birth_is_nowhere(tmp_path: Path) -> None:
    """Of a date of birth only year and month are kept."""
    hospital = hospital_of_canaries(tmp_path)
    hospital.land()
    assert "1958-03" in everything_under(hospital.home.root)
    assert "1958-03-17" not in everything_under(hospital.home.root)
