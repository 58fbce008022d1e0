"""Draws many patients at once, so that the SQL under test runs once for all of them."""

import os
from collections.abc import Hashable
from typing import Protocol, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

FULL = "ONCOMART_GENERATED_PATIENTS"


class Drawable(Protocol):
    """An invented patient; two with the same rows are one."""

    @property
    def rows(self) -> Hashable: ...


Invented = TypeVar("Invented", bound=Drawable)


def patients_wanted(default: int) -> int:
    """Patients to draw: the default, or what the environment variable ONCOMART_GENERATED_PATIENTS says."""
    return int(os.environ.get(FULL, default))


def drawn(strategy: SearchStrategy[Invented], number: int) -> list[Invented]:
    """The same patients at every run: no example database, a fixed seed, no shrinking (that is done in batches)."""
    histories: dict[Hashable, Invented] = {}

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
    def collect(history: Invented) -> None:
        histories.setdefault(history.rows, history)

    collect()
    return list(cases.values())
