"""One sheet of a workbook through calamine; date cells arrive as ISO text, numbers as the shortest text."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import fastexcel
import pyarrow as pa

from models.errors import DeliveryError
from models.mapping import Source
from warehouse.intake.reading import FailedRows, column_names, with_rows


class XlsxReader:
    """A sheet, see `Reader`. A sheet is held in memory as a whole: the format allows no more than 1,048,576 rows.

    Raises:
        DeliveryError: the file is no workbook, or has no such sheet, or ends before its header.
    """

    def __init__(self, path: Path, where: str, source: Source) -> None:
        self.failed = FailedRows()
        self._header_rows = source.header_row + source.skip_after_header
        self._rows = _sheet(path, where, source)
        if self._rows.num_rows < self._header_rows:
            raise DeliveryError(
                f"{where}: the sheet ends before header row {self._header_rows}. Ask for the file again."
            )
        self.names = column_names(column[source.header_row - 1].as_py() for column in self._rows.columns)

    @property
    def notes(self) -> tuple[str, ...]:
        """None: the format needs no mending."""
        return ()

    def batches(self, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Reads the wanted columns as one batch."""
        data = self._rows.slice(self._header_rows)
        columns = [data.column(self.names.index(name)).cast(pa.string()) for name in wanted]
        first = self._header_rows + 1
        yield with_rows(columns, wanted, pa.array(range(first, first + data.num_rows), pa.int64()))

    def close(self) -> None:
        """Nothing stays open."""


def _sheet(path: Path, where: str, source: Source) -> pa.RecordBatch:
    try:
        workbook = fastexcel.read_excel(path)
    except fastexcel.FastExcelError:
        raise DeliveryError(f"{where}: not a readable workbook. Ask for the file again.") from None
    sheets = workbook.sheet_names
    wanted = source.sheet or sheets[0]
    if wanted not in sheets:
        raise DeliveryError(
            f"{where}: there is no sheet {wanted!r}; there are {', '.join(sheets)}. Set sheet in centre.toml."
        )
    # skip_rows=0 keeps leading empty rows, so that row numbers are those that a spreadsheet shows.
    return workbook.load_sheet(wanted, header_row=None, skip_rows=0, dtypes="string").to_arrow()
