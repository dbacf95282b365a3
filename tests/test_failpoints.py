"""The named places of a crash: each is somewhere, once a name, and does what the environment says."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import failpoints

PACKAGE = Path(failpoints.__file__).parent


def test_every_point_is_reached_somewhere_and_no_other() -> None:
    named = [
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r'failpoints\.reach\("([^"]+)"\)', path.read_text(encoding="utf-8"))
    ]
    assert sorted(named) == sorted(failpoints.POINTS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("claim.inside", {"claim.inside": (1, signal.SIGKILL)}),
        ("claim.inside@3:stop,run.ended:kill", {"claim.inside": (3, signal.SIGSTOP), "run.ended": (1, signal.SIGKILL)}),
    ],
)
def test_the_environment_says_where_and_how(text: str, found: dict[str, tuple[int, int]]) -> None:
    assert failpoints.parse(text) == found


@pytest.mark.parametrize("text", ["nowhere", "claim.inside:explode", "claim.inside@often"])
def test_a_word_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        failpoints.parse(text)


@pytest.mark.parametrize(("text", "status"), [("", 0), ("run.ended", 0), ("run.opened@3", 0), ("run.opened@2", -9)])
def test_a_process_dies_at_the_place_that_is_named(text: str, status: int) -> None:
    code = "from workbench import failpoints as f; f.reach('run.opened'); f.reach('run.opened')"
    done = subprocess.run(
        [sys.executable, "-c", code], env={failpoints.VARIABLE: text, "PYTHONPATH": str(PACKAGE.parent)}
    )
    assert done.returncode == status
