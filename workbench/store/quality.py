"""Check results and profiles as rows."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from workbench.model.plain import from_plain, to_plain
from workbench.model.quality import CheckResult, Profile
from workbench.store.rows import insert_all
from workbench.store.tables import check_result, profile


class Quality:
    """What was measured on each snapshot, once, before it was published or withheld."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, snapshot: int, results: Iterable[CheckResult]) -> None:
        """Keep the results of the checks on a snapshot, in their order."""
        insert_all(self._connection, check_result, (_result_row(snapshot, result) for result in results))

    def results(self, snapshot: int) -> tuple[CheckResult, ...]:
        """The results of the checks on a snapshot, in the order they were kept; empty when it was not checked."""
        statement = select(check_result).where(check_result.c.snapshot == snapshot).order_by(check_result.c.id)
        return tuple(
            from_plain(CheckResult, {**row, "check": row["definition"]})
            for row in self._connection.execute(statement).mappings()
        )

    def add_profile(self, measured: Profile) -> None:
        """Keep the profile of a snapshot; its ``snapshot`` must be one."""
        self._connection.execute(insert(profile).values(to_plain(measured)))

    def profile(self, snapshot: int) -> Profile | None:
        """The profile of a snapshot, if one was measured."""
        row = self._connection.execute(select(profile).where(profile.c.snapshot == snapshot)).mappings().first()
        return None if row is None else from_plain(Profile, dict(row))


def _result_row(snapshot: int, result: CheckResult) -> dict[str, object]:
    return {
        "snapshot": snapshot,
        "definition": result.check,
        "severity": result.check.severity.value,
        "outcome": result.outcome.value,
        "observed": result.observed,
        "expected": result.expected,
        "failing": result.failing,
        "rows": result.rows,
        "sample": result.sample,
        "seconds": result.seconds,
        "error": result.error,
    }
