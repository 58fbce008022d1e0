"""A published release made by hand: the marts of the 87 patients with what `meta` holds of their study, and no dbt."""

import json
from pathlib import Path

import duckdb

from models.protocol import PRIMARY, parse_protocol
from tests.analysis.study_marts import PARAMETERS, escc87_marts

RELEASE = "20261123T000000Z-the87"
VARIANT = "pfs_composite"
"""A variant of the study; here it has the patients and values of the primary analysis."""


def publish(home: Path, root: Path) -> Path:
    """Make `home` with one published release; returns the path of its warehouse."""
    folder = home / "releases" / RELEASE
    folder.mkdir(parents=True)
    text = (root / "studies" / "anlotinib_pd1_escc.toml").read_text(encoding="utf-8")
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        fill(connection, text, root / "demo" / "escc87.csv")
    (folder / "release.json").write_text(json.dumps({"release_id": RELEASE}), encoding="utf-8")
    (home / "current").symlink_to(Path("releases") / RELEASE)
    return folder / "warehouse.duckdb"


def fill(connection: duckdb.DuckDBPyConnection, protocol_text: str, patients: Path) -> None:
    """Marts of both variants, the protocol, and the parameters of family R9."""
    protocol = parse_protocol(protocol_text, "the study")
    escc87_marts(connection, protocol, patients)
    for mart in ("study_cohort", "covariates", "best_response", "survival_times"):
        connection.execute(
            f"insert into marts.{mart} select * replace (? as variant) from marts.{mart} where variant = ?",
            [VARIANT, PRIMARY],
        )
    connection.execute("create table meta.studies (study_id varchar, protocol_toml varchar)")
    connection.execute("insert into meta.studies values (?, ?)", [protocol.study.id, protocol_text])
    family = "rule_family varchar, param_set_id varchar"
    connection.execute(f"create table meta.study_param_sets (study_id varchar, variant varchar, {family})")
    connection.execute(f"create table meta.parameters ({family}, parameter varchar, value varchar)")
    for variant in protocol.overrides():
        connection.execute("insert into meta.study_param_sets values (?, ?, 'R9', 'r9')", [protocol.study.id, variant])
    connection.executemany("insert into meta.parameters values ('R9', 'r9', ?, ?)", list(PARAMETERS.items()))
