"""Answers are written in pieces, and are the same as if they were written at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.ui.server.desk import PIECE, written

BOXES = [{"id": f"a.b{number}", "facts": [number, None, 'é"<']} for number in range(PIECE)]


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        "text",
        {"a": [], "b": {}, "c": None, "d": 1.5, "é": "\ud800"},
        [1] * (3 * PIECE),
        {"places": [1.5] * PIECE, "boxes": BOXES, "ways": [[1, 2]] * PIECE, "end": True},
        [[[1] * (2 * PIECE)]],
        {f"name {number}": [number] for number in range(PIECE)},
        ["x" * 64 * (PIECE + 1), 1, {"deep": {"deeper": ["x" * 64] * PIECE}}],
    ],
)
def test_what_is_written_is_the_document(document: Any) -> None:
    assert json.loads("".join(written(document))) == document


def test_no_piece_is_long() -> None:
    pieces = list(written({"boxes": BOXES, "one": 1}))
    assert len(pieces) > 2 and max(len(piece) for piece in pieces) < 64 * PIECE
    assert len(list(written({"boxes": BOXES[:10], "one": 1}))) == 1


def test_what_is_no_json_is_refused_in_a_piece_too() -> None:
    with pytest.raises(ValueError, match="JSON"):
        list(written([1.0] * PIECE + [float("nan")]))
