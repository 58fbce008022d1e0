"""Invented patients as rows of the contract tables, and small words to write them with."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

Value = str | int | Decimal | None
CUTOFF = dt.date(2025, 7, 5)

EXTRACTED = dt.date(2030, 1, 1)
"""After everything that is drawn: what an extract cannot know yet is rejected (DQ058)."""


@dataclass(frozen=True)
class ExtractRow:
    """One row of a contract table, without the patient's number."""

    table: str
    values: tuple[tuple[str, Value], ...]

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.values if value is not None)
        return f"{self.table}({shown})"


@dataclass(frozen=True)
class History:
    """One invented patient. The situation is its name: what was drawn, in words."""

    situation: str
    rows: tuple[ExtractRow, ...] = field(default=())

    def without(self, position: int) -> "History":
        """The same history with one row less."""
        return History(self.situation, self.rows[:position] + self.rows[position + 1 :])

    def of(self, table: str) -> Iterator[Mapping[str, Value]]:
        """Rows of one contract table."""
        return (dict(row.values) for row in self.rows if row.table == table)

    def __str__(self) -> str:
        return "\n".join([self.situation, *(f"  {row}" for row in self.rows)])


def row(table: str, **values: Value) -> ExtractRow:
    return ExtractRow(table, tuple(values.items()))


def given(
    drug: str, day: dt.date, cycle_days: int | None = None, intent: str | None = None, planned: str | None = None
) -> ExtractRow:
    """An infusion on one day; `planned` is Y where the source plans it as maintenance."""
    return row(
        "drug_row",
        source_kind="ADMIN",
        raw_name=drug,
        route="IV",
        start_text=day.isoformat(),
        status="DONE",
        cycle_days=cycle_days,
        intent=intent,
        planned_maintenance=planned,
    )


def blinded(trial_id: str, day: dt.date) -> ExtractRow:
    """An infusion of a blinded trial drug."""
    return row(
        "drug_row",
        source_kind="ADMIN",
        raw_name="blinded",
        route="IV",
        start_text=day.isoformat(),
        status="DONE",
        trial_id=trial_id,
        cycle_days=21,
    )


def dispensed(
    drug: str, day: dt.date, capsules: int, intent: str | None = None, planned: str | None = None
) -> ExtractRow:
    """Capsules for so many on-days; a negative number was brought back; `planned` as of `given`."""
    return row(
        "drug_row",
        source_kind="DISPENSE" if capsules > 0 else "RETURN",
        raw_name=drug,
        route="PO",
        qty=Decimal(capsules),
        units_per_day=Decimal(1),
        dispense_setting="OUTPATIENT",
        start_text=day.isoformat(),
        status="DONE",
        intent=intent,
        planned_maintenance=planned,
    )


def assessed(day: dt.date, response: str) -> ExtractRow:
    """The investigator's reading of a scan."""
    return row("response", reader="INV", response_date=day.isoformat(), response=response)


def happened(event: str, day: dt.date) -> ExtractRow:
    """A disease event, distant where the event says so."""
    distant = "Y" if event in ("M1", "RECURRENCE") else None
    return row("disease_event", event=event, event_date_text=day.isoformat(), organ="LIVER", is_distant=distant)


def resected(day: dt.date) -> ExtractRow:
    """A curative oesophagectomy."""
    return row("procedure", kind="SURGERY_CURATIVE", start_text=day.isoformat(), end_text=day.isoformat())


def irradiated(first: dt.date, last: dt.date, dose_gy: int) -> ExtractRow:
    """Radiotherapy of the oesophagus with curative intent."""
    return row(
        "procedure",
        kind="RT",
        start_text=first.isoformat(),
        end_text=last.isoformat(),
        dose_gy=Decimal(dose_gy),
        intent="DEFINITIVE",
        target_site="ESOPHAGUS",
    )


def died(day: dt.date) -> ExtractRow:
    """A death in the registry."""
    return row("death", source="REGISTRY", date_text=day.isoformat(), cause="TUMOUR")


def died_in(day: dt.date, precision: str) -> ExtractRow:
    """A death of which the family remembers the month (M) or the year (Y)."""
    known = {"M": 7, "Y": 4}[precision]
    return row("death", source="FAMILY", date_text=day.isoformat()[:known], cause="TUMOUR")


def met(day: dt.date, kind: str = "OUTPATIENT_VISIT") -> ExtractRow:
    """A contact."""
    return row("contact", kind=kind, date_text=day.isoformat())


def dates(texts: Iterable[Value]) -> list[dt.date]:
    """Known days of date columns."""
    return [dt.date.fromisoformat(str(text)) for text in texts if text is not None]
