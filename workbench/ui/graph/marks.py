"""The signs in a picture: one for each kind of box, one for each look of a state; each drawn in 12 × 12 pixels."""

from __future__ import annotations

KINDS: dict[str, str] = {
    "dataset": (
        "M1.5 3C1.5 1.3 10.5 1.3 10.5 3V9C10.5 10.7 1.5 10.7 1.5 9Z"
        "M1.5 3C1.5 4.7 10.5 4.7 10.5 3M1.5 6C1.5 7.7 10.5 7.7 10.5 6"
    ),
    "step": "M2 2.5H10V9.5H2ZM4.6 4.4V7.6L7.6 6Z",
    "report": "M2.5 1.5H7.2L9.5 3.8V10.5H2.5ZM4.2 9V6.8M6 9V5.2M7.8 9V7.4",
    "column": "M2 2H10V10H2ZM4.8 2V10M7.4 2V10",
    "group": "M3.6 3.6H10.4V10.4H3.6ZM1.6 8.4V1.6H8.4",
}
"""Kind → its outline."""

LOOKS: dict[str, str] = {
    "succeeded": "M2 6.4L4.8 9.2L10 3.2",
    "running": "M10.4 6A4.4 4.4 0 1 1 6 1.6",
    "queued": "M6 1.8A4.2 4.2 0 1 1 6 10.2A4.2 4.2 0 1 1 6 1.8Z",
    "unchanged": "M2 6H10",
    "warn": "M6 1.8L10.8 10.2H1.2ZM6 4.8V7.2M6 8.7V8.8",
    "withheld": "M4 1.5H8L10.5 4V8L8 10.5H4L1.5 8V4ZM3.8 6H8.2",
    "failed": "M2.6 2.6L9.4 9.4M9.4 2.6L2.6 9.4",
    "cancelled": "M6 1.8A4.2 4.2 0 0 1 10.2 6M9 9A4.2 4.2 0 0 1 4.4 9.9M2.2 7.6A4.2 4.2 0 0 1 3.4 2.7",
}
"""Look → its sign."""

COLOURS: dict[str, str] = {
    "succeeded": "#2e7d32",
    "running": "#1565c0",
    "queued": "#607d8b",
    "unchanged": "#78909c",
    "warn": "#b26a00",
    "withheld": "#ad1457",
    "failed": "#c62828",
    "cancelled": "#5d4037",
}
"""Look → its colour on a light ground, for where the style sheet is taken out."""

OF_STATES: dict[str, str] = {
    "queued": "queued",
    "running": "running",
    "staged": "running",
    "succeeded": "succeeded",
    "pass": "succeeded",
    "fresh": "succeeded",
    "skipped": "unchanged",
    "warn": "warn",
    "stale": "warn",
    "late": "warn",
    "withheld": "withheld",
    "failed": "failed",
    "fail": "failed",
    "error": "failed",
    "cancelled": "cancelled",
    "upstream_failed": "cancelled",
    "lost": "cancelled",
}
"""State → its look; the others have none."""

WORDS: dict[str, str] = {"skipped": "unchanged", "upstream_failed": "upstream failed", "staged": "publishing"}
"""States whose word is another."""


def look(state: str) -> str:
    """How a state looks; empty for one that is not known."""
    return OF_STATES.get(state, "")


def word(state: str) -> str:
    """What people read for a state."""
    return WORDS.get(state, state)
