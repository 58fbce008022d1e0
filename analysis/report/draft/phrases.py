"""Phrases that the drafted sentences share."""

from collections.abc import Iterable

from analysis.ard import Place, Results, Row
from analysis.report.language import tr
from analysis.report.parts import Kind, Label, Number, Part, Text, convention, interval, say


def count(results: Results, place: Place, statistic: str = "n") -> Number:
    """A count."""
    return Number(results.number(place, statistic), "count")


def percent_of(results: Results, place: Place) -> Text:
    """'19 (21.8%)'."""
    return say("{n} ({percent}%)", n=count(results, place), percent=Number(results.number(place, "pct"), "percent"))


def with_interval(
    results: Results, place: Place, statistic: str, kind: Kind, unit: str, at: float | None = None
) -> Text:
    """'11.5 months (95% CI 9.3 to 14.9)', or the words that stand in the number's place."""
    estimate, lower, upper = (
        results.number(place, name, at) for name in (statistic, f"{statistic}_lower", f"{statistic}_upper")
    )
    if estimate.value is None:
        return (Number(estimate, kind),)
    return say(
        "{estimate}{unit} ({ci} {limits})",
        estimate=Number(estimate, kind),
        unit=unit,
        ci=convention("95% CI"),
        limits=interval(lower, upper, kind),
    )


def p_value(row: Row, test: str) -> Text:
    """'log-rank P = 0.011'; `test` is its name in the language of the report."""
    shown = Number(row, "p")
    template = "{test} P {p}" if row.value is None or str(shown)[0] in "<>" else "{test} P = {p}"
    return say(template, test=convention(test), p=shown)


def listed(texts: Iterable[Text], separator: str = ", ") -> Text:
    """Phrases one after the other."""
    parts: list[Part] = []
    for text in texts:
        parts += [tr(separator), *text] if parts else text
    return tuple(parts)


def lower_case(label: str) -> Label:
    """A label inside a sentence; words in capitals such as ECOG or PD-1 stay."""
    return Label(label if label[1:2].isupper() or "-" in label[:4] else label[:1].lower() + label[1:])
