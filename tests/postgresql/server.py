"""A real PostgreSQL server in a folder of its own, and a line to it that can be cut."""

import os
import shutil
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from adbc_driver_postgresql import dbapi  # type: ignore[import-untyped]

NO_SERVER = "no PostgreSQL server here: install postgresql (Debian) to run this test"

USER, PASSWORD = "reader", "not a secret: a server of the tests"


def binaries() -> Path | None:
    """The folder with `initdb` and `postgres`; Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int

    def address(self, port: int | None = None, password: str = PASSWORD, database: str = "postgres") -> str:
        """The connection string."""
        return (
            f"host=127.0.0.1 port={port or self.port} user={USER} password='{password}' dbname={database} "
            "connect_timeout=10"
        )

    def run(self, *statements: str) -> None:
        """Statements, each on its own."""
        with dbapi.connect(self.address(), autocommit=True) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def load(self, schema: str, table: str, rows: pa.Table) -> None:
        """Makes a table with these rows."""
        with dbapi.connect(self.address(), autocommit=True) as connection, connection.cursor() as cursor:
            cursor.adbc_ingest(table, rows, mode="create", db_schema_name=schema)


@contextmanager
def running(folder: Path, programs: Path) -> Iterator[Server]:
    """Starts a server for a while. PostgreSQL refuses to run as root: then it runs as nobody.

    The folder's parents must let everybody through, as the system's folder of temporary files does.
    """
    as_whom = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
    if as_whom:
        os.chown(folder, 65534, 65534)
    data, secret = folder / "data", folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    secret.chmod(0o644)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])

    def run(program: str, *words: str) -> None:
        command = [*as_whom, str(programs / program), "-D", str(data), *words]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)

    run(
        "initdb", "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"
    )
    settings = f"-k {folder} -c listen_addresses=127.0.0.1 -p {port} -c fsync=off -c timezone=Asia/Shanghai"
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", settings, "start")
    try:
        yield Server(port)
    finally:
        run("pg_ctl", "-m", "immediate", "stop")


@contextmanager
def cut_after(server: Server, n_bytes: int) -> Iterator[int]:
    """A port that leads to the server until so many bytes have come from it; then the line is dead."""

    class Line(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", server.port)) as behind:
                threading.Thread(target=_pump, args=(self.request, behind, None), daemon=True).start()
                _pump(behind, self.request, n_bytes)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Line) as proxy:
        proxy.daemon_threads = True
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield int(proxy.server_address[1])
        finally:
            proxy.shutdown()


def _pump(source: socket.socket, target: socket.socket, most: int | None) -> None:
    sent = 0
    try:
        while (most is None or sent < most) and (data := source.recv(4096)):
            target.sendall(data)
            sent += len(data)
        target.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
