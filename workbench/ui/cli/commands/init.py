"""``wb init``: a new project, or a complete example, made aside and moved into place whole."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path
from typing import Annotated

import typer

from workbench.model.errors import Conflict, NotFound, UsageError, did_you_mean
from workbench.ui.cli.face import Face, command

TEMPLATE = Path(__file__).parent.parent / "template"
_LEFT_OUT = shutil.ignore_patterns(".workbench", ".ipynb_checkpoints", "__pycache__")
_IGNORED = ".gitignore"


def register(app: typer.Typer) -> None:
    """Add ``init`` to the commands."""

    @command(app, "init")
    def init(
        face: Face,
        folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Where; default: here.")] = None,
        example: Annotated[
            str | None, typer.Option("--example", metavar="NAME", help="Start from an example.", autocompletion=_names)
        ] = None,
        force: Annotated[
            bool, typer.Option("--force", help="Also into a folder that holds files; none is lost.")
        ] = False,
    ) -> None:
        """Make a new project, or a complete example.

        Example: wb init demo --example flights
        """
        target = (folder or face.folder or Path()).absolute()
        pipeline = make(target, example, force=force)
        shown = _shown(target)
        steps = ([f"cd {shlex.quote(shown)}"] if shown != "." else []) + [f"wb run {pipeline}"]
        document = {"project": str(target), "example": example, "pipeline": pipeline, "next": steps}
        face.show(document, f"Made a project in {target}.", f"Next: {' && '.join(steps)}")


def make(target: Path, example: str | None = None, *, force: bool = False) -> str:
    """Make a project in ``target`` and return its pipeline to run first. A ``.gitignore`` that is there stays.

    Raises Conflict (WB-CLI-811) when the folder holds something (with ``force``: when a file of the same name is
    there), NotFound (WB-CLI-812) for an example there is none of, UsageError (WB-CLI-813) when no folder can be there.
    """
    source = _example(example) if example else TEMPLATE
    files = _files(source)
    if target.exists() and not target.is_dir():
        raise UsageError("WB-CLI-813", f"{target} is a file", next="name a folder")
    there = sorted(path.name for path in target.iterdir()) if target.exists() else []
    if there and not force:
        what = "a project is there already" if "workbench.toml" in there else f"{target} is not empty"
        cause = f"it holds {', '.join(there[:3])}{' …' if len(there) > 3 else ''}"
        raise Conflict(
            "WB-CLI-811", what, cause=cause, kept="Nothing was written.", next="name another folder, or --force"
        )
    if (target / _IGNORED).exists():
        files.pop(_IGNORED, None)
    if taken := [name for name in files if (target / name).exists()]:
        raise Conflict(
            "WB-CLI-811",
            f"{target} holds files of the same name",
            cause=f"{', '.join(taken[:3])} would be replaced",
            kept="Nothing was written.",
            next="name another folder",
        )
    _build(source, files, target)
    return example or "first"


def _build(source: Path, files: dict[str, Path], target: Path) -> None:
    from workbench.durable import explained

    existing = next(folder for folder in (target, *target.parents) if folder.exists())
    aside = existing / f".wb-init-{os.getpid()}"
    try:
        with explained(target):
            for name, path in files.items():
                (aside / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, aside / name)
            if source == TEMPLATE:
                settings = aside / "workbench.toml"
                settings.write_text(
                    settings.read_text(encoding="utf-8").replace("{name}", _name(target)), encoding="utf-8"
                )
            if _IGNORED not in files:  # the folder has its own: the state sees to it by itself that git leaves it out
                own = f".workbench/{_IGNORED}"
                (aside / own).parent.mkdir()
                (aside / own).write_text("*\n", encoding="utf-8")
                files = {**files, own: aside / own}
            _move(aside, files, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _move(aside: Path, files: dict[str, Path], target: Path) -> None:
    """Rename the whole folder where none was; else each file, ``workbench.toml`` last, for it makes a project."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        aside.rename(target)
        return
    for name in sorted(files, key="workbench.toml".__eq__):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (aside / name).rename(target / name)


def _files(source: Path) -> dict[str, Path]:
    """Every file of a template or an example: its place in the project, and where it is copied from."""
    found: dict[str, Path] = {}
    for folder, folders, names in os.walk(source):
        skipped = _LEFT_OUT(folder, [*folders, *names])
        folders[:] = sorted(set(folders) - skipped)
        for name in sorted(set(names) - skipped):
            path = Path(folder, name)
            place = path.relative_to(source).as_posix()
            found[_IGNORED if place == "gitignore" else place] = path
    return found


def _example(name: str) -> Path:
    for folder in _examples():
        if folder.name == name:
            return folder
    known = [folder.name for folder in _examples()]
    cause = f"known: {', '.join(known)}." + did_you_mean(name, known) if known else "this installation holds none"
    raise NotFound("WB-CLI-812", f'there is no example "{name}"', cause=cause)


def _examples() -> list[Path]:
    package = Path(__file__).parents[3]
    homes = (package / "examples", package.parent / "notebooks")
    return [folder for home in homes if home.is_dir() for folder in sorted(home.iterdir()) if _is_project(folder)]


def _is_project(folder: Path) -> bool:
    return (folder / "workbench.toml").is_file()


def _names(incomplete: str) -> list[str]:
    return [folder.name for folder in _examples() if folder.name.startswith(incomplete)]


def _name(target: Path) -> str:
    from workbench.config import project_name

    return project_name(target)


def _shown(target: Path) -> str:
    path = os.path.relpath(target)
    return str(target) if path.startswith("..") else path
