"""A feed of a mapping as SQL: one select from the rows of a source file to checked, pseudonymised contract records.

The select runs over a relation `chunk` (text columns of the source, trimmed, and `source_row`) on a connection that has
the macros of `dates` and of the centre's secrets, and the numbers of the chunk. Steps: filled (null tokens, explode) ->
picked -> mapped -> read (dates) -> checked (types, pseudonyms) -> hashed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.cells import Cell, Condition
from models.contract import CONTRACT, Column, Kind, Table
from models.mapping import CentreConfig, Feed, TableMapping
from warehouse.intake.checks import DATES, Failure, candidate, failures_of, picked, text
from warehouse.intake.phrases import READINGS
from warehouse.pseudonyms import MET
from warehouse.sqltext import content_text, identifier, literal, literals
from warehouse.vocabularies import Vocabulary, vocabularies

INTEGER_FORM = r"[+-]?\d{1,18}(?:[.]0*)?"
DECIMAL_FORM = r"[+-]?(?:\d+(?:[.]\d*)?|[.]\d+)"
# At most 18 digits: wider decimals are a hundred times slower to read.
NUMBER_TYPE = "DECIMAL(18,4)"
FACTOR_TYPE = "DECIMAL(16,8)"
PART_STEP = 1_000
DATE_MACROS = {"text": "text_date", "excel_serial_or_text": "serial_or_text_date", "iso8601": "iso_date"}


@dataclass(frozen=True)
class CompiledFeed:
    """One feed, for one number of its `repeat`.

    `wanted` are the source columns it reads, `repeated` those of them that carry the number; `takes` and `emits` are
    conditions over `chunk`: whether the feed takes a row at all, and whether that row then yields a record. `records`
    is a select of one row per record: the content columns in contract order, `is_withdrawn`, `failure` (position in
    `failures`, from 1; NULL for a good record), `source_row`, `source_part`, `row_key`, `row_hash`, and the texts that
    failures quote. `numbers` is a select of the patients' numbers in `chunk` (`system`, `number`), which `meet_numbers`
    must have had before `records` is asked. `picked` is a select of the cells as the source has them, before any map;
    `plain` are the columns among them that are neither constant nor free text. `free_texts` is a select of the cells of
    `chunk` that are read by `vocabularies`, None without any: `column_name` (of the source), `vocabulary`, `written`,
    `patient`, `wants_one` (a single code), `may_be_silent`, `source_row`; the table of readings must hold its texts
    before `records` and `emits` are asked.
    """

    table: Table
    source: str
    feed_no: int
    wanted: tuple[str, ...]
    repeated: tuple[str, ...]
    takes: str
    emits: str
    records: str
    failures: tuple[Failure, ...]
    vocabularies: tuple[Vocabulary, ...]
    free_texts: str | None
    numbers: str
    picked: str
    plain: tuple[Column, ...]


def compile_mapping(mapping: TableMapping, config: CentreConfig) -> tuple[CompiledFeed, ...]:
    """All feeds of one contract table."""
    compiled = []
    earlier: dict[str, int] = {}
    for feed_no, feed in enumerate(mapping.feed, start=1):
        for number in feed.repeat or (None,):
            first_part = earlier.get(feed.source, 0) * PART_STEP
            earlier[feed.source] = earlier.get(feed.source, 0) + 1
            compiled.append(_FeedCompiler(mapping, feed, config, number, first_part).compiled(feed_no))
    return tuple(compiled)


def is_blank(wanted: Iterable[str]) -> str:
    """Condition over rows of the source: none of the named columns holds anything."""
    return all_of(f"coalesce({identifier(name)}, '') = ''" for name in wanted)


def holds(condition: Condition, name: str, tokens: str) -> str:
    """SQL of a condition on the named column; `tokens` are the quoted null tokens of its source."""
    cell = identifier(name)
    if condition.among is not None:
        return f"coalesce({cell}, '') IN ({literals(condition.among)})"
    if condition.not_among is not None:
        return f"coalesce({cell}, '') NOT IN ({literals(condition.not_among)})"
    if condition.matches is not None:
        return f"coalesce(regexp_matches({cell}, {literal(condition.matches)}), false)"
    is_empty = f"coalesce({cell} IN ({tokens}), true)"
    return f"NOT {is_empty}" if condition.present else is_empty


def filled(name: str, tokens: str) -> str:
    """SQL of a cell without null tokens."""
    cell = identifier(name)
    return f"CASE WHEN list_contains([{tokens}], {cell}) THEN NULL ELSE {cell} END"


class _FeedCompiler:
    def __init__(
        self, mapping: TableMapping, feed: Feed, config: CentreConfig, number: int | None, first_part: int
    ) -> None:
        self._table = CONTRACT[mapping.table]
        self._mapping, self._feed, self._config = mapping, feed, config
        self._number, self._first_part = number, first_part
        self._tokens = literals(config.centre.source[feed.source].null_tokens)
        self._withdrawn = feed.withdrawn
        self._columns = [column for column in self._table.columns if column.name in feed.columns]
        self._wanted = tuple(dict.fromkeys(self._named(name) for name in self._feed.mentioned))
        self._repeated = tuple(
            dict.fromkeys(self._named(name) for name in self._feed.mentioned if number is not None and "{n}" in name)
        )
        self._failures = self._all_failures()

    def compiled(self, feed_no: int) -> CompiledFeed:
        takes = self._takes()
        return CompiledFeed(
            table=self._table,
            source=self._feed.source,
            feed_no=feed_no,
            wanted=self._wanted,
            repeated=self._repeated,
            takes=takes,
            emits=self._emits(takes),
            records=self._records(),
            failures=self._failures,
            vocabularies=self._vocabularies(),
            free_texts=self._free_texts(),
            numbers=self._numbers(),
            picked=self._picked(self._columns),
            plain=tuple(column for column in self._columns if self._is_plain(self._feed.columns[column.name])),
        )

    def _named(self, name: str) -> str:
        return name if self._number is None else name.replace("{n}", str(self._number))

    # Conditions over chunk ---------------------------------------------------------------------------------------

    def _holds(self, condition: Condition) -> str:
        return holds(condition, self._named(condition.column), self._tokens)

    def _takes(self) -> str:
        """All conditions hold; a withdrawal need not meet those on the column that marks it."""
        wanted = [self._holds(condition) for condition in self._feed.when]
        takes = all_of(wanted)
        if self._withdrawn:
            others = [
                self._holds(condition) for condition in self._feed.when if condition.column != self._withdrawn.column
            ]
            takes = f"({takes}) OR ({all_of([self._holds(self._withdrawn), *others])})"
        if self._repeated:
            takes = f"({takes}) AND NOT ({all_of(self._is_null(name) for name in self._repeated)})"
        return takes

    def _is_null(self, name: str) -> str:
        return f"{self._filled(name)} IS NULL"

    def _emits(self, takes: str) -> str:
        return f"({takes}) AND len({self._parts()}) > 0" if self._feed.explode else takes

    # Steps -------------------------------------------------------------------------------------------------------

    def _filled(self, name: str) -> str:
        return filled(name, self._tokens)

    def _filled_cells(self) -> Iterable[tuple[str, str]]:
        """Each wanted column of the source with the SQL of its cell; a cell that is split gives a row a part."""
        exploded = self._named(self._feed.explode.column) if self._feed.explode else None
        for name in self._wanted:
            cell = f"unnest({self._parts()})" if name == exploded else self._filled(name)
            yield name, f"{cell} AS {identifier(name)}"

    def _parts(self) -> str:
        """List of the texts that the exploded cell stands for."""
        assert self._feed.explode is not None
        cell = self._filled(self._named(self._feed.explode.column))
        if self._feed.explode.vocabulary is not None:
            affirmed = f"answers[{literal(self._feed.explode.family)}]"
            reading = _reading_of(self._feed.explode.vocabulary, affirmed, cell)
            return f"coalesce({reading}, [])"
        separators = "|".join(re.escape(separator) for separator in self._feed.explode.separators)
        cut = f"string_split_regex({cell}, {literal(separators)})"
        trimmed = f"list_transform({cut}, lambda part: trim(part))"
        return f"coalesce(list_filter({trimmed}, lambda part: part NOT IN ({self._tokens})), [])"

    def _records(self) -> str:
        part = f"generate_subscripts({self._parts()}, 1) - 1" if self._feed.explode else "0"
        withdrawn = self._holds(self._withdrawn) if self._withdrawn else "false"
        filled = _select(
            [
                *(cell for _, cell in self._filled_cells()),
                f"{withdrawn} AS is_withdrawn",
                "source_row",
                f"({self._first_part} + 1 + {part})::INTEGER AS source_part",
            ]
        )
        kept = ["is_withdrawn", "source_row", "source_part"]
        picks = [f"{self._pick(self._feed.columns[column.name])} AS {picked(column.name)}" for column in self._columns]
        maps = [f"{self._mapped(column)} AS {text(column.name)}" for column in self._columns]
        reads = [
            f"{self._candidate(column)} AS {candidate(column.name)}" for column in self._columns if column.kind in DATES
        ]
        values = [f"{self._value(column)} AS {identifier(column.name)}" for column in self._table.columns]
        steps = [
            f"filled AS ({filled} FROM chunk WHERE {self._takes()})",
            f"picked AS ({_select([*picks, *kept])} FROM filled)",
            f"mapped AS ({_select(['picked.*', *maps])} FROM picked {' '.join(self._readings(self._columns))})",
            f"read AS ({_select(['*', *reads])} FROM mapped)",
            f"checked AS ({_select(['read.*', *values])} FROM read {' '.join(self._pseudonyms())})",
            f"hashed AS (SELECT *, {self._failure()} AS failure, {self._row_hash()} AS row_hash FROM checked)",
        ]
        return f"WITH {', '.join(steps)} SELECT *, {self._row_key()} AS row_key FROM hashed"

    def _pick(self, cell: Cell) -> str:
        if cell.constant is not None:
            return literal(cell.constant)
        names = [identifier(self._named(name)) for name in cell.origins]
        value = names[0]
        if cell.take == "first":
            value = f"coalesce({', '.join(names)})"
        elif cell.join is not None:
            value = f"nullif(concat_ws({literal(cell.join)}, {', '.join(names)}), '')"
        if cell.pattern is not None:
            value = f"nullif(trim(regexp_extract({value}, {literal(cell.pattern)}, 1)), '')"
        for unwanted in cell.remove:
            value = f"nullif(replace({value}, {literal(unwanted)}, ''), '')"
        return value

    def _mapped(self, column: Column) -> str:
        cell, value = self._feed.columns[column.name], picked(column.name)
        if cell.map is not None:
            whens = " ".join(f"WHEN {literal(source)} THEN {literal(target)}" for source, target in cell.map.items())
            rest = f" ELSE {value}" if cell.otherwise == "keep" else ""
            return f"CASE {value} {whens}{rest} END"
        if cell.phrases is not None:
            whens = " ".join(
                f"WHEN regexp_matches({value}, {literal(phrase)}) THEN {literal(target)}"
                for phrase, target in cell.phrases
            )
            return f"CASE {whens} END"
        if cell.vocabulary is not None:
            reading = _reading(column)
            return f"CASE {reading}.status WHEN 'NEGATED' THEN {literal(cell.if_denied)} ELSE {reading}.code END"
        return value

    # Free text ---------------------------------------------------------------------------------------------------

    def _readings(self, columns: Iterable[Column]) -> Iterable[str]:
        for column in columns:
            vocabulary = self._feed.columns[column.name].vocabulary
            if vocabulary is not None:
                of_cell = f"(SELECT written, status, code FROM {READINGS} WHERE vocabulary = {literal(vocabulary)})"
                yield f"LEFT JOIN {of_cell} AS {_reading(column)} ON {_reading(column)}.written = {picked(column.name)}"

    def _vocabularies(self) -> tuple[Vocabulary, ...]:
        names = [cell.vocabulary for cell in self._feed.columns.values()]
        names += [self._feed.explode.vocabulary] if self._feed.explode else []
        known = vocabularies(self._config.phrases)
        return tuple(known[name] for name in sorted({name for name in names if name is not None}))

    def _free_texts(self) -> str | None:
        cells = [
            (" ".join(cell.origins), cell.vocabulary, self._pick(cell), True, cell.may_be_silent)
            for cell in self._feed.columns.values()
            if cell.vocabulary is not None
        ]
        explode = self._feed.explode
        if explode and explode.vocabulary is not None:
            exploded = identifier(self._named(explode.column))
            cells.append((explode.column, explode.vocabulary, exploded, False, explode.may_be_silent))
        if not cells:
            return None
        patient = self._pick(self._feed.columns[self._table.patient_column.name])
        filled = [f"{self._filled(name)} AS {identifier(name)}" for name in self._wanted]
        rows = f"({_select([*filled, 'source_row'])} FROM chunk WHERE {self._takes()})"
        return " UNION ALL BY NAME ".join(
            f"SELECT {literal(self._named(column))} AS column_name, {literal(vocabulary)} AS vocabulary, "
            f"{written} AS written, {patient} AS patient, {literal(wants_one)} AS wants_one, "
            f"{literal(may_be_silent)} AS may_be_silent, source_row FROM {rows}"
            for column, vocabulary, written, wants_one, may_be_silent in cells
        )

    def _candidate(self, column: Column) -> str:
        how = self._feed.columns[column.name].date
        if how == "days_from_anchor":
            return f"anchored_date({text(column.name)}, {literal(str(self._config.centre.anchor))})"
        return f"{DATE_MACROS[how]}({text(column.name)})"

    # Numbers of patients -----------------------------------------------------------------------------------------

    def _patients(self) -> list[Column]:
        return [column for column in self._columns if column.kind is Kind.PATIENT]

    def _picked(self, columns: Sequence[Column]) -> str:
        origins = {self._named(name) for column in columns for name in self._feed.columns[column.name].origins}
        cells = [cell for name, cell in self._filled_cells() if name in origins]
        picks = [f"{self._pick(self._feed.columns[column.name])} AS {picked(column.name)}" for column in columns]
        filled = f"{_select(cells or ['source_row'])} FROM chunk WHERE {self._takes()}"
        return f"{_select(picks)} FROM ({filled})"

    def _is_plain(self, cell: Cell) -> bool:
        explode = self._feed.explode
        split = {explode.column} if explode and explode.vocabulary is not None else set()
        return bool(cell.origins) and cell.vocabulary is None and not split & set(cell.origins)

    def _numbers(self) -> str:
        """Every number that `records` will look up; more of them where a cell that is split holds nothing."""
        patients = self._patients()
        selects = [
            f"SELECT {self._system(column)} AS system, {self._mapped(column)} AS number "
            f"FROM picked {' '.join(self._readings([column]))}"
            for column in patients
        ]
        return f"WITH picked AS ({self._picked(patients)}) {' UNION ALL '.join(selects)}"

    def _pseudonyms(self) -> Iterable[str]:
        for column in self._patients():
            of_system = f"(SELECT number, pseudonym FROM {MET} WHERE system = {self._system(column)})"
            yield f"LEFT JOIN {of_system} AS {_lookup(column)} ON {text(column.name)} = {_lookup(column)}.number"

    def _system(self, column: Column) -> str:
        return literal(self._feed.columns[column.name].system)

    def _value(self, column: Column) -> str:
        if column.name not in self._feed.columns:
            return f"NULL::{column.lake_type}"
        cell, written = self._feed.columns[column.name], text(column.name)
        if column.kind is Kind.PATIENT:
            return f"{_lookup(column)}.pseudonym"
        if column.kind is Kind.RECORD:
            return f"record_hash({self._system(column)}, {written})"
        if column.kind in DATES:
            return f"left(calendar_date({candidate(column.name)}), {10 if column.kind is Kind.PARTIAL_DATE else 7})"
        if column.kind is Kind.INTEGER:
            return _integer(written, cell)
        if column.kind is Kind.DECIMAL:
            return f"try_cast({_number(written, cell)} AS {column.lake_type})"
        return f"CASE WHEN {written} IN ({literals(column.values)}) THEN {written} END" if column.values else written

    # Check and keys ----------------------------------------------------------------------------------------------

    def _all_failures(self) -> tuple[Failure, ...]:
        found: list[Failure] = []
        for column in self._columns:
            cell = self._feed.columns[column.name]
            found += failures_of(column, has_map=cell.map is not None and cell.otherwise == "reject")
        return tuple(found)

    def _failure(self) -> str:
        """A withdrawal says which record it takes back and need not repeat the rest of it."""
        needed = (
            {*self._mapping.key, self._table.patient_column.name}
            if self._mapping.key
            else set(self._table.column_names)
        )
        whens = []
        for position, failure in enumerate(self._failures, start=1):
            excused = "" if failure.column in needed else " AND NOT is_withdrawn"
            whens.append(f"WHEN ({failure.condition}){excused} THEN {position}")
        return f"(CASE {' '.join(whens)} END)::SMALLINT" if whens else "NULL::SMALLINT"

    def _row_hash(self) -> str:
        return f"md5({content_text(self._table.column_names)})"

    def _row_key(self) -> str:
        scope = literal(f"{self._config.centre.id}|{self._table.name}|")
        return f"md5({scope} || {content_text(self._mapping.key) if self._mapping.key else 'row_hash'})"


def _select(expressions: Sequence[str]) -> str:
    return f"SELECT {', '.join(expressions)}"


def all_of(conditions: Iterable[str]) -> str:
    """SQL that is true where all conditions are; without any it is true."""
    return " AND ".join(f"({condition})" for condition in conditions) or "true"


def _lookup(column: Column) -> str:
    return identifier(f"pseudonyms {column.name}")


def _reading(column: Column) -> str:
    return identifier(f"reading {column.name}")


def _reading_of(vocabulary: str, what: str, cell: str) -> str:
    """Looks one text up among the readings of the chunk."""
    return f"(SELECT {what} FROM {READINGS} WHERE vocabulary = {literal(vocabulary)} AND written = {cell})"


def _number(value: str, cell: Cell) -> str:
    number = (
        f"CASE WHEN regexp_full_match({value}, {literal(DECIMAL_FORM)}) THEN try_cast({value} AS {NUMBER_TYPE}) END"
    )
    return number if cell.multiply is None else f"({number}) * {cell.multiply:f}::{FACTOR_TYPE}"


def _integer(value: str, cell: Cell) -> str:
    if cell.multiply is None:
        whole = f"try_cast(split_part({value}, '.', 1) AS BIGINT)"
        return f"CASE WHEN regexp_full_match({value}, {literal(INTEGER_FORM)}) THEN {whole} END"
    number = _number(value, cell)
    return f"CASE WHEN {number} = trunc({number}) THEN try_cast({number} AS BIGINT) END"
