"""Baseline characteristics."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.report import tables
from analysis.report.language import tr
from analysis.report.section import Section
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Table 1."""
    yield Section("baseline", (tr("Baseline characteristics"),), tr("Baseline"), (tables.table_one(results, protocol),))
