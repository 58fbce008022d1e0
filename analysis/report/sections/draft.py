"""The drafted Results section: the study's findings in sentences, every number a reference into the results."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.report.draft import draft_paragraphs
from analysis.report.language import tr
from analysis.report.parts import say
from analysis.report.section import Prose, Section
from models.protocol import Protocol

DRAFT = "draft"


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """One paragraph for each part of the report that has numbers."""
    blocks = tuple(
        Prose((paragraph,), heading=heading) for heading, paragraph in draft_paragraphs(results, protocol) if paragraph
    )
    notice = Prose((say("Drafted from the results by rule; an author checks it, orders it and answers for it."),))
    yield Section(DRAFT, (tr("Results, drafted"),), tr("Draft"), (*blocks, notice))
