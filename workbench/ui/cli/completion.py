"""What the shell offers at Tab: names read lightly from files and the store, and nothing when that fails."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import typer

from workbench.ui.cli.face import Face

_BY_ITSELF = re.compile(r"^(schedule|triggers):", re.MULTILINE)
_OPERATORS = re.compile(r"(?:.*[,&])?\s*(?:\d*\+)?")
_STEP = re.compile(r"^  ([a-z][a-z0-9_]*):", re.MULTILINE)


def pipelines(ctx: typer.Context, incomplete: str) -> list[str]:
    """Pipelines of the project."""
    with contextlib.suppress(Exception):
        return _starting(incomplete, (path.stem for path in _root(ctx).glob("pipelines/*.yaml")))
    return []


def scheduled(ctx: typer.Context, incomplete: str) -> list[str]:
    """Pipelines that run by themselves."""
    with contextlib.suppress(Exception):
        paths = [path for path in _root(ctx).glob("pipelines/*.yaml") if _BY_ITSELF.search(path.read_text("utf-8"))]
        return _starting(incomplete, sorted(path.stem for path in paths))
    return []


def triggers(ctx: typer.Context, incomplete: str) -> list[str]:
    """What starts the pipeline that the command line names so far."""
    with contextlib.suppress(Exception):
        from workbench.pipeline.spec import load_pipeline

        found = load_pipeline(_root(ctx), ctx.params.get("pipeline") or next(iter(ctx.args), ""))
        schedule = [found.schedule.name] if found.schedule else []
        return _starting(incomplete, [*schedule, *(trigger.name for trigger in found.triggers)])
    return []


def runnables(ctx: typer.Context, incomplete: str) -> list[str]:
    """Pipelines, and notebooks by their path."""
    found = pipelines(ctx, incomplete)
    with contextlib.suppress(Exception):
        root = _root(ctx)
        paths = (path.relative_to(root).as_posix() for path in root.glob("notebooks/**/*.ipynb"))
        found += _starting(incomplete, (path for path in paths if ".ipynb_checkpoints" not in path))
    return found


def built(ctx: typer.Context, incomplete: str) -> list[str]:
    """Runs, and notebooks by their path."""
    return runs(ctx, incomplete) + [name for name in runnables(ctx, incomplete) if name.endswith(".ipynb")]


def datasets(ctx: typer.Context, incomplete: str) -> list[str]:
    """Datasets of the catalog."""
    with contextlib.suppress(Exception):
        return _starting(incomplete, _column(ctx, "SELECT name FROM dataset ORDER BY name"))
    return []


def runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """``last``, and the short ids of the newest runs."""
    with contextlib.suppress(Exception):
        return _starting(
            incomplete, ["last", *_column(ctx, "SELECT substr(id, -6) FROM run ORDER BY id DESC LIMIT 50")]
        )
    return _starting(incomplete, ["last"])


def backups(ctx: typer.Context, incomplete: str) -> list[str]:
    """``last``, and the names of the store's backups."""
    with contextlib.suppress(Exception):
        folder = Path(_store(ctx)).parent / "backups"
        return _starting(incomplete, ["last", *sorted((path.name for path in folder.glob("*.db")), reverse=True)])
    return _starting(incomplete, ["last"])


def steps(ctx: typer.Context, incomplete: str) -> list[str]:
    """Step names of all pipelines."""
    with contextlib.suppress(Exception):
        texts = (path.read_text(encoding="utf-8") for path in _root(ctx).glob("pipelines/*.yaml"))
        names = {name for text in texts for name in _STEP.findall(text.partition("\nsteps:")[2])}
        return _starting(incomplete, sorted(names))
    return []


def selections(ctx: typer.Context, incomplete: str) -> list[str]:
    """Step names and tags of the pipeline that the command line names, behind what is typed of an expression so far."""
    with contextlib.suppress(Exception):
        from workbench.pipeline.spec import load_pipeline

        target = ctx.params.get("target") or next(iter(ctx.args), "")
        found = load_pipeline(_root(ctx), target).steps
        names = [step.name for step in found] + sorted({f"tag:{tag}" for step in found for tag in step.tags})
        before = _OPERATORS.match(incomplete)
        typed = before[0] if before else ""
        return _starting(incomplete, (typed + name for name in names))
    return []


def tests(ctx: typer.Context, incomplete: str) -> list[str]:
    """Tests of notebooks, as ``step::case``, and their steps."""
    with contextlib.suppress(Exception):
        folders = [path.parent for path in (_root(ctx) / "tests" / "notebooks").glob("*/*/case.yaml")]
        names = {f"{folder.parent.name}::{folder.name}" for folder in folders}
        return _starting(incomplete, sorted(names | {folder.parent.name for folder in folders}))
    return []


def partitions(ctx: typer.Context, incomplete: str) -> list[str]:
    """``name=`` for each partition of the pipeline that the command line names so far."""
    with contextlib.suppress(Exception):
        from workbench.pipeline.spec import load_pipeline

        target = ctx.params.get("target") or next(iter(ctx.args), "")
        return _starting(incomplete, (f"{item.name}=" for item in load_pipeline(_root(ctx), target).partitions))
    return []


def parameters(ctx: typer.Context, incomplete: str) -> list[str]:
    """``name=`` for each parameter of the pipeline that the command line names so far."""
    with contextlib.suppress(Exception):
        from workbench.pipeline.spec import load_pipeline

        # a line that ends in -p is not whole yet, and its arguments are left unparsed
        target = ctx.params.get("target") or next(iter(ctx.args), "")
        if not str(target).endswith(".ipynb"):
            return _starting(incomplete, (f"{item.name}=" for item in load_pipeline(_root(ctx), target).parameters))
    return []


def receivers(ctx: typer.Context, incomplete: str) -> list[str]:
    """Receivers of messages."""
    with contextlib.suppress(Exception):
        from workbench.config import load_config

        return _starting(incomplete, (receiver.name for receiver in load_config(_root(ctx)).receivers))
    return []


def environments(ctx: typer.Context, incomplete: str) -> list[str]:
    """Environments of the project."""
    with contextlib.suppress(Exception):
        from workbench.config import load_config

        return _starting(incomplete, (environment.name for environment in load_config(_root(ctx)).environments))
    return []


def _root(ctx: typer.Context) -> Path:
    from workbench.config import find_project

    before = ctx.find_object(Face)
    folder = ctx.params.get("project") or (before.folder if before else None)
    return find_project(folder or Path.cwd())


def _column(ctx: typer.Context, query: str) -> list[str]:
    # The store itself would load SQLAlchemy, for which nobody who pressed Tab wants to wait.
    with contextlib.closing(sqlite3.connect(f"file:{_store(ctx)}?mode=ro", uri=True, timeout=0.5)) as connection:
        return [row[0] for row in connection.execute(query)]


def _store(ctx: typer.Context) -> str:
    """The path of an SQLite store; of nothing that is there when it is another one."""
    from workbench.config import load_config

    scheme, _, path = load_config(_root(ctx)).store.partition(":///")
    return path if scheme == "sqlite" else ""


def _starting(incomplete: str, names: Iterator[str] | list[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
