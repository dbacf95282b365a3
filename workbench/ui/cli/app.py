"""The door of the command line: the commands put together, and every error turned into words and an exit code."""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from workbench.model.errors import InternalError, Interrupted, NotFound, UsageError, WorkbenchError
from workbench.ui import codec
from workbench.ui.cli.coercion import read_texts_at_once
from workbench.ui.cli.console import put
from workbench.ui.cli.face import Face
from workbench.ui.cli.root import meant, root

HELP_NAMES = ["-h", "--help"]
DEBUG_VARIABLE = "WORKBENCH_DEBUG"
COMMANDS = (
    "init",
    "doctor",
    "plan",
    "run",
    "backfill",
    "runs",
    "test",
    "lab",
    "pipeline",
    "up",
    "schedule",
    "export",
    "notifications",
    "catalog",
    "lineage",
    "quality",
    "report",
    "store",
)
"""The first words of commands, as the help lists them; each is a module of ``commands``, which registers it."""


def make_app(first: str = "") -> typer.Typer:
    """All commands under one name, or only those that begin with ``first``, if there are any."""
    app = typer.Typer(
        help="A folder of notebooks runs as a pipeline and leaves data, lineage, quality and a report behind.",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings={"help_option_names": HELP_NAMES},
        epilog="Start with: wb init demo --example flights",
    )
    app.callback(invoke_without_command=True)(root)
    for name in (first,) if first in COMMANDS else COMMANDS:
        importlib.import_module(f"workbench.ui.cli.commands.{name}").register(app)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code. Reads ``sys.argv`` unless ``arguments`` are given."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    face = Face(as_json="--json" in given)
    try:
        code = _call(given, face)
        sys.stdout.flush()
    except BrokenPipeError:
        code = _mute()
    except OSError as error:  # what stdout leads to cannot be written, so not even an error can be told there
        code = _mute()
        sys.stderr.write(f"WB-DSK-302: cannot write the answer - {error.strerror}.\n")
    gc.freeze()  # or the interpreter looks through all that was imported before it ends
    sys.exit(code)


def _mute() -> int:
    """Let nothing more be written to stdout, also not at the end of the process; the exit code of that."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _call(given: list[str], face: Face) -> int:
    try:
        _stand_somewhere()
        name = Path(sys.argv[0]).name
        command = typer.main.get_command(make_app(*given[:1]))
        read_texts_at_once(command, HELP_NAMES)
        code = command(given, prog_name=name if name in ("wb", "workbench") else "wb", standalone_mode=False)
        return int(code or 0)
    except WorkbenchError as error:
        return tell(error, face)
    except typer.TyperException as error:
        return _wrong_usage(error, face)
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        return tell(Interrupted("WB-RUN-190", "stopped", cause="you interrupted the command"), face)
    except OSError as error:
        if error.errno == errno.ENOSPC and error.filename is None:
            raise
        return tell(_unexpected(error), face)
    except Exception as error:
        return tell(_unexpected(error), face)


def _stand_somewhere() -> None:
    try:
        Path.cwd()
    except FileNotFoundError:
        raise NotFound("WB-CFG-601", "the folder that you are in is gone", next="cd into a project") from None


def tell(error: WorkbenchError, face: Face) -> int:
    """Write an error: as the one JSON document, or to stderr. Returns its exit code."""
    if face.as_json:
        face.show(codec.error(error))
    else:
        from workbench.ui.cli.views.errors import draw

        for line in draw(error.as_dict(), terminal=face.err.is_terminal):
            put(face.err, line)
    return error.exit_code


def _wrong_usage(error: typer.TyperException, face: Face) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and not face.as_json:
        print(error.format_message())
        return 0
    path = context.command_path if context else "wb"
    what, _, hint = error.format_message().rstrip(".").replace("'", '"').partition(". ")
    if options := getattr(error, "possibilities", None):
        what, hint = error.message, f"close to it: {', '.join(sorted(options))}"
    cause, then = meant(error) if context else ("", "")
    return tell(UsageError("WB-CLI-801", _lower(what), cause=hint or cause, next=then or f"{path} --help"), face)


def _unexpected(error: Exception) -> InternalError:
    if os.environ.get(DEBUG_VARIABLE, "") not in ("", "0"):
        raise error
    return InternalError(
        "WB-INT-999",
        f"a fault of Workbench: {type(error).__name__}: {error}",
        kept="What was published before is unchanged.",
        next=f"report it with the log {_write_log(error)}",
    )


def _write_log(error: Exception) -> Path:
    import tempfile
    import traceback
    from datetime import UTC, datetime

    folder = Path(tempfile.gettempdir())
    with contextlib.suppress(WorkbenchError, OSError):
        from workbench.config import STATE, find_project

        inside = find_project(Path.cwd()) / STATE / "logs"
        inside.mkdir(parents=True, exist_ok=True)
        folder = inside
    path = folder / f"workbench-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return path


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
