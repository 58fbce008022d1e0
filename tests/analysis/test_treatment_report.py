"""Adverse events, dosing and centres in print."""

import csv
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from analysis import Results, analyse, write_report
from analysis.ard import Recorder
from analysis.estimates.safety import analyse_adverse_events
from analysis.marts import StudyMarts
from analysis.report.event_tables import event_table
from analysis.report.parts import plain
from models.protocol import Protocol
from tests.analysis.study_marts import PARAMETERS, build, escc87_patients, insert
from tests.analysis.treatment_marts import Summed, insert_summary

PUBLISHED_TABLE_3 = [
    ("Fatigue", 53, "60.9", 48, "55.2", 5, "5.7"),
    ("Hypertension", 46, "52.9", 33, "37.9", 13, "14.9"),
    ("Nausea and vomiting", 41, "47.1", 36, "41.4", 5, "5.7"),
    ("Anemia", 38, "43.7", 35, "40.2", 3, "3.4"),
    ("Hand-foot syndrome", 33, "37.9", 27, "31.0", 6, "6.9"),
    ("Liver function abnormality", 29, "33.3", 22, "25.3", 7, "8.0"),
    ("Hypothyroidism", 25, "28.7", 23, "26.4", 2, "2.3"),
    ("Proteinuria", 19, "21.8", 16, "18.4", 3, "3.4"),
    ("Pneumonia (infectious)", 18, "20.7", 14, "16.1", 4, "4.6"),
    ("Mucositis oral", 12, "13.8", 11, "12.6", 1, "1.1"),
    ("Rash", 9, "10.3", 9, "10.3", 0, "0.0"),
    ("Hemorrhage", 5, "5.7", 5, "5.7", 0, "0.0"),
]
"""The published Table 3; 37.9, 40.2 and 1.1 stand there as 38.0, 40.3 and 1.2, which no count of 87 gives."""


def printed(folder: Path, name: str) -> list[list[str]]:
    """Lines of a printed table, headings included."""
    with (folder / "tables" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_table_3_is_the_published_one_in_its_order(report: Path) -> None:
    """Every row of the published table, any event first, with the percentages that its counts give."""
    lines = printed(report.parent, "table_3_trae")[1:]
    assert lines[0] == ["Any treatment-related event", "80", "92.0", "36", "41.4", "44", "50.6"]
    assert lines[1:] == [[str(cell) for cell in row] for row in PUBLISHED_TABLE_3]
    assert (report.parent / "figures" / "adverse_events.svg").exists()


def _events(protocol: Protocol, rows: list[Summed]) -> Results:
    with duckdb.connect() as connection:
        build(connection, protocol, [])
        insert_summary(connection, protocol, 20, rows)
        record = Recorder(protocol.study.id, "primary")
        analyse_adverse_events(StudyMarts(connection, protocol.study.id, "primary"), record)
        return record.results()


def test_events_without_a_grade_have_a_column_only_where_there_are_any(protocol: Protocol) -> None:
    """A grade that nobody recorded is neither mild nor severe; without one the column is not there."""
    graded = [Summed("ANY_TRAE", mild=4), Summed("Rash", mild=4)]
    ungraded = [Summed("ANY_TRAE", mild=3, ungraded=1), Summed("Rash", mild=3, ungraded=1)]
    columns = [len(event_table(_events(protocol, rows), "TRAE").columns) for rows in (graded, ungraded)]
    assert columns == [6, 8]


def test_doubtful_events_stand_in_a_footnote(protocol: Protocol) -> None:
    """Two patients whose rashes are all doubtful are named under the table and counted in no row."""
    table = event_table(_events(protocol, [Summed("ANY_TRAE", mild=4), Summed("Rash", mild=4, undetermined=2)]), "TRAE")
    assert any(plain(note).endswith("Rash: 2.") for note in table.notes)
    assert plain(table.lines[1].cells[0]) == "4"


def test_a_report_without_treatment_has_no_section_of_it(protocol: Protocol, tmp_path: Path) -> None:
    """Nobody treated: no adverse events, no dosing, no disposition, and a report all the same."""
    with duckdb.connect() as connection:
        build(connection, protocol, [])
        for step, one in enumerate(protocol.criteria, start=1):
            insert(connection, protocol, "marts.attrition", step, one.id, one.kind, one.label, 0, 0, 0, 0, 0)
        results = analyse(connection, protocol, PARAMETERS)
    page = write_report(results, protocol, {"release_id": "r"}, tmp_path).read_text(encoding="utf-8")
    assert 'id="safety"' not in page
    assert 'id="dosing"' not in page


def test_first_doses_and_the_end_of_treatment_are_the_published_ones(report: Path) -> None:
    """12 mg in 61 and 10 mg in 26; 11 on treatment, 63 progressed or died, 6 stopped for events, 7 were lost."""
    doses = {line[0]: line[1] for line in printed(report.parent, "table_dosing") if len(line) > 1}
    assert (doses["First dose, mg: 12"], doses["First dose, mg: 10"]) == ("61 (70.1)", "26 (29.9)")
    ends = {line[0]: line[1:] for line in printed(report.parent, "table_disposition")[1:]}
    assert ends == {
        "On treatment at the cutoff": ["11", "12.6"],
        "Progression": ["63", "72.4"],
        "Adverse event or intolerance": ["6", "6.9"],
        "Lost to follow-up": ["7", "8.0"],
    }


@pytest.fixture(scope="module")
def of_three_centres(root: Path, protocol: Protocol, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the 87 patients in two large centres and one of four patients."""
    patients = [
        replace(one, centre="tiny" if place < 4 else f"hospital_{place % 2}")
        for place, one in enumerate(escc87_patients(root / "demo" / "escc87.csv"))
    ]
    folder = tmp_path_factory.mktemp("centres")
    with duckdb.connect() as connection:
        build(connection, protocol, patients)
        for step, one in enumerate(protocol.criteria, start=1):
            insert(connection, protocol, "marts.attrition", step, one.id, one.kind, one.label, 87, 0, 0, 0, 87)
        results = analyse(connection, protocol, PARAMETERS)
    return write_report(results, protocol, {"release_id": "centres"}, folder)


def test_centres_have_a_section_with_tables_and_a_forest(of_three_centres: Path) -> None:
    """More than one centre: numbers, attrition, the forest with its diamonds, and ratios without each centre."""
    page = of_three_centres.read_text(encoding="utf-8")
    assert 'id="centres"' in page
    assert (of_three_centres.parent / "figures" / "forest_centres.svg").exists()
    effects = [line[0] for line in printed(of_three_centres.parent, "table_centres_effects")]
    assert sum("without tiny" in line for line in effects) == 3


def test_a_small_centre_prints_no_count_of_its_own(of_three_centres: Path) -> None:
    """Four patients: '<5' stands where the count would, and the median is withheld."""
    tiny = next(line for line in printed(of_three_centres.parent, "table_centres") if line[0] == "tiny")
    assert "<5" in tiny
    assert "withheld" in tiny
    assert not {"1", "2", "3", "4"} & set(tiny)


def test_one_centre_has_no_section(report: Path) -> None:
    """What one centre brings is what the whole study brings."""
    assert 'id="centres"' not in report.read_text(encoding="utf-8")
