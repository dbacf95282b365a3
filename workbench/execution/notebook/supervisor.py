"""Carries out one attempt in this process: papermill with our engine, the journal, the executed notebook."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode, from_dict
from papermill.engines import papermill_engines

from workbench import durable, failpoints
from workbench.execution.journal import Journal, now
from workbench.execution.notebook import engine, faults
from workbench.execution.notebook.faults import Fault
from workbench.execution.notebook.stopping import Stop
from workbench.execution.order import Order
from workbench.model.errors import WorkbenchError
from workbench.model.events import Event, Kind
from workbench.model.plain import to_plain
from workbench.model.run import Cause, CellRun, CellState


def carry_out(
    order: Order, listener: Callable[[Event], None], stop: Stop, seat: engine.ReadyKernel | None = None
) -> engine.Client | None:
    """Run the notebook of ``order`` to its end, whatever that is; the last event tells which.

    The executed notebook is written once, also when the step failed. ``stop`` is heard at any moment, and counts the
    time of the step; ``seat`` holds a kernel that is ready. Never raises for what a notebook does. Gives the client,
    whose kernel is on its way out: ``leave`` waits for that.
    """
    engine.register()
    journal = Journal(order.journal, listener)
    clients: list[engine.Client] = []

    def finished(client: engine.Client) -> None:
        clients.append(client)
        _write(order, client)

    fault: Fault | None = None
    try:
        failpoints.reach("supervisor.begun")
        notebook = from_dict(json.loads(order.source.read_text(encoding="utf-8")))
        notebook.metadata["papermill"] = NotebookNode()
        journal.append(
            Kind.ATTEMPT_STARTED,
            {"step": order.step, "notebook": order.notebook, "cells": len(notebook.cells)},
        )
        # papermill.execute_notebook would parse, check and write the notebook several times more around this call
        papermill_engines.execute_notebook_with_engine(
            "workbench", notebook, order.kernel, order=order, journal=journal, stop=stop, finished=finished, seat=seat
        )
        fault = clients[0].fault
    except WorkbenchError as error:
        fault = Fault(error, Cause.STORAGE)
    except Exception as error:
        fault = faults.unforeseen(order, error)
    finally:
        cells = clients[0].cell_runs if clients else []
        data = {"cells": to_plain(cells), **_told(fault)}
        try:
            journal.append(Kind.ATTEMPT_ENDED, data)
        except WorkbenchError as error:
            listener(Event(0, now(), Kind.ATTEMPT_ENDED, {**data, **_told(Fault(error, Cause.STORAGE))}))
        journal.close()
    return clients[0] if clients else None


def _told(fault: Fault | None) -> dict[str, Any]:
    return {"error": fault and fault.error.as_dict(), "cause": fault.cause if fault else ""}


def _write(order: Order, client: engine.Client) -> None:
    """Write the executed notebook, stamped with where it comes from and with the cell that failed marked."""
    notebook, error = client.nb, client.fault and client.fault.error
    notebook.metadata.pop("papermill", None)
    state = "failed" if error else "succeeded"
    notebook.metadata["workbench"] = {**order.stamp, "state": state, "finished_at": now()}
    for cell, run in zip(notebook.cells, client.cell_runs, strict=True):
        cell.metadata.pop("papermill", None)
        if cell.cell_type == "code":
            cell.metadata["workbench"] = _cell_stamp(run)
        if error and run.state in (CellState.FAILED, CellState.LOST):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "failed"]
            cell.outputs.append(nbformat.v4.new_output("stream", name="stderr", text=f"{error}\n"))
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    # half a character, as JSON escapes it, where a cell printed one
    durable.write_text(order.output, text.encode("utf-8", "backslashreplace").decode())
    failpoints.reach("notebook.written")


def _cell_stamp(run: CellRun) -> Mapping[str, Any]:
    return {key: value for key, value in to_plain(run).items() if key not in ("index", "id") and value is not None}
