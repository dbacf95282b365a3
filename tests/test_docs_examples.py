"""The examples of docs/ run, as one story: page after page in the order of docs/README.md, in one empty folder.

What the fence of a code block says decides what is done with it:

- ```` ```python ```` runs in one interpreter per page, as cells of a notebook would;
- ```` ```sh run ```` runs line by line and must end with exit code 0, or the one given as ``exit=1``;
- ``file=PATH`` writes the block to a file; ``notebook=PATH`` makes a notebook of it, a cell at each ``# %%``,
  with tags as in ``# %% tags=parameters``, Markdown as in ``# %% [markdown]``.

Every other block is only read.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryFile

import nbformat
import pytest
from typist import type_command

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(?P<language>\w+)(?P<marks>[^\n]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)

INTERPRETER = """
import json, sys, traceback
names = {"__name__": "__main__"}
for line in sys.stdin:
    try:
        exec(compile(json.loads(line), "example", "exec"), names)
        answer = ""
    except Exception:
        answer = traceback.format_exc()
    print("\\n<<done>>" + json.dumps(answer), flush=True)
"""


@dataclass(frozen=True)
class Example:
    """One code block; ``place`` is ``page:line``."""

    place: str
    language: str
    code: str
    marks: dict[str, str] = field(default_factory=dict)


def examples(page: Path) -> list[Example]:
    text = page.read_text()
    found = []
    for match in FENCE.finditer(text):
        marks = {mark.partition("=")[0]: mark.partition("=")[2] for mark in match["marks"].split()}
        place = f"{page.name}:{text.count(chr(10), 0, match.start()) + 1}"
        found.append(Example(place, match["language"], match["code"], marks))
    return found


def story() -> list[Path]:
    """The pages in the order of the list that docs/README.md gives."""
    listed = re.findall(r"^\d+\. \[[^\]]+\]\(([\w-]+\.md)\)", (DOCS / "README.md").read_text(), re.MULTILINE)
    return [DOCS / name for name in listed]


def notebook(code: str) -> str:
    cells = []
    for part in re.split(r"^# %%", code, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        tags = re.findall(r"tags=(\w+)", head)
        if "[markdown]" in head:
            cell = nbformat.v4.new_markdown_cell(re.sub(r"^# ?", "", body.strip(), flags=re.MULTILINE))
        else:
            cell = nbformat.v4.new_code_cell(body.strip("\n"))
        cell["id"] = f"cell-{len(cells)}"
        cell["metadata"] = {"tags": tags} if tags else {}
        cells.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return str(nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})))


def plain_words(line: str) -> list[str]:
    """The words of a line that no shell would change; none when it could."""
    bare = re.sub(r"'[^']*'", "", line)
    return [] if re.search(r"[^\w\s./:=@,~-]|(?<!@last)~", bare) else shlex.split(line)


class Reader:
    """Somebody who types what a page says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        binaries = str(Path(sys.executable).parent)
        self.environment = {**os.environ, "PATH": binaries + os.pathsep + os.environ["PATH"], "COLUMNS": "120"}
        self.environment.pop("WORKBENCH_ENV", None)
        self.interpreter: subprocess.Popen[str] | None = None
        self.is_new = True

    def follow(self, page: Path) -> None:
        try:
            for example in examples(page):
                self.do(example)
        finally:
            self.close()

    def do(self, example: Example) -> None:
        target = example.marks.get("file") or example.marks.get("notebook")
        if target:
            path = self.folder / target
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(notebook(example.code) if "notebook" in example.marks else example.code)
        elif example.language == "python":
            self.execute(example)
        elif example.language == "sh" and "run" in example.marks:
            self.type(example)

    def execute(self, example: Example) -> None:
        if self.interpreter is None:
            self.interpreter = subprocess.Popen(
                [sys.executable, "-c", INTERPRETER],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.interpreter.stdin
        assert self.interpreter.stdout
        self.interpreter.stdin.write(json.dumps(example.code) + "\n")
        self.interpreter.stdin.flush()
        for line in self.interpreter.stdout:
            if line.startswith("<<done>>"):
                failure = json.loads(line.removeprefix("<<done>>"))
                assert not failure, f"{example.place}\n{example.code}\n{failure}"
                return
        pytest.fail(f"{example.place}: the interpreter died")

    def type(self, example: Example) -> None:
        expected = int(example.marks.get("exit", "0"))
        lines = [line for line in example.code.splitlines() if line and not line.startswith("#")]
        for number, line in enumerate(lines, 1):
            wanted = expected if number == len(lines) else 0
            code, said = self.shell(line)
            assert code == wanted, f"{example.place}: {line}\n{said}"

    def shell(self, line: str) -> tuple[int, str]:
        """Exit code and all that was said; the first line of a story is for the ``wb`` that is installed."""
        words = [] if self.is_new else plain_words(line)
        self.is_new = False
        settings = list(takewhile(lambda word: re.match(r"\w+=", word), words))
        if words[len(settings) : len(settings) + 1] == ["wb"]:
            environment = self.environment | dict(setting.split("=", 1) for setting in settings)
            with TemporaryFile("w+", encoding="utf-8") as said:
                arguments = words[len(settings) + 1 :]
                typed = type_command(arguments, self.folder, environment, said.fileno(), said.fileno())
                code = typed.wait(240)
                said.seek(0)
                return code, said.read()
        done = subprocess.run(
            ["sh", "-c", line], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=240
        )
        return done.returncode, done.stdout + done.stderr

    def close(self) -> None:
        if self.interpreter is not None:
            assert self.interpreter.stdin
            assert self.interpreter.stdout
            self.interpreter.stdin.close()
            self.interpreter.wait(timeout=60)
            self.interpreter.stdout.close()
            self.interpreter = None


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_examples_run_from_the_first_page_to_the_last(tmp_path: Path) -> None:
    pages = story()
    assert pages
    reader = Reader(tmp_path)
    for page in pages:
        reader.follow(page)


def test_every_example_that_runs_stands_in_the_story() -> None:
    told = {page.name for page in story()}
    for page in DOCS.glob("*.md"):
        if page.name not in told:
            assert [example.place for example in examples(page) if example.language == "python" or example.marks] == []


def test_fences_carry_only_known_marks() -> None:
    for page in DOCS.glob("*.md"):
        for example in examples(page):
            assert set(example.marks) <= {"run", "exit", "file", "notebook"}, example.place
