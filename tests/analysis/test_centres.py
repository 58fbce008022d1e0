"""More than one centre: what each brings, what is withheld of the small ones, how their hazard ratios are pooled."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from analysis import Results, analyse
from analysis.ard import Recorder
from analysis.conventions import read_conventions
from analysis.estimates.centre_effects import ONE_STAGE, TWO_STAGE, analyse_centre_effects, effect_place
from analysis.estimates.centres import analyse_centres, centre_place
from analysis.marts import StudyMarts
from models.protocol import Protocol
from tests.analysis.study_marts import PARAMETERS, Patient, build, escc87_patients, insert

RATIO = ("hr", "hr_lower", "hr_upper")
MODELS = {"cox_univariate", "cox_multivariable", "cox_linear", "interaction", "exposure_effect", "landmark"}


def centres_of(
    protocol: Protocol, patients: Iterable[Patient], left: Iterable[tuple[str, str]] = (), **changes: str
) -> Results:
    """The analyses of centres alone; `left` are centre and criterion of patients who are not included."""
    with duckdb.connect() as connection:
        build(connection, protocol, patients)
        for number, (centre, criterion) in enumerate(left):
            row = (centre, f"left_{number}", None, protocol.cutoff.date, False, criterion)
            insert(connection, protocol, "marts.study_cohort", *row)
        marts = StudyMarts(connection, protocol.study.id, "primary")
        record = Recorder(protocol.study.id, "primary")
        conventions = read_conventions({**PARAMETERS, **changes})
        analyse_centres(marts, protocol, conventions, record)
        analyse_centre_effects(marts, protocol, conventions, record)
        return record.results()


@pytest.fixture(scope="module")
def escc87(root: Path) -> list[Patient]:
    """The 87 patients, of one centre."""
    return escc87_patients(root / "demo" / "escc87.csv")


def moved(patients: Iterable[Patient], *centres: str) -> list[Patient]:
    """The patients dealt out to centres in turn."""
    return [replace(patient, centre=centres[place % len(centres)]) for place, patient in enumerate(patients)]


def copied(patients: Iterable[Patient], *centres: str) -> list[Patient]:
    """The same patients in every centre."""
    return [replace(patient, centre=centre) for centre in centres for patient in patients]


def ratio(results: Results, group: str, name: str) -> list[float | None]:
    place = effect_place("OS", "ecog", "0", group, name)
    return [results.number(place, statistic).value for statistic in RATIO]


def test_one_centre_has_its_counts_and_nothing_withheld(protocol: Protocol, escc87: list[Patient]) -> None:
    """What a single centre brings is what the whole study prints, small or not; there is nothing to pool."""
    results = centres_of(protocol, escc87, [("hospital_a", "I1"), ("hospital_a", "I1")])
    assert results.number(centre_place("hospital_a"), "n").value == 87
    left = centre_place("hospital_a", None, "centre_attrition", "I1")
    assert results.number(left, "n_left").value == 2
    assert not results.places("centre_effects")


def test_counts_of_large_centres_stand_as_they_are(protocol: Protocol, escc87: list[Patient]) -> None:
    """29 patients each; deaths add up to the 59 of all."""
    names = ("hospital_a", "hospital_b", "hospital_c")
    results = centres_of(protocol, moved(escc87, *names))
    assert [results.number(centre_place(name), "n").value for name in names] == [29, 29, 29]
    assert sum(results.number(centre_place(name, "OS"), "n_events").value or 0 for name in names) == 59


def test_a_small_centre_is_withheld_with_another_and_no_row_holds_its_counts(
    protocol: Protocol, escc87: list[Patient]
) -> None:
    """4 of 87 print as <5, and the next centre with them, since the total is known."""
    patients = [replace(one, centre="tiny") for one in escc87[:4]]
    patients += moved(escc87[4:], "hospital_b", "hospital_b", "hospital_c")
    results = centres_of(protocol, patients)
    shown = {name: results.number(centre_place(name), "n") for name in ("tiny", "hospital_b", "hospital_c")}
    assert [(row.value, row.value_text) for row in shown.values()] == [
        (None, "<5"),
        (56, None),
        (None, "suppressed"),
    ]
    counts = [row for row in results.rows if row.group_level == "tiny" and row.statistic.startswith("n")]
    assert all(row.value in (None, 0) for row in counts)
    assert all(row.n is None and row.events is None for row in results.rows if row.group_level == "tiny")


def test_a_single_patient_who_left_is_not_placed(protocol: Protocol, escc87: list[Patient]) -> None:
    """One patient of all centres left at E3; where stays unsaid, and so does where nobody did."""
    results = centres_of(protocol, moved(escc87, "hospital_a", "hospital_b"), [("hospital_b", "E3")])
    for centre in ("hospital_a", "hospital_b"):
        row = results.number(centre_place(centre, None, "centre_attrition", "E3"), "n_left")
        assert (row.value, row.value_text) == (None, "suppressed")


def test_missing_values_are_counted_by_centre(protocol: Protocol, escc87: list[Patient]) -> None:
    """Hospital b never recorded ECOG; hospital a always did."""
    without = [replace(one, covariates={**one.covariates, "ecog": None}, centre="hospital_b") for one in escc87]
    results = centres_of(protocol, [*escc87, *without])
    found = [
        results.number(centre_place(centre, None, "centre_missing", "ecog"), "n_missing").value
        for centre in ("hospital_a", "hospital_b")
    ]
    assert found == [0, 87]


@pytest.mark.parametrize(("patients", "is_shown"), [(9, False), (10, True)])
def test_medians_of_fewer_than_ten_patients_are_withheld(protocol: Protocol, patients: int, is_shown: bool) -> None:
    """Nine patients have no median in print, ten do; everybody dies from day 100 on."""

    def dies(number: int, centre: str) -> Patient:
        return Patient(f"{centre}_{number}", times={"OS": (100 + number, True), "PFS": (50, True)}, centre=centre)

    small = [dies(number, "small") for number in range(patients)]
    results = centres_of(protocol, [*small, *(dies(number, "large") for number in range(30))])
    row = results.number(centre_place("small", "OS"), "median")
    assert (row.value is not None) == is_shown
    assert row.value_text == (None if is_shown else "withheld")


def test_centres_with_the_same_patients_agree_in_every_way_of_pooling(
    protocol: Protocol, escc87: list[Patient]
) -> None:
    """Three copies of one centre: each ratio, both pooled ones and every remainder are the same, without variance."""
    names = ("hospital_a", "hospital_b", "hospital_c")
    results = centres_of(protocol, copied(escc87, *names))
    own = ratio(results, "centre", "hospital_a")[0]
    for group, name in [
        ("centre", "hospital_c"),
        ("pooled", ONE_STAGE),
        ("pooled", TWO_STAGE),
        ("without", "hospital_b"),
    ]:
        assert ratio(results, group, name)[0] == pytest.approx(own)
    pooled = effect_place("OS", "ecog", "0", "pooled", TWO_STAGE)
    values = {name: results.number(pooled, name).value for name in ("k", "tau2", "q", "i2_pct")}
    assert values == pytest.approx({"k": 3, "tau2": 0, "q": 0, "i2_pct": 0}, abs=1e-9)
    weights = [results.number(effect_place("OS", "ecog", "0", "centre", name), "weight_pct").value for name in names]
    assert weights == pytest.approx([100 / 3] * 3)


def test_leaving_one_of_two_centres_out_leaves_the_other(protocol: Protocol, escc87: list[Patient]) -> None:
    """A stratified model of one centre is that centre's own model."""
    results = centres_of(protocol, moved(escc87, "hospital_a", "hospital_b"))
    assert ratio(results, "without", "hospital_a") == pytest.approx(ratio(results, "centre", "hospital_b"))


