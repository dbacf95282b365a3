"""``wb doctor``: everything a run needs, checked, with the mend for each miss."""

from __future__ import annotations

import typer

from workbench.ui import codec
from workbench.ui.cli.face import Face, command


def register(app: typer.Typer) -> None:
    """Add ``doctor`` to the commands."""

    @command(app, "doctor")
    def doctor(face: Face) -> None:
        """Check everything a run needs, with the mend for each miss.

        Exit 1 when something is missing.

        Example: wb doctor --project demo
        """
        from workbench.ui.cli.checkup import examine

        findings = list(examine(face.folder))
        ok = all(finding.ok for finding in findings)
        if face.as_json:
            face.show({"ok": ok, "findings": [codec.finding(finding) for finding in findings]})
        else:
            from workbench.ui.cli.views import doctor as view

            face.show(None, *view.draw(findings))
        if not ok:
            raise typer.Exit(1)
