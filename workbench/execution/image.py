"""The image that all processes of a step are forked from: papermill, ipykernel and what the steps import, once.

Supervisors and kernels see different modules of it: some of papermill's are imported without parts of theirs that
take two seconds and no step needs. A kernel whose user asks for one of these imports it afresh, and whole.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

from workbench.execution.reseed import Reseeding

UNNEEDED = ("isoduration", "pyarrow", "rfc3987_syntax")
"""What papermill and nbformat load if it is there, for remote files and rare checks."""
INCOMPLETE = ("jsonschema", "nbclient", "nbformat", "papermill")
"""Packages that were imported without ``UNNEEDED``, and those that hold on to them."""
KERNEL = (
    "IPython.core.completer",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "psutil",
    "sqlite3",
)
"""What every kernel imports, some of it only when it starts or runs its first cell."""


class Image:
    """What was imported for later forks; ``base`` is the search path without any ``PYTHONPATH``."""

    def __init__(self) -> None:
        given = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
        self.base = [entry for entry in sys.path if entry not in {str(Path(each).absolute()) for each in given}]
        self.reseeding = Reseeding()
        self._supervising: dict[str, ModuleType] = {}

    def build(self) -> None:
        """Import what every kernel and every supervisor needs, and build the shell of the kernels."""
        gc.disable()
        for name in KERNEL:
            importlib.import_module(name)
        from workbench.execution.warm import IPKernelApp

        IPKernelApp.instance().prepare()
        left_out = [name for name in UNNEEDED if name not in sys.modules]
        sys.modules.update(dict.fromkeys(left_out))  # type: ignore[arg-type]
        importlib.import_module("workbench.execution.supervisor")
        for name in left_out:
            del sys.modules[name]
        for name in [name for name in sys.modules if name.partition(".")[0] in INCOMPLETE]:
            self._supervising[name] = sys.modules.pop(name)

    def settle(self) -> None:
        """Keep the collector from touching what is shared; before a fork."""
        gc.collect()
        gc.freeze()

    def supervise(self) -> None:
        """Take a supervisor's view; in a fork."""
        sys.modules.update(self._supervising)
        gc.enable()
