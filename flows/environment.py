"""Variables that Prefect and dbt read when they are imported; each is set only where the user has not set it."""

import os
from pathlib import Path


def prepare_environment(home: Path) -> None:
    """Keep Prefect's state under the data home and both tools quiet and at home (docs/decisions/0001-prefect-mode.md).

    To be called before anything imports prefect: it reads its settings once.
    """
    state = home.resolve() / "state" / "prefect"
    state.mkdir(parents=True, exist_ok=True)
    defaults = {
        "PREFECT_HOME": str(state),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
