"""`oncomart rotate-key`: a new key for a centre."""

import sys
from pathlib import Path

from flows.console import Terminal
from models.errors import ConfigError
from warehouse import Home, home_lock, rotate_key


def run_rotate_key(home: Path, centre_id: str) -> int:
    """Change the key and say what to keep; returns the exit code.

    Raises:
        BadInput: there is no such home, centre, identity file or new key, or a refresh holds the home.
    """
    if not home.is_dir():
        raise ConfigError(f"{home} is no folder. Name the home with --home.")
    place = Home(home.resolve())
    with home_lock(place):
        rotate_key(place, centre_id, Terminal(sys.stderr).line)
    return 0
