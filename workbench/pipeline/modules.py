"""The project's own modules that a notebook imports, and those that these import, found by name and read as text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from workbench.pipeline.references import module_imports


@dataclass(frozen=True)
class Modules:
    """``files`` maps a path, relative to the project where it lies in it, to a digest of its content.

    ``imported`` are the dotted names of all imports that led to no file of the project.
    """

    files: dict[str, str] = field(default_factory=dict)
    imported: tuple[str, ...] = ()


def local_modules(root: Path, notebook: str, imports: Iterable[str]) -> Modules:
    """The transitive project-local imports of a notebook.

    Modules are looked for next to the notebook, then in the project's folder; packages count with the ``__init__`` of
    each level; ``./file`` (from ``%run``) is a file next to the notebook or in the project's folder.
    """
    bases = tuple(dict.fromkeys((root / PurePosixPath(notebook).parent, root)))
    found: dict[str, str] = {}
    outside: dict[str, None] = {}
    waiting = list(imports)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        files = _files(bases, name)
        if not files:
            outside[name] = None
        for file, package in files:
            shown = _shown(root, file)
            if shown not in found and (read := _content(file)) is not None:
                source, found[shown] = read
                waiting += module_imports(source, package)
    return Modules(dict(sorted(found.items())), tuple(sorted(outside)))


def _files(bases: tuple[Path, ...], name: str) -> list[tuple[Path, str]]:
    """The files that importing ``name`` executes, each with the package that its relative imports start from."""
    if name.startswith("./"):
        paths = [base / suffixed for base in bases for suffixed in (name, f"{name}.py")]
        return [(path, "") for path in paths if path.suffix == ".py" and path.is_file()][:1]
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        return []
    for base in bases:
        files = _chain(base, parts)
        if files:
            return files
    return []


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


def _content(file: Path) -> tuple[str, str] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return _read(str(file), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1024)
def _read(file: str, modified: int, size: int) -> tuple[str, str] | None:
    try:
        content = Path(file).read_bytes()
    except OSError:
        return None
    return content.decode(errors="replace"), hashlib.sha256(content).hexdigest()[:16]
