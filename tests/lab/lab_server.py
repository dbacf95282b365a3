"""A JupyterLab of this checkout, on a project, with a browser in front of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "workbench/labextension"
TOKEN = "a-token-of-the-tests"
PATIENCE = 60_000
"""Milliseconds that a page gets to show what is waited for."""
QUIET = {"fetchNews": "false", "checkForUpdates": False}
"""Settings without which JupyterLab asks whether it may show news, on top of everything."""


def unbuilt(what: str) -> NoReturn:
    """Skip a test because of what is not built here; fail it where that is required."""
    if os.environ.get("WORKBENCH_FRONTEND") == "required":
        pytest.fail(what)
    pytest.skip(what)


@dataclass(frozen=True)
class Lab:
    """A server that is at work, and its project; ``workspace`` is what the layout of its tabs is kept as."""

    url: str
    root: Path
    workspace: str = "default"

    @property
    def address(self) -> str:
        """Where a browser is let in."""
        place = "lab" if self.workspace == "default" else f"lab/workspaces/{self.workspace}"
        return f"{self.url}{place}?token={TOKEN}"


@contextmanager
def lab_on(root: Path, home: Path, port: int = 0, more: Sequence[str] = ()) -> Iterator[Lab]:
    """JupyterLab in ``root`` for the block; all that it remembers lies in ``home``. Port 0 is any that is free.

    ``more`` are further words of its command.
    """
    process = started(root, home, port, more)
    try:
        yield Lab(address(process, home), root)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:  # Jupyter's reader of files can miss the end when it reads at that moment
            process.kill()
            process.wait()


def started(root: Path, home: Path, port: int = 0, more: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """A process that is about to be JupyterLab in ``root``, with all that it remembers in ``home``.

    It finds the extension and the server's configuration of this checkout, as an install would have put them.
    """
    found = home / "share/labextensions"
    found.mkdir(parents=True)
    (found / "dataops-workbench-lab").symlink_to(EXTENSION)
    settings = home / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(QUIET))
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "JUPYTER_PATH": str(found.parent),
        "JUPYTER_CONFIG_PATH": str(ROOT / "jupyter-config"),
        **{f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")},
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}"),
        *(f"--LabApp.user_settings_dir={home / 'settings'}", f"--LabApp.workspaces_dir={home / 'workspaces'}"),
        *("--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"),
        "--ContentsManager.allow_hidden=True",  # as `wb lab` has it: executed notebooks lie in a hidden folder
        *more,
    ]
    with (home / "log").open("wb") as file:
        return subprocess.Popen(command, env=environment, cwd=root, stdout=file, stderr=file)


def address(process: subprocess.Popen[bytes], home: Path) -> str:
    """The address of the server once it answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        try:
            url = str(json.loads(told_by(home, process.pid).read_text())["url"])
            with opener.open(f"{url}api/status?token={TOKEN}", timeout=10):
                return url
        except (OSError, ValueError):
            time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start: {(home / 'log').read_text()}")


def told_by(home: Path, pid: int) -> Path:
    """The file by which a server tells of itself, as long as it is at work."""
    return home / "runtime" / f"jpserver-{pid}.json"


CONTRAST = """selector => {
    const light = colour => {
        const context = document.createElement('canvas').getContext('2d');
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].map(value => {
            const part = value / 255;
            return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ground = element => {
        const colour = getComputedStyle(element).backgroundColor;
        return /, 0\\)$/.test(colour) && element.parentElement ? ground(element.parentElement) : colour;
    };
    const shown = [...document.querySelectorAll(selector)].filter(each => each.checkVisibility());
    return Math.min(...shown.map(each => {
        const [ink, paper] = [light(getComputedStyle(each).color), light(ground(each))];
        return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    }));
}"""
"""The least contrast between the ink of an element and what it stands on, 1 to 21."""

