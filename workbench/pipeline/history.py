"""Earlier successes of a pipeline's steps, and whether what they wrote is still there; for a whole plan at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from workbench.model.plan import Lookup, Past
from workbench.model.run import StepRun
from workbench.pipeline.partitions import spellings
from workbench.pipeline.substitution import in_text
from workbench.store.successes import Successes
from workbench.store.transaction import Transaction

DEPTH = 20
"""Successes of one kind that are looked through for one whose outputs are still there."""
SAMPLES = 50
"""Past durations that a forecast is made from."""


class History:
    """What ran before in one environment, as far as it tells whether to run again, and for how long.

    ``current`` maps each dataset to the snapshot that is current there; ``state`` is the project's state folder.
    """

    def __init__(
        self, transaction: Transaction, pipeline: str, environment: str, current: Mapping[str, int], state: Path
    ) -> None:
        self._successes = transaction.successes
        self._pipeline = pipeline
        self._environment = environment
        self._current = current
        self._state = state

    def past(self, lookups: Sequence[Lookup]) -> dict[str, Past]:
        """The success to compare each with: the latest live one that differs in its inputs at most, else the latest."""
        likeness = {lookup.name: lookup.fingerprint.with_inputs({}).digest for lookup in lookups}
        found: dict[str, Past] = {}
        rest = list(lookups)
        for first, last in ((1, 1), (2, DEPTH)):
            wanted = dict.fromkeys(likeness[lookup.name] for lookup in rest)
            alike = self._successes.alike(self._pipeline, self._environment, wanted, first, last)
            tried = {lookup.name: alike.get((lookup.base, likeness[lookup.name]), []) for lookup in rest}
            live = self._live([success for successes in tried.values() for success in successes])
            for name, successes in tried.items():
                if alive := next((success for success in successes if success.id in live), None):
                    found[name] = _past(alive, live)
            rest = [lookup for lookup in rest if lookup.name not in found and tried[lookup.name]]
            if not rest:
                break
        missing = [lookup for lookup in lookups if lookup.name not in found]
        latest = self._successes.latest(
            self._pipeline, self._environment, [(one.base, one.key, one.partition) for one in missing]
        )
        live = self._live(latest.values())
        return found | {missing[place].name: _past(success, live) for place, success in latest.items()}

    def seconds(self, bases: Collection[str]) -> dict[str, list[tuple[str, float]]]:
        """Base → run and duration of its latest successes, newest first."""
        return self._successes.seconds(self._pipeline, self._environment, bases, SAMPLES)

    def _live(self, successes: Iterable[StepRun]) -> frozenset[str]:
        """The ids of those whose outputs are all still part of what is current, and whose report is still there."""
        live = {}
        doubtful: list[tuple[StepRun, int, int]] = []
        for success in successes:
            outputs = [(snapshot, self._current.get(name)) for name, snapshot in success.outputs.items()]
            live[success.id] = all(now is not None for _, now in outputs) and self._has_report(success)
            doubtful += [(success, then, now) for then, now in outputs if now is not None and then != now]
        doubtful = [item for item in doubtful if live[item[0].id]]
        if doubtful:
            outputs_of = _Outputs(self._successes, {snapshot for _, *both in doubtful for snapshot in both})
            for success, then, now in doubtful:
                live[success.id] = live[success.id] and outputs_of.stand(success, then, now)
        return frozenset(identifier for identifier, lives in live.items() if lives)

    def _has_report(self, success: StepRun) -> bool:
        return not success.report or (self._state / success.report).exists()


class _Outputs:
    """The files of snapshots, to tell whether what one brought is still part of another."""

    def __init__(self, successes: Successes, snapshots: Collection[int]) -> None:
        self._parents = successes.parents(snapshots)
        before = {parent for parent in self._parents.values() if parent is not None}
        self._files = successes.contents({*snapshots, *before})
        self._cuts = successes.cuts({file for snapshot in snapshots for file in self._files.get(snapshot, ())})

    def stand(self, success: StepRun, then: int, now: int) -> bool:
        """Whether what ``success`` left in snapshot ``then`` is in ``now``.

        That is its part of the data, where every file says which part it is of; else the files that came with it.
        """
        old, new = (self._files.get(snapshot, frozenset()) for snapshot in (then, now))
        wanted = {**success.partition, **{name: in_text(value) for name, value in success.key.items()}}
        names = [name for name in wanted if old | new and all(name in self._cuts[file][1] for file in old | new)]
        if names:
            part = {name: {*spellings(wanted[name])} for name in names}
            return self._digests(old, part) == self._digests(new, part)
        parent = self._parents.get(then)
        return old - (self._files.get(parent, frozenset()) if parent is not None else frozenset()) <= new

    def _digests(self, files: frozenset[int], part: Mapping[str, set[str]]) -> list[str]:
        cuts = (self._cuts[file] for file in files)
        return sorted(
            digest
            for digest, values in cuts
            if all(texts & {*spellings(values[name], stored=True)} for name, texts in part.items())
        )


def _past(success: StepRun, live: frozenset[str]) -> Past:
    assert success.fingerprint is not None
    return Past(
        success.id,
        success.fingerprint,
        success.id in live,
        success.seconds,
        success.run,
        success.report,
        success.values,
    )
