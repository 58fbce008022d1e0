"""The studies that a release holds, as it holds them: protocol, and parameters of family R9 by variant."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from models.errors import BadInput
from models.protocol import Protocol, parse_protocol


@dataclass(frozen=True)
class ReleasedStudy:
    """One study of a release; `parameters` are those of family R9 by variant, as text."""

    protocol: Protocol
    parameters: Mapping[str, Mapping[str, str]]


def read_studies(connection: duckdb.DuckDBPyConnection) -> dict[str, ReleasedStudy]:
    """Every study of a released warehouse by its id, in the order of the ids.

    Raises:
        BadInput: the release holds no study.
    """
    rows = connection.execute("select study_id, protocol_toml from meta.studies order by study_id").fetchall()
    if not rows:
        raise BadInput("This release holds no study. Name one in oncomart.toml and refresh.")
    return {
        study: ReleasedStudy(parse_protocol(text, f"protocol of {study}"), _parameters(connection, study))
        for study, text in rows
    }


def _parameters(connection: duckdb.DuckDBPyConnection, study_id: str) -> dict[str, dict[str, str]]:
    values: dict[str, dict[str, str]] = {}
    for variant, name, value in connection.execute(
        "select variant, parameter, value from meta.study_param_sets join meta.parameters "
        "using (param_set_id, rule_family) where study_id = ? and rule_family = 'R9'",
        [study_id],
    ).fetchall():
        values.setdefault(variant, {})[name] = value
    return values
