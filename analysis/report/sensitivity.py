"""How each estimate moves when the protocol's variants change the rules: the primary's beside every variant's."""

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.ard import Place, Results
from analysis.estimates.levels import reference_level
from analysis.estimates.regression import MULTIVARIABLE
from analysis.estimates.response import RESPONSE
from analysis.estimates.survival import SURVIVAL
from analysis.report.axes import SIZE, plain_axes
from analysis.report.cox_tables import covariate_named
from analysis.report.language import tr
from analysis.report.palette import INK, MUTED
from analysis.report.parts import Kind, Label, Number, Text, interval, label_text, plain, say
from analysis.report.svg import FROM, columns
from analysis.report.table import Column, Line, Table
from models.protocol import Protocol

_ROW, _HEAD, _FOOT = 0.27, 0.55, 0.42
_PANEL, _GAP, _RIGHT = 2.3, 0.25, 0.15
_CHARACTER_WIDTH = 0.075
_ACROSS = 3
_TITLE_WIDTH = 26
"""Characters of a panel's title on one line."""


@dataclass(frozen=True)
class Estimate:
    """One estimate: its words, where it stands, its statistic, and how it is printed."""

    words: str
    place: Place
    statistic: str
    kind: Kind

    @property
    def names(self) -> tuple[str, str, str]:
        """Statistics of the estimate and its limits."""
        return self.statistic, f"{self.statistic}_lower", f"{self.statistic}_upper"


def estimates_of(protocol: Protocol) -> tuple[Estimate, ...]:
    """Response rates, medians, and the hazard ratios of the adjusted model."""
    return (*_rates(protocol), *_medians(protocol), *_ratios(protocol))


def _rates(protocol: Protocol) -> Iterator[Estimate]:
    if protocol.analysis.response:
        for name, words in (("orr", tr("Objective response rate")), ("dcr", tr("Disease control rate"))):
            yield Estimate(f"{words}, %", Place(RESPONSE, variable=name), "pct", "percent")


def _medians(protocol: Protocol) -> Iterator[Estimate]:
    for endpoint in protocol.analysis.endpoints:
        words = plain(say("Median {endpoint}, months", endpoint=endpoint.paramcd))
        yield Estimate(words, Place(SURVIVAL, endpoint.paramcd), "median", "months")


def _ratios(protocol: Protocol) -> Iterator[Estimate]:
    chosen = protocol.analysis
    for name in chosen.cox_multivariable:
        covariate = covariate_named(protocol, name)
        for code, level in enumerate(covariate.levels):
            if code != reference_level(covariate):
                words = plain(
                    say("Adjusted HR, {factor}: {level}", factor=label_text(covariate), level=label_text(level))
                )
                place = Place(MULTIVARIABLE, chosen.cox_endpoint, variable=name, variable_level=level.label)
                yield Estimate(words, place, "hr", "ratio")


def everybody(results: Results, protocol: Protocol) -> tuple[tuple[str, Results], ...]:
    """The primary and every variant whose numbers are at hand, with their words."""
    others = [(label_text(one), results.others[one.name]) for one in protocol.variants if one.name in results.others]
    return ((tr("Primary analysis"), results), *others)


def sensitivity_tables(results: Results, protocol: Protocol) -> Iterator[Table]:
    """The primary and every variant as lines: rates and medians in one table, adjusted hazard ratios in another."""
    yield _table(
        "table_sensitivity",
        (tr("Estimates under other assumptions (95% CI)"),),
        everybody(results, protocol),
        (*_rates(protocol), *_medians(protocol)),
    )
    if protocol.analysis.cox_multivariable:
        title = (tr("Adjusted hazard ratios under other assumptions (95% CI)"),)
        yield _table("table_sensitivity_cox", title, everybody(results, protocol), tuple(_ratios(protocol)))


def _table(
    name: str, caption: Text, compared: tuple[tuple[str, Results], ...], estimates: tuple[Estimate, ...]
) -> Table:
    lines = []
    for words, one in compared:
        patients = (Number(one.number(Place("cohort"), "n"), "count"),)
        lines.append(Line(Label(words), (patients, *(_cell(one, estimate) for estimate in estimates))))
    return Table(
        name,
        caption,
        tr("Analysis"),
        (Column("n"), *(Column(estimate.words, "centre") for estimate in estimates)),
        tuple(lines),
        (say("Each line repeats the whole analysis on the patients and times that its assumption gives."),),
    )


def _cell(results: Results, estimate: Estimate) -> Text:
    value, lower, upper = (results.number(estimate.place, name) for name in estimate.names)
    if value.value is None:
        return (Number(value, estimate.kind),)
    limits = interval(lower, upper, estimate.kind)
    return say("{rate} ({limits})", rate=Number(value, estimate.kind), limits=limits)


def draw_sensitivity(results: Results, protocol: Protocol) -> Figure:
    """One panel an estimate: a dot with its interval for the primary and every variant, the primary's as a line."""
    compared, estimates = everybody(results, protocol), estimates_of(protocol)
    across = min(_ACROSS, len(estimates))
    down = -(-len(estimates) // across)
    left = 0.15 + _CHARACTER_WIDTH * max(columns(words) for words, _ in compared)
    inner = _ROW * len(compared)
    width = left + across * (_PANEL + _GAP) + _RIGHT
    height = down * (_HEAD + inner + _FOOT)
    figure = Figure(figsize=(width, height))
    for number, estimate in enumerate(estimates):
        row, column = divmod(number, across)
        x = left + column * (_PANEL + _GAP)
        y = height - (row + 1) * (_HEAD + inner + _FOOT) + _FOOT
        axes = figure.add_axes((x / width, y / height, _PANEL / width, inner / height))
        _draw_panel(axes, estimate, compared)
        axes.set_yticklabels([words for words, _ in compared] if column == 0 else [])
        for label in axes.get_yticklabels():
            label.set(gid=f"{FROM}protocol", color=INK, fontsize=SIZE)
    return figure


def _draw_panel(axes: Axes, estimate: Estimate, compared: tuple[tuple[str, Results], ...]) -> None:
    rows = [len(compared) - place - 0.5 for place in range(len(compared))]
    for row, (_, results) in zip(rows, compared, strict=True):
        value, lower, upper = (results.number(estimate.place, name).value for name in estimate.names)
        if value is None:
            continue
        is_primary = row == rows[0]
        ends = [value if lower is None else lower, value if upper is None else upper]
        axes.plot(ends, [row, row], color=INK, linewidth=1.3 if is_primary else 1.0, solid_capstyle="butt")
        axes.plot([value], [row], marker="s" if is_primary else "o", markersize=5, color=INK)
        if is_primary:
            axes.axvline(value, color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)))
    if estimate.kind == "ratio":
        axes.axvline(1, color=MUTED, linewidth=1.0)
    axes.set_ylim(0, len(compared))
    axes.set_yticks(rows)
    axes.margins(x=0.08)
    _dress(axes, estimate.words)


def _dress(axes: Axes, title: str) -> None:
    axes.set_title(
        fill(title, _TITLE_WIDTH), fontsize=SIZE, color=INK, loc="left", fontweight="bold", gid=f"{FROM}protocol"
    )
    axes.locator_params(axis="x", nbins=5)
    axes.figure.canvas.draw()
    plain_axes(axes, grid="x", sides=("bottom",), size=SIZE - 1)
