"""CDISC SDTM domains as files: comma-separated, or SAS transport files of version 5."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import pandas as pd
import pyreadstat

Row = Mapping[str, object]
NUMERIC_ENDINGS = ("SEQ", "DOSE", "STRESN")
"""Variables of these names are numbers; all others are text, dates included (SDTMIG 3.4, section 4.4.1)."""


class SdtmFolder:
    """Writes one file a domain. Rows are held until `close`, because a transport file states its widths first.

    Args:
        folder: where the files go.
        domains: variables of each domain beside STUDYID, DOMAIN, USUBJID and --SEQ, which every row gets.
        study: the study that all rows are of.
        suffix: which kind of file.
    """

    def __init__(
        self, folder: Path, domains: Mapping[str, Sequence[str]], study: str, suffix: Literal[".csv", ".xpt"]
    ) -> None:
        self._folder, self._study, self._suffix = folder, study, suffix
        self._variables = {
            domain: ("STUDYID", "DOMAIN", "USUBJID", *(() if domain == "DM" else (f"{domain}SEQ",)), *variables)
            for domain, variables in domains.items()
        }
        self._rows: dict[str, list[Row]] = {domain: [] for domain in domains}
        self._supplements: dict[str, list[Row]] = {}

    def add(self, domain: str, subject: str, rows: Iterable[Row]) -> None:
        """Keep the rows of one subject.

        A key that is no variable of the domain becomes a supplemental qualifier, a row of SUPP-- of its own.
        """
        told = set(self._variables[domain])
        for number, row in enumerate(rows, start=1):
            known = {"STUDYID": self._study, "DOMAIN": domain, "USUBJID": subject, f"{domain}SEQ": number, **row}
            self._rows[domain].append({name: value for name, value in known.items() if name in told})
            for name, value in row.items():
                if name not in told and value not in (None, ""):
                    self._supplement(domain, subject, number, name, value)

    def _supplement(self, domain: str, subject: str, number: int, name: str, value: object) -> None:
        about = {"STUDYID": self._study, "RDOMAIN": domain, "USUBJID": subject, "IDVAR": f"{domain}SEQ"}
        written = {"IDVARVAL": str(number), "QNAM": name, "QVAL": str(value), "QORIG": "CRF"}
        self._supplements.setdefault(f"SUPP{domain}", []).append({**about, **written})

    def close(self) -> None:
        """Write all files; a domain without rows has none, as in a submission."""
        for domain, rows in self._rows.items():
            if rows:
                self._write(domain, self._variables[domain], rows)
        for domain, rows in self._supplements.items():
            self._write(domain, tuple(rows[0]), rows)

    def _write(self, domain: str, variables: Sequence[str], rows: Sequence[Row]) -> None:
        path = self._folder / f"{domain.lower()}{self._suffix}"
        if self._suffix == ".csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, variables, restval="")
                writer.writeheader()
                writer.writerows(rows)
            return
        frame = pd.DataFrame({name: _column(name, rows) for name in variables})
        pyreadstat.write_xport(frame, path, file_format_version=5, table_name=domain)


def _column(name: str, rows: Sequence[Row]) -> "pd.Series[float] | pd.Series[str]":
    values = [row.get(name) for row in rows]
    if name.endswith(NUMERIC_ENDINGS):
        return pd.Series([None if value in (None, "") else float(str(value)) for value in values], dtype="float64")
    return pd.Series(["" if value is None else str(value) for value in values], dtype="object")
