"""An extension of Jupyter's server that measures how late its loop is: ``GET lag`` tells, and begins anew."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado.web import authenticated

PAUSE = 0.005
_late: list[float] = []


class Lag(APIHandler):  # type: ignore[misc,unused-ignore]
    """Seconds by which the loop came late, one for each look since the last question."""

    @authenticated
    def get(self) -> None:
        told, _late[:] = list(_late), []
        self.finish(json.dumps(told))


async def _measure() -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(PAUSE)
        _late.append(time.perf_counter() - before - PAUSE)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "lag_probe"}]


def _load_jupyter_server_extension(server: Any) -> None:
    server.web_app.add_handlers(".*$", [(r"/lag", Lag)])
    server.io_loop.add_callback(_measure)
