"""R0.1: patients followed across systems of numbers; merges and splits are data, in both directions."""

from collections.abc import Iterator, Sequence

import duckdb
import pytest

from tests.rules.harness import CENTRE, Row, patient_key, run_models

FIRST = {"delivery_id": "delivery_1", "extract_date": "2025-05-31", "delivery_seq": 1}
SECOND = {"delivery_id": "delivery_2", "extract_date": "2025-06-30", "delivery_seq": 1}
THIRD = {"delivery_id": "delivery_3", "extract_date": "2025-07-31", "delivery_seq": 1}


def link(id_a: str, id_b: str, *said: Row, **other: object) -> Iterator[Row]:
    """Two numbers of one person, as each of some deliveries says."""
    for one in said or (FIRST,):
        yield {"row_key": f"{id_a} = {id_b}", "id_a": id_a, "id_b": id_b, **one, **other}


WITHDRAWN = {"is_withdrawn": True}

LINKS: list[Row] = [
    *link("chain_a", "chain_b"),
    *link("chain_c", "chain_b"),
    *link("chain_c", "chain_d", THIRD),
    *link("cycle_a", "cycle_b"),
    *link("cycle_b", "cycle_c"),
    *link("cycle_c", "cycle_a"),
    *link("itself", "itself"),
    *link("split_a", "split_b", FIRST, {**SECOND, **WITHDRAWN}),
    *link("rejoined_a", "rejoined_b", FIRST, {**SECOND, **WITHDRAWN}, THIRD),
    *link("corrected_a", "corrected_b", FIRST, {**SECOND, **WITHDRAWN}),
    *link("corrected_a", "corrected_c", SECOND),
    *link("bridge_a", "bridge_b"),
    *link("bridge_b", "bridge_c", FIRST, {**THIRD, **WITHDRAWN}),
    *link("bridge_c", "bridge_d"),
    *link("from_next_year_a", "from_next_year_b", valid_from="2026-01-01"),
    *link("elsewhere_a", "elsewhere_b", centre_id="centre_b"),
    *link("only_in_links_a", "only_in_links_b"),
]

TOGETHER = [
    ["chain_a", "chain_b", "chain_c", "chain_d"],
    ["cycle_a", "cycle_b", "cycle_c"],
    ["itself"],
    ["split_a"],
    ["split_b"],
    ["rejoined_a", "rejoined_b"],
    ["corrected_a", "corrected_c"],
    ["corrected_b"],
    ["bridge_a", "bridge_b"],
    ["bridge_c", "bridge_d"],
    ["from_next_year_a", "from_next_year_b"],
    ["elsewhere_a"],
    ["elsewhere_b"],
]


LANDED_IN_ANY_ORDER: dict[str, Row] = {
    "cycle_a": {"patient_id": "cycle_a", "birth_ym": "1960-01", "row_hash": "2", **THIRD},
    "cycle_b": {"patient_id": "cycle_b", "birth_ym": "1960-02", "row_hash": "1", **FIRST},
    "bridge_a": {"patient_id": "bridge_a", "birth_ym": "1960-01", "row_hash": "2", **FIRST},
    "bridge_b": {"patient_id": "bridge_b", "birth_ym": "1960-02", "row_hash": "1", **THIRD},
}
"""Two numbers of one person, whose months of birth disagree."""


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    """Staging of a hospital where each number has one ECOG, under the links above."""
    numbers = [number for group in TOGETHER for number in group]
    ecog = [{"patient_id": number, "test": "ECOG", "value": 1, "specimen_date": "2024-01-01"} for number in numbers]
    patients = [LANDED_IN_ANY_ORDER.get(number, {"patient_id": number}) for number in numbers]
    return run_models(
        "+stg_ecog +stg_patient_numbers", lake={"patient": patients, "ecog": ecog, "identity_link": LINKS}
    )


@pytest.mark.parametrize("group", TOGETHER, ids="-".join)
def test_numbers_that_hang_together_are_one_patient(
    connection: duckdb.DuckDBPyConnection, group: Sequence[str]
) -> None:
    """R0.1: over chains and cycles, by the links that the centre last said; the key is that of the smallest number.

    A withdrawn link leaves both as if they had never been linked, and what hung together by it falls apart. From when
    a link is used (`valid_from`) does not matter: it was one person before.
    """
    found = connection.execute(
        "select patient_id, patient_key from staging.stg_patient_numbers "
        "where centre_id = ? and list_contains(?, patient_id)",
        [CENTRE, list(group)],
    ).fetchall()
    assert sorted(found) == [(number, patient_key(min(group))) for number in sorted(group)]


def test_rows_of_all_numbers_are_the_patient_s(connection: duckdb.DuckDBPyConnection) -> None:
    """R0.1: what is recorded under any number counts for the one patient, and nothing goes to another."""
    found = connection.execute("select patient_key, count(*) from staging.stg_ecog group by all").fetchall()
    assert dict(found) == {patient_key(min(group)): len(group) for group in TOGETHER}


def test_a_fact_does_not_depend_on_what_landed_last(connection: duckdb.DuckDBPyConnection) -> None:
    """R0.7: of two numbers that disagree the same one counts whichever landed last: a dump lands only what changed."""
    found = connection.execute(
        "select patient_key, birth_ym from staging.stg_patient where birth_ym is not null order by all"
    ).fetchall()
    assert found == sorted((patient_key(number), "1960-02") for number in ("bridge_a", "cycle_a"))
