"""Reads one file of a delivery into the scratch tables, chunk by chunk, and counts what became of its rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing

import duckdb
import pyarrow as pa

from models.errors import DeliveryError
from models.mapping import Source
from warehouse.accounting import FileCount
from warehouse.intake.byte_stream import UnbalancedError
from warehouse.intake.compile import CompiledFeed, is_blank
from warehouse.intake.contents import Content
from warehouse.intake.deliveries import DeliveryFile
from warehouse.intake.lookups import DerivedColumns
from warehouse.intake.onboarding.looks import looks_of
from warehouse.intake.onboarding.profile import forget_profile, profile_chunk
from warehouse.intake.onboarding.sample import MOST_COLUMNS, sampled_looks
from warehouse.intake.readers import open_source
from warehouse.intake.reading import (
    BLANK,
    Reader,
    are_like_data,
    failed_rows,
    lacking_columns,
    missing_columns,
    read_ahead,
    read_columns,
)
from warehouse.intake.report import FileIntake
from warehouse.intake.runs import RunWriter
from warehouse.intake.scratch import insert_failed, insert_records, records_table
from warehouse.intake.worklist import forget_file, read_chunk
from warehouse.pseudonyms import meet_numbers

CHUNK_ROWS = 400_000
CHUNK_BYTES = 64 << 20

NOT_TAKEN = "no feed's conditions hold"
NOTHING_IN_IT = "nothing in the cell to be split"


class FileLanding:
    """Lands one source of one file.

    Args:
        connection: has the scratch tables and the macros of dates and of the key.
        where: centre and delivery, as messages name them.
        file: the file.
        file_no: its number in `source_files`.
        source: how to read it.
        feeds: all compiled feeds of that source.
        derived: its columns that are looked up in other sources.
        runs: empties the scratch tables when they are full.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        where: str,
        file: DeliveryFile,
        file_no: int,
        source: Source,
        feeds: Sequence[CompiledFeed],
        derived: DerivedColumns,
        runs: RunWriter,
    ) -> None:
        self._connection, self._file, self._file_no = connection, file, file_no
        self._source = file.described_by(source)
        in_sheet = f", sheet {source.sheet}" if source.sheet and file.sheet is None else ""
        self._where = f"{where}, file {file.name}{in_sheet}"
        self._feeds, self._derived, self._runs = feeds, derived, runs
        self._problems: list[str] = []
        self._warnings: list[str] = []
        self._refused: set[str] = set()
        self._found: dict[str, object] = {}

    def land(self) -> FileIntake:
        """Reads the whole file. A file that cannot be read leaves nothing behind and is reported, not raised."""
        try:
            try:
                count = self._read(whole_lines=False)
            except UnbalancedError:
                self._forget()
                count = self._read(whole_lines=True)
        except DeliveryError as error:
            self._forget()
            self._problems.append(f"{error} Nothing of this file was landed.")
            self._refused |= {feed.table.name for feed in self._feeds}
            count = self._count(error=str(error))
        if self._refused and self._found.get("columns"):
            count = count.model_copy(update={"looks": self._sampled_looks()})
        return FileIntake(count, tuple(self._problems), tuple(self._warnings), frozenset(self._refused))

    def _count(self, **counts: object) -> FileCount:
        file = self._file
        return FileCount.model_validate(
            {
                "source": file.source,
                "file": file.name,
                "sha256": file.sha256,
                "bytes": file.bytes,
                **self._found,
                **counts,
            }
        )

    def _read(self, *, whole_lines: bool) -> FileCount:
        reader = open_source(self._file.content, self._where, self._source, whole_lines=whole_lines)
        named = [name for name in reader.names if name][:MOST_COLUMNS]
        self._found = {"columns": [] if are_like_data(named) else named}
        try:
            feeds = self._readable_feeds(reader.names)
            wanted = list(dict.fromkeys(name for feed in feeds for name in feed.wanted))
            read, used, skipped = 0, 0, Counter[str]()
            with closing(read_ahead(_chunks(read_columns(reader, self._derived.in_file(wanted))))) as chunks:
                for rows in chunks:
                    if self._found["columns"]:
                        self._found.setdefault("looks", looks_of(rows))
                    chunk = self._derived.added(self._connection, rows, wanted)
                    read += chunk.num_rows
                    skipped += self._land_chunk(chunk, feeds, wanted)
                    used += self._used(chunk)
                    self._runs.make_room(self._file_no)
            self._tell_failed(reader, read)
            failed, skipped = reader.failed.counts, skipped + reader.failed.skipped
            read += failed.total() + reader.failed.skipped.total()
            return self._count(read=read, used=used, skipped=dict(skipped), failed=dict(failed))
        finally:
            reader.close()

    def _sampled_looks(self) -> dict[str, str]:
        """Of a file that lacks columns: what it has instead may be told by its looks."""
        if not isinstance(self._file.content, Content):
            return {}
        try:
            return dict(sampled_looks(self._file.content, self._where, self._source))
        except DeliveryError:
            return {}

    def _readable_feeds(self, names: Sequence[str]) -> list[CompiledFeed]:
        """The feeds whose columns are all there; of a repeated group, the numbers that this file has.

        Raises:
            DeliveryError: there is no such feed.
        """
        readable, missing = [], []
        repeats_there = {(feed.table.name, feed.feed_no) for feed in self._feeds if set(feed.repeated) & set(names)}
        for feed in self._feeds:
            is_absent_repeat = bool(feed.repeated) and not set(feed.repeated) & set(names)
            if is_absent_repeat and (feed.table.name, feed.feed_no) in repeats_there:
                continue
            trouble = self._trouble(feed, names)
            if trouble:
                missing.append(f"{self._where}, table {feed.table.name}: {trouble}")
                self._refused.add(feed.table.name)
            else:
                readable.append(feed)
        if not readable and missing:
            raise DeliveryError(missing[0])
        told = dict.fromkeys(missing)
        self._problems += [f"{message} The other tables of this file were landed." for message in told]
        return readable

    def _trouble(self, feed: CompiledFeed, names: Sequence[str]) -> str:
        """Why a feed cannot be read, nothing when it can."""
        derived = self._derived.needed(feed.wanted)
        lacking = lacking_columns(self._derived.in_file(feed.wanted), names, self._source.optional)
        if lacking:
            return missing_columns(lacking, names)
        for name in derived:
            if name in names:
                return f"column {name!r} is in the file; give the lookup of that name another one."
            if name in self._derived.broken:
                return f"column {name!r} cannot be looked up. {self._derived.broken[name]}"
        return ""

    def _land_chunk(self, chunk: pa.Table, feeds: Sequence[CompiledFeed], wanted: Sequence[str]) -> Counter[str]:
        connection = self._connection
        connection.register("delivered", chunk)
        try:
            self._view_chunk(f"NOT ({is_blank(wanted)})")
            read_chunk(connection, feeds, self._file_no, self._file.source)
            meet_numbers(connection, (feed.numbers for feed in feeds))
            profile_chunk(connection, feeds, self._file_no)
            for feed in feeds:
                self._view_chunk(f"NOT ({is_blank(wanted)})")
                connection.execute(insert_records(feed, self._file_no))
                failed = (
                    f"SELECT source_row FROM {records_table(feed.table)} "
                    f"WHERE failure IS NOT NULL AND {self._is_from(chunk)}"
                )
                if connection.execute(f"{failed} LIMIT 1").fetchone():
                    self._view_chunk(f"source_row IN ({failed})")
                    connection.execute(insert_failed(feed, self._file_no, self._file.sha256))
            return self._skipped(feeds, wanted)
        finally:
            connection.unregister("delivered")

    def _view_chunk(self, condition: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW chunk AS SELECT * FROM delivered WHERE {condition}")

    def _skipped(self, feeds: Sequence[CompiledFeed], wanted: Sequence[str]) -> Counter[str]:
        is_taken = " OR ".join(f"({feed.takes})" for feed in feeds)
        emits = " OR ".join(f"({feed.emits})" for feed in feeds)
        blank, not_taken, empty = self._one_row(
            f"""
            SELECT count(*) FILTER (WHERE is_blank), count(*) FILTER (WHERE NOT is_blank AND NOT is_taken),
                count(*) FILTER (WHERE NOT is_blank AND is_taken AND NOT emits)
            FROM (SELECT {is_blank(wanted)} AS is_blank, {is_taken} AS is_taken, {emits} AS emits FROM delivered)
            """
        )
        return Counter(
            {reason: rows for reason, rows in ((BLANK, blank), (NOT_TAKEN, not_taken), (NOTHING_IN_IT, empty)) if rows}
        )

    def _is_from(self, chunk: pa.Table) -> str:
        """Condition over a table of records."""
        first, last = chunk["source_row"][0].as_py(), chunk["source_row"][-1].as_py()
        return f"file_no = {self._file_no} AND source_row BETWEEN {first} AND {last}"

    def _used(self, chunk: pa.Table) -> int:
        """Rows of the chunk that gave a record to any table."""
        tables = {records_table(feed.table) for feed in self._feeds}
        rows = " UNION ALL ".join(
            f"SELECT source_row FROM {table} WHERE {self._is_from(chunk)}" for table in sorted(tables)
        )
        return self._one_row(f"SELECT count(DISTINCT source_row) FROM ({rows})")[0]

    def _one_row(self, sql: str) -> tuple[int, ...]:
        row = self._connection.execute(sql).fetchone()
        assert row is not None
        return tuple(row)

    def _forget(self) -> None:
        for table in {feed.table.name: feed.table for feed in self._feeds}.values():
            self._runs.forget(table, self._file_no)
        self._connection.execute("DELETE FROM quarantine WHERE file_no = ?", [self._file_no])
        forget_file(self._connection, self._file_no)
        forget_profile(self._connection, self._file_no)
        self._problems, self._warnings, self._refused = [], [], set()

    def _tell_failed(self, reader: Reader, read: int) -> None:
        self._warnings += [f"{self._where}: {note}" for note in reader.notes]
        self._warnings += [f"{self._where}: {text}" for text in failed_rows(reader.failed, read)]


def _chunks(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Joins batches until they are worth a query."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        if batch.num_rows:
            held.append(batch)
        if sum(b.num_rows for b in held) >= CHUNK_ROWS or sum(b.nbytes for b in held) >= CHUNK_BYTES:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)