def test_two_centres_have_no_prediction_interval(protocol: Protocol, escc87: list[Patient]) -> None:
    """Student's t has no degrees of freedom left: words stand in its place (rule R9.8)."""
    results = centres_of(protocol, moved(escc87, "hospital_a", "hospital_b"))
    row = results.number(effect_place("OS", "ecog", "0", "pooled", TWO_STAGE), "prediction_lower")
    assert (row.value, row.value_text) == (None, "not given for two centres")


@pytest.mark.parametrize(("least", "word"), [("5", None), ("6", "too few events")])
def test_a_centre_needs_its_events(protocol: Protocol, escc87: list[Patient], least: str, word: str | None) -> None:
    """Five deaths, in both groups, are enough under the default and not under 6."""
    small = [
        replace(patient, centre="small", times={"OS": (200 + 10 * place, True)})
        for place, patient in enumerate(escc87[:5])
    ]
    small = [
        replace(patient, covariates={**patient.covariates, "ecog": float(place % 2)})
        for place, patient in enumerate(small)
    ]
    others = moved(escc87[5:], "hospital_a", "hospital_b")
    results = centres_of(protocol, [*small, *others], centre_min_events=least)
    assert results.number(effect_place("OS", "ecog", "0", "centre", "small"), "hr").value_text == word
    pooled = effect_place("OS", "ecog", "0", "pooled", TWO_STAGE)
    assert results.number(pooled, "k").value == (3 if word is None else 2)


