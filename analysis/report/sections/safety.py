"""Adverse events."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.safety import ADVERSE_EVENTS, ANY_EVENT, ANY_GRADE, event_place
from analysis.report.event_bars import MOST_BARS, draw_event_bars
from analysis.report.event_tables import event_table, terms_of
from analysis.report.language import tr
from analysis.report.parts import Label, say, sentences
from analysis.report.section import Block, Illustration, Section
from models.protocol import Protocol


def build(results: Results, _protocol: Protocol) -> Iterator[Section]:
    """Treatment-related events as table and bars, then all emergent and immune-related ones; nothing untreated."""
    population = Place(ADVERSE_EVENTS)
    if not results.has(population, "n_safety") or not results.number(population, "n_safety").value:
        return
    blocks: list[Block] = []
    for scope, any_term in ANY_EVENT.items():
        if not terms_of(results, scope):
            continue
        blocks.append(event_table(results, scope))
        if scope == "TRAE" and results.number(event_place(scope, any_term, ANY_GRADE), "n").value:
            blocks.append(_bars(results, scope))
    yield Section("safety", (tr("Adverse events"),), tr("Safety"), tuple(blocks))


def _bars(results: Results, scope: str) -> Illustration:
    title = tr("Treatment-related adverse events")
    caption = [
        say("Treatment-related adverse events, percent of the safety population, each patient at the worst grade."),
    ]
    if len(terms_of(results, scope)) > MOST_BARS:
        caption.append(say("The {n} commonest rows of the table.", n=Label(str(MOST_BARS), "convention")))
    return Illustration("adverse_events", title, draw_event_bars(results, scope), sentences(caption))
