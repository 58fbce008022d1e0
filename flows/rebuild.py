"""`oncomart releases rebuild`: an earlier release built again from what it recorded, and compared with it."""

import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from flows.checks import tolerances_of
from flows.console import Terminal, count
from flows.context import NO_WISHES, Refresh, StudyFile
from flows.refresh import analyse_study, build_marts, check_marts, parameter_book, seal_release
from flows.runner import LocalRun
from models.config import Quality, Settings
from models.protocol import parse_protocol
from warehouse import (
    Home,
    LoadedConfig,
    Recorded,
    ReleaseRecord,
    clean_leftovers,
    discard,
    home_lock,
    load_config,
    other_code,
    other_content,
    recorded_release,
    reopen_release,
    restore_release,
)

DIFFERENT = 3
"""Exit code when the content is not that of then: nothing failed, and somebody should look."""


def run_rebuild(home: Path, release_id: str, config: Path | None) -> int:
    """Build a release again under the code of now, say what differs, and put a removed one back if nothing does.

    `current` is not moved. The configuration is asked for the limits of this machine only.

    Raises:
        ReleaseNotFound: nothing is recorded of that release, or the lake has lost a batch of it.
        Fault: a step of ours failed; no release is touched.
    """
    terminal, place = Terminal(), Home(home.resolve())
    place.ensure()
    with home_lock(place):
        clean_leftovers(place)
        recorded = recorded_release(place, release_id)
        settings = load_config(config).settings if config else Settings()
        different, is_back = rebuild(_context(place, recorded, settings, terminal), recorded)
    _print_verdict(recorded, different, is_back=is_back)
    return DIFFERENT if different else 0


def rebuild(context: Refresh, recorded: Recorded) -> tuple[tuple[str, ...], bool]:
    """The tables whose content differs, and whether a removed release was put back."""
    settings, call = context.config.settings, LocalRun("rebuild", context.home.state / "runs")
    draft = reopen_release(context.home, recorded, settings)
    try:
        call(build_marts, context, draft)
        call(check_marts, context, draft)
        analysed = [call(analyse_study, context, draft, study) for study in context.studies]
        with context.terminal.step("compare"):
            sealed: ReleaseRecord = seal_release(context, draft, analysed)
            different = other_content(recorded.record, sealed.record)
    except BaseException as error:
        discard(draft)
        call.finish(error)
        raise
    call.finish(None)
    if different or recorded.is_there:
        discard(draft)
        return different, False
    restore_release(draft)
    return different, True


def _context(home: Home, recorded: Recorded, settings: Settings, terminal: Terminal) -> Refresh:
    record = recorded.record
    where = f"release {recorded.release_id}"
    studies = tuple(StudyFile(parse_protocol(text, where), text) for text in record["protocols"].values())
    quality = _quality(record["tolerances"])
    config = LoadedConfig(Path(where), settings, quality, recorded.centres, {})
    return Refresh(home, config, studies, parameter_book(), tolerances_of(config), terminal, NO_WISHES)


def _quality(chosen: Sequence[tuple[str, str | None, str]]) -> Quality:
    """The tolerances that a release recorded, in percent, as a configuration has them."""
    centres: dict[str | None, dict[str, Decimal]] = {}
    for check, centre, percent in chosen:
        centres.setdefault(centre, {})[check] = Decimal(percent) / 100
    of_all = centres.pop(None, {})
    return Quality.model_validate({"tolerances": of_all, "centre_tolerances": centres})


def _print_verdict(recorded: Recorded, different: tuple[str, ...], *, is_back: bool) -> None:
    say = sys.stdout.write
    tables = len(recorded.record["tables"])
    code = other_code(recorded.record)
    for line in code:
        say(f"Other code   {line}\n")
    if not different:
        say(f"Identical    release {recorded.release_id}: all {count(tables, 'table')} have the content of then\n")
    for line in different:
        say(f"Different    {line}\n")
    if different and not code:
        say("The code is the same: the lake or the machine is not what it was. Please report this.\n")
    if is_back:
        say(f"Put back     {recorded.release_id}; `oncomart releases rollback {recorded.release_id}` publishes it\n")
