"""`oncomart explore`: the page on a released study, served on this computer until it is interrupted."""

import socket
import sys
import threading
import webbrowser
from pathlib import Path

from models.errors import BadInput
from warehouse import Home, open_release, show_release

HOST = "127.0.0.1"


def run_explore(home: Path, *, release: str | None, port: int, opens_browser: bool) -> int:
    """Serve the page until Ctrl-C; returns the exit code. Port 0 takes a free one.

    Raises:
        BadInput: the release is unknown or holds no study, or the port is taken.
    """
    import uvicorn

    from analysis.explore.server import create_app

    place = Home(home.resolve())
    release_id = show_release(place, release).release_id
    with open_release(place, release_id) as connection, _listen(port) as listener:
        app = create_app(connection, release_id)
        address = f"http://{HOST}:{listener.getsockname()[1]}/"
        sys.stdout.write(f"Release {release_id}: {address}\nCtrl-C ends it.\n")
        sys.stdout.flush()
        if opens_browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        try:
            uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off")).run(sockets=[listener])
        except KeyboardInterrupt:
            sys.stdout.write("Ended.\n")
    return 0


def _listen(port: int) -> socket.socket:
    """A socket that hears this computer only, so that whoever opens the address from now on is served."""
    try:
        return socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        raise BadInput(f"Port {port} cannot be used: {error}. Name another with --port, or 0 for any.") from error
