"""What a release must hold before it may be published."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
from pyarrow import parquet

from models.errors import ReleaseBroken
from warehouse.sqltext import identifier


def verify_release(folder: Path, rows: Mapping[str, int], studies: Iterable[str]) -> None:
    """Opens a finished release as an analyst would, and counts.

    Args:
        folder: the release.
        rows: expected number of rows by `schema.table`.
        studies: ids of the studies whose report has to be there.

    Raises:
        ReleaseBroken: a table, a file or a report is missing or does not hold what it should.
    """
    broken = [f"{path} is missing" for path in _missing(folder, rows, studies)]
    if not broken:
        broken = [*_wrong_counts(folder, rows), *_leftovers(folder)]
    if broken:
        raise ReleaseBroken(
            f"{folder.name} is not fit to be published: {'; '.join(broken)}. The current release is untouched."
        )


def _export_of(folder: Path, address: str) -> Path:
    schema, name = address.split(".", 1)
    return folder / "marts" / schema / f"{name}.parquet"


def _missing(folder: Path, rows: Mapping[str, int], studies: Iterable[str]) -> list[Path]:
    wanted = [folder / "warehouse.duckdb", folder / "release.json"]
    wanted += [folder / "report" / study / "index.html" for study in studies]
    wanted += [_export_of(folder, address) for address in rows]
    return [path.relative_to(folder) for path in wanted if not path.is_file() or not path.stat().st_size]


def _wrong_counts(folder: Path, rows: Mapping[str, int]) -> list[str]:
    wrong = []
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        for address, expected in rows.items():
            schema, name = address.split(".", 1)
            found = connection.execute(f"SELECT count(*) FROM {identifier(schema)}.{identifier(name)}").fetchone()
            exported = parquet.read_metadata(_export_of(folder, address)).num_rows
            if found is None or not found[0] == exported == expected:
                wrong.append(
                    f"{address} holds {found[0] if found else 0} rows, its export {exported}, expected {expected}"
                )
        views = connection.execute(
            "SELECT schema_name || '.' || view_name FROM duckdb_views() "
            "WHERE NOT internal AND database_name = current_database()"
        ).fetchall()
        # A view would lead into the build database, which analysts do not have.
        wrong += [f"{view} is a view" for (view,) in views]
    return wrong


def _leftovers(folder: Path) -> list[str]:
    """A write-ahead log beside the database would mean that it is not finished."""
    return [f"{path.name} is left over" for path in folder.glob("*.wal")]
