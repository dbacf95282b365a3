"""Whether a kernel that was forked ahead would be to a step what a kernel of its own start is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

HEARD_AT_START = {
    "ARROW_": "pyarrow",
    "BLIS_": "numpy",
    "GLIBC_": "",
    "IPYTHON": "",
    "JUPYTER_": "",
    "LANG": "",
    "LC_": "",
    "LD_": "",
    "MALLOC_": "",
    "MKL_": "numpy",
    "MPL": "matplotlib",
    "NUMBA_": "numba",
    "NUMEXPR_": "numexpr",
    "OMP_": "numpy",
    "OPENBLAS_": "numpy",
    "PLOTLY_": "plotly",
    "PYTHON": "",
    "TZ": "",
}
"""Beginnings of the names of variables that count only when something starts: a library, or the interpreter itself."""


def misfit(before: Mapping[str, str], environment: Mapping[str, str], cwd: str, modules: frozenset[str]) -> str:
    """Why a fork would not do; empty when it would.

    ``before`` is the environment that its image was started with, ``environment`` and ``cwd`` are those of the step,
    ``modules`` are the top-level modules of the image.
    """
    for name in {*before, *environment} - {"PYTHONPATH"}:
        if before.get(name) != environment.get(name) and _is_heard(name, modules):
            return f"{name} is another one than when the template was started"
    known = set(_path(before))
    for folder in [entry for entry in _path(environment) if entry not in known]:
        if found := sorted(modules & set(_modules_in(folder))):
            return f"{found[0]} in {folder} takes the place of a library"
    if found := sorted((modules - sys.stdlib_module_names) & set(_modules_in(cwd))):
        return f"{found[0]} in {cwd} takes the place of a library"
    return ""


def _is_heard(name: str, modules: frozenset[str]) -> bool:
    return any(name.startswith(start) and (not top or top in modules) for start, top in HEARD_AT_START.items())


def _path(environment: Mapping[str, str]) -> list[str]:
    entries = environment.get("PYTHONPATH", "").split(os.pathsep)
    return [str(Path(entry).absolute()) for entry in entries if entry]


def _modules_in(folder: str) -> Iterator[str]:
    """The top-level modules that lie in a folder; packages without ``__init__`` give way to all others."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        name, dot, ending = entry.name.partition(".")
        if (dot and ending.rpartition(".")[2] in ("py", "pyc", "so")) or (
            not dot and name.isidentifier() and (Path(entry.path) / "__init__.py").exists()
        ):
            yield name
