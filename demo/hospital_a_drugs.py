"""How hospital A writes down drugs: orders executed, planned and cancelled; the pharmacy's dispensing and returns."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from random import Random

from demo.formulary import FORMULARY, PREMEDICATION, SUPPORTIVE_CAPSULES, Drug
from demo.story import TRIAL, Dispensing, Infusion, Story

ORDERS = (
    *("医嘱ID", "患者ID", "住院次数", "医嘱类型", "医嘱名称", "规格", "单次剂量", "剂量单位", "频次", "用法"),
    *("开始时间", "停止时间", "状态", "执行时间", "备注"),
)
PHARMACY = (
    "发药单号",
    "患者ID",
    "药品名称",
    "规格",
    "数量",
    "单位",
    "每日用量",
    "发药类型",
    "发药时间",
    "退药标志",
    "备注",
)

_FREQUENCIES = {14: "q2w", 21: "q3w"}
_INTENTS = {"NEOADJUVANT": "新辅助化疗", "ADJUVANT": "辅助化疗"}
_START, _CAPSULES_A_BOX = 10, 7
_ANTIBODY_ENDING = "单抗"

Row = tuple[object, ...]


def year_of(order: Row) -> str:
    """Year of an order's start: orders are delivered in one file a year."""
    return str(order[_START])[:4]


class _Orders:
    """Numbers the orders of one patient."""

    def __init__(self, story: Story, patient: str) -> None:
        self._numbers = count(1)
        self._prefix = f"YZ{story.number:06d}"
        self._patient = patient

    def row(
        self,
        kind: str,
        drug: tuple[str, str, object, str],
        how: tuple[str, str],
        when: tuple[str, str],
        state: tuple[str, str],
        note: str,
    ) -> Row:
        number = f"{self._prefix}{next(self._numbers):05d}"
        return (number, self._patient, 1, kind, *drug, *how, *when, *state, note)


def orders_of(story: Story, patient: str, rng: Random) -> Iterator[Row]:
    """Every order of one patient; an infusion that was given has its time of execution."""
    orders = _Orders(story, patient)
    for infusion in story.infusions:
        yield from _infusion_orders(orders, infusion, rng)
    for fill in story.dispensings:
        if fill.units > 0:
            yield _oral_order(orders, fill, rng)
    for cancelled in story.cancelled_orders:
        drug = FORMULARY[cancelled.drug]
        yield orders.row(
            "临时", _written(drug, drug.mg, rng), ("q3w", "静滴"), _times(cancelled.day), ("已作废", ""), "医保未批"
        )
    for day in story.blinded_doses:
        blinded = ("临床试验用药SHR-1701或安慰剂", "1瓶", "1", "瓶")
        yield orders.row(
            "临时", blinded, ("q3w", "静滴"), _times(day), ("已执行", f"{day} 10:20:00"), f"试验编号{TRIAL}"
        )
    if story.number % 40 == 27 and not story.truth.eligible:
        day = story.diagnosed + timedelta(5)
        unknown = ("注射用示例肽", "10mg*1支", "10", "mg")
        yield orders.row("临时", unknown, ("qd", "静滴"), _times(day), ("已执行", f"{day} 10:20:00"), "")


def _infusion_orders(orders: _Orders, infusion: Infusion, rng: Random) -> Iterator[Row]:
    drug = FORMULARY[infusion.drug]
    how = (_FREQUENCIES[infusion.cycle_days], "静滴")
    note = "因不良反应停药" if infusion.stopped_for_toxicity else _INTENTS.get(infusion.intent or "", "")
    if infusion.is_maintenance:
        note = "计划维持治疗"
    written = _written(drug, infusion.mg, rng)
    given = orders.row(
        "临时", written, how, _times(infusion.day), ("已执行", f"{infusion.day} 10:2{infusion.day.day % 10}:00"), note
    )
    yield given
    luck = rng.random()
    if luck < 0.04:
        yield given
    elif luck < 0.14:
        yield orders.row("长期", written, how, _times(infusion.day - timedelta(1)), ("已停止", ""), "")
    elif luck < 0.18:
        yield orders.row("临时", written, how, _times(infusion.day), ("已作废", ""), "剂量录入错误")
    if not drug.plain.endswith(_ANTIBODY_ENDING) and infusion.drug != "fluorouracil":
        yield from _premedication(orders, infusion.day)


def _premedication(orders: _Orders, day: date) -> Iterator[Row]:
    for name, _, spec, mg in PREMEDICATION:
        dose: tuple[object, str] = (mg, "mg") if mg else ("0.25", "mg")
        yield orders.row("临时", (name, spec, *dose), ("st", "静滴"), _times(day), ("已执行", f"{day} 09:40:00"), "")


def _oral_order(orders: _Orders, fill: Dispensing, rng: Random) -> Row:
    drug = FORMULARY[fill.drug]
    note = "出院带药" if fill.intent is None else f"{_INTENTS[fill.intent]} 出院带药"
    per_day = fill.strength_mg * fill.units_per_day
    written = _written(drug, per_day, rng, fill.strength_mg)
    return orders.row("临时", written, ("qd", "口服"), _times(fill.day), ("已停止", ""), note)


def _written(drug: Drug, mg: int, rng: Random, strength_mg: int | None = None) -> tuple[str, str, object, str]:
    """Name as some clerk wrote it, pack, dose with a thousands separator where it needs one, unit."""
    name, spec = rng.choice(drug.chinese), drug.spec
    if strength_mg is not None:
        spec = spec.replace(f"{drug.mg}mg", f"{strength_mg}mg")
    return name, spec, f"{mg:,}" if mg else "", "mg"


def _times(day: date) -> tuple[str, str]:
    return f"{day} 08:30:00", f"{day} 17:00:00"


def pharmacy_rows(story: Story, patient: str, rng: Random) -> Iterator[Row]:
    """Every dispensing and return; anlotinib comes by the box of seven or by the capsule."""
    for number, fill in enumerate(story.dispensings):
        slip = f"FY{story.number:06d}{number:04d}"
        yield (slip, patient, *_dispensed(fill, rng), f"{fill.day} 15:05:00", *_marks(fill, rng))
    if story.number % 2:
        name, _, spec = SUPPORTIVE_CAPSULES
        day = story.diagnosed + timedelta(3)
        yield (f"FY{story.number:06d}9999", patient, name, spec, 14, "片", 1, "门诊", f"{day} 15:05:00", "", "")


def _dispensed(fill: Dispensing, rng: Random) -> tuple[object, ...]:
    drug = FORMULARY[fill.drug]
    spec = drug.spec.replace(f"{drug.mg}mg", f"{fill.strength_mg}mg")
    name = rng.choice(drug.chinese) + ("(自备)" if fill.is_own_supply else "")
    unit = "片" if spec.endswith("片") else "粒"
    if fill.drug == "anlotinib" and fill.units > 0 and fill.units % _CAPSULES_A_BOX == 0 and rng.random() < 0.6:
        return name, spec, fill.units // _CAPSULES_A_BOX, "盒", fill.units_per_day, "出院带药"
    return name, spec, fill.units, unit, fill.units_per_day, "门诊"


def _marks(fill: Dispensing, rng: Random) -> tuple[str, str]:
    if fill.units < 0:
        return "是", ""
    if fill.stopped_for_toxicity:
        return "", "因不良反应停药"
    if fill.reduced_for_toxicity:
        return "", "因不良反应减量"
    return "否" if rng.random() < 0.5 else "", _INTENTS.get(fill.intent or "", "")
