"""Word documents, pictures and data files of a report say what the page says."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest
from docx import Document
from docx.oxml.ns import qn
from PIL import Image

from analysis import ARD_COLUMNS, Place, Results, write_results
from analysis.cards import COLUMNS, NOT_ANALYSES

Rows = list[list[str]]
DOCUMENTS = {"index.html": "tables.docx", "index.zh.html": "tables.zh.docx"}


class Tables(HTMLParser):
    """The cells of each table of a page; a cell that spans columns stands in each of them."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Rows] = []
        self.span = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("th", "td"):
            self.span = int(dict(attrs).get("colspan") or 1)
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td"):
            row = self.tables[-1][-1]
            row[-1] = row[-1].strip()
            row += row[-1:] * (self.span - 1)
            self.span = 0

    def handle_data(self, text: str) -> None:
        if self.span:
            self.tables[-1][-1][-1] += text


@pytest.mark.parametrize(("page", "document"), DOCUMENTS.items())
def test_every_cell_of_the_word_tables_is_the_page_s(report: Path, page: str, document: str) -> None:
    """Header and body, cell by cell, in both languages; the flowchart's counts follow as a table of their own."""
    printed = Tables()
    printed.feed(report.with_name(page).read_text(encoding="utf-8"))
    written = Document(str(report.with_name(document))).tables
    found = [[[cell.text for cell in row.cells] for row in table.rows] for table in written]
    assert found[: len(printed.tables)] == printed.tables
    assert len(found) == len(printed.tables) + 1


def test_the_flowchart_s_table_adds_up(report: Path, results: Results) -> None:
    """Those who left at each criterion and those who remained, down from all who were screened."""
    rows = [[cell.text for cell in row.cells] for row in Document(str(report.with_name("tables.docx"))).tables[-1].rows]
    assert rows[0] == ["Criterion", "Left", "Remaining"]
    steps = [(int(left or 0), int(remaining)) for _, left, remaining in rows[1:] if remaining]
    assert steps[0][1] == results.number(Place("cohort"), "n_screened").value
    assert all(before[1] - left == remaining for before, (left, remaining) in pairwise(steps))
    assert steps[-1][1] == results.number(Place("cohort"), "n").value


def test_a_word_table_has_three_rules_and_a_header_that_repeats(report: Path) -> None:
    """Thick rules above and below, a thin one under the header, none that stands upright; rows are never split."""
    for table in Document(str(report.with_name("tables.docx"))).tables:
        borders = next(table._tbl.iter(qn("w:tblBorders")))
        assert [side.tag for side in borders] == [qn("w:top"), qn("w:bottom")]
        assert not [side for name in ("w:left", "w:right", "w:insideV") for side in table._tbl.iter(qn(name))]
        repeated = [bool(list(row._tr.iter(qn("w:tblHeader")))) for row in table.rows]
        assert repeated[0]
        assert repeated == sorted(repeated, reverse=True)
        assert sum(repeated) <= 2
        assert all(list(row._tr.iter(qn("w:cantSplit"))) for row in table.rows)


def test_captions_are_numbered_by_word(report: Path) -> None:
    """Each caption holds a sequence field, so that a table put between others numbers them anew."""
    document = Document(str(report.with_name("tables.docx")))
    fields = [field.get(qn("w:instr")) for field in document.element.body.iter(qn("w:fldSimple"))]
    assert fields == ["SEQ Table \\* ARABIC"] * len(document.tables)


def _controls(path: Path) -> Iterator[tuple[str, str]]:
    for control in Document(str(path)).element.body.iter(qn("w:sdt")):
        tag = next(control.iter(qn("w:tag"))).get(qn("w:val"))
        yield tag, "".join(text.text or "" for text in control.iter(qn("w:t")))


@pytest.mark.parametrize("suffix", ["", ".zh"])
def test_every_number_of_the_drafted_results_is_a_reference(report: Path, results: Results, suffix: str) -> None:
    """The document's content controls are the numbers of the page's section, each the row that its tag names."""
    page = report.with_name(f"index{suffix}.html").read_text(encoding="utf-8")
    section = page[page.index('<section id="draft"') :].partition("</section>")[0]
    printed = re.findall(r'data-ard="(\w+)"[^>]*>([^<]*)<', section)
    found = list(_controls(report.with_name(f"results_section{suffix}.docx")))
    assert [(tag, text.replace("<", "&lt;").replace(">", "&gt;")) for tag, text in found] == printed
    assert len(found) > 100
    assert {tag for tag, _ in found} <= {row.ard_id for row in results.rows}


