"""The audit of a study's own numbers (R9.10, DQ078 to DQ080), before a release is published."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from analysis.ard import Place, Results, Row
from analysis.audit import checks, curves, ratios
from analysis.audit.conflict import Finding, Rule
from analysis.audit.identities import MODELS, Looked, identities
from analysis.audit.ranges import NOT_REACHED, Range
from analysis.conventions import BAND_NAMES, Band

CHECKS = {"DQ078": Rule.CENTRE, "DQ079": Rule.PERCENTAGE, "DQ080": Rule.ONE_VALUE}
"""Checks of the rule book that are counted in quality.checks, and the rule that each of them is here."""

Numbers = Mapping[str, Row]
"""Rows with a value at one place and time, by statistic."""


@dataclass(frozen=True)
class AuditCount:
    """How many numbers of one study and variant a check looked at, and how many fail it."""

    check_id: str
    study_id: str
    variant: str
    n_rows: int
    n_fail: int


@dataclass(frozen=True)
class Audit:
    """What the audit of one study and variant looked at and found; a finding stops publication."""

    study_id: str
    variant: str
    counts: tuple[AuditCount, ...]
    findings: tuple[Finding, ...]


def audit(results: Results) -> Audit:
    """Every identity, and the consistency of every interval, percentage and P value of one study and variant."""
    looked = [*identities(results), *_each_place(results), *_each_curve(results)]
    counts = tuple(
        AuditCount(check, results.study_id, results.variant, len(found), sum(one.conflict is not None for one in found))
        for check, rule in CHECKS.items()
        for found in [[one for one in looked if one.rule == rule]]
    )
    findings = tuple(Finding(str(one.place), one.entry, one.conflict) for one in looked if one.conflict is not None)
    return Audit(results.study_id, results.variant, counts, findings)


def _each_place(results: Results) -> Iterator[Looked]:
    places: dict[tuple[Place, float | None], dict[str, Row]] = defaultdict(dict)
    for row in results.rows:
        if row.value is not None:
            places[row.place, row.time_months][row.statistic] = row
    for (place, time), numbers in places.items():
        at = "" if time is None else f" at {time:g} months"
        yield from (*_proportion(place, numbers), *_intervals(place, numbers, at), *_ratio(place, numbers))
        if place.analysis == "survival" and time is not None and "rate" in numbers:
            yield from _rate(place, numbers, time)


def _value(row: Row) -> Range:
    """The number of a row that has one."""
    return NOT_REACHED if row.value is None else Range.exact(row.value)


def _exact(numbers: Numbers, statistic: str) -> Range | None:
    return _value(numbers[statistic]) if statistic in numbers else None


def _proportion(place: Place, numbers: Numbers) -> Iterator[Looked]:
    count, percent = _exact(numbers, "n"), _exact(numbers, "pct")
    if count is None or percent is None:
        return
    total = _exact(numbers, "total") or Range.exact(numbers["pct"].n or 0)
    if total.low <= 0:
        return
    n, of = int(count.low), int(total.low)
    yield Looked(place, "pct", Rule.PERCENTAGE, checks.percentage(n, of, percent, {}))
    lower, upper = _exact(numbers, "pct_lower"), _exact(numbers, "pct_upper")
    if lower is not None and upper is not None and numbers["pct"].method == "Clopper-Pearson":
        conflict = checks.proportion_interval(n, of, lower, upper, checks.CLOPPER_PEARSON)
        yield Looked(place, "interval of pct", Rule.PROPORTION_INTERVAL, conflict)


def _intervals(place: Place, numbers: Numbers, at: str) -> Iterator[Looked]:
    for name in numbers:
        if name.startswith("p_"):
            limits = Range.exact(0), Range.exact(1)
        elif f"{name}_lower" in numbers and f"{name}_upper" in numbers:
            limits = _value(numbers[f"{name}_lower"]), _value(numbers[f"{name}_upper"])
        else:
            continue
        yield Looked(place, name + at, Rule.INSIDE, checks.inside(_value(numbers[name]), *limits))


def _ratio(place: Place, numbers: Numbers) -> Iterator[Looked]:
    ratio, lower, upper = (_exact(numbers, name) for name in ("hr", "hr_lower", "hr_upper"))
    if ratio is None or lower is None or upper is None or "Wald" not in (numbers["hr"].method or ""):
        return
    is_binary = place.analysis in MODELS and place.variable_level is not None
    hazard = ratios.HazardRatio(
        ratio, lower, upper, _exact(numbers, "p_value"), "wald", events=numbers["hr"].events, is_binary=is_binary
    )
    yield Looked(place, "hr", Rule.CENTRE, ratios.centre(hazard))
    yield Looked(place, "interval of hr", Rule.WIDTH, ratios.width(hazard))
    yield Looked(place, "p_value", Rule.P_FLOOR, ratios.p_floor(hazard))
    yield Looked(place, "p_value", Rule.P_VALUE, ratios.p_value(hazard))


def _rate(place: Place, numbers: Numbers, time: float) -> Iterator[Looked]:
    method = numbers["rate"].method or ""
    band = next((band for band, name in BAND_NAMES.items() if f", {name} interval" in method), None)
    percent = Range.exact(numbers["rate"].value or 0.0)
    lower, upper = _exact(numbers, "rate_lower"), _exact(numbers, "rate_upper")
    rate = curves.PrintedRate(time, percent, lower, upper, numbers["rate"].n)
    entry = f"interval of the rate at {time:g} months"
    if band == "plain" or band is None:
        return  # A plain interval is cut off at 0 and 100%, and then no longer symmetric.
    yield Looked(place, entry, Rule.RATE_INTERVAL, curves.rate_interval(rate, cast(Band, band)))
    if band == "loglog":
        yield Looked(place, entry, Rule.RATE_WIDTH, curves.rate_width(rate))


def _each_curve(results: Results) -> Iterator[Looked]:
    for place in results.places("survival"):
        curve = Place("survival_curve", place.endpoint, place.group_name, place.group_level)
        steps = _steps(results, curve)
        if steps:
            yield from _rates_on_curve(results, place, steps)
            yield from _median_on_curve(results, place, steps)


def _steps(results: Results, curve: Place) -> list[curves.PrintedRate]:
    by_time: dict[float, dict[str, Range]] = defaultdict(dict)
    for row in results.of(curve):
        if row.time_months is not None and row.value is not None:
            by_time[row.time_months][row.statistic] = Range.exact(100 * row.value)
    return [
        curves.PrintedRate(time, found["survival"], found.get("lower"), found.get("upper"))
        for time, found in sorted(by_time.items())
        if "survival" in found
    ]


def _rates_on_curve(results: Results, place: Place, steps: list[curves.PrintedRate]) -> Iterator[Looked]:
    for row in results.of(place, "rate"):
        before = [step for step in steps if row.time_months is not None and step.months <= row.time_months]
        if not before or row.value is None:
            continue
        said = [(str(place), Range.exact(row.value)), ("the curve", before[-1].percent)]
        yield Looked(place, f"rate at {row.time_months:g} months", Rule.ONE_VALUE, checks.one_value(said))


def _median_on_curve(results: Results, place: Place, steps: list[curves.PrintedRate]) -> Iterator[Looked]:
    rows = {name: next(results.of(place, name), None) for name in ("median", "median_lower", "median_upper")}
    if any(row is None for row in rows.values()):
        return
    median, lower, upper = (_value(row) for row in rows.values() if row is not None)
    printed = curves.PrintedMedian(median, lower, upper)
    found = next((hit for step in steps if (hit := curves.median_and_rate(median, step))), None)
    yield Looked(place, "median", Rule.MEDIAN, found)
    method = rows["median"].method if rows["median"] is not None else None
    if method is not None and _is_read_from_the_band(results, place, method):
        found = next((hit for step in steps if (hit := curves.median_limits(printed, step))), None)
        yield Looked(place, "limits of the median", Rule.MEDIAN_LIMIT, found)


def _is_read_from_the_band(results: Results, place: Place, method: str) -> bool:
    """Whether the median's limits are Brookmeyer-Crowley limits of the very band that is drawn."""
    curve = Place("survival_curve", place.endpoint, place.group_name, place.group_level)
    drawn = next(results.of(curve, "survival")).method or ""
    return any(
        f"Brookmeyer-Crowley interval ({name})" in method and f", {name} interval" in drawn
        for name in BAND_NAMES.values()
    )
