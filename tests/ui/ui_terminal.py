"""A command line to type at, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Wb = Callable[..., Said]


def type_wb(*arguments: str, cwd: Path, **environment: str) -> Said:
    """Type ``wb`` with arguments, in a process of its own."""
    program = "import sys; sys.argv[0] = 'wb'; from workbench.ui.cli.app import main; main()"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("WORKBENCH_", "COLUMNS"))}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=cwd,
        env={**clean, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    return Said(done.returncode, done.stdout, done.stderr)
