"""Hospital B: a regional cancer centre's electronic case report form, exported as one workbook.

Deaths come from the civil registry under a number of its own; a key sheet leads from one number to the other.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from demo.formulary import FORMULARY, PREMEDICATION
from demo.story import TRIAL, Dispensing, Infusion, Story
from demo.vocabulary import (
    ADVERSE_EVENTS,
    COMORBIDITIES,
    HISTOLOGIES,
    IRRADIATED,
    ORGANS,
    PRIMARIES,
    SITES,
    TESTS,
)
from demo.workbook import FormWorkbook, Group

_SUBJECT: Group = ("受试者", ("subject_no",))
_FORMS: dict[str, tuple[Group, ...]] = {
    "受试者": (_SUBJECT, ("人口学", ("initials", "sex", "birth_date"))),
    "诊断": (_SUBJECT, ("病理", ("report_no", "biopsy_date", "site", "histology"))),
    "分期": (_SUBJECT, ("AJCC第8版", ("stage_date", "t", "n", "m", "stage_group"))),
    "转移复发": (
        _SUBJECT,
        ("发现", ("found_on", "relapse", "clinical_pd")),
        ("部位", tuple(organ.lower() for organ in ORGANS)),
    ),
    "合并症": (_SUBJECT, ("诊断", ("known_since", "icd10", "is_cancer"))),
    "体能": (_SUBJECT, ("评分", ("noted_on", "scale", "score"))),
    "治疗线": (_SUBJECT, ("手工编号", ("line_no", "drugs", "first_day", "last_day")), ("地点", ("given_at",))),
    "用药": (_SUBJECT, ("周期", ("day_1", "drugs", "interval_days", "given")), ("说明", ("purpose", "stop_reason"))),
    "口服药": (
        _SUBJECT,
        ("发放", ("handed_on", "drug", "pack", "units", "units_per_day")),
        ("说明", ("purpose", "stop_reason")),
    ),
    "手术放疗": (_SUBJECT, ("治疗", ("record_no", "kind", "first_day", "last_day", "dose_gy", "purpose", "site"))),
    "影像": (_SUBJECT, ("检查", ("scan_no", "scan_date", "modality", "region"))),
    "疗效": (_SUBJECT, ("RECIST 1.1", ("scan_date", "reader", "response", "sum_mm"))),
    "病灶": (
        _SUBJECT,
        ("测量", ("scan_date", "reader")),
        ("病灶", ("lesion_no", "site", "category", "diameter_mm", "finding")),
    ),
    "体征": (_SUBJECT, ("测量", ("measured_on", "blood_pressure", "weight_kg"))),
    "检验": (_SUBJECT, ("结果", ("specimen_date", "test", "result", "unit", "low", "high"))),
    "不良事件": (_SUBJECT, ("事件", ("term", "grade", "first_day", "last_day", "relation"))),
    "住院": (_SUBJECT, ("时间", ("admitted", "discharged", "died_on"))),
    "随访": (_SUBJECT, ("联系", ("contacted_on", "by", "died_on"))),
    "死亡登记": (("登记号", ("registry_no",)), ("死亡", ("died_on", "cause"))),
    "编号对照": (_SUBJECT, ("登记号", ("registry_no",))),
}
_TICK, _BOX = "■", "□"
_BOXES = ("鳞癌", "腺鳞癌", "腺癌")
_READERS = {"INV": "研究者", "IND": "独立"}
_ROLES = {"TARGET": "靶病灶", "NONTARGET": "非靶病灶", "NEW": "新病灶"}
_FINDINGS = {
    "MEASURED": "可测量",
    "TSTM": "小至不可测",
    "ABSENT": "消失",
    "NE": "不可评价",
    "CR": "完全消失",
    "NONCR": "存在",
    "PD": "明确增大",
    "EQUIVOCAL": "可疑",
    "UNEQUIVOCAL": "肯定",
}
_PURPOSES = {"NEOADJUVANT": "新辅助", "ADJUVANT": "辅助"}
_HERE, _ELSEWHERE = "本院", "外院"

Row = tuple[object, ...]


class HospitalB:
    """Writes stories as rows of one workbook."""

    centre_id = "hospital_b"
    identifier_system = "subject_no"

    def __init__(self, folder: Path) -> None:
        self._book = FormWorkbook(folder / "EDC导出_全部表单.xlsx", _FORMS)

    def write(self, story: Story) -> str:
        """Write all forms of one patient; returns the subject number."""
        subject = f"B-{story.number:05d}"
        for form, rows in _forms(story).items():
            self._book.add(form, ((subject, *row) for row in rows))
        registry = f"RG{700_000 + story.number * 11}"
        self._book.add("编号对照", [(subject, registry)])
        self._book.add("死亡登记", ((registry, *row) for row in _deaths(story)))
        return subject

    def close(self) -> None:
        """Finish the workbook."""
        self._book.close()


def _forms(story: Story) -> dict[str, Iterator[Row] | list[Row]]:
    return {
        "受试者": [
            (
                f"D{story.number}",
                _ticked(("男", "女"), {"M": "男", "F": "女"}.get(story.person.sex)),
                story.person.birth.isoformat(),
            )
        ],
        "诊断": _biopsies(story),
        "分期": [(s.day, s.t, s.n, s.m, s.group) for s in story.stagings],
        "转移复发": _spread(story),
        "合并症": _conditions(story),
        "体能": _performances(story),
        "治疗线": _lines(story),
        "用药": _cycles(story),
        "口服药": _capsules(story),
        "手术放疗": _local_treatments(story),
        "影像": [(f"I{story.number:05d}-{n}", s.day, s.modality, s.region) for n, s in enumerate(story.scans)],
        "疗效": [(s.day, _READERS[s.reader], s.response, s.sum_mm) for s in story.assessments],
        "病灶": _lesions(story),
        "体征": [(v.day, f"{v.systolic}/{v.diastolic}", v.weight_kg) for v in story.vitals],
        "检验": [(r.day, r.test, r.value or None, TESTS[r.test].unit or None, r.low, r.high) for r in story.labs],
        "不良事件": _adverse_events(story),
        "住院": [(stay.start, *((None, stay.end) if stay.died else (stay.end, None))) for stay in story.admissions],
        "随访": _follow_ups(story),
    }


def _ticked(boxes: tuple[str, ...], ticked: str | None) -> str:
    return " ".join(f"{_TICK if box == ticked else _BOX}{box}" for box in boxes)


def _biopsies(story: Story) -> Iterator[Row]:
    for number, biopsy in enumerate(story.biopsies):
        name = HISTOLOGIES[biopsy.histology][1]
        other = f"{_BOX}其他" if name in _BOXES else f"{_TICK}其他: {name}"
        yield (
            f"BL{story.number:05d}-{number}",
            biopsy.day,
            PRIMARIES[biopsy.site][2],
            f"{_ticked(_BOXES, name)} {other}",
        )


def _spread(story: Story) -> Iterator[Row]:
    days = {found.day for found in story.metastases} | {*story.relapses, *story.clinical_progressions}
    for day in sorted(days):
        organs = {found.organ for found in story.metastases if found.day == day}
        ticked = (day in story.relapses, day in story.clinical_progressions, *(organ in organs for organ in ORGANS))
        yield (day, *(_TICK if tick else _BOX for tick in ticked))


def _conditions(story: Story) -> Iterator[Row]:
    yield (story.diagnosed, PRIMARIES[story.primary_code][0], "原发")
    for condition in story.conditions:
        is_comorbidity = condition.code in COMORBIDITIES
        code = COMORBIDITIES[condition.code][0] if is_comorbidity else PRIMARIES[condition.code][0]
        yield (condition.day, code, "否" if is_comorbidity else "第二原发")


def _performances(story: Story) -> Iterator[Row]:
    for note in story.performances:
        if note.misfiled_kps is not None or note.ecog is not None:
            yield (note.day, "ECOG", note.ecog if note.misfiled_kps is None else note.misfiled_kps)
        else:
            yield (note.day, "KPS", note.kps)


def _lines(story: Story) -> Iterator[Row]:
    """Lines as somebody numbered them by hand: every change of drugs counted, which is not how the rules count."""
    for number, line in enumerate(sorted(story.lines, key=lambda line: line.start), start=1):
        if not any(course.start == line.start for course in story.elsewhere):
            known = [FORMULARY[drug].plain for drug in line.drugs if drug in FORMULARY]
            yield (number, "+".join(known), line.start, None, _HERE)
    for course in story.elsewhere:
        drugs = course.acronym or "+".join(FORMULARY[drug].plain for drug in course.drugs)
        yield (1, drugs, f"{course.start:%Y-%m}", f"{course.end:%Y-%m}", _ELSEWHERE)


def _visit(infusion: Infusion) -> tuple[date, int, str, bool]:
    purpose = "计划维持" if infusion.is_maintenance else _PURPOSES.get(infusion.intent or "", "")
    return (infusion.day, infusion.cycle_days, purpose, infusion.stopped_for_toxicity)


def _cycles(story: Story) -> Iterator[Row]:
    for (day, interval, purpose, toxic), given in groupby(sorted(story.infusions, key=_visit), key=_visit):
        names = [_name(infusion.drug, day.day) for infusion in given] + [PREMEDICATION[0][0]]
        yield (day, "+".join(names), interval, _TICK, purpose or None, "不良反应" if toxic else None)
    for order in story.cancelled_orders:
        yield (order.day, _name(order.drug, order.day.day), FORMULARY[order.drug].cycle_days, _BOX, None, None)
    for day in story.blinded_doses:
        yield (day, f"临床试验用药SHR-1701或安慰剂({TRIAL})", 21, _TICK, None, None)
    if story.number % 40 == 27 and not story.truth.eligible:
        yield (story.diagnosed, "注射用示例肽", None, _TICK, None, None)


def _name(drug: str, number: int) -> str:
    spellings = FORMULARY[drug].chinese
    return spellings[number % len(spellings)]


def _capsules(story: Story) -> Iterator[Row]:
    for fill in story.dispensings:
        name = _name(fill.drug, fill.day.day) + ("(自备)" if fill.is_own_supply else "")
        yield (fill.day, name, _pack(fill), fill.units, fill.units_per_day, *_why(fill))


def _pack(fill: Dispensing) -> str:
    drug = FORMULARY[fill.drug]
    return drug.spec.replace(f"{drug.mg}mg", f"{fill.strength_mg}mg")


def _why(fill: Dispensing) -> tuple[str | None, str | None]:
    reason = "不良反应" if fill.stopped_for_toxicity else "不良反应减量" if fill.reduced_for_toxicity else None
    return _PURPOSES.get(fill.intent or ""), reason


def _local_treatments(story: Story) -> Iterator[Row]:
    for number, operation in enumerate(story.operations):
        yield (f"S{story.number:05d}-{number}", "手术", operation.day, None, None, "根治性", "食管")
    for number, course in enumerate(story.radiotherapies):
        purpose = "根治性" if course.is_curative else "姑息性"
        yield (
            f"R{story.number:05d}-{number}",
            "放疗",
            course.start,
            course.end,
            course.gray,
            purpose,
            IRRADIATED[course.organ],
        )


def _deaths(story: Story) -> Iterator[Row]:
    for death in story.deaths:
        if death.source == "REGISTRY":
            yield (death.day, "恶性肿瘤")


def _lesions(story: Story) -> Iterator[Row]:
    for seen in story.lesions:
        role = _ticked(tuple(_ROLES.values()), _ROLES[seen.role])
        yield (seen.day, _READERS[seen.reader], seen.lesion, SITES[seen.organ], role, seen.mm, _FINDINGS[seen.state])


def _adverse_events(story: Story) -> Iterator[Row]:
    for number, event in enumerate(story.adverse_events):
        words = ADVERSE_EVENTS[event.term][0]
        start = f"{event.start:%Y-%m}" if event.month_only else event.start
        yield (words[number % len(words)], event.grade, start, event.end, event.relation or None)


def _follow_ups(story: Story) -> Iterator[Row]:
    """Calls that found the patient alive, and those at which the family told of the death."""
    for call in story.follow_ups:
        yield (call.day, _ticked(("电话", "门诊"), "电话" if call.by_phone else "门诊"), None)
    for death in story.deaths:
        if death.source == "FAMILY":
            told = f"{death.day:%Y-%m}" if death.month_only else death.day
            yield (death.day + timedelta(20), _ticked(("电话", "门诊"), "电话"), told)