def test_a_centre_with_deaths_in_one_group_only_is_not_pooled(protocol: Protocol, escc87: list[Patient]) -> None:
    """Its ratio would be infinite; a word stands for it and it has no weight."""
    lopsided = [
        replace(
            patient,
            centre="lopsided",
            covariates={**patient.covariates, "ecog": float(place % 2)},
            times={"OS": (100 + place, place % 2 == 0)},
        )
        for place, patient in enumerate(escc87[:30])
    ]
    results = centres_of(protocol, [*lopsided, *moved(escc87[30:], "hospital_a", "hospital_b")])
    place = effect_place("OS", "ecog", "0", "centre", "lopsided")
    assert results.number(place, "hr").value_text == "no event in one group"
    assert results.number(place, "weight_pct").value is None


def test_nothing_is_pooled_without_two_estimable_centres(protocol: Protocol, escc87: list[Patient]) -> None:
    """A minimum of 60 deaths leaves no centre; the stratified model stands all the same."""
    results = centres_of(protocol, moved(escc87, "hospital_a", "hospital_b"), centre_min_events="60")
    assert ratio(results, "pooled", TWO_STAGE) == [None, None, None]
    assert results.number(effect_place("OS", "ecog", "0", "pooled", TWO_STAGE), "k").value == 0
    assert all(value is not None for value in ratio(results, "pooled", ONE_STAGE))


def test_every_model_of_several_centres_is_stratified(protocol: Protocol, escc87: list[Patient]) -> None:
    """Three copies of one centre give that centre's ratios in every model, and each says that it is stratified.

    Weights differ a little: their truncation is at percentiles, which move when patients are copied.
    """
    ratios = {}
    for name, patients in (("one", escc87), ("three", copied(escc87, "hospital_a", "hospital_b", "hospital_c"))):
        with duckdb.connect() as connection:
            build(connection, protocol, patients)
            for step, one in enumerate(protocol.criteria, start=1):
                insert(connection, protocol, "marts.attrition", step, one.id, one.kind, one.label, 0, 0, 0, 0, 0)
            results = analyse(connection, protocol, PARAMETERS)
        rows = [row for row in results.rows if row.statistic == "hr" and row.value is not None]
        ratios[name] = {row.place: row for row in rows if row.analysis in MODELS}
    assert {place.analysis for place in ratios["one"]} == MODELS
    for place, alone in ratios["one"].items():
        is_weighted = "weights" in (alone.method or "")
        assert ratios["three"][place].value == pytest.approx(alone.value, rel=0.01 if is_weighted else 1e-6)
        assert "stratified by centre" in (ratios["three"][place].method or "")
        assert "stratified" not in (alone.method or "")
