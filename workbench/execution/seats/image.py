"""The image that all processes of a step are forked from: papermill, ipykernel and what the steps import, once.

Supervisors and kernels see different modules of it: some of papermill's are imported without parts of theirs that
take two seconds and no step needs. A kernel whose user asks for one of these imports it afresh, and whole.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

from workbench.execution.attempt import RENDERER
from workbench.execution.seats.preload import COMPANIONS, Preloaded, preload, set_filters
from workbench.execution.seats.reseed import Reseeding
from workbench.execution.seats.standing import give_way, listening
from workbench.execution.wire import IMPORTING, PRELOADED

BACKEND = ("MPLBACKEND", "module://matplotlib_inline.backend_inline")
"""What kernels tell matplotlib before it is imported, unless somebody else has."""
UNNEEDED = ("azure", "boto3", "gcsfs", "github", "isoduration", "pyarrow", "rfc3986_validator", "rfc3987_syntax")
"""What papermill and nbformat load if it is there, for remote files and rare checks."""
INCOMPLETE = ("jsonschema", "nbclient", "nbformat", "papermill")
"""Packages that were imported without ``UNNEEDED``, and those that hold on to them."""
KERNEL = (
    "IPython.core.completer",
    "IPython.core.debugger",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "faulthandler",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "psutil",
    "sqlite3",
    "tornado.platform.asyncio",
)
"""What every kernel imports, some of it only when it starts or runs its first cell."""


class Image:
    """What was imported for later forks; ``base`` is the search path without any ``PYTHONPATH``.

    ``environment`` are the variables as they were when the interpreter started, ``added`` those that libraries have set
    since, ``modules`` the top-level modules that are there. What was preloaded is written to ``folder``, which is also
    where seats keep what is theirs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        os.environ.setdefault(*RENDERER)
        self.environment = dict(os.environ)
        given = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
        self.base = [entry for entry in sys.path if entry not in {str(Path(each).absolute()) for each in given}]
        self.reseeding = Reseeding()
        self.preloaded = Preloaded()
        self.modules: frozenset[str] = frozenset()
        self.added: Mapping[str, str] = {}
        self._supervising: dict[str, ModuleType] = {}

    def build(self) -> None:
        """Import what every kernel and every supervisor needs, and build the shell of the kernels."""
        gc.disable()
        with listening():
            for name in KERNEL:
                importlib.import_module(name)
        from workbench.execution.seats.warm import IPKernelApp

        IPKernelApp.instance().prepare()
        filters = warnings.filters[:]
        left_out = [name for name in UNNEEDED if name not in sys.modules]
        sys.modules.update(dict.fromkeys(left_out))  # type: ignore[arg-type]
        importlib.import_module("workbench.execution.seats.seat")
        for name in left_out:
            del sys.modules[name]
        for name in [name for name in sys.modules if name.partition(".")[0] in INCOMPLETE]:
            self._supervising[name] = sys.modules.pop(name)
        set_filters(filters)

    def preload(self, modules: Sequence[str], avoid: Mapping[str, str]) -> None:
        """Import what the steps will; raises Unfit when that has spoilt this process."""
        os.environ.setdefault(*BACKEND)
        names = [*modules, *(later for name in modules for later in COMPANIONS.get(name, ()))]
        from workbench.execution.seats.warm import in_a_cell

        with (self.folder / IMPORTING).open("w") as now, self.reseeding.watching(), in_a_cell():
            for name in names:
                now.seek(0)
                now.truncate()
                now.write(name)
                now.flush()
                preload([name], avoid, self.preloaded)
            now.truncate(0)
        self.modules = frozenset()
        aside = self.folder / f"{PRELOADED}.new"
        aside.write_text(json.dumps(asdict(self.preloaded)))
        aside.replace(self.folder / PRELOADED)

    def settle(self) -> None:
        """Keep the collector from touching what is shared; before a fork."""
        if not self.modules:
            changed = {name: value for name, value in os.environ.items() if self.environment.get(name) != value}
            self.added = {name: value for name, value in changed.items() if name != BACKEND[0]}
            self.modules = frozenset(name.partition(".")[0] for name in sys.modules)
            gc.collect()
            gc.freeze()

    def supervise(self) -> None:
        """Take a supervisor's view; in a fork."""
        sys.modules.update(self._supervising)
        give_way()
        gc.enable()
