"""What a kernel needs to read a dataset, now or as of some moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from workbench.model.dataset import Input, Snapshot
from workbench.model.errors import NotFound, UsageError
from workbench.model.names import is_id


def as_input(snapshot: Snapshot) -> Input:
    """A snapshot as the input of a step: its files and schema, nothing of where it came from."""
    return Input(snapshot.dataset, snapshot.id, snapshot.version, snapshot.schema, snapshot.files)


def as_of_snapshot(snapshots: Sequence[Snapshot], dataset: str, as_of: int | str | datetime) -> Snapshot:
    """The newest of ``snapshots`` (newest first) that fits ``as_of``: a version, a snapshot id, a run's id, or a time.

    Withheld ones never fit. Raises NotFound (WB-DAT-341), UsageError (WB-DAT-332).
    """
    snapshots = [one for one in snapshots if not one.withheld]
    if isinstance(as_of, str) and as_of.isdigit():
        as_of = int(as_of)
    if isinstance(as_of, int):
        fits = [one for one in snapshots if as_of in (one.version, one.id)]
    elif isinstance(as_of, str) and is_id(as_of):
        fits = [one for one in snapshots if one.run == as_of]
    else:
        moment = _moment(dataset, as_of)
        fits = [one for one in snapshots if datetime.fromisoformat(one.created_at) <= moment]
    if not fits:
        raise NotFound(
            "WB-DAT-341",
            f"{dataset} has no snapshot as of {as_of}",
            next=f"wb catalog show {dataset} lists its versions",
        )
    return fits[0]


def _moment(dataset: str, as_of: str | datetime) -> datetime:
    try:
        moment = as_of if isinstance(as_of, datetime) else datetime.fromisoformat(as_of)
    except ValueError:
        raise UsageError(
            "WB-DAT-332",
            f'cannot read {dataset} as of "{as_of}"',
            next="give a version, a snapshot id, a run's id or a time such as 2013-01-15T06:00",
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
