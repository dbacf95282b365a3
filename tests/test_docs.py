"""The pages of docs/ name everything that exists, and nothing that does not."""

from __future__ import annotations

import importlib.util
import inspect
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import workbench
from workbench import plugins
from workbench.config import Config, load_config
from workbench.model.run import State
from workbench.quality.checks import BUILTIN_CHECKS
from workbench.ui.cli.app import make_app

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
SHARED_OPTIONS = {"--project", "--json", "--help"}


def sections(page: str) -> dict[str, str]:
    """The text under each heading of a page, by heading; code fences hold no headings."""
    found: dict[str, str] = {}
    heading, fenced = "", False
    for line in (DOCS / page).read_text().splitlines():
        fenced ^= line.startswith("```")
        if line.startswith("#") and not fenced:
            heading = line.lstrip("#").strip().replace("`", "")
            assert heading not in found, f"{page} has two headings {heading!r}"
            found[heading] = ""
        else:
            found[heading] = found.get(heading, "") + line + "\n"
    return found


def commands(command: Any, path: str = "wb") -> Iterator[tuple[str, Any]]:
    """Every command a person can type, by what they type."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, child in inner.items():
        yield from commands(child, f"{path} {name}")


COMMANDS = dict(commands(typer.main.get_command(make_app())))


def test_every_command_has_its_heading_and_no_other_has() -> None:
    documented = [heading for heading in sections("cli.md") if heading.startswith("wb ")]
    assert sorted(documented) == sorted(COMMANDS)


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_every_option_is_named_under_its_command(path: str) -> None:
    text = sections("cli.md")[path]
    options = {option for parameter in COMMANDS[path].params for option in parameter.opts if option.startswith("--")}
    assert [option for option in sorted(options - SHARED_OPTIONS) if f"`{option}" not in text] == []


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_every_command_shows_an_example_in_its_help(path: str) -> None:
    assert "Example" in (COMMANDS[path].help or "") + (COMMANDS[path].epilog or "")


def codes_raised() -> set[str]:
    pattern = re.compile(r"\bWB-[A-Z]+-\d{3}\b")
    return {code for path in (ROOT / "workbench").rglob("*.py") for code in pattern.findall(path.read_text())}


def test_every_error_code_has_its_entry_and_no_other_has() -> None:
    documented = {heading for heading in sections("errors.md") if heading.startswith("WB-")}
    assert documented == codes_raised()


def test_every_error_entry_says_how_to_mend_it() -> None:
    short = [code for code, text in sections("errors.md").items() if code.startswith("WB-") and "**Mend:**" not in text]
    assert short == []


def signature(hook: Any) -> str:
    return f"def {hook.__name__}{inspect.signature(hook)}".replace("'", "")


HOOKS = [item for name, item in vars(plugins.Hooks).items() if not name.startswith("_")]


def test_every_hook_has_its_heading_with_its_signature() -> None:
    page = sections("hooks.md")
    for hook in HOOKS:
        assert signature(hook) in page[hook.__name__]


def test_every_driver_seam_has_its_heading_with_the_built_in_names() -> None:
    page = sections("hooks.md")
    for seam, drivers in plugins.BUILTIN_DRIVERS.items():
        for name in drivers:
            assert f"`{name}`" in page[f"workbench.{seam}"]


def config_keys() -> set[str]:
    """The keys that Config's docstring promises, as they are addressed: ``storage.warehouse``."""
    keys, section = set(), ""
    for line in (Config.__doc__ or "").splitlines():
        if header := re.match(r"\s+``\[([\w.]+)\]``$", line):
            section = header[1] + "."
        elif key := re.match(r"\s+``(\w+)``:", line):
            keys.add(section + key[1])
        elif added := re.match(r"\s+``\[(\w+\.<name>)\]`` adds one; its ``(\w+)``", line):
            keys.add(f"{added[1]}.{added[2]}")
    return keys


def test_every_setting_has_its_heading_and_no_other_has() -> None:
    documented = {
        heading for heading in sections("configuration.md") if re.fullmatch(r"[a-z_]+(\.[a-z_<>]+)*", heading)
    }
    assert documented == config_keys()


def test_the_settings_shown_are_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_ENV", raising=False)
    shown = re.findall(r"^```toml\n(.*?)^```", (DOCS / "configuration.md").read_text(), re.MULTILINE | re.DOTALL)[0]
    root = tmp_path / "shop"
    root.mkdir()
    file = root / "workbench.toml"
    file.write_text("")
    defaults = load_config(root)
    file.write_text(shown.replace("max_parallel = 4", f"max_parallel = {defaults.max_parallel}"))
    assert tomllib.loads(shown)["run"]["max_parallel"] == 4
    assert load_config(root) == defaults


def test_every_check_kind_has_its_row() -> None:
    text = (DOCS / "checks-and-contracts.md").read_text()
    assert [kind for kind in BUILTIN_CHECKS if f"| `{kind}" not in text] == []


def test_every_state_of_a_run_is_explained() -> None:
    text = (DOCS / "runs-and-reasons.md").read_text()
    assert [state for state in State if f"| {str(state).replace('_', ' ')} |" not in text] == []


def test_every_public_name_is_shown_somewhere() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    hidden = [name for name in workbench.__all__ if not name.startswith("_") and f"wb.{name}" not in text]
    assert hidden == []


@pytest.mark.parametrize("page", [*PAGES, *ROOT.glob("*.md")], ids=lambda path: path.name)
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)|(?:src|href)=\"(?!https?:|#)([^\"]+)\"", text):
        name, _, anchor = (target[0] or target[1]).partition("#")
        path = page.parent / name if name else page
        assert path.exists(), f"{page.name}: {name}"
        if anchor:
            assert anchor in anchors(path), f"{page.name}: {name}#{anchor}"


def anchors(page: Path) -> set[str]:
    """The anchors that headings get on the usual hosts: lowercase, spaces as hyphens, signs dropped."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_list_of_pages_is_whole() -> None:
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (DOCS / "README.md").read_text())
    assert sorted(set(listed)) == sorted(page.name for page in PAGES if page.name != "README.md")


def test_the_figures_on_the_page_on_speed_are_those_that_were_measured() -> None:
    spec = importlib.util.spec_from_file_location("page", ROOT / "benchmarks" / "page.py")
    assert spec is not None and spec.loader is not None
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    assert page.table() in (DOCS / "speed.md").read_text()
