"""The environment that a notebook's results depend on: its kernel, the language, the versions of what it imports."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import Distribution

_OURS = "workbench"


def kernel_environment(
    kernel: str, language: str, imports: Iterable[str], versions: Callable[[str], Mapping[str, str]] | None = None
) -> Mapping[str, str]:
    """``kernel``, ``python`` (for Python) and each imported distribution with its version, by name.

    ``versions`` tells the distributions behind a top-level module; by default they are looked up. Workbench itself is
    left out: what of it shapes results is counted by ``FINGERPRINT_VERSION``, so that installing a new release does not
    run every step again. The standard library goes with the version of the language.
    """
    found = {"kernel": kernel}
    if language != "python":
        return found | {"language": language}
    found["python"] = platform.python_version()
    tops = {name.partition(".")[0] for name in imports if not name.startswith("./")}
    for top in sorted(tops - {_OURS} - sys.stdlib_module_names):
        found.update((versions or installed)(top))
    return found


@lru_cache(maxsize=1024)
def installed(module: str) -> Mapping[str, str]:
    """The distributions that hold a top-level module, with their versions; none when it is not installed."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        named = distribution(module)
    except (PackageNotFoundError, ValueError):
        named = None
    if named is not None and _holds(named, module):
        return {named.name.lower(): named.version}
    return {name.lower(): distribution(name).version for name in sorted(set(_owners().get(module, [])))}


def _holds(named: Distribution, module: str) -> bool:
    """Whether a distribution that bears a module's name is also the one that holds the module."""
    top = named.read_text("top_level.txt")
    if top is not None:
        return module in top.split()
    record = named.read_text("RECORD") or ""
    return any(line.startswith((f"{module}/", f"{module}.py,")) for line in record.splitlines())


@lru_cache(maxsize=1)
def _owners() -> Mapping[str, list[str]]:
    from importlib.metadata import packages_distributions

    return packages_distributions()
