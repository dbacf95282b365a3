"""``wb runs cancel`` and ``wb runs repair``: end a run, and take it up again."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from workbench.model.names import short_id
from workbench.ui import codec
from workbench.ui.cli.exits import exit_code
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import KeepOption, RunArgument
from workbench.ui.cli.words import STATES


def register(group: typer.Typer) -> None:
    """Add ``cancel`` and ``repair`` to ``wb runs``."""

    @command(group, "cancel")
    def cancel(face: Face, run: RunArgument) -> None:
        """End a run, whichever process carries it out, also one that waits in the queue.

        What finished before stays published. A run that is over stays as it is.

        Example: wb runs cancel last
        """
        project = face.open()
        before = project.runs.get(run)
        after = project.cancel(before.id)
        if face.as_json:
            return face.show(codec.run_row(after))
        name, word = f"Run {short_id(after.id)} of {after.pipeline}", STATES[after.state].word
        if before.state.final:
            face.show(None, f"{name} was over: {word}.")
        elif after.state.final:
            face.show(None, f"{name}: {word}. Next: wb runs repair {short_id(after.id)}")
        else:
            face.show(None, f"{name} was asked to end and is still {word}. Next: wb runs show {short_id(after.id)}")

    @command(group, "repair")
    def repair(
        face: Face,
        run: RunArgument,
        executor: Annotated[
            str | None, typer.Option("--executor", metavar="NAME", help="Where steps run: local, inline or dask.")
        ] = None,
        max_parallel: Annotated[
            int | None, typer.Option("--max-parallel", min=1, metavar="N", help="Steps at work at once.")
        ] = None,
        keep: KeepOption = False,
    ) -> None:
        """Run again what did not succeed in a run, and what follows it, in the same run.

        Steps that succeeded stand. The rest is planned anew, with the code of today and the parameters of the run.

        Example: wb runs repair last
        """
        from workbench.ui.cli.commands.run import following, keeping
        from workbench.ui.cli.finished import show_run
        from workbench.ui.cli.views.live import Watch

        project = face.open()
        found = project.plan_repair(run)
        if keep:
            found = replace(found, plan=keeping(found.plan, executor or project.config.executor))
        for name in found.changed:
            face.err.print(f"{name} stands, though it has changed since.", soft_wrap=True)
        watch = Watch(found.plan.pipeline, found.plan.environment)
        watch.expect(found.plan)
        with following(face, watch) as hear:
            done = project.repair(found, executor=executor, max_parallel=max_parallel, on_progress=hear)
        show_run(face, project, done)
        raise typer.Exit(exit_code(done))
