"""Tries a delivery without landing it, by the very steps of a landing, and gathers all that a data engineer needs."""

from rapidfuzz import process

from models.config import Settings
from models.errors import BadInput, ConfigError, DeliveryError
from warehouse.config import LocatedCentre
from warehouse.engine import Progress, silent
from warehouse.home import Home
from warehouse.intake.contents import Content
from warehouse.intake.deliveries import Delivery, DeliveryFile, find_deliveries, find_files
from warehouse.intake.onboarding.drift import Seen, drift
from warehouse.intake.onboarding.file_findings import LEAST_SIMILARITY, FileFindings
from warehouse.intake.onboarding.findings import CheckReport, FileFinding, MissingSource
from warehouse.intake.onboarding.record_findings import rejected, tables, unknown_names
from warehouse.intake.onboarding.rehearsal import Rehearsal, lenient, rehearsed
from warehouse.manifest import committed_batches

MOST_NEAR = 3


def check_delivery(
    home: Home, centre: LocatedCentre, settings: Settings, named: str | None = None, progress: Progress = silent
) -> CheckReport:
    """Tries one delivery of a centre; needs no key, and leaves nothing behind.

    Args:
        home: only read, to compare with the delivery landed last; need not exist.
        centre: whose mapping is tried.
        settings: limits of this machine.
        named: delivery to try, the newest when None.
        progress: takes a line a finished file and table.

    Raises:
        DeliveryError: there is no such delivery.
        ConfigError: the centre is a database.
    """
    if centre.config.centre.database is not None:
        raise ConfigError(
            f"Centre {centre.id} is read from a database, and check reads files. "
            "Try it with a refresh into a home of its own (--home), which the database does not notice."
        )
    delivery = _delivery(centre, named)
    where = f"Centre {centre.id}, delivery {delivery.delivery_id}"
    tried = lenient(centre)
    with rehearsed(tried, settings, delivery, progress) as rehearsal:
        files = _files(tried, delivery)
        missing, unread = _missing(centre, delivery, files)
        problems = [_missing_line(where, each) for each in missing if each.required]
        return CheckReport(
            centre_id=centre.id,
            delivery_id=delivery.delivery_id,
            extract_date=delivery.extract_date,
            files=_findings(tried, where, rehearsal, files),
            missing=missing,
            unread_files=unread,
            tables=tuple(tables(rehearsal, tried.config)),
            rejected=tuple(rejected(rehearsal)),
            unknown=tuple(unknown_names(rehearsal, tried.config)),
            drift=_drift(home, where, delivery, rehearsal),
            problems=(*problems, *rehearsal.report.problems),
            warnings=tuple(line for line in rehearsal.report.warnings if "are in quarantine" not in line),
        )


def _delivery(centre: LocatedCentre, named: str | None) -> Delivery:
    deliveries, _ = find_deliveries(centre)
    for delivery in deliveries:
        if delivery.delivery_id == named:
            return delivery
    if named is None and deliveries:
        return max(deliveries, key=lambda delivery: delivery.order)
    known = ", ".join(delivery.delivery_id for delivery in deliveries) or "none"
    raise DeliveryError(
        f"Centre {centre.id}: there is no delivery {named or 'at all'} in {centre.deliveries}; there are {known}."
    )


def _files(centre: LocatedCentre, delivery: Delivery) -> tuple[DeliveryFile, ...]:
    try:
        return find_files(centre, delivery)
    except BadInput:
        return ()  # The rehearsal has said why.


def _findings(
    centre: LocatedCentre, where: str, rehearsal: Rehearsal, files: tuple[DeliveryFile, ...]
) -> tuple[FileFinding, ...]:
    counts = {(count.source, count.file): count for count in rehearsal.report.files}
    looker = FileFindings(centre.config, where)
    return tuple(looker.finding(file, counts[file.source, file.name]) for file in files)


def _missing(
    centre: LocatedCentre, delivery: Delivery, files: tuple[DeliveryFile, ...]
) -> tuple[tuple[MissingSource, ...], tuple[str, ...]]:
    """Sources without a file, and files that no source reads."""
    assert delivery.folder is not None
    read = {file.content.path for file in files if isinstance(file.content, Content)}
    unread = [
        path.relative_to(delivery.folder).as_posix()
        for path in sorted(delivery.folder.rglob("*"))
        if path.is_file() and path not in read and not path.name.startswith((".", "~$"))
    ]
    found = {file.source for file in files}
    missing = tuple(
        MissingSource(
            source=name, patterns=tuple(source.files), required=source.required, near=_near(source.files, unread)
        )
        for name, source in centre.config.centre.source.items()
        if name not in found
    )
    return missing, tuple(unread)


def _near(patterns: list[str], unread: list[str]) -> tuple[str, ...]:
    scores: dict[str, float] = {}
    for pattern in patterns:
        for name, score, _ in process.extract(pattern, unread, score_cutoff=LEAST_SIMILARITY, limit=MOST_NEAR):
            scores[name] = max(score, scores.get(name, 0))
    return tuple(sorted(scores, key=lambda name: -scores[name])[:MOST_NEAR])


def _missing_line(where: str, missing: MissingSource) -> str:
    line = f"{where}: no file for source {missing.source} ({', '.join(missing.patterns)})."
    return f"{line} Is it {' or '.join(missing.near)}?" if missing.near else line


def _drift(home: Home, where: str, delivery: Delivery, rehearsal: Rehearsal) -> tuple[str, ...]:
    """Changes since the delivery that was landed before this one."""
    batches = committed_batches(home, frozenset({rehearsal.manifest.centre_id})) if rehearsal.manifest else ()
    earlier = [batch for batch in batches if batch.order < delivery.order]
    if rehearsal.manifest is None or not earlier:
        return ()
    return drift(where, Seen.of(earlier[-1]), Seen.of(rehearsal.manifest))
