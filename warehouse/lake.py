"""Where landed rows lie, and what the lake last said of each record."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from models.contract import CONTRACT
from warehouse.files import remove_tree
from warehouse.home import Home
from warehouse.manifest import Manifest, all_manifests
from warehouse.sqltext import literals

BATCH_FOLDER = re.compile(r"batch_id=(?P<batch_id>[0-9a-f]+)")
LAST_WORD_ORDER = (
    "struct_pack(extract_date := extract_date, delivery_seq := delivery_seq, source_row := coalesce(source_row, 0), "
    "source_part := coalesce(source_part, 0), row_hash := row_hash)"
)
"""SQL that orders the versions of one record; the greatest is the last word."""


def batch_folder(home: Home, table: str, centre_id: str, batch_id: str) -> Path:
    """The rows that one batch brought to one contract table: `part-0.parquet` and further ones."""
    return home.lake / table / f"centre_id={centre_id}" / f"batch_id={batch_id}"


def batch_files(home: Home, table: str, centre_id: str, batch_id: str) -> list[Path]:
    """The files of one batch in one contract table, none when it brought no rows."""
    return sorted(batch_folder(home, table, centre_id, batch_id).glob("part-*.parquet"))


def unlanded_file(home: Home, table: str, centre_id: str, batch_id: str) -> Path:
    """Keys of which a full delivery landed no row, although a later comparison of it has to know them.

    Columns `row_key` and `why`: QUARANTINED (its record failed the contract), WITHDRAWN (it says that the record is
    withdrawn, which the lake knew), ABSENT (it lacks the record, which was kept).
    """
    return home.lake / "_unlanded" / table / f"centre_id={centre_id}" / f"batch_id={batch_id}" / "part-0.parquet"


def quarantine_file(home: Home, centre_id: str, batch_id: str) -> Path:
    """The records of one batch that failed the contract."""
    return home.quarantine / f"centre_id={centre_id}" / f"batch_id={batch_id}" / "part-0.parquet"


def table_files(home: Home, table: str, batches: Iterable[Manifest]) -> list[Path]:
    """The files of a contract table in the named batches; a batch without rows for it has none."""
    return [path for batch in batches for path in batch_files(home, table, batch.centre_id, batch.batch_id)]


def clear_uncommitted(home: Home) -> tuple[str, ...]:
    """Removes what a crash left: rows without a manifest, and all scratch; returns what was removed.

    Only for the holder of the home's lock.
    """
    committed = {manifest.batch_id for manifest in all_manifests(home)}
    leftovers = list(home.work.glob("*"))
    tables = [folder / table for folder in (home.lake, home.lake / "_unlanded") for table in CONTRACT]
    for root in [home.quarantine, *tables]:
        for folder in root.glob("**/batch_id=*"):
            match = BATCH_FOLDER.fullmatch(folder.name)
            if match is None or match["batch_id"] not in committed:
                leftovers.append(folder)
    for path in leftovers:
        remove_tree(path) if path.is_dir() else path.unlink()
    return tuple(str(path.relative_to(home.root)) for path in leftovers)


def empty_superseded_quarantine(home: Home) -> None:
    """Removes the quarantined records of batches that no longer count; their counts stay in the manifests."""
    for batch_id in {superseded for manifest in all_manifests(home) for superseded in manifest.supersedes}:
        for folder in home.quarantine.glob(f"*/batch_id={batch_id}"):
            remove_tree(folder)


def versions_sql(files: Sequence[Path]) -> str:
    """A select of all rows of the named lake files."""
    return f"SELECT * FROM read_parquet([{literals(str(path) for path in files)}], hive_partitioning = false)"
