"""What the terminal says: one line a finished step, with rows and seconds, and what is running now."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Terminal:
    """Writes progress lines to a stream; on a real terminal it also shows the step that is running."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._started = time.monotonic()

    def line(self, text: str = "") -> None:
        """Print one line."""
        self._clear()
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def detail(self, text: str) -> None:
        """Print one line that belongs to the running step."""
        self.line(f"    {text}")

    def running(self, text: str) -> None:
        """Say what is running, in place; silent where nobody watches."""
        if self._live:
            self._clear()
            self._stream.write(f"  … {text[:110]}")
            self._stream.flush()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Frame one step: its name before, its seconds after, also when it fails."""
        began = time.monotonic()
        self.line(f"▸ {name}")
        try:
            yield
        except BaseException:
            self.line(f"  ✗ {name} failed after {time.monotonic() - began:.1f} s")
            raise
        self.line(f"  ✓ {time.monotonic() - began:.1f} s")

    @property
    def seconds(self) -> float:
        """Seconds since the terminal was opened."""
        return time.monotonic() - self._started

    def _clear(self) -> None:
        if self._live:
            self._stream.write("\r\033[K")


def count(number: int, noun: str) -> str:
    """'1 row', '8,114 rows'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def aligned(rows: list[list[str]]) -> str:
    """A table as text, its columns flush right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines) + "\n"
