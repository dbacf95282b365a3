"""The one handler of the API: it knows who asks, whether they may, and turns whatever goes wrong into a problem.

Nothing here is public. Answers are made in threads, so that Jupyter's loop goes on.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, cast

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.utils import ensure_async
from tornado.web import HTTPError, authenticated, stream_request_body

from workbench.model.errors import Denied, InternalError, UsageError, WorkbenchError
from workbench.ui.server.page import Page, Script

if TYPE_CHECKING:
    from workbench.ui.server.desk import Desk

LARGEST_BODY = 1_000_000
"""Bytes of a request; the answers are longer."""
RESOURCE = "workbench"
"""What an authorizer is asked about, with ``read`` or ``write``."""
_log = logging.getLogger("workbench.server")


@stream_request_body
class WorkbenchHandler(APIHandler):
    """Everything under ``workbench/api``."""

    auth_resource = RESOURCE

    def initialize(self, desk: Desk) -> None:
        self.desk = desk
        self._sent = bytearray()
        self._too_large = False

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse whoever is not known, comes from a foreign page, or sends more than anything here takes."""
        try:
            await cast(Awaitable[None], JupyterHandler.prepare(self))
        except HTTPError as error:
            raise self._refused(error) from None
        if self.current_user is None and self.request.method != "OPTIONS":
            raise self._unknown()
        if not self.check_origin():
            raise Denied(
                "WB-WEB-809",
                f"the page at {self.request.headers.get('Origin', '')!a} may not ask this server",
                cause="it was not served by it",
                next="allow it by ServerApp.allow_origin, if it is yours",
            )
        self._too_large = int(self.request.headers.get("Content-Length") or 0) > LARGEST_BODY

    def data_received(self, chunk: bytes) -> None:
        """Keep the body as it comes; one that is too large is let pass by, so that its sender can hear of it."""
        if len(self._sent) + len(chunk) > LARGEST_BODY:
            self._too_large = True
        if not self._too_large:
            self._sent += chunk

    @authenticated
    async def get(self, path: str) -> None:
        """Answer a question."""
        await self._answer()

    @authenticated
    async def post(self, path: str) -> None:
        """Do something, or answer a question that needs a document."""
        await self._answer()

    @authenticated
    async def head(self, path: str) -> None:
        await self._answer()

    @authenticated
    async def put(self, path: str) -> None:
        await self._answer()

    @authenticated
    async def patch(self, path: str) -> None:
        await self._answer()

    @authenticated
    async def delete(self, path: str) -> None:
        await self._answer()

    @allow_unauthenticated
    def options(self, *path: str) -> None:
        """What a browser asks before a page from elsewhere may: only where the server lets such pages in at all."""
        if not (self.allow_origin or self.allow_origin_pat):
            raise self._unknown()
        super().options(*path)

    async def _answer(self) -> None:
        """Find the route, ask whether it is allowed, then let it be answered in a thread."""
        if self._too_large:
            raise UsageError("WB-WEB-806", "the body is too large", cause=f"it may have {LARGEST_BODY:,} bytes")
        path = self.request.path.partition("/workbench/api")[2]
        query = {name: [_text(value) for value in given] for name, given in self.request.query_arguments.items()}
        query.pop("token", None)  # one way in which Jupyter lets people identify themselves
        document = await asyncio.to_thread(self._document) if self._sent else None
        route, found = await self.desk.find(self.request.method or "GET", path)
        if not await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, route.action, self.auth_resource)
        ):
            raise Denied("WB-WEB-808", f"you may not {route.action} here", next="ask whoever runs this server")
        answer = await self.desk.answer(route, found, query, document)
        self.set_status(route.status)
        if isinstance(answer, Page):
            self.set_header("Content-Security-Policy", "sandbox allow-scripts allow-popups; frame-ancestors 'self'")
            self.finish(answer.html, set_content_type="text/html; charset=utf-8")
        elif isinstance(answer, Script):
            self.set_header("Cache-Control", "private, max-age=86400")
            self.finish(answer.text, set_content_type="text/javascript; charset=utf-8")
        else:
            self.finish(answer)

    def _document(self) -> Any:
        """The body as JSON. Raises UsageError (WB-WEB-805)."""
        try:
            return json.loads(self._sent.decode("utf-8"), parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise UsageError("WB-WEB-805", "the body is no JSON document", next="send UTF-8 text as JSON") from None

    # -- how errors look -----------------------------------------------------------------------------------------

    def write_error(self, status_code: int, **told: Any) -> None:
        """A problem document, whatever it was; a traceback goes to the log alone."""
        from workbench.ui.server import problems

        raised = told.get("exc_info", (None, None, None))[1]
        error = raised if isinstance(raised, WorkbenchError) else self._explained(status_code, raised)
        self.set_status(problems.status(error) if status_code >= 500 else status_code)
        self.finish(json.dumps(problems.problem(error)), set_content_type=problems.MEDIA_TYPE)

    def log_exception(self, *told: Any) -> None:
        """Only what nobody foresaw is worth a traceback."""
        if not isinstance(told[1], WorkbenchError):
            super().log_exception(*told)

    def _explained(self, status: int, raised: BaseException | None) -> WorkbenchError:
        if isinstance(raised, HTTPError):
            return self._refused(raised)
        return InternalError(
            "WB-INT-999",
            f"{type(raised).__name__} while answering",
            cause="a fault of ours",
            kept="What was published before is unchanged.",
            next="look into the log of the server, and report it",
        )

    def _refused(self, error: HTTPError) -> WorkbenchError:
        """What Jupyter's own server refuses."""
        if error.status_code in (401, 403) and self.current_user is None:
            return self._unknown()
        said = error.log_message or error.reason or "it says no more"
        kind = Denied if error.status_code in (401, 403) else UsageError
        return kind("WB-WEB-810", "the Jupyter server refuses this", cause=said)

    def _unknown(self) -> WorkbenchError:
        return Denied(
            "WB-WEB-807",
            "this server does not know you",
            cause="the request brings no token, or a wrong one",
            next="log in to Jupyter, or send the header Authorization: token …",
        )

    # -- what Jupyter's handlers do otherwise --------------------------------------------------------------------

    def skip_check_origin(self) -> bool:
        """A token does not make a page from elsewhere welcome."""
        return False

    def set_cors_headers(self) -> None:
        """Tell browsers of other origins only where the server allows such."""
        if self.allow_origin or self.allow_origin_pat:
            super().set_cors_headers()

    def set_default_headers(self) -> None:
        """Nothing here is to be kept by anybody on the way."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("WB-WEB-804", "the address is no UTF-8 text") from None


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
