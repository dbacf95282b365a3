"""What Jupyter's server loads: the address of the API, and nothing that takes time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Unicode

from workbench.ui.server.desk import Desk
from workbench.ui.server.handler import WorkbenchHandler


class WorkbenchExtension(ExtensionApp):
    """Serves the project in the root folder of the server, or above it, under ``workbench/api``."""

    name = "workbench"
    extension_url = "/lab"
    load_other_extensions = True

    project = Unicode("", help="The project's folder; default: that of the server, or the nearest one above it.").tag(
        config=True
    )

    def initialize_settings(self) -> None:
        """Make the desk that requests come to."""
        assert self.serverapp is not None
        self.desk = Desk(Path(self.project or self.serverapp.root_dir).absolute())

    def initialize_handlers(self) -> None:
        """One handler for everything: what it may answer stands in ``routes``."""
        self.handlers.append((r"/workbench/api(?:/(.*))?", WorkbenchHandler, {"desk": self.desk}))

    async def stop_extension(self) -> None:
        """Let go of the project."""
        self.desk.close()


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "workbench.ui.server.extension", "app": WorkbenchExtension}]
