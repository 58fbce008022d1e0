"""The page of a release's quality: what it counts, what it does not print, and how a browser shows it."""

import csv
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from analysis import write_quality
from analysis.quality.bars import count_bars, low_months
from analysis.quality.figures import trend_bars
from analysis.quality.page import Surroundings, render
from analysis.quality.reading import Release, read_release
from analysis.quality.tables import check_sums, kahn_table
from analysis.report import language
from analysis.report.language import catalogue, speaking
from analysis.report.parts import plain
from models.errors import BadInput
from models.tolerances import Tolerances
from tests.analysis.quality_release import STUDY, fill

RULE_BOOK = Tolerances({"DQ005": Decimal(0), "DQ013": Decimal(0), "DQ034": Decimal(10), "DQ038": Decimal(10)}, {})
RELEASE = "20250201T000000Z-two"
CHROMIUM = shutil.which("chromium")
PAGES = ("index.html", "index.zh.html")


@pytest.fixture(scope="module")
def connection(root: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release of two centres."""
    with duckdb.connect() as connection:
        fill(connection, root)
        yield connection


@pytest.fixture(scope="module")
def release(connection: duckdb.DuckDBPyConnection) -> Release:
    """What the page reads, under the rule book's tolerances, without earlier releases."""
    return read_release(connection, RELEASE, RULE_BOOK, {})


@pytest.fixture(scope="module")
def page(connection: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The written page's index.html; the release before it is the same one."""
    folder = tmp_path_factory.mktemp("quality")
    earlier = folder / "earlier"
    for schema, table in (("quality", "checks"), ("meta", "deliveries")):
        (earlier / "marts" / schema).mkdir(parents=True)
        connection.execute(f"copy {schema}.{table} to '{earlier / 'marts' / schema / table}.parquet'")
    return write_quality(connection, RELEASE, RULE_BOOK, {"20250101T000000Z-one": earlier}, folder / "page")


def test_checks_are_counted_by_category_and_context(release: Release) -> None:
    """A check counts once whatever its tables and centres, and only in its primary variant."""
    table = kahn_table(release)
    counts = {str(line.head): [plain(cell) for cell in line.cells] for line in table.lines}
    assert counts["Conformance"] == ["2", "2", "1", "0", "0", "0", "2", "2", "1"]
    assert counts["Completeness"] == ["1", "1", "1", "1", "1", "1", "2", "2", "2"]
    assert counts["Plausibility"] == ["0"] * 9


def test_what_is_beyond_its_tolerance_comes_first_by_weight(release: Release) -> None:
    """Rejecting checks come before warnings, and of those the larger share; at its tolerance a check is within it."""
    found = [(one.check_id, one.centre, one.n_fail, one.n_rows) for one in release.exceeded]
    assert found == [("DQ005", "north", 3, 3000), ("DQ034", "south", 10, 20), ("DQ038", "south", 11, 100)]


def test_a_check_s_line_adds_its_tables_up(release: Release) -> None:
    """One line a centre: the rows of both tables, beyond if one of them is."""
    north, south = (one for one in check_sums(release, "Conformance") if one.check.check_id == "DQ005")
    assert (north.tables, north.n_rows, north.n_fail, north.is_exceeded) == (("contact", "lab"), 3400, 3, True)
    assert (south.n_rows, south.n_fail, south.is_exceeded) == (1000, 0, False)


def test_other_tolerances_give_other_verdicts(connection: duckdb.DuckDBPyConnection) -> None:
    """A wider tolerance for one centre takes its check off the list; the counts stay."""
    wider = replace(RULE_BOOK, chosen={("DQ005", "north"): Decimal("0.1"), ("DQ038", None): Decimal(5)})
    found = read_release(connection, RELEASE, wider, {}).exceeded
    assert [(one.check_id, one.centre) for one in found] == [("DQ034", "south"), ("DQ038", "south"), ("DQ038", "north")]


def test_a_release_from_before_the_page_is_refused() -> None:
    """The message names the release and what to do."""
    with duckdb.connect() as old, pytest.raises(BadInput, match=rf"{RELEASE} has no quality\.checks.*Refresh"):
        read_release(old, RELEASE, RULE_BOOK, {})


def test_a_month_far_below_its_neighbours_is_low() -> None:
    """40 a month and then 19 is low, 20 is not; of few rows none is; the first months are not judged, the last are."""
    assert low_months([40] * 4 + [19] + [40] * 4, last_is_whole=True) == {4}
    assert low_months([40] * 4 + [20] + [40] * 4, last_is_whole=True) == set()
    assert low_months([10] * 4 + [1] + [10] * 4, last_is_whole=True) == set()
    assert low_months([1, 2, 40, 40, 40], last_is_whole=True) == set()
    assert low_months([1, 2, 2, 3, 40, 40, 40], last_is_whole=True) == set()
    assert low_months([40, 40, 40, 0, 0], last_is_whole=True) == {3, 4}
    assert low_months([40, 40, 40, 40, 3], last_is_whole=False) == set()


def test_small_counts_have_one_height() -> None:
    """One row and nine rows are drawn alike, and not as nothing."""
    shapes = [count_bars("t", "", [count, 100], (), set()).shapes for count in (1, 9, 10)]
    assert shapes[0] == shapes[1]
    assert shapes[0]["pale"].endswith("v10.0z")
    assert "pale" not in shapes[2]
    assert set(count_bars("t", "", [0, 100], (), set()).shapes) == {"plain"}


def test_no_small_number_of_patients_is_printed(page: Path) -> None:
    """A name shared by fewer than five patients is not there, numbers of patients below ten are not, nor are months."""
    text = "".join(file.read_text(encoding="utf-8") for file in page.parent.iterdir())
    assert "shared by twelve" in text
    assert "Zhang" not in text
    with (page.parent / "unknown_drug.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row[:4] for row in csv.reader(file)][1:]
    assert rows == [
        ["shared by twelve", "north", "40", "12"],
        ["shared by seven", "north", "41", "<10"],
        ["others", "north", "<10", ""],
    ]
    with (page.parent / "reviews.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [(row["Centre"], row["Open"]) for row in csv.DictReader(file)] == [("north", "14"), ("south", "<10")]
    with (page.parent / "volume_by_month.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["Rows"] for row in csv.DictReader(file) if row["Table"] == "death"} == {"<10"}


def test_the_trend_judges_every_release_alike(connection: duckdb.DuckDBPyConnection, page: Path) -> None:
    """The earlier release is read from its exports and judged by the tolerances of this page."""
    earlier = {"20250101T000000Z-one": page.parent.parent / "earlier"}
    narrow = replace(RULE_BOOK, chosen={("DQ034", None): Decimal(3)})
    past = read_release(connection, RELEASE, narrow, earlier).past
    assert [one.release_id for one in past] == ["20250101T000000Z-one", RELEASE]
    beyond, *_ = (bars for bars in trend_bars(past) if bars.title == "Completeness")
    assert [label.words for label in beyond.labels] == ["2", "2"]
    assert sorted(past[0].checks) == sorted(past[1].checks)


def test_the_chinese_page_says_nothing_in_english(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the page is built, every word that is looked up has its Chinese."""
    missing: set[str] = set()

    class Listening(dict[str, str]):
        def get(self, words: str, default: str = "") -> str:  # type: ignore[override]
            if words not in self:
                missing.add(words)
            return super().get(words, default)

    monkeypatch.setattr(language, "catalogue", lambda spoken: Listening(catalogue(spoken)))
    with speaking("zh"):
        render(release, Surroundings("..", (STUDY,)))
    remedies = {one.remedy for one in release.checks}
    assert sorted(words for words in missing - remedies if re.search("[A-Za-z]", words)) == []


def test_every_check_of_the_rule_book_is_said_in_chinese(root: Path) -> None:
    """What fails a check and what to do about it have their Chinese."""
    with (root / "dbt_project" / "seeds" / "dq_checks.csv").open(encoding="utf-8", newline="") as file:
        words = {row[column] for row in csv.DictReader(file) for column in ("fires_when", "remedy")}
    assert "" not in words
    assert sorted(words - catalogue("zh").keys()) == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine; .ci/run installs Debian's")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


def _opened(browser: Browser, path: Path, **options: Any) -> tuple[Page, list[str]]:
    """The page, and its faults and what it fetched from elsewhere."""
    opened = browser.new_page(**options)
    heard: list[str] = []
    opened.on("pageerror", lambda error: heard.append(str(error)))
    opened.on("request", lambda request: None if request.url.startswith("file:") else heard.append(request.url))
    opened.goto(path.resolve().as_uri())
    return opened, heard


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_opens_offline_and_fits_the_screen(
    browser: Browser, page: Path, name: str, width: int, scheme: str
) -> None:
    """In both languages, light and dark, at a desk and on a phone: no fault, nothing fetched, nothing too wide."""
    opened, heard = _opened(
        browser, page.with_name(name), viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    charts = [svg.bounding_box() for svg in opened.locator(".chart svg").all()]
    opened.close()
    assert heard == []
    assert len(charts) == 6 + 3
    assert all(box and box["width"] > 100 and box["height"] > 50 for box in charts)


def test_a_centre_is_chosen_and_all_are_there_without_a_script(browser: Browser, page: Path) -> None:
    """Choosing a centre leaves its findings; without scripts everything stands there and nothing can be chosen."""
    opened, _ = _opened(browser, page)
    findings = opened.locator(".finding:visible")
    assert findings.count() == 3
    opened.get_by_label("Centre").select_option("south")
    assert findings.count() == 2
    opened.get_by_label("Centre").select_option("all")
    assert findings.count() == 3
    opened.close()
    plain_page, _ = _opened(browser, page, java_script_enabled=False)
    assert plain_page.locator(".finding:visible").count() == 3
    assert not plain_page.locator(".filter").is_visible()
    plain_page.close()


def test_the_navigation_leads_to_every_section(browser: Browser, page: Path) -> None:
    """Each section has its link, in the order of the page."""
    opened, _ = _opened(browser, page)
    sections = [one.get_attribute("id") for one in opened.locator("main > section[id]").all()]
    links = [(one.get_attribute("href") or "")[1:] for one in opened.locator("nav a").all()]
    opened.close()
    assert links == sections
