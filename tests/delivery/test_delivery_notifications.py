"""Who is told of what, how messages are sent to real servers on loopback, and what becomes of those that are not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest
from delivery_bench import NOW, Bench
from receivers import TOKEN, Hook, Mail, closed_port, mail_server, web_hook

from workbench.delivery import dispatch
from workbench.model.errors import MissingExtra, NotFound, StepFailed, UsageError
from workbench.model.names import new_id
from workbench.model.notification import Delivery, Notification, Notify, Occasion, Receiver
from workbench.model.run import State
from workbench.model.schedule import Tick, TickState
from workbench.store.outbox import MOST_TRIES
from workbench.store.transaction import Store

WAITING, SENT, DEAD = Delivery.WAITING, Delivery.SENT, Delivery.DEAD


@pytest.fixture
def bench(tmp_path: Path, sqlite_store: str) -> Iterator[Bench]:
    with Store.open(sqlite_store) as store:
        yield Bench(store, tmp_path)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    with web_hook() as found:
        use(monkeypatch, found.url)
        yield found


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mail]:
    with mail_server() as found:
        use(monkeypatch, found.url)
        yield found


def use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    monkeypatch.setenv("OPS_URL", url)


def outbox(bench: Bench) -> list[Notification]:
    return list(reversed(bench.service.list()))


class TestOccasions:
    @pytest.mark.parametrize(
        ("state", "occasion", "title"),
        [
            (State.FAILED, Occasion.FAILURE, "✗ flights failed"),
            (State.LOST, Occasion.FAILURE, "✗ flights failed"),
            (State.WITHHELD, Occasion.WITHHELD, "⊘ flights was withheld"),
        ],
    )
    def test_a_run_that_did_not_succeed(self, bench: Bench, state: State, occasion: Occasion, title: str) -> None:
        run = bench.ran(state)
        assert bench.service.tell(run) == 1
        assert bench.service.tell(run) == 0
        (one,) = outbox(bench)
        assert (one.run, one.occasion, one.receiver, one.title) == (run.id, occasion, "ops", title)

    def test_what_it_says(self, bench: Bench) -> None:
        run = bench.ran(State.FAILED, trigger="schedule", nominal_at="2026-03-02T05:00:00+00:00")
        bench.service.tell(run)
        (one,) = outbox(bench)
        assert one.body.splitlines()[:5] == [
            "Step clean: WB-RUN-104: KeyError in cell 4 of notebooks/clean.ipynb",
            "Cause: 'origin'",
            "Kept: Nothing of this step was published.",
            "Not run because of that: 1 step.",
            f"Next: wb runs logs {run.id[-6:]} clean",
        ]
        assert f"Project shop, environment prod, run {run.id}" in one.body
        assert "Started by schedule for 2026-03-02 05:00 UTC" in one.body

    def test_recovery_comes_after_a_failure_alone_and_once(self, bench: Bench) -> None:
        assert bench.told(State.SUCCEEDED) == 0
        assert bench.told(State.FAILED) == 1
        bench.ran(State.CANCELLED)
        assert bench.told(State.SUCCEEDED) == 1
        assert bench.told(State.SUCCEEDED) == 0
        assert [one.occasion for one in outbox(bench)] == [Occasion.FAILURE, Occasion.RECOVERY]
        bench.ran(State.FAILED, pipeline="other")
        assert bench.told(State.SUCCEEDED) == 0

    def test_who_was_told_of_a_tick_that_could_not_begin_is_told_of_the_recovery(self, bench: Bench) -> None:
        bench.ran(State.SUCCEEDED)
        with bench.store.writing() as transaction:
            assert bench.service.refuse(transaction, tick(), "WB-NB-600: there is no such notebook") == 1
        (one,) = outbox(bench)
        assert one.body.startswith("Its run could not begin: WB-NB-600: there is no such notebook.")
        assert bench.told(State.SUCCEEDED) == 1

    def test_what_nobody_wants_to_know(self, bench: Bench) -> None:
        assert bench.told(State.CANCELLED) == 0
        assert bench.told(State.FAILED, pipeline="notebook_alone") == 0
        assert bench.told(State.FAILED, environment="dev") == 0
        assert bench.told(State.FAILED, environment="dev", trigger="schedule") == 1
        bench.pipelines["flights"] = Notify(on=())
        assert bench.told(State.FAILED) == 0
        bench.pipelines["flights"] = Notify(on=(Occasion.LATE,))
        assert bench.told(State.FAILED) == 0
        bench.receivers = ()
        assert bench.told(State.FAILED) == 0

    def test_whom(self, bench: Bench) -> None:
        bench.receivers = (Receiver("ops", ("${env:A}",)), Receiver("team", ("${env:B}", "${env:C}")))
        bench.told(State.FAILED)
        assert sorted(one.receiver for one in outbox(bench)) == ["ops", "team.1", "team.2"]
        bench.default = replace(bench.default, to=("team",))
        assert bench.told(State.FAILED) == 2
        bench.pipelines["flights"] = Notify(to=("ops",))
        assert bench.told(State.FAILED) == 1
        bench.pipelines["flights"] = Notify(to=())
        assert bench.told(State.FAILED) == 0


def tick(state: TickState = TickState.WAITING, run: str = "") -> Tick:
    at = NOW.isoformat()
    return Tick(new_id(), "flights", "schedule", "schedule", at, at, "prod", run or new_id(), state=state)


class TestLate:
    def test_after_its_time(self, bench: Bench) -> None:
        bench.pipelines["flights"] = Notify(late_after=600.0)
        one = tick()
        assert bench.service.late(one, NOW + timedelta(minutes=9), None) == 0
        assert bench.service.late(one, NOW + timedelta(minutes=11), None) == 1
        assert bench.service.late(one, NOW + timedelta(minutes=12), None) == 0
        (message,) = outbox(bench)
        assert (message.occasion, message.title) == (Occasion.LATE, "▲ flights is late")
        assert message.body.startswith("It should be over 10 min 0 s after its time. Its run has not begun.")

    def test_when_it_takes_longer_than_is_usual(self, bench: Bench) -> None:
        run = bench.ran(State.RUNNING)
        began = datetime.fromisoformat(run.created_at)
        one = tick(TickState.STARTED, run.id)
        assert bench.service.late(one, began + timedelta(seconds=90), 100.0) == 0
        assert bench.service.late(one, began + timedelta(seconds=190), None) == 0
        assert bench.service.late(one, began + timedelta(seconds=190), 100.0) == 1
        assert "It goes on for 3 min 10 s, longer than is usual (1 min 40 s)." in outbox(bench)[0].body

    def test_not_when_it_is_over(self, bench: Bench) -> None:
        bench.pipelines["flights"] = Notify(late_after=1.0)
        run = bench.ran(State.SUCCEEDED)
        assert bench.service.late(tick(TickState.STARTED, run.id), NOW + timedelta(days=1), 1.0) == 0


class TestSending:
    def test_f89_a_web_hook_gets_it_with_an_id_that_stays(self, bench: Bench, hook: Hook) -> None:
        bench.told(State.FAILED)
        hook.answer = 500
        at = due(bench)
        assert bench.service.deliver(at - timedelta(seconds=1)).waiting == 0
        assert bench.service.deliver(at).waiting == 1
        (one,) = outbox(bench)
        assert (one.state, one.tries, hook.got) == (WAITING, 1, [])
        assert "500" in one.error
        assert datetime.fromisoformat(one.next_at) == at + timedelta(seconds=30)
        assert bench.service.deliver(at + timedelta(seconds=29)).sent == 0
        hook.answer = 200
        assert bench.service.deliver(at + timedelta(seconds=31)).sent == 1
        (again,) = outbox(bench)
        assert (again.state, again.id, again.error, again.sent_at != "") == (SENT, one.id, "", True)
        (got,) = hook.got
        assert got["title"] == "✗ flights failed"
        assert got["type"] == "failure"
        assert got["message"].endswith(f"Message {one.id}")
        assert bench.service.deliver(at + timedelta(days=1)).sent == 0

    def test_f89_a_mail_server_gets_it(self, bench: Bench, mail: Mail) -> None:
        bench.told(State.WITHHELD)
        assert bench.service.deliver(due(bench)).sent == 1
        (got,) = mail.got
        assert "To: ada@example.org" in got
        assert "wb@example.org" in got

    @pytest.mark.parametrize("how", ["hangs", "refuses"])
    def test_f89_a_mail_server_that_does_not(
        self, bench: Bench, mail: Mail, monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        monkeypatch.setattr(dispatch.dispatch, "__defaults__", (3.0,))
        mail.refuse = True
        if how == "hangs":
            mail.go.clear()
        bench.told(State.FAILED)
        assert bench.service.deliver(due(bench)).waiting == 1
        (one,) = outbox(bench)
        assert one.error == ("no answer in 3 s" if how == "hangs" else one.error)
        assert one.error
        assert TOKEN not in one.error

    def test_f89_one_that_hangs_delays_no_other(
        self, bench: Bench, hook: Hook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dispatch.dispatch, "__defaults__", (6.0,))
        bench.receivers = (
            Receiver("slow", ("${env:OPS_URL}?rto=600",)),
            Receiver("gone", ("${env:GONE_URL}",)),
            Receiver("well", ("${env:WELL_URL}",)),
        )
        hook.go.clear()
        monkeypatch.setenv("GONE_URL", f"json://127.0.0.1:{closed_port()}/{TOKEN}")
        with web_hook() as well:
            monkeypatch.setenv("WELL_URL", well.url)
            bench.told(State.FAILED)
            assert bench.service.deliver(due(bench)).sent == 1
            assert len(well.got) == 1
        errors = {one.receiver: one.error for one in outbox(bench)}
        assert errors["slow"] == "no answer in 6 s"
        assert "onnection" in errors["gone"]
        assert errors["well"] == ""

    def test_f89_it_is_given_up_after_many_tries_and_waits_for_somebody(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("OPS_URL", raising=False)
        bench.told(State.FAILED)
        at, states = due(bench), []
        for _ in range(MOST_TRIES):
            bench.service.deliver(at)
            (one,) = outbox(bench)
            states.append(one.state)
            at += timedelta(hours=2)
        assert states == [WAITING] * (MOST_TRIES - 1) + [DEAD]
        assert one.error == "WB-NTF-863: the environment variable OPS_URL is not set"
        assert bench.service.deliver(at).dead == 0
        with web_hook() as hook:
            use(monkeypatch, hook.url)
            assert bench.service.retry(now=at) == 1
            assert bench.service.deliver(at).sent == 1
            assert bench.service.retry(now=at) == 0
        with pytest.raises(NotFound, match="WB-NTF-864"):
            bench.service.retry(["nothing"])

    def test_two_who_send_at_once_send_once(self, bench: Bench, hook: Hook) -> None:
        for _ in range(3):
            bench.told(State.FAILED)
        at = due(bench)
        start = threading.Barrier(2)

        def deliver() -> int:
            start.wait()
            return bench.service.deliver(at).sent

        with ThreadPoolExecutor(2) as pool:
            assert sum(future.result() for future in [pool.submit(deliver) for _ in range(2)]) == 3
        assert len({got["message"] for got in hook.got}) == len(hook.got) == 3

    def test_f89_who_is_killed_while_sending_is_followed_by_another(self, bench: Bench, hook: Hook) -> None:
        bench.told(State.FAILED)
        at = due(bench)
        with bench.store.writing() as transaction:  # claimed, and then the process was gone
            transaction.outbox.claim(transaction.outbox.due(at), at, dispatch.CLAIM)
        assert bench.service.deliver(at + timedelta(seconds=dispatch.CLAIM - 1)).sent == 0
        assert bench.service.deliver(at + timedelta(seconds=dispatch.CLAIM + 1)).sent == 1

    def test_a_clock_that_was_ahead_leaves_nothing_waiting_for_years(self, bench: Bench, hook: Hook) -> None:
        bench.told(State.FAILED)
        at = due(bench)
        hook.answer = 500
        bench.service.deliver(at + timedelta(days=365))
        hook.answer = 200
        assert bench.service.deliver(at).sent == 1

    def test_an_address_that_is_none(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        use(monkeypatch, "not an address")
        bench.told(State.FAILED)
        bench.service.deliver(due(bench))
        assert outbox(bench)[0].error == "Apprise knows no such address"

    def test_a_receiver_that_is_gone(self, bench: Bench) -> None:
        bench.told(State.FAILED)
        bench.receivers = (Receiver("team", ("${env:OPS_URL}",)),)
        bench.service.deliver(due(bench))
        assert outbox(bench)[0].error.startswith("WB-NTF-861: known: team")


def due(bench: Bench) -> datetime:
    """When all that waits is due."""
    return max(datetime.fromisoformat(one.next_at) for one in outbox(bench))


class TestWithoutApprise:
    def test_the_outbox_waits_and_says_why(self, bench: Bench, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
        bench.told(State.FAILED)
        at = due(bench)
        with monkeypatch.context() as patch:
            patch.setattr("workbench.delivery.dispatch.find_spec", lambda name: None)
            assert bench.service.deliver(at).waiting == 1
            (one,) = outbox(bench)
            assert (one.state, one.tries, one.error) == (WAITING, 0, "Apprise is not installed")
            with pytest.raises(MissingExtra, match=r'WB-EXT-909.*pip install "dataops-workbench\[notify\]"'):
                bench.service.test("ops")
        assert bench.service.deliver(at + timedelta(hours=1)).sent == 1


class TestTest:
    def test_it_says_whether_it_arrived(self, bench: Bench, hook: Hook) -> None:
        bench.service.test("ops")
        assert hook.got[0]["title"] == "✓ Messages of Workbench arrive"
        hook.answer = 500
        with pytest.raises(StepFailed, match="WB-NTF-862: the message did not reach ops") as caught:
            bench.service.test("ops")
        assert TOKEN not in str(caught.value)
        with pytest.raises(NotFound, match=r'WB-NTF-861.*Did you mean "ops"'):
            bench.service.test("opps")
        assert outbox(bench) == []


class TestSecrets:
    def test_an_address_is_shown_nowhere(self, bench: Bench, hook: Hook, tmp_path: Path) -> None:
        bench.told(State.FAILED)
        hook.go.clear()
        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(bench.service.deliver, due(bench))
            assert hook.reached.wait(60)
            commands = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
            assert any("workbench.delivery.send" in command for command in commands)
            assert not any(TOKEN in command for command in commands)
            hook.answer = 404
            hook.go.set()
            assert sending.result().waiting == 1
        bench.store.close()
        kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert b"flights failed" in kept
        assert TOKEN.encode() not in kept
        assert str(hook.port).encode() not in kept

    def test_a_secret_is_a_file_that_others_may_not_read(self, bench: Bench, hook: Hook) -> None:
        bench.receivers = (Receiver("ops", (f"json://127.0.0.1:{hook.port}/${{secret:token}}",)),)
        with pytest.raises(UsageError, match=r"WB-NTF-863.*there is no secret token"):
            bench.service.test("ops")
        path = bench.folder / "secrets" / "token"
        path.parent.mkdir()
        path.write_text(TOKEN + "\n")
        path.chmod(0o644)
        with pytest.raises(UsageError, match=r"WB-NTF-863.*others may read the secret token"):
            bench.service.test("ops")
        path.chmod(0o600)
        bench.service.test("ops")
        assert len(hook.got) == 1
        path.write_text("")
        with pytest.raises(UsageError, match="is empty"):
            bench.service.test("ops")

    @pytest.mark.parametrize("name", ["../../etc/passwd", "", "a/b", "a\0b"])
    def test_the_name_of_a_secret_leads_nowhere_else(self, bench: Bench, name: str) -> None:
        bench.receivers = (Receiver("ops", (f"json://x/${{secret:{name}}}",)),)
        with pytest.raises((UsageError, StepFailed), match=r"WB-NTF-86[23]"):
            bench.service.test("ops")
