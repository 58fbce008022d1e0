"""With a Prefect API configured, a refresh is an ordinary flow run."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.testing.utilities import prefect_test_harness

from tests.flows.conftest import ROOT


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    """A local Prefect server for this module."""
    with prefect_test_harness(server_startup_timeout=120), get_client(sync_client=True) as client:
        yield str(client.api_url)


def test_a_refresh_is_a_flow_run_of_tasks(demo_home: Path, api: str) -> None:
    """The server records the run and its tasks as completed, and holds names, never data, as parameters."""
    environment = {**os.environ, "PREFECT_API_URL": api}
    command = [sys.executable, "-m", "flows", "refresh", "--home", str(demo_home)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs()
        tasks = client.read_task_runs()
    (run,) = runs
    assert run.state_name == "Completed"
    assert set(run.parameters) == {"home", "config", "wishes"}
    assert [(task.name.rsplit("-", 1)[0], task.state_name) for task in tasks] == [("land", "Completed")]
