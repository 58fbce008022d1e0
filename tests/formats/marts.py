"""Every format as a centre of its own in one warehouse, and what the marts say of each story."""

import csv
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from flows.checks import CHECKS
from flows.console import Terminal
from flows.dbt import Dbt
from flows.refresh import PARAMETERS
from models.config import Quality, Settings
from models.parameters import ParameterBook
from models.protocol import parse_protocol
from models.protocol_tables import protocol_tables
from models.tolerances import read_tolerances
from tests.formats.comparison import Statement, differences, kept, shown
from tests.formats.format import CannotCarry, Format
from tests.formats.landing import deliver
from tests.formats.registered import possible
from tests.postgresql.server import Server
from warehouse import Home, bind, bind_tables, connect_build, land, start_release
from warehouse.sqltext import identifier, literal

COMPARED = (
    "patients",
    "lines_of_therapy",
    "exposure_episodes",
    "treatment_free_intervals",
    "study_cohort",
    "eligibility",
    "covariates",
    "best_response",
    "tumour_timepoints",
    "event_dates",
    "survival_times",
    "variant_differences",
    "dosing",
    "disposition",
    "adverse_events",
    "laboratory_grades",
    "blood_pressure_days",
    "blood_pressure_grades",
)
"""Marts that tell of single patients; `adverse_event_summary` and `attrition` count these over all centres."""

OF_THE_EXTRACT = frozenset(
    {"centre_id", "patient_key", "row_key", "source_file", "source_row", "episode_id", "event_id", "source_table"}
)
"""Columns that lead back to the extract, or number what was found in it."""

STUDIES = ("studies/anlotinib_pd1_escc.toml", "tests/flows/studies/all_indexed.toml")


class Marts:
    """The marts of one build of all formats.

    Args:
        root: the repository.
        folder: where deliveries and the data home go.
        environment: gives every centre the same key.
        server: for the formats that are tables; without one they are left out.
    """

    def __init__(self, root: Path, folder: Path, environment: pytest.MonkeyPatch, server: Server | None) -> None:
        home, settings = Home(folder / "home"), Settings()
        delivered = {form: deliver(form, root, folder, environment, server) for form in possible(server)}
        for each in delivered.values():
            assert not land(home, each.centre, settings).problems
        texts = [(root / study).read_text("utf-8") for study in STUDIES]
        protocols = [(parse_protocol(text, "a study of the tests"), text) for text in texts]
        named = {protocol.study.id: text for protocol, text in protocols}
        draft = start_release(home, [each.centre for each in delivered.values()], settings, named)
        bind(draft)
        with PARAMETERS.open(encoding="utf-8", newline="") as file:
            book = ParameterBook(csv.DictReader(file))
        with CHECKS.open(encoding="utf-8", newline="") as file:
            tolerances = read_tolerances(csv.DictReader(file), Quality(), "the tests")
        with connect_build(draft, settings) as connection:
            bind_tables(connection, "protocol", protocol_tables(protocols, book))
            bind_tables(connection, "settings", {"tolerances": tolerances.table})
        Dbt(draft, settings, Terminal()).build()
        self.connection = duckdb.connect()
        self.connection.execute(f"ATTACH {literal(str(draft.build_path))} AS build (READ_ONLY)")
        self.connection.execute(f"ATTACH {literal(str(draft.warehouse_path))} AS warehouse (READ_ONLY)")
        self._name_stories({form.centre_id: each.numbers for form, each in delivered.items()})

    def _name_stories(self, numbers: dict[str, dict[str, int]]) -> None:
        self.connection.execute("CREATE TABLE numbers (centre_id VARCHAR, patient_id VARCHAR, story INTEGER)")
        rows = [(centre, pseudonym, story) for centre, of in numbers.items() for pseudonym, story in of.items()]
        self.connection.executemany("INSERT INTO numbers VALUES (?, ?, ?)", rows)
        self.connection.execute(
            "CREATE TABLE stories AS SELECT DISTINCT centre_id, patient_key, story "
            "FROM build.staging.stg_patient_numbers JOIN numbers USING (centre_id, patient_id)"
        )

    def differences(self, first: Format, second: Format, table: str, excused: Sequence[CannotCarry]) -> list[Statement]:
        """Rows that a mart has for the stories of one of two formats only, apart from what is excused."""
        mine = [entry for entry in excused if entry.table == table]
        described = self.connection.execute(f"DESCRIBE warehouse.marts.{table}").fetchall()
        columns = [
            f"{shown(name, mine)} AS {identifier(f'shown {name}')}"
            for name, *_ in described
            if name not in OF_THE_EXTRACT
        ]
        one, other = (
            f"SELECT story, {', '.join(columns)} FROM warehouse.marts.{table} "
            f"JOIN stories USING (centre_id, patient_key) WHERE centre_id = {literal(form.centre_id)} AND {kept(mine)}"
            for form in (first, second)
        )
        return differences(self.connection, (first.name, second.name), (one, other))

    def count(self, table: str, form: Format) -> int:
        """How many rows a mart has of a format's centre."""
        row = self.connection.execute(
            f"SELECT count(*) FROM warehouse.marts.{table} WHERE centre_id = ?", [form.centre_id]
        ).fetchone()
        assert row is not None
        return int(row[0])
