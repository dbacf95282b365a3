"""The client's part in checkpoints: when one is made, whether one is taken up, and what the cells above it left."""

from __future__ import annotations

import ast
import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat import from_dict

from workbench.execution.checkpoint import namespace, shelf
from workbench.execution.checkpoint.namespace import DONE, REFUSED
from workbench.execution.checkpoint.shelf import Content, Shelf
from workbench.execution.notebook.faults import size as said_size
from workbench.execution.notebook.hearing import HearingClient
from workbench.execution.notebook.outputs import output_of
from workbench.model.errors import StorageError
from workbench.model.events import Kind
from workbench.model.run import CellRun, CellState

TAG = "checkpoint"
"""The tag of a cell after which the variables are saved."""
MODULE = "workbench.execution.checkpoint.namespace"


class CheckpointClient(HearingClient):
    """The part of the client that saves and restores what the notebook has in memory."""

    cell_runs: list[CellRun]
    wait: Callable[..., Any]

    async def keep(self, index: int) -> None:
        """Make a checkpoint after the cell at ``index`` if it is tagged so; what prevents that is told, not raised."""
        cell = self.nb.cells[index]
        if TAG not in cell.metadata.get("tags", []):
            return
        on, told = Shelf(Path(self.order.checkpoints)), dict[str, Any](bytes=None, names=0, left_out={}, error="")
        if not self.order.checkpoints:
            told["error"] = "none are kept on a cluster"
            self._note(index, told)
            return
        try:
            room = self.order.limits.checkpoint
            above = [self.nb.cells[number].source for number in self._ran(index)]
            outside = shelf.outside({**os.environ, **self.order.environment})
            request = {"cells": above, "room": room, "pickle": self.order.pickle, "environment": outside}
            aside = on.lay_out(request)
            answer = await self._evaluate(f"save({str(aside)!r})")
            if answer is None:
                return
            if answer == DONE:
                saved = json.loads((aside / namespace.NAMESPACE).read_text())
                told |= {"names": len(saved["names"]), "left_out": saved["left_out"]}
                told["bytes"] = on.keep(aside, self._content(index))
            else:
                told["error"] = answer
        except StorageError as error:
            told["error"] = str(error)
        self.journal.append(Kind.CHECKPOINT, {"cell": index, **told})
        self._note(index, told)

    async def resume(self, later_from: Callable[[int], None]) -> bool:
        """Take up the newest checkpoint, if it is of use; ``later_from`` is told the first cell that is still to run.

        False when the kernel is of no use any more; then another one has to begin at the top.
        """
        if not self.order.checkpoints:
            return True
        code = [number for number, cell in enumerate(self.nb.cells) if cell.cell_type == "code"]
        found = Shelf(Path(self.order.checkpoints)).find(
            self.order.checkpoint_key, [shelf.digest_of(self.nb.cells[number]) for number in code]
        )
        if isinstance(found, str):
            if found:
                self._tell_resumed(None, found)
            return True
        place, content = found
        above = code[: len(content.cells)]
        answer = await self._restore(place, content, above)
        if answer == DONE:
            self._take_over(content, above)
            self._tell_resumed(above[-1], "")
            later_from(above[-1] + 1)
        elif answer is not None:
            self._tell_resumed(None, answer.removeprefix(REFUSED))
        return answer is None or answer == DONE or answer.startswith(REFUSED)

    async def _restore(self, place: Path, content: Content, above: list[int]) -> str | None:
        later = [cell.source for cell in self.nb.cells[above[-1] + 1 :] if cell.cell_type == "code"]
        ran = [number for number in above if not self._is_skipped(number)]
        counts = {number: count or 0 for number, count in zip(above, content.counts, strict=True)}
        request = {
            "cells": [self.nb.cells[number].source for number in ran],
            "counts": [counts[number] for number in ran],
            "later": later,
            "pickle": self.order.pickle,
        }
        asked = Path(self.order.folder) / "resume.json"
        asked.write_text(json.dumps(request))
        return await self._evaluate(f"restore({str(place)!r}, {str(asked)!r})")

    async def _evaluate(self, call: str) -> str | None:
        """What a function of ours in the kernel gives; None when the attempt is to stop. Raises DeadKernelError."""
        expression = f"__import__({MODULE!r}, fromlist=['save']).{call}"
        asked = self.kc.execute("", silent=True, store_history=False, user_expressions={"workbench": expression})
        reply = asyncio.ensure_future(self.async_wait_for_reply(asked))
        if await self.wait(reply) is not None:
            reply.cancel()
            return None
        answer = reply.result()["content"].get("user_expressions", {}).get("workbench", {})
        if answer.get("status") != "ok":
            return f"{answer.get('ename', 'this kernel knows no checkpoints')}: {answer.get('evalue', '')}".strip(": ")
        return str(ast.literal_eval(answer["data"]["text/plain"]))

    def _content(self, index: int) -> Content:
        code = [number for number in range(index + 1) if self.nb.cells[number].cell_type == "code"]
        cells = [self.nb.cells[number] for number in code]
        place = {number: position for position, number in enumerate(code)}
        events = [replace(event, data={**event.data, "cell": place[event.data["cell"]]}) for event in self.told]
        return Content(
            key=self.order.checkpoint_key,
            index=index,
            cells=tuple(map(shelf.digest_of, cells)),
            outputs=tuple(cell.outputs for cell in cells),
            counts=tuple(cell.execution_count for cell in cells),
            events=tuple(events),
        )

    def _take_over(self, content: Content, above: list[int]) -> None:
        """Let the cells above stand as they were: their outputs, and what they read, wrote and recorded."""
        for event in content.events:
            self.tell(event.kind, {**event.data, "cell": above[event.data["cell"]]})
        if staged := [event.data["dataset"] for event in content.events if event.kind is Kind.STAGED]:
            context = json.loads(self.order.context.read_text())
            self.order.context.write_text(json.dumps({**context, "staged": staged}))
        for number, outputs, count in zip(above, content.outputs, content.counts, strict=True):
            cell = self.nb.cells[number]
            cell.outputs = [from_dict(output) for output in outputs]
            cell.execution_count = count
            self.kept_bytes += len(json.dumps(cell.outputs))
            state = CellState.SKIPPED if self._is_skipped(number) else CellState.RESTORED
            run = self.cell_runs[number] = replace(self.cell_runs[number], state=state)
            data = {"cell": number, "id": run.id, "state": str(state), "seconds": None, "peak_bytes": None}
            self.journal.append(Kind.CELL_ENDED, {**data, "dropped": 0})

    def _tell_resumed(self, cell: int | None, why_not: str) -> None:
        self.journal.append(Kind.RESUMED, {"cell": cell, "why_not": why_not})

    def _ran(self, index: int) -> list[int]:
        """The code cells up to ``index`` that were run or brought back."""
        cells = range(index + 1)
        return [cell for cell in cells if self.nb.cells[cell].cell_type == "code" and not self._is_skipped(cell)]

    def _is_skipped(self, index: int) -> bool:
        return self.skip_cells_with_tag in self.nb.cells[index].metadata.get("tags", [])

    def _note(self, index: int, told: Mapping[str, Any]) -> None:
        """Say of the cell what became of its checkpoint; in its outputs, too, when that lacks something."""
        lacking = ", ".join(f"{name} ({why})" for name, why in told["left_out"].items())
        if told["error"]:
            text = f"no checkpoint was made: {told['error']}"
        else:
            text = f"checkpoint of {said_size(told['bytes'])}" + (f", without {lacking}" if lacking else "")
        self.cell_runs[index] = replace(self.cell_runs[index], note=text)
        if told["error"] or lacking:
            line = text[0].upper() + text[1:] + "\n"
            self.nb.cells[index].outputs.append(output_of("stream", name="stderr", text=line))
