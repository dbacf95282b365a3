"""Random numbers after a fork: generators that were seeded by chance before it are seeded by chance again."""

from __future__ import annotations

import contextlib
import gc
import secrets
import sys
from collections.abc import Iterator
from typing import Any


class Reseeding:
    """Knows which generators of an image were seeded by chance, and seeds them anew in a fork of it.

    Generators that a library made with a seed of its own stay as they are: they give the same numbers in every
    process, forked or not. ``random`` itself is seeded again by Python.
    """

    def __init__(self) -> None:
        self._drawn: set[int] = set()
        self._found: list[Any] = []

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Note, during the imports in the block, what numpy draws from the system to seed generators with."""
        draw = secrets.randbits

        def noting(k: int) -> int:
            number = draw(k)
            self._drawn.add(number)
            return number

        secrets.randbits = noting
        try:
            yield
        finally:
            secrets.randbits = draw
            if "numpy.random.bit_generator" in sys.modules:
                sys.modules["numpy.random.bit_generator"].randbits = draw  # type: ignore[attr-defined]
            self._find()

    def _find(self) -> None:
        if "numpy.random" not in sys.modules:
            return
        import numpy

        holders = (numpy.random.Generator, numpy.random.RandomState)
        found: dict[int, Any] = {}
        for thing in gc.get_objects():
            if isinstance(thing, (numpy.random.BitGenerator, *holders)):
                bits: Any = getattr(thing, "_bit_generator", thing)
                if getattr(getattr(bits, "seed_seq", None), "entropy", None) in self._drawn:
                    found[id(bits)] = bits
        self._found = list(found.values())

    def apply(self) -> None:
        """Seed by chance what was seeded by chance; for the fork."""
        for bits in self._found:
            bits.state = type(bits)().state
        if "numpy.random" in sys.modules:
            sys.modules["numpy.random"].seed()
        if "torch" in sys.modules:
            sys.modules["torch"].seed()
        if "multiprocessing.process" in sys.modules:
            process = sys.modules["multiprocessing.process"]
            process.current_process().authkey = secrets.token_bytes(32)
