"""Tumour response."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.report import tables
from analysis.report.language import tr
from analysis.report.section import Section
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Best overall response, where the study has it."""
    if protocol.analysis.response:
        yield Section("response", (tr("Response"),), tr("Response"), (tables.response_table(results),))
