"""Messages in the outbox, on every kind of store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from workbench.model.notification import Delivery, Notification, Occasion, notification_id
from workbench.store.outbox import LONGEST, MOST_TRIES
from workbench.store.transaction import Store

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
AFTER = timedelta(seconds=31)


def message(run: str = "R1", receiver: str = "ops") -> Notification:
    identifier = notification_id(run, 0, Occasion.FAILURE, receiver)
    return Notification(identifier, run, "flights", "prod", Occasion.FAILURE, receiver, "✗ flights failed", "why")


def test_it_is_kept_once_claimed_by_one_and_sent(store: Store) -> None:
    with store.writing() as transaction:
        box = transaction.outbox
        assert box.add(message(), NOW)
        assert not box.add(message(), NOW + AFTER)
        assert box.add(message(receiver="team"), NOW)
        assert box.due(NOW - AFTER) == ()
        due = box.due(NOW)
        assert [one.tries for one in box.claim(due, NOW, 60)] == [1, 1]
        assert box.claim(due, NOW, 60) == ()
        assert box.due(NOW + AFTER) == ()
        assert len(box.due(NOW + timedelta(seconds=61))) == 2
        for one in due:
            box.sent(one.id, NOW)
        assert {one.state for one in box.list()} == {Delivery.SENT}
        assert box.told("flights", "prod", Occasion.FAILURE, "2026-03-02T11:00:00")
        assert not box.told("flights", "prod", Occasion.FAILURE, "2026-03-02T13:00:00")
        assert box.forget((NOW - AFTER).isoformat()) == 0
        assert box.forget((NOW + AFTER).isoformat()) == 2


def test_it_waits_longer_after_each_try_and_is_given_up(store: Store) -> None:
    waits, at = [], NOW
    with store.writing() as transaction:
        box = transaction.outbox
        box.add(message(), NOW)
        for number in range(1, MOST_TRIES + 1):
            (one,) = box.claim(box.due(at), at, 60)
            assert one.tries == number
            state = box.failed(one, at, "it is away")
            (kept,) = box.list()
            waits.append(datetime.fromisoformat(kept.next_at) - at)
            at += LONGEST
        assert (state, kept.state, kept.error) == (Delivery.DEAD, Delivery.DEAD, "it is away")
        assert box.due(at + LONGEST) == ()
        assert waits[:3] == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120)]
        assert waits[-1] == LONGEST
        assert box.retry([kept.id, "none"], at) == 1
        assert [one.tries for one in box.due(at)] == [0]
