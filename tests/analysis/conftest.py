"""Released marts of the 87 patients, built straight from their table, and what the analyses make of them."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from analysis import Results, analyse, write_report
from models.protocol import Protocol, parse_protocol
from tests.analysis.study_marts import PARAMETERS, escc87_marts
from tests.analysis.treatment_marts import escc87_treatment


@pytest.fixture(scope="session")
def protocol(root: Path) -> Protocol:
    """The study's own protocol file."""
    path = root / "studies" / "anlotinib_pd1_escc.toml"
    return parse_protocol(path.read_text(encoding="utf-8"), path.name)


@pytest.fixture(scope="session")
def marts(root: Path, protocol: Protocol) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the marts that analysis reads, holding the 87 patients."""
    with duckdb.connect() as connection:
        escc87_marts(connection, protocol, root / "demo" / "escc87.csv")
        escc87_treatment(connection, protocol, root / "demo" / "escc87.csv")
        yield connection


@pytest.fixture(scope="session")
def results(marts: duckdb.DuckDBPyConnection, protocol: Protocol) -> Results:
    """Every number of the 87 patients under the default conventions."""
    return analyse(marts, protocol, PARAMETERS)


@pytest.fixture(scope="session")
def report(results: Results, protocol: Protocol, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The written report's index.html."""
    folder = tmp_path_factory.mktemp("report") / protocol.study.id
    return write_report(results, protocol, {"release_id": "2026-11-22T120000"}, folder)
