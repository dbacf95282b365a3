"""What others ask of tests: run some, each in a scratch project of its own, several at once; make one from a run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from workbench import durable
from workbench.config import Config, find_project, load_config
from workbench.model.errors import WorkbenchError
from workbench.testing.case import Case, choose, read
from workbench.testing.freezing import Frozen, freeze, write_expected
from workbench.testing.running import Outcome, carry_out
from workbench.testing.scratch import Shared, blank_store
from workbench.testing.verdict import Result, judge

if TYPE_CHECKING:
    from workbench.project import Project

KEPT = "tests"
"""Where, in the state folder, the executed notebooks of tests that failed are kept."""


class Tests:
    """The tests of a project; use it as a context manager, or ``close`` it.

    ``executor`` carries them out: ``local``, several at once, or ``inline``, one after another in this process.
    """

    __test__ = False  # for pytest, which would take the class for a test

    def __init__(self, config: Config, executor: str = "local") -> None:
        self.config = config
        self._folder = tempfile.TemporaryDirectory(prefix="wb-tests-", ignore_cleanup_errors=True)
        self._executor = Shared(executor, config)

    @classmethod
    def open(cls, folder: str | Path | None = None, executor: str = "local") -> Self:
        """The tests of the project at ``folder`` or above it. Raises NotFound (WB-CFG-601, WB-EXT-902), SpecError."""
        return cls(load_config(find_project(Path(folder or "."))), executor)

    def close(self) -> None:
        """End the executor, and remove what the tests have made."""
        self._executor.end()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def list(self, names: Sequence[str] = ()) -> tuple[Case, ...]:
        """The tests that ``names`` mean, all without any. Raises NotFound (WB-TST-601), SpecError."""
        return choose(self.config.root, names)

    def run(
        self,
        cases: Sequence[Case],
        *,
        parallel: int | None = None,
        update: bool = False,
        tell: Callable[[Result], None] = lambda result: None,
    ) -> tuple[Result, ...]:
        """Run tests, at most ``parallel`` at once, and ``tell`` of each that is over; the results are in their order.

        With ``update`` what comes out is accepted and written. An interrupt ends those that run, and is raised again.
        """
        self._executor.warm_up()
        at_once = 1 if self._executor.name == "inline" else parallel or self.config.max_parallel
        if at_once == 1 or len(cases) == 1:
            results = []
            for case in cases:
                results.append(self.one(case, update=update))
                tell(results[-1])
            return tuple(results)
        _ = self._blank  # made once, by this thread
        with self._threads(at_once) as pool:
            futures: dict[Future[Result], Case] = {pool.submit(self.one, case, update=update): case for case in cases}
            for future in as_completed(futures):
                tell(future.result())
        return tuple(future.result() for future in futures)

    def one(self, case: Case, *, update: bool = False) -> Result:
        """Run one test, in this thread; a fault of the test or of its notebook is told by the result."""
        began = time.monotonic()
        try:
            outcome = carry_out(self.config, case, self._executor, self._blank)
            result = self._judged(case, outcome, update=update)
        except WorkbenchError as error:
            result = Result(case, error=error.as_dict())
        return replace(result, seconds=time.monotonic() - began)

    def freeze(
        self,
        project: Project,
        run: str,
        step: str,
        *,
        name: str = "",
        rows: int = 200,
        where: str = "",
        with_content: bool = False,
    ) -> Frozen:
        """Make a test of a step from a run; see ``freezing.freeze``."""
        again = partial(carry_out, self.config, executor=self._executor, blank=self._blank)
        return freeze(
            project, run, step, lambda case: again(case), name=name, rows=rows, where=where, with_content=with_content
        )

    def _judged(self, case: Case, outcome: Outcome, *, update: bool) -> Result:
        fails = case.expected.fails if case.expected else ""
        differences = judge(case, outcome)
        error = None if fails else outcome.error
        if update and differences and (error is None or fails):
            content = any(output.content for output in case.expected.outputs.values()) if case.expected else False
            ignored = tuple(f"value {name}" for name in case.ignore)
            write_expected(case.folder, outcome, with_content=content, without=ignored)
            return Result(read(self.config.root, case.folder), differences, updated=True)
        if not differences and error is None:
            return Result(case)
        return Result(case, differences, error, outcome.traceback, executed=self._keep(case, outcome))

    def _keep(self, case: Case, outcome: Outcome) -> Path | None:
        """Keep the executed notebook of a test that failed, for people to open."""
        if not outcome.executed:
            return None
        path = self.config.state / KEPT / f"{case.step}.{case.name}.ipynb"
        durable.write_text(path, outcome.executed)
        return path

    @cached_property
    def _blank(self) -> Path:
        return blank_store(Path(self._folder.name))

    @contextmanager
    def _threads(self, count: int) -> Iterator[ThreadPoolExecutor]:
        """Threads whose tests are ended when the block is left by an interrupt."""
        pool = ThreadPoolExecutor(count, thread_name_prefix="wb-test")
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            self._executor.stop()
            raise
        finally:
            pool.shutdown()
