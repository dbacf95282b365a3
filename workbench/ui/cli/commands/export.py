"""``wb export``: pipelines for other engines."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from workbench.model.errors import UsageError
from workbench.ui.cli import completion
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import EnvironmentOption, ParameterOption, make_group, parse_parameters


def register(app: typer.Typer) -> None:
    """Add ``export`` and its commands."""
    group = make_group(app, "export", "Pipelines for other engines.")

    @command(group, "airflow")
    def airflow(
        face: Face,
        pipeline: Annotated[
            str, typer.Argument(metavar="PIPELINE", help="Which one.", autocompletion=completion.pipelines)
        ],
        output: Annotated[
            Path | None,
            typer.Option("--output", "-o", metavar="FILE", help="Where to write it; a folder takes PIPELINE.py."),
        ] = None,
        parameter: ParameterOption = None,
        environment: EnvironmentOption = None,
        folder: Annotated[
            str | None,
            typer.Option("--folder", metavar="DIR", help="Where the project lies for Airflow; default: where it is."),
        ] = None,
        call: Annotated[
            str | None, typer.Option("--command", metavar="WORDS", help="What is typed there for wb; default: this wb.")
        ] = None,
    ) -> None:
        """Write a pipeline as a DAG for Apache Airflow 3, with a task for each step.

        Each task calls wb run; so Airflow says when, and needs no library of ours.

        Example: wb export airflow flights --output dags/flights.py
        """
        from workbench.scheduler.airflow import Call, export
        from workbench.ui import codec

        project = face.open()
        place = folder if folder is not None else str(project.root)
        made = export(project, pipeline, Call(call or _this_command(), place, parse_parameters(parameter), environment))
        path = None if output is None else output / f"{made.name}.py" if output.is_dir() else output
        if path is not None:
            _write(path, made.text)
        if face.as_json:
            return face.show(codec.dag(made, path))
        if path is None:
            face.out.file.write(made.text)
            return
        from rich.text import Text

        face.show(None, Text(str(path), no_wrap=True, overflow="ignore"), *map(Text, made.notes))


def _this_command() -> str:
    """The ``wb`` that is running, as a shell is told, or the one that is found."""
    beside = Path(sys.executable).with_name("wb")
    return shlex.quote(str(beside)) if beside.exists() else "wb"


def _write(path: Path, text: str) -> None:
    """Write the file, durably; it may only take the place of one that was exported before.

    Raises UsageError (WB-CLI-818), StorageError.
    """
    from workbench import durable
    from workbench.scheduler.airflow import MARK

    try:
        ours = path.read_bytes().startswith(MARK.encode())
    except FileNotFoundError:
        ours = True
    except OSError:
        ours = False
    if not ours:
        raise UsageError(
            "WB-CLI-818",
            f"{path} is there already",
            cause="it is no file that wb export has written",
            kept="Nothing was changed.",
            next="name another file with --output, or move that one away",
        )
    with durable.replacing(path) as aside:
        aside.write_text(text, encoding="utf-8")
