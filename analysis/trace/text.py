"""A trace as text for a terminal."""

from collections.abc import Iterable
from itertools import groupby

from analysis.trace.reading import Derivation, Event, Review, Trace


def trace_text(trace: Trace) -> str:
    """The whole trace: who, what happened, what was derived and why, what awaits or got a decision."""
    included = "included" if trace.is_included else "not included"
    cutoff = trace.data_cutoff or "none"
    head = [
        f"Patient {trace.patient_key}, centre {trace.centre_id}",
        f"Study {trace.study_id}, variant {trace.variant}: {included}; data cutoff {cutoff}",
    ]
    parts = [
        "\n".join(head),
        _section("What happened", _event_rows(trace.events)),
        _section("What was derived", _derivation_rows(trace.derivations)),
        _section("Parameters behind it", _parameter_rows(trace.derivations)),
    ]
    if trace.reviews:
        parts.append(_section("Review", _review_rows(trace.reviews)))
    return "\n\n".join(parts) + "\n"


def _section(title: str, rows: Iterable[tuple[str, ...]]) -> str:
    listed = list(rows)
    if not listed:
        return f"{title}\n  nothing"
    widths = [max(len(row[column]) for row in listed) for column in range(len(listed[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in listed]
    return "\n".join([title, *(f"  {line.rstrip()}" for line in lines)])


def _event_rows(events: Iterable[Event]) -> Iterable[tuple[str, ...]]:
    for event in events:
        days = f"{event.start} to {event.end}" if event.end and event.end != event.start else str(event.start)
        yield days, event.lane.lower(), event.label, event.detail or "", str(event.source)


def _derivation_rows(derivations: Iterable[Derivation]) -> Iterable[tuple[str, ...]]:
    for one in derivations:
        yield one.rule, one.topic.lower(), one.item, one.value or "–", one.reason or "", str(one.source)


def _parameter_rows(derivations: Iterable[Derivation]) -> Iterable[tuple[str, ...]]:
    """Each rule once, in the order in which it is met."""
    by_rule = {one.rule: one.parameters for one in derivations if one.parameters}
    for rule, parameters in by_rule.items():
        for name, value, unit in parameters:
            yield rule, name, value, unit


def _review_rows(reviews: Iterable[Review]) -> Iterable[tuple[str, ...]]:
    for status, some in groupby(sorted(reviews, key=lambda one: one.status), key=lambda one: one.status):
        for one in some:
            by = ", ".join(str(part) for part in (one.decided_by, one.decided_date) if part)
            decided = f"{one.decision} ({by})" if one.decision else ""
            yield one.rule, status.lower(), one.item, one.reason, one.value or "", decided, str(one.source)
