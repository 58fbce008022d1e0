"""The page of a release's quality, in every language, with its tables beside it as CSV."""

import shutil
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from markupsafe import Markup

from analysis.disclosure import FEWEST_PATIENTS
from analysis.quality import tables, worklists
from analysis.quality.figures import CATEGORIES, trend_bars, volume_bars
from analysis.quality.reading import Filled, Release
from analysis.report.language import LANGUAGES, PAGES, speaking, spoken, tr
from analysis.report.parts import Text, html, say
from analysis.report.table import Table, write_csv
from analysis.templating import TEMPLATES, templates

Item = TypeVar("Item")


@dataclass(frozen=True)
class Surroundings:
    """What stands around a page: the studies' reports by their address, and whether it was judged after the release."""

    reports: str
    studies: tuple[str, ...]
    is_applied_later: bool = False


@dataclass(frozen=True)
class Stream:
    """One bar of the picture of rows: what was there, and its parts with their share in percent."""

    whole: Text
    parts: tuple[tuple[str, str, int, float], ...]
    """Class, words, count, share."""


@dataclass(frozen=True)
class FilledTable:
    """Columns of one contract table: the share of rows with a value at each centre (None: no rows, or too few)."""

    name: str
    columns: tuple[tuple[str, tuple[float | None, ...]], ...]


def write_page(release: Release, around: Surroundings, folder: Path) -> Path:
    """Write `index.html`, `index.zh.html` and the tables as CSV (English) into a folder; returns index.html."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for language in LANGUAGES:
        with speaking(language):
            (folder / PAGES[language]).write_text(render(release, around), encoding="utf-8")
    for table in _csv_tables(release):
        write_csv(table, folder)
    return folder / PAGES[LANGUAGES[0]]


def render(release: Release, around: Surroundings) -> str:
    """The page in the language that is spoken, as HTML without any other file."""
    return (
        templates(parts=html, tr=tr, percent=tables.percent, tolerance=tables.tolerance_words, row=tables.row_words)
        .get_template("quality.html.j2")
        .render(
            release=release,
            around=around,
            page=PAGES[spoken()],
            pages=PAGES,
            stylesheet=Markup(
                "\n".join((TEMPLATES / name).read_text("utf-8") for name in ("report.css", "quality.css"))
            ),
            key_figures=list(_key_figures(release)),
            streams={centre: _streams(release, centre) for centre in release.centres},
            findings=_by_check(release.exceeded, lambda one: (one.check_id, one.study)),
            sums={category: _sums(release, category) for category in CATEGORIES},
            deliveries=tables.deliveries_table(release),
            kahn=tables.kahn_table(release),
            centres=tables.centres_table(release),
            matrix=tables.matrix_table(release),
            quarantine=tables.quarantine_table(release) if release.quarantine else None,
            worklists=[table for kind in worklists.KINDS if (table := worklists.unknown_table(release, kind))],
            reviews=worklists.reviews_table(release) if release.reviews else None,
            trend=list(trend_bars(release.past)) if len(release.past) > 1 else [],
            volumes={centre: list(volume_bars(release, centre)) for centre in release.centres},
            filled=list(_filled_tables(release)),
            fewest=FEWEST_PATIENTS,
        )
    )


def _by_check(items: Iterable[Item], key: Callable[[Item], Hashable]) -> list[list[Item]]:
    """Items of one key together, in the order in which each key comes first."""
    groups: dict[Hashable, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


def _sums(release: Release, category: str) -> list[list[tables.CheckSum]]:
    """The lines of a category, those of one check together."""
    return _by_check(tables.check_sums(release, category), lambda one: one.check.check_id)


def _csv_tables(release: Release) -> Iterator[Table]:
    yield from (tables.deliveries_table(release), tables.kahn_table(release), tables.checks_table(release))
    yield from (tables.centres_table(release), tables.quarantine_table(release), worklists.reviews_table(release))
    yield from (tables.volume_table(release), tables.completeness_table(release))
    yield from (table for kind in worklists.KINDS if (table := worklists.unknown_table(release, kind)))


def _key_figures(release: Release) -> Iterator[tuple[str, str, Text]]:
    """Heading, large number and what stands below it."""
    read = sum(one.read for one in release.deliveries)
    files = sum(one.n_files for one in release.deliveries)
    yield (
        tr("Rows read"),
        f"{read:,}",
        say(
            "files: {files}; deliveries: {deliveries}",
            files=_of_release(files),
            deliveries=_of_release(len(release.deliveries)),
        ),
    )
    emitted = sum(one.emitted for one in release.landing)
    landed = sum(one.landed for one in release.landing)
    yield tr("Records landed"), f"{landed:,}", say("of {n} made by the mapping", n=_of_release(emitted))
    refused = sum(one.n_rows for one in release.quarantine)
    yield tr("Records refused"), f"{refused:,}", say("in quarantine or rejected later")
    looked = {one.check_id for one in release.checks if one.n_rows}
    beyond = {one.check_id for one in release.exceeded}
    yield tr("Checks beyond tolerance"), f"{len(beyond)}", say("of {n} that looked at rows", n=_of_release(len(looked)))
    waiting = sum(one.n_matters for one in release.reviews if one.status == "OPEN")
    yield tr("Open reviews"), f"{waiting:,}", say("in quality.review_queue")


def _of_release(number: int) -> Text:
    return tables.count(number)


def _streams(release: Release, centre: str) -> list[Stream]:
    """Rows of the files, then records of the contract, each as a bar of its parts."""
    files = [one for one in release.deliveries if one.centre == centre]
    parts = {
        "landed": (tr("used"), sum(one.used for one in files)),
        "doubled": (tr("skipped"), sum(one.skipped for one in files)),
        "refused": (tr("failed"), sum(one.failed for one in files)),
    }
    streams = [_stream(say("{n} rows read", n=_of_release(sum(one.read for one in files))), parts)]
    for one in release.landing:
        if one.centre == centre:
            parts = {
                "landed": (tr("landed"), one.landed),
                "doubled": (tr("duplicates"), one.duplicates),
                "refused": (tr("quarantined"), one.quarantined),
            }
            streams.append(_stream(say("{n} records", n=_of_release(one.emitted)), parts))
    return streams


def _stream(whole: Text, parts: Mapping[str, tuple[str, int]]) -> Stream:
    total = sum(number for _, number in parts.values()) or 1
    shares = ((kind, words, number, round(100 * number / total, 2)) for kind, (words, number) in parts.items())
    return Stream(whole, tuple(shares))


def _filled_tables(release: Release) -> Iterator[FilledTable]:
    by_table: dict[str, dict[str, dict[str, Filled]]] = {}
    for one in release.filled:
        by_table.setdefault(one.table, {}).setdefault(one.column, {})[one.centre] = one
    for table in sorted(by_table):
        yield FilledTable(
            table,
            tuple(
                (column, tuple(_share(of_centres.get(centre)) for centre in release.centres))
                for column, of_centres in by_table[table].items()
            ),
        )


def _share(one: Filled | None) -> float | None:
    return None if one is None or one.n_rows < FEWEST_PATIENTS else 100 * one.n_filled / one.n_rows
