"""Grades from laboratory values and blood pressures (R8.4, R8.5), from the rows of `ctcae_labs.csv`."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

Row = Mapping[str, str]

BASIS_OF_LIMITS = ("xULN", "xBASE", "ORDINAL")
NEARLY = Decimal("0.000000001")
BOUNDLESS = Decimal(10) ** 12


FACTORS: Mapping[tuple[str, str], tuple[str, Decimal]] = {
    ("HGB", "g/dL"): ("g/L", Decimal(10)),
    ("ALB", "g/dL"): ("g/L", Decimal(10)),
    ("TBIL", "mg/dL"): ("umol/L", Decimal("17.1")),
    ("CREAT", "mg/dL"): ("umol/L", Decimal("88.4")),
    **{(test, "10^3/uL"): ("10^9/L", Decimal(1)) for test in ("ANC", "PLT", "WBC", "LYM")},
    **{(test, "/uL"): ("10^9/L", Decimal("0.001")) for test in ("ANC", "PLT", "WBC", "LYM")},
}
"""Unit that the bounds are printed in, and how many of it one of the written unit is (R8.4, the algorithm)."""


@dataclass(frozen=True)
class Reading:
    """A value in the unit of its laboratory, L for `<value` and G for `>value`, with the limits of its own visit."""

    value: Decimal | None
    unit: str | None = None
    uln: Decimal | None = None
    lln: Decimal | None = None
    flag: str = ""


def in_printed_unit(test: str, reading: Reading) -> Reading:
    """The reading with value and limits in the unit of the bounds, unchanged where no exact factor leads there."""
    if (test, reading.unit or "") not in FACTORS:
        return reading
    unit, factor = FACTORS[test, reading.unit or ""]
    value, uln, lln = (
        None if number is None else number * factor for number in (reading.value, reading.uln, reading.lln)
    )
    return Reading(value, unit, uln, lln, reading.flag)


def grade(rows: Sequence[Row], reading: Reading, baseline: Reading | None) -> int | None:
    """The grade of one CTCAE term of one test, None where it cannot be told.

    `rows` are the term's rows in `ctcae_labs.csv`, all units. Units are those in which the rows are printed.
    silent: what `<x` and `>x` are graded as. Here: as every value that they allow, if all of those have one grade.
    """
    if reading.value is None:
        return None
    if reading.flag == "L":
        values = [Decimal(0), reading.value - NEARLY]
    elif reading.flag == "G":
        values = [reading.value + NEARLY, BOUNDLESS]
    else:
        values = [reading.value]
    grades = {_grade_of_value(rows, replace(reading, value=value), baseline) for value in values}
    return grades.pop() if len(grades) == 1 else None


def _grade_of_value(rows: Sequence[Row], reading: Reading, baseline: Reading | None) -> int | None:
    if not any(row["bound_basis"] in BASIS_OF_LIMITS for row in rows):
        rows = [row for row in rows if row["canonical_unit"] == reading.unit]
        if not rows:
            return None
    states = {row["baseline_state"] for row in rows}
    if states == {"ANY"}:
        return _worst_rule(rows, reading, baseline)
    possible = {
        _worst_rule([row for row in rows if row["baseline_state"] == state], reading, baseline)
        for state in _states_of(baseline)
    }
    return possible.pop() if len(possible) == 1 else None


def _states_of(baseline: Reading | None) -> list[str]:
    """Which states the baseline may have had: judged by its own visit's limit; a missing baseline counts as normal."""
    if baseline is None or baseline.value is None:
        return ["NORMAL_OR_LOW"]
    if baseline.uln is None:
        return ["NORMAL_OR_LOW", "HIGH"]
    return ["HIGH" if baseline.value > baseline.uln else "NORMAL_OR_LOW"]


def _worst_rule(rows: Sequence[Row], reading: Reading, baseline: Reading | None) -> int | None:
    """Creatinine has two rules and the worse counts; one that cannot be judged leaves the other its grade above 0."""
    by_limits = [row for row in rows if row["bound_basis"] != "xBASE"]
    by_baseline = [row for row in rows if row["bound_basis"] == "xBASE"]
    grades = [_worst_first(by_limits, reading, baseline)] if by_limits else []
    if by_baseline and baseline is not None and baseline.value is not None:
        grades.append(_worst_first(by_baseline, reading, baseline))
    known = [each for each in grades if each is not None]
    if known and max(known) > 0:
        return max(known)
    return None if None in grades else 0


def _worst_first(rows: Sequence[Row], reading: Reading, baseline: Reading | None) -> int | None:
    """The first grade met from worst to mildest; None as soon as a row needs a limit that is missing."""
    for row in sorted(rows, key=lambda each: int(each["grade"]), reverse=True):
        ends = []
        for end in ("lower", "upper"):
            bound = _bound(row, end, reading, baseline)
            if row[end] and bound is None:
                return None
            ends.append(bound)
        if _inside(row, ends[0], ends[1], reading):
            return int(row["grade"])
    return 0


def _bound(row: Row, end: str, reading: Reading, baseline: Reading | None) -> Decimal | None:
    text = row[end]
    if text in ("ULN", "LLN"):
        return reading.uln if text == "ULN" else reading.lln
    if not text:
        return None
    number = Decimal(text.rstrip("+"))
    if row["bound_basis"] == "xULN":
        return None if reading.uln is None else number * reading.uln
    if row["bound_basis"] == "xBASE":
        comparable = baseline is not None and baseline.unit == reading.unit
        return number * baseline.value if baseline is not None and baseline.value is not None and comparable else None
    return number


def _inside(row: Row, lower: Decimal | None, upper: Decimal | None, reading: Reading) -> bool:
    assert reading.value is not None
    if lower is not None and (reading.value < lower or (reading.value == lower and row["lower_incl"] == "N")):
        return False
    return upper is None or reading.value < upper or (reading.value == upper and row["upper_incl"] == "Y")


@dataclass(frozen=True)
class Hypertension:
    """What blood pressures say about one patient: grades, and Y or N for treatment-emergent hypertension."""

    baseline_grade: int
    derived_grade: int
    te_hypertension: str


def hypertension(
    rows: Sequence[Row],
    readings: Iterable[tuple[dt.date, Decimal, Decimal]],
    index: dt.date,
    min_days: int,
) -> Hypertension:
    """Grade readings (day, systolic, diastolic) by rule R8.5; `rows` are the hypertension rows of `ctcae_labs.csv`."""
    days: dict[dt.date, list[tuple[Decimal, Decimal]]] = {}
    for day, systolic, diastolic in readings:
        days.setdefault(day, []).append((systolic, diastolic))
    grades = {day: _day_grade(rows, values) for day, values in days.items()}
    before = [day for day in grades if 0 <= (index - day).days <= 28]
    baseline = grades[max(before)] if before else 0
    after = [each for day, each in grades.items() if day > index]
    persistent = max((g for g in range(4) if sum(each >= g for each in after) >= min_days), default=0)
    emergent = persistent >= 2 and persistent > baseline
    return Hypertension(baseline, persistent or min(max(after, default=0), 2), "Y" if emergent else "N")


def _day_grade(rows: Sequence[Row], values: Sequence[tuple[Decimal, Decimal]]) -> int:
    medians = {
        "SBP": _median([systolic for systolic, _ in values]),
        "DBP": _median([diastolic for _, diastolic in values]),
    }
    grades = [
        grade([row for row in rows if row["test"] == test], Reading(value, "mmHg"), None)
        for test, value in medians.items()
    ]
    return max(each or 0 for each in grades)


def _median(values: Sequence[Decimal]) -> Decimal:
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2
