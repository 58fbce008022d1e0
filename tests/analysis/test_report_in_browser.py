"""The report as a reader sees it, in a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
PAGES = ("index.html", "index.zh.html")
CUT_WORDS = """() => [...document.querySelectorAll('.drawing svg')].flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    return box.width && (box.left < frame.left - 2 || box.right > frame.right + 2
      || box.top < frame.top - 2 || box.bottom > frame.bottom + 2);
  }).map(text => `${svg.closest('figure').id}: ${text.textContent}`);
})"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine; .ci/run installs Debian's")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


def _opened(browser: Browser, path: Path, **options: Any) -> tuple[Page, list[str], list[str]]:
    """The page, its faults, and what it fetched."""
    page = browser.new_page(**options)
    faults: list[str] = []
    fetched: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(path.resolve().as_uri())
    return page, faults, fetched


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_opens_offline_and_fits_the_screen(
    browser: Browser, report: Path, name: str, size: dict[str, int], scheme: str
) -> None:
    """In both languages, light and dark, at a desk and on a phone: no error, nothing fetched, nothing too wide."""
    page, faults, fetched = _opened(browser, report.with_name(name), viewport=size, color_scheme=scheme)
    assert page.locator("h1").is_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    drawn = [figure.bounding_box() for figure in page.locator(".drawing svg").all()]
    page.close()
    assert faults == []
    assert [url for url in fetched if not url.startswith(("file:", "data:"))] == []
    assert width <= size["width"]
    assert len(drawn) == len(list((report.parent / "figures").glob("*.svg")))
    assert all(box and box["width"] > 300 and box["height"] > 100 for box in drawn)


@pytest.mark.parametrize("name", PAGES)
def test_no_word_of_a_figure_is_cut_off(browser: Browser, report: Path, name: str) -> None:
    """Every text of every figure stands inside its figure, with the fonts of the reader."""
    page, _, _ = _opened(browser, report.with_name(name), viewport=DESK)
    cut = page.evaluate(CUT_WORDS)
    page.close()
    assert cut == []


@pytest.mark.parametrize("name", PAGES)
def test_the_navigation_leads_to_every_section(browser: Browser, report: Path, name: str) -> None:
    """Each section has its link, and a click brings its heading below the navigation."""
    page, _, _ = _opened(browser, report.with_name(name), viewport=DESK)
    sections = [section.get_attribute("id") for section in page.locator("main > section[id]").all()]
    links = page.locator("nav a").all()
    assert [(link.get_attribute("href") or "")[1:] for link in links] == sections
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    for link, section in zip(links, sections, strict=True):
        link.click()
        heading = page.locator(f"#{section} > h2").bounding_box()
        navigation = page.locator("nav").bounding_box()
        assert heading
        assert navigation
        assert heading["y"] >= navigation["y"] + navigation["height"]
    page.close()


def test_it_prints_on_a4(browser: Browser, report: Path) -> None:
    """A printed report has no navigation and, like the page, nothing wider than the paper."""
    page, _, _ = _opened(browser, report, viewport={"width": 680, "height": 900})
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    page.close()
