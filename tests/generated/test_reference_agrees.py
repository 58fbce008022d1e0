"""The shipped SQL against the reference, over patients drawn at the boundaries of the rules.

Each kind of patient is drawn 400 times by default, and the SQL runs once for all of them. The environment variable
ONCOMART_GENERATED_PATIENTS sets the number per kind; 5000 is the full size, some minutes on two cores.
"""

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import pytest
from hypothesis.strategies import SearchStrategy

from tests.generated import strategies
from tests.generated.comparison import DEFAULTS, Overrides, disagreements, report, run, smallest
from tests.generated.drawing import drawn, patients_wanted
from tests.generated.histories import History
from tests.generated.interfaces import INTERFACES

KINDS: Mapping[str, SearchStrategy[History]] = {
    "infusions": strategies.infusion_histories(),
    "capsules": strategies.oral_histories(),
    "maintenance": strategies.maintenance_histories(),
    "lines": strategies.line_histories(),
    "curative_courses": strategies.curative_histories(),
    "combinations": strategies.combination_histories(),
}
PATIENTS_PER_KIND = 400
OTHER_PARAMETERS = {
    "combo_window_days": "42",
    "line_gap_days": "90",
    "tbp_max_gap_days": "14",
    "unknown_pd_policy": "SAME",
    "gap_exempt_drugs": "irinotecan|apatinib",
    "maintenance_drugs": "s1|irinotecan",
    "switch_maint_max_days": "28",
    "maintenance_min_cycles": "3",
    "curative_to_line_months": "3",
    "neoadj_to_surgery_max_days": "90",
    "adj_start_max_days": "84",
    "definitive_rt_min_gy": "45",
    "nonpd_max_age_days": "127",
    "oral_grace_days": "14",
    "ici_same_agent_min_months": "2",
    "ici_continuation_max_days": "63",
    "sd_min_days": "35",
    "activity_after_death_days": "3",
    "tte_add_one": "0",
}


@pytest.fixture(scope="module")
def histories() -> list[History]:
    return [history for kind in KINDS.values() for history in drawn(kind, patients_wanted(PATIENTS_PER_KIND))]


@pytest.fixture(scope="module")
def warehouse(histories: list[History]) -> Iterator[duckdb.DuckDBPyConnection]:
    with run(histories, all_models()) as connection:
        yield connection


@pytest.fixture(scope="module")
def other_warehouse(histories: list[History]) -> Iterator[duckdb.DuckDBPyConnection]:
    with run(histories, all_models(), OTHER_PARAMETERS) as connection:
        yield connection


@pytest.mark.parametrize("name", INTERFACES)
def test_sql_and_reference_agree(name: str, histories: list[History], warehouse: duckdb.DuckDBPyConnection) -> None:
    """Two readings of one rule book, written apart, say the same of every drawn patient."""
    require_agreement(name, histories, warehouse, DEFAULTS)


@pytest.mark.parametrize("name", INTERFACES)
def test_sql_and_reference_agree_under_other_parameters(
    name: str, histories: list[History], other_warehouse: duckdb.DuckDBPyConnection
) -> None:
    """A study that overrides parameters gets the same from both: no number hides in either."""
    require_agreement(name, histories, other_warehouse, OTHER_PARAMETERS)


def all_models() -> list[str]:
    return [interface.model for interface in INTERFACES.values()]


def require_agreement(
    name: str, histories: Sequence[History], connection: duckdb.DuckDBPyConnection, overrides: Overrides
) -> None:
    interface = INTERFACES[name]
    found = disagreements(interface, INTERFACES, histories, connection, overrides)
    if found:
        example = smallest(interface, INTERFACES, found, overrides)
        pytest.fail(report(interface, len(found), len(histories), example), pytrace=False)
