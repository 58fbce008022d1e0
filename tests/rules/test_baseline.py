"""Baseline performance status (R3.3) and metastatic sites (R3.5): the cases of 03b and 03d, and boundaries."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from tests.rules import harness

INDEX = date(2023, 5, 4)

STUDY = (
    harness.protocol()
    + """
[[covariates]]
name = "organs"
label = "Metastatic organs"
type = "metastatic_sites"
item = "organ"
levels = [{ label = "<= 3", max = 3 }, { label = "> 3", min = 4 }]

[[covariates]]
name = "stations"
label = "Metastatic stations"
type = "metastatic_sites"
item = "station"

[[covariates]]
name = "stage"
label = "Stage"
type = "stage_group"
levels = [{ label = "I", values = ["I"] }, { label = "II", values = ["II"] }, { label = "IV", values = ["IV"] }]
"""
)

ECOG_BOUNDARIES = [
    # patient, day, scale, value
    ("first_day_of_the_window", "2023-04-06", "ECOG", 1),
    ("day_before_the_window", "2023-04-05", "ECOG", 1),
    ("on_the_index_day", "2023-05-04", "ECOG", 1),
    ("last_day_after", "2023-05-11", "ECOG", 1),
    ("day_after_the_last", "2023-05-12", "ECOG", 1),
    ("after_the_second_dose", "2023-05-09", "ECOG", 1),
    ("before_the_second_dose", "2023-05-09", "ECOG", 1),
    ("karnofsky_90", "2023-05-01", "KPS", 90),
    ("karnofsky_60", "2023-05-01", "KPS", 60),
    ("karnofsky_30", "2023-05-01", "KPS", 30),
    ("known_to_the_month_only", "2023-05", "ECOG", 1),
]

DOSES = [
    ("after_the_second_dose", "2023-05-04"),
    ("after_the_second_dose", "2023-05-09"),
    ("before_the_second_dose", "2023-05-04"),
    ("before_the_second_dose", "2023-05-10"),
]

STAGES = [
    ("stage_iia", "2023-05-04", "IIA"),
    ("stage_iva_after_ib", "2023-01-01", "IB"),
    ("stage_iva_after_ib", "2023-02-01", "IVA"),
    ("stage_long_after_index", "2023-08-01", "IVA"),
]


def _cases() -> list[str]:
    cases = {str(r["case_id"]) for name in ("03b_baseline", "03d_metsites") for r in harness.example(f"{name}__input")}
    return sorted(cases | {row[0] for row in ECOG_BOUNDARIES} | {row[0] for row in STAGES})


def _index_rows() -> Iterator[harness.Row]:
    for case in _cases():
        yield {
            "param_set_id": harness.param_set("R3", STUDY),
            "centre_id": harness.CENTRE,
            "patient_key": harness.patient_key(case),
            "calendar": "absolute",
            "data_cutoff": date(2025, 7, 5),
            "index_type": "combination",
            "index_date": INDEX,
            "index_status": "OK",
        }


def _lake() -> dict[str, list[harness.Row]]:
    worked = [(str(r["case_id"]), r["date"], "ECOG", r["value"]) for r in harness.example("03b_baseline__input")]
    return {
        "patient": [{"patient_id": case} for case in _cases()],
        "ecog": [
            {"patient_id": case, "specimen_date": day, "test": scale, "value": value}
            for case, day, scale, value in [*worked, *ECOG_BOUNDARIES]
        ],
        "drug_row": [
            {"patient_id": case, "source_kind": "ADMIN", "raw_name": "tislelizumab", "route": "IV", "start_text": day}
            for case, day in DOSES
        ],
        "disease_event": [
            {
                "patient_id": r["case_id"],
                "event": "M1",
                "event_date_text": "2023-04-01",
                "organ": r["organ"],
                "station": r["detail"],
                "is_distant": r["is_distant"],
            }
            for r in harness.example("03d_metsites__input")
        ],
        "stage": [{"patient_id": case, "stage_date": day, "stage_group": group} for case, day, group in STAGES],
    }


@pytest.fixture(scope="module")
def ecog() -> Mapping[str, tuple[int | None, date | None, str]]:
    """Baseline ECOG, its day and its flag by case."""
    return _results()[0]


@pytest.fixture(scope="module")
def covariates() -> Mapping[tuple[str, str], tuple[Any, ...]]:
    """Number, text and level by case and covariate."""
    return _results()[1]


_RESULTS: list[tuple[dict[str, Any], dict[tuple[str, str], Any]]] = []


def _results() -> tuple[dict[str, Any], dict[tuple[str, str], Any]]:
    if not _RESULTS:
        connection = harness.run_models(
            "+int_baseline_ecog +int_covariates",
            lake=_lake(),
            protocols=[STUDY],
            replaced={"int_index": [*_index_rows()]},
        )
        names = {harness.patient_key(case): case for case in _cases()}
        baseline = connection.execute(
            "select patient_key, cast(value_number as integer), value_date, baseline_flag"
            " from intermediate.int_baseline_ecog"
        ).fetchall()
        values = connection.execute(
            "select patient_key, covariate, cast(value_number as integer), value_text, level"
            " from intermediate.int_covariates"
        ).fetchall()
        _RESULTS.append(
            (
                {names[key]: tuple(found) for key, *found in baseline},
                {(names[key], covariate): tuple(found) for key, covariate, *found in values},
            )
        )
    return _RESULTS[0]


@pytest.mark.parametrize("expected", harness.example("03b_baseline__expected"), ids=lambda row: str(row["case_id"]))
def test_the_worked_baseline_comes_out(
    ecog: Mapping[str, tuple[int | None, date | None, str]], expected: dict[str, str | None]
) -> None:
    """Each case of 03b gets the value, the day and the flag that the rule book gives it."""
    value, day, flag = ecog[str(expected["case_id"])]
    found = (str(value) if value is not None else None, day.isoformat() if day else None, flag or None)
    assert found == (expected["value"], expected["date"], expected["flag"])


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("first_day_of_the_window", (1, date(2023, 4, 6), "")),
        ("day_before_the_window", (None, None, "MISSING")),
        ("on_the_index_day", (1, date(2023, 5, 4), "")),
        ("last_day_after", (1, date(2023, 5, 11), "POST")),
        ("day_after_the_last", (None, None, "MISSING")),
        ("after_the_second_dose", (None, None, "MISSING")),
        ("before_the_second_dose", (1, date(2023, 5, 9), "POST")),
        ("karnofsky_90", (1, date(2023, 5, 1), "")),
        ("karnofsky_60", (2, date(2023, 5, 1), "")),
        ("karnofsky_30", (4, date(2023, 5, 1), "")),
        ("known_to_the_month_only", (None, None, "MISSING")),
    ],
)
def test_the_baseline_window_counts_both_ends(
    ecog: Mapping[str, tuple[int | None, date | None, str]], case: str, expected: tuple[int | None, date | None, str]
) -> None:
    """Days -28 to 0, then +1 to +7 before the second dose; Karnofsky converts; nothing is carried into the window."""
    assert ecog[case] == expected


@pytest.mark.parametrize("expected", harness.example("03d_metsites__expected"), ids=lambda row: str(row["case_id"]))
def test_the_worked_metastatic_sites_come_out(
    covariates: Mapping[tuple[str, str], tuple[Any, ...]], expected: dict[str, str | None]
) -> None:
    """Each case of 03d counts organs and stations as the rule book does, and falls on the right side of three."""
    organs, _, level = covariates[str(expected["case_id"]), "organs"]
    stations, _, _ = covariates[str(expected["case_id"]), "stations"]
    assert (str(organs), str(stations)) == (expected["n_sites_organ"], expected["n_sites_station"])
    assert level == ("> 3" if expected["gt3_organ"] == "Y" else "<= 3")


@pytest.mark.parametrize(
    ("case", "expected"),
    [("stage_iia", ("IIA", "II")), ("stage_iva_after_ib", ("IVA", "IV")), ("stage_long_after_index", (None, None))],
)
def test_the_longest_prefix_is_the_level(
    covariates: Mapping[tuple[str, str], tuple[Any, ...]], case: str, expected: tuple[str | None, str | None]
) -> None:
    """A stage group falls into the level of the longest matching beginning; the latest one before the index counts."""
    assert covariates[case, "stage"][1:] == expected


def test_a_site_nobody_documented_is_missing_not_zero(covariates: Mapping[tuple[str, str], tuple[Any, ...]]) -> None:
    """Without a documented distant site the count keeps its row and stays empty (R0.2)."""
    assert covariates["stage_iia", "organs"] == (None, None, None)
