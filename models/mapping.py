"""How a centre's own files become contract rows: the language of `centres/<id>/`.

A centre is a folder: `centre.toml` (who, calendar, deliveries, sources), `tables/<contract table>.toml` (one mapping
each) and, where it has words of its own, `phrases.csv`. Nothing here is code: a mapping is read, checked against the
contract and compiled by `warehouse`.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.cells import Cell, Condition, Explode, Lookup, Strict
from models.contract import CONTRACT, Kind
from models.deliveries import Calendar, Database, Deliveries, Layout
from models.errors import ConfigError
from models.resource_path import PathError, parse_path

ONE_SIGN = "^[\\x01-\\x09\\x0b\\x0c\\x0e-\\x7f]$"
"""One ASCII character that ends no line."""
DEFAULT_NULL_TOKENS = ("", "NULL", "null", "N/A", "-", "--", "/", "无", "不详", "未知")


class Source(Strict):
    """One kind of file in a delivery, or a table of the hospital's database.

    Without `format` the name of a file tells its own (.csv, .xlsx, .parquet, .xpt, .ndjson), `.gz` apart. Rows before
    `header_row`, its further `header_rows` and the `skip_after_header` rows after them are headers, not data. NDJSON
    holds one FHIR resource a line: `resource` says which are read, and each column is a path into them.
    """

    files: list[str] = Field([], description="glob patterns below the delivery's folder")
    table: str | None = Field(None, description="database only; default: the name of the source")
    query: str | None = Field(None, description="database only: a select instead of a table")
    watermark: str | None = Field(None, description="database only: column that grows when a row is new or changed")
    overlap: str | None = Field(None, description="database only: interval before the watermark that is read again")
    format: Literal["csv", "xlsx", "parquet", "xpt", "ndjson"] | None = Field(
        None, description="default: what the file's name says"
    )
    encoding: str = Field("utf-8-sig", description="csv and xpt only; any codec that Python knows; csv also auto")
    delimiter: str | None = Field(None, pattern=ONE_SIGN, description="default: a tab in .tsv files, else a comma")
    quote: str = Field('"', pattern=f"^$|{ONE_SIGN}", description="empty: no sign quotes a cell")
    sheet: str | None = Field(None, description="xlsx only; a pattern such as 20* reads every visible sheet it fits")
    time_zone: str | None = Field(None, description="parquet only; zone in whose days instants are told: Asia/Shanghai")
    header_row: int = Field(1, ge=1, description="physical row that names the columns; 1 is the first")
    header_rows: int = Field(1, ge=1, description="rows, from header_row on, that name them together, joined by |")
    skip_after_header: int = Field(0, ge=0, description="further header rows below it")
    null_tokens: tuple[str, ...] = DEFAULT_NULL_TOKENS
    required: bool = Field(True, description="whether a delivery without such a file is refused")
    optional: tuple[str, ...] = Field((), description="columns that a file need not have; they are empty then")
    letter_case: Literal["upper", "lower"] | None = Field(
        None, description="files are found in any letter case, and the names of their columns are read in this one"
    )
    lookup: dict[str, Lookup] = Field({}, description="columns that stand in other sources, by the name they get here")
    resource: str | None = Field(None, description="ndjson only: resourceType that is read; others are skipped")
    paths: dict[str, str] = Field({}, description="ndjson only: column to its path, as `models.resource_path` reads it")

    @model_validator(mode="after")
    def _paths_of_resources(self) -> Self:
        if self.resource is None and not self.paths and self.format != "ndjson":
            return self
        if self.format not in (None, "ndjson"):
            raise ValueError(f'resource and paths belong to format = "ndjson", not to "{self.format}"')
        if self.resource is None or not self.paths:
            raise ValueError('ndjson needs resource = "…", such as "Patient", and a path for each column in paths')
        for column, path in self.paths.items():
            try:
                parse_path(path)
            except PathError as error:
                raise ValueError(f"path of {column}: {error}") from None
        return self

    @model_validator(mode="after")
    def _one_relation(self) -> Self:
        if self.table is not None and self.query is not None:
            raise ValueError("a source has either table or query")
        if self.overlap is not None and self.watermark is None:
            raise ValueError("overlap belongs to watermark")
        return self

    @property
    def last_header_row(self) -> int:
        """Physical row after which the data begin."""
        return self.header_row + self.header_rows - 1 + self.skip_after_header


class Feed(Strict):
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

    @property
    def mentioned(self) -> tuple[str, ...]:
        """Columns of the source that the feed names, `{n}` as it stands."""
        conditions = [*self.when, *([self.withdrawn] if self.withdrawn else [])]
        names = [condition.column for condition in conditions]
        names += [self.explode.column] if self.explode else []
        names += [name for cell in self.columns.values() for name in cell.origins]
        return tuple(dict.fromkeys(names))

    @property
    def numbered(self) -> tuple[str, ...]:
        """The same, with each number of `repeat` in the place of `{n}`."""
        numbers = self.repeat or ("{n}",)
        return tuple(name.replace("{n}", str(number)) for name in self.mentioned for number in numbers)


class TableMapping(Strict):
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


class Centre(Strict):
    """`centre.toml`: who the centre is, its calendar, its deliveries and the kinds of file in them.

    With `mapping` the centre delivers in a standard that ships with its mappings (a folder of `centres/formats/`): the
    standard's sources and tables hold, and those that the centre's own folder has besides replace them one by one.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="becomes centre_id on every row")]
    name: str
    calendar: Calendar = Calendar.ABSOLUTE
    anchor: date | None = Field(None, description="relative calendar only: the synthetic day 0")
    deliveries: Deliveries
    database: Database | None = Field(None, description='of deliveries with layout = "database"')
    mapping: str | None = Field(None, description="shipped standard whose sources and tables the centre uses")
    source: dict[str, Source] = Field({}, description="kinds of file of a delivery")

    @model_validator(mode="after")
    def _files_or_database(self) -> Self:
        is_database = self.deliveries.layout is Layout.DATABASE
        if is_database != (self.database is not None):
            raise ValueError('[database] belongs to [deliveries] layout = "database", and to no other')
        without = [] if is_database else [name for name, source in self.source.items() if not source.files]
        if without:
            raise ValueError(f"source {', '.join(without)} names no files")
        return self

    @model_validator(mode="after")
    def _anchor_when_relative(self) -> Self:
        if (self.calendar is Calendar.RELATIVE) != (self.anchor is not None):
            raise ValueError('anchor = YYYY-MM-DD belongs to calendar = "relative", and to no other')
        return self


