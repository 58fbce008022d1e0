"""Runs dbt in this process: which models, where, and what the terminal sees meanwhile."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg

from flows.console import Terminal
from flows.memory import MemoryWatch
from models.config import Settings
from models.errors import BuildFailed
from warehouse import ReleaseDraft

MOST_NAMED = 20
PROJECT = Path(__file__).resolve().parent.parent / "dbt_project"


@dataclass(frozen=True)
class NodeTime:
    """How long one dbt node took, and the largest resident set of the process meanwhile."""

    name: str
    status: str
    seconds: float
    peak_mib: float


class Dbt:
    """dbt over one release draft. Two of them may not run at once in one process: dbt keeps global state."""

    def __init__(self, draft: ReleaseDraft, settings: Settings, terminal: Terminal) -> None:
        self._draft = draft
        self._settings = settings
        self._terminal = terminal
        self._manifest: Manifest | None = None

    def build(self) -> tuple[NodeTime, ...]:
        """Load the seeds and make every model, in order of dependence.

        Raises:
            BuildFailed: names the models that failed.
        """
        return self._run("model", ["build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"])

    def check(self) -> tuple[NodeTime, ...]:
        """Run every test of the project; a failed one of severity error stops publication.

        Raises:
            BuildFailed: names the tests that failed, with the number of rows that break each.
        """
        return self._run("check", ["test"])

    def _run(self, noun: str, arguments: Sequence[str]) -> tuple[NodeTime, ...]:
        progress = _Progress(self._terminal, noun)
        with _environment(self._draft, self._settings), MemoryWatch() as memory:
            runner = dbtRunner(manifest=self._manifest, callbacks=[progress])
            try:
                result = runner.invoke([*arguments, *self._options()])
            finally:
                DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        self._manifest = runner.manifest
        return tuple(_node_time(node, memory) for node in _outcome(result, noun))

    def _options(self) -> list[str]:
        return [
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
            "--target-path",
            str(self._draft.home.state / "dbt"),
            "--log-path",
            str(self._draft.home.state / "dbt"),
            "--threads",
            str(self._settings.threads),
            "--log-level",
            "none",
            # Its run results would keep the database's own words, which may quote a value.
            "--no-write-json",
        ]


class _Progress:
    """Turns dbt's events into 'what is running, how far'."""

    def __init__(self, terminal: Terminal, noun: str) -> None:
        self._terminal = terminal
        self._noun = noun

    def __call__(self, event: EventMsg) -> None:
        if event.info.name == "LogStartLine":
            data = event.data
            self._terminal.running(f"{self._noun} {data.index} of {data.total}: {data.node_info.node_name}")


@contextmanager
def _environment(draft: ReleaseDraft, settings: Settings) -> Iterator[None]:
    """The variables that profiles.yml reads, for the time of one dbt call."""
    building = _same_path_for_every_draft(draft)
    temporary = building / draft.work.name / "duckdb"
    temporary.mkdir(parents=True, exist_ok=True)
    values = {
        "ONCOMART_BUILD_PATH": str(building / draft.build_path.name),
        "ONCOMART_WAREHOUSE_PATH": str(building / draft.warehouse_path.name),
        "ONCOMART_THREADS": str(settings.threads),
        "ONCOMART_MEMORY_LIMIT": settings.memory_limit,
        "ONCOMART_TEMP_DIR": str(temporary),
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _same_path_for_every_draft(draft: ReleaseDraft) -> Path:
    """A link to the draft's folder: dbt parses the whole project anew whenever a variable of its profile changes."""
    link = draft.home.state / "building"
    link.unlink(missing_ok=True)
    link.symlink_to(draft.folder, target_is_directory=True)
    return link


def _outcome(result: dbtRunnerResult, noun: str) -> list[Any]:
    """The nodes that ran, whose types dbt does not publish."""
    nodes = [] if result.result is None else list(getattr(result.result, "results", []))
    failed = [node for node in nodes if str(node.status) in ("error", "fail")]
    if failed:
        lines = [f"  {node.node.name}: {_reason(node)}" for node in failed[:MOST_NAMED]]
        if len(failed) > MOST_NAMED:
            lines.append(f"  and {len(failed) - MOST_NAMED} more")
        raise BuildFailed("\n".join([f"dbt: {len(failed)} {noun}(s) failed; nothing was published.", *lines]))
    if not result.success:
        raise BuildFailed(f"dbt could not start on the {noun}s: {result.exception}")
    return nodes


def _node_time(node: Any, memory: MemoryWatch) -> NodeTime:
    instants = [moment for phase in node.timing for moment in (phase.started_at, phase.completed_at) if moment]
    seconds = [moment.replace(tzinfo=UTC).timestamp() for moment in instants]
    peak = memory.peak_mib(min(seconds), max(seconds)) if seconds else 0.0
    return NodeTime(node.node.name, str(node.status), node.execution_time, peak)


def _reason(node: object) -> str:
    """A test's number of offending rows, or the first words of a database error without what it quotes."""
    failures = getattr(node, "failures", None)
    if failures:
        return f"{failures} row(s) break it"
    message = str(getattr(node, "message", "") or "no message")
    return without_values(" ".join(message.split()))[:300]


def without_values(message: str) -> str:
    """The words of a database error without quoted texts and numbers: a failed cast quotes the value that it met."""
    return re.sub(r"\d[\d.,:-]*", "…", re.sub(r"'[^']*'?", "'…'", message))
