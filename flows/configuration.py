"""Which configuration a command uses; nothing heavy is imported for the question."""

from pathlib import Path

from models.errors import ConfigError


def find_config(home: Path, named: Path | None) -> Path:
    """The configuration file: the named one, else the home's own, else the one in this folder.

    Raises:
        ConfigError: there is none.
    """
    if named is not None:
        return named
    for candidate in (home / "oncomart.toml", Path("oncomart.toml")):
        if candidate.is_file():
            return candidate
    raise ConfigError(
        f"No configuration: neither {home / 'oncomart.toml'} nor ./oncomart.toml is there; name one with --config."
    )
