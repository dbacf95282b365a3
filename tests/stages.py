"""A project that many runs happen in, one token after another; the two outputs of its pipeline belong together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from forks import Forked, Forks
from invariants import faults
from projects import lay_out, notebook
from runners import LOG, until

from workbench.data import query
from workbench.model.run import AttemptState, State
from workbench.project import Project

PAIR = """
name: pair
parameters: {token: {type: int}, waits: {type: bool, default: false}, seconds: {type: float, default: 0}}
steps: {twins: {notebook: notebooks/twins.ipynb, report: {title: Twins}}}
"""
IMPORTS = "import pyarrow as pa, workbench as wb"
TWINS = notebook(
    "#md # Twins",
    f"{IMPORTS}\nimport time\nfrom pathlib import Path",
    'table = pa.table({"token": [token] * 10})\nwb.write(table, "pair.left", mode="overwrite")',
    """
    Path(f"../wrote-{token}").touch()
    while waits and not Path(f"../go-{token}").exists():
        time.sleep(0.02)
    time.sleep(seconds)
    """,
    'wb.write(table, "pair.right", mode="overwrite")',
    parameters="token: int\nwaits: bool = False\nseconds: float = 0",
)
CHECKED = """
name: checked
parameters: {token: {type: int}, rows: {type: int, default: 1}}
steps: {once: notebooks/once.ipynb}
"""
ONCE = notebook(
    IMPORTS,
    'wb.write(pa.table({"token": [token] * rows}), "kept.once", mode="overwrite")',
    parameters="token: int\nrows: int = 1",
)
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: kept-once
version: 1.0.0
status: active
schema:
  - name: kept.once
    properties: [{name: token, logicalType: integer, unique: true}]
"""
FILES = {
    "workbench.toml": 'name = "tested"\n[run]\nlease = "4s"\nmax_parallel = 2\n',
    "contracts/kept.once.odcs.yaml": CONTRACT,
}
WAITS = ("-p", "waits=true")
"""Parameters of a run of ``pair`` that waits between its outputs; see ``Stage.reached``."""
TOO_MANY = ("-p", "rows=2")
"""Parameters of a run of ``checked`` that its contract withholds."""


class Stage:
    """The project in ``root``; commands are typed by ``forks``."""

    def __init__(
        self,
        root: Path,
        forks: Forks,
        pipelines: Mapping[str, str] = MappingProxyType({}),
        notebooks: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        all_pipelines = {"pair": PAIR, "checked": CHECKED, **pipelines}
        self.root = lay_out(root, all_pipelines, {"twins": TWINS, "once": ONCE, **notebooks}, FILES)
        self.token = 0
        self.forks = forks

    def next(self) -> int:
        """A token that no run had before."""
        self.token += 1
        return self.token

    def begin(self, *command: str, **more: str) -> Forked:
        """Type a command; see ``Forks.type``."""
        return self.forks.type(self.root, *command, **more)

    def run(self, pipeline: str, *given: str) -> tuple[str, ...]:
        """The command that runs a pipeline for the token of now."""
        return ("run", pipeline, "-p", f"token={self.token}", *given, "--json")

    def reached(self) -> None:
        """Wait until the run that waits has staged its first output."""
        until(lambda: (self.root / f"wrote-{self.token}").exists())

    def go(self) -> None:
        """Let it go on."""
        (self.root / f"go-{self.token}").touch()

    def outlast_lease(self) -> None:
        """Wait until the last run is not held any more, which whoever opens the project then sees."""
        until(lambda: self.state() is State.LOST)

    def state(self) -> State:
        """The state of the last run."""
        with Project.open(self.root) as project:
            return project.runs.get("last").state

    def ends(self) -> dict[str, AttemptState]:
        """The attempts of the last run that are over, and how they ended; none of that may ever change."""
        with Project.open(self.root) as project:
            run = project.runs.get("last")
        attempts = [attempt for step in run.steps for attempt in step.attempts]
        return {attempt.id: attempt.state for attempt in attempts if attempt.state.final}

    def tokens(self, dataset: str) -> set[int]:
        """Whose content is current."""
        with Project.open(self.root) as project:
            return set(query.read(project.resolve("prod", [dataset])[dataset]).token)

    def faults(self) -> list[str]:
        """What is wrong once nothing goes on any more."""
        return [*self.forks.left_after(10.0, self.root), *faults(self.root)]

    def said(self) -> str:
        """The end of what the commands said."""
        return (self.root / LOG).read_text()[-1500:]
