"""``wb lab``: JupyterLab on the project."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.ui.cli.face import Face, command


def register(app: typer.Typer) -> None:
    """Add ``lab`` to the commands."""

    @command(app, "lab")
    def open_lab(
        face: Face,
        port: Annotated[
            int, typer.Option("--port", min=1, max=65535, metavar="N", help="The port, or the next free one after it.")
        ] = 8888,
        no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address only.")] = False,
    ) -> None:
        """Open JupyterLab on this project, with its catalog at the left.

        Ctrl-C, twice, ends it. With --json nothing is started: it tells what would be.

        Example: wb lab --port 8890
        """
        from workbench.ui import lab

        project = face.open()
        root = project.root
        project.close()
        started = lab.whole(root, port, browser=not no_browser)
        if face.as_json:
            return face.show({"command": started})
        lab.become(started)
