"""How a centre's own files become contract rows: the language of `centres/<id>/`.

A centre is a folder: `centre.toml` (who, calendar, deliveries, sources), `tables/<contract table>.toml` (one mapping
each) and, where it has words of its own, `phrases.csv`. Nothing here is code: a mapping is read, checked against the
contract and compiled by `warehouse`.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.contract import CONTRACT, Kind
from models.errors import ConfigError

DEFAULT_NULL_TOKENS = ("", "NULL", "null", "N/A", "-", "--", "/", "无", "不详", "未知")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Calendar(StrEnum):
    """ABSOLUTE sources give calendar dates, RELATIVE ones days from an event.

    The latter have no cutoff and no calendar checks.
    """

    ABSOLUTE = "absolute"
    RELATIVE = "relative"


class Layout(StrEnum):
    """DATED: one folder a delivery, named by its extract date. SINGLE: the folder itself is the only delivery."""

    DATED = "dated"
    SINGLE = "single"


class Deliveries(_Strict):
    """Where a centre's deliveries are. `path` is relative to the configuration file that names the centre."""

    path: str
    layout: Layout = Layout.DATED
    extract_date: date | None = Field(None, description="of a SINGLE delivery; a DATED one is named by its folder")

    @model_validator(mode="after")
    def _single_needs_date(self) -> Self:
        if self.layout is Layout.SINGLE and self.extract_date is None:
            raise ValueError('layout = "single" needs extract_date = YYYY-MM-DD')
        return self


class Source(_Strict):
    """One kind of file in a delivery.

    Without `format` the name of a file tells its own (.csv, .xlsx, .parquet). Rows before `header_row` and the
    `skip_after_header` rows after it are headers, not data.
    """

    files: Annotated[list[str], Field(min_length=1, description="glob patterns below the delivery's folder")]
    format: Literal["csv", "xlsx", "parquet"] | None = Field(None, description="default: what the file's name says")
    encoding: str = Field("utf-8-sig", description="csv only; any codec that Python knows")
    delimiter: str = ","
    quote: str = '"'
    sheet: str | None = Field(None, description="xlsx only")
    header_row: int = Field(1, ge=1, description="physical row that names the columns; 1 is the first")
    skip_after_header: int = Field(0, ge=0, description="further header rows below it")
    null_tokens: tuple[str, ...] = DEFAULT_NULL_TOKENS
    required: bool = Field(True, description="whether a delivery without such a file is refused")


class Condition(_Strict):
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


class Cell(_Strict):
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
    date: Literal["text", "excel_serial_or_text", "days_from_anchor"] = "text"
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


class Explode(_Strict):
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


class Feed(_Strict):
    """One source feeding one contract table. In names of columns `{n}` stands for each number of `repeat`."""

    source: str
    when: tuple[Condition, ...] = ()
    repeat: tuple[int, ...] = ()
    explode: Explode | None = None
    columns: dict[str, Cell]
    withdrawn: Condition | None = Field(None, description="rows that take a record back")

    @model_validator(mode="before")
    @classmethod
    def _short_cells(cls, data: object) -> object:
        """`raw_name = "医嘱名称"` is short for `raw_name = {column = "医嘱名称"}`."""
        if isinstance(data, dict) and isinstance(data.get("columns"), dict):
            cells = {
                name: {"column": cell} if isinstance(cell, str) else cell for name, cell in data["columns"].items()
            }
            return {**data, "columns": cells}
        return data


