"""Charts to lay out and draw: drawn by chance, and of the kinds that people have."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from workbench.ui.graph.chart import Box, Chart

HOSTILE = (
    "</title></svg><script>hit()</script>",
    '"><img src=x onerror=hit()>',
    "\u202egnp.exe",
    "مرحبا بالعالم",
    "\U0001f680" * 40,
    "x" * 10_000,
    "nul\x00 bell\x07 esc\x1b[31m",
    "half \ud83d of one",
    "]]>&amp;<!--",
)


@st.composite
def arrows(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    """A number of vertices, and arrows between them: cycles, loops and repetitions too."""
    count = draw(st.integers(1, 24))
    ends = st.integers(0, count - 1)
    return count, draw(st.lists(st.tuples(ends, ends), max_size=50))


def crowd(count: int, edges: int, spread: float = 20.0, seed: int = 1) -> Chart:
    """Datasets and steps in eleven namespaces, joined mostly to what comes soon after."""
    chance = random.Random(seed)
    kinds = ("dataset", "step")
    boxes = [
        Box(f"n{i}", kinds[i % 2], f"space{i % 11}.name_{i}", "3 rows", "", "", f"space{i % 11}") for i in range(count)
    ]
    found: set[tuple[int, int]] = set()
    while len(found) < edges:
        source = chance.randrange(count - 1)
        found.add((source, min(count - 1, source + 1 + int(chance.expovariate(1 / spread)))))
    return Chart(f"{count} boxes", tuple(boxes), tuple((f"n{one}", f"n{two}") for one, two in sorted(found)))
