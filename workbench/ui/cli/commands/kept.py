"""``wb runs open`` and ``wb runs release``: look into the kernel that a failed step has kept, and end it."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from workbench.model.names import short_id
from workbench.model.plain import to_plain
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import RunArgument, StepArgument
from workbench.ui.cli.words import count, plain


def register(group: typer.Typer) -> None:
    """Add ``open`` and ``release`` to ``wb runs``."""

    @command(group, "open")
    def open_kept(
        face: Face,
        run: RunArgument,
        step: StepArgument = None,
        no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address only.")] = False,
    ) -> None:
        """Open JupyterLab with the kernel that a failed step has kept, at the cell that failed.

        It is a copy of the executed notebook. The kernel stays for as long as this goes on; Ctrl-C ends JupyterLab, not
        the kernel. With --json nothing is started: it tells how to reach the kernel.

        Example: wb runs open last clean
        """
        from workbench.ui import lab
        from workbench.ui.cli.views import kept as view

        project = face.open()
        kept = project.runs.kept.one(project.runs.get(run), step or "")
        connection, notebook = project.runs.kept.connection(kept), project.runs.kept.notebook(kept)
        if face.as_json:
            return face.show(
                {
                    **to_plain(kept),
                    "connection_file": str(connection),
                    "opened": str(notebook),
                    "command": lab.command(project.root, connection.parent),
                }
            )
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # JupyterLab ends with us, and leaves nothing behind
        with (
            project.runs.kept.using(kept),
            lab.serving(project.root, connection.parent, notebook, kept.cell_id) as server,
        ):
            face.show(None, *view.opened(kept, server.url))
            if not no_browser:
                _browse(server.url)
            try:
                server.wait()
            except KeyboardInterrupt:
                face.show(None, f"JupyterLab has ended. Next: wb runs release {short_id(kept.run)} {plain(kept.step)}")

    @command(group, "release")
    def release(face: Face, run: RunArgument, step: StepArgument = None) -> None:
        """End the kernels that failed steps of a run have kept, before their time is up.

        Example: wb runs release last
        """
        project = face.open()
        found = project.runs.get(run)
        kept = project.runs.kept.of(found, step or "")
        for each in kept:
            project.runs.kept.release(each)
        if face.as_json:
            return face.show({"released": [to_plain(each) for each in kept]})
        if not kept:
            return face.show(None, f"Run {short_id(found.id)} keeps no kernel. Next: wb runs show {short_id(found.id)}")
        steps = ", ".join(plain(each.step) for each in kept)
        face.show(None, f"Ended {count(len(kept), 'kernel')} of run {short_id(found.id)}: {steps}.")


def _browse(url: str) -> None:
    import webbrowser

    webbrowser.open(url)
