"""A clock to set by hand, and what the scheduler's tests look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from projects import notebook

from workbench.model.schedule import Lease, Standing, Tick, TickState
from workbench.project import Project
from workbench.scheduler.book import Book
from workbench.scheduler.desk import Desk
from workbench.scheduler.news import News

START = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)
ONE = {"one": notebook("1")}


@dataclass
class FakeClock:
    """A clock that stands still unless it is moved; ``sleep`` moves both its hands, ``set`` what people see alone."""

    at: datetime = START
    steady: float = 1000.0
    rung: int = 0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.steady

    def wait(self, seconds: float) -> None:
        self.sleep(seconds)

    def ring(self) -> None:
        self.rung += 1

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.steady += seconds

    def set(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Bench:
    """The desk of a project, with its lease held."""

    project: Project
    clock: FakeClock = field(default_factory=FakeClock)
    told: list[News] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book = Book(self.project.root)
        self.desk = Desk(self.project, "prod", self.clock, self.told.append)
        with self.project.store.writing() as transaction:
            self.lease: Lease = transaction.schedules.take("up", transaction.schedules.lease("up"))

    def look(self) -> list[tuple[str, TickState]]:
        """Look once; the ticks that came of it, as (hour and minute, state)."""
        before = {tick.id for tick in self.ticks()}
        if self.book.read():
            self.desk.forget()
        self.desk.look(self.book, self.lease)
        return [(tick.nominal_at[11:16], tick.state) for tick in self.ticks() if tick.id not in before]

    def ticks(self) -> list[Tick]:
        """All ticks, the earliest first."""
        with self.project.store.reading() as transaction:
            return list(reversed(transaction.schedules.ticks(None)))

    def standing(self, pipeline: str, trigger: str = "schedule") -> Standing:
        with self.project.store.reading() as transaction:
            return transaction.schedules.standings()[pipeline, trigger]


def pipeline(name: str, schedule: str, more: str = "") -> str:
    return f"name: {name}\nsteps: {{one: notebooks/one.ipynb}}\nschedule: {schedule}\n{more}"


def edit(root: Path, name: str, text: str) -> None:
    """Write a pipeline file so that its change is seen, however coarse the clock of the disk is."""
    path = root / "pipelines" / f"{name}.yaml"
    path.write_text(text + "\n" * (1 + path.read_text().count("\n") if path.exists() else 1))
