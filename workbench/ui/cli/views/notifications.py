"""How messages for people look: what they tell, whom, and how far they have come."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from workbench.delivery.notifications import Delivered
from workbench.model.names import short_id
from workbench.model.notification import Delivery, Notification, Receiver
from workbench.ui.cli.console import style
from workbench.ui.cli.words import FAILED, QUEUED, SUCCEEDED, Look, ago, ahead, count, plain

LOOKS: dict[Delivery, Look] = {
    Delivery.WAITING: Look(QUEUED.glyph, "waiting", QUEUED.light, QUEUED.dark),
    Delivery.SENT: Look(SUCCEEDED.glyph, "sent", SUCCEEDED.light, SUCCEEDED.dark),
    Delivery.DEAD: Look(FAILED.glyph, "dead", FAILED.light, FAILED.dark),
}


def draw(found: Sequence[Notification], receivers: Sequence[Receiver]) -> list[RenderableType]:
    """Messages, the newest first, and what to do about those that did not arrive."""
    if not found:
        if receivers:
            return [f"Messages would be here. Next: wb notifications test {receivers[0].name}"]
        return [
            "Messages would be here, but there is nobody to tell. "
            'Next: add [notify.ops] with url = "${env:OPS_URL}" to workbench.toml'
        ]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for title in ("", "message", "what", "run", "to", "state", "why"):
        table.add_column(title, no_wrap=True, overflow="ellipsis", ratio=1 if title == "why" else None)
    for one in found:
        look = LOOKS[one.state]
        table.add_row(
            Text(look.glyph, style=style(look)),
            one.id[:8],
            Text(f"{one.pipeline} {one.occasion}", style="bold"),
            short_id(one.run),
            one.receiver,
            Text(look.word, style=style(look)).append(f" {_when(one)}", style="default"),
            Text(plain(one.error), style="dim"),
        )
    dead = any(one.state is Delivery.DEAD for one in found)
    return [table, Text("Next: ").append("wb notifications retry" if dead else "wb notifications list", style="bold")]


def delivered(done: Delivered) -> list[RenderableType]:
    """The last line of sending: what was sent, what waits for another try, what was given up."""
    if not (done.sent or done.waiting or done.dead):
        return ["Nothing is to be sent."]
    parts = [f"{count(done.sent, 'message')} sent"]
    parts += [f"{done.waiting} to be tried again"] if done.waiting else []
    parts += [f"{done.dead} given up"] if done.dead else []
    look = SUCCEEDED if not (done.waiting or done.dead) else FAILED
    text = Text(f"{look.glyph} ", style=style(look)).append(", ".join(parts), style="default")
    return [text, Text("Next: ").append("wb notifications list", style="bold")]


def _when(one: Notification) -> str:
    match one.state:
        case Delivery.SENT:
            return ago(one.sent_at)
        case Delivery.DEAD:
            return f"after {count(one.tries, 'try', 'tries')}"
    return f"next try {ahead(one.next_at)}" if one.tries else ""
