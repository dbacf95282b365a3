"""A project of its own for one test: the notebooks and modules of the real one, and nothing of its data."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.config import Config
from workbench.model.delivery import Environment
from workbench.model.location import Location
from workbench.model.pipeline import Pipeline
from workbench.model.run import Run
from workbench.pipeline.planner import Request
from workbench.plugins import Hooks, driver
from workbench.project import Project
from workbench.store.transaction import Store

if TYPE_CHECKING:
    import pluggy

    from workbench.execution.executor import Demand, Executor, Handle
    from workbench.execution.order import Order

ENVIRONMENT = "test"


class Shared:
    """One executor for many tests at once; ``stop`` asks all that runs of them to end."""

    def __init__(self, name: str, config: Config) -> None:
        self.name = name
        self._executor: Executor = driver("executor", name)(config)
        self._turn = threading.Lock()
        self._going: list[Handle] = []
        self._stopped = False

    def warm_up(self, demand: Demand | None = None) -> None:
        with self._turn:
            self._executor.warm_up(*([demand] if demand else []))

    def start(self, order: Order) -> Handle:
        with self._turn:
            handle = self._executor.start(order)
            self._going = [*(each for each in self._going if not each.finished), handle]
            if self._stopped:
                handle.cancel()
            return handle

    def settle(self) -> None:
        with self._turn:
            self._executor.settle()

    def stop(self) -> None:
        """Cancel what runs, and what is started from now on."""
        with self._turn:
            self._stopped = True
            for handle in self._going:
                if not handle.finished:
                    handle.cancel()

    def close(self) -> None:
        """Nothing: the tests after this one use it too; see ``end``."""

    def end(self) -> None:
        """End what it has ready."""
        self._executor.close()


class Scratch(Project):
    """A project whose state, data and environment are a folder of its own; nobody listens to its runs."""

    def __init__(self, config: Config, store: Store, executor: Shared) -> None:
        super().__init__(config, store)
        self._executors[executor.name] = executor
        self._shared = executor

    @cached_property
    def hooks(self) -> pluggy.PluginManager:
        """No checks, no reports, no notifications: a test asks what a step makes, not whether the data is good."""
        import pluggy

        manager = pluggy.PluginManager("workbench")
        manager.add_hookspecs(Hooks)
        return manager

    def carry_out(self, pipeline: Pipeline) -> Run:
        """Run all steps of a pipeline, whatever ran before. Raises what ``Project.plan`` raises."""
        plan = self.plans.of(pipeline, Request(force=True), ENVIRONMENT)
        return self.run(plan, executor=self._shared.name, max_parallel=1)


@contextmanager
def scratch(config: Config, folder: Path, executor: Shared, blank: Path | None = None) -> Iterator[Scratch]:
    """A scratch project in ``folder``, closed with the block; ``blank`` is an empty store to begin with."""
    folder.mkdir(parents=True, exist_ok=True)
    if blank is not None:
        shutil.copyfile(blank, folder / "store.db")
    url = f"sqlite:///{(folder / 'store.db').as_posix()}"
    changed: dict[str, Any] = {
        "state": folder,
        "warehouse": Location.of(folder / "warehouse"),
        "store": url,
        "catalog": f"sqlite:///{(folder / 'catalog.db').as_posix()}",
        "environments": (Environment(ENVIRONMENT),),
        "default_environment": ENVIRONMENT,
        "interactive_environment": ENVIRONMENT,
    }
    with Scratch(replace(config, **changed), Store.open(url), executor) as project:
        yield project


def blank_store(folder: Path) -> Path:
    """An empty store, made once and copied for every test."""
    path = folder / "blank.db"
    Store.open(f"sqlite:///{path.as_posix()}").close()
    return path
