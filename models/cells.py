"""What a mapping says about single columns of a source: where a value stands, which rows count, what becomes of it."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class Strict(BaseModel):
    """Base of all that a configuration says: a key that is not described is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _one_or_several(names: object) -> object:
    return (names,) if isinstance(names, str) else names


Columns = Annotated[tuple[str, ...], BeforeValidator(_one_or_several)]
"""Names of columns; a single one may be written without brackets."""


class Condition(Strict):
    """One condition on a source row; a feed takes rows that meet all of its conditions."""

    column: str
    among: tuple[str, ...] | None = None
    not_among: tuple[str, ...] | None = None
    present: bool | None = Field(None, description="true: has a value; false: is empty")
    matches: str | None = Field(None, description="regular expression found anywhere in the value")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(x is not None for x in (self.among, self.not_among, self.present, self.matches)) != 1:
            raise ValueError("a condition needs exactly one of among, not_among, present, matches")
        return self


class Lookup(Strict):
    """A column that a source has not itself: the `value` of the row of another source whose `key` is `column`.

    `column` may be looked up itself. Several columns are matched one by one with as many keys. Without such a row, and
    without a file of a source that is not required, the value is that of `otherwise`. Of several values the smallest
    counts.
    """

    column: Columns
    source: str
    key: Columns
    value: str
    when: tuple[Condition, ...] = Field((), description="which rows of the other source count")
    otherwise: str | None = Field(None, description="column of this source that stands in where nothing is found")

    @model_validator(mode="after")
    def _as_many_keys(self) -> Self:
        if not self.column or len(self.column) != len(self.key):
            raise ValueError("column and key need one name each, or lists of the same length")
        return self

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of its own source that it is made from."""
        return (*self.column, self.otherwise) if self.otherwise else self.column


class Cell(Strict):
    """Where the value of one contract column comes from.

    Exactly one of `column`, `columns` or `constant`. Steps apply in this order: pick (`take` or `join` of several
    columns), null tokens, `pattern` (first group), `remove`, `map`, `phrases` or `vocabulary`, then the reading of the
    contract's kind (`date`, `multiply`).
    """

    column: str | None = None
    columns: tuple[str, ...] | None = None
    constant: str | None = None
    take: Literal["first"] | None = Field(None, description="first of `columns` that has a value")
    join: str | None = Field(None, description="joins the values of `columns` with this text")
    system: str | None = Field(None, description="system of numbers that a patient's or record's number belongs to")
    pattern: str | None = Field(
        None, description="regular expression; the value is its first group, empty when it does not match"
    )
    remove: tuple[str, ...] = Field((), description="texts taken out, such as thousands separators")
    map: dict[str, str] | None = Field(None, description="source value to contract value")
    otherwise: Literal["reject", "null", "keep"] = Field(
        "reject", description="what becomes of a value that `map` does not list"
    )
    phrases: tuple[tuple[str, str], ...] | None = Field(
        None,
        description="forms of a code in order: the first regular expression found gives the value, none gives null",
    )
    vocabulary: str | None = Field(
        None,
        description="reviewed phrases by which free text is read; what it does not affirm is null and on the worklist",
    )
    if_denied: str | None = Field(None, description="value of a text that denies all that the vocabulary asks for")
    may_be_silent: bool = Field(
        False, description="a text without any phrase of the vocabulary is no gap: it talks of something else"
    )
    date: Literal["text", "excel_serial_or_text", "iso8601", "days_from_anchor"] = Field(
        "text", description="iso8601: as far as it is known from the year on; 2024---15 is 2024, hours are left out"
    )
    multiply: Decimal | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(x is not None for x in (self.column, self.columns, self.constant)) != 1:
            raise ValueError("a cell needs exactly one of column, columns, constant")
        if self.columns is not None and (self.take is None) == (self.join is None):
            raise ValueError('columns = [...] needs either take = "first" or join = "..."')
        if sum(x is not None for x in (self.map, self.phrases, self.vocabulary)) > 1:
            raise ValueError("a cell has either map, phrases or vocabulary")
        if self.vocabulary is not None and self.constant is not None:
            raise ValueError("vocabulary reads a column, not a constant")
        if self.vocabulary is None and (self.if_denied is not None or self.may_be_silent):
            raise ValueError("if_denied and may_be_silent belong to vocabulary")
        return self

    @property
    def origins(self) -> tuple[str, ...]:
        """The columns of the source that the value comes from; none for a constant."""
        return (self.column,) if self.column is not None else self.columns or ()


class Explode(Strict):
    """Several things in one cell, each of which becomes a row.

    With `separators` the cell is cut at them. With `vocabulary` the cell is free text and stands for the codes of one
    `family` that it affirms.
    """

    column: str
    separators: tuple[str, ...] = ()
    vocabulary: str | None = None
    family: str = ""
    may_be_silent: bool = Field(False, description="as in a cell: a text without any phrase is no gap")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.separators) == (self.vocabulary is not None):
            raise ValueError("explode needs either separators or vocabulary")
        if self.vocabulary is None and (self.family or self.may_be_silent):
            raise ValueError("family and may_be_silent belong to vocabulary")
        return self
