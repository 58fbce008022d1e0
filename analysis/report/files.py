"""Puts a report together: a page, figures, tables and documents, in every language."""

import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from analysis.ard import Results
from analysis.report import cover, png, word
from analysis.report.flowchart import Flow, flow_table
from analysis.report.language import LANGUAGES, PAGES, Language, speaking
from analysis.report.page import render_page
from analysis.report.section import Section, illustrations
from analysis.report.sections import build_sections
from analysis.report.sections.draft import DRAFT
from analysis.report.svg import draw_figures
from analysis.report.table import Table, write_csv
from models.protocol import Protocol

SUFFIXES: dict[Language, str] = {"en": "", "zh": ".zh"}
FIGURES: dict[Language, str] = {"en": "figures", "zh": "figures/zh"}


def write_files(results: Results, protocol: Protocol, release_info: Mapping[str, str], folder: Path) -> Path:
    """Write the report of one study in every language (see `analysis.write_report`).

    Drawing takes most of the time and only one core, so each further language is written by a process of its own.
    """
    for name in (*FIGURES.values(), "tables"):
        _make_fresh(folder / name)
    first, *others = LANGUAGES
    with ProcessPoolExecutor(max_workers=len(others), mp_context=get_context("spawn")) as pool:
        writing = [
            pool.submit(write_language, language, results, protocol, release_info, folder) for language in others
        ]
        write_language(first, results, protocol, release_info, folder)
        for one in writing:
            one.result()
    return folder / PAGES[first]


def write_language(
    language: Language, results: Results, protocol: Protocol, release_info: Mapping[str, str], folder: Path
) -> None:
    """Write page, figures and documents of one language into folders that are there; tables as CSV are English."""
    with speaking(language):
        sections = build_sections(results, protocol)
        drawn = draw_figures(sections)
        _write_figures(sections, drawn, folder / FIGURES[language])
        page = render_page(results, protocol, release_info, sections, drawn)
        (folder / PAGES[language]).write_text(page, encoding="utf-8")
        _write_documents(sections, protocol, folder, SUFFIXES[language])
    if language == "en":
        for table in _tables(sections):
            write_csv(table, folder / "tables")


def _write_figures(sections: tuple[Section, ...], drawn: Mapping[str, str], folder: Path) -> None:
    """Write each figure as SVG, and as PNG where this computer can draw its words."""
    for name, svg in drawn.items():
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    if png.can_draw():
        for one in illustrations(sections):
            png.write_png(one.figure, folder / f"{one.name}.png")


def _write_documents(sections: tuple[Section, ...], protocol: Protocol, folder: Path, suffix: str) -> None:
    title = cover.title(protocol.study)
    flows = (block for section in sections for block in section.blocks if isinstance(block, Flow))
    tables = [*_tables(sections), *(flow_table(flow) for flow in flows)]
    word.write_tables(tables, title, folder / f"tables{suffix}.docx")
    for section in sections:
        if section.id == DRAFT:
            word.write_section(section, title, folder / f"results_section{suffix}.docx")


def _tables(sections: tuple[Section, ...]) -> Iterator[Table]:
    return (block for section in sections for block in section.blocks if isinstance(block, Table))


def _make_fresh(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
