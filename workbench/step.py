"""The door inside a kernel: ``wb.read``, ``wb.write``, ``wb.sql``, ``wb.check``, ``wb.metric``, ``wb.record``.

In a run, the context written for the step holds all that is needed: reads come from the resolved snapshots, writes
are staged as files, and what happened is told by events that the engine collects. Elsewhere a session of the project
resolves and publishes. Importing this module loads no library for data, and nothing here reaches store or catalog.
"""

from __future__ import annotations

import json
import os
import sys
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from workbench import failpoints
from workbench.files import reach
from workbench.model.dataset import Input, Mode, Read, Snapshot, StagedWrite
from workbench.model.errors import FrameError, NotFound, UsageError, did_you_mean
from workbench.model.events import EVENT_MIME, Kind
from workbench.model.frozen import dataclass
from workbench.model.location import Location
from workbench.model.names import parse_dataset
from workbench.model.plain import from_plain, to_plain

if TYPE_CHECKING:
    import duckdb

    from workbench.model.quality import Check, CheckResult

CONTEXT_VARIABLE = "WORKBENCH_CONTEXT"
AsOf = int | str | datetime
"""A snapshot id or version, a time or a run's id, or a moment."""


@dataclass(frozen=True)
class Context:
    """What a step is told before it starts, as JSON in the file that ``WORKBENCH_CONTEXT`` names.

    ``history`` holds the earlier snapshots of the inputs, newest first, for a notebook that mentions ``as_of``.
    ``warehouse`` is where data files are staged, ``temporary`` an absolute folder; ``inputs`` are the datasets it may
    read, each resolved to one snapshot; ``writes`` are the datasets it has declared to write, ``staged`` those that it
    wrote before the checkpoint from which it goes on.
    """

    project: str
    run: str
    step: str
    environment: str
    actor: str
    warehouse: Location
    inputs: Mapping[str, Input] = field(default_factory=dict)
    history: Mapping[str, tuple[Snapshot, ...]] = field(default_factory=dict)
    writes: tuple[str, ...] = ()
    temporary: str = ""
    staged: tuple[str, ...] = ()


class Session(Protocol):
    """What the functions of this module ask of the place they are called in."""

    @property
    def warehouse(self) -> Location:
        """Where data files are staged."""

    @property
    def known(self) -> Sequence[str]:
        """The names of the datasets that can be read, for suggestions and for SQL."""

    def resolve(self, dataset: str, as_of: AsOf | None) -> Input:
        """The snapshot of a dataset to read. Raises NotFound or UsageError."""

    def allow_write(self, dataset: str) -> None:
        """Raise UsageError or Denied when the dataset may not be written here."""

    def tell(self, kind: Kind, data: Mapping[str, Any], text: str) -> None:
        """Take note of what happened; ``data`` is plain JSON, ``text`` one line for people, empty for reads."""

    def staged(self, write: StagedWrite) -> None:
        """Take over what was staged: told to the engine in a run, published at once elsewhere."""


class RunSession:
    """A session inside a run: inputs are settled, writes are declared, events go to the engine as cell outputs."""

    def __init__(self, context: Context) -> None:
        self.context = context
        reach(context.warehouse)
        self._staged = set(context.staged)

    @property
    def warehouse(self) -> Location:
        return self.context.warehouse

    @property
    def known(self) -> Sequence[str]:
        return tuple(self.context.inputs)

    def resolve(self, dataset: str, as_of: AsOf | None) -> Input:
        found = self.context.inputs.get(dataset)
        if found is None or dataset in self._staged:
            raise self._unreadable(dataset)
        if as_of is None:
            return found
        from workbench.data.inputs import as_input, as_of_snapshot

        return as_input(as_of_snapshot(self.context.history.get(dataset, ()), dataset, as_of))

    def allow_write(self, dataset: str) -> None:
        declared = self.context.writes
        if dataset in declared:
            return
        raise UsageError(
            "WB-DAT-331",
            f"step {self.context.step} may not write {dataset}",
            cause=(f"it has declared to write {', '.join(declared)}." if declared else "it has declared no writes.")
            + did_you_mean(dataset, declared),
            kept="Nothing was written.",
            next=f'write the name literally, wb.write(frame, "{dataset}"), or list it under writes: in the pipeline',
        )

    def tell(self, kind: Kind, data: Mapping[str, Any], text: str) -> None:
        from IPython.display import publish_display_data

        output: dict[str, Any] = {EVENT_MIME: {"kind": kind.value, "data": dict(data)}}
        if text:
            output["text/plain"] = text
        publish_display_data(output)  # type: ignore[no-untyped-call]

    def staged(self, write: StagedWrite) -> None:
        self._staged.add(write.dataset)
        failpoints.reach("stage.told")
        text = f"{write.dataset}: staged {write.rows:,} rows ({write.mode})"
        self.tell(Kind.STAGED, to_plain(write), "\n".join([text, *(f"  {note}" for note in write.notes)]))

    def _unreadable(self, dataset: str) -> NotFound:
        if dataset in self._staged:
            return NotFound(
                "WB-DAT-330",
                f"{dataset} cannot be read in the step that writes it",
                cause="what a step writes is published when the step has succeeded",
                next="go on with the frame that was written",
            )
        if dataset in self.context.writes:
            return NotFound(
                "WB-DAT-330",
                f"{dataset} has no data yet",
                cause=f"step {self.context.step} reads it and is itself the one to write it",
                next="write it once without reading it, or let another step write what this one reads",
            )
        names = ", ".join(self.known) or "nothing"
        return NotFound(
            "WB-DAT-330",
            f"step {self.context.step} cannot read {dataset}",
            cause=f"its inputs are {names}." + did_you_mean(dataset, self.known),
            next=f'write the name literally, wb.read("{dataset}"), or list it under reads: in the pipeline; '
            "if it is listed, it has no data in this environment yet",
        )


