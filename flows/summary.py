"""The words at the end: what was landed, refused, changed and published, and where the report is."""

from pathlib import Path

from flows.checks import exceeded_checks
from flows.console import Terminal, count
from models.config import QUALITY
from warehouse import CentreReport, DeliveryReport, Home, ReleaseRecord, open_release

MOST_CHECKS = 8


def print_landing(terminal: Terminal, report: CentreReport) -> None:
    """One line a delivery, then what was refused and why."""
    for delivery in report.deliveries:
        terminal.detail(_delivery_line(delivery))
    for warning in report.warnings:
        terminal.detail(f"! {warning}")
    for problem in report.problems:
        terminal.detail(f"✗ {problem}")


def _delivery_line(delivery: DeliveryReport) -> str:
    name = f"delivery {delivery.delivery_id}"
    if delivery.status == "unchanged":
        return f"{name}: landed before, nothing new"
    if delivery.status == "kept":
        return f"{name}: landed before; its folder is no longer there, and the lake keeps what it said"
    if delivery.status == "compared":
        return f"{name}: landed before; compared again, since what came before it has changed"
    if delivery.status == "refused":
        return f"{name}: refused"
    emitted = sum(table.emitted for table in delivery.tables)
    landed = sum(table.landed for table in delivery.tables)
    quarantined = sum(check.rows for table in delivery.tables for check in table.quarantined)
    duplicates = sum(table.duplicates for table in delivery.tables)
    read = sum(file.read for file in delivery.files)
    return (
        f"{name}: {count(read, 'row')} in {count(len(delivery.files), 'file')}; {count(emitted, 'record')} = "
        f"{landed:,} landed + {quarantined:,} quarantined + {duplicates:,} duplicate; {delivery.seconds:.1f} s"
    )


def print_summary(
    terminal: Terminal, home: Path, centres: tuple[CentreReport, ...], release: ReleaseRecord, *, is_new: bool
) -> None:
    """One screen: counts, release, reports."""
    line = terminal.line
    line()
    landed = sum(centre.rows_landed for centre in centres)
    quarantined = sum(centre.rows_quarantined for centre in centres)
    read = sum(centre.rows_read for centre in centres)
    if read:
        line(
            f"Landed      {count(landed, 'record')} from {count(read, 'source row')} of {count(len(centres), 'centre')}"
        )
        line(f"Refused     {count(quarantined, 'record')} in quarantine, counted by reason in quality.quarantine")
    else:
        line("Landed      nothing new: every delivery was landed before")
    _print_checks(terminal, home, release)
    if is_new:
        line(f"Published   release {release.release_id}")
    else:
        line(f"Published   nothing: release {release.release_id} was made from the same deliveries, protocols and code")
    for study in sorted(release.record["studies"]):
        line(f"Report      {home / 'current' / 'report' / study / 'index.html'}")
    line(f"Quality     {home / 'current' / 'report' / QUALITY / 'index.html'}")
    line(f"Warehouse   {home / 'current' / 'warehouse.duckdb'}")
    line(f"Time        {terminal.seconds:.0f} s")


def _print_checks(terminal: Terminal, home: Path, release: ReleaseRecord) -> None:
    with open_release(Home(home.resolve()), release.release_id) as connection:
        exceeded = exceeded_checks(connection)
    terminal.line(f"Checks      {len(exceeded)} beyond tolerance; all of them with their counts in quality.checks")
    for said in exceeded[:MOST_CHECKS]:
        terminal.line(f"            {said}")
    if len(exceeded) > MOST_CHECKS:
        terminal.line(f"            and {len(exceeded) - MOST_CHECKS} more")
