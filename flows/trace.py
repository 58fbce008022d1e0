"""`oncomart trace`: everything derived about one patient, as text and as a page."""

import getpass
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from flows.configuration import find_config
from models.errors import BadInput
from warehouse import Home, LocatedCentre, load_config, open_release, pseudonyms_of, show_release

LOG = "trace.log"
"""File under `state/`: one JSON line for each hospital number that was looked up; who, when and where, never which."""


@dataclass(frozen=True)
class Asked:
    """What the command line asked for; `patient` is None when a hospital's number is to be asked for."""

    patient: str | None
    study: str | None
    variant: str
    release: str | None
    page: Path | None


def run_trace(home: Path, asked: Asked, *, by_number: bool, centre: str | None, config: Path | None) -> int:
    """Print the trace of one patient; returns the exit code.

    Raises:
        BadInput: nobody is named, or the name, number, study or release is unknown.
    """
    from analysis.trace import find_patient, read_trace, trace_text, write_trace_page

    place = Home(home.resolve())
    if by_number == bool(asked.patient):
        raise BadInput("Name a patient by the first characters of the patient_key, or give --record-number, not both.")
    with open_release(place, asked.release) as connection:
        if asked.patient:
            key = find_patient(connection, asked.patient)
        else:
            key = _by_number(place, asked.release, _centre(home, config, centre))
        trace = read_trace(connection, key, asked.study, asked.variant)
    sys.stdout.write(trace_text(trace))
    if asked.page:
        sys.stdout.write(f"\nPage: {write_trace_page(trace, asked.page)}\n")
    return 0


def _centre(home: Path, config: Path | None, named: str | None) -> LocatedCentre:
    centres = load_config(find_config(home, config)).centres
    for centre in centres:
        if centre.id == named or (named is None and len(centres) == 1):
            return centre
    raise BadInput(f"Say whose number it is with --centre: {', '.join(centre.id for centre in centres)}.")


def _by_number(home: Home, release: str | None, centre: LocatedCentre) -> str:
    """The patient behind a hospital's number, which is asked for without echo and kept nowhere."""
    number = getpass.getpass(f"Number at {centre.id} (not shown): ") if sys.stdin.isatty() else sys.stdin.readline()
    _log(home, centre.id)
    found = _patient_keys(home, release, centre.id, set(pseudonyms_of(home, centre, number).values()))
    if len(found) != 1:
        raise BadInput(
            f"{len(found)} patients of this release have that number at centre {centre.id}. "
            "Check the number; a patient who never came in a delivery is unknown here."
        )
    return found.pop()


def _patient_keys(home: Home, release: str | None, centre_id: str, pseudonyms: set[str]) -> set[str]:
    build = show_release(home, release).folder.resolve() / "build.duckdb"
    with duckdb.connect(str(build), read_only=True) as connection:
        rows = connection.execute(
            "select patient_key from staging.stg_patient_numbers where centre_id = ? and list_contains(?, patient_id)",
            [centre_id, sorted(pseudonyms)],
        ).fetchall()
    return {str(key) for (key,) in rows}


def _log(home: Home, centre_id: str) -> None:
    entry = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "user": getpass.getuser(), "centre": centre_id}
    with (home.state / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps(entry) + "\n")
