"""``wb notifications``: what people are told of runs, and how far it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.model.errors import UsageError, did_you_mean
from workbench.ui import codec
from workbench.ui.cli import completion
from workbench.ui.cli.face import Face, command
from workbench.ui.cli.options import make_group

if TYPE_CHECKING:
    from workbench.delivery.notifications import Delivered
    from workbench.model.notification import Delivery


def register(app: typer.Typer) -> None:
    """Add ``notifications`` and its commands."""
    group = make_group(app, "notifications", "What people are told of runs, and how far it has come.")

    @command(group, "list")
    def list_notifications(
        face: Face,
        limit: Annotated[int, typer.Option("--limit", "-n", min=1, metavar="N", help="At most so many.")] = 20,
        state: Annotated[
            str | None,
            typer.Option("--state", metavar="STATE", help="waiting, sent or dead.", autocompletion=_states),
        ] = None,
    ) -> None:
        """List messages, the newest first: whom they are for, whether they were sent, and if not, why.

        Example: wb notifications list --state dead
        """
        project = face.open()
        found = project.notifications.list(limit, [_state(state)] if state else None)
        if face.as_json:
            return face.show({"notifications": [codec.value(item) for item in found]})
        from workbench.ui.cli.views import notifications as view

        face.show(None, *view.draw(found, project.notifications.receivers))

    @command(group, "retry")
    def retry(
        face: Face,
        message: Annotated[
            list[str] | None, typer.Argument(metavar="[MESSAGE]...", help="Beginnings of ids; default: all dead ones.")
        ] = None,
    ) -> None:
        """Try messages again that were not sent, now.

        Example: wb notifications retry
        """
        project = face.open()
        wanted = project.notifications.retry(message or ())
        _deliver(face, wanted=wanted)

    @command(group, "test")
    def test(
        face: Face,
        receiver: Annotated[
            str, typer.Argument(metavar="RECEIVER", help="Its name.", autocompletion=completion.receivers)
        ],
    ) -> None:
        """Send a message to a receiver now, and say whether it took it.

        Example: wb notifications test ops
        """
        face.open().notifications.test(receiver)
        face.show({"receiver": receiver, "sent": True}, f"{receiver} took the message.")

    @command(group, "deliver")
    def deliver(face: Face) -> None:
        """Send what is due and wait for it; wb up and wb run let this happen by themselves.

        Example: wb notifications deliver
        """
        _deliver(face)


def _deliver(face: Face, wanted: int | None = None) -> None:
    from workbench.delivery.dispatch import refuse_without_apprise
    from workbench.ui.cli.views import notifications as view

    notifications = face.open().notifications
    done = notifications.deliver()
    if done.waiting and not done.sent:
        refuse_without_apprise()
    counted = {"sent": done.sent, "waiting": done.waiting, "dead": done.dead}
    face.show(counted if wanted is None else {"retried": wanted, **counted}, *view.delivered(done))
    raise typer.Exit(_code(done))


def _code(done: Delivered) -> int:
    return 1 if done.waiting or done.dead else 0


def _state(text: str) -> Delivery:
    from workbench.model.notification import Delivery

    try:
        return Delivery(text)
    except ValueError:
        cause = f"known: {', '.join(Delivery)}." + did_you_mean(text, Delivery)
        raise UsageError("WB-CLI-804", f'there is no state "{text}"', cause=cause) from None


def _states(incomplete: str) -> list[str]:
    from workbench.model.notification import Delivery

    return [state.value for state in Delivery if state.value.startswith(incomplete)]
