"""The identities of rule R9.10 on one study's results: what adds up, and what is one number wherever it stands.

An identity whose rows no analysis wrote is not applicable. Names of analyses are those of `analysis.estimates`.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analysis.ard import Place, Results, Row
from analysis.audit import checks
from analysis.audit.conflict import Conflict, Rule
from analysis.audit.ranges import Range

RESPONSES = ("CR", "PR")
"""Categories of best overall response that make a responder."""
DURATION_OF_RESPONSE = "DOR"
SURVIVAL, PROGRESSION_FREE = "OS", "PFS"
ANY_GRADE, GRADES = "any grade", ("grade 1-2", "grade 3 or more", "grade unknown")
"""How severe an adverse event was at worst; the first is the sum of the others."""
MODELS = ("cox_univariate", "cox_multivariable")


@dataclass(frozen=True)
class Looked:
    """One thing that was looked at: where, what it is called, the rule, and the conflict if there is one."""

    place: Place
    entry: str
    rule: Rule
    conflict: Conflict | None


class Reader:
    """Numbers of one study's results as exact ranges."""

    def __init__(self, results: Results) -> None:
        self.results = results

    def get(self, place: Place, statistic: str, time: float | None = None) -> Range | None:
        """The number at an address, None where there is no row or no value."""
        row = next((row for row in self.results.of(place, statistic) if row.time_months == time), None)
        return None if row is None or row.value is None else Range.exact(row.value)

    def each(self, places: Sequence[Place], statistic: str) -> list[Range]:
        """The numbers of one statistic at several places; none at all where one of them is withheld."""
        rows = [row for place in places for row in self.results.of(place, statistic) if row.time_months is None]
        values = [row.value for row in rows if row.value is not None]
        return [Range.exact(value) for value in values] if len(values) == len(rows) else []

    @property
    def n(self) -> Range | None:
        """Patients included."""
        return self.get(Place("cohort"), "n")


def identities(results: Results) -> Iterator[Looked]:
    """Every identity of one study and variant that its results can answer."""
    reader = Reader(results)
    for kind in (_repeated, _categories, _table_one, _flow, _grades, _endpoints, _survival_orders, _subgroups, _models):
        yield from kind(reader)


def _sum(place: Place, entry: str, parts: Sequence[Range], total: Range | None) -> Iterator[Looked]:
    if parts and total is not None:
        yield Looked(place, entry, Rule.SUM, checks.sum_of(parts, total))


def _repeated(reader: Reader) -> Iterator[Looked]:
    """What a report states in several places: patients included, responders, and the events of each endpoint."""
    stated: dict[tuple[str, str | None], list[tuple[Place, Range]]] = defaultdict(list)
    for row in reader.results.rows:
        if row.value is not None and (quantity := _whole(row)) is not None:
            stated[quantity].append((row.place, Range.exact(row.value)))
    for quantity, place, parts in _added_up(reader):
        if parts:
            stated[quantity].append((place, Range.exact(sum(part.low for part in parts))))
    for (name, endpoint), numbers in stated.items():
        said = [(f"{place}", value) for place, value in numbers]
        entry = name if endpoint is None else f"{name} of {endpoint}"
        yield Looked(numbers[0][0], entry, Rule.ONE_VALUE, checks.one_value(said))


def _whole(row: Row) -> tuple[str, str | None] | None:
    """The quantity that this row states by itself."""
    match row.analysis, row.statistic:
        case ("cohort", "n"):
            return "patients", None
        case ("adverse_events", "n_safety") if row.value:  # 0 where the study has no adverse events at all
            return "patients", None
        case ("response", "total") if not (row.variable or "").endswith("_evaluable"):
            return "patients", None
        case ("response", "n") if row.variable == "orr":
            return "responders", None
        case ("survival", "n") if row.group_name is None and row.endpoint == DURATION_OF_RESPONSE:
            return "responders", None
        case ("time_to_response", "n"):
            return "responders", None
        case ("survival", "n_events") if row.group_name is None:
            return "events", row.endpoint
    return None


def _added_up(reader: Reader) -> Iterator[tuple[tuple[str, str | None], Place, list[Range]]]:
    """Quantities that are the sum of their parts elsewhere."""
    centres = reader.results.places("centres")
    yield ("patients", None), Place("centres"), reader.each([one for one in centres if one.endpoint is None], "n")
    for endpoint in sorted({place.endpoint for place in centres if place.endpoint}):
        inside = [place for place in centres if place.endpoint == endpoint]
        yield ("events", endpoint), Place("centres", endpoint), reader.each(inside, "n_events")
    responses = [place for place in reader.results.places("response", "bor") if place.variable_level in RESPONSES]
    yield ("responders", None), Place("response", variable="bor"), reader.each(responses, "n")
    remaining = reader.each(reader.results.places("attrition"), "n_out")
    yield ("patients", None), Place("attrition"), remaining[-1:]


def _categories(reader: Reader) -> Iterator[Looked]:
    """Best overall responses, and reasons for the end of treatment with those ongoing, add up to the patients."""
    for analysis, variable in (("response", "bor"), ("disposition", "disposition")):
        parts = reader.each(reader.results.places(analysis, variable), "n")
        yield from _sum(Place(analysis, variable=variable), "categories and patients", parts, reader.n)


