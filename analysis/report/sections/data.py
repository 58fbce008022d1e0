"""What the numbers rest on: deliveries, centres, landing, data-quality checks."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.report import tables
from analysis.report.language import tr
from analysis.report.parts import Label, Number, Text, say
from analysis.report.section import Block, Prose, Section
from models.protocol import Protocol


def build(results: Results, _protocol: Protocol) -> Iterator[Section]:
    """The last section of every report."""
    blocks: list[Block] = [Prose(_deliveries(results), is_list=True)]
    blocks.append(tables.landing_table(results))
    if any(results.places("checks")):
        blocks.append(tables.checks_table(results))
    yield Section("data", (tr("Data"),), tr("Data"), tuple(blocks))


def _deliveries(results: Results) -> tuple[Text, ...]:
    return tuple(
        say(
            "{centre}: deliveries {n}, newest extract {date}",
            centre=Label(place.group_level or "", "data"),
            n=Number(results.number(place, "n"), "count"),
            date=Number(results.number(place, "newest_extract"), "text"),
        )
        for place in results.places("deliveries")
    )
