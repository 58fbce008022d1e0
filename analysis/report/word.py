"""Tables and prose as Word documents, ready for a manuscript.

Tables have three rules and no vertical ones, a caption that Word numbers itself, a header that repeats on each page,
and their notes below. A number of the prose is a content control whose tag is its ard_id.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor

from analysis.report.language import tr
from analysis.report.parts import Number, Text, plain
from analysis.report.section import Prose, Section
from analysis.report.svg import columns as width_of
from analysis.report.table import Line, Table

if TYPE_CHECKING:
    from docx.document import Document as Doc
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.table import Table as WordTable
    from docx.table import _Cell as Cell
    from docx.text.paragraph import Paragraph

LATIN_FONT, CHINESE_FONT = "Times New Roman", "SimSun"
PAGE = Cm(21.0), Cm(29.7)
MARGIN = Cm(2.2)
SIZE, SMALL = Pt(9.5), Pt(8.5)
THICK, THIN = "12", "6"
"""Rules in eighths of a point: those above and below a table, and the one under its header."""
_CHARACTER, _BOLD = Cm(0.185), Cm(0.22)
_MOST_BOLD = 13
"""Columns of a heading that stand in one line at least; Chinese breaks anywhere."""
_GAP = Cm(0.42)
_WIDEST_HEAD = Cm(7.0)
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "centre": WD_ALIGN_PARAGRAPH.CENTER,
}


def write_tables(tables: Iterable[Table], title: str, path: Path) -> None:
    """Write the tables one to a page, in their order; a table wider than the page turns it."""
    document = _new_document(title)
    for number, table in enumerate(tables, start=1):
        _turn_page(document, _widths(table), is_first=number == 1)
        _write_caption(document, table, number)
        _write_table(document, table)
        for note in table.notes:
            _paragraph(document, note, SMALL)
    document.save(str(path))


def write_section(section: Section, title: str, path: Path) -> None:
    """Write the prose of one section; blocks of other kinds are left out."""
    document = _new_document(title)
    document.add_heading(plain(section.heading), level=1)
    for block in section.blocks:
        if isinstance(block, Prose):
            if block.heading:
                document.add_heading(block.heading, level=2)
            for paragraph in block.paragraphs:
                _paragraph(document, paragraph, Pt(11))
    document.save(str(path))


def _new_document(title: str) -> "Doc":
    document = Document()
    facts = document.core_properties
    facts.title, facts.author, facts.comments = title, "", ""
    # The same results give the same document; the release, not the clock, says when.
    facts.created = facts.modified = datetime(2000, 1, 1, tzinfo=UTC)
    for name in ("Normal", "Caption", "Heading 1", "Heading 2"):
        style = document.styles[name]
        style.font.name = LATIN_FONT
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)
        fonts.set(qn("w:eastAsia"), CHINESE_FONT)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
        language.set(qn("w:eastAsia"), "zh-CN")
    document.styles["Caption"].font.size = Pt(10.5)
    document.styles["Caption"].paragraph_format.keep_with_next = True
    page = document.sections[0]
    page.page_width, page.page_height = PAGE
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = MARGIN
    return document


def _turn_page(document: "Doc", widths: list[int], *, is_first: bool) -> None:
    page = document.sections[0] if is_first else document.add_section(WD_SECTION.NEW_PAGE)
    is_wide = sum(widths) > PAGE[0] - 2 * MARGIN
    page.orientation = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = PAGE[::-1] if is_wide else PAGE


def _write_caption(document: "Doc", table: Table, number: int) -> None:
    caption = document.add_paragraph(style="Caption")
    caption.add_run(f"{tr('Table')} ")
    field = _element("w:fldSimple", {"w:instr": "SEQ Table \\* ARABIC"})
    caption._p.append(field)
    run = caption.add_run(str(number))
    field.append(run._r)
    caption.add_run(f"{tr('. ')}{plain(table.caption)}")


def _widths(table: Table) -> list[int]:
    """Natural width of each column, in Word's units: its longest cell, or the longest word of its heading."""
    heads = [*(plain((line.head,)) for line in table.lines if line.kind != "heading"), table.stub]
    widths = [min(_GAP + _CHARACTER * max(map(width_of, heads)), _WIDEST_HEAD)]
    for place, column in enumerate(table.columns):
        cells = [plain(line.cells[place]) for line in table.lines if line.cells]
        longest = max(map(width_of, cells), default=0)
        bold = min(max(map(width_of, column.heading.split()), default=0), _MOST_BOLD)
        widths.append(_GAP + max(_CHARACTER * longest, _BOLD * bold))
    return [int(width) for width in widths]