def _check_lookup(sources: Mapping[str, Source], where: str, lookup: Lookup) -> None:
    if lookup.source not in sources:
        raise ValueError(
            f"{where} asks source {lookup.source!r}, which is not described; there are {', '.join(sources)}"
        )
    asked = [*lookup.key, lookup.value, *(condition.column for condition in lookup.when)]
    derived = [column for column in asked if column in sources[lookup.source].lookup]
    if derived:
        raise ValueError(
            f"{where} asks source {lookup.source} for {derived[0]}, which is looked up itself. "
            "Look up both here, the second by the first."
        )
    _check_paths(where, asked, lookup.source, sources)


def _looked_up_through(source: Source, column: str) -> set[str]:
    """The looked-up columns that a looked-up column depends on."""
    reached: set[str] = set()
    waiting = [column]
    while waiting:
        lookup = source.lookup.get(waiting.pop())
        found = {name for name in lookup.needs if name in source.lookup} - reached if lookup else set()
        reached |= found
        waiting += found
    return reached


def _check_paths(where: str, asked: Iterable[str], source_name: str, sources: Mapping[str, Source]) -> None:
    """Columns of resources are known before any file is there."""
    source = sources[source_name]
    known = {*source.paths, *source.lookup}
    unknown = [name for name in asked if name not in known] if source.paths else []
    if unknown:
        nearest = get_close_matches(unknown[0], known, 1)
        hint = f"; did you mean {nearest[0]}?" if nearest else ""
        raise ValueError(f"{where} asks for {unknown[0]!r}, which has no path in source {source_name}{hint}")


class Phrase(Strict):
    """A phrase that a centre adds to a vocabulary, or gives another code; without a code it is too general."""

    vocabulary: str
    phrase: Annotated[str, Field(min_length=1)]
    code: str


class CentreConfig(Strict):
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
                _check_paths(mapping.table, feed.numbered, feed.source, self.centre.source)
        return self

    @model_validator(mode="after")
    def _lookups_known(self) -> Self:
        for name, source in self.centre.source.items():
            for column, lookup in source.lookup.items():
                where = f"source {name}: lookup {column}"
                _check_lookup(self.centre.source, where, lookup)
                _check_paths(where, lookup.needs, name, self.centre.source)
                if column in _looked_up_through(source, column):
                    raise ValueError(f"source {name}: lookup {column} leads back to itself")
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
