"""Hearing what a kernel says: outputs into the notebook and the journal, events of ours into the journal alone."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.jsonutil import extract_dates
from jupyter_client.session import DELIM as DELIMITER
from jupyter_client.session import Session
from nbclient.exceptions import CellExecutionComplete
from nbclient.output_widget import OutputWidget
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient

from workbench.execution.journal import Journal
from workbench.execution.notebook import abridge
from workbench.execution.notebook.abridge import Cut, TooLarge
from workbench.execution.notebook.outputs import CellOutputs
from workbench.execution.order import Order
from workbench.model.events import EVENT_MIME, Event, Kind

KERNEL_KINDS = frozenset({Kind.READ, Kind.STAGED, Kind.CHECKED, Kind.METRIC, Kind.RECORD})
"""What a kernel may tell; all else is told by us."""
OUTPUTS = frozenset({"stream", "display_data", "execute_result", "error", "update_display_data", "clear_output"})
"""Messages that put something out, or take it back."""
LEAST = 100_000
"""Bytes that every cell may put out, also when those before it used up what the notebook may have."""
BREATH = 0.05
"""Seconds after which a kernel that never stops talking lets other things happen here: time, signals, its death."""


class HearingClient(PapermillNotebookClient):  # type: ignore[misc]
    """The half of the client that listens; ``hear`` begins a cell, ``heard`` ends it."""

    kc: Any

    def __init__(self, manager: Any, order: Order, journal: Journal, **traits: Any) -> None:
        super().__init__(manager, **traits)
        self.widget_registry = {"@jupyter-widgets/output": {"OutputModel": CapturingWidget}}
        self.order = order
        self.journal = journal
        self.room = 0
        self._begun: asyncio.Future[None]
        self._outputs = CellOutputs(0, lambda output: None)
        self._showing: dict[str, list[CellOutputs]] = {}
        self.kept_bytes = 0
        self.told: list[Event] = []
        self._widgets: dict[str, int] = {}

    def hear(self, index: int) -> None:
        """From now on, what comes is of the cell at ``index``."""
        limits = self.order.limits
        left = max(LEAST, limits.notebook_output - self.kept_bytes)
        self._begun = asyncio.get_running_loop().create_future()
        self.room = min(limits.cell_output, left)
        self._outputs = CellOutputs(self.room, partial(self._put_out, index))

    def heard(self, index: int) -> int:
        """Give the cell its outputs; the bytes that were dropped of them."""
        self.nb.cells[index].outputs = self._outputs.close()
        self.kept_bytes += self._outputs.size
        return self._outputs.dropped

    def tell(self, kind: Kind, data: Mapping[str, Any]) -> None:
        """Journal what the notebook read, wrote or recorded; ``told`` has it all."""
        self.told.append(self.journal.append(kind, data))

    def _put_out(self, index: int, output: NotebookNode) -> None:
        self.journal.append(Kind.OUTPUT, {"cell": index, "output": output})

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: NotebookNode, cell_index: int) -> None:
        """See nbclient, whose own one parses everything whole and may never let anything else happen."""
        socket, session, loop = self.kc.iopub_channel.socket, self.kc.session, asyncio.get_running_loop()
        breathed = loop.time()
        while True:
            frames = await socket.recv_multipart()
            message = opened(session, frames, parent_msg_id, self.room)
            del frames
            if message is not None:
                try:
                    self.process_message(message, cell, cell_index)
                except CellExecutionComplete:
                    return
            if loop.time() - breathed > BREATH:
                await asyncio.sleep(0)
                breathed = loop.time()

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """See nbclient, whose own one keeps everything."""
        kind, content = msg["msg_type"], msg["content"]
        if kind == "execute_input" and not self._begun.done():
            self._begun.set_result(None)
        captured = kind in OUTPUTS and self.output_hook_stack.get(msg["parent_header"].get("msg_id"))
        if kind.startswith("comm") and not self._has_room(msg):
            return None
        if captured or kind not in OUTPUTS:
            return super().process_message(msg, cell, cell_index)
        if "execution_count" in content:
            cell["execution_count"] = content["execution_count"]
        if "data" in content and not (content := self._without_event(content, cell_index))["data"]:
            return None
        if display := (content.get("transient") or {}).get("display_id", ""):
            shown = self._showing.setdefault(display, [])
            for outputs in shown:
                if outputs is not self._outputs:
                    outputs.take("update_display_data", content, msg["size"])
            if self._outputs not in shown:
                shown.append(self._outputs)
        self._outputs.take(kind, content, msg["size"])
        return None

    def _without_event(self, content: Mapping[str, Any], index: int) -> Mapping[str, Any]:
        """The content of an output without the event of ours that it may carry, which goes to the journal."""
        carried = content["data"].get(EVENT_MIME)
        if carried is None:
            return content
        if isinstance(carried, dict) and carried.get("kind") in KERNEL_KINDS:
            self.tell(Kind(carried["kind"]), {**carried.get("data", {}), "cell": index})
        return {**content, "data": {mime: value for mime, value in content["data"].items() if mime != EVENT_MIME}}

    def _has_room(self, msg: Mapping[str, Any]) -> bool:
        """Whether the notebook can keep what a widget holds: the largest message of each counts."""
        widget = str(msg["content"].get("comm_id"))
        before = self._widgets.get(widget, 0)
        size = max(before, msg["size"])
        if sum(self._widgets.values()) - before + size > self.order.limits.notebook_output:
            self._outputs.dropped += msg["size"]
            return False
        self._widgets[widget] = size
        return True


class CapturingWidget(OutputWidget):
    """An ``Output`` widget, which takes the outputs of a cell while it captures, as many as a cell may have.

    nbclient's own one sends all it has to the kernel again with each output, until kernel and client are both full.
    """

    def __init__(self, comm_id: str, state: dict[str, Any], kernel_client: Any, executor: HearingClient) -> None:
        super().__init__(comm_id, state, kernel_client, executor)
        self._kept = CellOutputs(executor.room, lambda output: None)

    def output(self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int) -> None:
        """Keep an output; nobody is told before capturing is over."""
        self.parent_header = msg["parent_header"]
        self._kept.take(msg["msg_type"], msg["content"], msg["size"])

    def clear_output(self, outs: list[NotebookNode], msg: dict[str, Any], cell_index: int) -> None:
        """Forget what was captured."""
        self.output(outs, msg, None, cell_index)

    def set_state(self, state: dict[str, Any]) -> None:
        """Begin to capture, or end it: then the kernel and the notebook get what there is."""
        super().set_state(state)
        if "msg_id" in state and not state["msg_id"] and hasattr(self, "parent_header"):
            self.outputs = self._kept.nodes()
            self.executor.widget_state[self.comm_id]["outputs"] = self.outputs
            self.sync_state()

    def sync_state(self) -> None:
        """Let the kernel have what was captured.

        nbclient would send it behind the back of asyncio, which then may wait for ever for a reply that is there.
        """
        session, channel = self.kernel_client.session, self.kernel_client.shell_channel
        content = {"comm_id": self.comm_id, "data": {"method": "update", "state": {"outputs": self.outputs}}}
        message = session.msg("comm_msg", content=content, parent=self.parent_header)
        channel.socket.send_multipart(session.serialize(message))


class Ear(AsyncKernelClient):
    """A client whose sockets take in what comes: at a thousand messages unread, a kernel would begin to drop others."""

    def _context_default(self) -> Any:
        context = super()._context_default()
        context.rcvhwm = 0  # no limit
        return context


def opened(session: Session, frames: list[bytes], parent: str, room: int) -> dict[str, Any] | None:
    """The message in ``frames``, when it is an answer to ``parent``; an output larger than ``room`` is abridged.

    Takes a third of the time of ``session.deserialize``, which matters for those who print without end. Raises
    ValueError when it is not signed with the key of the kernel.
    """
    start = frames.index(DELIMITER) + 1
    signature, *signed = frames[start : start + 5]
    if session.auth is not None and not hmac.compare_digest(signature, session.sign(signed)):
        raise ValueError("a message without a valid signature")
    parent_header = json.loads(signed[1])
    if parent_header.get("msg_id") != parent:
        return None
    header = json.loads(signed[0])
    kind = header["msg_type"]
    return {
        "header": header if kind in OUTPUTS else extract_dates(header),
        "msg_id": header["msg_id"],
        "msg_type": kind,
        "parent_header": parent_header,
        "metadata": json.loads(signed[2]),
        "content": read(kind, signed[3], room),
        "buffers": [memoryview(frame) for frame in frames[start + 5 :]],
        "size": sum(map(len, frames)),
    }


def read(kind: str, content: bytes, room: int) -> dict[str, Any]:
    """The content of a message; in an output of more than ``room`` bytes, what is larger than that is abridged."""
    if len(content) <= room or kind not in OUTPUTS or kind == "error":
        return dict(json.loads(content))
    found: dict[str, Any] = {}
    for name, start, end in abridge.members(content):
        if name == "data" and content[start : start + 1] == b"{":
            found[name] = {
                mime: abridge.value(content, first, last, last - first if mime == EVENT_MIME else room)
                for mime, first, last in abridge.members(content, start)
            }
        else:
            value = abridge.value(content, start, end, room)
            usable = name == "text" or not isinstance(value, Cut | TooLarge)
            found[name] = value if usable else {}
    return found
