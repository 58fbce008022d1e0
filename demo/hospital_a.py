"""Hospital A: exports of a Chinese tertiary hospital's information systems and its follow-up office.

Inpatient front pages carry 住院号, everything else 患者ID; the patient master holds both.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from random import Random

from demo.csv_files import CsvFolder
from demo.formulary import FORMULARY
from demo.hospital_a_drugs import ORDERS, PHARMACY, orders_of, pharmacy_rows, year_of
from demo.hospital_a_tumour import IMAGING, LESIONS, RESPONSES, lesion_rows, response_rows, scan_rows
from demo.hospital_a_ward import EVENTS, NURSING, RESULTS, event_rows, lab_rows, nursing_rows
from demo.story import Admission, Story
from demo.vocabulary import COMORBIDITIES, ELSEWHERE, HISTOLOGIES, IRRADIATED, NOTHING_ELSEWHERE, ORGANS, PRIMARIES

OTHER_DIAGNOSES = 10
"""Repeated pairs of columns for further diagnoses on a front page."""

_HEADERS = {
    "患者基本信息": ("患者ID", "住院号", "姓名", "性别", "出生日期", "身份证号", "联系电话", "家庭住址", "民族"),
    "病案首页": (
        *("住院号", "住院次数", "入院日期", "出院日期", "主要诊断", "诊断编码"),
        *(f"其他诊断{part}{number}" for number in range(1, OTHER_DIAGNOSES + 1) for part in ("", "编码")),
        *("手术名称1", "手术日期1", "离院方式"),
    ),
    "病理报告": ("病理号", "患者ID", "送检日期", "报告日期", "标本部位", "病理诊断", "免疫组化"),
    "医嘱": ORDERS,
    "发药": PHARMACY,
    "检验结果": RESULTS,
    "影像检查": IMAGING,
    "疗效评价": RESPONSES,
    "病灶测量": LESIONS,
    "护理记录": NURSING,
    "不良反应": EVENTS,
    "手术": ("患者ID", "日期", "名称", "目的", "术者"),
    "放疗": ("患者ID", "开始日期", "结束日期", "名称", "目的", "剂量Gy", "次数", "部位"),
    "随访": ("患者ID", "随访日期", "随访方式", "生存状态", "死亡日期", "死因", "外院治疗", "备注", "", ""),
    "死因监测": ("住院号", "死亡日期", "根本死因"),
    "肿瘤分期": ("患者ID", "分期日期", "分期系统", "T", "N", "M", "分期"),
}


class HospitalA:
    """Writes stories as GB18030 files, one a table, orders split by year."""

    centre_id = "hospital_a"
    identifier_system = "患者ID"

    def __init__(self, folder: Path) -> None:
        self._files = CsvFolder(folder, _HEADERS, split=("医嘱",))

    def write(self, story: Story) -> str:
        """Write all records of one patient; returns the 患者ID."""
        patient = patient_number(story)
        rng = Random(story.number)
        rows = {
            "患者基本信息": _master(story, patient),
            "病案首页": _front_pages(story),
            "病理报告": _pathology(story, patient),
            "发药": pharmacy_rows(story, patient, rng),
            "检验结果": lab_rows(story, patient),
            "影像检查": scan_rows(story, patient),
            "疗效评价": response_rows(story, patient, rng),
            "病灶测量": lesion_rows(story, patient, rng),
            "护理记录": nursing_rows(story, patient),
            "不良反应": event_rows(story, patient, rng),
            "手术": _operations(story, patient),
            "放疗": _radiotherapies(story, patient),
            "随访": _follow_ups(story, patient),
            "死因监测": _registered_deaths(story),
            "肿瘤分期": _stagings(story, patient),
        }
        for kind, of_kind in rows.items():
            self._files.add(kind, of_kind)
        for year, orders in groupby(sorted(orders_of(story, patient, rng), key=year_of), key=year_of):
            self._files.add("医嘱", orders, part=year)
        return patient

    def close(self) -> None:
        """Close all files."""
        self._files.close()


def patient_number(story: Story) -> str:
    """The 患者ID of a patient."""
    return f"{2_000_000 + story.number * 7 + story.number % 5}"


def _admission_number(story: Story) -> str:
    return f"ZY{900_000 + story.number * 3 + story.number % 2}"


def _master(story: Story, patient: str) -> list[tuple[object, ...]]:
    person = story.person
    sex = {"M": ("男", "1"), "F": ("女", "2"), "": ("", "")}[person.sex][story.number % 4 == 0]
    birth = person.birth.isoformat() if story.number % 3 else f"{person.birth:%Y/%m/%d}"
    row = (
        patient,
        _admission_number(story),
        person.name,
        sex,
        birth,
        person.national_id,
        person.phone,
        person.address,
        "汉族",
    )
    return [row, row] if story.number % 20 == 3 else [row]


def _front_pages(story: Story) -> Iterator[tuple[object, ...]]:
    code, name, _ = PRIMARIES[story.primary_code]
    for number, stay in enumerate(story.admissions, start=1):
        main = name
        if stay.start in story.relapses:
            main = name.replace("恶性肿瘤", "恶性肿瘤术后复发")
        elif stay.start in story.clinical_progressions:
            main = f"{name}(临床进展)"
        others = _other_diagnoses(story, stay)
        others += [""] * (2 * OTHER_DIAGNOSES - len(others))
        operation = next((op for op in story.operations if stay.start <= op.day <= stay.end), None)
        surgery = ("食管癌根治术", operation.day) if operation else ("", "")
        yield (
            _admission_number(story),
            number,
            stay.start,
            stay.end,
            main,
            code,
            *others,
            *surgery,
            "5" if stay.died else "1",
        )


def _other_diagnoses(story: Story, stay: Admission) -> list[str]:
    known = [ORGANS[found.organ] for found in story.metastases if found.day <= stay.start]
    known += [
        COMORBIDITIES.get(had.code) or PRIMARIES[had.code][:2] for had in story.conditions if had.day <= stay.start
    ]
    return [cell for code, name in known for cell in (name, code)]


def _pathology(story: Story, patient: str) -> Iterator[tuple[object, ...]]:
    """Reports in several manners; every fourth names a second specimen in which nothing was found."""
    for number, biopsy in enumerate(story.biopsies, start=1):
        place, found = PRIMARIES[biopsy.site][2], HISTOLOGIES[biopsy.histology][0]
        text = f"({place}){found}" if story.number % 3 else f"{place}黏膜组织: {found}; 未见脉管癌栓"
        beside = "。(胃窦)黏膜慢性炎, 未见印戒细胞癌" if story.number % 4 == 0 else ""
        yield (
            f"BL{story.number:06d}{number}",
            patient,
            f"{biopsy.day:%Y/%m/%d}",
            f"{biopsy.day + timedelta(4):%Y/%m/%d}",
            "内镜活检",
            text + beside,
            "P40(+), CK5/6(+)",
        )


def _operations(story: Story, patient: str) -> Iterator[tuple[object, ...]]:
    for operation in story.operations:
        yield (
            patient,
            operation.day,
            "胸腹腔镜联合食管癌切除术",
            "根治性" if operation.is_curative else "姑息性",
            "演示医师",
        )


def _radiotherapies(story: Story, patient: str) -> Iterator[tuple[object, ...]]:
    for course in story.radiotherapies:
        purpose = "根治性" if course.is_curative else "姑息性放疗"
        yield (
            patient,
            course.start,
            course.end,
            "调强放疗",
            purpose,
            course.gray,
            course.fractions,
            IRRADIATED[course.organ],
        )


def _follow_ups(story: Story, patient: str) -> Iterator[tuple[object, ...]]:
    told = story.person
    for call in story.follow_ups:
        note = f"联系家属{told.name} 电话{told.phone}" if call.by_phone and story.number % 3 == 0 else ""
        said = NOTHING_ELSEWHERE.get(story.number % 16, "").format(name=told.name)
        yield (patient, _chinese(call.day), "电话" if call.by_phone else "门诊", "存活", "", "", said, note)
    for course in story.elsewhere:
        named = course.acronym or "+".join(_spoken(drug) for drug in course.drugs)
        drugs = ELSEWHERE[story.number % len(ELSEWHERE)].format(drugs=named)
        note = f"外院治疗时间{_chinese_month(course.start)}至{_chinese_month(course.end)}"
        yield (patient, _chinese(course.told_on), "门诊", "存活", "", "", drugs, note)
    for death in story.deaths:
        if death.source == "FAMILY":
            day = _chinese_month(death.day) if death.month_only else _chinese(death.day)
            yield (patient, _chinese(death.day + timedelta(20)), "电话", "死亡", day, "肿瘤进展", "", "")
    if story.number % 40 == 17:
        yield (patient, "2023年2月30日", "电话", "存活", "", "", "", "")


def _registered_deaths(story: Story) -> Iterator[tuple[object, ...]]:
    """The registry knows patients by the number of their stay."""
    for death in story.deaths:
        if death.source == "REGISTRY":
            yield (_admission_number(story), f"{death.day:%Y%m%d}", "恶性肿瘤")


def _stagings(story: Story, patient: str) -> Iterator[tuple[object, ...]]:
    for staging in story.stagings:
        yield (patient, staging.day, "AJCC第8版", staging.t, staging.n, staging.m, f"{staging.group}期")


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _chinese_month(day: date) -> str:
    return f"{day.year}年{day.month}月"


def _spoken(drug: str) -> str:
    return FORMULARY[drug].plain
