"""A build that does not fit into memory: what is too much goes to the disk, and the next model is made as before."""

from pathlib import Path

import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments.local import LocalEnvironment
from jinja2 import Environment

from flows.dbt import PROJECT

SORTED = "create table sorted as select hash(i) as number from range(4000000) as rows (i) order by number"


def credentials(variables: dict[str, str]) -> DuckDBCredentials:
    """The shipped profile with these variables, as dbt reads it."""
    text = (PROJECT / "profiles.yml").read_text(encoding="utf-8")
    profile = yaml.safe_load(Environment().from_string(text).render(env_var=lambda name, _="": variables[name]))
    output = profile["oncomart"]["outputs"]["release"]
    return DuckDBCredentials.from_dict({"database": "build", **output})


def test_models_are_made_after_one_that_spilled(tmp_path: Path) -> None:
    """A sort of more than the memory writes to the build's own folder, and the connection serves another model."""
    spill = tmp_path / "spill"
    profile = credentials(
        {
            "ONCOMART_BUILD_PATH": str(tmp_path / "build.duckdb"),
            "ONCOMART_WAREHOUSE_PATH": str(tmp_path / "warehouse.duckdb"),
            "ONCOMART_THREADS": "2",
            "ONCOMART_MEMORY_LIMIT": "20MB",
            "ONCOMART_TEMP_DIR": str(spill),
        }
    )
    with LocalEnvironment.initialize_db(profile) as connection:
        first = LocalEnvironment.initialize_cursor(profile, connection.cursor())
        first.execute(SORTED)
        assert spill.exists()
        second = LocalEnvironment.initialize_cursor(profile, connection.cursor())
        second.execute("create table after as select count(*) as n from sorted")
        assert second.execute("select n from after").fetchone() == (4_000_000,)
        limits = second.execute("select current_setting('temp_directory'), current_setting('memory_limit')").fetchone()
    assert limits == (str(spill), "19.0 MiB")
