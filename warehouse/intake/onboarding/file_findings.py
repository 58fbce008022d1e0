"""What a check finds in the files of a delivery: columns, encodings, forms of dates."""

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
from rapidfuzz import process

from models.contract import CONTRACT
from models.errors import DeliveryError
from models.mapping import CentreConfig, Source
from warehouse.accounting import FileCount
from warehouse.intake.checks import DATES
from warehouse.intake.compile import CompiledFeed, compile_mapping
from warehouse.intake.contents import Content
from warehouse.intake.deliveries import DeliveryFile
from warehouse.intake.onboarding.date_forms import date_forms, unread_forms
from warehouse.intake.onboarding.findings import DateColumn, FileFinding, UnmatchedColumn
from warehouse.intake.onboarding.sample import likely_encoding, sample_of
from warehouse.intake.readers import format_of
from warehouse.intake.reading import are_like_data

LEAST_SIMILARITY = 50
"""Out of 100, of a name that is offered for one that is not there."""


class FileFindings:
    """Looks into the files of one delivery.

    Args:
        config: the centre.
        where: how messages name it: centre, delivery.
    """

    def __init__(self, config: CentreConfig, where: str) -> None:
        self._config, self._where = config, where
        self._sources = config.centre.source
        self._feeds = [feed for mapping in config.tables for feed in compile_mapping(mapping, config)]
        self._serials = _date_columns(config)

    def finding(self, file: DeliveryFile, count: FileCount) -> FileFinding:
        """What there is to say about one file that was rehearsed."""
        where = f"{self._where}, file {file.name}"
        source, content = file.described_by(self._sources[file.source]), file.content
        assert isinstance(content, Content)  # A database is not checked.
        try:
            sample, error = sample_of(content, where, source), count.error
        except DeliveryError as unreadable:
            sample, error = pa.table({}), str(unreadable)
        is_text = format_of(content, source) == "csv"
        wanted = self._wanted(file.source, sample.column_names)
        return FileFinding(
            source=file.source,
            file=file.name,
            read=count.read,
            used=count.used,
            skipped=count.skipped,
            failed=count.failed,
            error=error,
            encoding_declared=source.encoding if is_text else None,
            encoding_detected=_detected(content, where) if is_text else None,
            matched=tuple(name for name in sample.column_names if name in wanted),
            unmatched=() if not sample.column_names else _unmatched(wanted, sample.column_names, source),
            unused=() if are_like_data(sample.column_names) else tuple(_unused(wanted, sample.column_names)),
            dates=tuple(self._dates(file.source, sample)),
        )

    def _wanted(self, name: str, found: Sequence[str]) -> dict[str, None]:
        """Columns of its own that a source is asked for, by feeds and by lookups of other sources."""
        source = self._sources[name]
        feeds = [feed for feed in self._feeds if feed.source == name]
        groups = {(feed.table.name, feed.feed_no) for feed in feeds if set(feed.repeated) & set(found)}
        asked = [column for feed in feeds if not _is_absent_repeat(feed, groups, found) for column in feed.wanted]
        asked += [column for lookup in source.lookup.values() for column in lookup.column]
        for other in self._sources.values():
            for lookup in other.lookup.values():
                if lookup.source == name:
                    asked += [*lookup.key, lookup.value, *(condition.column for condition in lookup.when)]
        return dict.fromkeys(column for column in asked if column not in source.lookup)

    def _dates(self, source: str, sample: pa.Table) -> Iterable[DateColumn]:
        for (of_source, column), reads_serials in self._serials.items():
            if of_source == source and column in sample.column_names:
                forms = date_forms(sample[column])
                if forms:
                    unread = unread_forms(forms, reads_serials=reads_serials)
                    yield DateColumn(column=column, forms=forms, unread=unread)


def nearest(name: str, others: Iterable[str]) -> str | None:
    """The most similar of other names, None when none is alike."""
    folded = {other.casefold(): other for other in others}
    found = process.extractOne(name.casefold(), folded.keys(), score_cutoff=LEAST_SIMILARITY)
    return folded[found[0]] if found else None


def _is_absent_repeat(feed: CompiledFeed, groups: set[tuple[str, int]], found: Sequence[str]) -> bool:
    """Whether a number of a repeated group is not in the file, while others are."""
    return bool(feed.repeated) and (feed.table.name, feed.feed_no) in groups and not set(feed.repeated) & set(found)


def _unused(wanted: Mapping[str, None], found: Sequence[str]) -> Iterable[str]:
    return (name for name in found if name not in wanted)


def _unmatched(wanted: Mapping[str, None], found: Sequence[str], source: Source) -> tuple[UnmatchedColumn, ...]:
    free = [] if are_like_data(found) else list(_unused(wanted, found))
    lacking = [name for name in wanted if name not in found and name not in source.optional]
    return tuple(UnmatchedColumn(column=name, nearest=nearest(name, free)) for name in lacking)


def _detected(content: Content, where: str) -> str | None:
    try:
        return likely_encoding(content, where)
    except DeliveryError:
        return None


def _date_columns(config: CentreConfig) -> dict[tuple[str, str], bool]:
    """Source columns that feed dates, and whether serials of spreadsheets are read in them."""
    found: dict[tuple[str, str], bool] = {}
    for mapping in config.tables:
        table = CONTRACT[mapping.table]
        for feed in mapping.feed:
            for name, cell in feed.columns.items():
                if table.column(name).kind in DATES and cell.date != "days_from_anchor" and cell.pattern is None:
                    for column in (cell.column,) if cell.column else cell.columns or ():
                        found[feed.source, column] = cell.date == "excel_serial_or_text"
    return found
