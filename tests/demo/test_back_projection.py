"""The 87 patients of escc87.csv, read back from the raw files that hospital A delivers.

Months of the table become days as round(months x 30.4375); both ends count.
"""

import csv
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from demo import generate
from tests.demo.chart import Chart
from tests.demo.raw_rows import PLATINUM, TARGETED, TAXANE, HospitalFiles, day

TABLE = Path(__file__).resolve().parents[2] / "demo" / "escc87.csv"
PUBLISHED = list(csv.DictReader(TABLE.open(encoding="utf-8")))
TOPOGRAPHY = {"Upper": "食管上段", "Middle": "食管中段", "Lower": "食管下段"}

Delivered = tuple[HospitalFiles, Mapping[str, str]]


def in_days(months: str) -> int:
    return round(float(months) * 30.4375)


def as_printed(days: int) -> str:
    return f"{days / 30.4375:.1f}"


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    """Hospital A's files, and the 患者ID of each published patient."""
    home = tmp_path_factory.mktemp("demo")
    (folder,) = generate(home, patients=120)
    with (home / "truth" / "patients.csv").open(encoding="utf-8") as truth:
        numbers = {row["label"]: row["identifier"] for row in csv.DictReader(truth) if row["label"]}
    return HospitalFiles(folder), numbers


@pytest.fixture(params=PUBLISHED, ids=lambda row: row["patient_id"])
def published(request: pytest.FixtureRequest) -> dict[str, str]:
    """One row of the table."""
    row: dict[str, str] = request.param
    return row


@pytest.fixture
def chart(delivered: Delivered, published: dict[str, str]) -> Chart:
    """The same patient's chart in the raw files."""
    files, numbers = delivered
    return Chart(files, numbers[published["patient_id"]], published["pd1"].lower())


def test_index_lies_inside_the_study_window(chart: Chart) -> None:
    """Both study drugs are on board between 2019 and 2024, at most five days apart."""
    assert date(2019, 1, 1) <= chart.index <= date(2024, 12, 31)
    assert (chart.index - chart.first_dose).days <= 5


def test_baseline_facts_come_back(chart: Chart, published: dict[str, str]) -> None:
    """Age, sex, performance status, site, surgery, spread, radiotherapy and strength are those of the table."""
    master = chart.files.master[chart.patient]
    born = day(master["出生日期"]).replace(day=15)
    birthday_to_come = (chart.index.month, chart.index.day) < (born.month, born.day)
    assert chart.index.year - born.year - birthday_to_come == int(published["age"])
    assert master["性别"] in {"Male": ("男", "1"), "Female": ("女", "2")}[published["sex"]]
    assert chart.baseline_ecog == int(published["ecog"])
    assert TOPOGRAPHY[published["primary_site"]] in chart.files.rows("病理报告", chart.patient)[0]["病理诊断"]
    assert bool(chart.files.rows("手术", chart.patient)) == (published["prior_surgery"] == "Yes")
    assert (len(chart.organs) > 3) == (published["met_sites"] == ">3")
    assert chart.has_baseline_radiotherapy == (published["radiotherapy"] == "Yes")
    assert chart.handed_out[0][1]["规格"].startswith(f"{published['anlotinib_mg']}mg")


def test_earlier_drugs_come_back(chart: Chart, published: dict[str, str]) -> None:
    """Taxane, platinum, targeted drug and checkpoint inhibitor came before index exactly when the table says so."""
    assert chart.had(TAXANE) == (published["prior_taxane"] == "1")
    assert chart.had(PLATINUM) == (published["prior_platinum"] == "1")
    assert chart.had(TARGETED) == (published["prior_targeted"] == "1")
    expected = in_days(published["tfi_months"]) if published["prior_ici"] == "1" else None
    assert chart.days_since_ici == expected


