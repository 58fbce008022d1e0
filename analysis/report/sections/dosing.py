"""Dosing and the end of treatment."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.estimates.dosing import DISPOSITION
from analysis.report.dosing_tables import disposition_table, dosed_components, dosing_table
from analysis.report.language import tr
from analysis.report.section import Block, Section
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """What was given and how it ended, where the study has an index treatment."""
    blocks: list[Block] = []
    if dosed_components(results, protocol):
        blocks.append(dosing_table(results, protocol))
    if results.places(DISPOSITION):
        blocks.append(disposition_table(results))
    if blocks:
        yield Section("dosing", (tr("Treatment given"),), tr("Dosing"), tuple(blocks))
