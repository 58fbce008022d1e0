"""What a column of a source looks like, from a sample of its cells; nothing of the cells themselves is kept."""

from collections.abc import Iterator
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc

SAMPLE_ROWS = 2_000
LEAST_SHARE = 0.9
"""Of the cells with a value, those that must look the same for the column to be called so."""
FEW_VALUES = 24
LONG_TEXT = 20


class Looks(StrEnum):
    """What most cells of a column are."""

    EMPTY = "empty"
    DATE = "date"
    SEX = "sex"
    ICD10 = "icd10"
    ICDO_MORPHOLOGY = "icdo_morphology"
    GRADE = "grade"
    RESPONSE = "response"
    NUMBER = "number"
    CODE = "code"
    TEXT = "text"
    OTHER = "other"


_FORMS: dict[Looks, str] = {
    Looks.SEX: r"(?i)[男女]性?|[mf]|male|female",
    Looks.ICD10: r"(?i)[a-tv-z]\d{2}([.]\d{1,3})?([a-z]?x?\d{0,4})",
    Looks.ICDO_MORPHOLOGY: r"[89]\d{3}(/[0-9])?",
    Looks.GRADE: r"(?i)[1-5]级?|[ⅠⅡⅢⅣⅤ]级?|(i{1,3}|iv|v)级?|grade ?[1-5]",
    Looks.RESPONSE: r"(?i)cr|pr|sd|pd|ne|non-?cr/non-?pd|完全缓解|部分缓解|稳定|进展|未评",
    Looks.DATE: r"\d{4}(-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|[.]\d{1,2}[.]\d{1,2})([ T].*)?|\d{4}[-/]\d{1,2}|"
    r"\d{4}年(\d{1,2}月(\d{1,2}日)?)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})|(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])",
    Looks.NUMBER: r"[+-]?[\d,]+([.]\d+)?",
}
"""In this order: a narrower form before a wider one."""


def looks_of(sample: pa.Table) -> dict[str, Looks]:
    """What each text column of a sample looks like."""
    return dict(_looks(sample.slice(0, SAMPLE_ROWS)))


def _looks(sample: pa.Table) -> Iterator[tuple[str, Looks]]:
    for name in sample.column_names:
        if pa.types.is_string(sample.schema.field(name).type):
            cells = sample[name].drop_null()
            yield name, _looks_of_cells(cells.filter(pc.not_equal(cells, "")))


def _looks_of_cells(cells: pa.ChunkedArray) -> Looks:
    if not len(cells):
        return Looks.EMPTY
    for looks, form in _FORMS.items():
        fitting = pc.sum(pc.match_substring_regex(cells, f"^({form})$")).as_py() or 0
        if fitting >= LEAST_SHARE * len(cells):
            return looks
    if len(pc.unique(cells)) <= FEW_VALUES and len(cells) > 2 * FEW_VALUES:
        return Looks.CODE
    return Looks.TEXT if (pc.mean(pc.utf8_length(cells)).as_py() or 0) > LONG_TEXT else Looks.OTHER
