"""What changes between two months is noticed when the second is landed, and named."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from tests.warehouse.hospital import Hospital
from warehouse import committed_batches

HEADER = ["id", "sample", "taken", "test", "result", "unit", "note"]
JUNE, JULY = "2025-06-05", "2025-07-05"


def laboratory(root: Path) -> Hospital:
    """A hospital whose laboratory results and patients' sexes are mapped; the column `note` is not."""
    results = {
        "patient_id": {"column": "id", "system": "HIS"},
        "result_id": {"column": "sample", "system": "sample"},
        "specimen_date": "taken",
        "test": "test",
        "value_text": "result",
        "unit": "unit",
    }
    sexes = {"patient_id": {"column": "id", "system": "HIS"}, "sex": {"column": "sex", "map": {"男": "M", "女": "F"}}}
    return Hospital(
        root,
        {"results": {"files": ["results.csv"]}, "patients": {"files": ["patients.csv"], "required": False}},
        [
            {"table": "lab", "delivery": "changes", "feed": [{"source": "results", "columns": results}]},
            {"table": "patient", "delivery": "changes", "feed": [{"source": "patients", "columns": sexes}]},
        ],
    )


def results(month: str, unit: str = "g/L", patients: Iterable[int] = range(30)) -> list[Sequence[str]]:
    """One haemoglobin of each patient in a month."""
    return [
        [str(patient), f"{month}/{patient}", f"{month}-01", "HGB", str(120 + patient % 9), unit, "-"]
        for patient in patients
    ]


def drift_of(hospital: Hospital) -> list[str]:
    """What the last landing said of changes since the delivery before it."""
    return [line for line in hospital.land().deliveries[-1].warnings if "since delivery" in line]


def test_two_like_months_drift_in_nothing(tmp_path: Path) -> None:
    """New patients, dates, numbers and results are what a new month brings."""
    hospital = laboratory(tmp_path)
    hospital.deliver(JUNE, "results.csv", [HEADER, *results("2025-05")])
    hospital.deliver(JULY, "results.csv", [HEADER, *results("2025-06", patients=range(5, 60))])
    assert drift_of(hospital) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("taken", "taken at", "column 'taken' seems to be called 'taken at' now"),
        ("taken", "采样时间", "column 'taken' seems to be called '采样时间' now"),
    ],
)
def test_a_renamed_column_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    """A column that is gone while one like it in name, or in what its cells look like, is new."""
    hospital = laboratory(tmp_path)
    hospital.deliver(JUNE, "results.csv", [HEADER, *results("2025-05")])
    renamed = [new if name == old else name for name in HEADER]
    hospital.deliver(JULY, "results.csv", [renamed, *results("2025-06")])
    (line,) = drift_of(hospital)
    assert line.startswith(f"Centre hospital, delivery {JULY}, source results: since delivery {JUNE} {says}")


def test_gone_and_new_columns_are_named(tmp_path: Path) -> None:
    """Columns that have nothing in common are told as gone and as new."""
    hospital = laboratory(tmp_path)
    hospital.deliver(JUNE, "results.csv", [HEADER, *results("2025-05")])
    header = [*HEADER[:-1], "医师", "ward"]
    hospital.deliver(JULY, "results.csv", [header, *([*row, "3"] for row in results("2025-06"))])
    gone, fresh = drift_of(hospital)
    assert gone.endswith("column 'note' is gone.")
    assert fresh.endswith("columns '医师', 'ward' are new.")


def test_a_new_code_is_named_with_its_rows(tmp_path: Path) -> None:
    """A code that last month had not is named, whether the mapping lists it or not."""
    hospital = laboratory(tmp_path)
    for month, words in ((JUNE, "男女"), (JULY, "男女未")):
        hospital.deliver(month, "results.csv", [HEADER, *results("2025-05")])
        hospital.deliver(month, "patients.csv", [["id", "sex"], *([str(n), words[n % len(words)]] for n in range(30))])
    (line,) = drift_of(hospital)
    assert "source patients" in line
    assert "patient.sex has values it had not: '未' (10 rows)" in line


def test_a_changed_unit_is_named_by_test(tmp_path: Path) -> None:
    """A test whose results move from one unit to another is named with both shares; a few strays are not told."""
    hospital = laboratory(tmp_path)
    hospital.deliver(JUNE, "results.csv", [HEADER, *results("2025-05")])
    strays = results("2025-06", unit="g/dL", patients=range(8))
    hospital.deliver(JULY, "results.csv", [HEADER, *results("2025-06", patients=range(8, 30)), *strays])
    assert drift_of(hospital) == []
    hospital.deliver("2025-08-05", "results.csv", [HEADER, *results("2025-07", unit="g/dL")])
    (line,) = drift_of(hospital)
    assert "the unit of 'HGB' (lab) changed: 'g/L' fell from 73% to 0% of its results, 'g/dL' rose from 27% to" in line


def test_a_changed_volume_is_told(tmp_path: Path) -> None:
    """More than three times as many rows, or fewer than a third, are told."""
    hospital = laboratory(tmp_path)
    hospital.deliver(JUNE, "results.csv", [HEADER, *results("2025-05", patients=range(60))])
    hospital.deliver(JULY, "results.csv", [HEADER, *results("2025-06", patients=range(20))])
    assert drift_of(hospital) == []
    hospital.deliver("2025-08-05", "results.csv", [HEADER, *results("2025-07", patients=range(61))])
    (line,) = drift_of(hospital)
    assert line.endswith("the rows went from 20 to 61.")


def test_what_is_remembered_names_nobody(tmp_path: Path) -> None:
    """A manifest keeps codes, units and tests that several patients share; never a number, a date or a rare value."""
    hospital = laboratory(tmp_path)
    hospital.deliver(
        JUNE, "results.csv", [HEADER, *results("2025-05"), ["7", "x", "2025-05-01", "王小明", "1", "g/L", ""]]
    )
    hospital.deliver(JUNE, "patients.csv", [["id", "sex"], *([str(n), "男"] for n in range(4)), ["4", "李某"]])
    hospital.land()
    (manifest,) = committed_batches(hospital.home)
    assert {(value.column, value.value) for value in manifest.values} == {("test", "HGB"), ("unit", "g/L")}
    assert manifest.files[1].looks == {
        "id": "number",
        "sample": "other",
        "taken": "date",
        "test": "other",
        "result": "number",
        "unit": "other",
    }
