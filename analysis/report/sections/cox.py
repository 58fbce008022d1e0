"""Prognostic factors: Cox regression as table and forest."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.report.figures import forests_of
from analysis.report.language import tr
from analysis.report.section import Block, Section
from analysis.report.time_tables import cox_table
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Table 2 and its forest plots, where the protocol names factors."""
    chosen = protocol.analysis
    if chosen.cox_univariate or chosen.cox_multivariable:
        blocks: tuple[Block, ...] = (cox_table(results, protocol), *forests_of(results, protocol))
        yield Section("cox", (tr("Prognostic factors"),), tr("Cox"), blocks)
