"""The Jupyter server around us: which files it serves, and kernels that it did not start but lets notebooks use."""

from __future__ import annotations

import asyncio
import contextlib
import os
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.model.errors import StorageError

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

LOOK = 5.0
"""Seconds between two looks whether a notebook still uses a kernel."""
PATIENCE = 30.0
"""Seconds that the server gets to take a kernel up."""


class Host:
    """What the server can open. Its methods are called in threads; all that is the server's is touched in its loop."""

    def __init__(self, server: ServerApp) -> None:
        self._server = server
        self._guests: dict[str, asyncio.Task[None]] = {}

    def path(self, file: Path) -> str | None:
        """How the server calls a file; None when it does not serve it."""
        root = Path(str(self._server.root_dir)).resolve()
        file = file.resolve()
        if not file.is_relative_to(root):
            return None
        inside = file.relative_to(root)
        hidden = any(part.startswith(".") for part in inside.parts)
        return None if hidden and not self._server.contents_manager.allow_hidden else inside.as_posix()

    def attach(self, connection: Path, path: str, using: contextlib.AbstractContextManager[None]) -> str | None:
        """Let the notebook at ``path`` be one with the kernel of a connection file; the server's id of that kernel.

        It is within ``using`` for as long as the server has a session with it. None where the server's kernels are
        elsewhere. Raises StorageError (WB-DSK-302), and what entering ``using`` raises.
        """
        manager = self._server.kernel_manager
        if not hasattr(manager, "kernel_id_to_connection_file"):
            return None
        loop = self._server.io_loop.asyncio_loop  # type: ignore[attr-defined]
        work: Future[str | None] = asyncio.run_coroutine_threadsafe(self._attach(connection, path, using), loop)
        return work.result(PATIENCE)

    def close(self) -> None:
        """Let go of all kernels; they go on for as long as they are kept."""
        for task in list(self._guests.values()):
            task.cancel()

    async def _attach(self, connection: Path, path: str, using: contextlib.AbstractContextManager[None]) -> str | None:
        manager: Any = self._server.kernel_manager
        told = self._told(connection)
        kernel = _known(manager, told)
        if kernel is None:
            with contextlib.ExitStack() as holding:
                holding.enter_context(using)
                _copy(connection, told)
                holding.callback(told.unlink, missing_ok=True)
                manager.list_kernel_ids()  # it looks into the folder, and takes up what is new there
                kernel = _known(manager, told)
                if kernel is None:
                    return None
                await self._join(kernel, path)
                task = asyncio.create_task(self._watch(kernel, connection, told, holding.pop_all()))
            self._guests[kernel] = task
        else:
            await self._join(kernel, path)
        return kernel

    def _told(self, connection: Path) -> Path:
        """Where the server finds the connection file: a copy, so that only we take it away."""
        manager: Any = self._server.kernel_manager
        if manager.external_connection_dir is None:
            folder = Path(self._server.runtime_dir) / f"workbench-{os.getpid()}"
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            manager.external_connection_dir = str(folder)
        return Path(manager.external_connection_dir) / f"{connection.parent.parent.name}.json"

    async def _join(self, kernel: str, path: str) -> None:
        """One session of the notebook and the kernel: JupyterLab takes it up when it opens the notebook."""
        sessions: Any = self._server.session_manager
        for one in await sessions.list_sessions():
            if one["path"] == path:
                if one["kernel"]["id"] != kernel:
                    await sessions.update_session(one["id"], kernel_id=kernel)
                return
        await sessions.create_session(path=path, name=Path(path).name, type="notebook", kernel_id=kernel)

    async def _watch(self, kernel: str, connection: Path, told: Path, holding: contextlib.ExitStack) -> None:
        """Let go of the kernel once it has ended, or no session has it any more."""
        manager: Any = self._server.kernel_manager
        sessions: Any = self._server.session_manager
        with holding:
            try:
                while connection.exists():
                    await asyncio.sleep(LOOK)
                    if all(one["kernel"]["id"] != kernel for one in await sessions.list_sessions()):
                        break
            finally:
                self._guests.pop(kernel, None)
                manager.kernel_id_to_connection_file.pop(kernel, None)  # before its file goes: it would look for it
                if kernel in manager:
                    manager.remove_kernel(kernel)


def _known(manager: Any, told: Path) -> str | None:
    """The id under which the server knows the kernel of that file."""
    known = ((file, kernel) for kernel, file in manager.kernel_id_to_connection_file.items() if kernel in manager)
    return next((kernel for file, kernel in known if file == told), None)


def _copy(connection: Path, told: Path) -> None:
    try:
        content = connection.read_bytes()
        told.unlink(missing_ok=True)
        with os.fdopen(os.open(told, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise StorageError(
            "WB-DSK-302",
            "cannot hand the kernel over to JupyterLab",
            cause=error.strerror or str(error),
            kept="The kernel is as it was.",
        ) from error
