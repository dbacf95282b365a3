"""``wb lab``: JupyterLab on the project, or on the folder in which one is about to begin."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.model.errors import NotFound
from workbench.ui.cli.console import put
from workbench.ui.cli.face import Face, command

_NO_PROJECT = "WB-CFG-601"


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
        """Open JupyterLab on this project: its start page, with the catalog at the left.

        In a folder without a project the start page begins one. Ctrl-C, twice, ends it. With --json nothing is started:
        it tells what would be.

        Example: wb lab --port 8890
        """
        from workbench.ui import lab

        started = lab.whole(_root(face), port, browser=not no_browser)
        if face.as_json:
            return face.show({"command": started})
        lab.become(started)


def _root(face: Face) -> Path:
    """The project's folder; without a project the folder itself. Raises what ``Project.open`` raises otherwise."""
    try:
        with face.open() as project:
            return project.root
    except NotFound as error:
        folder = (face.folder or Path()).absolute()
        if error.code != _NO_PROJECT or not folder.is_dir():
            raise
    if not face.as_json:
        put(face.err, f"There is no project in {folder} yet: the start page in JupyterLab begins one.")
    return folder
