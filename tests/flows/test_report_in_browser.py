"""The report as a reader sees it, in a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine; .ci/run installs Debian's")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_opens_offline_and_fits_the_screen(
    browser: Browser, demo_home: Path, size: dict[str, int], scheme: str
) -> None:
    """Light and dark, at a desk and on a phone: no error, nothing fetched, nothing wider than the screen."""
    page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    faults: list[str] = []
    fetched: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: fetched.append(request.url))
    report = demo_home / "current" / "report" / "anlotinib_pd1_escc" / "index.html"
    page.goto(report.resolve().as_uri())
    assert page.locator("h1").is_visible()
    assert page.locator("svg").count() > 5
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert faults == []
    assert [url for url in fetched if not url.startswith(("file:", "data:"))] == []
    assert width <= size["width"]
