"""A kernel that is forked: made ready before the fork, completed after it, and given to a step when one comes.

Three moments: ``IPKernelApp.prepare`` in the template, ``IPKernelApp.complete`` in the fork, before anybody needs it,
and ``assume`` in the same fork, once its step is known. What a step then sees is what a kernel that was started for it
would show.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import json
import os
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ipykernel import kernelapp
from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.application import BaseIPythonApplication

from workbench.execution.processes.kinship import die_with_parent, name_process
from workbench.execution.seats.standing import give_way

if TYPE_CHECKING:
    from workbench.execution.seats.image import Image

BOUND, ASSUMED = b"b", b"a"
"""What a forked kernel answers: its sockets are bound, and it stands where its step wants it."""
ARGUMENTS = ("--HistoryManager.hist_file=:memory:",)
"""What nbclient adds to the command line of a kernel."""
LAUNCHER = "ipykernel_launcher"


_ipykernel: Any = kernelapp


class IPKernelApp(_ipykernel.IPKernelApp):  # type: ignore[misc]
    """ipykernel's application in three parts, under the name that its settings go by."""

    prepared = False
    completing = False

    def prepare(self) -> None:
        """Read the command line and the settings of IPython, and build the shell; starts no thread, opens no socket."""
        initialize: Any = BaseIPythonApplication.initialize
        initialize(self, ["-f", "kernel.json", *ARGUMENTS])
        shell = ZMQInteractiveShell.instance(parent=self, profile_dir=self.profile_dir, compiler_class=XCachingCompiler)
        atexit.unregister(shell.atexit_operations)
        self.prepared = True

    def complete(self, connection_file: str) -> None:
        """Bind the sockets that ``connection_file`` names and be a kernel, but for what depends on the step."""
        self.connection_file = self.config.IPKernelApp.connection_file = connection_file
        self.parent_handle = os.getppid()
        self.completing = True
        self.initialize(["-f", connection_file, *ARGUMENTS])
        self.completing = False
        shell: Any = self.shell
        if self.prepared:
            shell.parent = shell.kernel = self.kernel
            shell.config = self.kernel.config
            shell.save_sys_module_state()
            atexit.register(shell.atexit_operations)

    def parse_command_line(self, argv: Any = None) -> None:
        if not self.prepared:
            super().parse_command_line(argv)

    def init_crash_handler(self) -> None:
        if not self.prepared:
            super().init_crash_handler()

    def init_profile_dir(self) -> None:
        if not self.prepared:
            super().init_profile_dir()

    def init_config_files(self) -> None:
        if not self.prepared:
            super().init_config_files()

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        if not self.prepared:
            super().load_config_file(*args, **kwargs)

    def init_gui_pylab(self) -> None:
        if not self.completing:
            super().init_gui_pylab()

    def init_extensions(self) -> None:
        if not self.completing:
            super().init_extensions()

    def init_code(self) -> None:
        if not self.completing:
            super().init_code()


def in_a_cell() -> contextlib.AbstractContextManager[Any]:
    """Lets libraries find, while they are imported, that IPython is there, and no terminal."""
    shell: Any = ZMQInteractiveShell.instance()
    trap: contextlib.AbstractContextManager[Any] = shell.builtin_trap
    return trap


def live(control: socket.socket, placeholder: str, supervisor: int, image: Image) -> None:
    """Be the kernel that ``control`` gives orders to, from its sockets to its end; never returns.

    ``placeholder`` is the file that stands for standard output until the step has a log, ``supervisor`` the process
    id of the parent.
    """
    status = 1
    try:
        os.setsid()
        die_with_parent(supervisor)
        name_process("wb-kernel")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGALRM):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        os.environ["JPY_PARENT_PID"] = str(supervisor)
        gc.enable()
        image.reseeding.apply()
        _close_input()
        messages = control.makefile("r", encoding="utf-8")
        line = messages.readline()
        if not line:
            return
        connection = json.loads(line)["connection"]
        app = IPKernelApp.instance()
        native = set(sys.modules)
        app.complete(connection)
        give_way()
        launcher = Path(kernelapp.__file__).parent.parent / f"{LAUNCHER}.py"
        sys.argv = [str(launcher), "-f", connection, *ARGUMENTS]
        sys.orig_argv[:] = [sys.executable, "-m", LAUNCHER, *sys.argv[1:]]

        def assumed() -> None:
            loop.remove_handler(control)
            data, handles, _, _ = socket.recv_fds(control, 1 << 20, 1)
            if not data:
                os._exit(1)
            while not data.endswith(b"\n"):
                data += control.recv(1 << 20)
            assume(app, json.loads(data), handles[0], placeholder, image)
            control.sendall(ASSUMED)

        loop = _ipykernel.ioloop.IOLoop.current()
        loop.add_handler(control, lambda *_: assumed(), loop.READ)
        control.sendall(BOUND)
        app.start()
        leave(app, native)
        status = 0
    except Exception:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(status)


