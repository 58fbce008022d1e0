"""Results as rows: one row a number, in the shape of CDISC Analysis Results Data (what R's cards calls an ARD).

A number's address is its study, variant, `Place`, statistic and time. `ard_id` is a hash of that address, never of the
value, so that the same number keeps its id from one release to the next.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Required, TypedDict, Unpack

from models.errors import Fault

if TYPE_CHECKING:
    import pyarrow as pa

ARD_COMMENT = "One row per number that a report prints: study, variant, analysis, place, statistic and time."
ARD_COLUMNS = {
    "ard_id": "Stable id of the number: hash of study, variant, analysis, place, statistic and time",
    "study_id": "Study of the protocol file",
    "variant": "Variant of the study; primary always exists",
    "analysis": "Kind of analysis: attrition, table_one, response, survival, survival_curve, logrank, cox_univariate …",
    "endpoint": "Time-to-event endpoint (PARAMCD), where there is one",
    "group_name": "Covariate (or 'centre', 'table' …) that splits the patients, null for all patients",
    "group_level": "Level of the group",
    "variable": "Covariate or item that the number is about",
    "variable_level": "Level of the variable",
    "statistic": "n, pct, pct_lower, median, survival_rate, at_risk, hr, hr_lower, p_value …",
    "time_months": "Time from index to which the number belongs, months of 30.4375 days; null where none does",
    "value": "The number, unrounded; percentages 0 to 100, survival 0 to 1, times in months; null if not estimable",
    "value_text": "What is printed where there is no number: 'not reached', 'not estimable' …, or a date",
    "method": "Convention behind the number, such as 'Clopper-Pearson' or 'Wald, Efron ties'",
    "n": "Patients behind the number",
    "events": "Events among them, for time-to-event analyses",
    "source_table": "Released table that the number was computed from",
}
_INTEGERS = ("n", "events")
_DOUBLES = ("time_months", "value")


class MissingNumber(Fault):
    """The report asks for a number that no analysis wrote, or an analysis wrote one number twice."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number stands: an analysis, and optionally endpoint, group and variable with their levels."""

    analysis: str
    endpoint: str | None = None
    group_name: str | None = None
    group_level: str | None = None
    variable: str | None = None
    variable_level: str | None = None

    @property
    def parts(self) -> tuple[str | None, ...]:
        """The fields in their order; `dataclasses.astuple` copies deeply, which is slow for what is asked so often."""
        return self.analysis, self.endpoint, self.group_name, self.group_level, self.variable, self.variable_level

    def __str__(self) -> str:
        return "/".join(part for part in self.parts if part is not None)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of results.ard; the columns are described in `ARD_COLUMNS`."""

    ard_id: str
    study_id: str
    variant: str
    analysis: str
    endpoint: str | None
    group_name: str | None
    group_level: str | None
    variable: str | None
    variable_level: str | None
    statistic: str
    time_months: float | None
    value: float | None
    value_text: str | None
    method: str | None
    n: int | None
    events: int | None
    source_table: str

    @property
    def place(self) -> Place:
        """The number's place."""
        return Place(
            self.analysis, self.endpoint, self.group_name, self.group_level, self.variable, self.variable_level
        )


def ard_id(study_id: str, variant: str, place: Place, statistic: str, time_months: float | None) -> str:
    """Twelve hexadecimal digits that name the number at this address."""
    address = "\x1f".join("" if part is None else str(part) for part in (study_id, variant, *place.parts))
    return hashlib.sha256(f"{address}\x1f{statistic}\x1f{time_months!r}".encode()).hexdigest()[:12]


