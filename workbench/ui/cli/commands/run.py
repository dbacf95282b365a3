"""``wb run``: run a pipeline or one notebook, and watch it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.model.errors import UsageError
from workbench.ui.cli.exits import exit_code
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.finished import show_run
from workbench.ui.cli.options import Asked, KeepOption, TargetArgument

if TYPE_CHECKING:
    from workbench.model.events import Progress
    from workbench.model.plan import Plan
    from workbench.ui.cli.views.live import Watch


def register(app: typer.Typer) -> None:
    """Add ``run`` to the commands."""

    @command(app, "run")
    def run(
        face: Face,
        target: TargetArgument,
        asked: Asked,
        executor: Annotated[
            str | None, typer.Option("--executor", metavar="NAME", help="Where steps run: local, inline or dask.")
        ] = None,
        max_parallel: Annotated[
            int | None, typer.Option("--max-parallel", min=1, metavar="N", help="Steps at work at once.")
        ] = None,
        keep: KeepOption = False,
    ) -> None:
        """Run a pipeline or one notebook, with a live tree of its steps.

        Steps that are unchanged do not run. Ctrl-C ends it cleanly.

        Example: wb run flights -p day=2013-01-16 --env dev
        """
        from workbench.ui.cli.views.live import Watch

        project = face.open()
        project.warm_up(executor, target)
        plan = asked.plan(project, target)
        if keep:
            plan = keeping(plan, executor or project.config.executor)
        watch = Watch(plan.pipeline, plan.environment)
        watch.expect(plan)
        with following(face, watch) as hear:
            done = project.run(plan, executor=executor, max_parallel=max_parallel, on_progress=hear)
        show_run(face, project, done)
        raise typer.Exit(exit_code(done))


def keeping(plan: Plan, executor: str) -> Plan:
    """The plan, whose steps keep their kernel when they fail. Raises UsageError (WB-CLI-814)."""
    from workbench.model.kept import WHILE

    if executor in ("inline", "dask"):
        raise UsageError(
            "WB-CLI-814",
            f"the executor {executor} keeps no kernels",
            cause="they live in processes of this command" if executor == "inline" else "they live on workers",
            kept="Nothing was started.",
            next="add --executor local, or leave --keep out",
        )
    return plan.keeping(WHILE)


@contextlib.contextmanager
def following(face: Face, watch: Watch) -> Iterator[Callable[[Progress], None]]:
    """Show progress on stderr while the block runs: redrawn in place on a terminal, else a line for each change."""
    if face.err.is_terminal and not face.err.is_dumb_terminal:
        from rich.live import Live

        rate = watch.redraws
        with Live(watch, console=face.err, transient=True, refresh_per_second=rate, vertical_overflow="crop"):
            yield watch.hear
        return
    from workbench.ui.cli.views.live import log_lines

    def hear(progress: Progress) -> None:
        watch.hear(progress)
        for line in log_lines(watch, progress):
            face.err.file.write(f"{datetime.now().astimezone():%H:%M:%S} {line}\n")
        face.err.file.flush()

    yield hear
