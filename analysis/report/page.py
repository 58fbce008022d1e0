"""The report as one self-contained page a language."""

from collections.abc import Mapping

from markupsafe import Markup

from analysis.ard import Results
from analysis.report import cover
from analysis.report.language import PAGES, spoken, tr
from analysis.report.parts import html
from analysis.report.section import Section, illustrations
from analysis.report.svg import inline
from analysis.templating import TEMPLATES, templates
from models.protocol import Protocol


def render_page(
    results: Results,
    protocol: Protocol,
    release_info: Mapping[str, str],
    sections: tuple[Section, ...],
    drawn: Mapping[str, str],
) -> str:
    """The page in the language of the report, as HTML.

    Args:
        results: for the key figures at the top.
        protocol: titles.
        release_info: `release_id` is printed; `quality` leads to the page of the release's data quality.
        sections: what `analysis.report.sections.build_sections` made.
        drawn: each figure as an SVG document, by its name.
    """
    return (
        templates(parts=html, tr=tr)
        .get_template("report.html.j2")
        .render(
            study=protocol.study,
            title=cover.title(protocol.study),
            other_titles=cover.other_titles(protocol.study),
            description=cover.description(protocol.study),
            release=release_info,
            variant=results.variant,
            pages=PAGES,
            page=PAGES[spoken()],
            stylesheet=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
            key_figures=cover.key_figures(results, protocol),
            cutoffs=cover.cutoffs(results),
            centres=cover.centres(results),
            sections=sections,
            svg={one.name: Markup(inline(drawn[one.name], one.name, one.title)) for one in illustrations(sections)},
        )
    )
