"""Ways in which deliveries are spoilt: damages of rows, of lines and of bytes, drawn by seed."""

import random
from collections.abc import Callable, Sequence

HEADER = ("住院号", "姓名", "性别", "出生日期", "医嘱ID", "医嘱名称", "剂量", "开始", "结束", "用法")
NAMES = ("王小明丙", "欧阳静怡", "张建国卯")
PHONES = ("13912345678", "18600001234")
NUMBERS = ("ZYH-88231907", "ZYH-55017746", "ZYH-31415926")
PLANTED = (*NAMES, *PHONES, *NUMBERS)

UGLY = (
    *(
        "三十五",
        "１２.５",
        "5mg",
        "1,234.5",
        "1e5",
        "NaN",
        "∞",
        "-",
        "½",
        "0x1F",
        "1.2.3",
        "+-1",
        "9" * 400,
        "1" + "0" * 20,
    ),
    *("2023-02-30", "2099-01-01", "0000-00-00", "45000", "公历二〇二四年三月", "2024/13/45", "24-3-5", "9999-12-31"),
    *("99999-01-01", "2024-03-05 25:61:61", "２０２４-０３-０５", "上周三", "2024年3月", "-2024-01-01", "4.10105E+17"),
    *('=HYPERLINK("http://x","y")', "@SUM(A1:A9)", "+1+cmd", "#N/A", "#REF!", "####", "'1", "\\N", "NULL", "nan"),
    *("\u200b", "\ufeff1", "\u202e1", "\x7f", "\x1b[31m", "\x85", "\u2028", "🧬" * 3, "e\u0301", "\U0010ffff", " 1 "),
    *("%s%n", "'; DROP TABLE x;--", "{x}", "$1", "\\1", "a" * 40_000, "男女", "true", "..", "../../etc/passwd"),
)


Rows = list[list[str]]
Draw = random.Random


def good_rows(draw: Draw) -> Rows:
    """A few rows without a fault, patients' values among them."""
    return [
        [
            draw.choice(NUMBERS),
            draw.choice(NAMES),
            draw.choice(["男", "女"]),
            f"19{draw.randint(30, 99)}-0{draw.randint(1, 9)}-1{draw.randint(0, 9)}",
            f"{draw.choice(PHONES)}{number}",
            draw.choice(["顺铂", "卡铂", "替吉奥胶囊(20mg)"]),
            str(draw.randint(1, 400)),
            f"2024-0{draw.randint(1, 9)}-0{draw.randint(1, 9)}",
            "",
            draw.choice(["静滴", "口服"]),
        ]
        for number in range(draw.randint(3, 12))
    ]


