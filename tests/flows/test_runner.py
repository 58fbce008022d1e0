import json
from pathlib import Path

import pytest
from prefect import task

from flows.runner import LocalRun
from models.errors import BadInput


class Flaky:
    """Fails a number of times with one error, then answers."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.failures = failures
        self.error = error
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error
        return "done"


def states(run: LocalRun) -> list[tuple[str, str, int]]:
    tasks = json.loads(run.file.read_text(encoding="utf-8"))["tasks"]
    return [(entry["name"], entry["state"], entry["attempts"]) for entry in tasks]


def test_a_machine_fault_is_tried_again_as_often_as_the_task_says(tmp_path: Path) -> None:
    """A share that does not answer twice is read the third time, after the declared delays."""
    waits: list[float] = []
    run = LocalRun("refresh", tmp_path, sleep=waits.append)
    flaky = Flaky(2, OSError("share is away"))
    read = task(name="land", retries=2, retry_delay_seconds=5)(lambda: flaky())
    assert run(read) == "done"
    assert waits == [5.0, 5.0]
    assert states(run) == [("land", "Completed", 3)]


def test_a_third_fault_is_raised_when_two_retries_are_declared(tmp_path: Path) -> None:
    """Retries end where the task says, and the state keeps the kind of error."""
    run = LocalRun("refresh", tmp_path, sleep=lambda _: None)
    flaky = Flaky(3, OSError("share is away"))
    read = task(name="land", retries=2)(lambda: flaky())
    with pytest.raises(OSError, match="share is away"):
        run(read)
    assert states(run) == [("land", "Failed", 3)]


def test_bad_input_is_never_tried_again(tmp_path: Path) -> None:
    """The same delivery fails in the same way, so that waiting only hides the message."""
    run = LocalRun("refresh", tmp_path, sleep=lambda _: pytest.fail("waited"))
    flaky = Flaky(1, BadInput("column is missing"))
    read = task(name="land", retries=2)(lambda: flaky())
    with pytest.raises(BadInput):
        run(read)
    assert states(run) == [("land", "Failed", 1)]


def test_the_state_of_a_failed_run_keeps_no_words_of_the_error(tmp_path: Path) -> None:
    """A library's message may quote a value; the state names the kind of error only."""
    run = LocalRun("refresh", tmp_path)
    run.finish(ValueError("could not convert 'Zhang San'"))
    text = run.file.read_text(encoding="utf-8")
    assert "Zhang" not in text
    assert json.loads(text)["error"] == "ValueError"
