"""Where quality is told of runs: candidates are measured and held to their contract, results land with the snapshot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.model.quality import Examination
from workbench.plugins import hookimpl
from workbench.quality.contracts import contract_files, load_contracts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.model.dataset import Candidate
    from workbench.model.quality import Contract
    from workbench.model.run import StepResult


class ContractBook:
    """The contracts of a project, read again when one of their files has changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._stamp: tuple[tuple[str, int, int], ...] | None = None
        self._contracts: dict[str, Contract] = {}

    def contracts(self) -> Mapping[str, Contract]:
        """The contracts as their files have them now, by dataset. Raises SpecError."""
        stamp = tuple(
            (path.name, status.st_mtime_ns, status.st_size)
            for path in contract_files(self.root)
            for status in (path.stat(),)
        )
        if stamp != self._stamp:
            self._contracts = load_contracts(self.root)
            self._stamp = stamp
        return self._contracts


class Listener:
    """Examines candidates, and files what was found when they are published or withheld."""

    def __init__(self, root: Path) -> None:
        self.book = ContractBook(root)

    @hookimpl
    def examine(self, candidate: Candidate) -> Examination | None:
        """The profile of a candidate and the results of its contract's checks, none where it has no contract."""
        from workbench.quality.compiler import evaluate
        from workbench.quality.profile import measure

        contract = self.book.contracts().get(candidate.dataset)
        files = [file.path for file in candidate.files]
        profile = measure(candidate.dataset, files, candidate.schema)
        results = evaluate(contract.checks, files, candidate.schema) if contract is not None else ()
        return Examination(profile, results)

    @hookimpl
    def publishing(self, transaction: Any, result: StepResult) -> None:
        """Add profile and results to each snapshot that the step made, withheld ones too."""
        for snapshot in result.snapshots:
            examination = result.examinations.get(snapshot.dataset)
            if examination is None:
                continue
            if examination.profile is not None:
                transaction.quality.add_profile(replace(examination.profile, snapshot=snapshot.id))
            if examination.results:
                transaction.quality.add(snapshot.id, examination.results)
