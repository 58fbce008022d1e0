"""`oncomart demo`: synthetic hospitals, from raw extracts to a published report."""

from pathlib import Path

from demo import generate
from flows.console import Terminal, count
from flows.refresh import run_refresh
from models.errors import ConfigError

MINIMUM_PATIENTS = 87
HOSPITALS = ("hospital_a", "hospital_b", "hospital_c")

CONFIG = """\
# Written by `oncomart demo`: {centres} synthetic hospital(s). Use it as a pattern for your own.
{entries}
[studies.anlotinib_pd1_escc]
"""


def run_demo(home: Path, *, patients: int, centres: int, seed: int) -> int:
    """Write the extracts and the configuration, then refresh; returns the exit code.

    Raises:
        ConfigError: fewer patients than the study's 87, or a home that already serves other data.
    """
    if patients < MINIMUM_PATIENTS:
        raise ConfigError(
            f"--patients {patients}: the demo needs at least the {MINIMUM_PATIENTS} patients of its study."
        )
    config = home / "oncomart.toml"
    terminal = Terminal()
    home.mkdir(parents=True, exist_ok=True)
    text = config_text(centres)
    if config.exists() and not config.read_text(encoding="utf-8").startswith("# Written by `oncomart demo`"):
        raise ConfigError(f"{config} is not the demo's; name another --home.")
    with terminal.step(f"write the extracts of {count(centres, 'synthetic hospital')}, {count(patients, 'patient')}"):
        generate(home, patients=patients, centres=centres, seed=seed)
        config.write_text(text, encoding="utf-8")
    return run_refresh(home, config, terminal=terminal)


def config_text(centres: int) -> str:
    """The configuration of a demo home; the deliveries lie beside it."""
    entries = "".join(f'[centres.{name}]\ndeliveries = "deliveries/{name}"\n\n' for name in HOSPITALS[:centres])
    return CONFIG.format(centres=centres, entries=entries)
