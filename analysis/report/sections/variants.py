"""What other assumptions would have changed: which patients, and each estimate."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.report.language import tr
from analysis.report.parts import say
from analysis.report.section import Block, Illustration, Section
from analysis.report.sensitivity import draw_sensitivity, sensitivity_tables
from analysis.report.tables import variants_table
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Patients whom each variant moves, and where the variants' own results are at hand, how the estimates move."""
    if not protocol.variants:
        return
    blocks: list[Block] = [variants_table(results, protocol)]
    if results.others:
        caption = say(
            "Each estimate with its interval under the primary analysis (square, dashed line) and under every variant."
        )
        figure = draw_sensitivity(results, protocol)
        blocks += [
            *sensitivity_tables(results, protocol),
            Illustration("sensitivity", tr("Estimates under other assumptions (95% CI)"), figure, caption, "wide"),
        ]
    yield Section("variants", (tr("Other assumptions"),), tr("Variants"), tuple(blocks))
