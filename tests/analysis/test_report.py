"""The report prints rows of results.ard and nothing else: checked number by number in the page itself."""

import csv
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from analysis import MissingNumber, Place, Results, write_report
from analysis.report.page import render_page
from analysis.report.sections import build_sections
from analysis.report.svg import draw_figures
from models.protocol import Protocol

VOID = {"meta", "br", "path", "use", "rect", "line"}
NOT_PRINTED = {"style", "title", "defs", "metadata"}
DECIMALS = {"count": 0, "percent": 1, "months": 1, "ratio": 2, "p": 3}


@dataclass
class Printed:
    """A number on the page: its id, its text, and what the page says about it."""

    ard_id: str
    text: str
    kind: str | None
    value: str | None


@dataclass
class Page(HTMLParser):
    """Collects the numbers that carry an id, and the digits that neither carry one nor say where they come from."""

    numbers: list[Printed] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    stack: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.stack.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            opened, _ = self.stack.pop()
            assert opened == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_data(self, text: str) -> None:
        if not text.strip() or NOT_PRINTED & {tag for tag, _ in self.stack}:
            return
        attributes = [attrs for _, attrs in reversed(self.stack)]
        owner = next((attrs for attrs in attributes if "data-ard" in attrs), None)
        if owner:
            assert owner["data-ard"]
            self.numbers.append(Printed(owner["data-ard"], text.strip(), owner.get("data-kind"), owner.get("value")))
        elif re.search(r"\d", text) and not self._says_its_origin:
            self.strays.append(text.strip())

    @property
    def _says_its_origin(self) -> bool:
        """Whether the place says where its words come from; headings of columns name months and confidence levels."""
        return any("data-from" in attrs or tag == "thead" for tag, attrs in self.stack)


@pytest.fixture(scope="module")
def page(report: Path) -> Page:
    page = Page()
    page.feed(report.read_text(encoding="utf-8"))
    assert not page.stack
    return page


def test_every_printed_number_is_the_value_of_its_row(page: Page, results: Results) -> None:
    """Each number with an id is printed to within half of its last digit, and texts are the row's own words."""
    rows = {row.ard_id: row for row in results.rows}
    assert len(page.numbers) > 500
    for printed in page.numbers:
        row = rows[printed.ard_id]
        if row.value is None:
            assert printed.text == row.value_text
            continue
        if printed.value is not None:
            assert float(printed.value) == row.value
        if printed.text.startswith("< "):
            assert row.value < float(printed.text[2:])
        elif printed.text.startswith("> "):
            assert row.value > float(printed.text[2:])
        else:
            shown = printed.text.replace(",", "")
            decimals = len(shown.partition(".")[2])
            assert abs(float(shown) - row.value) <= 0.5 * 10**-decimals + 1e-9
            assert decimals == DECIMALS.get(printed.kind or "", decimals)


def test_no_digit_on_the_page_is_without_origin(page: Page) -> None:
    """What is not a number of the results says where else its digits come from."""
    assert not page.strays


def test_a_planted_number_without_id_is_seen() -> None:
    """The search above finds what it looks for."""
    planted = Page()
    planted.feed("<p>median 11.5 months</p>")
    assert planted.strays == ["median 11.5 months"]


def test_the_key_figures_stand_at_the_top(page: Page, results: Results) -> None:
    """n, ORR, DCR, median PFS and median OS are the first large numbers."""
    first = [printed.ard_id for printed in page.numbers[:25]]
    wanted = [
        results.number(Place("cohort"), "n"),
        results.number(Place("response", variable="orr"), "pct"),
        results.number(Place("response", variable="dcr"), "pct"),
        results.number(Place("survival", "PFS"), "median"),
        results.number(Place("survival", "OS"), "median"),
    ]
    assert [ard_id for ard_id in first if ard_id in {row.ard_id for row in wanted}] == [row.ard_id for row in wanted]


def test_boxes_of_the_flowchart_add_up(results: Results, protocol: Protocol) -> None:
    """Screened minus all who left gives who is included; the reasons of a step add up to who left at it."""
    left = 0.0
    for criterion in protocol.criteria:
        place = Place("attrition", variable=criterion.id)
        leaving = results.number(place, "n_left").value or 0
        reasons = [row.value or 0 for at in results.places("attrition_reasons", criterion.id) for row in results.of(at)]
        assert sum(reasons) == leaving
        left += leaving
    cohort = Place("cohort")
    assert (results.number(cohort, "n_screened").value or 0) - left == results.number(cohort, "n").value


