"""Two ways to run the same Prefect tasks (docs/decisions/0001-prefect-mode.md).

With a Prefect API configured the flow is an ordinary Prefect flow run. Without one, the very same tasks run in this
process, with the retries that they declare, and the run's state is written under the data home.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from prefect import Task

Result = TypeVar("Result")


class Call(Protocol):
    """Runs one task of a flow."""

    def __call__(self, task: "Task[..., Result]", /, *arguments: Any) -> Result:
        """Run it with these arguments and return its result."""


def call_prefect(task: "Task[..., Result]", /, *arguments: Any) -> Result:
    """Run a task through Prefect, inside a flow run."""
    return task(*arguments)


@dataclass
class TaskState:
    """How one task of a run went."""

    name: str
    state: str = "Running"
    attempts: int = 0
    seconds: float = 0.0
    error: str | None = None


@dataclass
class RunState:
    """How a run went, task by task; the file is rewritten after every change."""

    run_id: str
    flow: str
    started: str
    state: str = "Running"
    ended: str | None = None
    error: str | None = None
    tasks: list[TaskState] = field(default_factory=list)


class LocalRun:
    """Runs tasks in this process, honouring the retries they declare, and keeps the run's state as JSON."""

    def __init__(self, flow: str, folder: Path, sleep: Callable[[float], None] = time.sleep) -> None:
        now = datetime.now(UTC)
        self.state = RunState(f"{now:%Y%m%dT%H%M%S%fZ}", flow, now.isoformat(timespec="seconds"))
        self.file = folder / f"{self.state.run_id}.json"
        self._sleep = sleep
        self._save()

    def __call__(self, task: "Task[..., Result]", /, *arguments: Any) -> Result:
        """Run one task; after a failure wait and try again as often as the task allows."""
        entry = TaskState(task.name)
        self.state.tasks.append(entry)
        began = time.monotonic()
        try:
            return self._attempts(task, entry, arguments)
        finally:
            entry.seconds = round(time.monotonic() - began, 3)
            self._save()

    def _attempts(self, task: "Task[..., Result]", entry: TaskState, arguments: tuple[Any, ...]) -> Result:
        while True:
            entry.attempts += 1
            self._save()
            try:
                result = task.fn(*arguments)
            except Exception as error:
                entry.state, entry.error = "Failed", type(error).__name__
                if entry.attempts > (task.retries or 0) or not may_retry(error):
                    raise
                self._sleep(_delay(task))
            else:
                entry.state, entry.error = "Completed", None
                return result

    def finish(self, error: BaseException | None) -> None:
        """Write how the run ended. The error's text is not kept: a library may have put a value into it."""
        self.state.state = "Completed" if error is None else "Failed"
        self.state.error = None if error is None else type(error).__name__
        self.state.ended = datetime.now(UTC).isoformat(timespec="seconds")
        self._save()

    def _save(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self.state), indent=2), encoding="utf-8")
        fresh.replace(self.file)


def may_retry(error: BaseException) -> bool:
    """A second try helps when the machine or the network was at fault (OSError), never when the input is."""
    return isinstance(error, OSError)


def _delay(task: "Task[..., Any]") -> float:
    declared: object = task.retry_delay_seconds
    return float(declared) if isinstance(declared, int | float) else 1.0
