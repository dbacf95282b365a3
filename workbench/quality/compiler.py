"""Checks become few queries: one scan for all that count or measure rows, one more for each set of unique columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from time import perf_counter
from typing import TYPE_CHECKING, Any

from workbench.model.dataset import Schema
from workbench.model.quality import Check, CheckResult, Outcome
from workbench.quality.checks import columns_of, expectation
from workbench.quality.predicates import PREDICATES, Binder, Unfit, breaks, known
from workbench.quality.relation import Relation, first_line, over_files, over_table, quoted
from workbench.quality.verdict import Verdict, judge

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE_ROWS = 5
SAMPLE_COLUMNS = 40
SAMPLE_TEXT = 200


def evaluate(
    checks: Sequence[Check], files: Sequence[str], schema: Schema | None, *, now: datetime | None = None
) -> tuple[CheckResult, ...]:
    """The result of each check, in order, on the rows of Parquet (or CSV) files.

    A check that cannot be evaluated (no such column, a value of another kind, a pattern that is none) ends as
    ``error``, never as a pass. ``failing`` counts are exact; up to five failing rows are kept as a sample. ``now`` is
    the time that freshness is measured against. Raises NotFound and StorageError for files that cannot be read.
    """
    if not checks:
        return ()
    with over_files(files, schema) as relation:
        return _evaluate(checks, relation, now or datetime.now(UTC))


def evaluate_table(checks: Sequence[Check], table: pa.Table, *, now: datetime | None = None) -> tuple[CheckResult, ...]:
    """The same on an Arrow table in memory."""
    if not checks:
        return ()
    with over_table(table) as relation:
        return _evaluate(checks, relation, now or datetime.now(UTC))


@dataclass
class _Job:
    """One check on its way: the aggregate it asks of the scan, then what came of it."""

    check: Check
    aggregate: str = ""
    bad: str = ""
    value: Any = None
    seconds: float = 0.0
    fault: str = ""


@dataclass
class _Examination:
    relation: Relation
    jobs: list[_Job]
    binder: Binder = field(default_factory=Binder)
    rows: int = 0


def _evaluate(checks: Sequence[Check], relation: Relation, now: datetime) -> tuple[CheckResult, ...]:
    work = _Examination(relation, [_Job(check) for check in checks])
    for job in work.jobs:
        try:
            _compile(job, work)
        except Unfit as reason:
            job.fault = str(reason)
    _scan(work)
    for job in work.jobs:
        if job.check.kind == "unique" and not job.fault:
            _duplicates(job, work)
    return tuple(_result(job, work, now) for job in work.jobs)


def _compile(job: _Job, work: _Examination) -> None:
    check = job.check
    if check.kind in PREDICATES:
        job.bad = breaks(check, work.relation, work.binder)
        job.aggregate = f"count(*) FILTER (WHERE {job.bad})"
    elif check.kind == "fresh":
        column = known(check.column, work.relation)
        if work.relation.family(column) not in {"date", "timestamp", "timestamptz"}:
            raise Unfit(f'column "{column}" is {work.relation.types[column]}, fresh is for dates and times')
        job.aggregate = f"epoch_us(CAST(max({quoted(column)}) AS TIMESTAMP))"
    elif check.kind == "unique":
        for column in columns_of(check):
            known(column, work.relation)
    elif check.kind == "schema":
        job.value = {name: work.relation.family(name) for name in work.relation.types}
    elif check.kind != "row_count":
        raise Unfit(f'there is no kind of check "{check.kind}"')


def _scan(work: _Examination) -> None:
    """All aggregates in one pass; when that fails, one by one, so that only the culprit is in error."""
    import duckdb

    asked = [job for job in work.jobs if job.aggregate and not job.fault]
    try:
        _aggregate(asked, work)
    except duckdb.Error:
        _aggregate([], work)
        for job in asked:
            try:
                _aggregate([job], work)
            except duckdb.Error as error:
                job.fault = first_line(error)


def _aggregate(jobs: Sequence[_Job], work: _Examination) -> None:
    selected = ["count(*) AS rows", *(f"{job.aggregate} AS v{index}" for index, job in enumerate(jobs))]
    start = perf_counter()
    row = work.relation.rows(f"SELECT {', '.join(selected)} FROM data", work.binder.values)[0]
    share = (perf_counter() - start) / max(1, len(jobs))
    work.rows = row["rows"]
    for index, job in enumerate(jobs):
        job.value, job.seconds = row[f"v{index}"], share


def _duplicates(job: _Job, work: _Examination) -> None:
    import duckdb

    start = perf_counter()
    try:
        counted = work.relation.rows(
            f"SELECT count(*) AS keys, coalesce(sum(held), 0)::BIGINT AS rows FROM ({_groups(job.check)})"
        )
        job.value = counted[0]
    except duckdb.Error as error:
        job.fault = first_line(error)
    job.seconds = perf_counter() - start


def _groups(check: Check) -> str:
    keys = [quoted(column) for column in columns_of(check)]
    there = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    grouped = ", ".join(keys)
    return f"SELECT {grouped}, count(*) AS held FROM data WHERE {there} GROUP BY {grouped} HAVING count(*) > 1"


def _result(job: _Job, work: _Examination, now: datetime) -> CheckResult:
    check, expected = job.check, expectation(job.check)
    if job.fault:
        return CheckResult(check, Outcome.ERROR, "not evaluated", expected, rows=work.rows, error=job.fault)
    verdict = judge(check, job.value, work.rows, now)
    sample = () if verdict.holds else _sample(job, work, verdict)
    return CheckResult(
        check,
        Outcome.PASS if verdict.holds else Outcome.FAIL,
        verdict.observed,
        expected,
        failing=verdict.failing,
        rows=work.rows,
        sample=sample,
        seconds=round(job.seconds, 6),
    )


def _sample(job: _Job, work: _Examination, verdict: Verdict) -> tuple[Mapping[str, Any], ...]:
    """A few failing rows, the column in question first; for duplicates their keys, with how many rows hold each."""
    if not verdict.failing:
        return ()
    if job.check.kind == "unique":
        rows = work.relation.rows(f"SELECT * FROM ({_groups(job.check)}) LIMIT {SAMPLE_ROWS}")
        return tuple(_shown({**row, "rows": held}) for row in rows if (held := row.pop("held")))
    named = columns_of(job.check)
    columns = [*named, *(name for name in work.relation.types if name not in named)][:SAMPLE_COLUMNS]
    selected = ", ".join(quoted(column) for column in columns)
    rows = work.relation.rows(f"SELECT {selected} FROM data WHERE {job.bad} LIMIT {SAMPLE_ROWS}", work.binder.values)
    return tuple(_shown(row) for row in rows)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    """A cell as a plain JSON value, long texts cut."""
    match value:
        case None | bool() | int() | float():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal():
            return str(value)
        case bytes():
            return _plain(value.hex())
        case str():
            return value if len(value) <= SAMPLE_TEXT else value[: SAMPLE_TEXT - 1] + "…"
        case _:
            return _plain(str(value))
