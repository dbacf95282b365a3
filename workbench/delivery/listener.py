"""Where delivery is told of runs: who wanted to know of this one gets a message, kept here and sent later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.plugins import hookimpl

if TYPE_CHECKING:
    from workbench.delivery.notifications import NotificationService
    from workbench.model.run import Run


class Listener:
    """Keeps the messages of runs that are over."""

    def __init__(self, notifications: NotificationService) -> None:
        self._notifications = notifications

    @hookimpl
    def run_finished(self, run: Run) -> None:
        if self._notifications.tell(run):
            self._notifications.wake()