def _write_table(document: "Doc", table: Table) -> None:
    above = table.headings_above
    header = 2 if above else 1
    made = document.add_table(header + len(table.lines), 1 + len(table.columns))
    made.alignment = WD_TABLE_ALIGNMENT.LEFT
    made.autofit = False
    page = document.sections[-1]
    room = (page.page_width or 0) - (page.left_margin or 0) - (page.right_margin or 0)
    natural = _widths(table)
    widths = [int(width * min(1.0, room / sum(natural))) for width in natural]
    rows = [list(row.cells) for row in made.rows]
    for place, width in enumerate(widths):
        made.columns[place].width = Emu(width)
        for cells in rows:
            cells[place].width = Emu(width)
    _rule(made._tbl.tblPr, "w:tblBorders", top=THICK, bottom=THICK)
    if above:
        _write_headings_above(rows[0], above)
    for cell, column in zip(rows[header - 1][1:], table.columns, strict=True):
        _fill(cell, (column.heading,), column.align, is_bold=True)
    _fill(rows[header - 1][0], (table.stub,), "left", is_bold=True)
    for cell in rows[header - 1]:
        _rule(cell._tc.get_or_add_tcPr(), "w:tcBorders", bottom=THIN)
    for cells, line in zip(rows[header:], table.lines, strict=True):
        _write_line(cells, line, table)
    _mark_rows(made, header)


def _write_headings_above(cells: list["Cell"], above: list[tuple[str, int]]) -> None:
    start = 1
    for heading, count in above:
        cell = cells[start].merge(cells[start + count - 1])
        _fill(cell, (heading,), "centre", is_bold=True)
        if heading:
            _rule(cell._tc.get_or_add_tcPr(), "w:tcBorders", bottom=THIN)
        start += count


def _write_line(cells: list["Cell"], line: Line, table: Table) -> None:
    reach = line.reach(len(table.columns)) if line.kind == "heading" else 1
    head = cells[0].merge(cells[reach - 1]) if reach > 1 else cells[0]
    paragraph = _fill(head, (line.head,), "left", is_bold=line.kind == "heading")
    if line.kind == "level":
        paragraph.paragraph_format.left_indent = Cm(0.4)
    for place in range(reach - 1, len(table.columns)):
        text = line.cells[place] if line.cells else ()
        _fill(cells[place + 1], text, table.columns[place].align)


def _mark_rows(made: "WordTable", header: int) -> None:
    for place, row in enumerate(made.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(_element("w:cantSplit"))
        if place < header:
            properties.append(_element("w:tblHeader"))


def _fill(cell: "Cell", text: Text, align: str, *, is_bold: bool = False) -> "Paragraph":
    paragraph: Paragraph = cell.paragraphs[0]
    paragraph.alignment = _ALIGN[align]
    paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(1)
    run = paragraph.add_run(plain(text))
    run.font.size = SIZE
    run.bold = is_bold or None
    return paragraph


def _paragraph(document: "Doc", text: Text, size: Pt) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(2) if size == SMALL else Pt(8)
    for part in text:
        run = paragraph.add_run(str(part))
        run.font.size = size
        if isinstance(part, Number) and size != SMALL:
            paragraph._p.append(_control(part, run._r))


def _control(number: Number, run: "BaseOxmlElement") -> "BaseOxmlElement":
    """A content control around a run: its title says what the number is, its tag is the ard_id."""
    control, properties, content = (_element(name) for name in ("w:sdt", "w:sdtPr", "w:sdtContent"))
    title = f"{number.row.place} {number.row.statistic}"
    # Word refuses titles and tags of more than 64 characters.
    properties.append(_element("w:alias", {"w:val": title[:64]}))
    properties.append(_element("w:tag", {"w:val": number.row.ard_id}))
    content.append(run)
    control.extend((properties, content))
    return control


def _rule(properties: "BaseOxmlElement", name: str, **sides: str) -> None:
    """Rules of a table or a cell, in eighths of a point by side."""
    borders = _element(name)
    for side, size in sides.items():
        borders.append(_element(f"w:{side}", {"w:val": "single", "w:sz": size, "w:space": "0", "w:color": "000000"}))
    # The schema of a document fixes the order of properties.
    properties.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")


def _element(name: str, attributes: dict[str, str] | None = None) -> "BaseOxmlElement":
    element = OxmlElement(name)
    for key, value in (attributes or {}).items():
        element.set(qn(key), value)
    return element
