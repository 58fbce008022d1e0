"""Small and lopsided cohorts: a clear word in print, never a crash, an infinite ratio or a 0.000."""

import math
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from analysis import Place, Results, analyse, write_report
from analysis.audit import audit
from models.protocol import Protocol, parse_protocol
from tests.analysis.study_marts import PARAMETERS, Patient, build, insert

PROTOCOL = """
[study]
id = "edge"
title = "Edge cases"
[cutoff]
date = 2025-07-05
[index]
type = "diagnosis"
[[criteria]]
id = "I1"
kind = "inclusion"
label = "Diagnosed"
unknown_policy = "exclude"
conditions = [{ type = "index_found" }]
[[covariates]]
name = "age"
label = "Age"
type = "age"
unit = "years"
show = "both"
levels = [{ label = "under 65", max = 64, reference = true }, { label = "65 or older", min = 65 }]
[[covariates]]
name = "stage"
label = "Stage"
type = "stage_group"
levels = [
  { label = "II", values = ["II"], reference = true },
  { label = "III", values = ["III"] },
  { label = "IV", values = ["IV"] },
]
[analysis]
endpoints = [{ paramcd = "OS", label = "Overall survival" }]
rate_months = [12]
curves_by = ["stage"]
cox_endpoint = "OS"
cox_univariate = ["age", "stage"]
cox_multivariable = ["age", "stage"]
response = true
"""


@pytest.fixture
def protocol() -> Protocol:
    return parse_protocol(PROTOCOL, "edge.toml")


def study(protocol: Protocol, patients: Iterable[Patient], folder: Path, **changes: str) -> Results:
    """Analyse these patients and write their report, which must not fail either."""
    with duckdb.connect() as connection:
        included = list(patients)
        build(connection, protocol, included)
        counts = (len(included), 0, 0, 0, len(included))
        insert(connection, protocol, "marts.attrition", 1, "I1", "INCLUSION", "Diagnosed", *counts)
        results = analyse(connection, protocol, {**PARAMETERS, **changes})
    page = write_report(results, protocol, {"release_id": "edge"}, folder).read_text(encoding="utf-8")
    assert ">0.000<" not in page
    assert ">inf<" not in page
    assert ">nan<" not in page
    assert all(row.value is None or math.isfinite(row.value) for row in results.rows)
    assert audit(results).findings == ()
    return results


def patient(key: str, days: int, died: bool, stage: str | None = "II", age: float | None = 60.0) -> Patient:
    return Patient(key, {"age": age, "stage": stage}, bor="SD", times={"OS": (days, died)})


def survivors() -> list[Patient]:
    return [patient(f"alive_{days}", days, died=False, stage="II" if days % 2 else "III") for days in range(100, 110)]


OVERALL = Place("survival", "OS")


def test_a_study_without_patients_prints_a_report(protocol: Protocol, tmp_path: Path) -> None:
    """Nobody eligible: n = 0, no median, no rate, no ratio."""
    results = study(protocol, [], tmp_path)
    assert results.number(OVERALL, "n").value == 0
    assert results.number(OVERALL, "median").value_text == "no patients"
    assert results.number(Place("response", variable="orr"), "pct").value is None


def test_without_events_the_median_is_not_reached_and_no_ratio_is_estimated(protocol: Protocol, tmp_path: Path) -> None:
    """All alive: the Cox rows say why they are empty."""
    results = study(protocol, survivors(), tmp_path)
    assert results.number(OVERALL, "median").value_text == "not reached"
    ratio = Place("cox_univariate", "OS", variable="stage", variable_level="III")
    assert results.number(ratio, "hr").value_text == "not estimable: no events"


def test_when_everybody_dies_the_curve_ends_at_zero(protocol: Protocol, tmp_path: Path) -> None:
    """All events: the last step is 0 and has no interval."""
    everybody = [
        patient(f"died_{days}", days, died=True, stage="II" if days % 2 else "III") for days in range(400, 420)
    ]
    results = study(protocol, everybody, tmp_path)
    steps = list(results.of(Place("survival_curve", "OS"), "survival"))
    assert steps[-1].value == 0
    assert not [
        row for row in results.of(Place("survival_curve", "OS"), "lower") if row.time_months == steps[-1].time_months
    ]


def test_an_empty_level_is_said_to_have_no_patients(protocol: Protocol, tmp_path: Path) -> None:
    """Nobody has stage IV: the level stays in the tables with n = 0."""
    patients = [
        patient(f"{stage}_{days}", days, days % 3 == 0, stage) for stage in ("II", "III") for days in range(90, 120)
    ]
    results = study(protocol, patients, tmp_path)
    level = Place("cox_univariate", "OS", variable="stage", variable_level="IV")
    assert results.number(level, "hr").value_text == "not estimable: no patients"
    assert results.number(Place("table_one", variable="stage", variable_level="IV"), "n").value == 0
    other = Place("cox_univariate", "OS", variable="stage", variable_level="III")
    assert results.number(other, "hr").value is not None


