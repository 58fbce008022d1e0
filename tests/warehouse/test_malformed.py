"""Malformed deliveries by the hundred: every row is accounted for, or the file is refused with words.

CI draws as many cases as fit into a minute. By the thousand: `ONCOMART_MALFORMED=5000 ./oncomart test
tests/warehouse/test_malformed.py`; a failure names the seed of its file.
"""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from models.errors import OncomartError
from tests.warehouse.damage import HEADER, PLANTED, as_text, good_rows
from tests.warehouse.damaged_files import (
    Damaged,
    damaged_archive,
    damaged_gzip,
    damaged_parquet,
    damaged_text,
    damaged_workbook,
)
from tests.warehouse.hospital import Hospital
from warehouse import CentreReport, DeliveryReport, FileCount

CASES = int(os.environ.get("ONCOMART_MALFORMED", "420"))
FILES_A_DELIVERY = 35
DELIVERY = "2025-07-05"

KINDS: dict[str, tuple[str, Callable[[random.Random], Damaged]]] = {
    "utf8": ("csv", lambda draw: damaged_text(draw, "utf-8")),
    "gb": ("csv", lambda draw: damaged_text(draw, "gb18030")),
    "utf16": ("csv", lambda draw: damaged_text(draw, "utf-16")),
    "auto": ("tsv", lambda draw: damaged_text(draw, draw.choice(["utf-8", "gb18030", "utf-16"]), "\t")),
    "gzip": ("csv.gz", damaged_gzip),
    "book": ("xlsx", damaged_workbook),
    "parquet": ("parquet", damaged_parquet),
}
ENCODINGS = {"gb": "gb18030", "utf16": "utf-16", "auto": "auto"}


def hospital(root: Path) -> Hospital:
    """A centre that delivers patients and drugs in each of the kinds."""
    patient = {
        "patient_id": {"column": "住院号", "system": "住院号"},
        "birth_ym": "出生日期",
        "sex": {"column": "性别", "map": {"男": "M", "女": "F"}},
    }
    drug = {
        "patient_id": {"column": "住院号", "system": "住院号"},
        "row_id": {"column": "医嘱ID", "system": "医嘱ID"},
        "source_kind": {"constant": "ORDER"},
        "raw_name": {"column": "医嘱名称", "phrases": [["铂", "铂"], ["替吉奥", "替吉奥"]]},
        "dose": "剂量",
        "start_text": "开始",
        "end_text": {"column": "结束", "date": "excel_serial_or_text"},
        "route": {"column": "用法", "map": {"静滴": "IV", "口服": "PO"}},
    }
    sources = {
        kind: {
            "files": [f"{kind}_*.{suffix}"],
            "encoding": ENCODINGS.get(kind, "utf-8"),
            "delimiter": "\t" if suffix == "tsv" else ",",
            "required": False,
        }
        for kind, (suffix, _) in KINDS.items()
    }
    tables = [
        {"table": table, "feed": [{"source": kind, "columns": columns} for kind in KINDS]}
        for table, columns in (("patient", patient), ("drug_row", drug))
    ]
    return Hospital(root, sources, tables)


def drawn(seed: int) -> tuple[str, Damaged]:
    """The file of a seed: its name and what it is."""
    draw = random.Random(seed)
    kind = draw.choice(list(KINDS))
    suffix, damaged = KINDS[kind]
    return f"{kind}_{seed}.{suffix}", damaged(draw)


def land(root: Path, files: dict[str, Damaged]) -> tuple[Hospital, DeliveryReport | None, CentreReport]:
    """Lands the files in one delivery."""
    centre = hospital(root)
    for name, damaged in files.items():
        centre.deliver(DELIVERY, name, damaged.content)
    report = centre.land()
    return centre, report.deliveries[0] if report.deliveries else None, report


