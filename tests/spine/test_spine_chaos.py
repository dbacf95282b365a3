"""Kill -9 and SIGSTOP at random moments over all processes of a few runs; ``benchmarks/chaos.py`` does it at large."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from nemesis import Acts, Nemesis, judge, scratch, script

SEEDS = (7, 8)
RUNS, ACTS = 2, 5
"""Of each seed: runs one after another, and acts upon each."""
SPAN = 2.5
"""Seconds between two acts at most, about as long as a run takes in peace."""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_whatever_is_killed_and_stopped_nothing_acknowledged_is_lost_or_there_twice(tmp_path: Path) -> None:
    nemesis = Nemesis(scratch(tmp_path / "project"), random.Random(1), patience=30.0)

    def work(number: int) -> None:
        for token in range(RUNS):
            nemesis.carry_out(10 * number + token, Acts(script(random.Random(SEEDS[number] + token), ACTS, SPAN)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(SEEDS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert judge(nemesis.root, nemesis.figures) == [], nemesis.figures
    assert len(nemesis.figures.tokens) == RUNS * len(SEEDS)
