"""Whether JupyterLab shows the pages of Workbench, and whether Jupyter's server answers for them.

Looks at the files that both read, in their order: importing either takes a second. No run needs JupyterLab, so what is
not installed or is switched off is a warning; what is there but cannot work is a miss.
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
    pages = _pages()
    yield pages
    yield _server(shown=pages.ok and not pages.warning)


def _pages() -> Finding:
    from jupyter_core.paths import jupyter_path

    subject = "pages in JupyterLab"
    folders = [Path(folder) / EXTENSION for folder in jupyter_path("labextensions")]
    found = next((folder for folder in folders if (folder / "package.json").is_file()), None)
    if found is None:
        return _told(subject, "not installed: JupyterLab shows no catalog", _AGAIN)
    told = _read(found / "package.json")
    build = told.get("jupyterlab", {}).get("_build", {}) if isinstance(told.get("jupyterlab"), dict) else {}
    entry = build.get("load") if isinstance(build, dict) else None
    if not isinstance(entry, str) or not (found / entry).is_file():
        return Finding(subject, False, f"not whole: {found}", _AGAIN)
    if _disabled():
        return _told(subject, "switched off", f"jupyter labextension enable {EXTENSION}")
    return Finding(subject, True, f"{EXTENSION} {told.get('version', '')} in {found.parent}")


def _server(shown: bool) -> Finding:
    """Pages that are ``shown`` and never answered are a miss, unless somebody wanted it so."""
    subject = "server for pages"
    enabled = _enabled()
    if enabled:
        return Finding(subject, True, f"{SERVER} is loaded by Jupyter's server")
    mend = f"jupyter server extension enable {SERVER}"
    if enabled is None and shown:
        return Finding(subject, False, "not known to Jupyter's server", mend)
    return _told(subject, "switched off" if enabled is False else "not known to Jupyter's server", mend)


def _told(subject: str, detail: str, mend: str) -> Finding:
    """A miss that no run needs."""
    return Finding(subject, True, detail, mend, warning=True)


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
