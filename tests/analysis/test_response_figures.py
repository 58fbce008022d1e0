"""Waterfall, spider and swimmer: as many bars and lines as patients, coloured by best response, counted below."""

from pathlib import Path

import duckdb
import numpy as np
import pytest
from matplotlib.colors import to_hex

from analysis import Results, analyse, write_report
from analysis.report.palette import response_colour
from analysis.report.response_forest import draw_response_forest
from analysis.report.spider import draw_spider
from analysis.report.swimmer import draw_swimmer
from analysis.report.waterfall import draw_waterfall
from models.protocol import Protocol, parse_protocol
from tests.analysis.study_marts import PARAMETERS, Patient, build, insert, insert_columns
from tests.analysis.test_edge_cases import PROTOCOL

MONTH = 30.4375
COURSES = {
    "responded": ("PR", [("2020-02-26", -40.0), ("2020-04-22", -55.0)], "ONGOING", 12),
    "stable": ("SD", [("2020-02-26", -5.0), ("2020-06-17", 10.0)], "PD", 6),
    "progressed": ("PD", [("2020-02-26", 30.0)], "PD", 2),
    "never_assessed": ("MISSING", [], "AE", 1),
}


@pytest.fixture(scope="module")
def staged() -> Protocol:
    """A small study with response."""
    return parse_protocol(PROTOCOL, "edge.toml")


@pytest.fixture(scope="module")
def courses(staged: Protocol) -> Results:
    """Four patients, one of whom was never assessed."""
    patients = []
    for key, (bor, sums, _, _) in COURSES.items():
        deepest = min(sums, key=lambda one: one[1], default=(None, None))
        depth = {"best_sum_date": deepest[0], "best_pct_base": deepest[1], "has_new_lesion": bor == "PD"}
        depth["response_source"] = "INVESTIGATOR"
        times = {"OS": (400, bor == "PD")} | ({"TTR": (57, True), "DOR": (300, False)} if bor == "PR" else {})
        patients.append(Patient(key, {"age": 60.0, "stage": "II"}, bor=bor, times=times, response=depth))
    with duckdb.connect() as connection:
        build(connection, staged, patients)
        insert(connection, staged, "marts.attrition", 1, "I1", "INCLUSION", "Diagnosed", 4, 0, 0, 0, 4)
        for key, (_, sums, reason, months) in COURSES.items():
            who = {"centre_id": "hospital_a", "patient_key": key}
            columns = {"reason": reason, "duration_months": months}
            insert_columns(connection, staged, "marts.disposition", **who, **columns)
            for day, change in sums:
                days = {"tp_date": day, "first_date": day, "last_date": day}
                row = {"reader": "INV", "is_baseline": False, "pct_base": change, "new_lesion": "NONE"}
                insert_columns(connection, staged, "marts.tumour_timepoints", **who, **days, **row)
        return analyse(connection, staged, PARAMETERS)


def test_a_waterfall_has_a_bar_for_each_measured_patient(courses: Results) -> None:
    """Growth to the left, each bar in the colour of its best response; the two counts stand below."""
    figure = draw_waterfall(courses)
    bars = figure.axes[0].patches
    assert [bar.get_height() for bar in bars] == [30, -5, -55]  # type: ignore[attr-defined]
    assert [to_hex(bar.get_facecolor()) for bar in bars] == [response_colour(name) for name in ("PD", "SD", "PR")]
    assert [text.get_text() for text in figure.texts][0::2] == ["3", "1"]


def test_a_spider_starts_every_course_at_nothing(courses: Results) -> None:
    """Three courses from 0% at the index date, longest first."""
    lines = [line for line in draw_spider(courses).axes[0].lines if line.get_marker() == "o"]
    drawn = [np.asarray(line.get_ydata()).tolist() for line in lines]
    assert drawn == [[0, -5, 10], [0, -40, -55], [0, 30]]


def test_a_swimmer_has_a_lane_for_everybody(courses: Results) -> None:
    """Four bars, longest treatment on top, one arrow, one death; who was never assessed has a lane too."""
    axes = draw_swimmer(courses).axes[0]
    assert [bar.get_width() for bar in axes.patches] == [12, 6, 2, 1]  # type: ignore[attr-defined]
    markers = [line.get_marker() for line in axes.lines]
    assert (markers.count(">"), markers.count("s")) == (1, 1)


def test_the_figures_stand_in_the_report(courses: Results, staged: Protocol, tmp_path: Path) -> None:
    """Each has its file, as have duration, subgroups and landmark."""
    write_report(courses, staged, {"release_id": "x"}, tmp_path)
    drawn = {path.stem for path in (tmp_path / "figures").glob("*.svg")}
    assert {"waterfall", "spider", "swimmer", "dor_all", "forest_response", "os_landmark"} <= drawn


def test_a_forest_of_response_shows_levels_that_nobody_has(courses: Results, staged: Protocol) -> None:
    """Stage IV without patients keeps its line with 0 of 0 and draws no interval."""
    stage = next(covariate for covariate in staged.covariates if covariate.name == "stage")
    figure = draw_response_forest(courses, (stage,))
    assert "IV" in {text.get_text() for text in figure.texts}
    squares = [line for line in figure.axes[0].lines if line.get_marker() == "s"]
    assert len(squares) == 1
