"""Pseudonyms in SQL: HMAC-SHA256 of (system of numbers, number), and the numbers that a centre has shown before.

Source: RFC 2104. A connection that holds numbers must not spill to disk.
"""

import hashlib
from collections.abc import Iterable

import duckdb
import pyarrow as pa

from warehouse.sqltext import literal

BLOCK_BYTES = 64
PSEUDONYM_CHARACTERS = 24

NUMBERS = pa.schema([(name, pa.string()) for name in ("system", "number", "pseudonym", "delivery_id")])
"""One row a patient's number of a centre: the pseudonym that it was given, and the delivery that showed it first."""

MET = "met_numbers"
"""Temporary table of the numbers in the current chunk: `system`, `number`, `pseudonym`, `is_new`."""


def create_hashes(connection: duckdb.DuckDBPyConnection, *, patients: bytes, records: bytes) -> None:
    """Makes the SQL macros `patient_hash` and `record_hash` of (system, value); NULL stays NULL.

    Args:
        connection: where to.
        patients: secret under which new numbers of patients get their pseudonyms.
        records: secret for numbers of records, which are not recorded one by one.
    """
    for name, secret in (("patient", patients), ("record", records)):
        block = secret if len(secret) <= BLOCK_BYTES else hashlib.sha256(secret).digest()
        block = block.ljust(BLOCK_BYTES, b"\0")
        for pad, mask in (("inner", 0x36), ("outer", 0x5C)):
            connection.execute(f"SET VARIABLE {name}_{pad} = $1::BLOB", [bytes(byte ^ mask for byte in block)])
        inner = f"unhex(sha256(getvariable('{name}_inner') || encode(system || chr(31) || value)))"
        connection.execute(
            f"CREATE TEMP MACRO {name}_hash(system, value) AS "
            f"left(sha256(getvariable('{name}_outer') || {inner}), {PSEUDONYM_CHARACTERS})"
        )


def create_numbers(connection: duckdb.DuckDBPyConnection, recorded: pa.Table) -> None:
    """Makes the recorded numbers of a centre known to the connection, which must have `patient_hash`."""
    connection.register("recorded_numbers", recorded)
    connection.execute("CREATE TEMP TABLE new_numbers (system VARCHAR, number VARCHAR, pseudonym VARCHAR)")
    connection.execute(f"CREATE TEMP TABLE {MET} (system VARCHAR, number VARCHAR, pseudonym VARCHAR, is_new BOOLEAN)")


def meet_numbers(connection: duckdb.DuckDBPyConnection, numbers: Iterable[str]) -> None:
    """Looks up the numbers of the current chunk and records those that are new.

    Args:
        connection: has the numbers of `create_numbers`.
        numbers: selects of `system` and `number`; repeated ones are asked once.
    """
    selects = " UNION ".join(f"({select})" for select in dict.fromkeys(numbers))
    connection.execute(f"DELETE FROM {MET}")
    connection.execute(
        f"""
        INSERT INTO {MET}
        SELECT met.system, met.number, coalesce(known.pseudonym, patient_hash(met.system, met.number)),
            known.pseudonym IS NULL
        FROM (SELECT DISTINCT system, number FROM ({selects}) WHERE number IS NOT NULL) AS met
        LEFT JOIN (
            SELECT system, number, pseudonym FROM recorded_numbers
            UNION ALL SELECT system, number, pseudonym FROM new_numbers
        ) AS known ON met.system = known.system AND met.number = known.number
        """
    )
    connection.execute(f"INSERT INTO new_numbers SELECT system, number, pseudonym FROM {MET} WHERE is_new")


def new_numbers(connection: duckdb.DuckDBPyConnection, delivery_id: str) -> pa.Table:
    """The numbers that this connection met first, as rows of `NUMBERS`."""
    rows = f"SELECT system, number, pseudonym, {literal(delivery_id)} AS delivery_id FROM new_numbers ORDER BY ALL"
    return connection.sql(rows).to_arrow_table().cast(NUMBERS)
