"""`oncomart check`: a delivery tried without landing it, and all that a data engineer needs to know, on one page."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.configuration import find_config
from flows.console import Terminal, count
from models.config import Settings
from models.errors import BadInput, ConfigError
from warehouse import CheckReport, Home, LocatedCentre, check_delivery, load_centre, load_config
from warehouse.files import write_atomically

DONE, MUST_CHANGE = 0, BadInput.exit_code
MOST_LINES = 40


@dataclass(frozen=True)
class Asked:
    """What the command line asked for."""

    centre: str
    delivery: str | None
    deliveries: Path | None
    json: Path | None


def run_check(home: Path, asked: Asked, config: Path | None) -> int:
    """Print the report; returns the exit code.

    Raises:
        BadInput: centre, configuration or delivery is not there.
    """
    terminal = Terminal(sys.stderr)
    centre, settings = _centre(home, asked, config)
    report = check_delivery(Home(home.resolve()), centre, settings, asked.delivery, terminal.running)
    terminal.running("")
    sys.stdout.write("\n".join(check_text(report)) + "\n")
    if asked.json:
        write_atomically(asked.json, report.model_dump_json(indent=1))
    return DONE if report.can_land else MUST_CHANGE


def _centre(home: Path, asked: Asked, config: Path | None) -> tuple[LocatedCentre, Settings]:
    folder = Path(asked.centre)
    if (folder / "centre.toml").is_file():
        centre = load_centre(folder)
        return LocatedCentre(centre, folder, asked.deliveries or Path(centre.centre.deliveries.path)), Settings()

    loaded = load_config(find_config(home, config))
    for located in loaded.centres:
        if located.id == asked.centre:
            return located, loaded.settings
    known = ", ".join(centre.id for centre in loaded.centres)
    raise ConfigError(
        f"{loaded.path} names no centre {asked.centre}, and no such folder has a centre.toml; it has {known}."
    )


def check_text(report: CheckReport) -> Iterator[str]:
    """The report as lines."""
    yield f"Delivery {report.delivery_id} of {report.centre_id}, tried without landing it"
    yield from _section("Files", _files(report))
    yield from _section("Columns", _columns(report))
    yield from _section("Dates (first rows of each file)", _dates(report))
    yield from _section("Records", _records(report))
    yield from _section("Rejected records, by check", _rejected(report))
    yield from _section("Names and codes that nothing knows", _unknown(report))
    yield from _section("Changed since the delivery before", report.drift)
    yield from _section("To be read", report.warnings)
    yield from _section("In the way", report.problems)
    yield ""
    yield (
        "A refresh would land this delivery." if report.can_land else "A refresh could not land this delivery as it is."
    )


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    told = list(lines)
    if told:
        yield ""
        yield title
        yield from (f"  {line}" for line in told[:MOST_LINES])
        if len(told) > MOST_LINES:
            yield f"  and {len(told) - MOST_LINES} more (--json FILE has them all)"


def _files(report: CheckReport) -> Iterator[str]:
    for file in report.files:
        line = f"{file.source}: {file.file}, {count(file.read, 'row')}"
        if file.error is not None:
            line = f"{file.source}: {file.file}, refused"
        elif file.failed or file.skipped:
            others = {**file.skipped, **file.failed}
            line += f", {file.used:,} used, " + ", ".join(f"{rows:,} {why}" for why, rows in others.items())
        if file.encoding_declared and not _is_same(file.encoding_declared, file.encoding_detected):
            line += f"; declared {file.encoding_declared}, looks like {file.encoding_detected or 'nothing known'}"
        yield line
    for source in report.missing:
        near = f"; is it {' or '.join(source.near)}?" if source.near else ""
        leave = "" if source.required else " (not required)"
        yield f"{source.source}: no file {', '.join(source.patterns)}{near}{leave}"
    if report.unread_files:
        yield f"read by no source: {', '.join(report.unread_files)}"


def _is_same(declared: str, detected: str | None) -> bool:
    """Whether a declared encoding fits what the bytes look like; ASCII looks like UTF-8 and fits any."""
    plain = declared.lower().replace("_", "-").removesuffix("-sig")
    return detected is None or plain in ("auto", detected.removesuffix("-sig")) or detected == "utf-8" != plain


def _columns(report: CheckReport) -> Iterator[str]:
    told: dict[str, list[str]] = {}
    for file in report.files:
        for column in file.unmatched:
            hint = f"; the nearest that is: {column.nearest!r}" if column.nearest else ""
            told.setdefault(f"the mapping names {column.column!r}, which is not there{hint}", []).append(file.file)
        if file.matched or file.unused:
            unused = f"; unused: {', '.join(file.unused)}" if file.unused else ""
            line = f"{len(file.matched)} of {len(file.matched) + len(file.unused)} columns read{unused}"
            told.setdefault(line, []).append(file.file)
    for line, files in told.items():
        others = f" and {len(files) - 1} more" if len(files) > 1 else ""
        yield f"{files[0]}{others}: {line}"


def _dates(report: CheckReport) -> Iterator[str]:
    forms: dict[tuple[str, str], Counter[str]] = {}
    unread: dict[tuple[str, str], dict[str, None]] = {}
    for file in report.files:
        for column in file.dates:
            forms.setdefault((file.source, column.column), Counter()).update(column.forms)
            unread.setdefault((file.source, column.column), {}).update(dict.fromkeys(column.unread))
    for (source, name), counts in forms.items():
        warning = f"; not read: {', '.join(unread[source, name])}" if unread[source, name] else ""
        yield f"{source}, {name}: {', '.join(f'{form} ({rows:,})' for form, rows in counts.items())}{warning}"


def _records(report: CheckReport) -> Iterator[str]:
    for table in report.tables:
        yield (
            f"{table.table}: {count(table.emitted, 'record')}, {table.would_land:,} would land, "
            f"{table.quarantined:,} rejected, {table.duplicates:,} duplicates"
        )
        if table.repeated_keys:
            places = ", ".join(table.places)
            yield f"{table.table}: {count(table.repeated_keys, 'key')} with several different records: {places}"


def _rejected(report: CheckReport) -> Iterator[str]:
    for each in report.rejected:
        reason = each.reason.replace("_", " ")
        line = f"{each.table}.{each.column}: {count(each.rows, 'record')} {reason} ({each.check_id})"
        yield f"{line}, such as {', '.join(each.places)}"


def _unknown(report: CheckReport) -> Iterator[str]:
    for name in sorted(report.unknown, key=lambda name: (name.value is None, -name.rows)):
        if name.value is None:
            yield f"{name.table}.{name.column}: {name.values:,} others, rare or long, in {count(name.rows, 'row')}"
        else:
            near = f"; nearest: {name.nearest}" if name.nearest else ""
            yield f"{name.table}.{name.column}: {name.value!r} in {count(name.rows, 'row')}{near}"
