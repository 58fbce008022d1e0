"""Earlier checkpoint inhibitors, the interval without them, and what came after."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.rechallenge import INTERVALS, RECHALLENGE
from analysis.report import rechallenge_tables as tables
from analysis.report.interval_figure import draw_intervals
from analysis.report.language import tr
from analysis.report.parts import Number, say
from analysis.report.section import Block, Illustration, Section
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Where somebody had a checkpoint inhibitor before the index date."""
    place = Place(RECHALLENGE)
    if not results.has(place, "n_prior_ici") or not results.number(place, "n_prior_ici").value:
        return
    blocks: list[Block] = [
        tables.classes_table(results),
        tables.questions_table(results),
        tables.intervals_table(results),
    ]
    if results.number(Place(INTERVALS), "n").value:
        blocks.append(_distribution(results))
    blocks.append(tables.outcomes_table(results, protocol))
    yield Section("rechallenge", (tr("Earlier immunotherapy and rechallenge"),), tr("Rechallenge"), tuple(blocks))


def _distribution(results: Results) -> Illustration:
    place = Place(INTERVALS)
    caption = say(
        "Treatment-free interval of {n} patients in steps of three months; dotted: the median, {median} months.",
        n=Number(results.number(place, "n"), "count"),
        median=Number(results.number(place, "median"), "months"),
    )
    title = tr("Treatment-free interval before the index date")
    return Illustration("treatment_free_interval", title, draw_intervals(results), caption)
