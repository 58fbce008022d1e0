"""Opens a source file in the format that the mapping names."""

import codecs

from models.errors import ConfigError
from models.mapping import Source
from warehouse.intake.contents import Content
from warehouse.intake.csv_files import CsvReader
from warehouse.intake.database import DatabaseTable
from warehouse.intake.encodings import AUTO
from warehouse.intake.letter_case import RecasedReader
from warehouse.intake.ndjson_files import NdjsonReader
from warehouse.intake.parquet_files import ParquetReader
from warehouse.intake.reading import Reader
from warehouse.intake.xlsx_files import XlsxReader
from warehouse.intake.xpt_files import XptReader

_FORMAT_OF = {".xlsx": "xlsx", ".parquet": "parquet", ".xpt": "xpt", ".ndjson": "ndjson", ".jsonl": "ndjson"}


def format_of(content: Content, source: Source) -> str:
    """What the source says, else what the file's name says, else delimited text (csv)."""
    return source.format or _FORMAT_OF.get(content.suffix, "csv")


def open_source(content: Content | DatabaseTable, where: str, source: Source, *, whole_lines: bool = False) -> Reader:
    """A reader of the file.

    Args:
        content: the file, packed or not, or the table of a database.
        where: how messages name it: centre, delivery, file.
        source: format, encoding, headers.
        whole_lines: csv only; see `CsvReader`.

    Raises:
        DeliveryError: the file cannot be read as what the mapping says it is.
        SourceUnavailable: the connection to the database broke off.
        ConfigError: the mapping names an encoding that does not exist.
    """
    if isinstance(content, DatabaseTable):
        reader: Reader = content.reader()
    else:
        reader = _opened(content, where, source, whole_lines=whole_lines)
    return reader if source.letter_case is None else RecasedReader(reader, source.letter_case)


def _opened(content: Content, where: str, source: Source, *, whole_lines: bool) -> Reader:
    kind = format_of(content, source)
    if kind == "xlsx":
        return XlsxReader(content, where, source)
    if kind == "parquet":
        return ParquetReader(content, where, source)
    if kind == "ndjson":
        return NdjsonReader(content.open(where), where, source)
    try:
        codecs.lookup("utf-8" if source.encoding == AUTO and kind != "xpt" else source.encoding)
    except LookupError:
        raise ConfigError(f"{where}: there is no encoding {source.encoding!r}. Try gb18030, utf-8 or utf-16.") from None
    if kind == "xpt":
        return XptReader(content.open(where), where, source)
    return CsvReader(content, where, source, whole_lines=whole_lines)
