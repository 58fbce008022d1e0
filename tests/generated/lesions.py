"""Lesion histories that aim at the boundaries of R5.2: 5 mm and 20 % above nadir, 30 % below baseline, nodes at 10 mm.

Each later sum is aimed at a bound that the sums before it set, and falls a tenth of a millimetre below, on or above it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import strategies as st

from tests.generated.histories import ExtractRow, History, Value, row
from tests.reference.days import after
from tests.reference.recist import Reading

FIRST_DAY = dt.date(2024, 1, 5)
TENTH = Decimal("0.1")
SIZES = st.sampled_from([Decimal(n) for n in (4, 10, 12, 15, 20, 25, 30, 50)])
NODE_SIZES = st.sampled_from([Decimal(n) for n in (8, 9, 10, 11, 15, 18, 24)])
FATES = st.sampled_from(["MEASURED"] * 6 + ["ABSENT", "TSTM", "NE", "no row", "ABSENT_MERGED"])
LABELS = ("B", "W6", "W12", "W18", "W24", "W30")


@dataclass
class Course:
    """Targets, and the complete sums so far."""

    targets: dict[str, bool]
    sums: list[Decimal] = field(default_factory=list)

    def aims(self) -> list[Decimal]:
        """Sums at which an answer changes."""
        base, nadir = self.sums[0], min(self.sums)
        return [nadir * Decimal("1.2"), nadir + 5, base * Decimal("0.7"), base, Decimal(0), Decimal(4)]


@st.composite
def lesion_histories(draw: st.DrawFn) -> History:
    """Up to three targets, non-targets and new lesions of one reader over up to six time points."""
    nodes = draw(st.lists(st.booleans(), max_size=3))
    course = Course({f"T{number}": is_node for number, is_node in enumerate(nodes, start=1)})
    nontargets = [f"NT{number}" for number in range(draw(st.integers(0 if nodes else 1, 2)))]
    is_labelled = draw(st.booleans())
    pet_at_baseline = draw(st.integers(0, 3)) == 0
    rows, words = _baseline(draw, course, nontargets, is_labelled)
    if pet_at_baseline:
        rows.append(row("scan", scan_id="base", scan_date=after(FIRST_DAY, 3).isoformat(), modality="PET"))
    day = FIRST_DAY
    for number in range(1, 1 + draw(st.integers(1, 5))):
        day = after(day, draw(st.sampled_from([15, 29, 42, 56])))
        label = LABELS[number] if is_labelled else None
        story, found = _time_point(draw, course, nontargets, day, label)
        words.append(story)
        rows += found
    return History("_then_".join(words), tuple(dict.fromkeys(rows)))


def _lesion(name: str, role: str, day: dt.date, label: str | None, **values: Value) -> ExtractRow:
    return row("lesion", reader="INV", lesion_id=name, role=role, tp=label, scan_date=day.isoformat(), **values)


def _baseline(
    draw: st.DrawFn, course: Course, nontargets: list[str], is_labelled: bool
) -> tuple[list[ExtractRow], list[str]]:
    label = LABELS[0] if is_labelled else None
    sizes = {name: draw(NODE_SIZES if is_node else SIZES) for name, is_node in course.targets.items()}
    if sizes and draw(st.integers(0, 19)) == 0:
        sizes = dict.fromkeys(sizes, Decimal(0))
    course.sums.append(sum(sizes.values(), Decimal(0)))
    rows = [_measured(name, course, size, FIRST_DAY, label) for name, size in sizes.items()]
    rows += [_lesion(name, "NONTARGET", FIRST_DAY, label, nt_status="NONCR") for name in nontargets]
    return rows, [f"{len(sizes)}_targets_of_{course.sums[0]}_{len(nontargets)}_others"]


def _measured(name: str, course: Course, mm: Decimal, day: dt.date, label: str | None) -> ExtractRow:
    is_node = "Y" if course.targets[name] else "N"
    status = "MEASURED" if mm else "ABSENT"
    return _lesion(name, "TARGET", day, label, is_node=is_node, status=status, mm=mm or None)


def _time_point(
    draw: st.DrawFn, course: Course, nontargets: list[str], day: dt.date, label: str | None
) -> tuple[str, list[ExtractRow]]:
    rows, total = _target_rows(draw, course, day, label)
    for name in nontargets:
        state = draw(st.sampled_from(["NONCR"] * 4 + ["CR", "CR", "PD", "NE", "no row"]))
        if state != "no row":
            later = after(day, draw(st.sampled_from([0, 0, 5])))
            rows.append(_lesion(name, "NONTARGET", later, label, nt_status=state))
    rows += _new_rows(draw, day, label)
    if not rows:
        rows.append(_lesion("NT0", "NONTARGET", day, label, nt_status="NE"))
    return str(total), rows


def _target_rows(
    draw: st.DrawFn, course: Course, day: dt.date, label: str | None
) -> tuple[list[ExtractRow], Decimal | None]:
    """Values of the targets; the last one measured brings the sum to the bound that was drawn."""
    rows: list[ExtractRow] = []
    aim = draw(st.sampled_from(course.aims())) + draw(st.sampled_from([-TENTH, Decimal(0), TENTH]))
    total, is_complete = Decimal(0), True
    for number, (name, is_node) in enumerate(course.targets.items(), start=1):
        fate = draw(FATES)
        if fate == "no row":
            is_complete = False
            continue
        if fate == "MEASURED":
            remainder = max(aim - total, Decimal(0))
            mm = remainder if number == len(course.targets) else draw(NODE_SIZES if is_node else SIZES)
            rows.append(_measured(name, course, mm, day, label))
            total += mm
            continue
        flag = "Y" if is_node else "N"
        rows.append(_lesion(name, "TARGET", day, label, is_node=flag, status=fate))
        total += Decimal(5) if fate == "TSTM" else 0
        is_complete = is_complete and fate != "NE"
    if is_complete:
        course.sums.append(total)
    return rows, total if is_complete else None


def _new_rows(draw: st.DrawFn, day: dt.date, label: str | None) -> list[ExtractRow]:
    rows = []
    for name in draw(st.sampled_from([[]] * 6 + [["N1"], ["N1"], ["N1", "N2"]])):
        certainty = draw(st.sampled_from(["EQUIVOCAL", "EQUIVOCAL", "UNEQUIVOCAL", None]))
        status = draw(st.sampled_from([None, None, "MEASURED", "ABSENT", "NE"]))
        mm = Decimal(12) if status == "MEASURED" else None
        seen = after(day, draw(st.sampled_from([0, 0, -3, 6])))
        rows.append(_lesion(name, "NEW", seen, label, certainty=certainty, status=status, mm=mm))
        modality = draw(st.sampled_from(["CT", "PET", None]))
        if modality:
            rows.append(row("scan", scan_id=f"{name}{seen}", scan_date=seen.isoformat(), modality=modality))
    return rows


def readings(history: History) -> list[Reading]:
    """The lesion rows as the reference takes them."""
    return [_reading(values, _pet_days(history)) for values in history.of("lesion")]


def has_pet(history: History, first: dt.date, last: dt.date, window: int) -> bool:
    """Whether a PET was done within the window of days around a time point."""
    days = [dt.date.fromisoformat(str(scan["scan_date"])) for scan in history.of("scan") if scan["modality"] == "PET"]
    return any(after(first, -window) <= day <= after(last, window) for day in days)


def _pet_days(history: History) -> set[str]:
    scans = list(history.of("scan"))
    others = {str(scan["scan_date"]) for scan in scans if scan["modality"] != "PET"}
    return {str(scan["scan_date"]) for scan in scans if scan["modality"] == "PET"} - others


def _reading(values: Mapping[str, Value], pet_days: set[str]) -> Reading:
    mm = values.get("mm")
    return Reading(
        lesion_id=str(values["lesion_id"]),
        role=str(values["role"]),
        date=dt.date.fromisoformat(str(values["scan_date"])),
        tp=_text(values["tp"]),
        status=_text(values.get("status")),
        mm=Decimal(mm) if mm is not None else None,
        is_node=values.get("is_node") == "Y",
        nt_status=_text(values.get("nt_status")),
        equivocal=values.get("certainty") == "EQUIVOCAL",
        pet_only=str(values["scan_date"]) in pet_days,
    )


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
