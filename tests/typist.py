"""Commands typed in forks of one process that has imported everything: they do what ``wb`` does, without its start.

Every command is a process of its own, with its own folder, environment, streams and exit code. What it would import on
its way is there before it begins, so what the start itself does is tested with a new interpreter; see ``terminal``.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

IMPORTED = (
    "duckdb",
    "jinja2",
    "numpy.random",
    "pandas",
    "pyarrow.pandas_compat",
    "pyarrow.parquet",
    "pyiceberg.catalog.sql",
    "pyiceberg.io.pyarrow",
    "sqlalchemy.dialects.sqlite",
    "workbench.data.iceberg",
    "workbench.data.inputs",
    "workbench.data.publish",
    "workbench.execution.walk.runner",
    "workbench.lineage.service",
    "workbench.pipeline.libraries",
    "workbench.quality.compiler",
    "workbench.quality.profile",
    "workbench.quality.service",
    "workbench.reports.proof",
    "workbench.reports.render",
    "workbench.ui.cli.commands.run",
    "workbench.ui.cli.commands.runs",
    "workbench.ui.cli.views.live",
)
"""What commands import that run, and those that look at runs."""
MORE = (
    "alembic.config",
    "alembic.runtime.migration",
    "jupyter_client.manager",
    "nbformat",
    "papermill.translators",
    "plotly",
    "pyarrow.compute",
    "rich.live",
    "workbench.execution.inline",
    "workbench.scheduler.daemon",
    "workbench.testing.service",
    "workbench.ui.cli.app",
    "workbench.ui.lab",
)
"""What commands import besides."""
PID_LENGTH = 10
"""Bytes that tell the process id; what follows is its end, which may be told before anybody has read the first."""


class Typed:
    """A command at work; ``pid`` is its process. The interface is that of ``subprocess.Popen``, as far as needed."""

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self.pid = pid
        self._channel = channel
        self._code: int | None = None

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it goes on."""
        return self._ended(0)

    def wait(self, timeout: float = 120) -> int:
        """Its exit code. Raises ``subprocess.TimeoutExpired`` when there is none after ``timeout`` seconds."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("wb", timeout)
        return code

    def send_signal(self, number: int) -> None:
        """Signal it, if it goes on."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float) -> int | None:
        if self._code is None and select.select([self._channel], [], [], timeout)[0]:
            self._code = int(self._channel.recv(64))
            self._channel.close()
        return self._code


def type_command(arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], out: int, err: int) -> Typed:
    """Begin ``wb ARGUMENTS`` in ``cwd`` with exactly this environment; ``out`` and ``err`` are open for writing."""
    ours, theirs = socket.socketpair()
    question = {"arguments": list(arguments), "cwd": str(cwd), "environment": dict(environment)}
    with theirs, _lock:
        typist = _typist()
        socket.send_fds(typist, [b"-"], [theirs.fileno(), out, err])
        typist.sendall(json.dumps(question).encode() + b"\n")
        pid = int(ours.recv(PID_LENGTH))
    return Typed(pid, ours)


_lock = threading.Lock()
_started: dict[int, socket.socket] = {}


def _typist() -> socket.socket:
    """The channel to the process below this one."""
    if os.getpid() not in _started:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, __file__, str(theirs.fileno())]
            process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        atexit.register(_end, os.getpid(), ours, process)
        _started[os.getpid()] = ours
    return _started[os.getpid()]


def _end(owner: int, channel: socket.socket, process: subprocess.Popen[bytes]) -> None:
    if os.getpid() == owner:
        channel.close()
        process.wait()


# -- in the process below -----------------------------------------------------------------------------------------


def main(descriptor: int) -> None:
    """Type what is asked for until nobody is there to ask."""
    for name in (*IMPORTED, *MORE):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    control = socket.socket(fileno=descriptor)
    ended, alarm = socket.socketpair()
    for end in (ended, alarm):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(alarm.fileno(), warn_on_full_buffer=False)
    running: dict[int, int] = {}
    while True:
        readable = select.select([control, ended], [], [])[0]
        if ended in readable:
            with suppress(BlockingIOError):
                ended.recv(1 << 12)
            _reap(running)
        if control in readable:
            mark, descriptors, *_ = socket.recv_fds(control, 1, 3)
            if not mark:
                return
            with control.makefile("rb") as lines:
                question = json.loads(lines.readline())
            if pid := os.fork():
                running[pid] = descriptors[0]
                os.write(descriptors[0], str(pid).rjust(PID_LENGTH).encode())
                for each in descriptors[1:]:
                    os.close(each)
            else:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for each in (control, ended, alarm):
                    each.close()
                for each in (descriptors[0], *running.values()):
                    os.close(each)
                _be(question, *descriptors[1:])


def _reap(running: dict[int, int]) -> None:
    """Tell how those ended that have."""
    for pid, channel in list(running.items()):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            del running[pid]
            with suppress(OSError):  # nobody waits for it any more
                os.write(channel, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(channel)


def _be(question: Mapping[str, Any], out: int, err: int) -> None:
    """Be a command; never returns."""
    status = 70
    try:
        _sit_down(question, out, err)
        from workbench.ui.cli.app import main as command

        command()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        with suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(status)


def _sit_down(question: Mapping[str, Any], out: int, err: int) -> None:
    """Take the folder, the environment and the streams that an interpreter would have been started with."""
    for number, descriptor in ((1, out), (2, err)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(question["environment"])
    time.tzset()
    os.chdir(question["cwd"])
    encoding = os.environ.get("PYTHONIOENCODING", "utf-8")
    for stream, at_once in ((sys.stdout, "PYTHONUNBUFFERED" in os.environ), (sys.stderr, True)):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(encoding=encoding, line_buffering=False, write_through=at_once)
    sys.path[0] = ""
    sys.argv = ["wb", *question["arguments"]]


if __name__ == "__main__":
    main(int(sys.argv[1]))
