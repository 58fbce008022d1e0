"""The real TCGA-ESCA files through the shipped mapping; the counts were taken from the files by hand."""

import os
from pathlib import Path

import duckdb
import pytest

from models.config import Settings
from warehouse import CentreReport, Home, LocatedCentre, Status, committed_batches, land, load_centre
from warehouse.lake import table_files

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("ONCOMART_TCGA_ESCA", ROOT.parent / "shared" / "data" / "tcga_esca"))

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the TCGA-ESCA files are not at {DATA}; set ONCOMART_TCGA_ESCA"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("tcga"))


@pytest.fixture(scope="module")
def centre() -> LocatedCentre:
    folder = ROOT / "centres" / "tcga_esca"
    return LocatedCentre(load_centre(folder), folder, DATA)


@pytest.fixture(scope="module")
def report(home: Home, centre: LocatedCentre) -> CentreReport:
    return land(home, centre, Settings(threads=1))


def ask(home: Home, table: str, sql: str) -> list[tuple[object, ...]]:
    """Answers a question about a lake table, named `landed` in the SQL."""
    files = [str(path) for path in table_files(home, table, committed_batches(home))]
    with duckdb.connect() as connection:
        connection.read_parquet(files).create_view("landed")
        return connection.execute(sql).fetchall()


def test_every_row_is_accounted_for(report: CentreReport) -> None:
    """All seven files are read, nothing fails, nothing goes to quarantine."""
    (delivery,) = report.deliveries
    read = {file.file.removeprefix("nationwidechildrens.org_clinical_"): file.read for file in delivery.files}
    assert read == {
        "patient_esca.txt": 185,
        "follow_up_v4.0_esca.txt": 155,
        "drug_esca.txt": 82,
        "radiation_esca.txt": 50,
        "nte_esca.txt": 64,
        "follow_up_v4.0_nte_esca.txt": 45,
        "omf_v4.0_esca.txt": 15,
    }
    assert sum(sum(file.failed.values()) for file in delivery.files) == 0
    assert (report.problems, report.warnings, report.rows_quarantined) == ((), (), 0)


def test_patients_and_histology(home: Home, report: CentreReport) -> None:
    """185 patients, 158 of them men; 96 squamous and 89 adenocarcinomas."""
    assert report.problems == ()
    assert ask(
        home, "patient", "SELECT count(*), count(DISTINCT patient_id), count(*) FILTER (sex = 'M') FROM landed"
    ) == [(185, 185, 158)]
    squamous = "icdo_morphology LIKE '807%' OR icdo_morphology LIKE '808%'"
    assert ask(home, "pathology", f"SELECT count(*) FILTER ({squamous}), count(*) FROM landed") == [(96, 185)]


def test_deaths(home: Home, report: CentreReport) -> None:
    """57 deaths are in the patient file and 32 in the follow-ups; the first patient dies 784 days after diagnosis."""
    emitted = {count.table: count.emitted for count in report.deliveries[0].tables}
    assert emitted["death"] == 57 + 32
    first = (
        "SELECT date_text::DATE - DATE '2000-01-01' FROM landed WHERE source_file LIKE '%patient%' AND source_row = 4"
    )
    assert ask(home, "death", first) == [(784,)]


def test_new_tumour_events_of_both_files(home: Home, report: CentreReport) -> None:
    """Two files feed one table: 68 distant and 39 locoregional events are told, an event in both files lands once."""
    count = next(count for count in report.deliveries[0].tables if count.table == "disease_event")
    diagnoses, metastatic = 185, 16
    assert count.emitted == diagnoses + metastatic + 68 + 39
    assert ask(home, "disease_event", "SELECT count(*) FROM landed WHERE event = 'M1'") == [(metastatic,)]
    relapses = "SELECT count(DISTINCT source_file) FROM landed WHERE event IN ('RECURRENCE', 'LOCAL_RELAPSE')"
    assert ask(home, "disease_event", relapses) == [(2,)]


def test_radiation_in_one_unit(home: Home, report: CentreReport) -> None:
    """Doses in cGy and in Gy come out in Gy: none above 100, twelve turned from cGy."""
    assert report.problems == ()
    assert ask(home, "procedure", "SELECT count(dose_gy), max(dose_gy) < 100, min(dose_gy) >= 20 FROM landed") == [
        (46, True, True)
    ]


def test_second_landing_lands_nothing(home: Home, centre: LocatedCentre, report: CentreReport) -> None:
    """The same files again are told as unchanged."""
    assert report.deliveries[0].status is Status.LANDED
    again = land(home, centre, Settings(threads=1))
    assert again.deliveries[0].status is Status.UNCHANGED
    assert again.rows_landed == 0
