"""Hazard ratios across centres: the table of pooled estimates and the forest with its pooled diamond."""

from collections.abc import Iterator
from functools import partial

from analysis.ard import Place, Results, Row
from analysis.estimates.centre_effects import EFFECTS, ONE_STAGE, TWO_STAGE, effect_place
from analysis.estimates.centres import centre_place
from analysis.estimates.levels import reference_level
from analysis.report.centre_tables import centre_names
from analysis.report.forest import ForestLine
from analysis.report.language import tr
from analysis.report.parts import Kind, Label, Number, Text, convention, interval, label_text, plain, say
from analysis.report.table import Column, Line, Table
from models.protocol import Covariate, Level, Protocol

Contrast = tuple[Covariate, Level]
_RATIO = ("hr", "hr_lower", "hr_upper")
_MEASURES: tuple[tuple[str, Kind], ...] = (("i2_pct", "percent"), ("tau2", "ratio"), ("q", "ratio"))


def contrasts(results: Results, protocol: Protocol) -> Iterator[Contrast]:
    """Factors and levels that the results compare across centres, in the protocol's order."""
    compared = {(place.variable, place.variable_level) for place in results.places(EFFECTS)}
    for covariate in protocol.covariates:
        for level in covariate.levels:
            if (covariate.name, level.label) in compared:
                yield covariate, level


def contrast_words(contrast: Contrast) -> str:
    """'ECOG performance status: 0 vs 1-2'."""
    covariate, level = contrast
    reference = covariate.levels[reference_level(covariate)]
    words = say(
        "{factor}: {level} vs {reference}",
        factor=label_text(covariate),
        level=label_text(level),
        reference=label_text(reference),
    )
    return plain(words)


def effects_table(results: Results, protocol: Protocol) -> Table:
    """Hazard ratios pooled in one and in two stages, with heterogeneity, and without each centre in turn."""
    lines: list[Line] = []
    methods: dict[str, str | None] = {}
    for contrast in contrasts(results, protocol):
        at = partial(effect_place, protocol.analysis.cox_endpoint, contrast[0].name, contrast[1].label)
        one_stage, two_stages = at("pooled", ONE_STAGE), at("pooled", TWO_STAGE)
        methods = {
            name: results.number(place, "hr").method for name, place in (("one", one_stage), ("two", two_stages))
        }
        lines += [
            Line(Label(contrast_words(contrast)), kind="heading"),
            Line(tr("One stage (primary)"), (*_ratio(results, one_stage), *[()] * 5), "level"),
            Line(tr("Two stages"), (*_ratio(results, two_stages), *_heterogeneity(results, two_stages)), "level"),
        ]
        for centre in centre_names(results):
            if results.has(at("without", centre), "hr"):
                words = Label(plain(say("one stage without {centre}", centre=centre)), "data")
                lines.append(Line(words, (*_ratio(results, at("without", centre)), *[()] * 5), "level"))
    headings = ("HR", "95% CI", "Prediction interval", "Centres", "I², %", "τ²", "Q")
    return Table(
        "table_centres_effects",
        say("Hazard ratios across centres, one factor at a time ({endpoint})", endpoint=protocol.analysis.cox_endpoint),
        tr("Factor"),
        tuple(Column(tr(words), "centre" if "nterval" in words or "CI" in words else "right") for words in headings),
        tuple(lines),
        (
            say("One stage: {method}; each centre has its own baseline hazard.", method=convention(methods.get("one"))),
            say("Two stages: {method}.", method=convention(methods.get("two"))),
            say("I² of few centres is unstable: read it with their number. Q and τ² are on the log scale."),
        ),
    )


def forest_lines(results: Results, protocol: Protocol) -> tuple[ForestLine, ...]:
    """For each contrast: every centre's own ratio with its patients, events and weight, then both pooled ones."""
    endpoint = protocol.analysis.cox_endpoint
    lines: list[ForestLine] = []
    for contrast in contrasts(results, protocol):
        lines.append(ForestLine(contrast_words(contrast), is_heading=True))
        at = partial(effect_place, endpoint, contrast[0].name, contrast[1].label)
        for centre in centre_names(results):
            if results.has(at("centre", centre), "hr"):
                counts = (
                    _shown(results.number(centre_place(centre), "n"), "count"),
                    _shown(results.number(centre_place(centre, endpoint), "n_events"), "count"),
                    _shown(results.number(at("centre", centre), "weight_pct"), "percent"),
                )
                lines.append(ForestLine(centre, counts, at("centre", centre)))
        for words, model in ((tr("Two stages"), TWO_STAGE), (tr("One stage (primary)"), ONE_STAGE)):
            lines.append(ForestLine(words, place=at("pooled", model), is_pooled=True))
    return tuple(lines)


def _shown(row: Row, kind: Kind) -> Number | None:
    """A number, or nothing where there is none: its words would not fit a column."""
    return None if row.value is None else Number(row, kind)


def _ratio(results: Results, place: Place) -> tuple[Text, Text]:
    ratio, lower, upper = (results.number(place, name) for name in _RATIO)
    shown: Text = (Number(ratio, "ratio"),)
    return (shown, ()) if ratio.value is None else (shown, interval(lower, upper, "ratio"))


def _heterogeneity(results: Results, place: Place) -> tuple[Text, ...]:
    count = Number(results.number(place, "k"), "count")
    if results.number(place, "hr").value is None:
        return (), (count,), (), (), ()
    lower, upper = (results.number(place, f"prediction_{end}") for end in ("lower", "upper"))
    measures = ((Number(results.number(place, name), kind),) for name, kind in _MEASURES)
    return (interval(lower, upper, "ratio"), (count,), *measures)
