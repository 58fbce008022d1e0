"""Draws many patients at once, so that the SQL under test runs once for all of them."""

import os

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from tests.generated.histories import History

FULL = "ONCOMART_GENERATED_PATIENTS"


def patients_wanted(default: int) -> int:
    """Patients to draw: the default, or what the environment variable ONCOMART_GENERATED_PATIENTS says."""
    return int(os.environ.get(FULL, default))


def drawn(strategy: SearchStrategy[History], number: int) -> list[History]:
    """The same patients at every run: no example database, a fixed seed, no shrinking (that is done in batches)."""
    histories: dict[tuple[object, ...], History] = {}

    @seed(1)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(history: History) -> None:
        histories.setdefault(history.rows, history)

    collect()
    return list(histories.values())
