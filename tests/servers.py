"""Real servers that tests start for themselves, each on a port or a socket of its own, and end again."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from workbench.model.location import Location

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "tester",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""The environment of whoever may use the server of ``buckets``."""


@dataclass(frozen=True)
class Buckets:
    """A server that speaks the S3 protocol over HTTP, on loopback."""

    endpoint: str

    def make(self) -> Location:
        """A prefix in a new bucket."""
        from pyarrow.fs import S3FileSystem

        name = f"bucket-{uuid.uuid4().hex[:12]}"
        system = S3FileSystem(
            access_key=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            secret_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            endpoint_override=self.endpoint,
            region="eu-west-1",
            allow_bucket_creation=True,
        )
        system.create_dir(name)
        return Location(f"s3://{name}/team/warehouse", self.endpoint, "eu-west-1")


@contextmanager
def buckets() -> Iterator[Buckets]:
    """A server for buckets, as long as the block lasts; it keeps them in memory."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield Buckets(f"http://{host}:{port}")
    finally:
        server.stop()


class PostgreSQL:
    """A cluster of its own in a private folder, reached by a socket in there; no port is opened."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="wb-pg-", dir="/tmp"))  # short: paths of sockets are
        self._process: subprocess.Popen[bytes] | None = None
        self._number = 0
        if os.geteuid() == 0:
            os.chown(self.folder, _NOBODY, _NOBODY)
        options = ["--auth=trust", "--username=workbench", "--encoding=UTF8", "--locale=C", "--no-sync"]
        self._run("initdb", "-D", str(self.folder / "data"), *options)

    def start(self) -> None:
        """Start the server, and wait until it answers; it ends with the thread that called."""
        settings = [f"unix_socket_directories={self.folder}", "listen_addresses=", "fsync=off", "max_connections=60"]
        command = [str(self._binaries / "postgres"), "-D", str(self.folder / "data")]
        for setting in settings:
            command += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*_unprivileged(), *command], stdout=log, stderr=log, cwd="/")
        deadline = time.monotonic() + 60
        ready = [str(self._binaries / "pg_isready"), "--quiet", "--host", str(self.folder)]
        while subprocess.run(ready, check=False).returncode:
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text(errors="replace"))
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT lets it roll back and write all down, SIGQUIT is as if the machine broke down."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def database(self, template: str = "template0") -> str:
        """The address of a new database, a copy of another one."""
        self._number += 1
        name = f"test_{self._number}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address(name)

    def address(self, name: str) -> str:
        """The address of a database as the store takes it."""
        return f"postgresql+psycopg://workbench@/{name}?host={self.folder}"

    def sql(self, text: str, database: str = "postgres") -> str:
        """What ``psql`` answers, unaligned."""
        return self._run("psql", "-h", str(self.folder), "-U", "workbench", "-d", database, "-XAtqc", text)

    def remove(self) -> None:
        """End the server and leave nothing of it."""
        with suppress(subprocess.TimeoutExpired):
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, name: str, *arguments: str) -> str:
        command = [*_unprivileged(), str(self._binaries / name), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()


class Dask:
    """A scheduler and workers, each a process with a working directory of its own and no word of any project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port = _free_port()
        self._options: list[str] = []
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def address(self) -> str:
        """Of the scheduler; stays when that is started again."""
        return f"{'tls' if self._options else 'tcp'}://127.0.0.1:{self._port}"

    def secure(self, ca: Path, certificate: Path, key: Path) -> None:
        """Let everything that is started from now on speak TLS."""
        self._options = ["--tls-ca-file", str(ca), "--tls-cert", str(certificate), "--tls-key", str(key)]

    def start_scheduler(self) -> None:
        """Start the scheduler; returns when it listens. It ends with the thread that called."""
        options = ["--host", "127.0.0.1", "--port", str(self._port), "--no-dashboard", *self._options]
        self.scheduler = self._start("scheduler", "distributed.cli.dask_scheduler", *options)
        _until(lambda: _listens(self._port), self.scheduler, self.folder / "scheduler" / "log")

    def start_worker(self, name: str, *options: str) -> None:
        """Start a worker of one thread; returns when it has found the scheduler."""
        told = [
            "--name",
            name,
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
            "--host",
            "127.0.0.1",
            *self._options,
        ]
        told += ["--local-directory", str(self.folder / name)]
        process = self._start(name, "distributed.cli.dask_worker", self.address, *told, *options)
        self.workers[name] = process
        log = self.folder / name / "log"
        _until(lambda: b"Registered to" in log.read_bytes(), process, log)

    def stop(self) -> None:
        """End everything."""
        for process in (self.scheduler, *self.workers.values()):
            if process is not None:
                process.kill()
                process.wait()
        self.scheduler = None
        self.workers.clear()

    def _start(self, name: str, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        place = self.folder / name
        place.mkdir(exist_ok=True)
        environment = {**os.environ, **CREDENTIALS, "WORKER": name, "PYTHONPATH": str(Path(__file__).parent.parent)}
        command = ["setpriv", "--pdeathsig", "SIGKILL", sys.executable, "-m", module, *arguments]
        with (place / "log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=place, env=environment)


def _until(there: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while not there():
        if time.monotonic() > deadline or process.poll() is not None:
            raise RuntimeError(log.read_text(errors="replace"))
        time.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Wire:
    """A loopback port that leads to a PostgreSQL server, and breaks where it is told to."""

    def __init__(self, server: PostgreSQL) -> None:
        self._target = str(server.folder / ".s.PGSQL.5432")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self._pumps: list[threading.Thread] = []
        self._cut = ""
        self._dead = False
        self.cuts = 0
        self.port = int(self._listener.getsockname()[1])
        self._door = threading.Thread(target=self._accept)
        self._door.start()

    def address(self, database: str) -> str:
        """The address of a database by way of this wire."""
        return f"postgresql+psycopg://workbench@127.0.0.1:{self.port}/{database}?sslmode=disable&gssencmode=disable"

    def cut(self, when: str) -> None:
        """Break the next connection that commits: ``before`` the server hears of it, or ``after`` it has done so.

        ``for good`` is after it, and nobody gets through any more.
        """
        self._cut = when

    def close(self) -> None:
        """Break everything, and listen no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._door.join()
        for end in self._ends:
            _break(end)
        for pump in self._pumps:
            pump.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                if self._dead:
                    raise OSError
                server.connect(self._target)
            except OSError:
                client.close()
                server.close()
                continue
            lost = threading.Event()
            for pump, ends in ((self._upward, (client, server)), (self._downward, (server, client))):
                thread = threading.Thread(target=pump, args=(*ends, lost))
                thread.start()
                self._pumps.append(thread)
            self._ends += [client, server]

    def _upward(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(1 << 16):
                if self._cut and b"COMMIT" in data:
                    when, self._cut = self._cut, ""
                    self.cuts += 1
                    if when == "before":
                        break
                    self._dead = when == "for good"
                    lost.set()
                server.sendall(data)
        if not lost.is_set():
            _break(client)
            _break(server)

    def _downward(self, server: socket.socket, client: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while (data := server.recv(1 << 16)) and not lost.is_set():
                client.sendall(data)
        _break(client)
        _break(server)


def _break(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


_NOBODY = 65534


def _unprivileged() -> list[str]:
    """What lets a command end with us, and run as nobody when we are root, whom PostgreSQL refuses."""
    command = ["setpriv", "--pdeathsig", "SIGQUIT"]
    if os.geteuid() == 0:
        command += ["--reuid", str(_NOBODY), "--regid", str(_NOBODY), "--clear-groups"]
    return command


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """A server, as long as the block lasts; skips the test where none is installed, or fails it where one must be."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not found:
        missing("PostgreSQL is not installed: apt-get install postgresql")
    server = PostgreSQL(found[-1].parent)
    try:
        server.start()
        yield server
    finally:
        server.remove()


def missing(what: str) -> None:
    """Skip for want of a server, or fail where ``WORKBENCH_REQUIRE_SERVERS`` says that all must be there."""
    if os.environ.get("WORKBENCH_REQUIRE_SERVERS") == "1":
        pytest.fail(what)
    pytest.skip(what)
