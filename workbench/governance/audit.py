"""The audit log, as others ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.model.errors import StorageError
from workbench.model.governance import AuditEntry
from workbench.store.transaction import Store


class AuditService:
    """Who did what; entries are only ever added."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> AuditEntry:
        """Note that ``actor`` did ``action`` to ``subject``."""
        with self._store.writing() as transaction:
            return transaction.audit.append(actor, action, subject, detail)

    def entries(self, limit: int | None = 100) -> tuple[AuditEntry, ...]:
        """The newest entries, newest first."""
        with self._store.reading() as transaction:
            return transaction.audit.entries(limit)

    def verify(self) -> int:
        """How many entries there are, every one of them as it was written.

        Raises StorageError (WB-AUD-740), naming the first entry that was changed, removed or put in.
        """
        with self._store.reading() as transaction:
            bad = transaction.audit.verify()
            newest = transaction.audit.entries(1)
        if bad is not None:
            raise StorageError(
                "WB-AUD-740",
                f"the audit log was changed at entry {bad}",
                cause="its chain of hashes does not hold from there on",
                kept=f"Entries before {bad} are as they were written." if bad > 1 else "",
                next="compare the store with its last backup",
            )
        return newest[0].seq if newest else 0