_current: tuple[str | None, Session] | None = None


def session() -> Session:
    """The session of this process: the run's, when there is a context, else one of the project around here."""
    global _current
    place = os.environ.get(CONTEXT_VARIABLE)
    if _current is None or _current[0] != place:
        _current = (place, _open(place))
    return _current[1]


def use(new: Session | None) -> None:
    """Take ``new`` as the session of this process; ``None`` lets the next call find one."""
    global _current
    _current = None if new is None else (os.environ.get(CONTEXT_VARIABLE), new)


def read(
    name: str,
    as_: str = "pandas",
    *,
    columns: Sequence[str] | None = None,
    where: str | None = None,
    as_of: AsOf | None = None,
) -> Any:
    """The rows of a dataset, as ``pandas``, ``polars``, ``arrow`` or ``duckdb``.

    ``columns`` are read in the order given; ``where`` is an SQL condition; ``as_of`` is a version, a snapshot id, a
    time or a run's id. Raises NotFound (WB-DAT-330 dataset, WB-DAT-333 column), UsageError (WB-DAT-332, 334, 336) and
    StorageError (WB-DAT-310, 311).
    """
    from workbench.data import query

    here = session()
    input = here.resolve(parse_dataset(name), as_of)
    frame = query.read(input, as_=as_, columns=columns, where=where)
    _tell_read(here, input, tuple(columns or ()))
    return frame


def write(
    frame: Any,
    name: str,
    mode: str = "overwrite",
    *,
    on: str | Sequence[str] | None = None,
    by: str | Sequence[str] | None = None,
    index: bool | None = None,
) -> None:
    """Write a frame to a dataset: ``overwrite``, ``append``, ``upsert`` with ``on=``, ``partition`` with ``by=``.

    The frame is a pandas or polars DataFrame, an Arrow table or a DuckDB relation; ``index`` says whether the index of
    a pandas frame is kept as columns. Raises FrameError (WB-DAT-301 to 308, 312 to 315), UsageError (WB-DAT-309, 331),
    InvalidName and StorageError; then nothing was written.
    """
    from workbench.data.frames import to_arrow
    from workbench.data.stage import stage

    here = session()
    dataset = parse_dataset(name)
    kind, keys = _mode(mode, on, by)
    here.allow_write(dataset)
    try:
        table, notes = to_arrow(frame, index=index)
        staged = stage(table, dataset, mode=kind, keys=keys, warehouse=here.warehouse, notes=notes)
    except FrameError as error:
        error.kept = error.kept or f"{dataset} is unchanged."
        raise
    here.staged(staged)


def sql(query: str) -> duckdb.DuckDBPyRelation:
    """Ask datasets, by ``namespace.name``, and local frames, by their variable, with one SELECT of DuckDB's SQL.

    The relation may be used for as long as it is kept. Raises UsageError (WB-DAT-335) and NotFound (WB-DAT-330).
    """
    caller = sys._getframe(1)
    return sql_over(query, ChainMap(caller.f_locals, caller.f_globals))


def sql_over(query: str, variables: Mapping[str, Any]) -> duckdb.DuckDBPyRelation:
    """As ``sql``, with local frames taken from ``variables`` by their names."""
    from workbench.data import query as queries

    here = session()
    inputs: dict[str, Input] = {}
    frames: dict[str, Any] = {}
    for name in queries.table_names(query):
        if "." in name:
            inputs[name] = here.resolve(parse_dataset(name), None)
        elif name in variables:
            frames[name] = variables[name]
    relation = queries.sql(query, inputs, frames)
    for input in inputs.values():
        _tell_read(here, input, ())
    return relation


