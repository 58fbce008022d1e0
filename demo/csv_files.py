"""Comma-separated files as a hospital's export tool writes them."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ENCODING = "gb18030"


class CsvFolder:
    """Writes rows to GB18030 files with CRLF, quoted only where needed; a file is opened when its first row comes.

    Args:
        folder: where the files go.
        headers: columns of each kind of file; empty names at the end stand for trailing empty columns.
        split: kinds that come in parts; of the others an empty file has a header too.
    """

    def __init__(self, folder: Path, headers: Mapping[str, Sequence[str]], split: Sequence[str]) -> None:
        self._folder = folder
        self._headers = headers
        self._open = ExitStack()
        self._writers: dict[str, Any] = {}
        for kind in headers:
            if kind not in split:
                self._writer(kind, "")

    def add(self, kind: str, rows: Iterable[Sequence[object]], part: str = "") -> None:
        """Write rows of one kind, to `<kind>_<part>.csv` when the kind is split."""
        width = len(self._headers[kind])
        self._writer(kind, part).writerows([*row, *[""] * (width - len(row))] for row in rows)

    def _writer(self, kind: str, part: str) -> Any:
        name = f"{kind}_{part}" if part else kind
        if name not in self._writers:
            file = self._open.enter_context((self._folder / f"{name}.csv").open("w", encoding=ENCODING, newline=""))
            self._writers[name] = csv.writer(file, lineterminator="\r\n")
            self._writers[name].writerow(self._headers[kind])
        return self._writers[name]

    def close(self) -> None:
        """Close all files."""
        self._open.close()
