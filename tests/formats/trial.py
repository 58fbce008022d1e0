"""A trial as a centre of five lines: its delivery of SDTM domains, and what the lake holds of each patient."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from demo import EXTRACT_DATE
from models.config import Settings
from warehouse import CentreReport, Home, LocatedCentre, land, load_centre

Row = tuple[object, ...]


class Trial:
    """One centre in an empty folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._home = Home(root / "home")
        self.delivery = root / "deliveries" / EXTRACT_DATE.isoformat()
        self.delivery.mkdir(parents=True)

    def deliver(self, domains: Mapping[str, str]) -> None:
        """Domains as comma-separated files."""
        for domain, content in domains.items():
            (self.delivery / f"{domain}.csv").write_text(content, encoding="utf-8")

    def land(self) -> CentreReport:
        """Lands the delivery with the shipped mapping."""
        folder = self._root / "centre"
        folder.mkdir()
        about = 'id = "trial"\nname = "A trial"\nmapping = "sdtm"\n[deliveries]\npath = "deliveries"\n'
        (folder / "centre.toml").write_text(about, encoding="utf-8")
        return land(self._home, LocatedCentre(load_centre(folder), folder, self._root / "deliveries"), Settings())

    def rows(self, table: str, columns: str, where: str = "true") -> list[Row]:
        """Rows of a lake table, sorted; none when nothing of it landed."""
        folder = self._home.lake / table
        if not folder.exists():
            return []
        files = f"read_parquet('{folder}/**/*.parquet')"
        return duckdb.sql(f"SELECT {columns} FROM {files} WHERE {where} ORDER BY ALL").fetchall()
