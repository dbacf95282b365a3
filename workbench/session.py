"""The project as a kernel outside a run sees it: reads are resolved, writes are checked and published at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from workbench.data.inputs import as_input, as_of_snapshot
from workbench.files import reach
from workbench.model.dataset import Input, Read, StagedWrite
from workbench.model.errors import NotFound, Withheld, did_you_mean
from workbench.model.events import Kind
from workbench.model.location import Location
from workbench.model.plain import from_plain
from workbench.model.run import Finished, State
from workbench.project import Project


class ProjectSession:
    """What ``wb.read`` and the others do in a notebook opened by hand, or in a script.

    Reads and writes use the project's interactive environment. A write counts as made from all that was read before it.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._environment = project.config.interactive_environment
        self._reads: dict[tuple[str, int], Read] = {}

    @classmethod
    def open(cls) -> Self:
        """The session of the project around the working directory. Raises NotFound (WB-CFG-601)."""
        return cls(Project.open())

    @cached_property
    def warehouse(self) -> Location:
        """Where data files are staged."""
        return reach(self._project.config.warehouse)

    @property
    def known(self) -> Sequence[str]:
        """The datasets that have data here."""
        return tuple(sorted(self._current()))

    def resolve(self, dataset: str, as_of: int | str | datetime | None) -> Input:
        """The snapshot to read: the current one, or what ``as_of`` names.

        Raises NotFound (WB-DAT-330 no such dataset, WB-DAT-341 no such snapshot), UsageError (WB-DAT-332).
        """
        current = self._current()
        if dataset not in current:
            raise NotFound(
                "WB-DAT-330",
                f"there is no dataset {dataset} in {self._environment}",
                cause=did_you_mean(dataset, current).strip(),
                next="wb catalog search",
            )
        with self._project.store.reading() as transaction:
            if as_of is None:
                return as_input(transaction.datasets.snapshot(current[dataset]))
            snapshots = transaction.datasets.snapshots(dataset)
        return as_input(as_of_snapshot(snapshots, dataset, as_of))

    def allow_write(self, dataset: str) -> None:
        """Everything may be written here."""

    def tell(self, kind: Kind, data: Mapping[str, Any], text: str) -> None:
        """Remember what was read; print what people want to see."""
        if kind is Kind.READ:
            read = from_plain(Read, data)
            self._reads[read.dataset, read.snapshot] = read
        elif text:
            _say(text)

    def staged(self, write: StagedWrite) -> None:
        """Check and publish a write. Raises Withheld (WB-CHK-701), Conflict (WB-DAT-320)."""
        finished = Finished(
            environment=self._environment,
            actor=self._project.actor,
            staged=(write,),
            reads=tuple(self._reads.values()),
            inputs={},
        )
        result = self._project.publisher.publish(finished)
        if result.state is State.WITHHELD and result.error is not None:
            raise Withheld(**result.error)
        for snapshot in result.snapshots:
            _say(f"{snapshot.dataset}: version {snapshot.version}, {snapshot.rows:,} rows, in {self._environment}")
        for dataset in result.unchanged:
            _say(f"{dataset}: unchanged, in {self._environment}")

    def _current(self) -> Mapping[str, int]:
        with self._project.store.reading() as transaction:
            return self._project.environments.pointers(transaction, self._environment)


def _say(text: str) -> None:
    print(text)  # noqa: T201  what a cell prints is its output
