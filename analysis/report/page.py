"""Puts a report together: figures and tables as files, and everything once more in one self-contained page."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from analysis.ard import Place, Results
from analysis.estimates.response import RECHALLENGE, RESPONSE
from analysis.estimates.survival import FOLLOW_UP_ENDPOINT, SURVIVAL
from analysis.report import tables, time_tables
from analysis.report.figures import illustrations
from analysis.report.flowchart import build_flow
from analysis.report.methods import methods_sentences
from analysis.report.parts import Kind, Label, Number, Text, html, interval
from analysis.report.svg import figure_svg, inline
from analysis.report.table import Table, write_csv
from models.protocol import Protocol

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


@dataclass(frozen=True)
class Drawing:
    """A figure as the page shows it."""

    name: str
    section: str
    svg: Markup
    caption: Text


@dataclass(frozen=True)
class KeyFigure:
    """One of the large numbers at the top: the number with its unit, and what stands below it."""

    heading: str
    number: Number
    unit: str
    below: tuple[Text, ...]


def write_page(results: Results, protocol: Protocol, release_info: Mapping[str, str], folder: Path) -> Path:
    """Write the report of one study (see `analysis.write_report`)."""
    figure_folder, table_folder = (_fresh(folder / name) for name in ("figures", "tables"))
    drawings = _draw(results, protocol, figure_folder)
    shown = _tables(results, protocol)
    for table in shown.values():
        write_csv(table, table_folder)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["parts"] = html
    page = environment.get_template("report.html.j2").render(
        protocol=protocol,
        study=protocol.study,
        release=release_info,
        variant=results.variant,
        stylesheet=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        key_figures=_key_figures(results, protocol),
        cutoffs=_cutoffs(results),
        centres=len({place.group_level for place in results.places("centres")}),
        flow=build_flow(results, protocol),
        tables=shown,
        drawings=drawings,
        deliveries=_deliveries(results),
        methods=methods_sentences(results, protocol),
    )
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _draw(results: Results, protocol: Protocol, folder: Path) -> list[Drawing]:
    drawings = []
    for one in illustrations(results, protocol):
        svg = figure_svg(one.figure)
        (folder / f"{one.name}.svg").write_text(svg, encoding="utf-8")
        drawings.append(Drawing(one.name, one.section, Markup(inline(svg, one.name, one.title)), one.caption))
    return drawings


def _tables(results: Results, protocol: Protocol) -> dict[str, Table]:
    chosen = protocol.analysis
    shown = {"baseline": tables.table_one(results, protocol)}
    if chosen.response:
        shown["response"] = tables.response_table(results)
        if results.number(Place(RECHALLENGE), "n_prior_ici").value:
            shown["rechallenge"] = tables.rechallenge_table(results)
    for endpoint in chosen.endpoints:
        shown[endpoint.paramcd] = time_tables.survival_table(results, protocol, endpoint)
    if FOLLOW_UP_ENDPOINT in shown:
        shown["follow_up"] = time_tables.follow_up_table(results)
    if chosen.cox_univariate or chosen.cox_multivariable:
        shown["cox"] = time_tables.cox_table(results, protocol)
    if protocol.variants:
        shown["variants"] = tables.variants_table(results, protocol)
    shown["centres"] = tables.centres_table(results, protocol)
    shown["landing"] = tables.landing_table(results)
    if any(results.places("checks")):
        shown["checks"] = tables.checks_table(results)
    return shown


def _key_figures(results: Results, protocol: Protocol) -> list[KeyFigure]:
    screened = results.number(Place("cohort"), "n_screened")
    patients = Number(results.number(Place("cohort"), "n"), "count")
    shown = [KeyFigure("Patients", patients, "", (("of ", Number(screened, "count"), " screened"),))]
    if protocol.analysis.response:
        for name, heading in (("orr", "Objective response"), ("dcr", "Disease control")):
            shown.append(_key_figure(results, Place(RESPONSE, variable=name), heading, "pct", "percent", "%"))
    for endpoint in protocol.analysis.endpoints:
        place = Place(SURVIVAL, endpoint.paramcd)
        events = Number(results.number(place, "n_events"), "count")
        figure = _key_figure(results, place, f"Median {endpoint.paramcd}", "median", "months", "months")
        shown.append(KeyFigure(figure.heading, figure.number, figure.unit, (*figure.below, (events, " events"))))
    return shown


def _key_figure(results: Results, place: Place, heading: str, statistic: str, kind: Kind, unit: str) -> KeyFigure:
    estimate, lower, upper = (
        results.number(place, name) for name in (statistic, f"{statistic}_lower", f"{statistic}_upper")
    )
    below: Text = (Label("95% CI ", "convention"), *interval(lower, upper, kind))
    return KeyFigure(heading, Number(estimate, kind), unit if estimate.value is not None else "", (below,))


def _cutoffs(results: Results) -> list[Number]:
    """The cutoff of each centre, once where all centres share it."""
    rows = [row for row in results.rows if row.analysis == "centres" and row.statistic == "data_cutoff"]
    return [Number(row, "text") for row in {row.value_text: row for row in rows}.values()]


def _deliveries(results: Results) -> list[Text]:
    return [
        (
            Label(place.group_level or "", "data"),
            ": deliveries ",
            Number(results.number(place, "n"), "count"),
            ", newest extract ",
            Number(results.number(place, "newest_extract"), "text"),
        )
        for place in results.places("deliveries")
    ]
