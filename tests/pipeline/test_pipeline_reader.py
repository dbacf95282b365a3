"""What planning reads is parsed once, and read again as soon as it has changed, however quickly."""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from notebook_files import cell, write

from workbench.model.errors import NotebookError
from workbench.pipeline import reader as readers
from workbench.pipeline.notebook import read_notebook
from workbench.pipeline.reader import FILE, Reader

LONG_AGO = time.time_ns() - 3600 * 10**9


@pytest.fixture
def root(tmp_path):
    write(
        tmp_path / "a.ipynb",
        "import workbench as wb, helpers\nfrom datetime import date",
        cell("day: date = date(2013, 1, 1)  # day\nn: int = 3", "parameters"),
        cell("df = wb.read('raw.x')\nwb.write(df, 'clean.x', mode='append')", "slow", "raises-exception"),
        cell("# Title", kind="markdown"),
    )
    (tmp_path / "helpers.py").write_text("import os\nx = 1\n")
    return tmp_path


@pytest.fixture
def parsed(monkeypatch):
    """The notebooks that were parsed, in order."""
    found = []

    def counting(root, path):
        found.append(path)
        return read_notebook(root, path)

    monkeypatch.setattr(readers, "read_notebook", counting)
    return found


@pytest.fixture
def later(monkeypatch):
    """Lets time go on, for those who look whether a file is fresh."""

    def go_on(seconds=10):
        now = time.time_ns
        monkeypatch.setattr(readers.time, "time_ns", lambda: now() + seconds * 10**9)

    return go_on


def look(root, path="a.ipynb"):
    reader = Reader(root, root / "state")
    found = reader.notebook(path)
    surroundings = reader.surroundings(found)
    reader.save()
    return found, surroundings


def test_what_comes_from_the_file_is_what_was_parsed(root, parsed, later):
    later()
    first = look(root)
    assert first[0] == read_notebook(root, "a.ipynb")
    assert look(root) == first
    assert parsed == ["a.ipynb"]
    assert list(first[1][0].files) == ["helpers.py"]


def test_a_file_that_changed_is_read_again(root, parsed, later):
    later()
    before, _ = look(root)
    write(root / "a.ipynb", "x = 2")
    after, _ = look(root)
    assert after.cells[0].source == "x = 2"
    assert before != after
    (root / "helpers.py").write_text("import os\nx = 2\n")
    write(root / "a.ipynb", "import helpers")
    _, (modules, _) = look(root)
    (root / "helpers.py").write_text("import os\nx = 3\n")
    _, (changed, _) = look(root)
    assert modules.files["helpers.py"] != changed.files["helpers.py"]


def test_a_change_within_one_tick_of_the_clock_is_not_missed(root, parsed):
    """Size, times and inode are the same, as on a file system that counts in seconds."""
    write(root / "a.ipynb", "x = 1")
    status = (root / "a.ipynb").stat()
    assert look(root)[0].cells[0].source == "x = 1"
    text = (root / "a.ipynb").read_text()
    with (root / "a.ipynb").open("r+") as file:
        file.write(text.replace("x = 1", "x = 2"))
    os.utime(root / "a.ipynb", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert look(root)[0].cells[0].source == "x = 2"


def test_a_fresh_file_is_not_trusted_until_it_has_been_read_later(root, parsed, later):
    look(root)
    look(root)
    assert parsed == ["a.ipynb", "a.ipynb"]
    later()
    look(root)
    look(root)
    assert parsed == ["a.ipynb"] * 3


def test_a_file_that_only_seems_unchanged_is_told_by_its_other_marks(root, parsed, later):
    later()
    look(root)
    status = (root / "a.ipynb").stat()
    other = root / "other"
    other.write_bytes((root / "a.ipynb").read_bytes().replace(b"raw.x", b"raw.y"))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(root / "a.ipynb")
    assert look(root)[0].reads[0].dataset == "raw.y"


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"raw.x", b"raw.y"),
        lambda content: b"nonsense\n{}",
        lambda content: content.replace(b"{", b"[", 1),
        lambda content: os.urandom(1000),
    ],
)
def test_a_damaged_file_is_of_no_account(root, parsed, later, damage):
    later()
    first = look(root)
    file = root / "state" / FILE
    file.write_bytes(damage(file.read_bytes()))
    assert look(root) == first
    assert parsed == ["a.ipynb"] * 2


def test_another_version_of_us_reads_anew(root, parsed, later, monkeypatch):
    later()
    look(root)
    monkeypatch.setattr(readers, "sys", SimpleNamespace(version="4.0", path=sys.path))
    look(root)
    assert parsed == ["a.ipynb"] * 2


def test_a_notebook_with_a_fault_is_refused_every_time(root, later):
    later()
    write(root / "a.ipynb", "x = (")
    for _ in range(2):
        with pytest.raises(NotebookError, match="WB-NB-605"):
            look(root)
    write(root / "a.ipynb", "x = 1")
    assert look(root)[0].cells[0].source == "x = 1"


def test_a_notebook_that_became_a_link_to_somewhere_else_is_refused(root, later, tmp_path_factory):
    later()
    look(root)
    outside = tmp_path_factory.mktemp("outside") / "a.ipynb"
    (root / "a.ipynb").rename(outside)
    (root / "a.ipynb").symlink_to(outside)
    status = outside.stat()
    os.utime(outside, ns=(status.st_atime_ns, LONG_AGO))
    with pytest.raises(NotebookError, match="WB-NB-606"):
        look(root)


def test_what_is_gone_is_forgotten(root, parsed, later):
    later()
    look(root)
    write(root / "b.ipynb", "x = 1")
    (root / "a.ipynb").unlink()
    look(root, "b.ipynb")
    body = json.loads((root / "state" / FILE).read_bytes().partition(b"\n")[2])
    assert list(body["notebooks"]) == ["b.ipynb"]


def test_several_may_write_at_once(root, later):
    later()
    for number in range(8):
        write(root / f"n{number}.ipynb", f"x = {number}")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: look(root, f"n{number % 8}.ipynb")[0].cells[0].source, range(40)))
    assert found == [f"x = {number % 8}" for number in range(40)]
    Reader(root, root / "state").notebook("n1.ipynb")
    assert [path.name for path in (root / "state" / "cache").iterdir()] == [Path(FILE).name]


def test_a_state_folder_that_cannot_be_written_to_keeps_nothing(root, later):
    later()
    (root / "state").write_text("in the way")
    assert look(root)[0].reads[0].dataset == "raw.x"
