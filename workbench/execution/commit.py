"""Which version of the project's files ran."""

from __future__ import annotations

import subprocess
from pathlib import Path


def commit(root: Path) -> str:
    """The git commit of the project, with ``+dirty`` when it has changes; empty outside a repository."""
    try:
        found = _git(root, "rev-parse", "HEAD")
        return found + ("+dirty" if _git(root, "status", "--porcelain", "--", ".") else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=10).stdout.strip()
