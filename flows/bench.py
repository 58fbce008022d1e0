"""`oncomart bench`: where the time of a refresh goes, and its peak memory, at several sizes in one run."""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demo import generate
from flows.console import Terminal, aligned, count
from flows.demo import config_text
from flows.refresh import MODEL_TIMES
from models.errors import Fault

SLOWEST = 15
"""Models that the table of models names."""

LARGEST_SHARE = 0.25
"""Share of the build that one model may take before the table points at it."""

LARGEST_GROWTH = 1.5
"""Growth of a model's seconds over growth of the source rows from which the table points at it."""

STEADY_SECONDS = 1.0
"""Seconds at the smaller size below which growth says nothing: most of them are what any model costs, however small."""

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


def run_bench(sizes: list[int], memory_limit: str | None = None) -> int:
    """Measure each size once, smallest first, and print one table; returns the exit code."""
    terminal = Terminal()
    measurements = []
    for patients in sorted(sizes):
        with tempfile.TemporaryDirectory(prefix="oncomart-bench-") as folder:
            home = Path(folder)
            with terminal.step(f"{count(patients, 'patient')}: write the extracts"):
                generate(home, patients=patients, centres=1)
                (home / "oncomart.toml").write_text(configuration(memory_limit), encoding="utf-8")
            with terminal.step(f"{count(patients, 'patient')}: refresh from them"):
                measurements.append(measure(home, patients, terminal))
    sys.stdout.write(table(measurements))
    sys.stdout.write("\n" + model_table(measurements))
    return 0


def configuration(memory_limit: str | None) -> str:
    """The configuration of a home to measure."""
    settings = f'\n[settings]\nmemory_limit = "{memory_limit}"\n' if memory_limit else ""
    return config_text(1) + settings


def measure(home: Path, patients: int, terminal: Terminal) -> Measurement:
    """Refresh once in a process of its own, whose steps the terminal shows as they go.

    Raises:
        Fault: the refresh failed; its own words are on standard error.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    command = [sys.executable, "-m", "flows", "refresh", "--home", str(home)]
    words = []
    before = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, encoding="utf-8")
    assert process.stderr is not None
    with process.stderr as lines:
        for line in lines:
            words.append(line)
            show(line.rstrip(), terminal)
    _, status, usage = os.wait4(process.pid, 0)
    total = time.monotonic() - before
    if status:
        sys.stderr.write("".join(words))
        raise Fault(f"The refresh of {count(patients, 'patient')} did not end well (status {status}).")
    peak = usage.ru_maxrss / 1024
    run = json.loads(max((home / "state" / "runs").glob("*.json")).read_text(encoding="utf-8"))
    seconds = dict.fromkeys(STAGES, 0.0)
    for entry in run["tasks"]:
        seconds[entry["name"]] += entry["seconds"]
    record = json.loads((home / "current" / "release.json").read_text(encoding="utf-8"))
    rows = sum(record["rows_read"].values()) if isinstance(record["rows_read"], dict) else 0
    return Measurement(patients, rows, seconds, total, peak, read_models(home / "state" / MODEL_TIMES))


def show(line: str, terminal: Terminal) -> None:
    """Keep a line of the refresh that opens or ends a step; let any other pass by."""
    if line.startswith(("▸", "  ✓", "  ✗")):
        terminal.detail(line)
    else:
        terminal.running(line.strip())


def read_models(file: Path) -> tuple[ModelCost, ...]:
    """Models of the last build, the slowest first."""
    with file.open(encoding="utf-8", newline="") as lines:
        costs = [
            ModelCost(row["model"], float(row["seconds"]), float(row["peak_mib"])) for row in csv.DictReader(lines)
        ]
    return tuple(sorted(costs, key=lambda cost: cost.seconds, reverse=True))


def model_table(measurements: Sequence[Measurement]) -> str:
    """The slowest models of the last size: seconds at every size, share of all models' seconds, memory, and growth.

    Growth is that of a model's seconds between the last two sizes over that of the source rows: 1 is linear. Memory is
    that of the whole process while the model ran, with the model beside it and what the engine kept of those before.
    """
    last = measurements[-1]
    whole = sum(cost.seconds for cost in last.models) or 1.0
    seconds = [{cost.name: cost.seconds for cost in one.models} for one in measurements]
    rows = [["model", *(f"s at {one.patients:,}" for one in measurements), "share", "peak MiB", "growth", ""]]
    for cost in last.models[:SLOWEST]:
        share, growth = cost.seconds / whole, _growth(cost.name, measurements[-2:])
        warnings = ["more than a quarter"] if share > LARGEST_SHARE else []
        warnings += ["faster than the rows"] if growth is not None and growth > LARGEST_GROWTH else []
        rows.append(
            [
                cost.name,
                *(f"{size[cost.name]:.1f}" if cost.name in size else "" for size in seconds),
                f"{share:.0%}",
                f"{cost.peak_mib:,.0f}",
                "" if growth is None else f"{growth:.1f}",
                ", ".join(warnings),
            ]
        )
    listed = {row[0] for row in rows}
    others = [f"{sum(spent for name, spent in size.items() if name not in listed):.1f}" for size in seconds]
    rows.append([f"{len(last.models[SLOWEST:])} others", *others, "", "", "", ""])
    return f"{count(last.patients, 'patient')}, models of the build:\n" + aligned(rows)


def _growth(model: str, sizes: Sequence[Measurement]) -> float | None:
    """Growth of a model's seconds over that of the rows; None for one size, or a model too quick to tell."""
    if len(sizes) == 1:
        return None
    spent = [next((cost.seconds for cost in one.models if cost.name == model), 0.0) for one in sizes]
    if spent[0] < STEADY_SECONDS:
        return None
    return spent[1] / spent[0] * sizes[0].rows / sizes[1].rows


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
    return aligned(rows)
