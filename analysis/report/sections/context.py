"""The study in the context of published cohorts."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.context import IMPLIED, cohort_place
from analysis.report.context_figure import draw_context
from analysis.report.context_panels import Estimate, Panel, panels, spoken_words
from analysis.report.language import tr
from analysis.report.parts import Label, Number, Text, convention, interval, named, say, sentences
from analysis.report.section import Illustration, Section
from analysis.report.table import Column, Line, Table
from models.context import PublishedCohort
from models.protocol import Protocol

NONE: Text = ("–",)


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Figure and table, where the protocol lists cohorts that share a quantity with the study."""
    shared = panels(results, protocol)
    if shared:
        blocks = (_figure(results, protocol, shared), _table(results, protocol, shared))
        yield Section("context", (tr("In context"),), tr("Context"), blocks)


def _caveat() -> Text:
    return say(
        "Other populations, lines of treatment, periods and ways of reading scans: no comparison is adjusted and "
        "nothing is pooled. A difference between rows says nothing about the treatments."
    )


def _figure(results: Results, protocol: Protocol, shared: tuple[Panel, ...]) -> Illustration:
    caption = sentences(
        [
            say("The study's own estimates above, published ones below, each with its {ci}.", ci=convention("95% CI")),
            say("Open dots: the source prints no interval, and no count to compute one from."),
            _caveat(),
        ]
    )
    figure = draw_context(results, protocol, shared)
    return Illustration("published_cohorts", tr("The study beside published cohorts"), figure, caption, "wide")


def _table(results: Results, protocol: Protocol, shared: tuple[Panel, ...]) -> Table:
    own = (Number(results.number(Place("cohort"), "n"), "count"),)
    lines = [Line(tr("This study"), (own, *(_cell(panel, panel.own(results)) for panel in shared)))]
    for cohort in protocol.context:
        n = Number(results.number(cohort_place(cohort.label), "n"), "count")
        cells = (_cell(panel, panel.of(results, cohort.label)) for panel in shared)
        lines.append(Line(named(cohort), ((n,), *cells)))
    return Table(
        "table_context",
        (tr("The study beside published cohorts"),),
        tr("Cohort"),
        (Column("n"), *(Column(panel.heading, "centre") for panel in shared)),
        tuple(lines),
        (
            _caveat(),
            say("Intervals of published proportions: {method}. Other numbers as printed.", method=convention(IMPLIED)),
            *(_origin(cohort) for cohort in protocol.context),
        ),
    )


def _origin(cohort: PublishedCohort) -> Text:
    return say(
        "{cohort}. {setting}. Source: {source}.",
        cohort=named(cohort),
        setting=Label(spoken_words(cohort.setting, cohort.setting_zh)),
        source=Label(spoken_words(cohort.source, cohort.source_zh)),
    )


def _cell(panel: Panel, estimate: Estimate | None) -> Text:
    if estimate is None:
        return NONE
    value = Number(estimate.value, panel.kind)
    if estimate.lower is None or estimate.upper is None:
        return (value,)
    return say("{rate} ({limits})", rate=value, limits=interval(estimate.lower, estimate.upper, panel.kind))
