"""The settings of a project: ``workbench.toml``, read strictly into one frozen value."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.model.delivery import Environment
from workbench.model.errors import NotFound, SpecError, UsageError, did_you_mean
from workbench.model.names import parse_name

FILE = "workbench.toml"
STATE = ".workbench"
ENVIRONMENT_VARIABLE = "WORKBENCH_ENV"

_SECTIONS: dict[str, frozenset[str]] = {
    "storage": frozenset({"warehouse", "store"}),
    "run": frozenset({"max_parallel", "timeout", "disk_floor_mb"}),
}
_DURATION = re.compile(r"(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?", re.ASCII)


@dataclass(frozen=True)
class Config:
    """What ``workbench.toml`` says; every key may be left out.

    ``name``: the name of the project; default: the folder's name, made a valid name.

    ``[storage]``
      ``warehouse``: folder of the data files and the Iceberg catalog; default ``".workbench/warehouse"``.
      ``store``: SQLAlchemy address of runs, catalog and lineage; default ``"sqlite:///.workbench/store.db"``.

    ``[environments]``
      ``default``: where ``wb run`` publishes; default ``"prod"``.
      ``interactive``: where an interactive kernel reads and writes; default ``"dev"``.
      ``[environments.<name>]`` adds one; its ``parent`` (default ``"prod"``) is read where it has no data of its own.
      ``prod`` and ``dev`` are always there. The environment variable ``WORKBENCH_ENV`` overrides both defaults.

    ``[run]``
      ``max_parallel``: steps at work at once; default: the number of processors.
      ``timeout``: how long a step may take that says nothing else, such as ``"90s"``, ``"1h 30m"``; default ``"6h"``.
      ``disk_floor_mb``: free megabytes below which no run starts; default ``200``.

    Relative paths are relative to ``root``; here all are absolute. ``timeout`` is in seconds. ``state`` is the folder
    ``.workbench`` that holds everything a project makes and git need not know.
    """

    name: str
    root: Path
    state: Path
    warehouse: Path
    store: str
    environments: tuple[Environment, ...]
    default_environment: str
    interactive_environment: str
    max_parallel: int
    timeout: float
    disk_floor_mb: int

    def environment(self, name: str) -> Environment:
        """The environment called ``name``. Raises NotFound (WB-CFG-603)."""
        for environment in self.environments:
            if environment.name == name:
                return environment
        known = [environment.name for environment in self.environments]
        raise NotFound(
            "WB-CFG-603",
            f'there is no environment "{name}"',
            cause=f"known: {', '.join(known)}." + did_you_mean(name, known),
            next=f"use one of them, or add [environments.{name}] to {FILE}",
        )


def find_project(start: Path) -> Path:
    """The nearest folder with a ``workbench.toml``, from ``start`` upward. Raises NotFound (WB-CFG-601)."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    raise NotFound(
        "WB-CFG-601",
        f"no project at {start}",
        cause=f"neither it nor a folder above it holds {FILE}",
        next="wb init, or wb --project DIR",
    )


def load_config(root: Path) -> Config:
    """Read ``root/workbench.toml``.

    Raises SpecError (WB-CFG-604 to 607) with the place, InvalidName for a name that nothing may bear, and
    NotFound (WB-CFG-603) when ``WORKBENCH_ENV`` names an environment there is none of.
    """
    root = root.absolute()
    data = tomllib.loads((root / FILE).read_text(encoding="utf-8"))
    _refuse_unknown(data)
    storage, run, environments = (data.get(name, {}) for name in ("storage", "run", "environments"))
    override = os.environ.get(ENVIRONMENT_VARIABLE, "")
    config = Config(
        name=parse_name(data["name"], "project") if "name" in data else _name_of(root),
        root=root,
        state=root / STATE,
        warehouse=root / storage.get("warehouse", f"{STATE}/warehouse"),
        store=_store_url(root, storage.get("store", f"sqlite:///{STATE}/store.db")),
        environments=_environments(environments),
        default_environment=override or environments.get("default", "prod"),
        interactive_environment=override or environments.get("interactive", "dev"),
        max_parallel=run.get("max_parallel", os.cpu_count() or 1),
        timeout=parse_duration(run.get("timeout", "6h")),
        disk_floor_mb=run.get("disk_floor_mb", 200),
    )
    for name in (config.default_environment, config.interactive_environment):
        config.environment(name)
    return config


def parse_duration(text: str) -> float:
    """``"6h"``, ``"30m"``, ``"90s"``, ``"1h 30m"`` in seconds. Raises UsageError (WB-CFG-608)."""
    match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None or not any(match.groups()):
        raise UsageError("WB-CFG-608", f"{text!r} is not a duration", next='write it like "90s", "30m" or "1h 30m"')
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return float(hours * 3600 + minutes * 60 + seconds)


def _refuse_unknown(data: Mapping[str, Any]) -> None:
    allowed = ["name", *_SECTIONS, "environments"]
    for key, value in data.items():
        if key not in allowed:
            raise SpecError("WB-CFG-604", f"{FILE}: unknown key {key}", cause=did_you_mean(key, allowed).strip())
        for inner in value if key in _SECTIONS else ():
            if inner not in _SECTIONS[key]:
                raise SpecError(
                    "WB-CFG-604", f"{FILE}: unknown key {key}.{inner}", cause=did_you_mean(inner, _SECTIONS[key]).strip()
                )


def _environments(section: Mapping[str, Any]) -> tuple[Environment, ...]:
    found = {"prod": Environment("prod"), "dev": Environment("dev", "prod")}
    for name, value in section.items():
        if name not in ("default", "interactive"):
            found[parse_name(name, "environment")] = Environment(name, value.get("parent", "prod"))
    return tuple(found.values())


def _store_url(root: Path, url: str) -> str:
    scheme, mark, path = url.partition(":///")
    if scheme == "sqlite" and mark and path and path != ":memory:":
        return f"sqlite:///{(root / path).as_posix()}"
    return url


def _name_of(root: Path) -> str:
    name = re.sub(r"[^a-z0-9_]+", "_", root.name.lower()).strip("_0123456789")[:63]
    return name or "project"
