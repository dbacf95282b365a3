"""The run of a tick, in a process of its own: it begins once, or the tick says why it never will."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from workbench.model.errors import NotFound, UsageError, WorkbenchError
from workbench.model.events import Progress
from workbench.model.plan import Plan
from workbench.model.run import Origin, Run
from workbench.model.schedule import Tick, TickState
from workbench.project import Project

_TAKEN = frozenset({"WB-RUN-129", "WB-SCH-854"})


def fire(project: Project, tick: Tick, expect: Callable[[Plan], None], hear: Callable[[Progress], None]) -> Run:
    """Run what a tick asks for and wait for its end; ``expect`` is told the plan, ``hear`` what happens.

    Raises what ``Project.plan`` and ``Project.run`` raise, Conflict (WB-SCH-854) for a tick that was skipped. What
    nobody can mend by trying again skips the tick, with the reason.
    """
    try:
        plan = project.plan(tick.pipeline, tick.parameters, environment=tick.environment, force=tick.force)
        expect(plan)
        return project.run(plan, on_progress=hear, origin=Origin(tick.kind, tick.nominal_at, tick.run))
    except WorkbenchError as error:
        if error.code not in _TAKEN:
            _set_aside(project, tick, error)
        raise


def _set_aside(project: Project, tick: Tick, error: WorkbenchError) -> None:
    """Keep why the run did not begin, for good or until the next try; does nothing when it had begun."""
    reason = f"{error.code}: {error.what}" + (f" - {error.cause}" if error.cause else "")
    kept = 0
    with suppress(WorkbenchError), project.store.writing() as transaction:
        if not isinstance(error, UsageError | NotFound):
            transaction.schedules.note(tick.id, reason)
        elif transaction.schedules.move(tick.id, TickState.SKIPPED, reason):
            kept = project.notifications.refuse(transaction, tick, reason)
    if kept:
        project.notifications.wake()
