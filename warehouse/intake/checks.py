"""The contract check (rule R10, DQ001 to DQ005) as SQL conditions: when a column of a mapped record fails, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from models.contract import Column, Kind
from warehouse.sqltext import identifier, literal, literals

UNPARSEABLE_DATE = "DQ004"
IMPOSSIBLE_DATE = "DQ005"
DATES = (Kind.PARTIAL_DATE, Kind.MONTH)
NUMBERS = (Kind.INTEGER, Kind.DECIMAL)
IDENTITIES = (Kind.PATIENT, Kind.RECORD)

SPOILT_NUMBER = r"\d(?:[.]\d+)?E[+]\d+|#(?:N/A|REF!|VALUE!|NAME[?]|DIV/0!|NUM!|NULL!)|##+"
"""What a spreadsheet leaves of a long number: other patients' would look the same."""


class Reason(StrEnum):
    """Why a record is in quarantine."""

    EMPTY = "empty"
    SPOILT_NUMBER = "spoilt_number"
    NOT_IN_MAP = "not_in_map"
    NOT_PERMITTED = "not_permitted"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_DATE = "not_a_date"
    IMPOSSIBLE_DATE = "impossible_date"


@dataclass(frozen=True)
class Failure:
    """One way in which a record can fail. `condition` is SQL over the steps of the compiled feed."""

    check_id: str
    column: str
    reason: Reason
    condition: str


def picked(name: str) -> str:
    """SQL name of a cell before its map or phrases."""
    return identifier(f"picked {name}")


def text(name: str) -> str:
    """SQL name of a cell after them."""
    return identifier(f"text {name}")


def candidate(name: str) -> str:
    """SQL name of a date before the calendar has its say."""
    return identifier(f"candidate {name}")


def failures_of(column: Column, *, has_map: bool) -> Iterator[Failure]:
    """The ways in which one column can fail, in the order in which they are told."""
    name = column.name
    if has_map:
        yield Failure(column.check_id, name, Reason.NOT_IN_MAP, f"{picked(name)} IS NOT NULL AND {text(name)} IS NULL")
    if not column.nullable:
        yield Failure(column.check_id, name, Reason.EMPTY, f"{text(name)} IS NULL")
    if column.kind in IDENTITIES:
        # The first condition spares nearly all rows the second.
        may_be = f"({text(name)} LIKE '%E+%' OR {text(name)} LIKE '#%')"
        spoilt = f"{may_be} AND regexp_full_match({text(name)}, {literal(SPOILT_NUMBER)})"
        yield Failure(column.check_id, name, Reason.SPOILT_NUMBER, spoilt)
    if column.values:
        yield Failure(column.check_id, name, Reason.NOT_PERMITTED, f"{text(name)} NOT IN ({literals(column.values)})")
    if column.kind in NUMBERS:
        yield Failure(
            column.check_id, name, Reason.NOT_A_NUMBER, f"{text(name)} IS NOT NULL AND {identifier(name)} IS NULL"
        )
    bounds = [f"{identifier(name)} < {column.minimum}"] if column.minimum is not None else []
    bounds += [f"{identifier(name)} > {column.maximum}"] if column.maximum is not None else []
    if bounds:
        yield Failure(column.check_id, name, Reason.OUT_OF_RANGE, " OR ".join(bounds))
    if column.kind in DATES:
        yield Failure(
            UNPARSEABLE_DATE, name, Reason.NOT_A_DATE, f"{text(name)} IS NOT NULL AND {candidate(name)} IS NULL"
        )
        yield Failure(
            IMPOSSIBLE_DATE,
            name,
            Reason.IMPOSSIBLE_DATE,
            f"{candidate(name)} IS NOT NULL AND {identifier(name)} IS NULL",
        )
