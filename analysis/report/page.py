"""Puts a report together: figures and tables as files, and all of it in one self-contained page a language."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from analysis.ard import Results
from analysis.report import cover
from analysis.report.language import LANGUAGES, Language, speaking, spoken, tr
from analysis.report.parts import html
from analysis.report.section import Illustration, Section
from analysis.report.sections import build_sections
from analysis.report.svg import figure_svg, inline
from analysis.report.table import Table, write_csv
from models.protocol import Protocol, Study

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
PAGES: dict[Language, str] = {"en": "index.html", "zh": "index.zh.html"}


def write_pages(results: Results, protocol: Protocol, release_info: Mapping[str, str], folder: Path) -> Path:
    """Write the report of one study in every language (see `analysis.write_report`)."""
    figures, tables = (_fresh(folder / name) for name in ("figures", "tables"))
    for language in LANGUAGES:
        with speaking(language):
            sections = build_sections(results, protocol)
            drawn = _draw(sections)
            page = _render(results, protocol, release_info, sections, drawn)
        (folder / PAGES[language]).write_text(page, encoding="utf-8")
        if language == "en":
            _write_files(sections, drawn, figures, tables)
    return folder / PAGES["en"]


def _write_files(sections: tuple[Section, ...], drawn: Mapping[str, str], figures: Path, tables: Path) -> None:
    """The figures and tables of the English report, which manuscripts take."""
    for name, svg in drawn.items():
        (figures / f"{name}.svg").write_text(svg, encoding="utf-8")
    for block in (block for section in sections for block in section.blocks):
        if isinstance(block, Table):
            write_csv(block, tables)


def _render(
    results: Results,
    protocol: Protocol,
    release_info: Mapping[str, str],
    sections: tuple[Section, ...],
    drawn: Mapping[str, str],
) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"parts": html, "tr": tr}
    illustrations = [block for section in sections for block in section.blocks if isinstance(block, Illustration)]
    return environment.get_template("report.html.j2").render(
        study=protocol.study,
        **_titles(protocol.study),
        release=release_info,
        variant=results.variant,
        pages=PAGES,
        stylesheet=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        key_figures=cover.key_figures(results, protocol),
        cutoffs=cover.cutoffs(results),
        centres=cover.centres(results),
        sections=sections,
        svg={one.name: Markup(inline(drawn[one.name], one.name, one.title)) for one in illustrations},
    )


def _titles(study: Study) -> dict[str, object]:
    """The study's title and description in the language of the page, and its titles in the other ones."""
    titles = {"en": study.title, "zh": study.title_zh}
    descriptions = {"en": study.description, "zh": study.description_zh}
    others = {language: title for language, title in titles.items() if language != spoken() and title}
    return {
        "title": titles[spoken()] or study.title,
        "other_titles": others,
        "description": descriptions[spoken()] or study.description,
    }


def _draw(sections: tuple[Section, ...]) -> dict[str, str]:
    """Each figure as an SVG document, by the figure's name."""
    blocks = (block for section in sections for block in section.blocks)
    return {block.name: figure_svg(block.figure) for block in blocks if isinstance(block, Illustration)}


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
