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
ORAL_CHEMOTHERAPY = "替吉奥|维康达|卡培他滨|希罗达"
EVENTS = {
    "fatigue": "乏",
    "hypertension": "血压",
    "nausea_vomiting": "恶心|呕吐",
    "anemia": "贫血|血红蛋白",
    "hand_foot": "手足",
    "liver": "肝|转氨酶|ALT|AST|胆红素",
    "hypothyroidism": "甲",
    "proteinuria": "蛋白尿|尿蛋白",
    "pneumonia": "肺",
    "mucositis": "口腔",
    "rash": "疹",
    "hemorrhage": "血$|衄",
}
GRADES = {"": 0, "轻度": 1, "中度": 2, "重度": 3} | {f"{n}{s}": n for n in (1, 2, 3) for s in ("", "级")}
GRADES |= {"Ⅰ": 1, "II": 2, "Ⅲ": 3}


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


def diameter(row: Row) -> int | None:
    """What counts of a measured lesion in mm: the short axis of a node, else the long one; 5 when too small."""
    if row["状态"] in ("过小", "消失"):
        return 5 if row["状态"] == "过小" else 0
    text = row["短径mm"] if "淋巴结" in row["部位"] else row["长径mm"]
    return (round(10 * float(text[:-2])) if text.endswith("cm") else int(text)) if text else None


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
        self._registered = by_patient(read(folder, "死因监测.csv"), "住院号")
        self._tables = {
            name: by_patient(read(folder, f"{name}{suffix}.csv"))
            for name, suffix in (
                *(("医嘱", "_*"), ("发药", ""), ("疗效评价", ""), ("影像检查", ""), ("护理记录", ""), ("检验结果", "")),
                *(("随访", ""), ("放疗", ""), ("手术", ""), ("病理报告", ""), ("肿瘤分期", "")),
                *(("病灶测量", ""), ("不良反应", "")),
            )
        }

    def rows(self, table: str, patient: str) -> list[Row]:
        """A patient's rows of one kind of file."""
        return self._tables[table].get(patient, [])

    def stays(self, patient: str) -> list[Row]:
        """A patient's front pages, through the 住院号 that the master holds."""
        return self._stays.get(self.master[patient]["住院号"], [])

    def registered_deaths(self, patient: str) -> list[Row]:
        """The registry's rows about a patient, through the same number."""
        return self._registered.get(self.master[patient]["住院号"], [])
