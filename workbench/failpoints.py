"""Named places where a test lets a process be killed or stand still; elsewhere they do nothing and cost nothing."""

from __future__ import annotations

import os
import signal
from collections import Counter

VARIABLE = "WORKBENCH_FAILPOINT"
"""The environment variable that names the places, such as ``publish.before_commit`` or ``claim.inside@2:stop``."""
POINTS = {
    # the runner
    "run.opened": "the run is in the store, nothing else of it",
    "run.planned": "its plan lies in its folder",
    "run.admitted": "its turn in the queue of its pipeline has come",
    "run.skipped_inside": "steps were skipped or given up, not committed",
    "run.skipped": "steps were skipped or given up",
    "run.fanned_out_inside": "instances stand in the place of a step, not committed",
    "run.fanned_out": "instances stand in the place of a step",
    "run.ended_inside": "the run has its final state, not committed",
    "run.ended": "the run has its final state, and nobody was told",
    "claim.inside": "an attempt is claimed, not committed",
    "claim.after": "an attempt is claimed",
    "order.written": "the folder of an attempt is laid out",
    "supervisor.started": "the order was given",
    "attempt.begun_inside": "an attempt is running, not committed",
    "attempt.begun": "an attempt is running",
    "attempt.over": "all was heard of an attempt, nothing of it kept",
    "attempt.staged_inside": "an attempt is staged, not committed",
    "attempt.staged": "an attempt is staged, nobody publishes it yet",
    "attempt.failed_inside": "an attempt has failed, not committed",
    "attempt.failed": "an attempt has failed",
    "retry.queued_inside": "an attempt has failed and the next one is queued, not committed",
    "retry.queued": "an attempt has failed and the next one is queued",
    "heartbeat.inside": "a lease is renewed, not committed",
    "heartbeat.after": "a lease is renewed",
    # publication, by threads of the runner
    "publish.begun": "nothing was looked at yet",
    "publish.examined": "profiles and checks of all outputs are done",
    "publish.rendered": "the report is a file that nothing refers to",
    "publish.snapshot_made": "an output has its Iceberg snapshot on a staging branch",
    "publish.before_commit": "all outputs have theirs",
    "publish.inside_pointers": "all pointers are moved, not committed",
    "publish.inside_commit": "states and everything else too, not committed",
    "publish.after_commit": "the step is published",
    "publish.withheld_inside": "the step is withheld, not committed",
    "publish.followed": "the branch of an output follows its pointer, which nobody noted",
    "publish.noted": "that is noted",
    "publish.discarded": "files that nothing refers to were removed",
    "publish.announced": "listeners were told",
    # the supervisor
    "supervisor.begun": "a supervisor has its order and has told nothing",
    "cell.begun": "a cell is about to run",
    "cell.ended": "a cell has ended",
    "notebook.written": "the executed notebook lies in its place",
    "journal.ended": "the end of an attempt is written, not flushed",
    "journal.flushed": "the end of an attempt is on the disk, and was told to nobody",
    "keep.aside": "what is to be known of a kernel that stays lies aside",
    "keep.added": "it is known, and nobody was told",
    "keep.told": "its journal says so",
    "keep.handed": "the attempt has ended and the guardian was told that the kernel stays",
    # the guardian, when a kernel stays and when that is over
    "keep.taken": "the kernel is the guardian's, and its runner waits",
    "keep.let_go": "the runner was let go",
    "keep.over": "nothing of the step runs any more, the kernel is still known",
    # whoever writes a file that must survive: kernels, supervisors, runners
    "durable.before_rename": "a file is written aside and flushed",
    "durable.after_rename": "a file is in its place, its folder not flushed",
    "stage.told": "a kernel has staged a table and is about to say so",
    # the next command
    "settle.inside": "a run whose runner is gone is settled, not committed",
    "settle.after": "a run whose runner is gone is settled",
    "repair.inside": "a run is taken up again, not committed",
    "repair.after": "a run is taken up again",
    "cancel.asked": "the end of a run was asked for, its runner not nudged",
}
"""What is true when each place is reached; a test holds that each is reached somewhere, and no other."""

_reached: Counter[str] = Counter()


def reach(name: str) -> None:
    """Come to a place; kills or stops this process when the environment says so, the first time or the named one."""
    if _armed and name in _armed:
        _reached[name] += 1
        count, act = _armed[name]
        if _reached[name] == count:
            os.kill(os.getpid(), act)


def parse(text: str) -> dict[str, tuple[int, int]]:
    """``NAME[@COUNT][:stop],…`` → name → the count at which to act, and the signal. Raises KeyError for other words."""
    found: dict[str, tuple[int, int]] = {}
    for one in filter(None, text.split(",")):
        place, _, act = one.partition(":")
        name, _, count = place.partition("@")
        found[name] = int(count or 1), {"": signal.SIGKILL, "kill": signal.SIGKILL, "stop": signal.SIGSTOP}[act]
        POINTS[name]
    return found


_armed = parse(os.environ.get(VARIABLE, "")) if VARIABLE in os.environ else {}
