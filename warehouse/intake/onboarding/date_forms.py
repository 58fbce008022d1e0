"""In which forms the dates of a column are written, and which of them no reader can decide."""

import pyarrow as pa
import pyarrow.compute as pc

from warehouse.intake.dates import FIRST_EXCEL_SERIAL, LAST_EXCEL_SERIAL

_TIME = r"([ T]+\d{1,2}:\d{2}.*)?"
_READ = {
    "YYYY-MM-DD": rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}{_TIME}",
    "YYYY/MM/DD": rf"\d{{4}}/\d{{1,2}}/\d{{1,2}}{_TIME}",
    "YYYY年MM月DD日": rf"\d{{4}}年\d{{1,2}}月\d{{1,2}}日{_TIME}",
    "YYYYMMDD": rf"\d{{8}}{_TIME}",
    "YYYY-MM": r"\d{4}-\d{1,2}|\d{4}年\d{1,2}月",
    "YYYY": r"\d{4}",
}
"""Forms that rule R0.3 reads."""

_UNREAD = {
    "YYYY.MM.DD": rf"\d{{4}}[.]\d{{1,2}}[.]\d{{1,2}}{_TIME}",
    "two-digit year": r"\d{2}[-/.]\d{1,2}[-/.]\d{1,2}",
}
SERIAL = "days since 1899-12-30 (a spreadsheet's serial)"
_SERIAL_FORM = r"\d{5}([.]\d+)?"
_DAY_MONTH_YEAR = r"(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.]\d{4}"
AMBIGUOUS = "DD/MM/YYYY or MM/DD/YYYY: ambiguous"
OTHER = "other"
MONTHS = 12


def date_forms(cells: pa.ChunkedArray) -> dict[str, int]:
    """Rows by form, cells without a value left out.

    Days and months before a year are told apart by numbers above 12; where there is none they are ambiguous.
    """
    left = cells.drop_null()
    left = left.filter(pc.not_equal(left, ""))
    found: dict[str, int] = {}

    def take(form: str, is_form: pa.ChunkedArray) -> pa.ChunkedArray:
        found[form] = pc.sum(is_form).as_py() or 0
        return left.filter(pc.invert(is_form))

    for form, pattern in {**_READ, **_UNREAD}.items():
        left = take(form, pc.match_substring_regex(left, f"^({pattern})$"))
    left = take(SERIAL, _is_serial(left))
    left = take(_order(left), pc.match_substring_regex(left, f"^{_DAY_MONTH_YEAR}$"))
    found[OTHER] = len(left)
    return {form: rows for form, rows in found.items() if rows}


def unread_forms(forms: dict[str, int], *, reads_serials: bool) -> tuple[str, ...]:
    """The forms among those found that would go to quarantine."""
    return tuple(form for form in forms if form not in _READ and not (form == SERIAL and reads_serials))


def _is_serial(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    is_number = pc.match_substring_regex(cells, f"^({_SERIAL_FORM})$")
    days = pc.cast(pc.utf8_slice_codeunits(pc.if_else(is_number, cells, "0"), 0, 5), pa.int64())
    return pc.and_(pc.greater_equal(days, FIRST_EXCEL_SERIAL), pc.less_equal(days, LAST_EXCEL_SERIAL))


def _order(cells: pa.ChunkedArray) -> str:
    parts = pc.extract_regex(cells, f"^{_DAY_MONTH_YEAR}$")
    first, second = (
        pc.max(pc.cast(pc.struct_field(parts, name), pa.int64())).as_py() or 0 for name in ("first", "second")
    )
    if first > MONTHS and second > MONTHS:
        return "DD/MM/YYYY mixed with MM/DD/YYYY"
    if first > MONTHS:
        return "DD/MM/YYYY"
    return "MM/DD/YYYY" if second > MONTHS else AMBIGUOUS
