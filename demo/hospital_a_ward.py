"""How hospital A's wards and laboratories write: results with ranges in one cell, blood pressure, adverse events."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from demo.story import AdverseEvent, LabResult, Story
from demo.vocabulary import ADVERSE_EVENTS, TESTS, in_other_unit

RESULTS = (
    *("标本号", "患者ID", "采样时间", "报告时间", "项目代码", "项目名称", "结果", "单位"),
    *("参考范围", "异常标志", "", ""),
)
NURSING = ("患者ID", "记录时间", "收缩压", "舒张压", "体重", "ECOG", "KPS")
EVENTS = ("患者ID", "不良反应名称", "CTCAE分级", "开始日期", "结束日期", "与药物关系", "处理措施", "转归")

_GRADES = {None: ("",), 1: ("Ⅰ", "1级", "1", "轻度"), 2: ("II", "2级", "2", "中度"), 3: ("Ⅲ", "3级", "3", "重度")}
_OTHER_ANALYSER = ("HB", "TBIL", "CREA")
"""Tests that the outpatients' analyser prints in its own units."""

Row = tuple[object, ...]


def lab_rows(story: Story, patient: str) -> Iterator[Row]:
    """Every result; a fifth of the patients had theirs from the analyser with other units."""
    other = story.number % 5 == 0
    for number, lab in enumerate(story.labs):
        specimen = f"BB{story.number:06d}{number:03d}"
        times = (f"{lab.day} 06:3{number % 10}:00", f"{lab.day} 10:15:00")
        written = _in_other_units(lab) if other and lab.test in _OTHER_ANALYSER else _as_it_is(lab)
        yield (specimen, patient, *times, lab.test, TESTS[lab.test].name, *written, "")
    if story.number % 40 == 7:
        times = ("2023-02-30 06:30:00", "2023-03-01 10:15:00")
        yield (f"BB{story.number:06d}999", patient, *times, "ALT", TESTS["ALT"].name, "31", "U/L", "9-50", "")


def _as_it_is(lab: LabResult) -> tuple[str, str, str]:
    limits = ["" if limit is None else f"{limit:g}" for limit in (lab.low, lab.high)]
    return lab.value, TESTS[lab.test].unit, _range(lab.test, *limits)


def _in_other_units(lab: LabResult) -> tuple[str, str, str]:
    test = TESTS[lab.test]
    limits = ["" if limit is None else str(in_other_unit(test, Decimal(str(limit)))) for limit in (lab.low, lab.high)]
    is_number = lab.value.replace(".", "", 1).isdigit()
    value = str(in_other_unit(test, Decimal(lab.value))) if is_number else lab.value
    return value, test.other_unit, _range(lab.test, *limits)


def _range(test: str, low: str, high: str) -> str:
    if not high:
        return "阴性" if test == "U-PRO" else ""
    if not low:
        return f"≤{high}"
    if test == "HB":
        return f"{'男' if low in ('130', '13.0') else '女'}:{low}-{high}"
    return f"{low}-{high}"


def nursing_rows(story: Story, patient: str) -> Iterator[Row]:
    """Performance status and vital signs; blood pressure stands in one cell or in two."""
    for note in story.performances:
        ecog = note.ecog if note.misfiled_kps is None else note.misfiled_kps
        scores = ("" if ecog is None else ecog, "" if note.kps is None else note.kps)
        yield (patient, f"{note.day} 09:10", "", "", "", *scores)
    for number, vital in enumerate(story.vitals):
        pressure = (f"{vital.systolic}/{vital.diastolic}", "") if number % 2 == 0 else (vital.systolic, vital.diastolic)
        yield (patient, f"{vital.day} 07:4{number % 10}", *pressure, vital.weight_kg, "", "")


def event_rows(story: Story, patient: str, rng: Random) -> Iterator[Row]:
    """Adverse events in the doctors' own words, grades in four ways of writing, days that may be months."""
    for event in story.adverse_events:
        words, grade = rng.choice(ADVERSE_EVENTS[event.term][0]), rng.choice(_GRADES[event.grade])
        outcome = "未缓解" if event.end is None else "好转"
        yield (patient, words, grade, *_days(event), event.relation, "对症处理", outcome)


def _days(event: AdverseEvent) -> tuple[str | date, str | date]:
    start = f"{event.start.year}年{event.start.month}月" if event.month_only else event.start
    return start, event.end or ""
