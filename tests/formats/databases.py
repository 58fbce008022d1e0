"""The files of a delivery as tables of a PostgreSQL server, and the centre that reads them there."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from models.deliveries import Database, Deliveries, Layout
from models.mapping import CentreConfig, Source
from tests.postgresql.server import Server


def in_database(config: CentreConfig, centre_id: str, delivery: Path, server: Server) -> CentreConfig:
    """Loads the files of each source into a table of its name, in a schema of the centre's.

    Returns:
        The same mapping under the centre's id, on that schema.
    """
    schema = centre_id
    server.run(f"DROP SCHEMA IF EXISTS {schema} CASCADE", f"CREATE SCHEMA {schema}")
    sources: Mapping[str, Source] = config.centre.source
    for name, source in sources.items():
        paths = [path for pattern in source.files for path in sorted(delivery.glob(pattern))]
        if paths:
            server.load(schema, name, pa.concat_tables(_table(path, source) for path in paths))
    centre = config.centre.model_copy(
        update={
            "id": centre_id,
            "deliveries": Deliveries(layout=Layout.DATABASE),
            "database": Database.model_validate({"schema": schema}),
            "source": {name: source.model_copy(update={"files": []}) for name, source in sources.items()},
        }
    )
    return config.model_copy(update={"centre": centre})


def _table(path: Path, source: Source) -> pa.Table:
    if path.suffix == ".parquet":
        return parquet.read_table(path)
    with path.open(encoding=source.encoding, newline="") as file:
        rows = list(csv.DictReader(file))
        return pa.table({name: [row[name] for row in rows] for name in rows[0] if name})