def as_text(rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\n") -> str:
    """Rows as delimited text, quoted where needed."""
    return "".join(delimiter.join(_quoted(cell, delimiter) for cell in row) + end for row in rows)


def _quoted(cell: str, delimiter: str) -> str:
    needs = any(sign in cell for sign in (delimiter, '"', "\n", "\r"))
    return '"' + cell.replace('"', '""') + '"' if needs else cell


# Damages of rows: what they hold stays countable -------------------------------------------------------------------


def _ugly_cells(draw: Draw, rows: Rows) -> Rows:
    for _ in range(draw.randint(1, 6)):
        draw.choice(rows)[draw.randrange(len(HEADER))] = draw.choice(UGLY)
    return rows


def _ugly_everywhere(draw: Draw, rows: Rows) -> Rows:
    return [[draw.choice(UGLY) for _ in row] for row in rows]


def _shifted(draw: Draw, rows: Rows) -> Rows:
    row = draw.choice(rows)
    row[:] = [*row[1:], ""] if draw.random() < 0.5 else ["", *row[:-1]]
    return rows


def _all_shifted(_: Draw, rows: Rows) -> Rows:
    return [[row[-1], *row[:-1]] for row in rows]


def _narrow(draw: Draw, rows: Rows) -> Rows:
    del draw.choice(rows)[draw.randrange(len(HEADER)) :]
    return [row or [draw.choice(NAMES)] for row in rows]


def _wider(draw: Draw, rows: Rows) -> Rows:
    start = draw.randrange(len(rows))
    return [row if number < start else [*row, draw.choice(NAMES)] for number, row in enumerate(rows)]


def _very_wide(draw: Draw, rows: Rows) -> Rows:
    draw.choice(rows).extend([draw.choice(PHONES)] * 20_000)
    return rows


def _repeated_header(draw: Draw, rows: Rows) -> Rows:
    rows.insert(draw.randint(0, len(rows)), list(HEADER))
    return rows


def _long_cell(draw: Draw, rows: Rows) -> Rows:
    draw.choice(rows)[draw.randrange(len(HEADER))] = draw.choice(["长", "x", "1"]) * 300_000
    return rows


def _nothing_left(_: Draw, __: Rows) -> Rows:
    return []


def _emptied(draw: Draw, rows: Rows) -> Rows:
    draw.choice(rows)[:] = [""] * len(HEADER)
    return rows


def _twice(_: Draw, rows: Rows) -> Rows:
    return [*rows, *map(list, rows)]


ROW_DAMAGES: tuple[Callable[[Draw, Rows], Rows], ...] = (
    _ugly_cells,
    _ugly_everywhere,
    _shifted,
    _all_shifted,
    _narrow,
    _wider,
    _very_wide,
    _repeated_header,
    _long_cell,
    _nothing_left,
    _emptied,
    _twice,
)
CELL_DAMAGES = (_ugly_cells, _ugly_everywhere, _shifted, _all_shifted, _long_cell, _emptied, _twice, _nothing_left)
"""Those that keep the width, as a workbook or Parquet must."""


# Damages of text: lines --------------------------------------------------------------------------------------------


def _line_ends(draw: Draw, lines: list[str]) -> tuple[str, int | None]:
    return "".join(line + draw.choice(["\n", "\r\n", "\r"]) for line in lines), len(lines) - 1


def _old_line_ends(_: Draw, lines: list[str]) -> tuple[str, int | None]:
    return "".join(line + "\r" for line in lines), len(lines) - 1


def _no_last_line_end(_: Draw, lines: list[str]) -> tuple[str, int | None]:
    return "\n".join(lines), len(lines) - 1


def _blank_lines(draw: Draw, lines: list[str]) -> tuple[str, int | None]:
    for _ in range(draw.randint(1, 4)):
        lines.insert(draw.randint(1, len(lines)), draw.choice(["", "  ", "\t"]))
    return "\r\n".join([*lines, ""]), len(lines) - 1


def _end_sign(_: Draw, lines: list[str]) -> tuple[str, int | None]:
    return "\n".join([*lines, "\x1a"]), len(lines)


def _marks_inside(draw: Draw, lines: list[str]) -> tuple[str, int | None]:
    number = draw.randrange(1, len(lines)) if len(lines) > 1 else 0
    lines[number] = "\ufeff" + lines[number]
    return "\n".join([*lines, ""]), len(lines) - 1


def _nul(draw: Draw, lines: list[str]) -> tuple[str, int | None]:
    number = draw.randrange(len(lines))
    place = draw.randint(0, len(lines[number]))
    lines[number] = lines[number][:place] + "\0" * draw.randint(1, 9) + lines[number][place:]
    return "\n".join([*lines, ""]), len(lines) - 1


def _open_quotes(draw: Draw, lines: list[str]) -> tuple[str, int | None]:
    """Quotes before the first cell, which is never empty: each opens and none closes."""
    for number in draw.sample(range(1, len(lines)), k=min(draw.randint(1, 3), len(lines) - 1)):
        lines[number] = '"' + lines[number]
    return "\n".join([*lines, ""]), len(lines) - 1


def _stray_quotes(draw: Draw, lines: list[str]) -> tuple[str, int | None]:
    text = "\n".join([*lines, ""])
    for _ in range(draw.randint(1, 5)):
        place = draw.randint(0, len(text))
        text = text[:place] + '"' + text[place:]
    return text, None


def _other_delimiter(draw: Draw, lines: list[str]) -> tuple[str, int | None]:
    start, sign = draw.randrange(1, len(lines) + 1), draw.choice([";", "\t", "|", "，", "、"])
    return "\n".join([*lines[:start], *(line.replace(",", sign) for line in lines[start:]), ""]), len(lines) - 1


def _no_header(_: Draw, lines: list[str]) -> tuple[str, int | None]:
    return "\n".join([*lines[1:], ""]), None


def _header_run_into_row(_: Draw, lines: list[str]) -> tuple[str, int | None]:
    return "\n".join(["".join(lines[:2]), *lines[2:], ""]), None


def _lines_shuffled(draw: Draw, lines: list[str]) -> tuple[str, int | None]:
    draw.shuffle(lines)
    return "\n".join([*lines, ""]), None


def _letter_at_top(_: Draw, lines: list[str]) -> tuple[str, int | None]:
    return "\n".join([f"导出人 {NAMES[0]} 电话 {PHONES[0]}", *lines, ""]), None


LINE_DAMAGES: tuple[Callable[[Draw, list[str]], tuple[str, int | None]], ...] = (
    _line_ends,
    _old_line_ends,
    _no_last_line_end,
    _blank_lines,
    _end_sign,
    _marks_inside,
    _nul,
    _open_quotes,
    _stray_quotes,
    _other_delimiter,
    _no_header,
    _header_run_into_row,
    _lines_shuffled,
    _letter_at_top,
)


# Damages of bytes --------------------------------------------------------------------------------------------------


def _cut(draw: Draw, whole: bytes) -> bytes:
    return whole[: draw.randint(0, len(whole))]


def _flipped(draw: Draw, whole: bytes) -> bytes:
    spoilt = bytearray(whole)
    for _ in range(draw.choice([1, 1, 3, 30])):
        if spoilt:
            spoilt[draw.randrange(len(spoilt))] = draw.randrange(256)
    return bytes(spoilt)


def _zeroed(draw: Draw, whole: bytes) -> bytes:
    start = draw.randint(0, len(whole))
    return whole[:start] + b"\0" * (len(whole) - start)


def _piece_lost(draw: Draw, whole: bytes) -> bytes:
    start = draw.randint(0, len(whole))
    return whole[:start] + whole[start + draw.randint(1, 64) :]


def _piece_repeated(draw: Draw, whole: bytes) -> bytes:
    start = draw.randint(0, len(whole))
    return whole[: start + draw.randint(1, 64)] + whole[start:]


def _junk_behind(draw: Draw, whole: bytes) -> bytes:
    return whole + draw.randbytes(draw.randint(1, 200))


def _junk_alone(draw: Draw, _: bytes) -> bytes:
    return draw.randbytes(draw.randint(0, 2000))


def _surrogates(draw: Draw, whole: bytes) -> bytes:
    place = draw.randint(0, len(whole))
    return whole[:place] + draw.choice([b"\xed\xa0\x80", b"\x00\xd8", b"\xd8\x00", b"\x84\x31\xa4\x37"]) + whole[place:]


def _half_in_another_encoding(draw: Draw, whole: bytes) -> bytes:
    middle = whole.find(b"\n", draw.randint(0, len(whole))) + 1
    return whole[:middle] + f"{NAMES[0]},{NUMBERS[0]}\n".encode(draw.choice(["gb18030", "utf-8", "utf-16", "big5"])) * 2


BYTE_DAMAGES: tuple[Callable[[Draw, bytes], bytes], ...] = (
    _cut,
    _flipped,
    _zeroed,
    _piece_lost,
    _piece_repeated,
    _junk_behind,
    _junk_alone,
    _surrogates,
    _half_in_another_encoding,
)
