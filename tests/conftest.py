"""What every test shares: the repository's root, a silent environment, and reproducible generated cases."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

from tests.postgresql.server import NO_SERVER, Server, binaries, running

# Set before any test imports these libraries: figures need no display, and nothing reports home.
os.environ["MPLBACKEND"] = "Agg"
os.environ["DO_NOT_TRACK"] = "1"
os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"

settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root folder."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def any_server() -> Iterator[Server | None]:
    """A real PostgreSQL server, or None where this machine has no PostgreSQL."""
    programs = binaries()
    if programs is None:
        yield None
        return
    with TemporaryDirectory(prefix="oncomart-postgresql-") as folder, running(Path(folder), programs) as started:
        yield started


@pytest.fixture
def server(any_server: Server | None) -> Server:
    """A real PostgreSQL server; without one the test is skipped, and says so."""
    if any_server is None:
        pytest.skip(NO_SERVER)
    return any_server