class Results:
    """The numbers of one study and variant, in the order in which they were written.

    `others` are the numbers of the study's other variants by name, where `beside` has put them.
    """

    def __init__(
        self, study_id: str, variant: str, rows: tuple[Row, ...], others: "Mapping[str, Results] | None" = None
    ) -> None:
        self.study_id = study_id
        self.variant = variant
        self.rows = rows
        self.others: Mapping[str, Results] = dict(others or {})
        self._by_id = {row.ard_id: row for row in rows}

    def __reduce__(self) -> tuple[type["Results"], tuple[object, ...]]:
        """What another process needs to make them again: what they were made of, not what has been looked up."""
        return Results, (self.study_id, self.variant, self.rows, dict(self.others))

    def beside(self, variants: "Mapping[str, Results]") -> "Results":
        """The same numbers, knowing those of the study's other variants, which a report sets beside them."""
        others = {name: one for name, one in variants.items() if name != self.variant}
        return Results(self.study_id, self.variant, self.rows, others)

    def number(self, place: Place, statistic: str, time: float | None = None) -> Row:
        """The row at this address (time in months).

        Raises:
            MissingNumber: nobody wrote it.
        """
        found = self._by_id.get(ard_id(self.study_id, self.variant, place, statistic, time))
        if found is None:
            at = "" if time is None else f" at {time:g} months"
            raise MissingNumber(f"results.ard of {self.study_id}/{self.variant} holds no {statistic} for {place}{at}.")
        return found

    def has(self, place: Place, statistic: str) -> bool:
        """Whether a number without a time stands at this address."""
        return ard_id(self.study_id, self.variant, place, statistic, None) in self._by_id

    def of(self, place: Place, statistic: str | None = None) -> Iterator[Row]:
        """The rows of one place in their order, all statistics or one."""
        for row in self._by_place.get(place, ()):
            if statistic is None or row.statistic == statistic:
                yield row

    def places(self, analysis: str, variable: str | None = None) -> tuple[Place, ...]:
        """The distinct places of an analysis in their order, all or those of one variable."""
        return tuple(
            place
            for place in self._by_place
            if place.analysis == analysis and (variable is None or place.variable == variable)
        )

    @cached_property
    def _by_place(self) -> dict[Place, list[Row]]:
        by_place: dict[Place, list[Row]] = {}
        for row in self.rows:
            by_place.setdefault(row.place, []).append(row)
        return by_place

    @cached_property
    def table(self) -> "pa.Table":
        """The rows as an Arrow table with the columns of `ARD_COLUMNS` (text, DOUBLE or BIGINT)."""
        import pyarrow as pa

        def kind(name: str) -> pa.DataType:
            return pa.int64() if name in _INTEGERS else pa.float64() if name in _DOUBLES else pa.string()

        columns = {field.name: [getattr(row, field.name) for row in self.rows] for field in fields(Row)}
        return pa.table(columns, schema=pa.schema([(name, kind(name)) for name in ARD_COLUMNS]))


class About(TypedDict, total=False):
    """What `Recorder.add` is told about a number besides its address and value."""

    source: Required[str]
    text: str
    time: float | None
    method: str | None
    n: int | None
    events: int | None


class Recorder:
    """Collects the numbers of one study and variant; refuses a second number at one address."""

    def __init__(self, study_id: str, variant: str) -> None:
        self._study_id = study_id
        self._variant = variant
        self._rows: dict[str, Row] = {}

    def add(
        self,
        place: Place,
        statistic: str,
        value: float | None,
        *,
        source: str,
        text: str = "not estimable",
        time: float | None = None,
        method: str | None = None,
        n: int | None = None,
        events: int | None = None,
    ) -> None:
        """Write one number; where it is not finite, `text` stands in its place.

        Raises:
            MissingNumber: the address is taken.
        """
        number = None if value is None or not math.isfinite(value) else float(value)
        key = ard_id(self._study_id, self._variant, place, statistic, time)
        if key in self._rows:
            raise MissingNumber(f"results.ard of {self._study_id}/{self._variant}: {statistic} of {place} came twice.")
        self._rows[key] = Row(
            ard_id=key,
            study_id=self._study_id,
            variant=self._variant,
            analysis=place.analysis,
            endpoint=place.endpoint,
            group_name=place.group_name,
            group_level=place.group_level,
            variable=place.variable,
            variable_level=place.variable_level,
            statistic=statistic,
            time_months=time,
            value=number,
            value_text=text if number is None else None,
            method=method,
            n=n,
            events=events,
            source_table=source,
        )

    def add_all(self, place: Place, values: Mapping[str, float | None], **about: Unpack[About]) -> None:
        """Write several statistics of one place that share their method, time and counts."""
        for statistic, value in values.items():
            self.add(place, statistic, value, **about)

    def results(self) -> Results:
        """What was written so far."""
        return Results(self._study_id, self._variant, tuple(self._rows.values()))
