"""The settings of a project: ``workbench.toml``, read strictly into one frozen value."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.documents import Document, Section
from workbench.model.cluster import LOCAL, Cluster
from workbench.model.delivery import BUILTIN_ENVIRONMENTS, Environment
from workbench.model.errors import InvalidName, NotFound, SpecError, did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.limits import Limits
from workbench.model.location import Location
from workbench.model.names import parse_name
from workbench.model.notification import EVERYTHING, Notify, Occasion, Receiver

FILE = "workbench.toml"
STATE = ".workbench"
ENVIRONMENT_VARIABLE = "WORKBENCH_ENV"

SHORTEST_LEASE = 2.0
"""Seconds; a busy machine may well keep a process waiting for one."""
_KEYS = ("name", "storage", "environments", "run", "executors", "kernels", "notify")
_NOTIFY_KEYS = ("on", "to", "late_after")
_RUN_KEYS = (
    *("executor", "max_parallel", "max_instances", "timeout", "lease", "disk_floor_mb"),
    *("memory", "processes", "cell_output", "notebook_output", "checkpoint_size", "kept_kernels"),
)
_DASK_KEYS = ("address", "cluster", "options", "ca", "certificate", "key", "wait", "files")
_HIDDEN = re.compile(r"\$\{(env|secret):[^{}]+\}")
_SELECTORS = ("default", "interactive")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_=-]([A-Za-z0-9._=-]*[A-Za-z0-9])?)*")
_ENDPOINT = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?|https?://\[[0-9a-fA-F:]+\](:[0-9]{1,5})?/?")
_SCHEDULER = re.compile(r"(tcp|tls|ws|wss)://[^\s@/]+(:[0-9]{1,5})?")
_CLASS = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_HEADER = re.compile(r"\s*\[\s*([A-Za-z0-9_.\s\"'-]+?)\s*\]")
_ASSIGNMENT = re.compile(r"(\s*)([A-Za-z0-9_.-]+|\"[^\"]*\"|'[^']*')\s*=\s*")


@dataclass(frozen=True)
class Config:
    """What ``workbench.toml`` says; every key may be left out.

    ``name``: the name of the project; default: the folder's name, made a valid name.

    ``[storage]``
      ``warehouse``: folder of the data files, or ``"s3://bucket/prefix"``; default ``".workbench/warehouse"``.
      ``endpoint``: URL of the server that keeps the bucket; default: Amazon's.
      ``region``: where the bucket is kept; default: what ``AWS_REGION`` says, or the server.
      ``store``: SQLAlchemy address of runs, catalog and lineage; default ``"sqlite:///.workbench/store.db"``.
      ``catalog``: SQLAlchemy address of the Iceberg catalog; default: the store when that is on PostgreSQL, else a
      file beside the data files, or in ``.workbench`` when those are in a bucket.

    ``[environments]``
      ``default``: where ``wb run`` publishes; default ``"prod"``.
      ``interactive``: where an interactive kernel reads and writes; default ``"dev"``.
      ``[environments.<name>]`` adds one; its ``parent`` (default ``"prod"``) is read where it has no data of its own.
      ``prod`` and ``dev`` are always there. The environment variable ``WORKBENCH_ENV`` overrides both defaults.

    ``[run]``
      ``executor``: where steps run: ``"local"``, ``"inline"``, ``"dask"`` or a plugin's; default ``"local"``.
      ``max_parallel``: steps at work at once; default: the number of processors.
      ``max_instances``: steps that one step may become by ``foreach`` and partitions; default ``10000``.
      ``timeout``: what a step may take that says nothing else, as ``"90s"`` or ``"1h 30m"``; default ``"6h"``.
      ``lease``: how long a run is believed to be at work that says nothing, such as ``"10s"``; at least 2 seconds.
      Default: ``"10s"``, or ``"60s"`` with a store on a server, which other machines use too.
      ``disk_floor_mb``: free megabytes below which no run starts; default ``200``.
      ``memory``: what a step may use that says nothing else, as ``"4GB"``; default: no limit.
      ``processes``: processes and threads that such a step may have; default: 512, or 64 for each processor.
      ``cell_output``: what is kept of the outputs of a cell; default ``"10MB"``.
      ``notebook_output``: what is kept of the outputs of a step; default ``"50MB"``.
      ``checkpoint_size``: what the checkpoint of a step may take on the disk; default ``"2GB"``.
      ``kept_kernels``: how many kernels of failed steps are kept at once; default ``2``.

    ``[executors.dask]``
      ``address``: of the scheduler, as ``"tls://host:8786"``; default: a cluster is made.
      ``cluster``: the class it is made from; default ``"dask.distributed:LocalCluster"``.
      ``options``: what that class is given, a table; default: nothing.
      ``ca``, ``certificate`` and ``key`` below are files in PEM format, for ``tls://``.
      ``ca``: the authority that signed the certificates of the cluster; default: no encryption.
      ``certificate``: our own; default: none.
      ``key``: of our certificate; default: none.
      ``wait``: how long a step waits for a scheduler that is away, or for a worker that can run it; default ``"60s"``.
      ``files``: patterns of files that steps need beside their modules, such as ``["lib/*.csv"]``; default: none.

    ``[notify]``
      ``on``: what is told of runs: ``"failure"``, ``"recovery"``, ``"withheld"``, ``"late"``; default: all of it.
      ``to``: which receivers are told; default: all of them.
      ``late_after``: how long after its nominal time a run should be over; default: what is usual for it.
      ``[notify.<name>]`` adds one; its ``url`` is an address of Apprise, or a list of some, with ``${env:NAME}`` or
      ``${secret:NAME}`` in place of what nobody should read. A pipeline's own ``notify:`` comes before these.

    ``[kernels]``
      ``warm``: whether kernels are forked ahead of the steps that need them; default ``true``.
      ``preload``: what is imported for them ahead; default: what the cells of the steps import.

    Relative paths are relative to ``root``; here all are absolute. ``timeout`` and ``lease`` are in seconds; the four
    settings after ``disk_floor_mb`` are in ``limits``, the table of Dask is ``dask``. ``state`` is the folder
    ``.workbench`` that holds everything a project makes and git need not know.
    """

    name: str
    root: Path
    state: Path
    warehouse: Location
    store: str
    catalog: str
    environments: tuple[Environment, ...]
    default_environment: str
    interactive_environment: str
    executor: str
    max_parallel: int
    timeout: float
    lease: float
    disk_floor_mb: int
    limits: Limits
    dask: Cluster
    max_instances: int = 10_000
    notify: Notify = EVERYTHING
    receivers: tuple[Receiver, ...] = ()
    warm: bool = True
    preload: tuple[str, ...] | None = None

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
            next=f"use one of them, or add another under [environments] in {FILE}",
        )


def find_project(start: Path) -> Path:
    """The nearest folder with a ``workbench.toml``, from ``start`` upward. Raises NotFound (WB-CFG-601)."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    raise _no_project(start)


