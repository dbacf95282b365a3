"""What a supervised process is told about the attempt it carries out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workbench.model.limits import Limits
from workbench.model.plain import from_plain, to_plain

END, READY = b"\n", b"r"
"""What follows an order on its way to the template process, and the answer once the attempt is under way."""


@dataclass(frozen=True)
class Order:
    """One attempt to carry out; paths are absolute, ``timeout`` is in seconds for the whole step.

    ``folder`` holds ``source.ipynb`` and ``context.json`` when the order is given, and ``journal.jsonl``,
    ``output.ipynb`` and ``kernel.log`` when it is done. ``cwd`` is where the kernel runs, ``environment`` what its
    environment variables get in addition, ``stamp`` what the executed notebook says of itself. ``early_exit`` lets
    ``sys.exit(0)`` end the notebook as a success.
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

    def encode(self) -> bytes:
        return json.dumps(to_plain(self)).encode()

    @staticmethod
    def decode(data: bytes) -> Order:
        return from_plain(Order, json.loads(data))