def assume(app: IPKernelApp, step: Mapping[str, Any], log: int, placeholder: str, image: Image) -> None:
    """Stand where the step wants its kernel: ``step`` has ``cwd`` and ``environment``, ``log`` is its open log.

    ``magic`` of it says whether to offer ``%%wb``, as the import of ``workbench`` does where that is not there yet.
    """
    _write_to(log, placeholder)
    environment = dict(step["environment"])
    os.environ.clear()
    os.environ.update(environment, JPY_PARENT_PID=str(os.getppid()))
    for name, value in image.added.items():
        if environment.get(name) == image.environment.get(name):
            os.environ[name] = value
    os.chdir(step["cwd"])
    tempfile.tempdir = None
    path = environment.get("PYTHONPATH", "")
    sys.path[:] = [
        *dict.fromkeys(str(Path(entry).absolute()) for entry in path.split(os.pathsep) if entry),
        *image.base,
    ]
    app.init_path()
    shell: Any = app.shell
    shell.init_environment()
    shell.starting_dir = str(Path.cwd())
    visited = shell.history_manager.dir_hist
    visited[:] = [type(place)(shell.starting_dir) for place in visited[:1]]
    if step["magic"]:
        shell.magics_manager.register_lazy("wb", "workbench")
    app.init_gui_pylab()
    app.init_extensions()
    app.init_code()
    sys.stdout.flush()
    sys.stderr.flush()


def _close_input() -> None:
    """Let standard input be a pipe at its end, which kernels are started with."""
    reader, writer = os.pipe()
    os.close(writer)
    os.dup2(reader, 0)
    os.close(reader)


def _write_to(log: int, placeholder: str) -> None:
    """Let every descriptor that led to the placeholder lead to ``log``, which begins with what was written so far."""
    there = Path(placeholder).stat()
    os.write(log, Path(placeholder).read_bytes())
    for link in list(Path("/proc/self/fd").iterdir()):
        with contextlib.suppress(OSError):
            status = os.fstat(int(link.name))
            if (status.st_dev, status.st_ino) == (there.st_dev, there.st_ino):
                os.dup2(log, int(link.name))
    os.close(log)


def leave(app: IPKernelApp, native: set[str]) -> None:
    """Do what the end of an interpreter does for its user, without taking down what all kernels share.

    Threads are waited for, ``atexit`` is run, what the step's names and modules hold is let go of, and files that
    are still open are flushed. ``native`` are the modules that were there before the step.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    control = app.control_thread
    if control is not None and control.is_alive():  # it may flush streams yet: it would wait ten seconds for a thread
        control.stop()  # that ipykernel ends first
        control.join()
    atexit._run_exitfuncs()
    for module in [module for name, module in sys.modules.copy().items() if name not in native]:
        if isinstance(module, ModuleType):
            _empty(vars(module))
    shell: Any = app.shell
    _empty(shell.user_ns)
    shell.user_ns_hidden.clear()
    gc.collect()
    for thing in gc.get_objects():
        if isinstance(thing, io.TextIOWrapper | io.BufferedWriter | io.BufferedRandom):
            with contextlib.suppress(Exception):
                thing.flush()


def _empty(names: dict[str, Any]) -> None:
    """Let go of the values, as the interpreter does it: first the names with an underscore, builtins last."""
    for private in (True, False):
        for name in [name for name in names if name.startswith("_") is private and name != "__builtins__"]:
            names[name] = None
