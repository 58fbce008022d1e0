"""Reads hospital A's raw files as a clerk with a text editor would: no code of the pipeline, none of the generator."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

Row = dict[str, str]

ICI = {
    "camrelizumab": "卡瑞利珠|艾瑞卡",
    "tislelizumab": "替雷利珠|百泽安",
    "pembrolizumab": "帕博利珠|可瑞达|派姆",
    "sintilimab": "信迪利|达伯舒",
    "toripalimab": "特瑞普利|拓益",
    "nivolumab": "纳武利尤|欧狄沃",
    "adebrelimab": "阿得贝利|艾瑞利",
    "sugemalimab": "舒格利|择捷美",
}
TAXANE = "紫杉醇|特素|多西"
PLATINUM = "铂|波贝|鲁贝|艾恒"
TARGETED = "阿帕替尼|艾坦|贝伐珠|安可达|血管内皮抑制素|恩度"
ANLOTINIB = "安罗替尼|福可维"
RESPONSES = {"进展": "PD", "部分缓解": "PR", "稳定": "SD", "未评": "NE"}
DEAD = "5"


def read(folder: Path, pattern: str) -> Iterator[Row]:
    """Rows of all files that a pattern names."""
    for path in sorted(folder.glob(pattern)):
        with path.open(encoding="gb18030", newline="") as file:
            yield from csv.DictReader(file)


def day(text: str) -> date:
    """A day in any of the hospital's ways of writing one; the time of day is dropped."""
    parts = re.findall(r"\d+", text)
    if len(parts[0]) == 8:
        parts = [parts[0][:4], parts[0][4:6], parts[0][6:]]
    return date(*(int(part) for part in parts[:3]))


def by_patient(rows: Iterable[Row], column: str = "患者ID") -> dict[str, list[Row]]:
    """Rows of each patient, in file order."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[column]].append(row)
    return grouped


class HospitalFiles:
    """Every file of a delivery of hospital A, by patient."""

    def __init__(self, folder: Path) -> None:
        self.master = {row["患者ID"]: row for row in read(folder, "患者基本信息.csv")}
        self._stays = by_patient(read(folder, "病案首页.csv"), "住院号")
        self._tables = {
            name: by_patient(read(folder, f"{name}{suffix}.csv"))
            for name, suffix in (
                *(("医嘱", "_*"), ("发药", ""), ("疗效评价", ""), ("影像检查", ""), ("护理记录", ""), ("检验结果", "")),
                *(("随访", ""), ("放疗", ""), ("手术", ""), ("病理报告", ""), ("肿瘤分期", "")),
            )
        }

    def rows(self, table: str, patient: str) -> list[Row]:
        """A patient's rows of one kind of file."""
        return self._tables[table].get(patient, [])

    def stays(self, patient: str) -> list[Row]:
        """A patient's front pages, through the 住院号 that the master holds."""
        return self._stays.get(self.master[patient]["住院号"], [])