UNTIL = """async arg => {{
    const asked = {script};
    const end = performance.now() + {patience};
    while (!(await asked(arg))) {{
        if (performance.now() > end) throw new Error('it did not come true');
        await new Promise(done => setTimeout(done, 50));
    }}
}}"""
"""Asks the function ``script`` again and again, one answer after the other."""


class Tab:
    """A tab of the browser with JupyterLab in it, and what went wrong there."""

    def __init__(self, browser: Any, lab: Lab, **options: Any) -> None:
        self.problems: list[str] = []
        self.lab = lab
        self.context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", self._thrown)
        self.page.on("request", self._inside)

    def _thrown(self, error: Any) -> None:
        told = str(error.stack or error)
        if "removeChild" in told and told.count("\n    at ") == 1:
            return  # JupyterLab's timer: it takes its splash away twice when that was shown twice
        self.problems.append(told)

    def _inside(self, request: Any) -> None:
        own = (self.lab.url, self.lab.url.replace("http", "ws", 1), "data:", "blob:")
        if not request.url.startswith(own):
            self.problems.append(f"asked outside: {request.url}")

    def forget(self) -> None:
        """Let JupyterLab begin with nothing open: what other tests have left, changed maybe, does not come back."""
        address = f"{self.lab.url}lab/api/workspaces/{self.lab.workspace}?token={TOKEN}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with suppress(urllib.error.HTTPError):  # there is none yet
            opener.open(urllib.request.Request(address, method="DELETE"), timeout=60).close()

    def open(self, path: str = "") -> None:
        """Load JupyterLab, with the catalog in view and the page's cookies set by the token."""
        self.page.goto(f"{self.lab.address}{path}")
        self._loaded()
        self.command("workbench:search")

    def arrive(self, path: str) -> None:
        """Load what an address leads to that a terminal may tell, with the token behind it."""
        self.page.goto(f"{self.lab.url}{path}?token={TOKEN}")
        self._loaded()

    def reload(self) -> None:
        """Load the address that stands in the browser once more, and leave in front what comes back there."""
        self.page.reload()
        self._loaded()

    def _loaded(self) -> None:
        self.page.wait_for_function("() => window.jupyterapp?.commands?.hasCommand('workbench:search')")
        self.page.evaluate("() => window.jupyterapp.restored")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def command(self, name: str, **arguments: Any) -> None:
        """Run a command of JupyterLab."""
        script = "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)"
        self.page.evaluate(script, [name, arguments])

    def palette(self, words: str) -> None:
        """Type into the command palette; any command that JupyterLab runs meanwhile closes it: ask again."""
        script = """words => {
            const field = document.querySelector('.lm-CommandPalette-input');
            if (!field?.checkVisibility()) {
                void window.jupyterapp.commands.execute('apputils:activate-command-palette');
                return false;
            }
            field.value = words;
            field.dispatchEvent(new InputEvent('input', { bubbles: true }));
            return true;
        }"""
        self.until(script, words)

    def until(self, script: str, arg: Any = None) -> None:
        """Wait until an asynchronous function of the page answers what is true.

        Playwright's ``wait_for_function`` is for others: it takes the promise for an answer, and waits for nothing.
        """
        self.page.evaluate(UNTIL.format(script=script, patience=PATIENCE), arg)

    def dressed(self, theme: str) -> None:
        """Wear a theme, ``light`` or ``dark``."""
        self.command("apputils:change-theme", theme=f"JupyterLab {theme.title()}")
        wanted = "theme => document.body.dataset.jpThemeLight === String(theme === 'light')"
        self.page.wait_for_function(wanted, arg=theme)

    def contrast(self, selector: str) -> float:
        """The least contrast of what is shown and matches, 1 to 21; readable texts have 4.5 and more."""
        return float(self.page.evaluate(CONTRAST, selector))

    def picture(self, name: str) -> None:
        """Keep a picture of the tab in the folder that ``WORKBENCH_SHOTS`` names, if it names one."""
        folder = os.environ.get("WORKBENCH_SHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    def close(self) -> None:
        self.context.close()
