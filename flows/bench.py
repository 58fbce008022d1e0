"""`oncomart bench`: where the time of a refresh goes, and its peak memory, at several sizes in one run."""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from demo import generate
from flows.console import Terminal, count
from flows.demo import config_text
from flows.refresh import MODEL_TIMES
from models.errors import Fault

SLOWEST = 12
"""Models that the table of models names."""

LARGEST_SHARE = 0.25
"""Share of the build that one model may take before the table points at it."""

STAGES = ("land", "build", "check", "analyse", "publish")
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class ModelCost:
    """One dbt model of a build: wall seconds, and the largest resident set of the process meanwhile in MiB."""

    name: str
    seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Measurement:
    """One refresh of one size. Seconds are wall time; memory is the largest resident set of the process, in MiB."""

    patients: int
    rows: int
    seconds: dict[str, float]
    total: float
    peak_mib: float
    models: tuple[ModelCost, ...]

    @property
    def orchestration(self) -> float:
        """Seconds outside the stages: start of Python, imports, the flow's own bookkeeping."""
        return self.total - sum(self.seconds.values())


def run_bench(sizes: list[int]) -> int:
    """Measure each size once, smallest first, and print one table; returns the exit code."""
    terminal = Terminal()
    measurements = []
    for patients in sorted(sizes):
        with tempfile.TemporaryDirectory(prefix="oncomart-bench-") as folder:
            home = Path(folder)
            with terminal.step(f"{count(patients, 'patient')}: write the extracts, then refresh from them"):
                generate(home, patients=patients, centres=1)
                (home / "oncomart.toml").write_text(config_text(1), encoding="utf-8")
                measurements.append(measure(home, patients))
    sys.stdout.write(table(measurements))
    sys.stdout.write("\n" + model_table(measurements[-1]))
    return 0


def measure(home: Path, patients: int) -> Measurement:
    """Refresh once in a process of its own.

    Raises:
        Fault: the refresh failed; its own words are on standard error.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    command = [sys.executable, "-m", "flows", "refresh", "--home", str(home)]
    words = home / "refresh.log"
    before = time.monotonic()
    with words.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    total = time.monotonic() - before
    if status:
        sys.stderr.write(words.read_text(encoding="utf-8"))
        raise Fault(f"The refresh of {count(patients, 'patient')} did not end well (status {status}).")
    peak = usage.ru_maxrss / 1024
    run = json.loads(max((home / "state" / "runs").glob("*.json")).read_text(encoding="utf-8"))
    seconds = dict.fromkeys(STAGES, 0.0)
    for entry in run["tasks"]:
        seconds[entry["name"]] += entry["seconds"]
    record = json.loads((home / "current" / "release.json").read_text(encoding="utf-8"))
    rows = sum(record["rows_read"].values()) if isinstance(record["rows_read"], dict) else 0
    return Measurement(patients, rows, seconds, total, peak, read_models(home / "state" / MODEL_TIMES))


def read_models(file: Path) -> tuple[ModelCost, ...]:
    """Models of the last build, the slowest first."""
    with file.open(encoding="utf-8", newline="") as lines:
        costs = [
            ModelCost(row["model"], float(row["seconds"]), float(row["peak_mib"])) for row in csv.DictReader(lines)
        ]
    return tuple(sorted(costs, key=lambda cost: cost.seconds, reverse=True))


def model_table(measurement: Measurement) -> str:
    """The slowest models of one size with their share of all models' seconds."""
    whole = sum(cost.seconds for cost in measurement.models) or 1.0
    rows = [["model", "seconds", "share", "peak MiB", ""]]
    for cost in measurement.models[:SLOWEST]:
        share = cost.seconds / whole
        warning = "more than a quarter" if share > LARGEST_SHARE else ""
        rows.append([cost.name, f"{cost.seconds:.1f}", f"{share:.0%}", f"{cost.peak_mib:,.0f}", warning])
    rest = measurement.models[SLOWEST:]
    rows.append([f"{len(rest)} others", f"{sum(c.seconds for c in rest):.1f}", "", "", ""])
    return f"{count(measurement.patients, 'patient')}, models of the build:\n" + _aligned(rows)


def table(measurements: list[Measurement]) -> str:
    """Seconds by stage, peak memory, and each size's total as a ratio to the first."""
    head = ["patients", "source rows", *STAGES, "orchestration", "total s", "peak MiB", "ratio"]
    rows = [head]
    for one in measurements:
        stages = [f"{one.seconds[stage]:.1f}" for stage in STAGES]
        ratio = one.total / measurements[0].total
        rows.append(
            [
                f"{one.patients:,}",
                f"{one.rows:,}",
                *stages,
                f"{one.orchestration:.1f}",
                f"{one.total:.1f}",
                f"{one.peak_mib:,.0f}",
                f"{ratio:.1f}",
            ]
        )
    return _aligned(rows)


def _aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines) + "\n"