def check(data: Any, *rules: str | Check) -> tuple[CheckResult, ...]:
    """Check a frame, or a dataset by its name, against checks or the contract of a dataset, and show the outcome.

    ``wb.check(df, "clean.flights")`` takes the contract, ``wb.check(df, wb.checks.not_null("id"))`` ad hoc checks;
    ``wb.check("clean.flights")`` checks what is current. A failing check does not raise: its result says so. Raises
    NotFound (WB-DAT-330 dataset, WB-DAT-337 contract).
    """
    from workbench.quality.compiler import evaluate_table

    here = session()
    names = [rule for rule in rules if isinstance(rule, str)]
    if isinstance(data, str):
        input = here.resolve(parse_dataset(data), None)
        from workbench.data import query

        table = query.load(input.files, input.schema)
        _tell_read(here, input, ())
        dataset = data
        names = names or ([] if rules else [data])
    else:
        from workbench.data.frames import to_arrow

        table, _ = to_arrow(data)
        dataset = names[0] if names else ""
    checks = [each for name in names for each in _contract(name)]
    checks += [rule for rule in rules if not isinstance(rule, str)]
    results = evaluate_table(checks, table)
    here.tell(Kind.CHECKED, {"dataset": dataset, "results": to_plain(results)}, _told(dataset, results))
    return results


def metric(name: str, value: float) -> None:
    """Keep a number with the step run, such as how many rows were dropped. Raises UsageError (WB-DAT-338)."""
    _value(Kind.METRIC, name, value)


def record(name: str, value: Any) -> None:
    """Keep a value (text, number, boolean, None, date, list or dict of them) with the step run.

    Raises UsageError (WB-DAT-338).
    """
    _value(Kind.RECORD, name, value)


def _open(place: str | None) -> Session:
    if place is None:
        from workbench.plugins import driver

        found: Session = driver("session", "project")()
        return found
    try:
        plain = json.loads(Path(place).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotFound(
            "WB-DAT-339",
            f"cannot read the context of this run at {place}",
            cause=str(error),
            next=f"unset {CONTEXT_VARIABLE} to work outside a run",
        ) from None
    return RunSession(from_plain(Context, plain))


def _mode(mode: str, on: str | Sequence[str] | None, by: str | Sequence[str] | None) -> tuple[Mode, tuple[str, ...]]:
    if mode not in set(Mode):
        raise UsageError(
            "WB-DAT-309",
            f"there is no mode {mode!r}",
            cause=f"a write is one of {', '.join(Mode)}." + did_you_mean(str(mode), Mode),
        )
    kind = Mode(mode)
    wanted = {Mode.UPSERT: "on", Mode.PARTITION: "by"}.get(kind)
    given = {name: value for name, value in {"on": on, "by": by}.items() if value is not None}
    surplus = [name for name in given if name != wanted]
    if surplus:
        right = "upsert" if surplus[0] == "on" else "partition"
        raise UsageError(
            "WB-DAT-309", f'{surplus[0]}= does not go with mode="{kind}"', next=f'use mode="{right}", or leave it out'
        )
    keys = given.get(wanted or "", ())
    return kind, (keys,) if isinstance(keys, str) else tuple(keys)


def _tell_read(here: Session, input: Input, columns: tuple[str, ...]) -> None:
    here.tell(Kind.READ, to_plain(Read(input.dataset, input.snapshot, None, columns)), "")


def _contract(dataset: str) -> Sequence[Check]:
    from workbench.config import find_project
    from workbench.quality.contracts import load_contracts

    contracts = load_contracts(find_project(Path.cwd()))
    if dataset not in contracts:
        raise NotFound(
            "WB-DAT-337",
            f"there is no contract for {dataset}",
            cause=f"there are contracts for {', '.join(contracts) or 'no dataset'}." + did_you_mean(dataset, contracts),
            next=f"write contracts/{dataset}.odcs.yaml, or give checks: wb.checks.not_null(…)",
        )
    return contracts[dataset].checks


def _told(dataset: str, results: Sequence[CheckResult]) -> str:
    broken = [result for result in results if result.outcome != "pass"]
    lines = [f"{dataset or 'frame'}: {len(results) - len(broken)} of {len(results)} checks hold"]
    for result in broken:
        name = result.check.name or " ".join(part for part in (result.check.column, result.check.kind) if part)
        found = result.error or f"expected {result.expected}, found {result.observed}"
        lines.append(f"  {name} ({result.check.severity}): {found}")
    return "\n".join(lines)


def _value(kind: Kind, name: str, value: Any) -> None:
    if not name or not isinstance(name, str):
        raise UsageError("WB-DAT-338", f"{name!r} cannot name a {kind}", next='give a text, such as "rows_dropped"')
    scalar = value.item() if type(value).__module__.partition(".")[0] == "numpy" and hasattr(value, "item") else value
    number = isinstance(scalar, int | float) and not isinstance(scalar, bool)
    try:
        plain = to_plain(scalar)
    except TypeError:
        plain, number = None, False
        unfit = True
    else:
        unfit = False
    if unfit or (kind is Kind.METRIC and not number):
        raise UsageError(
            "WB-DAT-338",
            f'{kind} "{name}" cannot hold a {type(value).__name__}',
            next="give a number" if kind is Kind.METRIC else "give text, a number, a date, or lists and dicts of them",
        )
    session().tell(kind, {"name": name, "value": plain}, f"{name} = {scalar}")
