"""The first rows of a source file, all of its columns: for a look at them, never kept."""

import pyarrow as pa

from models.mapping import Source
from warehouse.intake.byte_stream import UnbalancedError
from warehouse.intake.contents import Content
from warehouse.intake.encodings import fitting_encodings
from warehouse.intake.onboarding.looks import SAMPLE_ROWS, Looks, looks_of
from warehouse.intake.readers import open_source

MOST_COLUMNS = 1_000
"""Columns of one file that are looked at, and names that are remembered."""


def likely_encoding(content: Content, where: str) -> str:
    """The encoding in which the start of a text makes sense: UTF-8 where it does, else the likeliest other.

    Raises:
        DeliveryError: the file cannot be opened.
    """
    fitting = fitting_encodings(content.open(where), "ascii")
    return fitting[0] if fitting else "utf-8"


def sample_of(content: Content, where: str, source: Source) -> pa.Table:
    """Text columns of at most `SAMPLE_ROWS` rows, by name.

    Raises:
        DeliveryError: the file cannot be read as what the source says.
    """
    try:
        return _first_rows(content, where, source, whole_lines=False)
    except UnbalancedError:
        return _first_rows(content, where, source, whole_lines=True)


def sampled_looks(content: Content, where: str, source: Source) -> dict[str, Looks]:
    """What each column of a file looks like, by its first rows.

    Raises:
        DeliveryError: the file cannot be read as what the source says.
    """
    return looks_of(sample_of(content, where, source))


def _first_rows(content: Content, where: str, source: Source, *, whole_lines: bool) -> pa.Table:
    reader = open_source(content, where, source, whole_lines=whole_lines)
    try:
        names = [name for name in reader.names if name][:MOST_COLUMNS]
        held: list[pa.RecordBatch] = []
        for batch in reader.batches(names):
            held.append(batch)
            if sum(each.num_rows for each in held) >= SAMPLE_ROWS:
                break
        if not held:
            return pa.table({name: pa.array([], pa.string()) for name in names})
        return pa.Table.from_batches(held).slice(0, SAMPLE_ROWS).select(names)
    finally:
        reader.close()
