"""The words a contract is written in: kinds of column, columns, tables."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds, and with it how intake reads it and which type the lake stores."""

    TEXT = "text"
    CODE = "code"
    FLAG = "flag"
    INTEGER = "integer"
    DECIMAL = "decimal"
    PARTIAL_DATE = "partial_date"
    MONTH = "month"
    PATIENT = "patient"
    RECORD = "record"


LAKE_TYPES: dict[Kind, str] = {
    Kind.TEXT: "VARCHAR",
    Kind.CODE: "VARCHAR",
    Kind.FLAG: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.DECIMAL: "DECIMAL(18,4)",
    Kind.PARTIAL_DATE: "VARCHAR",
    Kind.MONTH: "VARCHAR",
    Kind.PATIENT: "VARCHAR",
    Kind.RECORD: "VARCHAR",
}
"""Type of each kind in the lake. Dates stay ISO text cut at the precision that was known (rule R0.3)."""


class Identifies(StrEnum):
    """Whether a value points at a person, and what landing does about it."""

    NO = "no"
    PSEUDONYM = "pseudonym"
    """Replaced at landing by a keyed pseudonym."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a contract table.

    `values` are the permitted values of a CODE, `minimum` and `maximum` the permitted range of a number;
    `check_id` is the data-quality check that a value outside them fails (rule R10).
    """

    name: str
    kind: Kind
    meaning: str
    nullable: bool = True
    unit: str | None = None
    values: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    check_id: str = "DQ000"

    @property
    def identifies(self) -> Identifies:
        """PSEUDONYM for numbers of patients and of records, NO for everything else."""
        return Identifies.PSEUDONYM if self.kind in (Kind.PATIENT, Kind.RECORD) else Identifies.NO

    @property
    def lake_type(self) -> str:
        """SQL type of the column in the lake."""
        return LAKE_TYPES[self.kind]


@dataclass(frozen=True, kw_only=True)
class Table:
    """One logical input table of rule R0.1: its grain, its columns and whether patients' rows stand in it."""

    name: str
    grain: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the content columns, in contract order."""
        return tuple(column.name for column in self.columns)

    @property
    def patient_column(self) -> Column:
        """The column that says whose row this is; it decides the patient bucket."""
        return next(column for column in self.columns if column.kind is Kind.PATIENT)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when the contract has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
