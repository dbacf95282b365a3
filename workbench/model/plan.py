"""What should run and why: the frozen list that ``wb plan`` prints and ``wb run`` walks."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from enum import StrEnum
from typing import Any

from workbench.model.frozen import dataclass
from workbench.model.pipeline import Fan, ReportSpec, StepOptions

FINGERPRINT_VERSION = 1
NOT_SELECTED = "not selected"
"""What the reason of a step says that was left out of a run."""


class Action(StrEnum):
    """What a plan says of a step; ``decide`` is settled when the steps before it have finished."""

    RUN = "run"
    SKIP = "skip"
    DECIDE = "decide"


@dataclass(frozen=True)
class Change:
    """One difference between two fingerprints: a ``component``, the ``subject`` in it, and how it changed."""

    component: str
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.component}: {self.subject} {self.detail}"


@dataclass(frozen=True)
class Fingerprint:
    """Named components that decide whether a step has to run; each maps a subject to a digest or a shown value.

    ``code``: code cells and behaviour tags, by cell id, in order; ``imports``: project-local modules by path;
    ``parameters``: rendered values; ``inputs``: dataset → snapshot id, or for a step of one partition the digest of
    that part of it; ``environment``: kernel, language version and the versions of the distributions imported;
    ``docs``: Markdown and report settings, filled for reports only.
    """

    code: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    docs: Mapping[str, str] = field(default_factory=dict)
    version: int = FINGERPRINT_VERSION

    @property
    def digest(self) -> str:
        """sha256 over the canonical JSON of all components; code keeps its order, the others do not matter."""
        parts = [self.version, list(self.code.items())]
        parts += [sorted(part.items()) for _, part in self.components() if part is not self.code]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()

    def components(self) -> tuple[tuple[str, Mapping[str, str]], ...]:
        return (
            ("code", self.code),
            ("imports", self.imports),
            ("parameters", self.parameters),
            ("inputs", self.inputs),
            ("environment", self.environment),
            ("docs", self.docs),
        )

    def with_inputs(self, inputs: Mapping[str, int | str | None]) -> Fingerprint:
        """The same with its inputs settled to snapshot ids, or to digests of the parts of them that count.

        ``None`` stands for a dataset that has no snapshot.
        """
        settled = {name: str(snapshot) for name, snapshot in inputs.items()}
        return Fingerprint(self.code, self.imports, self.parameters, settled, self.environment, self.docs, self.version)

    def changes_since(self, before: Fingerprint) -> tuple[Change, ...]:
        """What differs, component by component; empty exactly when the digests agree."""
        changes = []
        if self.version != before.version:
            changes.append(Change("version", "fingerprint", f"{before.version} → {self.version}"))
        for (name, now), (_, then) in zip(self.components(), before.components(), strict=True):
            if now == then:
                continue
            for subject in [*now, *(key for key in then if key not in now)]:
                if subject not in then:
                    changes.append(Change(name, subject, "added"))
                elif subject not in now:
                    changes.append(Change(name, subject, "removed"))
                elif now[subject] != then[subject]:
                    shown = name in {"parameters", "environment"}
                    changes.append(Change(name, subject, f"{then[subject]} → {now[subject]}" if shown else "changed"))
        if not changes and list(self.code) != list(before.code):
            changes.append(Change("code", "cells", "in another order"))
        return tuple(changes)


@dataclass(frozen=True)
class Reason:
    """Why a step runs or not: a stable ``code`` (``unchanged``, ``first_run`` …), a sentence, the changes."""

    code: str
    text: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Lookup:
    """Whose past is asked for: the instance of ``base`` with this ``key`` and ``partition``, called ``name`` now.

    ``fingerprint`` is without its inputs.
    """

    name: str
    base: str
    fingerprint: Fingerprint
    key: Mapping[str, Any] = field(default_factory=dict)
    partition: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Past:
    """An earlier success of a step; ``outputs_live`` says whether what it wrote is still part of the current data.

    ``run`` is the run it belongs to, ``report`` the page it made, relative to the state folder, ``values`` what it
    recorded.
    """

    step_run: str
    fingerprint: Fingerprint
    outputs_live: bool
    seconds: float | None = None
    run: str = ""
    report: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, fingerprint: Fingerprint) -> bool:
        """Whether this success still stands for a step with that fingerprint."""
        return self.outputs_live and self.fingerprint.digest == fingerprint.digest


@dataclass(frozen=True)
class Forecast:
    """What a step or a run is expected to take, in seconds: half of the past ones took at most ``p50``."""

    p50: float
    p85: float
    samples: int


def forecast(seconds: Iterable[float]) -> Forecast | None:
    """The median and the 85th percentile (nearest rank) of some durations; None for none."""
    ordered = sorted(seconds)
    if not ordered:
        return None
    middle = len(ordered) // 2
    p50 = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return Forecast(p50, ordered[math.ceil(0.85 * len(ordered)) - 1], len(ordered))


@dataclass(frozen=True)
class PlannedStep:
    """One step of a plan, with everything that running it needs.

    ``source`` is the notebook as it will be executed: outputs stripped, the parameters injected, frozen at planning;
    empty for a step that is skipped. ``past`` is the success to compare with; when the action is ``decide`` the step is
    skipped if, its inputs settled, its fingerprint equals the past one. ``upstream`` are the steps to wait for; a
    ``base`` there stands for all steps of that base, also for those that a fan becomes on the way.

    ``base`` is the step of the pipeline file. Where that fans out or is partitioned, ``name`` tells its instances apart
    (``delays[EWR]``, ``clean[2013-01-15]``), ``key`` holds the values of its ``foreach:``, ``partition`` those of its
    partitions, and ``max_parallel`` bounds the instances of ``base`` at work at once. ``fan`` is set while the values
    are not known yet: an earlier step has to record them, then the step is replaced by its instances (``pipeline.fans``
    makes them from the values that its upstream recorded); without any value it is skipped.
    """

    name: str
    notebook: str
    action: Action
    reason: Reason
    fingerprint: Fingerprint
    parameters: Mapping[str, Any]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    upstream: tuple[str, ...]
    kernel: str
    source: str
    options: StepOptions
    report: ReportSpec | None = None
    tags: tuple[str, ...] = ()
    past: Past | None = None
    base: str = ""
    key: Mapping[str, Any] = field(default_factory=dict)
    partition: Mapping[str, str] = field(default_factory=dict)
    max_parallel: int | None = None
    fan: Fan | None = None
    forecast: Forecast | None = None

    @property
    def timeout(self) -> float:
        """Seconds that the whole step may take; the planner has settled it."""
        assert self.options.timeout is not None
        return self.options.timeout


@dataclass(frozen=True)
class Plan:
    """A frozen plan; ``steps`` are in an order in which every step follows its upstream.

    ``timeout`` (seconds) bounds the run, ``concurrency`` how many runs of the pipeline go on at once.
    """

    pipeline: str
    environment: str
    parameters: Mapping[str, Any]
    steps: tuple[PlannedStep, ...]
    created_at: str = ""
    timeout: float | None = None
    concurrency: int | None = None
    forecast: Forecast | None = None

    def keeping(self, seconds: float) -> Plan:
        """The same plan, whose steps keep their kernel so long when they fail, where they say nothing else."""
        return replace(
            self,
            steps=tuple(
                replace(step, options=replace(step.options, keep_failed=step.options.keep_failed or seconds))
                for step in self.steps
            ),
        )

    def step(self, name: str) -> PlannedStep:
        return next(step for step in self.steps if step.name == name)
