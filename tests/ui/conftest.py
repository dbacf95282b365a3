"""The command line as a fixture."""

from __future__ import annotations

from pathlib import Path

import pytest
from terminal import Said, Wb, type_wb


@pytest.fixture
def wb(tmp_path: Path) -> Wb:
    """Types ``wb`` with arguments in a process of its own, in ``tmp_path`` unless ``cwd`` says where."""

    def run(*arguments: str, cwd: Path = tmp_path, **environment: str) -> Said:
        return type_wb(*arguments, cwd=cwd, **environment)

    return run
