"""Attempts as a runner has them, for tests that are about something else."""

from __future__ import annotations

from workbench.model.run import Attempt, AttemptState
from workbench.store.owner import Owner
from workbench.store.transaction import Transaction

LEASE = 3600.0
"""Seconds."""


def begun(transaction: Transaction, step_run: str, folder: str, owner: Owner) -> Attempt:
    """A new attempt of a step, claimed by ``owner`` and at work; its step is ``running``."""
    attempt = transaction.claims.claim(transaction.claims.queue(step_run, folder, owner), owner, LEASE)
    transaction.runs.move_attempt(attempt.id, attempt.fence, AttemptState.RUNNING)
    return attempt
