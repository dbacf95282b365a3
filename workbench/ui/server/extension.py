"""What Jupyter's server loads: the address of the API, and nothing that takes time."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Unicode

from workbench.ui.server.arrival import ADDRESS, ArrivalHandler
from workbench.ui.server.desk import Desk
from workbench.ui.server.handler import WorkbenchHandler
from workbench.ui.server.host import Host

if TYPE_CHECKING:
    from workbench.ui.run_shapes import RunEvent

EVENT: dict[str, Any] = {
    "$id": "urn:workbench:run",
    "version": "1",
    "title": "What is new in a run",
    "description": "Steps and cells that came to be in another state; no values, no outputs.",
    "type": "object",
    "properties": {
        "stream": {"type": "string", "title": "Which count of numbers"},
        "number": {"type": "integer", "title": "One more than that of the event before"},
        "run": {"type": "string", "title": "The id of the run"},
        "pipeline": {"type": "string", "title": "Its pipeline"},
        "environment": {"type": "string", "title": "Its environment"},
        "state": {"type": "string", "title": "Its state, or refused when it could not begin"},
        "code": {"type": "string", "title": "The code of its error"},
        "steps": {"type": "array", "title": "Steps with their new state", "items": {"type": "object"}},
        "cells": {"type": "array", "title": "Cells with their new state", "items": {"type": "object"}},
        "logs": {"type": "array", "title": "How far the journals have come", "items": {"type": "object"}},
    },
    "required": ["stream", "number", "run", "pipeline", "environment", "state", "code", "steps", "cells", "logs"],
}
"""The schema of events as Jupyter's event system knows them; ``run_shapes.RunEvent`` says the same."""


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
        logger = self.serverapp.event_logger
        assert logger is not None
        logger.register_event_schema(EVENT)  # before any socket opens: each listens to what is known by then
        loop = self.serverapp.io_loop

        def emit(event: RunEvent) -> None:
            loop.add_callback(partial(logger.emit, schema_id=EVENT["$id"], data=dict(event)))

        self.desk = Desk(Path(self.project or self.serverapp.root_dir).absolute(), emit, Host(self.serverapp))

    def initialize_handlers(self) -> None:
        """One handler for the whole API: what it may answer stands in ``routes``; and the address of ``wb lab``."""
        self.handlers.append((ADDRESS, ArrivalHandler))
        self.handlers.append((r"/workbench/api(?:/(.*))?", WorkbenchHandler, {"desk": self.desk}))

    async def stop_extension(self) -> None:
        """Let go of the project."""
        self.desk.close()


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "workbench.ui.server.extension", "app": WorkbenchExtension}]
