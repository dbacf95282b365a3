"""Plans, as a project asks for them: what would run, for one partition or for many, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from workbench.config import Config
from workbench.model.dataset import Input, Snapshot
from workbench.model.matrix import Latest, Matrix
from workbench.model.pipeline import Pipeline
from workbench.model.plan import Fingerprint, Plan, PlannedStep
from workbench.pipeline import backfill, planner, spec
from workbench.pipeline.backfill import Dimensions, Only
from workbench.pipeline.deciding import Standing
from workbench.pipeline.graph import StepGraph, build
from workbench.pipeline.history import History
from workbench.pipeline.inputs import Inputs
from workbench.pipeline.planner import Request
from workbench.pipeline.reader import Reader
from workbench.pipeline.sketch import Sketch, sketch
from workbench.store.transaction import Store, Transaction

Pointers = Callable[[Transaction, str], Mapping[str, int]]
"""``(transaction, environment)`` → dataset → the snapshot that is current there."""


class PlanService:
    """The plans of a project. ``as_input`` makes a snapshot what a step is given to read."""

    def __init__(self, store: Store, config: Config, pointers: Pointers, as_input: Callable[[Snapshot], Input]) -> None:
        self._store = store
        self._config = config
        self._pointers = pointers
        self._as_input = as_input
        self._inputs = Inputs()

    def make(self, target: str, request: Request, environment: str) -> Plan:
        """The plan for a pipeline by its name, or for a notebook by its path. Raises as ``Project.plan`` does."""
        root = self._config.root
        pipeline = spec.single(root, target) if target.endswith(".ipynb") else spec.load_pipeline(root, target)
        return self.of(pipeline, request, environment)

    def of(self, pipeline: Pipeline, request: Request, environment: str) -> Plan:
        """The plan for a pipeline that need not stand in a file. Raises as ``make`` does."""
        root = self._config.root
        with self._reading() as reader:
            material = planner.read(root, pipeline, reader)
            with self._standing(pipeline.name, environment) as standing:
                return planner.plan(material, request, standing)

    def graph(self, pipeline: str) -> StepGraph:
        """How the steps of a pipeline hang together, as its file and notebooks tell; no data need be there yet.

        Raises NotFound, SpecError, NotebookError, ParameterError, GraphError.
        """
        found = spec.load_pipeline(self._config.root, pipeline)
        with self._reading() as reader:
            notebooks = planner.read(self._config.root, found, reader).notebooks
        with self._store.reading() as transaction:
            known = transaction.datasets.names()
        return build(found, notebooks, known)

    def sketch(self, pipeline: str, text: str) -> Sketch:
        """What ``text`` would be as the file of a pipeline; it need not be saved, nor be without faults."""
        with self._store.reading() as transaction:
            known = transaction.datasets.names()
        with self._reading() as reader:
            return sketch(text, f"{spec.FOLDER}/{pipeline}.yaml", pipeline, reader.notebook, known)

    def expand(self, plan: Plan, step: PlannedStep, values: Mapping[str, Mapping[str, Any]]) -> tuple[PlannedStep, ...]:
        """The instances of a step of ``plan`` with an open fan; see ``planner.expand``."""
        with self._standing(plan.pipeline, plan.environment) as standing:
            return planner.expand(self._config.root, step, values, standing)

    def settled(self, step: PlannedStep, inputs: Mapping[str, Input]) -> Fingerprint:
        """The fingerprint of a planned step with its inputs as they are now."""
        return self._inputs.settled(step, inputs)

    def spread(self, pipeline: str, over: Mapping[str, str], only: Only, request: Request, environment: str) -> Request:
        """``request``, spread over the partitions whose ranges ``over`` gives as typed, as far as ``only`` means them.

        Raises UsageError (WB-PIP-640, 641).
        """
        found = spec.load_pipeline(self._config.root, pipeline)
        wanted = backfill.spread(found, over, request.given, datetime.now(UTC))
        places = None
        if only is not Only.ALL:
            known, latest = self._squares(found, environment)
            places = backfill.places(wanted, known, latest, only)
        return Request(request.given, wanted, places, request.select, request.force)

    def matrix(self, pipeline: str, over: Mapping[str, str], environment: str) -> Matrix:
        """What became of each step in each partition last; ``over`` narrows it. Raises as ``Project.matrix`` does."""
        found = spec.load_pipeline(self._config.root, pipeline)
        now = datetime.now(UTC)
        wanted = backfill.spread(found, over, (), now)
        known, latest = self._squares(found, environment)
        return backfill.matrix(found, environment, known, latest, wanted, now)

    def _squares(self, pipeline: Pipeline, environment: str) -> tuple[Dimensions, Sequence[Latest]]:
        """The partitions that each step of a pipeline knows, and what became of each instance last."""
        with self._reading() as reader:
            notebooks = planner.read(self._config.root, pipeline, reader).notebooks
        with self._store.reading() as transaction:
            latest = transaction.successes.states(pipeline.name, environment)
        return backfill.dimensions(pipeline, notebooks), latest

    @contextmanager
    def _reading(self) -> Iterator[Reader]:
        """A reader that keeps what it read when the block ends well."""
        reader = Reader(self._config.root, self._config.state)
        yield reader
        reader.save()

    @contextmanager
    def _standing(self, pipeline: str, environment: str) -> Iterator[Standing]:
        """How things stand in one environment, as of one moment of the store."""
        config = self._config
        with self._store.reading() as transaction:
            current = self._pointers(transaction, environment)

            def inputs(names: Sequence[str]) -> Mapping[str, Input]:
                return {name: self._as_input(transaction.datasets.snapshot(current[name])) for name in names}

            history = History(transaction, pipeline, environment, current, config.state)
            yield Standing(
                environment,
                current,
                history.past,
                inputs,
                config.timeout,
                config.max_instances,
                history.seconds,
                config.max_parallel,
            )
