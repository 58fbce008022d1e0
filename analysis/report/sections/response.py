"""Tumour response: rates, every patient's course, duration, subgroups."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.lanes import LANE, SPIDER, SWIMMER, WATERFALL
from analysis.estimates.response import DURATION_ENDPOINT
from analysis.estimates.response_subgroups import RESPONSE_BY
from analysis.estimates.survival import SURVIVAL
from analysis.report import response_tables as tables
from analysis.report.curves import Series, draw_curves
from analysis.report.figures import median_text, reading_text
from analysis.report.language import tr
from analysis.report.palette import INK
from analysis.report.parts import Number, Text, say
from analysis.report.response_forest import draw_response_forest
from analysis.report.section import Block, Illustration, Section
from analysis.report.spider import draw_spider
from analysis.report.swimmer import draw_swimmer
from analysis.report.waterfall import draw_waterfall
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Best overall response and what follows, where the study has it."""
    if not protocol.analysis.response:
        return
    blocks: list[Block] = [tables.response_table(results)]
    if any(results.places(WATERFALL, LANE)):
        blocks.append(_waterfall(results))
    blocks.append(tables.course_table(results))
    blocks += _duration(results, protocol)
    if any(results.places(SPIDER, LANE)):
        blocks.append(_spider(results))
    if any(results.places(SWIMMER, LANE)):
        blocks.append(_swimmer(results))
    yield Section("response", (tr("Response"),), tr("Response"), tuple(blocks))
    if any(results.places(RESPONSE_BY)):
        yield Section("response-by", (tr("Response by subgroup"),), tr("Subgroups"), _subgroups(results, protocol))


def _count(results: Results, analysis: str, statistic: str) -> Number:
    return Number(results.number(Place(analysis), statistic), "count")


def _waterfall(results: Results) -> Illustration:
    caption = say(
        "Best change of the sum of target lesions from baseline, one bar a patient, before progression or another "
        "therapy. The tumour shrank in {shrunk} of {n} measured patients; mean change {mean}%. {unmeasured} patients "
        "without a complete sum after baseline are counted, not drawn. Dashed: a partial response and a progression by "
        "the sum alone; cross: the progression showed a new lesion.",
        shrunk=_count(results, WATERFALL, "n_shrunk"),
        n=_count(results, WATERFALL, "n"),
        mean=Number(results.number(Place(WATERFALL), "mean"), "percent"),
        unmeasured=_count(results, WATERFALL, "n_unmeasured"),
    )
    return Illustration("waterfall", tr("Best change from baseline"), draw_waterfall(results), caption, "wide")


def _spider(results: Results) -> Illustration:
    caption = say(
        "Change of the sum of target lesions from baseline in {n} patients, up to progression or another therapy. "
        "Months count as in time to event, the index date being day one.",
        n=_count(results, SPIDER, "n"),
    )
    return Illustration("spider", tr("Change from baseline over time"), draw_spider(results), caption, "wide")


def _swimmer(results: Results) -> Illustration:
    caption = say(
        "Bar: index treatment of each of {n} patients, to the last dose of the last component, coloured by best "
        "response; line: follow-up, which ends with death or with the last day known alive. Longest treatment on top.",
        n=_count(results, SWIMMER, "n"),
    )
    return Illustration("swimmer", tr("Course of every patient"), draw_swimmer(results), caption, "wide")


def _duration(results: Results, protocol: Protocol) -> list[Block]:
    """Curve and table of the responders; an endpoint DOR of the study's own has a section of its own instead."""
    place = Place(SURVIVAL, DURATION_ENDPOINT)
    if any(endpoint.paramcd == DURATION_ENDPOINT for endpoint in protocol.analysis.endpoints):
        return []
    words = tr("Duration of response")
    if not results.number(place, "n").value:
        return [tables.duration_table(results, protocol)]
    series = (Series(place, words, INK),)
    caption: Text = (
        *say(
            "Duration of response of {n} responders: {median}; {events} of them progressed or died. ",
            n=Number(results.number(place, "n"), "count"),
            median=median_text(results, place),
            events=Number(results.number(place, "n_events"), "count"),
        ),
        *reading_text(results, series),
    )
    figure = draw_curves(results, series, words, since=tr("Months since first response"))
    return [Illustration("dor_all", words, figure, caption), tables.duration_table(results, protocol)]


def _subgroups(results: Results, protocol: Protocol) -> tuple[Block, ...]:
    chosen = [one for name in protocol.analysis.response_by for one in protocol.covariates if one.name == name]
    caption = say("Response rates by subgroup with exact intervals; the dashed line is the rate of all patients.")
    figure = draw_response_forest(results, tuple(chosen))
    forest = Illustration("forest_response", tr("Response by subgroup"), figure, caption, "wide")
    return forest, tables.response_by_table(results, protocol)
