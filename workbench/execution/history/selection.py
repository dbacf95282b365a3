"""How people name a run: by its id or the end of it, or by how many runs ago it was, of which pipeline and outcome."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbench.model.errors import NotFound, UsageError, did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.run import Run, State
from workbench.store.transaction import Transaction

WORDS: dict[str, tuple[State, ...]] = {
    "last": (),
    "last-success": (State.SUCCEEDED,),
    "last-failed": (State.FAILED, State.LOST),
    "last-withheld": (State.WITHHELD,),
    "last-cancelled": (State.CANCELLED,),
    "last-running": (State.QUEUED, State.RUNNING),
}
"""What may stand for an id, and the states it asks for; ``PIPELINE@`` before it and ``~N`` behind it narrow it."""

_SELECTOR = re.compile(r"(?:(?P<pipeline>[^@~]*)@)?(?P<word>[^@~]*)(?:~(?P<back>\d{1,6}))?")


@dataclass(frozen=True)
class Selector:
    """``PIPELINE@last-success~2`` in parts: the newest but ``back`` of a pipeline's runs in one of ``states``."""

    word: str
    states: tuple[State, ...]
    pipeline: str = ""
    back: int = 0


def parse(text: str) -> Selector | None:
    """The selector that ``text`` is, ``None`` when it is to be an id. Raises UsageError (WB-RUN-404)."""
    if not any(mark in text for mark in "@~-") and not text.lower().startswith("last"):
        return None  # ids hold digits and capitals, never an L
    found = _SELECTOR.fullmatch(text.strip())
    if found is None or found["word"] not in WORDS:
        raise _unknown(text, found["word"] if found else text.rpartition("@")[2])
    return Selector(found["word"], WORDS[found["word"]], found["pipeline"] or "", int(found["back"] or 0))


def select(transaction: Transaction, text: str, known: Iterable[str] = ()) -> Run:
    """The run, with its steps, that ``text`` names; ``known`` are pipelines that need not have run yet.

    Raises NotFound (WB-RUN-401), UsageError (WB-RUN-402 an ambiguous end of an id, WB-RUN-404 an unknown selector).
    """
    selector = parse(text)
    if selector is None:
        return _by_id(transaction, text)
    if selector.pipeline:
        check_pipeline(transaction, selector.pipeline, known)
    wanted = {"pipeline": selector.pipeline or None, "states": selector.states or None}
    identifier = transaction.past.nth(selector.back, **wanted)  # type: ignore[arg-type]
    if identifier is None:
        raise _too_few(text, selector)
    return transaction.runs.get(identifier)


def check_pipeline(transaction: Transaction, name: str, known: Iterable[str] = ()) -> None:
    """Raise NotFound (WB-PIP-601) unless a pipeline of that name has run, or is one of ``known``."""
    names = sorted({*transaction.past.pipelines(), *known})
    if name not in names:
        told = f"known: {', '.join(names[:20])}{' …' if len(names) > 20 else ''}." if names else "nothing has run yet."
        raise NotFound("WB-PIP-601", f'there is no pipeline "{name}"', cause=told + did_you_mean(name, names))


def _by_id(transaction: Transaction, text: str) -> Run:
    try:
        return transaction.runs.get(text)
    except NotFound as error:
        if text in transaction.past.pipelines():
            error.cause, error.next = f"{text} is a pipeline", f"{text}@last is its newest run"
        raise


def _unknown(text: str, word: str) -> UsageError:
    return UsageError(
        "WB-RUN-404",
        f'"{text}" names no run',
        cause=f"it would be an id, or [PIPELINE@]WORD[~N] with a WORD of {', '.join(WORDS)}."
        + did_you_mean(word, WORDS),
        next="wb runs list",
    )


def _too_few(text: str, selector: Selector) -> NotFound:
    if selector.word == "last" and not selector.pipeline and not selector.back:
        return NotFound("WB-RUN-401", "nothing has run yet", next="wb run PIPELINE")
    cause = "there are not so many" if selector.back else "none has ended so"
    more = f" --pipeline {selector.pipeline}" if selector.pipeline else ""
    return NotFound("WB-RUN-401", f'there is no run "{text}"', cause=cause, next=f"wb runs list{more}")
