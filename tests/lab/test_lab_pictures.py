"""Every page that there is has its picture: ``make screenshots`` takes them."""

from __future__ import annotations

from pictures import BEGIN, KEPT, SHOTS, THEMES, kinds


def test_every_page_has_its_picture() -> None:
    pictured = {str(shot.arguments["kind"]) for shot in SHOTS if shot.command == "workbench:open"}
    assert kinds() == pictured
    assert len(pictured) > 10


def test_what_the_docs_show_is_taken() -> None:
    taken = {f"{shot.name}-{theme}" for shot in (*SHOTS, BEGIN) for theme in THEMES}
    assert set(KEPT) <= taken
    assert len({shot.name for shot in (*SHOTS, BEGIN)}) == len(SHOTS) + 1
