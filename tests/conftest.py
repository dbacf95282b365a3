"""What tests of several rooms share."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from projects import MakeProject, lay_out


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Lays out a project in a folder of its own; see ``projects.lay_out``."""
    return partial(lay_out, tmp_path / "project")