def load_config(root: Path) -> Config:
    """Read ``root/workbench.toml``.

    Raises SpecError with the place of the fault (WB-CFG-602 not TOML, WB-CFG-604 a value that cannot be, WB-CFG-624
    and 625 an unknown key or a wrong type), and NotFound (WB-CFG-603) when ``WORKBENCH_ENV`` names no environment.
    """
    root = root.absolute()
    document = _document(_text(root / FILE))
    top = document.section((), _KEYS)
    storage = top.section("storage", ("warehouse", "endpoint", "region", "store", "catalog"))
    store, warehouse = _database(root, storage, "store", f"sqlite:///{STATE}/store.db"), _warehouse(root, storage)
    run = top.section("run", _RUN_KEYS)
    environments = _environments(top.section("environments"))
    kernels = top.section("kernels", ("warm", "preload"))
    override = os.environ.get(ENVIRONMENT_VARIABLE, "")
    config = Config(
        name=_name(top, root),
        root=root,
        state=root / STATE,
        warehouse=warehouse,
        store=store,
        catalog=_database(root, storage, "catalog", "") or _catalog(root, store, warehouse),
        environments=environments,
        default_environment=override or _selected(top.section("environments"), "default", "prod", environments),
        interactive_environment=override or _selected(top.section("environments"), "interactive", "dev", environments),
        executor=run.text("executor", "local"),
        warm=kernels.flag("warm", True),
        preload=_preload(kernels),
        max_parallel=run.whole("max_parallel", os.cpu_count() or 1, minimum=1),
        timeout=run.duration("timeout", None) or 6 * 3600.0,
        lease=_lease(run, store),
        disk_floor_mb=run.whole("disk_floor_mb", 200),
        limits=_limits(run),
        max_instances=run.whole("max_instances", 10_000, minimum=1),
        dask=_dask(root, top.section("executors", ("dask",)).section("dask", _DASK_KEYS)),
        notify=_notify(top.section("notify")),
        receivers=_receivers(top.section("notify")),
    )
    config.environment(config.default_environment)
    return config


def project_name(root: Path) -> str:
    """The name of the folder, made a valid name: ``My Project 2`` → ``my_project_2``."""
    usable = re.sub(r"[^a-z0-9_]+", "_", root.name.lower()).strip("_").lstrip("0123456789_")[:63]
    return usable or "project"


