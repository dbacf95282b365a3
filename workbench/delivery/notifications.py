"""Messages for people: kept in the store with what they tell of, and sent by processes that no run waits for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from workbench.delivery import messages
from workbench.delivery.dispatch import CLAIM, MOST, dispatch, installed, refuse_without_apprise, spawn
from workbench.delivery.receivers import addresses, find_receiver, strike_out
from workbench.model.errors import NotFound, StepFailed, WorkbenchError
from workbench.model.frozen import dataclass
from workbench.model.names import new_id
from workbench.model.notification import (
    Delivery,
    Message,
    Notification,
    Notify,
    Occasion,
    Receiver,
    notification_id,
)
from workbench.model.run import Run, State
from workbench.model.schedule import Tick, TickState
from workbench.store.schedule import holder_alive
from workbench.store.transaction import Store, Transaction

_BAD = frozenset({State.FAILED, State.WITHHELD, State.LOST})
_OCCASIONS = {State.FAILED: Occasion.FAILURE, State.LOST: Occasion.FAILURE, State.WITHHELD: Occasion.WITHHELD}
_LOOK_BACK = 20
_AT_ONCE = 4


@dataclass(frozen=True)
class Settings:
    """Who is told of what: ``default`` and ``receivers`` of the project, ``environment`` where its runs are by default.

    ``of_pipeline`` gives what a pipeline's own file says, and None for what is no pipeline of a file.
    """

    project: str
    root: Path
    state: Path
    environment: str
    default: Notify
    receivers: tuple[Receiver, ...]
    of_pipeline: Callable[[str], Notify | None]


@dataclass(frozen=True)
class Delivered:
    """How many messages were sent, and how many wait or were given up after a try."""

    sent: int = 0
    waiting: int = 0
    dead: int = 0


class NotificationService:
    """What people are told of runs."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    @property
    def receivers(self) -> tuple[Receiver, ...]:
        """Who can be told."""
        return self._settings.receivers

    # -- what is told --------------------------------------------------------------------------------------------

    def tell(self, run: Run) -> int:
        """Keep the messages of a run that is over, each once; how many are new."""
        if not self.receivers or run.state is State.CANCELLED:
            return 0
        notify = self._of(run.pipeline)
        if notify is None or (run.trigger == "manual" and run.environment != self._settings.environment):
            return 0
        with self._store.writing() as transaction:
            occasion = _occasion(transaction, run)
            if occasion is None or occasion not in (notify.on or ()):
                return 0
            whole = transaction.runs.get(run.id)
            message = messages.of_run(occasion, whole, self._settings.project)
            about = Notification("", run.id, run.pipeline, run.environment, occasion, "", message.title, message.body)
            return self._keep(transaction, notify, about, run.repairs)

    def refuse(self, transaction: Transaction, tick: Tick, reason: str) -> int:
        """Keep the messages of a tick whose run could not begin, in the transaction that skips it."""
        notify = self._of(tick.pipeline) or self._merged(Notify())
        if not self.receivers or Occasion.FAILURE not in (notify.on or ()):
            return 0
        message = messages.of_refused(tick, reason, self._settings.project)
        return self._keep(transaction, notify, _of_tick(tick, Occasion.FAILURE, message))

    def late(self, tick: Tick, now: datetime, usual: float | None) -> int:
        """Keep the messages of a tick whose run should be over, each once; how many are new.

        It should by the ``late_after`` of its pipeline, else, as soon as its run takes longer than ``usual`` seconds.
        """
        notify = self._of(tick.pipeline)
        if not self.receivers or notify is None or Occasion.LATE not in (notify.on or ()):
            return 0
        with self._store.writing() as transaction:
            run = transaction.runs.get(tick.run) if tick.state is TickState.STARTED else None
            since = _late_since(tick, run, notify.late_after, usual, now)
            if not since:
                return 0
            message = messages.of_late(tick, run, since, self._settings.project)
            return self._keep(transaction, notify, _of_tick(tick, Occasion.LATE, message))

    def _keep(self, transaction: Transaction, notify: Notify, about: Notification, repairs: int = 0) -> int:
        at = datetime.now(UTC)
        return sum(
            transaction.outbox.add(
                replace(about, id=notification_id(about.run, repairs, about.occasion, name), receiver=name), at
            )
            for name in self._addressed(notify)
        )

    def _addressed(self, notify: Notify) -> Iterator[str]:
        """The names of all addresses of the receivers: ``ops``, or ``ops.1`` and ``ops.2`` where there are several."""
        known = {receiver.name: receiver for receiver in self.receivers}
        for name in known if notify.to is None else notify.to:
            count = len(known[name].urls) if name in known else 1
            yield from [name] if count == 1 else (f"{name}.{number}" for number in range(1, count + 1))

    def _of(self, pipeline: str) -> Notify | None:
        own = self._settings.of_pipeline(pipeline)
        return None if own is None else self._merged(own)

    def _merged(self, own: Notify) -> Notify:
        default = self._settings.default
        return Notify(
            default.on if own.on is None else own.on,
            default.to if own.to is None else own.to,
            default.late_after if own.late_after is None else own.late_after,
        )

    # -- sending -------------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Let a process of its own send what is due, unless a scheduler is seen at work, which does so."""
        with self._store.reading() as transaction:
            lease = transaction.schedules.lease("up")
        if lease is None or holder_alive(lease) is not True:
            self.send_aside()

    def send_aside(self) -> None:
        """Let a process of its own send what is due, unless the last one that was started here is still at it."""
        spawn(self._settings.root)

    def is_due(self, now: datetime) -> bool:
        """Whether there is anything to be sent."""
        with self._store.reading() as transaction:
            return bool(transaction.outbox.due(now))

    def deliver(self, now: datetime | None = None) -> Delivered:
        """Send what is due, and wait for it; a receiver that hangs delays no other, and no try takes over a minute.

        Without Apprise everything waits. Raises StorageError.
        """
        at = now or datetime.now(UTC)
        with self._store.reading() as transaction:
            due = transaction.outbox.due(at)
        if due and not installed():
            with self._store.writing() as transaction:
                transaction.outbox.postpone(due, at, "Apprise is not installed")
            return Delivered(waiting=len(due))
        by_receiver: dict[str, list[Notification]] = defaultdict(list)
        for one in due:
            by_receiver[one.receiver].append(one)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = pool.map(lambda group: self._send(group, at), by_receiver.values())
            states = [state for some in answers for state in some]
        return Delivered(*(states.count(state) for state in (Delivery.SENT, Delivery.WAITING, Delivery.DEAD)))

    def _send(self, notifications: Sequence[Notification], at: datetime) -> list[Delivery]:
        """Send the messages of one address, as far as nobody else does."""
        with self._store.writing() as transaction:
            ours = transaction.outbox.claim(notifications[:MOST], at, CLAIM)
        try:
            url, hidden = self._address(ours[0].receiver) if ours else ("", ())
        except WorkbenchError as error:
            errors = dict.fromkeys((one.id for one in ours), f"{error.code}: {error.cause or error.what}")
        else:
            answers = dispatch(url, ours)
            errors = {one: strike_out(told, hidden) for one, told in answers.items()}
        states = []
        with self._store.writing() as transaction:
            for one in ours:
                if errors[one.id]:
                    states.append(transaction.outbox.failed(one, at, errors[one.id]))
                else:
                    transaction.outbox.sent(one.id, at)
                    states.append(Delivery.SENT)
        return states

    def _address(self, name: str) -> tuple[str, tuple[str, ...]]:
        """One whole address by its name, and what of it is to be struck out. Raises NotFound, UsageError."""
        receiver, _, number = name.partition(".")
        urls, hidden = addresses(find_receiver(self.receivers, receiver), self._settings.state)
        index = int(number) - 1 if number.isdigit() else 0
        if index >= len(urls):
            raise NotFound(
                "WB-NTF-861", f'there is no address "{name}" any more', next="see [notify] in workbench.toml"
            )
        return urls[index], hidden

    # -- looking after them --------------------------------------------------------------------------------------

    def list(self, limit: int = 50, states: Iterable[Delivery] | None = None) -> tuple[Notification, ...]:
        """Messages, the newest first."""
        with self._store.reading() as transaction:
            return transaction.outbox.list(limit, states)

    def retry(self, identifiers: Sequence[str] = (), now: datetime | None = None) -> int:
        """Let messages that were not sent be tried again now: those named, or all that were given up; how many.

        A message is named by its id or the beginning of it. Raises NotFound (WB-NTF-864).
        """
        with self._store.writing() as transaction:
            unsent = transaction.outbox.list(None, [Delivery.WAITING, Delivery.DEAD])
            wanted = [one.id for one in unsent if one.state is Delivery.DEAD]
            if identifiers:
                wanted = [found for text in identifiers for found in _named(unsent, text)]
            return transaction.outbox.retry(wanted, now or datetime.now(UTC))

    def test(self, name: str) -> None:
        """Send a message to every address of a receiver, now, past the outbox.

        Raises NotFound (WB-NTF-861), MissingExtra (WB-EXT-909), UsageError (WB-NTF-863), StepFailed (WB-NTF-862) with
        what the receiver answered.
        """
        refuse_without_apprise()
        receiver = find_receiver(self.receivers, name)
        urls, hidden = addresses(receiver, self._settings.state)
        message = messages.of_test(name, self._settings.project)
        for url in urls:
            one = Notification(new_id(), "", "", "", Occasion.RECOVERY, name, message.title, message.body)
            if told := dispatch(url, [one])[one.id]:
                raise StepFailed(
                    "WB-NTF-862",
                    f"the message did not reach {name}",
                    cause=strike_out(told, hidden),
                    next="correct its address, or see that it answers",
                )


