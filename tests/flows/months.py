"""Cuts one delivery of demo hospital A into twelve monthly ones, with all that a year brings.

Laboratory, pathology, orders and dispensings come as changes with a mark on withdrawn rows, everything else as growing
full dumps. Rows come wrong and are corrected, are withdrawn and come back, are sent again unchanged; rows that never
should have been are withdrawn; every file's rows are in a new order each month. Of the deliveries one is sent twice,
one comes late, one is sent again whole, and of one a file is sent again.
"""

import csv
import random
import re
import shutil
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ENCODING = "gb18030"
MONTHS = tuple(
    f"{year}-{month:02}-{monthrange(year, month)[1]}"
    for year, months in ((2024, range(8, 13)), (2025, range(1, 8)))
    for month in months
)
CHANGES = {"lab": ("labs",), "pathology": ("pathology",), "drug_row": ("orders", "pharmacy")}
"""Tables that come as changes, and their sources whose rows can be withdrawn."""

CHANGES_FILES = ("检验结果", "病理报告", "医嘱_", "发药")
ALWAYS_RIGHT = ("随访",)
"""A full dump that feeds drug_row too, which comes as changes: what it withdrew would stay there."""

WITHDRAWN = "删除标志"
FATES = ("as it is", "corrected", "withdrawn for a while", "sent again", "never should have been")
SHARES = (78, 8, 4, 6, 4)
DAY = re.compile(r"(20\d\d-\d\d)-(\d\d)")
SENT_TWICE, LATE, SENT_AGAIN, FILE_SENT_AGAIN = (MONTHS[number] for number in (7, 6, 4, 9))

Row = list[str]


@dataclass(frozen=True)
class Step:
    """From a month on a row reads so; without a row it is withdrawn."""

    month: int
    row: Row | None


Story = Sequence[Step]


def wrong(row: Row) -> Row:
    """The same row with another day in its first date.

    A day past the 28th stays: it may be one that the calendar does not have, and a word that cannot be read corrects
    nothing.
    """
    return DAY.sub(_other_day, "\0".join(row), count=1).split("\0")


def _other_day(found: re.Match[str]) -> str:
    month, day = found[1], int(found[2])
    return f"{month}-{day % 28 + 1:02}" if day <= 28 else found[0]


def stories(rows: Iterable[Row], dice: random.Random, *, is_always_right: bool) -> Iterator[Story]:
    """How each row comes to be what it is in the end, and rows of which nothing stays."""
    for row in rows:
        first, second, third = sorted(dice.sample(range(len(MONTHS)), 3))
        fate = "as it is" if is_always_right else dice.choices(FATES, SHARES)[0]
        if fate == "corrected":
            yield (Step(first, wrong(row)), Step(second, row))
        elif fate == "withdrawn for a while":
            yield (Step(first, row), Step(second, None), Step(third, row))
        elif fate == "sent again":
            yield (Step(first, row), Step(second, row))
        else:
            yield (Step(first, row),)
        if fate == "never should have been" and wrong(row) != row:
            yield (Step(first, ["9" + row[0], *wrong(row)[1:]]), Step(second, None))


def full_dump(all_stories: Sequence[Story], month: int) -> list[list[Row]]:
    """What is true in a month."""
    now = [[step for step in story if step.month <= month][-1:] for story in all_stories]
    return [[step.row] for steps in now for step in steps if step.row is not None]


def changes(all_stories: Sequence[Story], month: int) -> list[list[Row]]:
    """What became true in a month; a withdrawal repeats the row with a mark."""
    said = []
    for story in all_stories:
        for before, step in zip((None, *story), story, strict=False):
            if step.month == month and step.row is not None:
                said.append([[*step.row, ""]])
            elif step.month == month and before is not None and before.row is not None:
                said.append([[*before.row, "1"]])
    return said


def write(file: Path, heading: Row, groups: list[list[Row]], dice: random.Random) -> None:
    """A CSV file, its groups of rows in a new order."""
    dice.shuffle(groups)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding=ENCODING, newline="") as lines:
        csv.writer(lines).writerows([heading, *(row for group in groups for row in group)])


def twelve_months(whole: Path, target: Path, seed: int) -> None:
    """One folder a month below `target`; the last month's folder is named as `whole` is."""
    dice = random.Random(seed)
    for file in sorted(whole.glob("*.csv")):
        with file.open(encoding=ENCODING, newline="") as lines:
            heading, *rows = csv.reader(lines)
        is_changes = file.name.startswith(CHANGES_FILES)
        told = list(stories(rows, dice, is_always_right=file.name.startswith(ALWAYS_RIGHT)))
        for number, month in enumerate(MONTHS):
            groups = changes(told, number) if is_changes else full_dump(told, number)
            write(target / month / file.name, [*heading, WITHDRAWN] if is_changes else heading, groups, dice)


def arrivals(year: Path, deliveries: Path) -> Iterator[str]:
    """Puts the deliveries of a year into a centre's folder one by one; yields after each, when it is time to land."""
    for month in (month for month in MONTHS if month != LATE):
        shutil.copytree(year / month, deliveries / month)
        if month == SENT_AGAIN:
            for file in (deliveries / month).iterdir():
                cut(file)
        if month == FILE_SENT_AGAIN:
            cut(deliveries / month / "检验结果.csv")
        if month == SENT_TWICE:
            shutil.copytree(year / month, deliveries / f"{month}_again")
        yield month
    shutil.copytree(year / LATE, deliveries / LATE)
    yield f"{LATE}, late"
    shutil.copytree(year / SENT_AGAIN, deliveries / SENT_AGAIN, dirs_exist_ok=True)
    shutil.copy(year / FILE_SENT_AGAIN / "检验结果.csv", deliveries / FILE_SENT_AGAIN / "检验结果.csv")
    yield "two deliveries mended"


def cut(file: Path) -> None:
    """Every second row is lost, the heading stays."""
    heading, *lines = file.read_text(encoding=ENCODING).splitlines(keepends=True)
    file.write_text(heading + "".join(lines[::2]), encoding=ENCODING, newline="")


def centre_of_changes(shipped: Path, folder: Path) -> None:
    """The mapping of hospital A for these deliveries: some tables as changes, whose sources mark withdrawn rows."""
    shutil.copytree(shipped, folder)
    for table, sources in CHANGES.items():
        file = folder / "tables" / f"{table}.toml"
        text = file.read_text(encoding="utf-8")
        text = text.replace(f'table = "{table}"\n', f'table = "{table}"\ndelivery = "changes"\n')
        for source in sources:
            mark = f'withdrawn = {{column = "{WITHDRAWN}", among = ["1"]}}\n'
            text = text.replace(f'source = "{source}"\n', f'source = "{source}"\n{mark}')
        file.write_text(text, encoding="utf-8")
