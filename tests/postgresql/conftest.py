"""One PostgreSQL server for all tests of this folder."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.postgresql.server import Server, binaries, running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A real server; without PostgreSQL on this machine the tests are skipped, and say so."""
    programs: Path | None = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server here: install postgresql (Debian) to run these tests")
    with TemporaryDirectory(prefix="oncomart-postgresql-") as folder, running(Path(folder), programs) as started:
        yield started
