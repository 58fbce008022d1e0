"""Time to event: a section for each endpoint of the study."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.estimates.survival import FOLLOW_UP_ENDPOINT
from analysis.report import time_tables
from analysis.report.figures import curves_of
from analysis.report.parts import named
from analysis.report.section import Block, Section
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Curves and table of each endpoint; follow-up stands with overall survival."""
    for endpoint in protocol.analysis.endpoints:
        blocks: list[Block] = [*curves_of(results, protocol, endpoint)]
        blocks.append(time_tables.survival_table(results, protocol, endpoint))
        if endpoint.paramcd == FOLLOW_UP_ENDPOINT:
            blocks.append(time_tables.follow_up_table(results))
        yield Section(f"endpoint-{endpoint.paramcd}", (named(endpoint),), endpoint.paramcd, tuple(blocks))
