"""The same stories written in a format, landed, and laid beside hospital A's as contract rows by story."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from demo import EXTRACT_DATE, tell
from demo.formulary import FORMULARY
from models.config import Settings
from models.contract import CONTRACT, Kind, Table
from tests.formats.comparison import Statement, differences, kept, shown
from tests.formats.databases import in_database
from tests.formats.format import CannotCarry, Format
from tests.postgresql.server import Server
from warehouse import CentreReport, Home, LocatedCentre, land, load_centre
from warehouse.sqltext import identifier, literal

STORIES = range(72, 134)
"""Fifteen who are eligible for the paper's study, and every situation that keeps a patient out of it."""

KEY = hashlib.sha256(b"one key for every centre, so that their pseudonyms can be told apart by number").hexdigest()

FIRST_STATED = {"disease_event": "event_date_text", "diagnosis": "date_text"}
"""Hospital A says these at every stay again: the first statement is compared."""

OWN = (Kind.PATIENT, Kind.RECORD)
"""Numbers of patients and records are each hospital's own."""


@dataclass(frozen=True)
class Delivered:
    """A delivery of all stories in one format, and whose number is which story."""

    centre: LocatedCentre
    numbers: dict[str, int]


def deliver(
    form: Format, root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, server: Server | None
) -> Delivered:
    """Writes the stories as one delivery below `folder`, or into the server."""
    monkeypatch.setenv(f"ONCOMART_KEY_{form.centre_id.upper()}", KEY)
    deliveries = folder / "deliveries" / form.centre_id
    delivery = deliveries / EXTRACT_DATE.isoformat()
    delivery.mkdir(parents=True)
    writer = form.writer(delivery)
    numbers = {pseudonym(writer.identifier_system, writer.write(tell(number))): number for number in STORIES}
    writer.close()
    mapping = form.centre_folder(root, folder / "centres")
    config = load_centre(mapping)
    if form.in_database:
        assert server is not None
        config = in_database(config, form.centre_id, delivery, server)
        monkeypatch.setenv(f"ONCOMART_DSN_{form.centre_id.upper()}", server.address())
    return Delivered(LocatedCentre(config, mapping, deliveries), numbers)


def pseudonym(system: str, number: str) -> str:
    """What docs/centres.md promises that a number becomes."""
    return hmac.digest(bytes.fromhex(KEY), f"{system}\x1f{number}".encode(), "sha256").hex()[:24]


class Lakes:
    """The contract rows of every format, in one database: a schema a format, the story in place of the patient."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("CREATE TABLE spellings (spelling VARCHAR, drug VARCHAR)")
        spellings = [
            (spelling, drug.key)
            for drug in FORMULARY.values()
            for spelling in (*drug.chinese, *drug.english, drug.plain)
        ]
        self.connection.executemany("INSERT INTO spellings VALUES (?, ?)", spellings)

    def add(self, form: Format, delivered: Delivered, home: Home) -> CentreReport:
        """Lands a delivery and reads what came of it."""
        report = land(home, delivered.centre, Settings())
        self.connection.execute(f"CREATE SCHEMA {form.name}")
        self.connection.execute(f"CREATE TABLE {form.name}.stories (pseudonym VARCHAR, story INTEGER)")
        self.connection.executemany(f"INSERT INTO {form.name}.stories VALUES (?, ?)", list(delivered.numbers.items()))
        self._add_linked(form.name, home)
        for table in compared_tables():
            self.connection.execute(f"CREATE TABLE {form.name}.{table.name} AS {self._read(form.name, table, home)}")
        return report

    def _add_linked(self, schema: str, home: Home) -> None:
        links = home.lake / "identity_link"
        if links.exists():
            self.connection.execute(
                f"""
                INSERT INTO {schema}.stories
                SELECT CASE WHEN pseudonym = id_a THEN id_b ELSE id_a END, story
                FROM read_parquet({_files(links)}) JOIN {schema}.stories ON pseudonym IN (id_a, id_b)
                """
            )

    def _read(self, schema: str, table: Table, home: Home) -> str:
        content = ", ".join(f"{_comparable(name)} AS {identifier(name)}" for name in content_of(table))
        folder = home.lake / table.name
        if not folder.exists():
            empty = ", ".join(f"NULL::{column.lake_type} AS {identifier(column.name)}" for column in table.columns)
            return f"SELECT NULL::INTEGER AS story, {content} FROM (SELECT {empty}) WHERE false"
        return (
            f"SELECT story, {content} FROM read_parquet({_files(folder)}, hive_partitioning = false) AS row "
            f"LEFT JOIN {schema}.stories ON patient_id = pseudonym"
        )

    def count(self, schema: str, table: str) -> int:
        """How many rows a table has."""
        row = self.connection.execute(f"SELECT count(*) FROM {schema}.{table}").fetchone()
        assert row is not None
        return int(row[0])

    def differences(self, first: str, second: str, table: Table, excused: Sequence[CannotCarry]) -> list[Statement]:
        """Statements that one of two formats makes and the other does not, apart from what is excused."""
        one, other = (self._statements(schema, table, excused) for schema in (first, second))
        return differences(self.connection, (first, second), (one, other))

    def _statements(self, schema: str, table: Table, excused: Sequence[CannotCarry]) -> str:
        mine = [entry for entry in excused if entry.table == table.name]
        date = FIRST_STATED.get(table.name)
        columns = [
            f"{shown(name, mine)} AS {identifier(f'shown {name}')}" for name in content_of(table) if name != date
        ]
        columns += [f"min({shown(date, mine)}) AS first_stated"] if date else []
        return f"SELECT story, {', '.join(columns)} FROM {schema}.{table.name} WHERE {kept(mine)} GROUP BY ALL"


def compared_tables() -> tuple[Table, ...]:
    """The contract tables that tell of patients."""
    return tuple(table for table in CONTRACT.values() if table.name != "identity_link")


def content_of(table: Table) -> tuple[str, ...]:
    """The columns that a story decides."""
    return tuple(column.name for column in table.columns if column.kind not in OWN)


def _comparable(column: str) -> str:
    """A number by its value, a drug by its key: 68.0 is 68, and every hospital has its own spelling of a drug."""
    if column == "value_text":
        return "coalesce(try_cast(value_text AS DECIMAL(18, 4))::VARCHAR, value_text)"
    if column == "raw_name":
        return "(SELECT arg_max(drug, length(spelling)) FROM spellings WHERE contains(row.raw_name, spelling))"
    return identifier(column)


def _files(folder: Path) -> str:
    return literal(f"{folder}/**/*.parquet")
