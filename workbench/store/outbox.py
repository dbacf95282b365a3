"""Messages for people as rows: kept with what they tell of, sent later, at least once, and not for ever."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from workbench.model.notification import Delivery, Notification, Occasion
from workbench.model.plain import from_plain
from workbench.store import tables

_outbox = tables.outbox

BACKOFF, LONGEST = timedelta(seconds=30), timedelta(hours=1)
"""The wait before the second try, twice as long before each further one; and at most."""
MOST_TRIES = 12
"""Tries at sending a message before it is given up: some five hours."""


class Outbox:
    """What people are to be told."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, notification: Notification, at: datetime) -> bool:
        """Keep a message, to be sent at once; ``False`` when it is kept already."""
        if self._connection.execute(select(_outbox.c.id).where(_outbox.c.id == notification.id)).first():
            return False
        kept = replace(notification, created_at=_text(at), next_at=_text(at))
        row = {**vars(kept), "occasion": kept.occasion.value, "state": kept.state.value}
        self._connection.execute(insert(_outbox).values(row))
        return True

    def list(self, limit: int | None = 50, states: Iterable[Delivery] | None = None) -> tuple[Notification, ...]:
        """Messages, the newest first."""
        found = select(_outbox).order_by(_outbox.c.created_at.desc(), _outbox.c.id).limit(limit)
        if states is not None:
            found = found.where(_outbox.c.state.in_([state.value for state in states]))
        return tuple(from_plain(Notification, dict(row)) for row in self._connection.execute(found).mappings())

    def due(self, at: datetime) -> tuple[Notification, ...]:
        """Messages to be sent by now that nobody is sending, the oldest first.

        One that seems to be due in a distant future is due too: the clock was set back.
        """
        now, never = _text(at), _text(at + 2 * LONGEST)
        found = select(_outbox).where(
            _outbox.c.state == Delivery.WAITING.value,
            or_(_outbox.c.next_at <= now, _outbox.c.next_at > never),
            or_(_outbox.c.claimed_until <= now, _outbox.c.claimed_until > never),
        )
        rows = self._connection.execute(found.order_by(_outbox.c.created_at, _outbox.c.id)).mappings()
        return tuple(from_plain(Notification, dict(row)) for row in rows)

    def claim(self, notifications: Sequence[Notification], at: datetime, seconds: float) -> tuple[Notification, ...]:
        """Those of the messages that are ours to send for so many seconds; each counts as a try."""
        until = _text(at + timedelta(seconds=seconds))
        claimed = []
        for one in notifications:
            mine = update(_outbox).where(
                _outbox.c.id == one.id, _outbox.c.state == Delivery.WAITING.value, _outbox.c.tries == one.tries
            )
            if self._connection.execute(mine.values(claimed_until=until, tries=one.tries + 1)).rowcount == 1:
                claimed.append(replace(one, claimed_until=until, tries=one.tries + 1))
        return tuple(claimed)

    def sent(self, identifier: str, at: datetime) -> None:
        """A message has reached its receiver."""
        sent = {"state": Delivery.SENT.value, "sent_at": _text(at), "error": "", "claimed_until": ""}
        self._connection.execute(update(_outbox).where(_outbox.c.id == identifier).values(sent))

    def failed(self, notification: Notification, at: datetime, error: str) -> Delivery:
        """A try failed: the message waits for the next one, or is given up; returns which."""
        state = Delivery.DEAD if notification.tries >= MOST_TRIES else Delivery.WAITING
        wait = min(BACKOFF * 2 ** max(notification.tries - 1, 0), LONGEST)
        values = {"state": state.value, "error": error, "next_at": _text(at + wait), "claimed_until": ""}
        mine = update(_outbox).where(_outbox.c.id == notification.id, _outbox.c.state == Delivery.WAITING.value)
        self._connection.execute(mine.values(values))
        return state

    def postpone(self, notifications: Iterable[Notification], at: datetime, error: str) -> None:
        """Nothing can be sent from here now: let messages wait, without counting a try."""
        for one in notifications:
            mine = update(_outbox).where(_outbox.c.id == one.id, _outbox.c.state == Delivery.WAITING.value)
            self._connection.execute(mine.values(error=error, next_at=_text(at + LONGEST / 6)))

    def retry(self, identifiers: Iterable[str], at: datetime) -> int:
        """Let messages be tried again from now on as if they were new; how many were not sent yet."""
        values = {"state": Delivery.WAITING.value, "tries": 0, "next_at": _text(at), "claimed_until": ""}
        return sum(
            self._connection.execute(
                update(_outbox).where(_outbox.c.id == identifier, _outbox.c.state != Delivery.SENT.value).values(values)
            ).rowcount
            for identifier in identifiers
        )

    def forget(self, before: str) -> int:
        """Forget messages that were sent before a time (UTC, ISO 8601); how many they were."""
        old = delete(_outbox).where(_outbox.c.state == Delivery.SENT.value, _outbox.c.sent_at < before)
        return self._connection.execute(old).rowcount

    def told(self, pipeline: str, environment: str, occasion: Occasion, after: str) -> bool:
        """Whether there is a message of an occasion for a pipeline that was made after a time (UTC, ISO 8601)."""
        found = select(_outbox.c.id).where(
            _outbox.c.pipeline == pipeline,
            _outbox.c.environment == environment,
            _outbox.c.occasion == occasion.value,
            _outbox.c.created_at > after,
        )
        return self._connection.execute(found.limit(1)).first() is not None


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
