"""Who was screened, who left and why, who is in the study."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.report.flowchart import build_flow
from analysis.report.language import tr
from analysis.report.section import Section
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """The flowchart."""
    yield Section("flow", (tr("Patients"),), tr("Patients"), (build_flow(results, protocol),))
