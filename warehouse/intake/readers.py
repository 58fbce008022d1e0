"""Opens a source file in the format that the mapping names."""

import codecs
from pathlib import Path

from models.errors import ConfigError
from models.mapping import Source
from warehouse.intake.csv_files import CsvReader
from warehouse.intake.parquet_files import ParquetReader
from warehouse.intake.reading import Reader
from warehouse.intake.xlsx_files import XlsxReader
from warehouse.intake.xpt_files import XptReader

_FORMAT_OF = {".xlsx": "xlsx", ".parquet": "parquet", ".xpt": "xpt"}
"""Anything else is delimited text."""


def open_source(path: Path, where: str, source: Source, *, whole_lines: bool = False) -> Reader:
    """A reader of the file.

    Args:
        path: the file.
        where: how messages name it: centre, delivery, file.
        source: format, encoding, headers.
        whole_lines: csv only; see `CsvReader`.

    Raises:
        DeliveryError: the file cannot be read as what the mapping says it is.
        ConfigError: the mapping names an encoding that does not exist.
    """
    kind = source.format or _FORMAT_OF.get(path.suffix.lower())
    if kind == "xlsx":
        return XlsxReader(path, where, source)
    if kind == "parquet":
        return ParquetReader(path, where)
    try:
        codecs.lookup(source.encoding)
    except LookupError:
        raise ConfigError(f"{where}: there is no encoding {source.encoding!r}. Try gb18030, utf-8 or utf-16.") from None
    if kind == "xpt":
        return XptReader(path.open("rb"), where, source)
    return CsvReader(path, where, source, whole_lines=whole_lines)