class TableMapping(_Strict):
    """How one contract table is fed.

    `key` is the business key in contract columns: versions of one record share it; empty means that the whole content
    is the key.
    `delivery` says whether a delivery is the full table or only the changes since the last one.
    """

    table: str
    key: tuple[str, ...] = ()
    delivery: Literal["full", "changes"] = "full"
    feed: Annotated[list[Feed], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits_contract(self) -> Self:
        table = CONTRACT.get(self.table)
        if table is None:
            raise ValueError(f"there is no contract table {self.table!r}; there are {', '.join(CONTRACT)}")
        for name in self.key:
            if name not in table.column_names:
                raise ValueError(f"key names {name!r}, which {self.table} does not have")
        for number, feed in enumerate(self.feed, start=1):
            _check_feed(self.table, number, feed)
        return self


def _check_feed(table_name: str, number: int, feed: Feed) -> None:
    table = CONTRACT[table_name]
    where = f"feed {number} of {table_name}"
    for name, cell in feed.columns.items():
        if name not in table.column_names:
            raise ValueError(f"{where} fills {name!r}, which the contract does not have")
        kind = table.column(name).kind
        if kind in (Kind.PATIENT, Kind.RECORD) and cell.system is None:
            raise ValueError(f"{where}: {name} needs system = ..., the system of numbers it belongs to")
        permitted = table.column(name).values
        given = [*(cell.map or {}).values(), *(value for _, value in cell.phrases or ())]
        given += [value for value in (cell.constant, cell.if_denied) if value is not None]
        unknown = sorted(set(given) - set(permitted)) if permitted else []
        if unknown:
            raise ValueError(f"{where}: {name} would become {', '.join(unknown)}; permitted are {', '.join(permitted)}")
    missing = [column.name for column in table.columns if not column.nullable and column.name not in feed.columns]
    if missing:
        raise ValueError(f"{where} does not fill {', '.join(missing)}, which may not be empty")


class Centre(_Strict):
    """`centre.toml`: who the centre is, its calendar, its deliveries and the kinds of file in them.

    With `mapping` the centre delivers in a standard that ships with its mappings (a folder of `centres/formats/`): the
    standard's sources and tables hold, and those that the centre's own folder has besides replace them one by one.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="becomes centre_id on every row")]
    name: str
    calendar: Calendar = Calendar.ABSOLUTE
    anchor: date | None = Field(None, description="relative calendar only: the synthetic day 0")
    deliveries: Deliveries
    mapping: str | None = Field(None, description="shipped standard whose sources and tables the centre uses")
    source: dict[str, Source] = {}

    @model_validator(mode="after")
    def _anchor_when_relative(self) -> Self:
        if (self.calendar is Calendar.RELATIVE) != (self.anchor is not None):
            raise ValueError('anchor = YYYY-MM-DD belongs to calendar = "relative", and to no other')
        return self


class Phrase(_Strict):
    """A phrase that a centre adds to a vocabulary, or gives another code; without a code it is too general."""

    vocabulary: str
    phrase: Annotated[str, Field(min_length=1)]
    code: str


class CentreConfig(_Strict):
    """A centre with all of its mappings and phrases, checked as a whole."""

    centre: Centre
    tables: tuple[TableMapping, ...]
    phrases: tuple[Phrase, ...] = ()

    @model_validator(mode="after")
    def _sources_known(self) -> Self:
        names = [mapping.table for mapping in self.tables]
        if len(names) != len(set(names)):
            raise ValueError("a contract table may have one mapping only; use several [[feed]] in it")
        for mapping in self.tables:
            for feed in mapping.feed:
                if feed.source not in self.centre.source:
                    raise ValueError(
                        f"{mapping.table} is fed from source {feed.source!r}, which centre.toml does not describe"
                    )
        return self

    @property
    def vocabularies(self) -> tuple[str, ...]:
        """Names of the vocabularies that the centre's free text is read by."""
        feeds = [feed for mapping in self.tables for feed in mapping.feed]
        names = [cell.vocabulary for feed in feeds for cell in feed.columns.values()]
        names += [feed.explode.vocabulary for feed in feeds if feed.explode]
        return tuple(sorted({name for name in names if name is not None}))

    def mapping(self, table: str) -> TableMapping:
        """The mapping of a contract table.

        Raises:
            ConfigError: the centre does not feed that table.
        """
        for mapping in self.tables:
            if mapping.table == table:
                return mapping
        raise ConfigError(f"Centre {self.centre.id} has no mapping for {table}.")