def test_a_progression_or_relapse_precedes_the_index_line(chart: Chart) -> None:
    """After the first drug and before the index line the disease progressed or came back."""
    readings = [row["评价日期"] for row in chart.files.rows("疗效评价", chart.patient) if row["疗效"] in ("PD", "进展")]
    relapses = [row["入院日期"] for row in chart.files.stays(chart.patient) if "复发" in row["主要诊断"]]
    assert any(day(text) <= chart.first_dose for text in (*readings, *relapses))


def test_progression_free_survival_comes_back(chart: Chart, published: dict[str, str]) -> None:
    """Days and event of progression-free survival are those of the table."""
    end, is_event = chart.pfs_end
    assert ((end - chart.index).days + 1, is_event) == (in_days(published["pfs_months"]), published["pfs_event"] == "1")


def test_overall_survival_comes_back(chart: Chart, published: dict[str, str]) -> None:
    """Days and event of overall survival are those of the table, and nobody is seen alive after death."""
    assert (chart.death is not None) == (published["os_event"] == "1")
    end = chart.death or chart.last_alive
    assert (end - chart.index).days + 1 == in_days(published["os_months"])
    assert chart.last_alive <= end


def test_best_response_comes_back(chart: Chart, published: dict[str, str]) -> None:
    """Best response and, for responders, the day of the first response are those of the table."""
    assert chart.best_response == published["best_response"]
    if published["best_response"] == "PR":
        first = next(when for when, response in chart.readings if response == "PR")
        end, _ = chart.pfs_end
        assert as_printed((first - chart.index).days + 1) == published["ttr_months"]
        assert as_printed((end - first).days + 1) == published["dor_months"]


def test_treatment_ends_when_the_table_says(chart: Chart, published: dict[str, str]) -> None:
    """No study drug is given after the end of treatment, and one of them lasts until it."""
    end = chart.index + timedelta(in_days(published["treatment_months"]) - 1)
    doses = [when for when, name in chart.given if when >= chart.first_dose and chart.is_antibody(name)]
    assert max(chart.last_capsule, doses[-1]) == end


def test_best_change_comes_back(chart: Chart, published: dict[str, str]) -> None:
    """Lesions add up to the published best change of the sum of diameters; the five without one have none."""
    expected = int(float(published["best_pct_change"])) if published["best_pct_change"] else None
    assert chart.best_change == expected


def test_adverse_events_come_back(chart: Chart, published: dict[str, str]) -> None:
    """Worst grades of the related events under treatment are those of the table, and there is no other term."""
    expected = {name.removeprefix("ae_"): int(grade) for name, grade in published.items() if name.startswith("ae_")}
    assert chart.related_events == {name: grade for name, grade in expected.items() if grade}


def test_the_lost_are_out_of_supply_and_grace_at_the_cutoff(delivered: Delivered) -> None:
    """Seven are lost, so long before the cutoff that rule R7.6 does not take them for patients on treatment."""
    files, numbers = delivered
    lost = [row for row in PUBLISHED if row["treatment_status"] == "lost to follow-up"]
    charts = [Chart(files, numbers[row["patient_id"]], row["pd1"].lower()) for row in lost]
    grace_ends = [
        max(
            chart.last_capsule + timedelta(7 + 28),
            max(when for when, name in chart.given if chart.is_antibody(name)) + timedelta(21 + 21),
        )
        for chart in charts
    ]
    assert len(lost) == 7
    assert max(grace_ends) < date(2025, 7, 5)


def test_facts_after_the_cutoff_exist(delivered: Delivered) -> None:
    """Some still on treatment progress or die after the cutoff: a reader who ignores the cutoff is found out."""
    files, numbers = delivered
    ongoing = [row["patient_id"] for row in PUBLISHED if row["treatment_status"] == "on treatment"]
    later = [
        label
        for label in ongoing
        if any(day(row["评价日期"]) > date(2025, 7, 5) for row in files.rows("疗效评价", numbers[label]))
    ]
    assert len(ongoing) == 11
    assert 0 < len(later) < 11
    assert any(row["生存状态"] == "死亡" for label in later for row in files.rows("随访", numbers[label]))