def check_file(count: FileCount, damaged: Damaged, problems: tuple[str, ...]) -> None:
    """Every row is accounted for, or the refusal says where."""
    if count.error is not None:
        assert any(f"Centre hospital, delivery {DELIVERY}, file {count.file}" in problem for problem in problems)
        assert count.read == 0
        return
    assert count.read == count.used + sum(count.skipped.values()) + sum(count.failed.values())
    if damaged.rows is not None:
        assert count.read == damaged.rows, damaged.how


def outside(root: Path, home: Path) -> set[tuple[Path, int]]:
    """What lies beside the home, with sizes."""
    return {(path, path.lstat().st_size) for path in root.rglob("*") if not path.is_relative_to(home)}


def told_values(centre: Hospital, report: CentreReport) -> list[str]:
    """The patients' values that a message tells."""
    told = "\n".join([*centre.messages, *report.problems, *report.warnings])
    return [value for value in PLANTED if value in told]


def crashing(root: Path, files: dict[str, Damaged]) -> list[str]:
    """Of files that crash a landing together, those that do so alone."""
    found = []
    for number, (name, damaged) in enumerate(files.items()):
        try:
            land(root / str(number), {name: damaged})
        except Exception as error:  # what a bare exception is, is the very question
            found.append(f"{name} ({damaged.how}): {error!r:.300}")
    return found


@pytest.mark.parametrize("batch", range(CASES // FILES_A_DELIVERY))
def test_every_row_is_accounted_for_or_the_file_is_refused(tmp_path: Path, batch: int) -> None:
    """Damaged files crash nothing, lose no row, tell no patient's value, and let the good file beside them land."""
    files = dict(drawn(seed) for seed in range(batch * FILES_A_DELIVERY, (batch + 1) * FILES_A_DELIVERY))
    good = good_rows(random.Random(batch))
    files["utf8_good.csv"] = Damaged("none", as_text([list(HEADER), *good]).encode(), len(good))
    (tmp_path / "all").mkdir()
    centre = hospital(tmp_path / "all")
    for name, damaged in files.items():
        centre.deliver(DELIVERY, name, damaged.content)
    before = outside(tmp_path, centre.home.root)
    try:
        report = centre.land()
    except OncomartError as error:
        pytest.fail(f"{error}")
    except Exception as error:
        pytest.fail(f"{error!r:.300}: {crashing(tmp_path / 'alone', files)}")
    assert outside(tmp_path, centre.home.root) == before
    (delivery,) = report.deliveries
    counts = {count.file: count for count in delivery.files}
    assert set(counts) == set(files)
    for name, damaged in files.items():
        check_file(counts[name], damaged, report.problems)
    assert counts["utf8_good.csv"].used == len(good)
    assert told_values(centre, report) == []


@pytest.mark.parametrize("batch", range(max(CASES // FILES_A_DELIVERY // 4, 1)))
def test_a_damaged_archive_is_read_or_refused(tmp_path: Path, batch: int) -> None:
    """Of damaged archives, each a delivery, every row is accounted for or a message names delivery and archive."""
    centre = hospital(tmp_path)
    archives = {f"2025-01-{day:02}": damaged_archive(random.Random(batch * 100 + day)) for day in range(1, 13)}
    for delivery_id, damaged in archives.items():
        centre.deliver(delivery_id, "all.zip", damaged.content)
    before = outside(tmp_path, centre.home.root)
    report = centre.land()
    assert outside(tmp_path, centre.home.root) == before
    assert [delivery.delivery_id for delivery in report.deliveries] == list(archives)
    for delivery in report.deliveries:
        for problem in delivery.problems:
            assert problem.startswith(f"Centre hospital, delivery {delivery.delivery_id}")
            assert "all.zip" in problem
        for count in delivery.files:
            assert count.error is not None or count.read == count.used + sum(count.skipped.values()) + sum(
                count.failed.values()
            )
        is_hostile = "/" in archives[delivery.delivery_id].how or "\\" in archives[delivery.delivery_id].how
        assert not is_hostile or delivery.problems
    assert told_values(centre, report) == []