def test_the_page_needs_nothing_from_elsewhere(report: Path) -> None:
    """No script, no address, and of files only the report's other language: it works offline and from a mail."""
    for path in (report, report.with_name("index.zh.html")):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"<(?:script|link|img|iframe)\b", text)
        assert set(re.findall(r"(?:src|href)=\"(?!#)([^\"]*)\"", text)) == {"index.html", "index.zh.html"}
        assert not re.findall(r"url\((?!#)", text)


def test_every_figure_is_a_file_and_in_the_page(report: Path, protocol: Protocol) -> None:
    """Curves of each endpoint overall and by group, forests and response figures: as SVG files and inline."""
    chosen = protocol.analysis
    wanted = {
        f"{endpoint.paramcd.lower()}_{split}"
        for endpoint in chosen.endpoints
        for split in ("all", *(f"by_{name}" for name in chosen.curves_by))
    } | {"forest_cox_univariate", "forest_cox_multivariable"}
    wanted |= {"waterfall", "dor_all", "forest_response", "treatment_free_interval", "os_landmark"}
    wanted |= {"proportional_hazards", "log_log_curves"}
    drawn = {path.stem for path in (report.parent / "figures").glob("*.svg")}
    assert wanted <= drawn
    text = report.read_text(encoding="utf-8")
    assert all(f'id="{name}"' in text for name in drawn)
    assert text.count("<svg ") == len(drawn)


def test_ids_are_unique_across_inline_figures(report: Path) -> None:
    """Clip paths of one figure must not cut another."""
    ids = re.findall(r'(?<![\w-])id="([^"]+)"', report.read_text(encoding="utf-8"))
    assert len(ids) == len(set(ids))


def test_tables_are_written_as_csv_with_the_printed_numbers(report: Path) -> None:
    """The response table's file holds the ORR as printed; Chinese spreadsheets read it as UTF-8."""
    path = report.parent / "tables" / "table_2_response.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {row[0]: row[1:] for row in csv.reader(file)}
    assert rows["All patients: Objective response rate"] == ["19", "87", "21.8", "13.7 to 32.0"]


def test_checks_beyond_their_tolerance_are_named(report: Path) -> None:
    """The report names each data-quality check that a centre exceeds, and none that it keeps."""
    words = report.read_text(encoding="utf-8")
    assert "DQ013 ecog, hospital_a" in words
    assert "value not in 0..5" in words
    assert "DQ035" not in words


def test_the_chinese_title_is_printed_and_marked_as_chinese(report: Path, protocol: Protocol) -> None:
    """Screen readers and fonts follow the language of the second title."""
    assert protocol.study.title_zh
    assert re.search(rf'lang="zh"[^>]*>{protocol.study.title_zh}<', report.read_text(encoding="utf-8"))


def test_the_same_results_give_the_same_bytes(report: Path, results: Results, protocol: Protocol) -> None:
    """A report can be compared with the one before it: no dates, no random ids."""
    sections = build_sections(results, protocol)
    again = render_page(results, protocol, {"release_id": "2026-11-22T120000"}, sections, draw_figures(sections))
    assert again.encode() == report.read_bytes()


def test_a_number_that_nobody_computed_stops_the_report(results: Results, protocol: Protocol, tmp_path: Path) -> None:
    """The message names the place and the statistic."""
    without_orr = tuple(row for row in results.rows if row.variable != "orr")
    with pytest.raises(MissingNumber, match="response/orr"):
        write_report(Results(results.study_id, results.variant, without_orr), protocol, {"release_id": "x"}, tmp_path)


def test_results_have_one_row_a_number_in_a_fixed_shape(results: Results) -> None:
    """The Arrow table has the described columns, unique ids, and a text wherever it has no value."""
    from analysis import ARD_COLUMNS

    table = results.table
    assert table.column_names == list(ARD_COLUMNS)
    rows = table.to_pylist()
    assert len({row["ard_id"] for row in rows}) == len(rows) == len(results.rows)
    assert all((row["value"] is None) == (row["value_text"] is not None) for row in rows)
    assert all(row["source_table"] for row in rows)
