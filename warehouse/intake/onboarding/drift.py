"""What changed between two deliveries of a centre: columns, codes, units, volume."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from warehouse.accounting import FileCount, ValueCount
from warehouse.intake.onboarding.looks import Looks
from warehouse.intake.onboarding.profile import MOST_VALUES
from warehouse.manifest import Manifest

ALIKE_NAMES = 60
"""Least similarity of two column names, out of 100, for one to be the other's new name."""
MOVED_SHARE = 0.5
"""Share of a test's results that must have changed their unit."""
FEWEST_RESULTS = 20
FEWEST_ROWS = 50
VOLUME_TIMES = 3
MOST_NAMED = 10
UNLISTED = {"raw_name", "raw_term", "unit"}
"""Counted columns whose new values are no drift: names come and go, and units are told by test."""
TELLING = {Looks.DATE, Looks.SEX, Looks.ICD10, Looks.ICDO_MORPHOLOGY, Looks.GRADE, Looks.RESPONSE}
"""Looks that hardly two columns of a file share by chance."""


@dataclass(frozen=True)
class Seen:
    """What is remembered of one delivery."""

    delivery_id: str
    files: Sequence[FileCount]
    values: Sequence[ValueCount]

    @classmethod
    def of(cls, batch: Manifest) -> "Seen":
        """What the manifest of a landed delivery remembers."""
        return cls(batch.delivery_id, batch.files, batch.values)


def drift(where: str, earlier: Seen, now: Seen) -> tuple[str, ...]:
    """One line a change, naming what changed since the earlier delivery; `where` names centre and delivery."""
    sources = list(dict.fromkeys(file.source for file in now.files))
    lines = []
    for source in sources:
        before = [file for file in earlier.files if file.source == source]
        after = [file for file in now.files if file.source == source]
        told = [*_columns(before, after), *_volume(before, after)]
        told += _codes(_of(earlier.values, source), _of(now.values, source))
        told += _units(_of(earlier.values, source), _of(now.values, source))
        lines += [f"{where}, source {source}: since delivery {earlier.delivery_id} {line}" for line in told]
    return tuple(lines)


def _of(values: Iterable[ValueCount], source: str) -> list[ValueCount]:
    return [value for value in values if value.source == source]


def _columns(before: Sequence[FileCount], after: Sequence[FileCount]) -> Iterator[str]:
    old, new = _looks(before), _looks(after)
    if not old or not new:
        return
    gone = [name for name in old if name not in new]
    fresh = [name for name in new if name not in old]
    for name in list(gone):
        heir = _heir(name, old[name], gone, {other: new[other] for other in fresh})
        if heir is not None:
            gone.remove(name)
            fresh.remove(heir)
            yield f"column {name!r} seems to be called {heir!r} now. If so, say it in the mapping."
    if gone:
        yield f"{_named('column', gone)} gone."
    if fresh:
        yield f"{_named('column', fresh)} new."


def _heir(name: str, looks: Looks | None, gone: Sequence[str], fresh: dict[str, Looks | None]) -> str | None:
    """The new column that seems to be a gone one under another name: alike in name, else the only one alike in looks.

    Columns that nothing reads have no looks, unless their file lacks another.
    """
    likeness = {other: fuzz.ratio(name.casefold(), other.casefold()) for other in fresh}
    nearest = max(likeness, key=lambda other: likeness[other], default=None)
    if nearest is not None and likeness[nearest] >= ALIKE_NAMES:
        return nearest
    alike = [other for other, its in fresh.items() if its is looks]
    is_exchange = len(gone) == len(fresh) == 1 and looks is not Looks.EMPTY
    return alike[0] if looks is not None and len(alike) == 1 and (is_exchange or looks in TELLING) else None


def _looks(files: Iterable[FileCount]) -> dict[str, Looks | None]:
    found: dict[str, Looks | None] = {}
    for file in files:
        for name in file.columns:
            found[name] = Looks(file.looks[name]) if name in file.looks else found.get(name)
    return found


def _named(what: str, names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:MOST_NAMED])
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{what}{'s' if len(names) > 1 else ''} {shown}{more} {'are' if len(names) > 1 else 'is'}"


def _volume(before: Sequence[FileCount], after: Sequence[FileCount]) -> Iterator[str]:
    old, new = sum(file.read for file in before), sum(file.read for file in after)
    if max(old, new) >= FEWEST_ROWS and (new > VOLUME_TIMES * old or old > VOLUME_TIMES * new) and old and new:
        yield f"the rows went from {old:,} to {new:,}."


def _codes(before: Sequence[ValueCount], after: Sequence[ValueCount]) -> Iterator[str]:
    for table, column in dict.fromkeys((value.table, value.column) for value in after):
        if column in UNLISTED:
            continue
        known = [value.value for value in before if (value.table, value.column) == (table, column)]
        new = [value for value in after if (value.table, value.column) == (table, column) and value.value not in known]
        if new and known and len(known) < MOST_VALUES:
            shown = ", ".join(f"{value.value!r} ({value.rows:,} rows)" for value in new[:MOST_NAMED])
            more = f" and {len(new) - MOST_NAMED} more" if len(new) > MOST_NAMED else ""
            yield f"{table}.{column} has values it had not: {shown}{more}. See whether the mapping lists them."


def _units(before: Sequence[ValueCount], after: Sequence[ValueCount]) -> Iterator[str]:
    old, new = _shares(before), _shares(after)
    for key in new:
        if key not in old:
            continue
        lost = max(old[key], key=lambda unit: old[key][unit] - new[key].get(unit, 0))
        won = max(new[key], key=lambda unit: new[key][unit] - old[key].get(unit, 0))
        if new[key][won] - old[key].get(won, 0) >= MOVED_SHARE:
            table, test = key
            yield (
                f"the unit of {test!r} ({table}) changed: {lost!r} fell from {old[key][lost]:.0%} to "
                f"{new[key].get(lost, 0):.0%} of its results, {won!r} rose from {old[key].get(won, 0):.0%} to "
                f"{new[key][won]:.0%}."
            )


def _shares(values: Sequence[ValueCount]) -> dict[tuple[str, str], dict[str, float]]:
    """Share of each unit among the results of each test that has enough of them."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for value in values:
        if value.column == "unit":
            counts.setdefault((value.table, value.beside), Counter())[value.value] += value.rows
    return {
        key: {unit: rows / units.total() for unit, rows in units.items()}
        for key, units in counts.items()
        if units.total() >= FEWEST_RESULTS
    }
