"""Pooling, small cells, landmark and competing risks against the worked examples 09f to 09i."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from lifelines import AalenJohansenFitter

from analysis.disclosure import shown_counts
from analysis.statistics.competing_risks import cumulative_incidence
from analysis.statistics.kaplan_meier import fit, rate
from analysis.statistics.landmark import landmark
from analysis.statistics.meta_analysis import pool

EXAMPLES = Path(__file__).resolve().parents[1] / "rules" / "examples"

HALF_OF_THE_LAST_DIGIT = 5e-5
ROUNDED_INPUT = 5e-6


def example(name: str, case: str) -> list[dict[str, str]]:
    """The rows of one case."""
    with (EXAMPLES / f"{name}.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["case_id"] == case]


@pytest.mark.parametrize("case", ["MA01", "MA02"])
def test_pooled_centres_are_the_rule_book_s(case: str) -> None:
    """Pooled ratio, Wald and Hartung-Knapp intervals, both variances, I2 and prediction interval, to the last digit."""
    rows = example("09f_meta__input", case)
    found = pool(*(np.array([float(row[name]) for row in rows]) for name in ("log_hr", "se")))
    wanted = example("09f_meta__expected", case)[0]
    ratios = {
        "hr_re": found.effect,
        "wald_lo": found.wald[0],
        "wald_hi": found.wald[1],
        "hk_lo": found.hartung_knapp[0],
        "hk_hi": found.hartung_knapp[1],
    }
    # The input table prints six decimals of ln 0.45 and ln 1.35; the upper limit of 832 feels the seventh.
    for name, value in ratios.items():
        assert math.exp(value) == pytest.approx(float(wanted[name]), rel=ROUNDED_INPUT, abs=HALF_OF_THE_LAST_DIGIT)
    for name, value in {"tau2_reml": found.tau2_reml, "tau2_dl": found.tau2_dersimonian_laird}.items():
        assert value == pytest.approx(float(wanted[name]), rel=ROUNDED_INPUT, abs=1e-5)
    assert f"{found.i2_percent:.1f}" == wanted["i2_pct"]
    predicted = [f"{math.exp(limit):.4f}" for limit in found.prediction] if found.prediction else ["", ""]
    assert predicted == [wanted["pi_lo"], wanted["pi_hi"]]


def test_centres_that_agree_have_no_variance_between_them() -> None:
    """Equal effects: no heterogeneity, and Hartung-Knapp keeps the ordinary variance instead of shrinking it."""
    found = pool(np.array([0.5, 0.5, 0.5]), np.array([0.2, 0.3, 0.4]))
    assert (found.tau2_reml, found.i2_percent) == (0.0, 0.0)
    assert found.hartung_knapp[0] < found.wald[0] < found.effect < found.wald[1] < found.hartung_knapp[1]


@pytest.mark.parametrize("case", ["SU01", "SU02", "SU03", "SU04", "SU05"])
def test_small_cells_are_hidden_as_the_rule_book_says(case: str) -> None:
    """Small counts, the cell that would give one away, and zeros that stay."""
    rows = example("09g_suppress__input", case)
    shown = shown_counts([int(row["count"]) for row in rows], int(rows[0]["k"]))
    wanted = example("09g_suppress__expected", case)
    assert [(str(cell), text) for cell, text in enumerate(shown, start=1)] == [(r["cell"], r["shown"]) for r in wanted]


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((40, 1, 1), ("suppressed", "<5", "<5")),
        ((40, 4, 4), ("suppressed", "<5", "<5")),
        ((40, 3, 2), ("40", "<5", "<5")),
    ],
)
def test_a_total_with_one_solution_hides_one_more(counts: tuple[int, ...], shown: tuple[str, ...]) -> None:
    """Two hidden cells of 1 and 1 (or of 4 and 4) could be read off their sum; 3 and 2 could not."""
    assert shown_counts(counts, 5) == shown


@pytest.mark.parametrize("case", ["LM01"])
def test_the_landmark_s_groups_are_the_rule_book_s(case: str) -> None:
    """Who is out, who had responded by the landmark, and the time from there."""
    rows = example("09h_landmark__input", case)
    responded = np.array([float(row["time_to_response_m"] or "nan") for row in rows])
    found = landmark(responded, np.array([float(row["os_m"]) for row in rows]), 2.0)
    groups = np.where(~found.is_kept, "EXCLUDED", np.where(found.had_status, "RESPONDER", "NON_RESPONDER"))
    shown = [
        (group, "" if math.isnan(months) else f"{months:.1f}", row["os_event"] if group != "EXCLUDED" else "")
        for group, months, row in zip(groups, found.months, rows, strict=True)
    ]
    wanted = example("09h_landmark__expected", case)
    assert shown == [(row["group"], row["time_from_landmark_m"], row["event"]) for row in wanted]


@pytest.mark.parametrize("case", ["CR01"])
def test_cumulative_incidence_is_the_rule_book_s(case: str) -> None:
    """Aalen-Johansen beside 1 - KM, which counts the dead as still at risk of progression."""
    rows = example("09i_cif__input", case)
    times, codes = np.array([float(row["time"]) for row in rows]), np.array([int(row["code"]) for row in rows])
    incidence, curve = cumulative_incidence(times, codes, 1), fit(times, codes == 1)
    for row in example("09i_cif__expected", case):
        naive = rate(curve, float(row["time"]), "loglog")
        assert naive is not None
        assert f"{incidence.at(float(row['time'])):.4f}" == row["cif_progression"]
        assert f"{1 - naive.survival:.4f}" == row["one_minus_km"]


def test_incidences_of_all_causes_sum_to_the_events() -> None:
    """With ties, the incidences of all causes add up to one minus event-free survival, and lifelines agrees untied."""
    random = np.random.default_rng(11)
    times, codes = random.integers(1, 10, 200).astype(np.float64), random.integers(0, 3, 200)
    together = cumulative_incidence(times, codes, 1).incidence + cumulative_incidence(times, codes, 2).incidence
    anything = rate(fit(times, codes != 0), 9.0, "loglog")
    assert anything is not None
    assert together[-1] == pytest.approx(1 - anything.survival)
    untied = times + random.permutation(200) / 1000
    theirs = AalenJohansenFitter(calculate_variance=False).fit(untied, codes, event_of_interest=1)
    ours = cumulative_incidence(untied, codes, 1)
    assert ours.incidence[-1] == pytest.approx(float(theirs.cumulative_density_.iloc[-1, 0]))
