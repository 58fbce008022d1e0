"""185 real patients from their public files to a published report, through the shipped mapping and protocol."""

import os
from pathlib import Path

import duckdb
import pytest

from tests.flows.conftest import ROOT, oncomart

DATA = Path(os.environ.get("ONCOMART_TCGA_ESCA", ROOT.parent / "shared" / "data" / "tcga_esca"))

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the TCGA-ESCA files are not at {DATA}; set ONCOMART_TCGA_ESCA"
)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = tmp_path_factory.mktemp("tcga") / "oncomart.toml"
    config.write_text(f'[centres.tcga_esca]\ndeliveries = "{DATA}"\n[studies.tcga_esca]\n', encoding="utf-8")
    return config


@pytest.fixture(scope="module")
def home(config: Path) -> Path:
    home = config.parent / "home"
    run = oncomart("refresh", "--config", config, "--home", home)
    assert run.code == 0, run.words
    return home


def test_all_patients_are_followed_from_diagnosis(home: Path) -> None:
    """185 patients, 96 squamous and 89 adenocarcinomas, and the 77 deaths that the files record over all follow-ups."""
    with duckdb.connect(str(home / "current" / "warehouse.duckdb"), read_only=True) as warehouse:
        histologies = warehouse.execute(
            "select level, count(*) from marts.covariates where covariate = 'histology' group by all order by all"
        ).fetchall()
        deaths = warehouse.execute(
            "select count(*), count(*) filter (where cnsr = 0) from adam.adtte where paramcd = 'OS'"
        ).fetchall()
        shorter = warehouse.execute(
            """select count(*) from adam.adtte as pfs inner join adam.adtte as os using (usubjid)
            where pfs.paramcd = 'PFS' and os.paramcd = 'OS' and pfs.aval > os.aval"""
        ).fetchall()
    assert histologies == [("Adenocarcinoma", 89), ("Squamous cell carcinoma", 96)]
    assert deaths == [(185, 77)]
    assert shorter == [(0,)]


def test_curves_by_histology_are_drawn(home: Path) -> None:
    """The report shows OS and PFS by histology, and says that relative days have no cutoff."""
    report = home / "current" / "report" / "tcga_esca"
    page = (report / "index.html").read_text(encoding="utf-8")
    assert "none (relative days)" in page
    drawn = {figure.name for figure in (report / "figures").glob("*histology*.svg")}
    assert any("os" in name for name in drawn), drawn
    assert any("pfs" in name for name in drawn), drawn


def test_a_second_run_lands_nothing_and_says_so(home: Path, config: Path) -> None:
    """The same files again change nothing."""
    run = oncomart("refresh", "--config", config, "--home", home)
    assert run.code == 0, run.words
    assert "nothing new: every delivery was landed before" in run.words
