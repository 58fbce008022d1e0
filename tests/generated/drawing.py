"""Draws many patients at once, so that the SQL under test runs once for all of them."""

import os
from typing import Protocol, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy


class Invented(Protocol):
    """A patient or a result; two with the same rows are one."""

    @property
    def rows(self) -> tuple[object, ...]: ...


Case = TypeVar("Case", bound=Invented)

FULL = "ONCOMART_GENERATED_PATIENTS"


def patients_wanted(default: int) -> int:
    """Patients to draw: the default, or what the environment variable ONCOMART_GENERATED_PATIENTS says."""
    return int(os.environ.get(FULL, default))


def drawn(strategy: SearchStrategy[Case], number: int) -> list[Case]:
    """The same cases at every run: no example database, a fixed seed, no shrinking (that is done in batches)."""
    cases: dict[tuple[object, ...], Case] = {}

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
    def collect(case: Case) -> None:
        cases.setdefault(case.rows, case)

    collect()
    return list(cases.values())
