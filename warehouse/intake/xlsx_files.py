"""One sheet of a workbook through calamine; date cells arrive as ISO text, numbers as the shortest text."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import fastexcel
import numpy as np
import pyarrow as pa

from models.errors import DeliveryError
from models.mapping import Source
from warehouse.intake.contents import Content
from warehouse.intake.reading import FailedRows, column_names, joined_names, with_rows, without_repeated_header
from warehouse.intake.workbooks import Merged, Workbook


class XlsxReader:
    """A sheet, see `Reader`. A sheet is held in memory as a whole: `workbooks` says how large it may be.

    The value of merged cells holds for every column of a header and every row of the data that they cover.

    Raises:
        DeliveryError: the file is no workbook or too large a one, or has no such sheet, or ends before its header.
    """

    def __init__(self, content: Content, where: str, source: Source) -> None:
        self.failed = FailedRows()
        self._header_rows = source.last_header_row
        held = content.held(where)
        book = Workbook(held, where)
        sheet = book.sheet(source.sheet)
        self._outline = book.outline(sheet)
        self._columns, self._first_column, self._errors = _cells(held, sheet.name, where)
        if not self._columns or len(self._columns[0]) < self._header_rows:
            raise DeliveryError(
                f"{where}: the sheet ends before header row {self._header_rows}. Ask for the file again."
            )
        levels = range(source.header_row - 1, source.header_row - 1 + source.header_rows)
        self._titles = joined_names([self._header(row) for row in levels])
        self.names = column_names(self._titles)
        self._hide(self._outline.too_long)
        self._fill_down()

    @property
    def notes(self) -> tuple[str, ...]:
        """Cells that hold no value, or none that can be trusted; they are read as empty."""
        told = (
            (self._errors, "hold an error such as #N/A"),
            (
                self._outline.without_value,
                "hold a formula that was never calculated; open and save it in a spreadsheet",
            ),
            (self._outline.too_long, "hold a number of more than 15 digits, of which a spreadsheet forgets the rest"),
        )
        return tuple(
            f"{len(places)} cells {what} (first in row {min(places)[0] + 1}); they are read as empty."
            for places, what in told
            if places
        )

    def batches(self, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Reads the wanted columns as one batch."""
        positions = [self.names.index(name) for name in wanted]
        columns = [self._columns[position].slice(self._header_rows) for position in positions]
        first = self._header_rows + 1
        rows = len(self._columns[0]) - self._header_rows
        batch = with_rows(columns, wanted, pa.array(range(first, first + rows), pa.int64()))
        yield without_repeated_header(batch, [self._titles[position] for position in positions], self.failed)

    def close(self) -> None:
        """Nothing stays open."""

    def _header(self, row: int) -> list[str | None]:
        texts: list[str | None] = [column[row].as_py() for column in self._columns]
        for block in self._outline.merged:
            if block.first_row <= row <= block.last_row:
                self._spread(block, texts)
        return texts

    def _spread(self, block: Merged, texts: list[str | None]) -> None:
        first = block.first_column - self._first_column
        if 0 <= first < len(texts):
            for column in range(first, min(block.last_column - self._first_column + 1, len(texts))):
                texts[column] = self._columns[first][block.first_row].as_py()

    def _fill_down(self) -> None:
        """Gives the value of merged rows to each of them."""
        n_rows = len(self._columns[0])
        sources: dict[int, np.ndarray[tuple[int], np.dtype[np.int64]]] = {}
        for block in self._outline.merged:
            column = block.first_column - self._first_column
            is_data = self._header_rows <= block.first_row < n_rows
            if is_data and 0 <= column < len(self._columns):
                rows = sources.setdefault(column, np.arange(n_rows))
                rows[block.first_row : block.last_row + 1] = block.first_row
        for column, rows in sources.items():
            self._columns[column] = self._columns[column].take(pa.array(rows))

    def _hide(self, places: Sequence[tuple[int, int]]) -> None:
        hidden: dict[int, list[int]] = {}
        for row, column in places:
            hidden.setdefault(column - self._first_column, []).append(row)
        for column, rows in hidden.items():
            kept = np.ones(len(self._columns[column]), dtype=bool)
            kept[rows] = False
            indices = pa.array(np.arange(len(kept)), mask=~kept)
            self._columns[column] = self._columns[column].take(indices)


def _cells(held: Path | bytes, sheet: str, where: str) -> tuple[list[pa.Array], int, list[tuple[int, int]]]:
    """The sheet's columns as text, the number of its first used column, and the places of errors."""
    try:
        # skip_rows=0 keeps leading empty rows, so that row numbers are those that a spreadsheet shows.
        loaded = fastexcel.read_excel(held).load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        rows, errors = loaded.to_arrow_with_errors()
        first_column = min((column.absolute_index for column in loaded.available_columns()), default=0)
    except fastexcel.FastExcelError:
        raise DeliveryError(f"{where}: not a readable workbook. Ask for the file again.") from None
    places = [error.position for error in errors.errors] if errors is not None else []
    return [column.cast(pa.string()) for column in rows.columns], first_column, places
