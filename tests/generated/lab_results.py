"""Laboratory results drawn at the bounds of CTCAE grades: on them, beside them, limits and units missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from tests.reference.grading import FACTORS, Reading
from tests.reference.tables import SEEDS, Row, read_csv

GRADED_BY_NUMBERS = ("ABS", "xULN", "xBASE", "ORDINAL")
BOUNDS = [row for row in read_csv(SEEDS / "ctcae_labs.csv") if row["bound_basis"] in GRADED_BY_NUMBERS]
TESTS = sorted({row["test"] for row in BOUNDS})
STEPS = (Decimal("-0.0001"), Decimal(0), Decimal("0.0001"))


@dataclass(frozen=True)
class LabCase:
    """One result of a test, the baseline that it is judged against, and what it was drawn for."""

    test: str
    reading: Reading
    baseline: Reading | None
    purpose: str = "drawn"

    @property
    def rows(self) -> tuple[object, ...]:
        """What tells one case from another."""
        return self.test, self.reading, self.baseline


def terms_of(test: str) -> Mapping[str, Sequence[Row]]:
    """The rows of `ctcae_labs.csv` by CTCAE term of a test."""
    terms: dict[str, list[Row]] = {}
    for row in BOUNDS:
        if row["test"] == test:
            terms.setdefault(row["ctcae_term"], []).append(row)
    return terms


def boundary_cases() -> list[LabCase]:
    """For every row of the bounds and each of its ends: a result just below it, on it and just above it."""
    return [
        _at_bound(number, row, end, step)
        for number, row in enumerate(BOUNDS, start=2)
        for end in ("lower", "upper")
        if row[end]
        for step in STEPS
    ]


def _at_bound(number: int, row: Row, end: str, step: Decimal) -> LabCase:
    unit = None if row["bound_basis"] == "ORDINAL" else row["canonical_unit"]
    uln, lln = _limits(row)
    base = uln * 2 if row["baseline_state"] == "HIGH" or row["bound_basis"] == "xBASE" else uln / 2
    text = row[end]
    scale = {"xULN": uln, "xBASE": base}.get(row["bound_basis"], Decimal(1))
    bound = {"ULN": uln, "LLN": lln}.get(text) if text in ("ULN", "LLN") else Decimal(text.rstrip("+")) * scale
    assert bound is not None
    step = step if row["bound_basis"] != "ORDINAL" else step * 10000
    if row["bound_basis"] == "xBASE" and row["baseline_state"] == "ANY":
        uln = bound * 2
    baseline = Reading(base, unit, uln=uln, lln=lln)
    purpose = f"row {number}, {end} {'below' if step < 0 else 'above' if step else 'on'}"
    return LabCase(row["test"], Reading(bound + step, unit, uln, lln), baseline, purpose)


def _limits(row: Row) -> tuple[Decimal, Decimal]:
    """Limits outside which all numeric bounds of the row's term and unit lie."""
    same = [
        each for each in terms_of(row["test"])[row["ctcae_term"]] if each["canonical_unit"] == row["canonical_unit"]
    ]
    numbers = [
        Decimal(each[end]) for each in same for end in ("lower", "upper") if each[end].replace(".", "").isdigit()
    ]
    if row["bound_basis"] != "ABS":
        return Decimal("17.2"), Decimal("3.1")
    if row["direction"] == "L":
        return max(numbers) * 2, max(numbers) + Decimal("0.1")
    return min(numbers) - Decimal("0.1"), min(numbers) / 2


@st.composite
def lab_cases(draw: st.DrawFn) -> LabCase:
    """A result near a bound of a random row; limits, units and baseline as laboratories leave them out."""
    row = draw(st.sampled_from(BOUNDS))
    case = _at_bound(0, row, draw(st.sampled_from([end for end in ("lower", "upper") if row[end]])), Decimal(0))
    assert case.reading.value is not None
    assert case.baseline is not None
    if row["bound_basis"] == "ORDINAL":
        return LabCase(row["test"], Reading(Decimal(draw(st.integers(0, 4)))), None)
    units = [unit for test, unit in FACTORS if test == row["test"]]
    unit = draw(st.sampled_from([case.reading.unit, case.reading.unit, *units, None, "furlong"]))
    factor = FACTORS.get((row["test"], unit or ""), ("", Decimal(1)))[1]
    value = case.reading.value * draw(st.sampled_from([Decimal(1), Decimal("0.9"), Decimal("1.1"), Decimal(3)]))
    value += draw(st.sampled_from(STEPS))
    flag = draw(st.sampled_from(["", "", "", "L", "G"]))
    needed = row["test"] == "CREAT" and flag
    uln = draw(st.sampled_from([case.reading.uln, case.reading.uln, case.reading.uln if needed else None]))
    lln = draw(st.sampled_from([case.reading.lln, case.reading.lln, None]))
    reading = Reading(_written(value, factor), unit, _written(uln, factor), _written(lln, factor), flag)
    base_value = case.baseline.value if draw(st.booleans()) else draw(st.sampled_from([uln, lln, None]))
    base_unit = draw(st.sampled_from([unit, unit, *units, None]))
    base_factor = FACTORS.get((row["test"], base_unit or ""), ("", Decimal(1)))[1]
    base_uln = draw(st.sampled_from([case.reading.uln, case.reading.uln, None]))
    baseline = Reading(_written(base_value, base_factor), base_unit, _written(base_uln, base_factor))
    return LabCase(row["test"], reading, baseline)


def _written(number: Decimal | None, factor: Decimal) -> Decimal | None:
    """A number as the laboratory's unit would have it, with no more decimals than a laboratory stores."""
    return None if number is None else (number / factor).quantize(Decimal("0.0001"))
