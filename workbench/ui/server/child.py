"""The process of a run that the server began: it reads its order from standard input, and ends as the run does."""

from __future__ import annotations

import json
import signal
import sys
from typing import Any

from workbench.model.errors import InternalError, Interrupted, WorkbenchError
from workbench.model.run import Origin
from workbench.project import Project
from workbench.ui import codec
from workbench.ui.cli.exits import exit_code
from workbench.ui.server.begin import planned_trial


def main(root: str, order: dict[str, Any]) -> int:
    """Carry out an order; the error that it could not begin for goes to standard output, as ``--json`` has it."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Project.open(root) as project:
            if "repair" in order:
                return exit_code(project.repair(order["repair"], executor=order["executor"]))
            if "trial" in order:
                plan = planned_trial(project, order["trial"])
                return exit_code(project.run(plan, origin=Origin(run=order["run"])))
            plan = project.plan(
                order["target"],
                order["parameters"],
                environment=order["environment"],
                force=order["force"],
                select=order["select"],
            )
            return exit_code(project.run(plan, executor=order["executor"], origin=Origin(run=order["run"])))
    except KeyboardInterrupt:
        error: WorkbenchError = Interrupted("WB-RUN-190", "stopped", cause="it was asked to end")
    except WorkbenchError as raised:
        error = raised
    except Exception as raised:
        error = InternalError("WB-INT-999", f"{type(raised).__name__} while beginning a run", cause=str(raised))
    print(json.dumps(codec.error(error)))
    return error.exit_code


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], json.load(sys.stdin)))