def _of_tick(tick: Tick, occasion: Occasion, message: Message) -> Notification:
    return Notification("", tick.run, tick.pipeline, tick.environment, occasion, "", message.title, message.body)


def _occasion(transaction: Transaction, run: Run) -> Occasion | None:
    """What about a run that is over is worth a message."""
    if run.state is not State.SUCCEEDED:
        return _OCCASIONS.get(run.state)
    recent = transaction.runs.list(_LOOK_BACK, pipeline=run.pipeline, environment=run.environment)
    earlier = [one for one in recent if one.id != run.id and one.created_at <= run.created_at]
    before = next((one for one in earlier if one.state.final and one.state is not State.CANCELLED), None)
    if run.repairs or (before and before.state in _BAD):
        return Occasion.RECOVERY
    since = before.created_at if before else ""
    refused = transaction.outbox.told(run.pipeline, run.environment, Occasion.FAILURE, since)
    return Occasion.RECOVERY if refused else None


def _late_since(tick: Tick, run: Run | None, late_after: float | None, usual: float | None, now: datetime) -> str:
    """What a run is late by, in words; empty when it is not."""
    waited = (now - datetime.fromisoformat(tick.nominal_at)).total_seconds()
    if run is not None and run.state.final:
        return ""
    if late_after is not None:
        return f"It should be over {messages.duration(late_after)} after its time" if waited > late_after else ""
    took = (now - datetime.fromisoformat(run.created_at)).total_seconds() if run else 0.0
    if usual is not None and took > usual:
        return f"It goes on for {messages.duration(took)}, longer than is usual ({messages.duration(usual)})"
    return ""


def _named(unsent: Sequence[Notification], text: str) -> Iterator[str]:
    found = [one.id for one in unsent if one.id.startswith(text)]
    if not text or not found:
        raise NotFound("WB-NTF-864", f'no message waits whose id begins with "{text}"', next="wb notifications list")
    yield from found
