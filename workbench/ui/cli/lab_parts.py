"""Whether JupyterLab shows the pages of Workbench, and whether Jupyter's server answers for them.

Looks at the files that both read, in their order: importing either takes a second.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.model.doctor import Finding

EXTENSION = "dataops-workbench-lab"
SERVER = "workbench.ui.server.extension"
_AGAIN = "pip install --force-reinstall --no-deps dataops-workbench"


def lab_parts() -> Iterator[Finding]:
    """The pages for JupyterLab, then what answers them."""
    yield _pages()
    yield _server()


def _pages() -> Finding:
    from jupyter_core.paths import jupyter_path

    subject = "pages in JupyterLab"
    folders = [Path(folder) / EXTENSION for folder in jupyter_path("labextensions")]
    found = next((folder for folder in folders if (folder / "package.json").is_file()), None)
    if found is None:
        return Finding(subject, False, "not installed: JupyterLab shows no catalog", _AGAIN)
    told = _read(found / "package.json")
    build = told.get("jupyterlab", {}).get("_build", {}) if isinstance(told.get("jupyterlab"), dict) else {}
    entry = build.get("load") if isinstance(build, dict) else None
    if not isinstance(entry, str) or not (found / entry).is_file():
        return Finding(subject, False, f"not whole: {found}", _AGAIN)
    if _disabled():
        return Finding(subject, False, "switched off", f"jupyter labextension enable {EXTENSION}")
    return Finding(subject, True, f"{EXTENSION} {told.get('version', '')} in {found.parent}")


def _server() -> Finding:
    subject = "server for pages"
    enabled = _enabled()
    if enabled:
        return Finding(subject, True, f"{SERVER} is loaded by Jupyter's server")
    told = "not known to Jupyter's server" if enabled is None else "switched off"
    return Finding(subject, False, told, f"jupyter server extension enable {SERVER}")


def _disabled() -> bool:
    """Whether the configuration of JupyterLab switches our pages off; the file that comes first in its order counts."""
    for folder in _configurations():
        told = _read(folder / "labconfig" / "page_config.json").get("disabledExtensions")
        if isinstance(told, dict) and EXTENSION in told:
            return bool(told[EXTENSION])
        if isinstance(told, list) and EXTENSION in told:
            return True
    return False


def _enabled() -> bool | None:
    """Whether Jupyter's server is told to load ours; ``None`` when no file says anything of it."""
    for folder in _configurations():
        beside = sorted((folder / "jupyter_server_config.d").glob("*.json"), reverse=True)
        for file in (folder / "jupyter_server_config.json", *beside):
            server = _read(file).get("ServerApp")
            told = server.get("jpserver_extensions") if isinstance(server, dict) else None
            if isinstance(told, dict) and SERVER in told:
                return bool(told[SERVER])
    return None


def _configurations() -> Iterator[Path]:
    """The folders of Jupyter's configuration, the one that overrides the others first."""
    from jupyter_core.paths import jupyter_config_path

    yield from map(Path, jupyter_config_path())


def _read(file: Path) -> dict[str, Any]:
    """What a JSON file holds; nothing where it is missing or wrong, as Jupyter goes on then too."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
