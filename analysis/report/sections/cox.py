"""Prognostic factors: Cox regression as table and forest, what it rests on, and whether hazards are proportional."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.estimates.hazards import PROPORTIONAL, RESTRICTED, UNEQUAL_P
from analysis.report.cox_figures import forests_of, hazard_plots_of
from analysis.report.cox_tables import cox_table, selection_table
from analysis.report.language import tr
from analysis.report.model_tables import hazards_table, missing_table, restricted_table
from analysis.report.parts import Label, say
from analysis.report.section import Block, Prose, Section
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Table 2 with its forests, selection, missing data, and the check of proportional hazards with what follows."""
    chosen = protocol.analysis
    if not chosen.cox_univariate and not chosen.cox_multivariable:
        return
    blocks: list[Block] = [cox_table(results, protocol), *forests_of(results, protocol)]
    if chosen.cox_univariate:
        blocks.append(selection_table(results, protocol))
    blocks.append(missing_table(results, protocol))
    yield Section("cox", (tr("Prognostic factors"),), tr("Cox"), tuple(blocks))
    if any(results.places(PROPORTIONAL)):
        yield Section("hazards", (tr("Proportional hazards"),), tr("Hazards"), _hazard_blocks(results, protocol))


def _hazard_blocks(results: Results, protocol: Protocol) -> tuple[Block, ...]:
    threshold = Label(f"{UNEQUAL_P}", "convention")
    if any(results.places(RESTRICTED)):
        words = say(
            "Some P values are below {threshold}: one hazard ratio does not describe the whole follow-up there, and "
            "the restricted mean survival below needs no such assumption.",
            threshold=threshold,
        )
        after: tuple[Block, ...] = (Prose((words,)), restricted_table(results, protocol))
    else:
        words = say(
            "No P value is below {threshold}, so that no restricted means are reported; the test does not prove that "
            "hazards are proportional.",
            threshold=threshold,
        )
        after = (Prose((words,)),)
    return (hazards_table(results, protocol), *after, *hazard_plots_of(results, protocol))
