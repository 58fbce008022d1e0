"""What other assumptions would have changed."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.report.language import tr
from analysis.report.section import Section
from analysis.report.tables import variants_table
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Patients whom each variant of the protocol moves."""
    if protocol.variants:
        blocks = (variants_table(results, protocol),)
        yield Section("variants", (tr("Other assumptions"),), tr("Variants"), blocks)
