"""`oncomart quality` on the demo's release: tolerances changed and applied, and the release left as it was."""

import hashlib
import re
from pathlib import Path

import pytest

from flows.checks import tolerances_of
from flows.quality import judge
from tests.flows.conftest import oncomart
from warehouse import Home, load_config, open_release


@pytest.fixture
def config(demo_home: Path, tmp_path: Path) -> Path:
    """A copy of the demo's configuration, for a test to write tolerances into."""
    text = (demo_home / "oncomart.toml").read_text(encoding="utf-8")
    file = tmp_path / "oncomart.toml"
    file.write_text(text.replace('"deliveries/', f'"{demo_home}/deliveries/'), encoding="utf-8")
    return file


def sealed(home: Path) -> dict[str, str]:
    """Checksum of every file of the published release."""
    files = (file for file in (home / "current").resolve().rglob("*") if file.is_file())
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_the_same_tolerances_give_the_verdicts_of_the_release(demo_home: Path, config: Path) -> None:
    """Judged again under nothing new, every one of the release's verdicts, made in SQL, stays; some are beyond."""
    with open_release(Home(demo_home)) as connection:
        verdicts = list(judge(connection, tolerances_of(load_config(config))))
    assert len(verdicts) > 400
    assert [one.words for one in verdicts if one.is_exceeded != one.was_exceeded] == []
    assert {one.is_exceeded for one in verdicts} == {True, False, None}


def test_a_changed_tolerance_is_told_and_drawn_without_a_refresh(demo_home: Path, config: Path) -> None:
    """A wider and a narrower tolerance turn two verdicts; the page of today says so, the sealed release stays.

    In the demo 40% of the adverse events have no causality (tolerance 10%), and 0.3% of the results are words (1%).
    """
    text = config.read_text(encoding="utf-8")
    section = "[quality.tolerances]\nDQ038 = 0.5\n[quality.centre_tolerances.hospital_a]\nDQ012 = 0.001\n"
    config.write_text(text + section, encoding="utf-8")
    before = sealed(demo_home)
    run = oncomart("quality", "--home", demo_home, "--config", config)
    assert run.code == 0, run.words
    assert re.search(r"DQ038 ae, hospital_a: beyond -> within \(\d+ of [\d,]+ rows, tolerance 50%\)", run.words)
    assert re.search(r"DQ012 lab, hospital_a: within -> beyond \(\d+ of [\d,]+ rows, tolerance 0.1%\)", run.words)
    assert "2 verdict(s) change" in run.words
    assert sealed(demo_home) == before
    release = (demo_home / "current").readlink().name
    page = demo_home / "quality" / release / "index.html"
    assert str(page) in run.words
    of_today, of_release = (
        set(re.findall(r'<p class="where"><strong>(DQ\d+)', file.read_text(encoding="utf-8")))
        for file in (page, demo_home / "current" / "report" / "quality" / "index.html")
    )
    assert of_today ^ of_release == {"DQ038", "DQ012"}
    assert "DQ012" in of_today
    for address in re.findall(r'href="([^"#]+)"', page.read_text(encoding="utf-8")):
        assert (page.parent / address).is_file(), address


def test_the_reports_and_the_page_lead_to_each_other(demo_home: Path) -> None:
    """From the study's report to the release's page on quality and back, in both languages."""
    report = (demo_home / "current" / "report").resolve()
    for page in ("index.html", "index.zh.html"):
        assert f'href="../quality/{page}"' in (report / "anlotinib_pd1_escc" / page).read_text(encoding="utf-8")
        assert f'href="../anlotinib_pd1_escc/{page}"' in (report / "quality" / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("[quality.tolerances]\nDQ099 = 0.1\n", "DQ099"),
        ("[quality.tolerances]\nDQ038 = 40\n", "quality.tolerances.DQ038"),
        ("[quality.centre_tolerances.hospital_z]\nDQ038 = 0.4\n", "hospital_z"),
    ],
    ids=["unknown check", "no share", "unknown centre"],
)
def test_a_tolerance_that_cannot_be_is_the_user_s_to_mend(
    demo_home: Path, config: Path, section: str, said: str
) -> None:
    """Exit code 2, the message names file and entry, and no page is written for it."""
    config.write_text(config.read_text(encoding="utf-8") + section, encoding="utf-8")
    run = oncomart("quality", "--home", demo_home, "--config", config)
    assert run.code == 2, run.words
    assert said in run.words
    assert "oncomart.toml" in run.words
    assert "Traceback" not in run.words
