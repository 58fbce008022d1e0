"""`oncomart quality`: a published release judged by the tolerances of today, without building anything."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows.checks import tolerances_of
from models.config import QUALITY
from models.tolerances import Tolerances
from warehouse import Home, list_releases, load_config, open_release, show_release

_COUNTS = """
    select check_id, table_name, centre_id, study_id, coalesce(variant, 'primary') = 'primary', stops_build = 'Y',
        n_rows, n_fail, is_exceeded, fires_when
    from quality.checks
    order by check_id, table_name, centre_id, study_id, variant
"""


@dataclass(frozen=True)
class Verdict:
    """A check on one table, centre and study: what the release said of it, and what today's tolerances say."""

    check_id: str
    where: str
    is_primary: bool
    stops_build: bool
    n_rows: int
    n_fail: int
    was_exceeded: bool | None
    is_exceeded: bool | None
    tolerance: str
    meaning: str

    @property
    def words(self) -> str:
        """One line: what changed, how many of how many, and the tolerance that decides."""
        before, now = (_VERDICTS[one] for one in (self.was_exceeded, self.is_exceeded))
        counts = f"{self.n_fail:,} of {self.n_rows:,} rows, tolerance {self.tolerance}"
        return f"{self.check_id} {self.where}: {before} -> {now} ({counts}): {self.meaning}"


_VERDICTS = {None: "not judged", False: "within", True: "beyond"}


def run_quality(home: Path, config: Path, release: str | None) -> int:
    """Judge a release anew, say what changes, and write its page to `<home>/quality/<release>`; returns the exit code.

    The sealed release is read and not touched; the next refresh applies the same tolerances.

    Raises:
        BadInput: the configuration or the release cannot be used.
    """
    tolerances = tolerances_of(load_config(config))
    place = Home(home.resolve())
    record = show_release(place, release)
    with open_release(place, record.release_id) as connection:
        for line in _told(list(judge(connection, tolerances)), record.release_id, config):
            sys.stdout.write(f"{line}\n")
        page = write_page(place, connection, record.release_id, tolerances)
    sys.stdout.write(f"Page        {page}\n")
    return 0


def judge(connection: duckdb.DuckDBPyConnection, tolerances: Tolerances) -> Iterator[Verdict]:
    """Every count of a released quality.checks with its verdict then and now."""
    counts = connection.execute(_COUNTS).fetchall()
    for check, table, centre, study, primary, stops, rows, failed, was, meaning in counts:
        where = ", ".join(filter(None, (table, centre or "all centres", study)))
        tolerance = tolerances.of(check, centre)
        words = "none" if tolerance is None else f"{tolerance.normalize():f}%"
        now = tolerances.is_exceeded(check, centre, rows, failed)
        yield Verdict(check, where, primary, stops, rows, failed, was, now, words, meaning)


def write_page(home: Home, connection: duckdb.DuckDBPyConnection, release_id: str, tolerances: Tolerances) -> Path:
    """Write the page of a published release under other tolerances into the data home."""
    from analysis import write_quality

    return write_quality(
        connection,
        release_id,
        tolerances,
        earlier_releases(home, release_id),
        home.root / QUALITY / release_id,
        reports=f"../../releases/{release_id}/report",
        is_applied_later=True,
    )


def earlier_releases(home: Home, release_id: str) -> Mapping[str, Path]:
    """Folders of the kept releases before one, by their names."""
    return {one.release_id: one.folder for one in list_releases(home) if one.release_id < release_id}


def _told(verdicts: list[Verdict], release_id: str, config: Path) -> Iterator[str]:
    """What changes, check by check, how many are beyond their tolerance, and what that means for publication."""
    yield f"Release     {release_id}, judged by the rule book and [quality] of {config}"
    primary = [one for one in verdicts if one.is_primary]
    changed = [one for one in primary if one.was_exceeded != one.is_exceeded]
    beyond = sum(one.is_exceeded or False for one in primary)
    was = sum(one.was_exceeded or False for one in primary)
    yield f"Checks      {beyond} beyond tolerance, {was} when it was published; {len(changed)} verdict(s) change"
    yield from (f"            {one.words}" for one in changed)
    stopping = [one for one in verdicts if one.stops_build and one.is_exceeded]
    if stopping:
        yield f"Publication the next refresh would stop at {len(stopping)} check(s):"
        yield from (f"            {one.words}" for one in stopping)
