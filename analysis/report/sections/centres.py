"""Centres: what each brings, and hazard ratios across them."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.report.centre_effects import effects_table, forest_lines
from analysis.report.centre_tables import attrition_table, centre_names, centres_table, missing_table
from analysis.report.forest import Headings, draw_forest
from analysis.report.language import tr
from analysis.report.parts import convention, say
from analysis.report.section import Block, Illustration, Prose, Section
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Only where patients of more than one centre were screened."""
    if len(centre_names(results)) < 2:
        return
    blocks: list[Block] = [centres_table(results, protocol), attrition_table(results, protocol)]
    missing = missing_table(results, protocol)
    blocks.append(missing or Prose((say("No value of any characteristic is missing."),)))
    if lines := forest_lines(results, protocol):
        headings = Headings((("", "n"), ("", tr("Events")), ("", tr("Weight"))))
        caption = say(
            "Hazard ratios by centre ({endpoint}), one factor at a time, with {ci}. Patients and events are "
            "those of the centre, withheld ones left out; weights, in percent, those of the random effects. Diamonds: "
            "pooled in two stages, and in one stage with a baseline hazard for each centre.",
            endpoint=protocol.analysis.cox_endpoint,
            ci=convention("95% CI"),
        )
        figure = draw_forest(results, lines, headings)
        blocks += [Illustration("forest_centres", tr("Hazard ratios by centre"), figure, caption, "wide")]
        blocks.append(effects_table(results, protocol))
    yield Section("centres", (tr("Centres"),), tr("Centres"), tuple(blocks))