def test_the_draft_says_the_main_findings_with_their_intervals(report: Path) -> None:
    """Response, median and rate are sentences whose numbers the published study prints too."""
    document = Document(str(report.with_name("results_section.docx")))
    words = " ".join("".join(text.text or "" for text in one._p.iter(qn("w:t"))) for one in document.paragraphs)
    assert "The objective response rate was 21.8% (95% CI 13.7 to 32.0): 19 of 87 patients" in words
    assert "Overall survival: 59 events among 87 patients; the median was 11.5 months (95% CI" in words
    assert "49.0% (95% CI" in words


def test_every_figure_is_a_white_picture_of_three_hundred_dots(report: Path) -> None:
    """Beside each SVG stands a PNG for slides; Chinese figures stand in a folder of their own."""
    figures = report.parent / "figures"
    names = {path.stem for path in figures.glob("*.svg")}
    assert {path.stem for path in figures.glob("*.png")} == names
    assert {path.stem for path in (figures / "zh").glob("*.svg")} == names
    for path in figures.rglob("*.png"):
        with Image.open(path) as picture:
            assert [round(dots) for dots in picture.info["dpi"]] == [300, 300]
            assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_the_results_are_files_too(results: Results, tmp_path: Path) -> None:
    """Parquet and CSV hold the rows of results.ard as they are."""
    write_results(results.table, tmp_path)
    assert pyarrow.parquet.read_table(tmp_path / "results.parquet").equals(results.table)
    read = pyarrow.csv.read_csv(tmp_path / "results.csv")
    assert read.column_names == list(ARD_COLUMNS)
    assert read["ard_id"].to_pylist() == results.table["ard_id"].to_pylist()


def test_users_of_cards_find_their_columns(results: Results, tmp_path: Path) -> None:
    """Names of columns and statistics are those of cards and cardx, proportions are of one, and each row leads back."""
    write_results(results.table, tmp_path)
    rows = pyarrow.parquet.read_table(tmp_path / "results_cards.parquet").to_pylist()
    by_id = {row["ard_id"]: row for row in rows}
    assert by_id.keys() == {row.ard_id for row in results.rows if row.analysis not in NOT_ANALYSES}

    def card(place: Place, statistic: str, time: float | None = None) -> dict[str, object]:
        found = by_id[results.number(place, statistic, time).ard_id]
        return {name: value for name, value in found.items() if value is not None}

    rate = card(Place("response", variable="orr"), "pct_lower")
    assert rate["context"] == "proportion_ci"
    assert (rate["variable"], rate["stat_name"], rate["stat_label"]) == ("orr", "conf.low", "CI Lower Bound")
    assert rate["stat"] == pytest.approx(0.1370, abs=5e-4)
    median = card(Place("survival", "OS", "ecog", "0"), "median")
    assert [median[name] for name in ("group1", "group1_level", "group2", "group2_level")] == [
        "PARAMCD",
        "OS",
        "ecog",
        "0",
    ]
    assert (median["variable"], median["variable_level"], median["stat_name"]) == ("prob", "0.5", "estimate")
    at_a_year = card(Place("survival", "OS"), "rate", 12.0)
    assert (at_a_year["variable"], at_a_year["variable_level"], at_a_year["stat_name"]) == ("time", "12", "estimate")
    assert at_a_year["stat"] == pytest.approx(0.490, abs=5e-4)
    ratio = card(Place("cox_univariate", "OS", variable="ecog", variable_level="0"), "p_value")
    assert (ratio["context"], ratio["stat_name"]) == ("regression", "p.value")
    level = card(Place("table_one", variable="sex", variable_level="Male"), "pct")
    assert (level["stat_name"], level["stat_label"]) == ("p", "%")
    assert level["stat"] == pytest.approx(61 / 87)


def test_cards_says_why_there_is_no_number(results: Results, tmp_path: Path) -> None:
    """A statistic without a value has the reason as its warning."""
    write_results(results.table, tmp_path)
    rows = pyarrow.parquet.read_table(tmp_path / "results_cards.parquet").to_pylist()
    assert any(row["warning"] for row in rows)
    assert all((row["stat"] is None) == (row["warning"] is not None) for row in rows)


def test_the_columns_are_described(root: Path) -> None:
    """docs/results.md has a line for every column of results.ard, and names every column of the form for cards."""
    words = (root / "docs" / "results.md").read_text(encoding="utf-8")
    lines = " ".join(line.split("|")[1] for line in words.splitlines() if line.startswith("| "))
    assert [name for name in ARD_COLUMNS if not re.search(rf"\b{name}\b", lines)] == []
    assert [name for name in COLUMNS if not re.search(rf"\b{name}\b", words)] == []
