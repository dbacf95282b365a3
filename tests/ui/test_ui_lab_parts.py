"""Whether ``wb doctor`` sees the pages for JupyterLab and what answers them, from the files that Jupyter reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.model.doctor import Finding
from workbench.ui.cli.lab_parts import EXTENSION, SERVER, lab_parts


class Machine:
    """Where Jupyter looks, with nothing of the real machine."""

    def __init__(self, folder: Path) -> None:
        self.data, self.config, self.user = folder / "data", folder / "config", folder / "user"

    def install(self, *, whole: bool = True) -> None:
        place = self.data / "labextensions" / EXTENSION
        (place / "static").mkdir(parents=True)
        told = {"version": "9.9.9", "jupyterlab": {"_build": {"load": "static/remoteEntry.1.js"}}}
        (place / "package.json").write_text(json.dumps(told))
        if whole:
            (place / "static/remoteEntry.1.js").write_text("")

    def write(self, path: Path, document: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document if isinstance(document, str) else json.dumps(document))

    def enable(self, told: bool, *, user: bool = False) -> None:
        name = "jupyter_server_config.json" if user else "jupyter_server_config.d/workbench.json"
        document = {"ServerApp": {"jpserver_extensions": {SERVER: told}}}
        self.write((self.user if user else self.config) / name, document)

    def look(self) -> tuple[Finding, Finding]:
        pages, server = lab_parts()
        return pages, server


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *parts: [str(made.data.joinpath(*parts))])
    monkeypatch.setattr("jupyter_core.paths.jupyter_config_path", lambda: [str(made.user), str(made.config)])
    return made


def test_both_are_there(machine: Machine) -> None:
    machine.install()
    machine.enable(True)
    pages, server = machine.look()
    assert pages.ok and "9.9.9" in pages.detail
    assert server.ok


def test_an_install_without_them_is_warned_of_and_fails_nothing(machine: Machine) -> None:
    pages, server = machine.look()
    assert [(each.ok, each.warning) for each in (pages, server)] == [(True, True)] * 2
    assert pages.mend.startswith("pip install ")
    assert server.mend == f"jupyter server extension enable {SERVER}"


def test_pages_that_are_not_whole_are_a_miss(machine: Machine) -> None:
    machine.install(whole=False)
    pages, server = machine.look()
    assert not pages.ok and pages.detail.startswith("not whole")
    assert server.warning


def test_pages_that_no_server_answers_are_a_miss(machine: Machine) -> None:
    machine.install()
    pages, server = machine.look()
    assert pages.ok and not pages.warning
    assert (server.ok, server.warning) == (False, False)


@pytest.mark.parametrize("told", [{EXTENSION: True}, [EXTENSION]])
def test_pages_that_are_switched_off_say_how_to_switch_them_on(machine: Machine, told: Any) -> None:
    machine.install()
    machine.write(machine.config / "labconfig/page_config.json", {"disabledExtensions": told})
    pages, _ = machine.look()
    assert (pages.ok, pages.warning, pages.detail) == (True, True, "switched off")
    assert pages.mend == f"jupyter labextension enable {EXTENSION}"
    machine.write(machine.user / "labconfig/page_config.json", {"disabledExtensions": {EXTENSION: False}})
    assert not machine.look()[0].warning


def test_what_the_user_says_of_the_server_counts_more_than_the_install(machine: Machine) -> None:
    machine.enable(True)
    machine.enable(False, user=True)
    server = machine.look()[1]
    assert (server.ok, server.warning, server.detail) == (True, True, "switched off")


def test_files_that_are_wrong_say_nothing(machine: Machine) -> None:
    machine.install()
    machine.write(machine.user / "jupyter_server_config.json", "{")
    machine.write(machine.user / "labconfig/page_config.json", [])
    machine.enable(True)
    assert [(each.ok, each.warning) for each in machine.look()] == [(True, False)] * 2
