"""From a hospital's own number to the pseudonym that stands for it, for those who hold the centre's key."""

from collections.abc import Iterator

import duckdb

from models.contract import CONTRACT, Kind
from models.errors import ConfigError
from models.mapping import CentreConfig
from warehouse.config import LocatedCentre
from warehouse.engine import silent
from warehouse.home import Home
from warehouse.keys import centre_key
from warehouse.manifest import committed_batches


def systems_of_numbers(config: CentreConfig) -> tuple[str, ...]:
    """Systems of patient numbers that the centre's mappings name, in the order in which they are met."""
    return tuple(dict.fromkeys(_systems(config)))


def _systems(config: CentreConfig) -> Iterator[str]:
    for mapping in config.tables:
        kinds = {column.name: column.kind for column in CONTRACT[mapping.table].columns}
        for feed in mapping.feed:
            for name, cell in feed.columns.items():
                if kinds[name] is Kind.PATIENT and cell.system:
                    yield cell.system


def pseudonyms_of(home: Home, centre: LocatedCentre, number: str) -> dict[str, str]:
    """Pseudonym of one number in each of the centre's systems of numbers.

    Raises:
        ConfigError: nothing of the centre has landed here, or its key is gone or another one.
    """
    batches = committed_batches(home, frozenset({centre.id}))
    if not batches:
        raise ConfigError(f"Centre {centre.id}: nothing has landed under {home.root}, so no number has a pseudonym.")
    key = centre_key(home, centre.id, batches[-1].key_fingerprint, silent)
    found: dict[str, str] = {}
    with duckdb.connect() as connection:
        key.bind(connection)
        for system in systems_of_numbers(centre.config):
            row = connection.execute("select keyed_hash($1, $2)", [system, number.strip()]).fetchone()
            found[system] = str(row[0]) if row else ""
    return found
