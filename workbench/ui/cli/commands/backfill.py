"""``wb backfill``: fill in partitions, and see which there are."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.model.errors import UsageError
from workbench.model.frozen import dataclass
from workbench.pipeline.backfill import Only
from workbench.ui import planned
from workbench.ui.cli import completion
from workbench.ui.cli.exits import exit_code
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import Choice, HtmlOption, parse_parameters

if TYPE_CHECKING:
    from workbench.model.matrix import Matrix
    from workbench.model.plan import Plan
    from workbench.model.run import Run
    from workbench.project import Project

OverOption = Annotated[
    list[str] | None,
    typer.Option(
        "--over",
        metavar="NAME=RANGE",
        help="A partition: day=2013-01-01..2013-01-31, origin=EWR,JFK, day for all; may be repeated.",
        autocompletion=completion.partitions,
    ),
]


@dataclass(frozen=True)
class Filling:
    """The options that say what to fill in, and whether to look only."""

    over: OverOption = None
    only: Annotated[Only, typer.Option("--only", help="Partitions where something never ran, or did not end well.")] = (
        Only.ALL
    )
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan, start nothing.")] = False
    matrix: Annotated[bool, typer.Option("--matrix", help="Show what became of each partition, start nothing.")] = False
    html: HtmlOption = None

    @property
    def ranges(self) -> dict[str, str]:
        """Partition → its range as typed; empty for all of it. Raises UsageError (WB-CLI-803)."""
        found: dict[str, str] = {}
        for item in self.over or ():
            name, _, text = (part.strip() for part in item.partition("="))
            if name in found:
                raise UsageError("WB-CLI-803", f"partition {name} is given twice", next="join ranges with a comma")
            found[name] = text
        return found


def register(app: typer.Typer) -> None:
    """Add ``backfill`` to the commands."""

    @command(app, "backfill")
    def backfill(
        face: Face,
        target: Annotated[
            str,
            typer.Argument(metavar="PIPELINE", help="A pipeline.", autocompletion=completion.pipelines),
        ],
        asked: Choice,
        filling: Filling,
        executor: Annotated[
            str | None, typer.Option("--executor", metavar="NAME", help="Where steps run: local, inline or dask.")
        ] = None,
        max_parallel: Annotated[
            int | None, typer.Option("--max-parallel", min=1, metavar="N", help="Steps at work at once.")
        ] = None,
    ) -> None:
        """Run a pipeline for many partitions at once, as one run, or show what became of each.

        What is unchanged is skipped; a partition that fails holds up no other.

        Example: wb backfill flights --over day=2013-01-01..2013-01-31
        """
        project = face.open()
        if filling.matrix or filling.html is not None:
            return _show(face, project, target, asked, filling)
        plan = _plan(project, target, asked, filling)
        if filling.dry_run or not plan.steps:
            return _show_plan(face, plan, _words(target, asked, filling))
        done = _run(face, project, plan, executor, max_parallel)
        _show_end(face, project, done, filling)
        raise typer.Exit(exit_code(done))


def _plan(project: Project, target: str, asked: Choice, filling: Filling) -> Plan:
    if not filling.over:
        example = next((pipeline for pipeline in project.pipelines() if pipeline.name == target), None)
        names = [partition.name for partition in example.partitions] if example else []
        raise UsageError(
            "WB-CLI-820",
            "--over is missing",
            cause="it says which partitions to fill in",
            kept="Nothing was started.",
            next=f"wb backfill {target} --over {names[0] if names else 'day'}=FIRST..LAST, or --matrix to look first",
        )
    return project.plan_backfill(
        target,
        filling.ranges,
        parse_parameters(asked.parameter),
        environment=asked.environment,
        only=filling.only,
        select=asked.selection,
        force=asked.force,
    )


def _show_plan(face: Face, plan: Plan, words: Sequence[str]) -> None:
    if face.as_json:
        return face.show(planned.plan(plan))
    if not plan.steps:
        return face.show(None, "Nothing to fill in: no partition is as --only asks.")
    from workbench.ui.cli.views import plan as view

    face.show(None, *view.draw(plan, command=shlex.join(words), width=face.out.width))


def _words(target: str, asked: Choice, filling: Filling) -> list[str]:
    words = ["wb", "backfill", target, *(word for item in filling.over or () for word in ("--over", item))]
    return [*words, *([] if filling.only is Only.ALL else ["--only", filling.only.value]), *asked.words]


def _run(face: Face, project: Project, plan: Plan, executor: str | None, max_parallel: int | None) -> Run:
    from workbench.model.run import Origin
    from workbench.ui.cli.commands.run import following
    from workbench.ui.cli.views.live import Watch

    watch = Watch(plan.pipeline, plan.environment)
    watch.expect(plan)
    with following(face, watch) as hear:
        return project.run(
            plan, executor=executor, max_parallel=max_parallel, on_progress=hear, origin=Origin("backfill")
        )


def _show(face: Face, project: Project, target: str, asked: Choice, filling: Filling) -> None:
    matrix = project.matrix(target, filling.ranges, environment=asked.environment)
    if filling.html is not None:
        from workbench.ui.pages.matrix import draw
        from workbench.ui.pages.shell import save

        path = filling.html.absolute()
        save(path, draw(matrix, state=project.config.state, folder=path.parent))
        return face.show({"path": str(path)}, f"Wrote {filling.html}.")
    _show_matrix(face, matrix, filling)


def _show_matrix(face: Face, matrix: Matrix, filling: Filling) -> None:
    if face.as_json:
        return face.show(planned.matrix(matrix))
    if not matrix.rows:
        return face.show(None, f"No partition of {matrix.pipeline} has begun yet.")
    from workbench.ui.cli.views.matrix import draw, tally

    face.show(None, *draw(matrix, width=face.out.width, command=_next(matrix, filling, bad=bool(tally(matrix).bad))))


def _next(matrix: Matrix, filling: Filling, *, bad: bool) -> str:
    over = filling.over or [f"{name}={_reach(matrix, index)}" for index, name in enumerate(matrix.names)]
    words = ["wb", "backfill", matrix.pipeline, *(word for item in over for word in ("--over", item))]
    return shlex.join([*words, "--only", "failed" if bad else "missing"])


def _reach(matrix: Matrix, index: int) -> str:
    values = list(dict.fromkeys(row.values[index] for row in matrix.rows))
    return values[0] if len(values) == 1 else f"{values[0]}..{values[-1]}"


def _show_end(face: Face, project: Project, run: Run, filling: Filling) -> None:
    """The run as JSON; for people the matrix of what was filled in, and what failed first."""
    from workbench.ui.cli.finished import show_run

    if face.as_json or len(run.steps) <= FEW:
        return show_run(face, project, run)
    from workbench.ui.cli.views.matrix import draw
    from workbench.ui.cli.views.run import result

    made = project.matrix(run.pipeline, filling.ranges, environment=run.environment)
    lines: list[Any] = draw(made, width=face.out.width)
    face.show(None, *lines, *result(run, None))


FEW = 30
"""Steps up to which a backfill ends like any other run."""
