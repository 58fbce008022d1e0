"""How much memory this process held, and when."""

import os
import threading
import time
from bisect import bisect_left, bisect_right
from pathlib import Path
from typing import Self

_STATM = Path("/proc/self/statm")


class MemoryWatch:
    """Reads the resident set twenty times a second while it is open; where the system does not tell, all is 0."""

    def __init__(self, interval_seconds: float = 0.05) -> None:
        self._interval = interval_seconds
        self._times: list[float] = []
        self._mib: list[float] = []
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Start reading."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop reading."""
        self._closing.set()
        self._thread.join()

    def peak_mib(self, start: float, end: float) -> float:
        """Largest resident set between two instants (seconds since the epoch), in MiB."""
        first = max(0, bisect_left(self._times, start) - 1)
        return max(self._mib[first : bisect_right(self._times, end) + 1], default=0.0)

    def _watch(self) -> None:
        while not self._closing.wait(self._interval):
            self._times.append(time.time())
            self._mib.append(resident_mib())


def resident_mib() -> float:
    """Resident set of this process now, in MiB."""
    if not _STATM.exists():
        return 0.0
    pages = int(_STATM.read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