def test_a_covariate_that_nobody_has_is_all_missing(protocol: Protocol, tmp_path: Path) -> None:
    """No stage at all: percentages have no denominator and the adjusted model no complete case."""
    patients = [patient(f"no_stage_{days}", days, days % 2 == 0, stage=None) for days in range(90, 110)]
    results = study(protocol, patients, tmp_path)
    stage = Place("table_one", variable="stage")
    assert results.number(stage, "n_missing").value == 20
    assert results.number(Place("table_one", variable="stage", variable_level="II"), "pct").value is None
    assert results.number(Place("cox_multivariable", "OS"), "n").value == 0


def test_a_value_outside_all_levels_is_neither_lost_nor_missing(protocol: Protocol, tmp_path: Path) -> None:
    """Stage 'X' stands as 'Other', inside the denominator, so that Table 1 still adds up."""
    patients = [*survivors(), patient("stage_x", 50, died=True, stage="X")]
    results = study(protocol, patients, tmp_path)
    stage = Place("table_one", variable="stage")
    levels = [
        results.number(Place("table_one", variable="stage", variable_level=level), "n") for level in ("II", "III", "IV")
    ]
    other, missing = (results.number(stage, name).value or 0 for name in ("n_other", "n_missing"))
    assert (other, missing) == (1, 0)
    assert sum(row.value or 0 for row in levels) + other + missing == len(patients)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_a_level_in_which_nobody_dies_has_no_ratio_but_spares_the_others(
    protocol: Protocol, tmp_path: Path, ties: str
) -> None:
    """Perfect separation is said in words; the other levels keep their finite ratios."""
    patients = [
        patient(f"{stage}_{days}", days, days % 2 == 0, stage) for stage in ("II", "III") for days in range(60, 120)
    ]
    patients += [patient(f"never_dies_{days}", days, died=False, stage="IV") for days in range(60, 120)]
    results = study(protocol, patients, tmp_path, cox_ties=ties)
    separated = Place("cox_univariate", "OS", variable="stage", variable_level="IV")
    assert results.number(separated, "hr").value_text == "not estimable: separated"
    other = Place("cox_univariate", "OS", variable="stage", variable_level="III")
    assert results.number(other, "hr").value == pytest.approx(1.0, abs=0.2)


def test_one_patient_alone_is_described(protocol: Protocol, tmp_path: Path) -> None:
    """A single death: median on that day, no test and no ratio."""
    results = study(protocol, [patient("only_one", 365, died=True)], tmp_path)
    assert results.number(OVERALL, "median").value == pytest.approx(365 / 30.4375)
    assert results.number(Place("logrank", "OS", "stage"), "p_value").value is None


def test_a_rate_past_follow_up_is_not_reached(protocol: Protocol, tmp_path: Path) -> None:
    """Nobody is followed for 12 months: the rate is a word, not the last value carried forward."""
    assert study(protocol, survivors(), tmp_path).number(OVERALL, "rate", 12.0).value_text == "not reached"


def test_a_curve_says_from_where_fewer_than_five_are_at_risk(protocol: Protocol, tmp_path: Path) -> None:
    """Ten deaths on ten days: after the sixth only four are left."""
    patients = [patient(f"died_{number}", 100 * number, died=True) for number in range(1, 11)]
    thin = study(protocol, patients, tmp_path).number(Place("survival_curve", "OS"), "thin_from")
    assert thin.value == pytest.approx(600 / 30.4375)


def test_conventions_of_another_package_change_the_interval_and_its_name(protocol: Protocol, tmp_path: Path) -> None:
    """SPSS-style medians are symmetric, and the row says whose they are."""
    patients = [patient(f"died_{number}", 40 * number, died=number % 4 != 0) for number in range(1, 31)]
    results = study(protocol, patients, tmp_path, median_ci="spss_symmetric")
    median, lower, upper = (results.number(OVERALL, name) for name in ("median", "median_lower", "median_upper"))
    assert median.value == pytest.approx(((lower.value or 0) + (upper.value or 0)) / 2)
    assert "SPSS" in (median.method or "")


def test_two_centres_are_counted_apart(protocol: Protocol, tmp_path: Path) -> None:
    """The same patient key in two centres is two people."""
    twins = [
        Patient(f"key_{number}", {"age": 60.0, "stage": "II"}, bor="SD", times={"OS": (days, True)}, centre=centre)
        for centre, days in (("hospital_a", 100), ("hospital_b", 200))
        for number in range(6)
    ]
    results = study(protocol, twins, tmp_path)
    for centre in ("hospital_a", "hospital_b"):
        assert results.number(Place("centres", None, "centre", centre), "n").value == 6
        assert results.number(Place("centres", "OS", "centre", centre), "n_events").value == 6


@pytest.mark.parametrize(("oldest", "printed"), [(89.0, None), (90.0, "≥ 90"), (97.0, "≥ 90")])
def test_ages_over_89_are_one_category(protocol: Protocol, tmp_path: Path, oldest: float, printed: str | None) -> None:
    """89 is a number; 90 and 97 both print as 90 or more, and no row holds the age."""
    results = study(protocol, [*survivors(), patient("oldest", 200, died=True, age=oldest)], tmp_path)
    row = results.number(Place("table_one", variable="age"), "max")
    assert (row.value, row.value_text) == ((oldest, None) if printed is None else (None, printed))
    if printed:
        assert all(other.value != oldest for other in results.rows if other.variable == "age")
