"""What the API answers to pages of JupyterLab alone, as types; see ``shapes``."""

from __future__ import annotations

from typing import TypedDict

from workbench.model.run import State


class Opened(TypedDict):
    """A notebook to open in JupyterLab, at ``cell`` where one failed.

    ``path`` is from the root of the server on, null where it does not serve that folder: then ``command`` shows it.
    ``kernel`` is the server's id of the kernel that the step has kept, until ``until`` if nobody uses it.
    """

    path: str | None
    cell: str
    kernel: str | None
    until: str | None
    command: str


class Square(TypedDict):
    """What became of a step in one part of the data; ``good`` of ``count`` instances are well, ``state`` the worst."""

    state: State | None
    good: int
    count: int
    run: str | None
    step: str | None
    at: str | None
    report: str | None


class MatrixRow(TypedDict):
    """One part of the data: a value for each partition, a square for each step."""

    values: list[str]
    squares: list[Square]


class Matrix(TypedDict):
    """What became of the partitions of a pipeline, ``total`` rows of them; no names where it has none."""

    pipeline: str
    environment: str
    names: list[str]
    steps: list[str]
    rows: list[MatrixRow]
    total: int
