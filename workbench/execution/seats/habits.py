"""What earlier runs teach about kernels: what steps import, and which of it must not be imported ahead."""

from __future__ import annotations

import json
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench import durable
from workbench.model.errors import StorageError

MEMORY = "kernels.json"
"""The file in the state folder."""


class Habits:
    """A file that remembers; one that cannot be read or written is as good as none.

    ``avoid`` maps modules to why kernels import them themselves; it holds until something is installed or removed.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, Any] = {}
        try:
            known = json.loads(file.read_text(encoding="utf-8"))
            self._known = {"targets": dict(known["targets"])}
            if known["installed"] == _installed():
                self._known["avoid"] = dict(known["avoid"])
        except (OSError, ValueError, KeyError, TypeError):
            pass

    @property
    def avoid(self) -> Mapping[str, str]:
        return dict(self._known.get("avoid", {}))

    def modules(self, target: str) -> tuple[str, ...]:
        """What the steps of ``target``, a pipeline or a notebook, imported the last time."""
        return tuple(self._known.get("targets", {}).get(target, ()))

    def learn(self, target: str = "", modules: Sequence[str] = (), avoid: Mapping[str, str] | None = None) -> None:
        """Remember what is new."""
        targets = {**self._known.get("targets", {}), **({target: sorted(modules)} if target else {})}
        known = {"targets": targets, "avoid": {**self.avoid, **(avoid or {})}}
        if known != self._known:
            self._known = known
            try:
                durable.write_text(self._file, json.dumps({"installed": _installed(), **known}, indent=1) + "\n")
            except StorageError:
                return


def remembered(state: Path) -> Habits:
    """What is remembered in a state folder."""
    return Habits(state / MEMORY)


def _installed() -> list[Any]:
    """What changes when another interpreter is used, or something is installed or removed."""
    folder = Path(sysconfig.get_path("purelib"))
    return [sys.version, str(folder), folder.stat().st_mtime_ns]
