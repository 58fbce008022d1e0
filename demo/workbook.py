"""A workbook written sheet by sheet in bounded memory, with the two-row headers of an electronic case report form."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import cycle
from pathlib import Path

import xlsxwriter

Group = tuple[str, Sequence[str]]
"""A merged Chinese title and the English names of the columns below it."""

_EXCEL_DAY_ZERO = date(1899, 12, 30)
_CREATED = datetime(2025, 7, 31, tzinfo=UTC)


class FormWorkbook:
    """One sheet a form: titles merged over their columns in row 1, names in row 2, data from row 3.

    Days go in as Excel serial numbers and as text, one after the other, as they do when several people type.
    """

    def __init__(self, path: Path, forms: Mapping[str, Sequence[Group]]) -> None:
        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
        self._book.set_properties({"title": "EDC export", "created": _CREATED})
        self._sheets = {name: self._book.add_worksheet(name) for name in forms}
        self._next_row = dict.fromkeys(forms, 2)
        self._date_styles = {name: cycle(("serial", "text", "slashes")) for name in forms}
        for name, groups in forms.items():
            self._write_header(name, groups)

    def _write_header(self, name: str, groups: Sequence[Group]) -> None:
        sheet, column = self._sheets[name], 0
        for title, columns in groups:
            if len(columns) > 1:
                sheet.merge_range(0, column, 0, column + len(columns) - 1, title)
            else:
                sheet.write_string(0, column, title)
            column += len(columns)
        for number, english in enumerate(english for _, columns in groups for english in columns):
            sheet.write_string(1, number, english)

    def add(self, name: str, rows: Iterable[Sequence[object]]) -> None:
        """Write rows of one form; a date becomes a serial number or text, None an empty cell."""
        sheet = self._sheets[name]
        for row in rows:
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(
                        self._next_row[name], column, self._dated(name, value) if isinstance(value, date) else value
                    )
            self._next_row[name] += 1

    def _dated(self, name: str, day: date) -> int | str:
        style = next(self._date_styles[name])
        if style == "serial":
            return (day - _EXCEL_DAY_ZERO).days
        return day.isoformat() if style == "text" else f"{day.year}/{day.month}/{day.day}"

    def close(self) -> None:
        """Finish the file."""
        self._book.close()
