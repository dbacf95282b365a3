"""``wb test``: run steps on small datasets that are kept beside them, or make such a test from a run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.model.errors import UsageError
from workbench.model.frozen import dataclass
from workbench.ui import differences
from workbench.ui.cli import completion
from workbench.ui.cli.face import Face, command

if TYPE_CHECKING:
    from workbench.testing.service import Tests
    from workbench.testing.verdict import Result


@dataclass(frozen=True)
class Freezing:
    """The options that make a test from a run."""

    freeze: Annotated[
        tuple[str, str] | None,
        typer.Option("--freeze", metavar="RUN STEP", help="Make a test of a step from a run instead."),
    ] = None
    rows: Annotated[
        int, typer.Option("--rows", min=1, metavar="N", help="With --freeze: at most so many of each dataset.")
    ] = 200
    where: Annotated[
        str, typer.Option("--where", metavar="SQL", help="With --freeze: only of the rows for which this holds.")
    ] = ""
    case: Annotated[
        str, typer.Option("--case", metavar="NAME", help="With --freeze: what to call it; default: after the run.")
    ] = ""
    content: Annotated[bool, typer.Option("--content", help="With --freeze: compare the rows that come out, too.")] = (
        False
    )


def register(app: typer.Typer) -> None:
    """Add ``test`` to the commands."""

    @command(app, "test")
    def test(
        face: Face,
        freezing: Freezing,
        names: Annotated[
            list[str] | None,
            typer.Argument(metavar="[NAMES]", help="clean, clean::blizzard, d*::*.", autocompletion=completion.tests),
        ] = None,
        update: Annotated[bool, typer.Option("--update", help="Accept what comes out, and write it down.")] = False,
        executor: Annotated[
            str, typer.Option("--executor", metavar="NAME", help="Where steps run: local or inline.")
        ] = "local",
        max_parallel: Annotated[
            int | None, typer.Option("--max-parallel", min=1, metavar="N", help="Tests at work at once.")
        ] = None,
    ) -> None:
        """Run steps on small datasets kept beside them, and compare what they record and write.

        Nothing of the project's data is read or written. Exit 1 when a test fails.

        Example: wb test clean::blizzard
        """
        from workbench.testing.service import Tests

        if freezing.freeze and (names or update):
            raise UsageError("WB-CLI-801", "--freeze makes one test, and runs no other", next="leave the names out")
        with Tests.open(face.folder, executor) as tests:
            if freezing.freeze:
                return _freeze(face, tests, *freezing.freeze, freezing)
            _run(face, tests, names or [], max_parallel, update=update)


def _freeze(face: Face, tests: Tests, run: str, step: str, how: Freezing) -> None:
    from workbench.ui.cli.views.tests import frozen

    with face.open() as project:
        made = tests.freeze(project, run, step, name=how.case, rows=how.rows, where=how.where, with_content=how.content)
    face.show(differences.frozen(made), *frozen(made))


def _run(face: Face, tests: Tests, names: list[str], max_parallel: int | None, *, update: bool) -> None:
    cases = tests.list(names)
    if not cases:
        document = differences.tests([])
        return face.show(document, "Tests would be here. Next: wb test --freeze last STEP makes one from a run")
    from workbench.ui.cli.views import tests as view

    with _counting(face, len(cases)) as tell:
        results = tests.run(cases, parallel=max_parallel, update=update, tell=tell)
    face.show(differences.tests(results), *view.verdict(results))
    raise typer.Exit(0 if all(result.passed for result in results) else 1)


@contextlib.contextmanager
def _counting(face: Face, count: int) -> Iterator[Callable[[Result], None]]:
    """Show each test as it ends, and on a terminal below them how many are over."""
    from workbench.ui.cli.views import tests as view

    done = 0
    status = face.err.status(f"0 of {count:,} tests") if face.err.is_terminal and not face.as_json else None

    def tell(result: Result) -> None:
        nonlocal done
        done += 1
        if status is not None:
            status.stop()
        if not face.as_json:
            face.show(None, view.line(result), *view.failure(result, face.out.width))
        if status is not None and done < count:
            status.update(f"{done:,} of {count:,} tests")
            status.start()

    with status or contextlib.nullcontext():
        yield tell
