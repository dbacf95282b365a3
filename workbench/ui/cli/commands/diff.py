"""``wb runs diff``: two runs against each other."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.ui import differences
from workbench.ui.cli import completion
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import HtmlOption, StepArgument

_NAMED = "An id, the end of it, or [PIPELINE@]last[-success][~N]."


def register(group: typer.Typer) -> None:
    """Add ``diff`` to the commands of ``runs``."""

    @command(group, "diff")
    def diff(
        face: Face,
        before: Annotated[str, typer.Argument(metavar="A", help=_NAMED, autocompletion=completion.runs)],
        after: Annotated[str, typer.Argument(metavar="B", help=_NAMED, autocompletion=completion.runs)],
        step: StepArgument = None,
        html: HtmlOption = None,
    ) -> None:
        """Compare two runs: what was asked, read and recorded, the code, and the outputs cell by cell.

        Example: wb runs diff flights@last-success last clean
        """
        project = face.open()
        compared = project.runs.diff(before, after, step or "")
        if html is not None:
            from workbench.ui.pages.diff import draw as draw_page
            from workbench.ui.pages.shell import save

            save(html, draw_page(compared))
            return face.show({"path": str(html.absolute())}, f"Wrote {html}.")
        if face.as_json:
            return face.show(differences.comparison(compared))
        from workbench.ui.cli.views.diff import draw

        face.show(None, *draw(compared, width=face.out.width))
