"""What a supervised process is told about the attempt it carries out."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from workbench.model.frozen import dataclass
from workbench.model.limits import Limits
from workbench.model.plain import from_plain, to_plain

CANCEL = b"c"
"""What the runner sends to cancel an attempt."""


@dataclass(frozen=True)
class Order:
    """One attempt to carry out; paths are absolute, ``timeout`` is in seconds for the whole step.

    ``folder`` holds ``source.ipynb`` and ``context.json`` when the order is given, and ``journal.jsonl``,
    ``output.ipynb`` and ``kernel.log`` when it is done. ``cwd`` is where the kernel runs, ``environment`` what its
    environment variables get in addition, ``stamp`` what the executed notebook says of itself. ``early_exit`` lets
    ``sys.exit(0)`` end the notebook as a success. ``beat`` is how often, in seconds, the supervisor says that it is
    alive.

    ``checkpoints`` is the folder for those of the step, empty where none are kept; they are of use where
    ``checkpoint_key`` is the same. ``pickle`` lets them hold what only pickle saves.

    ``keep`` is for how many seconds the kernel stays when a cell fails, ``kept`` the folder where it is known then;
    empty where none can stay.

    ``root`` is the project's folder and ``files`` what the step needs of it, relative to it; ``cpus`` and ``requires``
    are what it wants of whoever carries it out, beside the memory of its ``limits``.
    """

    step: str
    notebook: str
    folder: str
    kernel: str
    cwd: str
    timeout: float
    environment: Mapping[str, str] = field(default_factory=dict)
    stamp: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    early_exit: bool = False
    beat: float = 2.0
    root: str = ""
    files: tuple[str, ...] = ()
    cpus: float = 1.0
    requires: tuple[str, ...] = ()
    checkpoints: str = ""
    checkpoint_key: str = ""
    pickle: bool = False
    keep: float = 0.0
    kept: str = ""

    def moved(self, folder: Path, root: Path, temporary: Path) -> Order:
        """The same attempt, to be carried out by the process that asks: in these folders, with modules in ``root``."""
        environment = {
            **self.environment,
            "WORKBENCH_CONTEXT": str(folder / "context.json"),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")])),
            "TMPDIR": str(temporary),
        }
        cwd = root / Path(self.cwd).relative_to(self.root)
        elsewhere = replace(self, folder=str(folder), root=str(root), cwd=str(cwd), environment=environment)
        return replace(elsewhere, checkpoints="", kept="")

    @property
    def source(self) -> Path:
        return Path(self.folder) / "source.ipynb"

    @property
    def context(self) -> Path:
        return Path(self.folder) / "context.json"

    @property
    def journal(self) -> Path:
        return Path(self.folder) / "journal.jsonl"

    @property
    def output(self) -> Path:
        return Path(self.folder) / "output.ipynb"

    @property
    def log(self) -> Path:
        return Path(self.folder) / "kernel.log"

    def encode(self, surroundings: Mapping[str, str] | None = None) -> bytes:
        """The order as a message, with the environment that the one it adds to is added to."""
        return json.dumps({"order": to_plain(self), "environment": dict(surroundings or {})}).encode()

    @staticmethod
    def decode(data: bytes) -> Order:
        return from_plain(Order, json.loads(data)["order"])

    @staticmethod
    def surroundings(data: bytes) -> dict[str, str]:
        """The environment that came with an encoded order."""
        return dict(json.loads(data)["environment"])
