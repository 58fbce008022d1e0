"""Dosing (R7) by the shipped SQL against the reference, over capsules and infusions drawn at its boundaries."""

from collections.abc import Iterator, Mapping

import duckdb
import pytest

from tests.generated.comparison import DEFAULTS, Overrides, disagreements, report, run
from tests.generated.dosing import DOSING, dosing_histories
from tests.generated.drawing import drawn, patients_wanted
from tests.generated.histories import History
from tests.generated.interfaces import INTERFACES

PATIENTS = 2000
OTHER_PARAMETERS: Overrides = {
    "oral_on_days": "10",
    "oral_cycle_days": "14",
    "oral_grace_days": "21",
    "on_phase_min_on_days": "5",
    "on_phase_min_off_days": "3",
    "interruption_on_days": "2",
    "delay_iv_days": "3",
    "omission_iv_tolerance_days": "4",
    "rdi_max_pct": "100",
}
MODELS = [DOSING.model, *(INTERFACES[name].model for name in DOSING.after)]
PARAMETERS: Mapping[str, Overrides] = {"defaults": DEFAULTS, "other_parameters": OTHER_PARAMETERS}


@pytest.fixture(scope="module")
def histories() -> list[History]:
    return drawn(dosing_histories(), patients_wanted(PATIENTS))


@pytest.fixture(scope="module", params=PARAMETERS)
def overrides(request: pytest.FixtureRequest) -> Overrides:
    return PARAMETERS[request.param]


@pytest.fixture(scope="module")
def warehouse(histories: list[History], overrides: Overrides) -> Iterator[duckdb.DuckDBPyConnection]:
    with run(histories, MODELS, overrides) as connection:
        yield connection


def test_sql_and_reference_agree_on_dosing(
    histories: list[History], warehouse: duckdb.DuckDBPyConnection, overrides: Overrides
) -> None:
    """Doses, reductions, cycles, pauses and dose intensities are the same from both, whatever the parameters."""
    found = disagreements(DOSING, INTERFACES, histories, warehouse, overrides)
    if found:
        example = min(found, key=lambda disagreement: len(disagreement.history.rows))
        pytest.fail(report(DOSING, len(found), len(histories), example), pytrace=False)


def test_the_drawn_doses_reach_every_kind_of_event(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Reductions, escalations, interruptions, delays, omissions and intensities above the limit all occur."""
    columns = ("n_reductions", "n_toxicity_reductions", "n_interruptions", "n_delays", "n_omissions")
    totals = ", ".join(f"sum({column})" for column in columns)
    flags = "count(*) filter (where escalated = 'Y'), count(*) filter (where is_rdi_above_max)"
    found = warehouse.execute(f"select {totals}, {flags} from intermediate.int_dosing").fetchall()
    assert all(found[0]), found