def _no_project(start: Path) -> NotFound:
    return NotFound(
        "WB-CFG-601",
        f"no project at {start}",
        cause=f"neither it nor a folder above it holds {FILE}",
        next="wb init, or wb --project DIR",
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _no_project(path.parent) from None
    except UnicodeDecodeError as error:
        raise SpecError("WB-CFG-602", f"{FILE}:1:1: not a text in UTF-8", cause=error.reason) from error
    except OSError as error:
        raise SpecError(
            "WB-CFG-602",
            f"{FILE}:1:1: cannot be read",
            cause=error.strerror or str(error),
            next="check its permissions",
        ) from error


def _document(text: str) -> Document:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        cause, _, place = str(error).partition(" (at ")
        found = re.match(r"line (\d+), column (\d+)", place)
        end = text.splitlines() or [""]
        line, column = found.groups() if found else (len(end), len(end[-1]) + 1)
        raise SpecError("WB-CFG-602", f"{FILE}:{line}:{column}: not valid TOML", cause=cause) from error
    keys: dict[tuple[str | int, ...], tuple[int, int]] = {}
    values: dict[tuple[str | int, ...], tuple[int, int]] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _path(header[1])
            for length in range(1, len(table) + 1):
                keys.setdefault(table[:length], (number, header.start(1) + 1))
        elif found := _ASSIGNMENT.match(line):
            path = (*table, *_path(found[2]))
            keys.setdefault(path, (number, found.start(2) + 1))
            values.setdefault(path, (number, found.end() + 1))
    return Document(FILE, data, values, keys)


def _path(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _preload(section: Section) -> tuple[str, ...] | None:
    names = section.texts("preload")
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            raise section.error("WB-CFG-604", f'"{name}" is no name of a module', "preload")
    return names if "preload" in section else None


def _environments(section: Section) -> tuple[Environment, ...]:
    found = {environment.name: environment for environment in BUILTIN_ENVIRONMENTS}
    for name in section:
        if name in _SELECTORS:
            continue
        _parsed(section, name, name, "environment", key=True)
        parent = section.section(name, ("parent",)).text("parent", "prod")
        if name == "prod":
            raise section.error("WB-CFG-604", "prod has no parent", name, key=True, next="remove this table")
        found[name] = Environment(name, parent)
    for name in section:
        if name not in _SELECTORS:
            _check_parents(section, name, found)
    return tuple(found.values())


def _check_parents(section: Section, name: str, found: Mapping[str, Environment]) -> None:
    seen = [name]
    while (parent := found[seen[-1]].parent) is not None:
        if parent not in found:
            cause = f"known: {', '.join(found)}." + did_you_mean(parent, found)
            raise section.error("WB-CFG-604", f'there is no environment "{parent}"', name, "parent", cause=cause)
        if parent in seen:
            cause = " → ".join([*seen, parent])
            raise section.error("WB-CFG-604", "environments are parents of each other", name, "parent", cause=cause)
        seen.append(parent)


def _selected(section: Section, key: str, default: str, environments: tuple[Environment, ...]) -> str:
    name = section.text(key, default)
    known = [environment.name for environment in environments]
    if name not in known:
        cause = f"known: {', '.join(known)}." + did_you_mean(name, known)
        raise section.error("WB-CFG-604", f'there is no environment "{name}"', key, cause=cause)
    return name


def _receivers(section: Section) -> tuple[Receiver, ...]:
    found = []
    for name in section:
        if name not in _NOTIFY_KEYS:
            _parsed(section, name, name, "receiver", key=True)
            entry = section.section(name, ("url",))
            entry.require("url")
            urls = entry.texts("url")
            if not urls or not all(_HIDDEN.search(url) for url in urls):
                raise entry.error(
                    "WB-CFG-604",
                    "an address as it is, or a part of it, is a secret",
                    "url",
                    next='keep it elsewhere, and write "${env:NAME}" or "${secret:NAME}" in its place',
                )
            found.append(Receiver(name, urls))
    return tuple(found)


def _notify(section: Section) -> Notify:
    known = [name for name in section if name not in _NOTIFY_KEYS]
    for name in section.texts("to"):
        if name not in known:
            cause = f"known: {', '.join(known) or 'none'}." + did_you_mean(name, known)
            raise section.error("WB-CFG-604", f'there is no receiver "{name}"', "to", cause=cause)
    for name in section.texts("on"):
        if name not in list(Occasion):
            cause = f"known: {', '.join(Occasion)}." + did_you_mean(name, Occasion)
            raise section.error("WB-CFG-604", f'nothing called "{name}" is told', "on", cause=cause)
    on = tuple(map(Occasion, section.texts("on"))) if "on" in section else tuple(Occasion)
    to = section.texts("to") if "to" in section else None
    return Notify(on, to, section.duration("late_after", None))


def _database(root: Path, storage: Section, key: str, default: str) -> str:
    url = storage.text(key, default)
    scheme, mark, path = url.partition("://")
    if scheme == "sqlite" and path.startswith("/") and len(path) > 1:
        return f"sqlite:///{(root / path[1:]).as_posix()}"
    if (mark and path and scheme.partition("+")[0] == "postgresql") or key not in storage:
        return url
    raise storage.error(
        "WB-CFG-604",
        f"the {key}'s address is not one we know",
        key,
        next='write it like "sqlite:///.workbench/store.db" or "postgresql+psycopg://user@host/name"',
    )


def _catalog(root: Path, store: str, warehouse: Location) -> str:
    """Where the Iceberg catalog is kept when nobody says so."""
    if not store.startswith("sqlite:"):
        return store
    folder = root / STATE if warehouse.remote else warehouse.folder
    return f"sqlite:///{quote((folder / 'catalog.db').as_posix())}"


def _warehouse(root: Path, storage: Section) -> Location:
    text, endpoint, region = (
        storage.text("warehouse", f"{STATE}/warehouse"),
        *(storage.text(key, "") for key in ("endpoint", "region")),
    )
    if not text.startswith("s3:"):
        for key in ("endpoint", "region"):
            if key in storage:
                raise storage.error("WB-CFG-604", f"{key} goes with a warehouse in a bucket", key, key=True)
        return Location.of(root / text)
    if not _BUCKET.fullmatch(text):
        raise storage.error(
            "WB-CFG-604",
            "this is not the address of a bucket",
            "warehouse",
            cause="a bucket's name is in lowercase, a prefix of letters, digits and . _ - = and ends in none of these",
            next='write it like "s3://bucket/prefix"; credentials come from the environment, never from here',
        )
    if endpoint and not _ENDPOINT.fullmatch(endpoint):
        mend = 'write it like "https://s3.example.org" or "http://127.0.0.1:9000"'
        raise storage.error("WB-CFG-604", "this is not the address of a server", "endpoint", next=mend)
    return Location(text, endpoint.rstrip("/"), region)


def _limits(run: Section) -> Limits:
    default = Limits()
    return Limits(
        memory=run.size("memory", None),
        processes=run.whole("processes", max(512, 64 * (os.cpu_count() or 1)), minimum=1),
        cell_output=run.size("cell_output", None) or default.cell_output,
        notebook_output=run.size("notebook_output", None) or default.notebook_output,
        checkpoint=run.size("checkpoint_size", None) or default.checkpoint,
        kept=run.whole("kept_kernels", default.kept),
    )


def _dask(root: Path, table: Section) -> Cluster:
    address, made = table.text("address", ""), table.text("cluster", LOCAL)
    if address and not _SCHEDULER.fullmatch(address):
        mend = 'write it like "tls://scheduler.example.org:8786" or "tcp://127.0.0.1:8786"'
        raise table.error("WB-CFG-604", "this is not the address of a scheduler", "address", next=mend)
    if address and "cluster" in table:
        raise table.error("WB-CFG-604", "a cluster that has an address is not made", "cluster", key=True)
    if not _CLASS.fullmatch(made):
        raise table.error("WB-CFG-604", "this names no class", "cluster", next=f'write it like "{LOCAL}"')
    files = {key: str(root / table.text(key)) if key in table else "" for key in ("ca", "certificate", "key")}
    if address.startswith("tls:") and not files["ca"]:
        raise table.error(
            "WB-CFG-604", "tls:// needs the file ca", "address", next="name it, and our certificate and key"
        )
    wait = table.duration("wait", None)
    return Cluster(
        address,
        made,
        dict(table.section("options").data),
        **files,
        wait=60.0 if wait is None else wait,
        files=table.texts("files"),
    )


def _lease(run: Section, store: str) -> float:
    seconds = run.duration("lease", None) or (10.0 if store.startswith("sqlite") else 60.0)
    if seconds < SHORTEST_LEASE:
        raise run.error("WB-CFG-604", f"a lease is at least {SHORTEST_LEASE:g} s", "lease")
    return seconds


def _name(top: Section, root: Path) -> str:
    if "name" in top:
        return _parsed(top, "name", top.text("name"), "project")
    return project_name(root)


def _parsed(section: Section, at: str, text: Any, kind: str, *, key: bool = False) -> str:
    try:
        return parse_name(text, kind)
    except InvalidName as error:
        raise section.error("WB-CFG-604", error.what, at, key=key, cause=error.cause) from error