def _table_one(reader: Reader) -> Iterator[Looked]:
    """Within each factor of Table 1, levels, other values and missing values add up to the patients."""
    levels: dict[str, list[Range]] = defaultdict(list)
    for place in reader.results.places("table_one"):
        count = reader.get(place, "n")
        if place.variable is not None and place.variable_level is not None and count is not None:
            levels[place.variable].append(count)
    for variable, counts in levels.items():
        place = Place("table_one", variable=variable)
        rest = [reader.get(place, "n_other"), reader.get(place, "n_missing")]
        parts = [*counts, *(count for count in rest if count is not None)]
        yield from _sum(place, "levels and patients", parts, reader.n)


def _flow(reader: Reader) -> Iterator[Looked]:
    """Who enters a step of the flowchart leaves or remains, and who remains enters the next one."""
    before = reader.get(Place("cohort"), "n_screened")
    for place in reader.results.places("attrition"):
        entering, left, remaining = (reader.get(place, name) for name in ("n_in", "n_left", "n_out"))
        if before is not None and entering is not None:
            yield Looked(place, "patients entering", Rule.SUM, checks.sum_of([entering], before))
        if left is not None and remaining is not None:
            yield from _sum(place, "leaving and remaining", [left, remaining], entering)
        before = remaining


def _grades(reader: Reader) -> Iterator[Looked]:
    """Patients of each adverse event are those of grades 1-2, of grade 3 or more, and of no known grade."""
    terms = [place for place in reader.results.places("adverse_events") if place.variable_level == ANY_GRADE]
    for place in terms:
        parts = reader.each([replace(place, variable_level=grade) for grade in GRADES], "n")
        yield from _sum(place, "grades and patients", parts, reader.get(place, "n"))


def _endpoints(reader: Reader) -> Iterator[Looked]:
    """Events and censored times add up to the patients of each curve, at its end and at every tick."""
    for place in reader.results.places("survival"):
        total, events = reader.get(place, "n"), reader.get(place, "n_events")
        curve = Place("survival_curve", place.endpoint, place.group_name, place.group_level)
        censored = [Range.exact(row.value or 0) for row in reader.results.of(curve, "n_censored")]
        if events is not None and any(reader.results.of(curve, "survival")):
            yield from _sum(place, "events and censored", [events, *censored], total)
        for row in reader.results.of(place, "at_risk"):
            counts = [reader.get(place, name, row.time_months) for name in ("at_risk", "cum_events", "cum_censored")]
            parts = [count for count in counts if count is not None]
            yield from _sum(place, f"numbers at {row.time_months:g} months", parts, total)
        if place.group_name is None and place.endpoint in (SURVIVAL, PROGRESSION_FREE) and total is not None:
            yield from _sum(place, "times and patients", [total], reader.n)


def _survival_orders(reader: Reader) -> Iterator[Looked]:
    """Nobody progresses after death; and where no rule censors a progression, every death is an event of PFS."""
    for place in reader.results.places("identities"):
        later, ruled = reader.get(place, "n_pfs_after_os"), reader.get(place, "n_censored_by_rule")
        if later is not None:
            names = ("patients with a longer progression-free than overall survival:", "the allowed")
            conflict = checks.at_most(later, Range.exact(0), names)
            yield Looked(place, "progression-free and overall survival", Rule.AT_MOST, conflict)
        progressions = reader.get(Place("survival", place.endpoint), "n_events")
        deaths = reader.get(Place("survival", SURVIVAL), "n_events")
        if ruled is not None and ruled.high == 0 and deaths is not None and progressions is not None:
            names = ("deaths:", f"events of {place.endpoint}:")
            yield Looked(place, "events", Rule.AT_MOST, checks.at_most(deaths, progressions, names))


def _subgroups(reader: Reader) -> Iterator[Looked]:
    """Patients and events of the levels of a group add up to those whom its log-rank test compared."""
    for place in reader.results.places("logrank"):
        test = next(reader.results.of(place, "p_value"), None)
        if test is None:
            continue
        levels = [
            level
            for level in reader.results.places("survival")
            if (level.endpoint, level.group_name) == (place.endpoint, place.group_name)
        ]
        for statistic, count in (("n", test.n), ("n_events", test.events)):
            total = None if count is None else Range.exact(count)
            yield from _sum(place, f"{statistic} of the levels", reader.each(levels, statistic), total)


def _models(reader: Reader) -> Iterator[Looked]:
    """Patients and events of the levels of a factor add up to those of its Cox model."""
    for analysis in MODELS:
        factors: dict[Place, list[Place]] = defaultdict(list)
        for place in reader.results.places(analysis):
            if place.variable is not None and place.variable_level is not None:
                factors[Place(analysis, place.endpoint, variable=place.variable)].append(place)
        for factor, levels in factors.items():
            test = next(reader.results.of(factor, "p_global"), None)
            if test is None:
                continue
            for statistic, count in (("n", test.n), ("n_events", test.events)):
                total = None if count is None else Range.exact(count)
                yield from _sum(factor, f"{statistic} of the levels", reader.each(levels, statistic), total)
