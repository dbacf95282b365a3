"""What of its inputs counts for a step: of a dataset that is cut by its partition, the files of that part alone."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping

from workbench.model.dataset import DataFile, Input
from workbench.model.plan import Fingerprint, PlannedStep
from workbench.pipeline.partitions import spellings

REMEMBERED = 256
"""Snapshots of which is remembered how they are cut."""


class Inputs:
    """Says what counts of inputs; remembers how the files of the snapshots it has seen are cut."""

    def __init__(self) -> None:
        self._parts: dict[int, _Parts] = {}

    def settled(self, step: PlannedStep, inputs: Mapping[str, Input]) -> Fingerprint:
        """The fingerprint of a planned step with its inputs as they are now."""
        return step.fingerprint.with_inputs(
            self.counted(inputs, step.writes, own_part(step.partition, step.parameters))
        )

    def counted(
        self, inputs: Mapping[str, Input], writes: Collection[str], partition: Mapping[str, str]
    ) -> dict[str, int | str | None]:
        """Dataset → a value that changes when what counts of it does; what the step itself writes is left out."""
        return {name: self._value(found, partition) for name, found in inputs.items() if name not in writes}

    def _value(self, found: Input, partition: Mapping[str, str]) -> int | str:
        """The id of the snapshot; or a digest of schema and files of the part, where every file says what it is of."""
        if not partition:
            return found.snapshot
        if found.snapshot not in self._parts:
            if len(self._parts) >= REMEMBERED:
                self._parts.clear()
            self._parts[found.snapshot] = _Parts(found.files)
        parts = self._parts[found.snapshot]
        wanted = {name: value for name, value in partition.items() if name in parts.names}
        if not wanted:
            return found.snapshot
        digests = sorted(found.files[index].digest for index in parts.of(wanted))
        text = "\n".join([found.schema.id, *(f"{name}={value}" for name, value in wanted.items()), *digests])
        return f"part:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:16]}"


def own_part(partition: Mapping[str, str], parameters: Collection[str]) -> dict[str, str]:
    """The part of its inputs that a step is about: it has to take the partition's parameter by that very name.

    A step that is only handed the value under another name may look at other parts too.
    """
    return {name: value for name, value in partition.items() if name in parameters}


class _Parts:
    """The files of one snapshot by the values of their partition columns; ``names`` are those that every file has."""

    def __init__(self, files: tuple[DataFile, ...]) -> None:
        self.names = frozenset.intersection(*(frozenset(file.partition) for file in files)) if files else frozenset()
        self._by: dict[tuple[str, str], set[int]] = defaultdict(set)
        for index, file in enumerate(files):
            for name in self.names:
                for text in spellings(file.partition[name], stored=True):
                    self._by[name, text].add(index)

    def of(self, wanted: Mapping[str, str]) -> set[int]:
        """The places of the files that have all of these values."""
        found = []
        for name, value in wanted.items():
            found.append({index for text in spellings(value) for index in self._by.get((name, text), ())})
        return set.intersection(*found)
