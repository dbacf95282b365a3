"""``wb store``: the database of runs, catalog and lineage: checked, copied, brought back."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.ui import codec
from workbench.ui.cli import completion
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import make_group

if TYPE_CHECKING:
    from workbench.model.upkeep import Backup


def register(app: typer.Typer) -> None:
    """Add ``store`` and its commands."""
    group = make_group(app, "store", "The database of runs, catalog and lineage: checked, copied, brought back.")

    @command(group, "check")
    def check(face: Face) -> None:
        """Look through all of the store: its file, its links, the chain of its audit log.

        Exit 1 when something is wrong.

        Example: wb store check
        """
        from workbench.model.doctor import Finding
        from workbench.store.transaction import Store

        with Store.open(face.config().store) as store:
            found = store.check()
        findings = [Finding(name, not wrong, wrong or "as it was written", "wb store restore") for name, wrong in found]
        ok = all(finding.ok for finding in findings)
        if face.as_json:
            face.show({"ok": ok, "findings": [codec.finding(finding) for finding in findings]})
        else:
            from workbench.ui.cli.views import store as view

            face.show(None, *view.findings(findings))
        if not ok:
            raise typer.Exit(1)

    @command(group, "backup")
    def backup(
        face: Face,
        file: Annotated[
            Path | None, typer.Argument(metavar="FILE", help="Where to; default: among the hourly ones.")
        ] = None,
    ) -> None:
        """Copy the store, also while runs go on, and print the path of the copy.

        Runs do so by themselves every hour, and keep the newest 24.

        Example: wb store backup before-cleaning.db
        """
        from workbench.store.transaction import Store
        from workbench.ui.cli.views import store as view

        with Store.open(face.config().store) as store:
            made = store.back_up(file)
        face.show(codec.backup(made), view.path(made.path))

    @command(group, "restore")
    def restore(
        face: Face,
        backup: Annotated[
            str | None,
            typer.Argument(metavar="BACKUP", help="Its name, a path, or last.", autocompletion=completion.backups),
        ] = None,
    ) -> None:
        """Put a backup in the place of the store; without BACKUP, list those there are.

        What was there is kept under another name. No run may be going on.

        Example: wb store restore last
        """
        from workbench.store import upkeep
        from workbench.ui.cli.views import store as view

        address = face.config().store
        if backup is None:
            found = _backups(address)
            return face.show({"backups": [codec.backup(each) for each in found]}, *view.backups(found))
        chosen, kept = upkeep.restore(address, backup, getpass.getuser())
        document = {"restored": codec.backup(chosen), "replaced": None if kept is None else str(kept)}
        face.show(document, *view.restored(chosen, kept))


def _backups(address: str) -> tuple[Backup, ...]:
    from workbench.store import upkeep

    return upkeep.backups(upkeep.file_at(address))
