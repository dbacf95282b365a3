"""The door outside a kernel: a project, its plans and runs, and the services of every room."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from workbench.catalog.listener import Listener as CatalogListener
from workbench.catalog.service import CatalogService
from workbench.config import Config, find_project, load_config
from workbench.data import upkeep
from workbench.delivery.environments import EnvironmentService
from workbench.delivery.listener import Listener as NotificationListener
from workbench.delivery.notifications import NotificationService, Settings
from workbench.durable import check_room
from workbench.execution.checkpoint.shelf import sweep as sweep_checkpoints
from workbench.execution.commit import commit
from workbench.execution.service import RunService
from workbench.governance.listener import Listener as AuditListener
from workbench.lineage.listener import Listener as LineageListener
from workbench.lineage.service import LineageService
from workbench.model.errors import Conflict
from workbench.model.events import Progress
from workbench.model.matrix import Matrix
from workbench.model.pipeline import Pipeline
from workbench.model.plan import Action, Plan
from workbench.model.run import MANUAL, Origin, Run
from workbench.pipeline import spec
from workbench.pipeline.backfill import Only
from workbench.pipeline.planner import Request
from workbench.pipeline.service import PlanService
from workbench.plugins import driver, make_hooks
from workbench.quality.listener import Listener as QualityListener
from workbench.quality.service import QualityService
from workbench.reports.listener import Listener as ReportListener
from workbench.reports.service import ReportService
from workbench.store.transaction import Store

if TYPE_CHECKING:
    import pluggy

    from workbench.data.publish import Publisher
    from workbench.data.warehouse import Warehouse
    from workbench.execution.executor import Executor
    from workbench.execution.walk.repair import Repair
    from workbench.execution.walk.runner import Runner
    from workbench.model.comparison import CellPair
    from workbench.model.dataset import Input, Snapshot

_log = logging.getLogger("workbench.project")


class Project:
    """A folder with a ``workbench.toml``. Use it as a context manager, or ``close`` it.

    ``runs``, ``catalog``, ``lineage``, ``quality``, ``reports`` and ``environments`` are the services of the rooms;
    the command line, the pages and the widgets ask the same ones by the same names.
    """

    def __init__(self, config: Config, store: Store) -> None:
        self.config = config
        self.name = config.name
        self.root = config.root
        self.store = store
        self.actor = getpass.getuser()
        self._executors: dict[str, Executor] = {}

    @classmethod
    def open(cls, folder: str | Path | None = None) -> Self:
        """The project at ``folder`` (default: here) or above it.

        Runs whose process is gone get their true state first; a damaged store is only read, and so is one that others
        keep busy, or that lies where nothing may be written. Raises NotFound (WB-CFG-601) when there is no project,
        SpecError when its settings are wrong, StorageError when its store cannot be used.
        """
        config = load_config(find_project(Path(folder or ".")))
        project = cls(config, Store.open(config.store))
        if not project.store.damage:
            try:
                project.settle()
            except Conflict as busy:
                _log.warning("runs that are over could not be settled: %s", busy)
        return project

    def close(self) -> None:
        """End what executors have ready, and close the store and the catalog of the warehouse."""
        for executor in self._executors.values():
            executor.close()
        self._executors.clear()
        if "warehouse" in self.__dict__:
            self.warehouse.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- services ------------------------------------------------------------------------------------------------

    @cached_property
    def runs(self) -> RunService:
        """History, journals and executed notebooks."""
        return RunService(self.store, self.config.state, lambda: spec.pipeline_names(self.root), _compare_cells)

    @cached_property
    def catalog(self) -> CatalogService:
        """What we know of the data."""
        return CatalogService(self.store, self.quality.contracts, self.config.environments)

    @cached_property
    def lineage(self) -> LineageService:
        """What was made from what."""
        return LineageService(self.store, self.config.environments)

    @cached_property
    def quality(self) -> QualityService:
        """Whether the data is good."""
        return QualityService(self.store, self.root, self.config.environments)

    @cached_property
    def reports(self) -> ReportService:
        """Rendered notebooks."""
        return ReportService(self.store, self.root, self.config.state, self.name)

    @cached_property
    def environments(self) -> EnvironmentService:
        """Isolated names for data."""
        return EnvironmentService(self.store, self.config.environments)

    @cached_property
    def notifications(self) -> NotificationService:
        """What people are told of runs."""
        config = self.config
        return NotificationService(
            self.store,
            Settings(
                project=self.name,
                root=self.root,
                state=config.state,
                environment=config.default_environment,
                default=config.notify,
                receivers=config.receivers,
                of_pipeline=lambda name: spec.notify_of(self.root, name),
            ),
        )

    @cached_property
    def hooks(self) -> pluggy.PluginManager:
        """The listeners of the rooms, then those of installed plugins."""
        return make_hooks(
            [
                CatalogListener(self.quality.contracts),
                LineageListener(),
                QualityListener(self.root),
                ReportListener(self.store, self.config.state, self.name),
                AuditListener(self.store),
                NotificationListener(self.notifications),
            ]
        )

    @cached_property
    def plans(self) -> PlanService:
        """What would run, and why."""
        from workbench.data.inputs import as_input

        return PlanService(self.store, self.config, self.environments.pointers, as_input)

    @cached_property
    def warehouse(self) -> Warehouse:
        """The Iceberg tables. Raises MissingExtra (WB-EXT-905) for a bucket without its libraries."""
        from workbench.data.warehouse import Warehouse

        return Warehouse(self.config.warehouse, self.config.catalog)

    @cached_property
    def publisher(self) -> Publisher:
        """Makes staged writes current."""
        from workbench.data.publish import Publisher

        return Publisher(self.store, self.warehouse, self.hooks, self.config.environments)

    def place(self, environment: str | None = None) -> str:
        """The environment of that name, or the default one. Raises NotFound (WB-CFG-603), also for an empty name."""
        return self.config.environment(self.config.default_environment if environment is None else environment).name

    # -- planning and running ------------------------------------------------------------------------------------

    def pipelines(self) -> tuple[Pipeline, ...]:
        """Every pipeline of the project, by name. Raises SpecError."""
        return tuple(spec.load_pipeline(self.root, name) for name in spec.pipeline_names(self.root))

    def plan(
        self,
        target: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        environment: str | None = None,
        force: bool = False,
        select: Sequence[str] = (),
    ) -> Plan:
        """What running ``target`` (a pipeline's name or a notebook's path) would do, and why.

        ``parameters`` may be texts, as typed on a command line; they are converted by the declared types. ``select``
        are expressions such as ``clean+``, ``delays[EWR]`` or ``tag:mart``; steps that none of them names are skipped.
        Raises NotFound, SpecError (also for a contract), NotebookError, ParameterError, GraphError, UsageError for a
        selection; nothing is started or changed.
        """
        return self._plan(target, Request(parameters or {}, select=tuple(select), force=force), environment)

    def _plan(self, target: str, request: Request, environment: str | None) -> Plan:
        self.quality.contracts()
        return self.plans.make(target, request, self.place(environment))

    def plan_backfill(
        self,
        pipeline: str,
        over: Mapping[str, str],
        parameters: Mapping[str, Any] | None = None,
        *,
        environment: str | None = None,
        only: str = "all",
        select: Sequence[str] = (),
        force: bool = False,
    ) -> Plan:
        """One plan over many partitions: their steps side by side, each skipped where it is unchanged.

        ``over`` maps partitions to ranges as typed: ``2013-01-01..2013-01-31``, ``EWR,JFK``, empty for all values;
        ``only`` is ``all``, ``missing`` (some step never ran there) or ``failed`` (some did not end well). Raises what
        ``plan`` raises, and UsageError (WB-PIP-640, 641) for the ranges.
        """
        asked = Request(parameters or {}, select=tuple(select), force=force)
        request = self.plans.spread(pipeline, over, Only(only), asked, self.place(environment))
        return self._plan(pipeline, request, environment)

    def matrix(self, pipeline: str, over: Mapping[str, str] | None = None, *, environment: str | None = None) -> Matrix:
        """What became of each step in each partition last, in whichever run; ``over`` narrows it as in a backfill.

        Raises NotFound, SpecError, NotebookError, UsageError (WB-PIP-640, 641).
        """
        return self.plans.matrix(pipeline, over or {}, self.place(environment))

    def warm_up(self, executor: str | None = None, target: str = "") -> None:
        """Let an executor make itself ready, for ``target`` if that is known. Raises NotFound (WB-EXT-902)."""
        from workbench.execution.executor import Demand

        self._executor(executor).warm_up(Demand(target, self.config.preload))

    def run(
        self,
        target: str | Plan,
        parameters: Mapping[str, Any] | None = None,
        *,
        environment: str | None = None,
        force: bool = False,
        executor: str | None = None,
        max_parallel: int | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        origin: Origin = MANUAL,
    ) -> Run:
        """Run a pipeline, a notebook or a plan and wait for its end; a failed step is told by the state, not raised.

        Raises what ``plan`` raises, NotebookError (WB-RUN-141) for a kernel that is not installed, and StorageError
        when the disk is nearly full (WB-DSK-303), the bucket of the data cannot be used (310 to 312), the store is
        damaged or only to be read (WB-DB-510, 517) or the catalog lies on a network drive (511), all before anything
        starts; Conflict (WB-RUN-129) when the run that ``origin`` names has begun before.
        """
        plan = (
            target if isinstance(target, Plan) else self.plan(target, parameters, environment=environment, force=force)
        )
        return self._runner(plan, executor, max_parallel, on_progress).run(plan, commit(self.root), origin)

    def plan_repair(self, run: str) -> Repair:
        """What ``repair`` of a run would do, and which of the steps that stand have changed since.

        The run is named as in ``runs.get``. Raises Conflict (WB-RUN-123) while it goes on, UsageError (WB-RUN-124) when
        it has succeeded, and what ``plan`` raises.
        """
        from workbench.execution.walk.repair import check_repairable, fanned_out, over, repair_of

        self.settle()
        found = self.runs.get(run)
        check_repairable(found)
        values = over(found)
        given = {name: value for name, value in found.parameters.items() if name not in values}
        today, forced = (
            self._plan(self._target(found), Request(given, values, force=force), found.environment)
            for force in (False, True)
        )
        return repair_of(found, *(fanned_out(plan, found, self.plans.expand) for plan in (today, forced)))

    def repair(
        self,
        run: str | Repair,
        *,
        executor: str | None = None,
        max_parallel: int | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Run:
        """Take up a run again: what did not succeed in it, and what follows that, gets new attempts in the same run.

        It is planned anew, with today's code and the run's parameters; what succeeded stands. Raises what ``run`` and
        ``plan_repair`` raise.
        """
        repair = self.plan_repair(run) if isinstance(run, str) else run
        return self._runner(repair.plan, executor, max_parallel, on_progress).repair(repair)

    def cancel(self, run: str) -> Run:
        """End a run of any process, also one that waits in the queue; returns it as it is after a while.

        One that has ended stays as it is. Raises NotFound (WB-RUN-401), UsageError (WB-RUN-402).
        """
        return self.runs.cancel(self.runs.get(run), self.actor)

    def _runner(
        self,
        plan: Plan,
        executor: str | None,
        max_parallel: int | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> Runner:
        """What carries out a plan, once it is sure that it can be."""
        from workbench.execution import kernels
        from workbench.execution.attempt import Place
        from workbench.execution.walk.doors import Doors
        from workbench.execution.walk.ledger import Bounds
        from workbench.execution.walk.runner import Runner

        self.store.check_writable()
        own = max_parallel or self.config.max_parallel
        if any(step.action is not Action.SKIP for step in plan.steps):
            self._expect(plan, executor, own)
            kernels.check(plan.steps)
            check_room(self.config.state, self.config.disk_floor_mb)
            self.warehouse.check()
        doors = Doors(
            resolve=lambda names: self.resolve(plan.environment, names),
            history=self.history,
            publish=lambda finished: self.publisher.publish(finished),
            run_finished=self._announce,
            progress=on_progress or (lambda progress: None),
            reap=self.settle,
            settled=self.plans.settled,
            expand=lambda step, values: self.plans.expand(plan, step, values),
        )
        upkeep.tidy(self.store, self.config, self._sweep)
        place = Place(
            project=self.name,
            root=self.root,
            state=self.config.state,
            warehouse=self.config.warehouse,
            environment=plan.environment,
            actor=self.actor,
            limits=self.config.limits,
        )
        bounds = Bounds(own, max(own, self.config.max_parallel), self.config.lease)
        return Runner(self.store, self._executor(executor), place, doors, bounds)

    def _target(self, run: Run) -> str:
        """What to plan for the pipeline of a run: its name, or the path of the notebook that was run alone."""
        if run.pipeline not in spec.pipeline_names(self.root) and len(run.steps) == 1:
            return run.steps[0].notebook
        return run.pipeline

    def _expect(self, plan: Plan, executor: str | None, most: int) -> None:
        """Let an executor get ready for a plan of which ``most`` steps run at once."""
        from workbench.execution.executor import Demand
        from workbench.pipeline.libraries import libraries

        modules = self.config.preload
        if modules is None:
            modules = libraries(self.root, plan.steps)
        steps = sum(step.action is not Action.SKIP for step in plan.steps)
        self._executor(executor).warm_up(Demand(plan.pipeline, modules, steps, seats=most + 1))

    def settle(self) -> tuple[Run, ...]:
        """Give every run whose process is gone its true final state, and announce it; returns those it changed.

        Where nothing may be written, runs stay as they are.
        """
        lost = () if self.store.only_read else self.runs.settle()
        for run in lost:
            self._announce(run)
        return lost

    def _executor(self, name: str | None) -> Executor:
        """The executor of that name, or the configured one; one each, kept until ``close``."""
        name = name or self.config.executor
        if name not in self._executors:
            self._executors[name] = driver("executor", name)(self.config)
        return self._executors[name]

    def resolve(self, environment: str, names: Sequence[str]) -> dict[str, Input]:
        """The named datasets as they are current in an environment or its parents; those without data are left out."""
        from workbench.data.inputs import as_input

        with self.store.reading() as transaction:
            current = self.environments.pointers(transaction, environment)
            return {name: as_input(transaction.datasets.snapshot(current[name])) for name in names if name in current}

    def history(self, names: Sequence[str]) -> dict[str, tuple[Snapshot, ...]]:
        """The snapshots of the named datasets, newest first."""
        with self.store.reading() as transaction:
            return {name: transaction.datasets.snapshots(name) for name in names}

    def _announce(self, run: Run) -> None:
        """Tell the listeners that a run is over; what goes wrong in one of them changes nothing about the run."""
        try:
            self.hooks.hook.run_finished(run=run)
        except Exception:
            _log.exception("a listener failed after run %s was over", run.id)

    def _sweep(self, age: float) -> None:
        """Let Iceberg branches follow their pointers, and remove what nobody refers to from that age (seconds) on."""
        self.publisher.reconcile(sweep_older_than=age)
        sweep_checkpoints(self.config.state / "runs")


def _compare_cells(before: Path, after: Path) -> tuple[CellPair, ...]:
    from workbench.reports.compare import compare

    return compare(before, after)
