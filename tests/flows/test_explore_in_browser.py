"""`oncomart explore` as its user meets it: a command, an address, and clicks in a real browser."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.analysis.small_release import RELEASE, publish
from tests.flows.conftest import ROOT, oncomart

CHROMIUM = shutil.which("chromium")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine; .ci/run installs Debian's")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    publish(home, ROOT)
    return home


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """What the command prints once it listens."""
    command = [sys.executable, "-m", "flows", "explore", "--home", str(home), "--port", "0", "--no-browser"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = process.stdout.readline()
        found = re.fullmatch(rf"Release {RELEASE}: (http://127\.0\.0\.1:\d+/)\n", said)
        assert found, said
        yield found.group(1)
        process.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that must not fail, nor ask another computer for anything."""
    faults: list[str] = []
    fetched: list[str] = []
    page = browser.new_page(viewport=DESK)  # type: ignore[arg-type]
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: fetched.append(request.url))
    yield page
    page.close()
    assert faults == []
    assert [url for url in fetched if not url.startswith(("http://127.0.0.1:", "data:"))] == []


def row(page: Page, head: str) -> list[str]:
    """The cells of one line of the numbers."""
    line = page.locator("#numbers tbody tr").filter(has=page.locator("th", has_text=head))
    return [text.strip() for text in line.first.locator("td").all_inner_texts()]


def steps(page: Page) -> str:
    """What the drawing draws."""
    return page.locator("#curves svg").inner_html()


@needs_browser
def test_curve_and_numbers_follow_the_clicks(page: Page, address: str) -> None:
    """Another endpoint, then groups, then a filter: each changes drawing, numbers and address; back undoes it."""
    page.goto(address)
    assert row(page, "Patients") == ["87"]
    assert row(page, "Events") == ["69"]
    progression = steps(page)
    page.get_by_label("Overall survival").check()
    expect(page.locator("#answer h2")).to_have_text("Overall survival")
    assert row(page, "Events") == ["59"]
    overall = steps(page)
    assert overall != progression
    page.get_by_label("Compare by").select_option(label="ECOG performance status")
    expect(page.locator(".comparison")).to_have_text("Log-rank P 0.011")
    assert row(page, "Patients") == ["30", "57"]
    page.get_by_label("Only patients with").select_option(label="Male")
    expect(page.locator(".chips a")).to_have_count(1)
    assert "where.sex=Male" in page.url
    men = row(page, "Patients")
    assert men != ["30", "57"]
    page.locator(".chips a").click()
    expect(page.locator(".chips a")).to_have_count(0)
    assert row(page, "Patients") == ["30", "57"]
    page.go_back()
    expect(page.locator(".chips a")).to_have_count(1)
    assert row(page, "Patients") == men
    shared = page.url
    page.goto(shared)
    assert row(page, "Patients") == men


@needs_browser
def test_a_few_patients_are_not_drawn(page: Page, address: str) -> None:
    """Women who had radiotherapy are too few: the page says so, shows no number, and goes on."""
    page.goto(address)
    page.get_by_label("Only patients with").select_option("sex:Female")
    expect(page.locator(".chips a")).to_have_count(1)
    page.get_by_label("Only patients with").select_option("radiotherapy:Yes")
    expect(page.locator(".remark")).to_contain_text("Withheld")
    assert page.locator("#numbers, #curves").count() == 0
    page.locator(".chips a").first.click()
    expect(page.locator(".chips a")).to_have_count(1)


@needs_browser
def test_the_page_changes_its_language(page: Page, address: str) -> None:
    """Chinese and back, with the question kept."""
    page.goto(f"{address}?endpoint=OS&by=ecog")
    page.get_by_text("中文").click()
    expect(page.locator("#controls legend").first).to_have_text("终点")
    assert row(page, "患者") == ["30", "57"]
    page.get_by_text("English").click()
    expect(page.locator("#controls legend").first).to_have_text("Endpoint")


@needs_browser
def test_without_its_script_the_page_is_a_form(browser: Browser, address: str) -> None:
    """Choose, press Show, read."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Overall survival").check()
    page.get_by_role("button", name="Show").click()
    assert row(page, "Events") == ["59"]
    context.close()


@needs_browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_the_screen(browser: Browser, address: str, size: dict[str, int], scheme: str) -> None:
    """Three groups, light and dark, at a desk and on a phone: nothing is wider than the screen."""
    page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{address}?endpoint=OS&by=pd1_agent&where.sex=Male")
    assert page.locator("#curves svg").is_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert width <= size["width"]


@needs_browser
def test_a_server_that_is_gone_is_said(browser: Browser, address: str) -> None:
    """The page keeps what it shows and asks whether the command still runs."""
    page = browser.new_page()
    page.goto(address)
    page.route("**/*", lambda route: route.abort())
    page.get_by_label("Overall survival").check()
    expect(page.locator("#unreachable")).to_be_visible()
    assert row(page, "Events") == ["69"]
    page.close()


def test_a_port_that_is_taken_is_said(home: Path, address: str) -> None:
    """The message names the port and what to do; exit code 2."""
    port = re.findall(r"\d+", address)[-1]
    run = oncomart("explore", "--home", home, "--port", port, "--no-browser")
    assert run.code == 2
    assert re.search(rf"Port {port} cannot be used: .*Name another with --port, or 0 for any\.", run.words)


def test_a_home_without_a_release_is_said(tmp_path: Path) -> None:
    """Nothing published, nothing to explore; exit code 2."""
    run = oncomart("explore", "--home", tmp_path, "--no-browser")
    assert run.code == 2
    assert "Run a refresh first." in run.words
