"""The project's own modules that a notebook imports, and those that these import, found by name and read as text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import field
from pathlib import Path, PurePosixPath

from workbench.model.frozen import dataclass
from workbench.pipeline.references import module_imports


@dataclass(frozen=True)
class Modules:
    """``files`` maps a path, relative to the project where it lies in it, to a digest of its content.

    ``imported`` are the dotted names of all imports that led to no file of the project.
    """

    files: dict[str, str] = field(default_factory=dict)
    imported: tuple[str, ...] = ()


Source = tuple[str, tuple[str, ...]]
"""The digest of a module's content, and the dotted names that it imports."""


def read_module(file: Path, package: str) -> Source | None:
    """What a module is and imports, None when it cannot be read; its relative imports start from ``package``."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    imports = module_imports(content.decode(errors="replace"), package)
    return hashlib.sha256(content).hexdigest()[:16], imports


class Finder:
    """Finds modules; what it has found it does not look for again, so that it is of use for one moment only.

    Modules are looked for next to the notebook, then in the project's folder; packages count with the ``__init__`` of
    each level; ``./file`` (from ``%run``) is a file next to the notebook or in the project's folder.
    """

    def __init__(self, root: Path, read: Callable[[Path, str], Source | None] = read_module) -> None:
        self._root = root
        self._read = read
        self._found: dict[tuple[str, tuple[str, ...]], Modules] = {}
        self._chains: dict[tuple[Path, str], list[tuple[Path, str]]] = {}
        self._sources: dict[tuple[Path, str], Source | None] = {}

    def modules(self, notebook: str, imports: Iterable[str]) -> Modules:
        """The transitive project-local imports of a notebook."""
        folder = PurePosixPath(notebook).parent.as_posix()
        key = (folder, tuple(imports))
        if key not in self._found:
            self._found[key] = self._collect(tuple(dict.fromkeys((self._root / folder, self._root))), key[1])
        return self._found[key]

    def _collect(self, bases: tuple[Path, ...], imports: Iterable[str]) -> Modules:
        found: dict[str, str] = {}
        outside: dict[str, None] = {}
        waiting = list(imports)
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            files = self._files(bases, name)
            if not files:
                outside[name] = None
            for file, package in files:
                shown = _shown(self._root, file)
                if shown not in found and (source := self._source(file, package)) is not None:
                    found[shown], more = source
                    waiting += more
        return Modules(dict(sorted(found.items())), tuple(sorted(outside)))

    def _files(self, bases: tuple[Path, ...], name: str) -> list[tuple[Path, str]]:
        """The files that importing ``name`` executes, each with the package that its relative imports start from."""
        if name.startswith("./"):
            paths = [base / suffixed for base in bases for suffixed in (name, f"{name}.py")]
            return [(path, "") for path in paths if path.suffix == ".py" and path.is_file()][:1]
        if not all(part.isidentifier() for part in name.split(".")):
            return []
        for base in bases:
            if (base, name) not in self._chains:
                self._chains[base, name] = _chain(base, name.split("."))
            if files := self._chains[base, name]:
                return files
        return []

    def _source(self, file: Path, package: str) -> Source | None:
        if (file, package) not in self._sources:
            self._sources[file, package] = self._read(file, package)
        return self._sources[file, package]


def _chain(base: Path, parts: list[str]) -> list[tuple[Path, str]]:
    """``a.b.c`` → ``a/__init__.py``, ``a/b/__init__.py``, ``a/b/c.py``, as far as they exist."""
    files: list[tuple[Path, str]] = []
    folder = base
    for depth, part in enumerate(parts):
        package = ".".join(parts[: depth + 1])
        if (folder / part / "__init__.py").is_file():
            files.append((folder / part / "__init__.py", package))
        elif (folder / f"{part}.py").is_file():
            files.append((folder / f"{part}.py", ".".join(parts[:depth])))
            break
        elif not (folder / part).is_dir():
            break
        folder /= part
    return files


def _shown(root: Path, file: Path) -> str:
    path = file.relative_to(root) if file.is_relative_to(root) else file
    return path.as_posix()
