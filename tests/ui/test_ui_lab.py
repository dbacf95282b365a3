"""``wb lab``: what is started, and where."""

from __future__ import annotations

from pathlib import Path

from projects import MakeProject
from terminal import Wb


def test_it_opens_the_project_that_one_stands_in_on_its_start_page(make_project: MakeProject, wb: Wb) -> None:
    root = make_project(files={"below/it/file": ""})
    said = wb("lab", "--json", "--no-browser", "--port", "8890", cwd=root / "below/it")
    command = said.json["command"]
    assert command[1:3] == ["-m", "jupyterlab"]
    assert {f"--ServerApp.root_dir={root}", "--ServerApp.port=8890", "--no-browser"} <= set(command)
    assert "--LabApp.default_url=/workbench/start" in command


def test_without_a_project_it_opens_the_folder_in_which_one_can_begin(wb: Wb, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    said = wb("lab", "--json", cwd=tmp_path / "plain")
    assert (said.code, said.err) == (0, "")
    assert f"--ServerApp.root_dir={tmp_path / 'plain'}" in said.json["command"]
    assert list((tmp_path / "plain").iterdir()) == []
    named = wb("lab", "--json", "--project", str(tmp_path / "plain"))
    assert named.json["command"][1:] == said.json["command"][1:]


def test_a_folder_that_is_not_there_or_settings_that_are_wrong_are_refused(wb: Wb, tmp_path: Path) -> None:
    said = wb("lab", "--json", "--project", str(tmp_path / "none"))
    assert (said.code, said.json["error"]["code"]) == (3, "WB-CFG-601")
    (tmp_path / "workbench.toml").write_text("name = [")
    said = wb("lab", "--json", cwd=tmp_path)
    assert said.code == 2 and said.json["error"]["code"].startswith("WB-CFG-")
