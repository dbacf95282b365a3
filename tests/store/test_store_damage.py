"""Rows F38 and F39 of the table of faults: a damaged file, the way back to a backup, network drives."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from projects import MakeProject, lay_out, notebook
from store_terminal import Wb

from workbench.model.errors import Conflict, NotFound, StorageError, UsageError
from workbench.project import Project
from workbench.store import network, upkeep
from workbench.store.transaction import Store
from workbench.ui.cli.checkup import examine


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose store holds something, to make copies of."""
    folder = lay_out(tmp_path_factory.mktemp("filled") / "project")
    with Store.open(address(folder)) as store, store.writing() as transaction:
        for number in range(300):
            transaction.audit.append("ann", "write", str(number), {"text": "x" * 100})
            transaction.datasets.describe(f"a.n{number}", "kept")
    return folder


@pytest.fixture
def root(filled: Path, tmp_path: Path) -> Path:
    """A project whose store holds something."""
    return Path(shutil.copytree(filled, tmp_path / "project"))


def address(root: Path) -> str:
    return f"sqlite:///{root}/.workbench/store.db"


def file_of(root: Path) -> Path:
    return root / ".workbench" / "store.db"


def names(root: Path) -> tuple[str, ...]:
    with Store.open(address(root)) as store, store.reading() as transaction:
        return transaction.datasets.names()


def write(root: Path) -> None:
    with Store.open(address(root)) as store, store.writing() as transaction:
        transaction.datasets.describe("a.b")


def garble_page(file: Path) -> None:
    """Overwrite the first bytes of the page where the table of datasets begins."""
    with closing(sqlite3.connect(file)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'dataset'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    overwrite(file, (page - 1) * size, b"\xff" * 16)


def garble_header(file: Path) -> None:
    overwrite(file, 0, b"\xff" * 100)


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def overwrite(file: Path, offset: int, content: bytes) -> None:
    with file.open("r+b") as opened:
        opened.seek(offset)
        opened.write(content)


# -- F38: noticed, read on, restored -------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", [garble_page, garble_header, truncate])
def test_f38_damage_is_named_and_the_last_backup_offered_and_brought_back(
    root: Path, wb: Wb, damage: Callable[[Path], None]
) -> None:
    with Store.open(address(root)) as store:
        backup = store.back_up()
    damage(file_of(root))
    bad = file_of(root).read_bytes()
    with pytest.raises(StorageError, match=r"WB-DB-510.*wb store restore"):
        write(root)
    (finding,) = [finding for finding in examine(root) if finding.subject == "store"]
    assert not finding.ok and finding.mend == "wb store restore"
    offered = wb(root, "store", "restore", "--json")
    assert [each["path"] for each in offered.json["backups"]] == [backup.path]
    brought = wb(root, "store", "restore", "last", "--json")
    assert brought.code == 0, brought.err
    document = brought.json
    assert document["restored"]["path"] == backup.path and Path(document["replaced"]).read_bytes() == bad
    assert len(names(root)) == 300
    checked = wb(root, "store", "check")
    assert checked.code == 0 and "audit log" in checked.out
    with Store.open(address(root)) as store, store.reading() as transaction:
        assert transaction.audit.entries(1)[0].action == "restore"


def test_f38_a_damaged_store_is_read_and_never_written(root: Path, wb: Wb, caplog: pytest.LogCaptureFixture) -> None:
    garble_page(file_of(root))
    before = file_of(root).read_bytes()
    with Store.open(address(root)) as store:
        assert store.damage and "WB-DB-510" in caplog.text
        with store.reading() as transaction:
            assert len(transaction.audit.entries(None)) == 300
        with pytest.raises(StorageError, match="WB-DB-510"), store.writing():
            pass
        with pytest.raises(StorageError, match="WB-DB-510"):
            store.back_up()
    assert file_of(root).read_bytes() == before
    caplog.clear()
    assert wb(root, "runs", "list").code == 0 and "wb store restore" in caplog.text


def test_f38_a_changed_row_is_seen_by_the_chain_alone(root: Path, wb: Wb) -> None:
    content = file_of(root).read_bytes()
    at = content.index(b'{"text":"xxx') + 20
    overwrite(file_of(root), at, b"y")
    with Store.open(address(root)) as store:
        assert not store.damage
    told = wb(root, "store", "check")
    assert told.code == 1 and "changed at entry" in told.out and "wb store restore" in told.out
    assert wb(root, "store", "check", "--json").json["ok"] is False


def test_f38_a_large_store_is_looked_through_once_an_hour_and_after_damage(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "SMALL", 0)
    Store.open(address(root)).close()
    stamp = file_of(root).with_name("store.db.checked")
    assert stamp.read_text() == ""
    garble_page(file_of(root))
    with Store.open(address(root)) as store:
        assert not store.damage  # looked through a moment ago
    earlier = datetime.now(UTC).timestamp() - upkeep.EVERY
    os.utime(stamp, (earlier, earlier))
    for _ in range(2):
        with Store.open(address(root)) as store:
            assert store.damage


def test_f38_backups_are_made_once_an_hour_and_the_newest_stay(root: Path, wb: Wb) -> None:
    with Store.open(address(root)) as store:
        first = store.back_up_if_due()
        assert first is not None and store.back_up_if_due() is None
        assert wb(root, "store", "restore", "--json").json["backups"][0]["bytes"] == first.bytes
        folder = Path(first.path).parent
        for hours in range(1, 31):
            at = datetime.now(UTC) - timedelta(hours=hours)
            (folder / f"store-{at.strftime('%Y%m%dT%H%M%S.%fZ')}.db").write_bytes(b"old")
        Path(first.path).unlink()
        made = store.back_up_if_due()
    assert made is not None
    left = upkeep.backups(file_of(root))
    assert len(left) == upkeep.KEPT and left[0].path == made.path


def test_f38_every_run_makes_a_backup_when_one_is_due(root: Path, wb: Wb) -> None:
    (root / "notebooks").mkdir()
    (root / "notebooks" / "one.ipynb").write_text(json.dumps(notebook("1")))
    assert wb(root, "run", "notebooks/one.ipynb", "--executor", "inline").code == 0
    (backup,) = upkeep.backups(file_of(root))
    upkeep.restore(address(root), Path(backup.path).stem, "ann")
    assert len(names(root)) == 300


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + b"\xff" * 8000, b"no database"])
def test_f38_a_backup_that_is_none_is_refused_and_the_store_stays(root: Path, tmp_path: Path, content: bytes) -> None:
    before = file_of(root).read_bytes()
    copy = tmp_path / "copy.db"
    copy.write_bytes(content)
    with pytest.raises(StorageError, match="WB-DB-515"):
        upkeep.restore(address(root), str(copy), "ann")
    assert file_of(root).read_bytes() == before
    assert [path.name for path in file_of(root).parent.iterdir() if ".tmp" in path.name] == []


def test_f38_a_backup_of_a_newer_version_is_refused(root: Path, tmp_path: Path) -> None:
    with Store.open(address(root)) as store:
        copy = Path(store.back_up(tmp_path / "copy.db").path)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE workbench_version SET version_num = '0999'")
        connection.commit()
    with pytest.raises(StorageError, match="WB-DB-520"):
        upkeep.restore(address(root), str(copy), "ann")


def test_f38_what_is_no_backup_is_named(root: Path, wb: Wb) -> None:
    told = wb(root, "store", "restore", "last")
    assert told.code == 3 and "WB-DB-513" in told.err
    assert "Next: wb store backup" in wb(root, "store", "restore").out
    with pytest.raises(NotFound, match="WB-DB-513"):
        upkeep.restore(address(root), "nosuch.db", "ann")


def test_f38_a_store_in_use_is_not_replaced(root: Path) -> None:
    with Store.open(address(root)) as store:
        store.back_up()
    code = (
        "import sys\nfrom workbench.store.transaction import Store\n"
        "with Store.open(sys.argv[1]) as store, store.reading() as transaction:\n"
        "    transaction.datasets.names(); print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, address(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "open\n"
        with pytest.raises(Conflict, match=rf"WB-DB-514.*\({process.pid}\)"):
            upkeep.restore(address(root), "last", "ann")
        process.communicate()
    upkeep.restore(address(root), "last", "ann")


KILLED = """
import os, signal, sys
from pathlib import Path
from workbench.store import upkeep
left = int(sys.argv[2])
def dying(name):
    real = getattr(os, name)
    def call(*arguments, **options):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)
    setattr(os, name, call)
for name in ("link", "replace", "fsync", "unlink", "open"):
    dying(name)
upkeep.restore(sys.argv[1], "last", "ann")
"""


def test_f38_a_restore_that_is_killed_anywhere_can_be_done_again(root: Path) -> None:
    with Store.open(address(root)) as store:
        store.back_up()
    garble_page(file_of(root))
    moments = 0
    while True:
        command = [sys.executable, "-c", KILLED, address(root), str(moments)]
        ended = subprocess.run(command, check=False, capture_output=True)
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        with Store.open(address(root)) as store:  # damaged still, or whole again; never empty
            assert store.damage or len(names(root)) == 300
        moments += 1
    assert moments > 4 and len(names(root)) == 300


def test_f38_postgresql_keeps_its_own_copies() -> None:
    with pytest.raises(UsageError, match=r"WB-DB-516.*pg_dump"):
        upkeep.restore("postgresql+psycopg://localhost/x", "last", "ann")


# -- F39: network drives -------------------------------------------------------------------------------------------


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "mounts"
    monkeypatch.setattr(network, "_MOUNTS", file)
    return file


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "fuse.sshfs"])
def test_f39_a_store_on_a_network_drive_is_refused_before_anything_is_written(
    make_project: MakeProject, wb: Wb, tmp_path: Path, mounts: Path, kind: str
) -> None:
    root = make_project()
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {tmp_path} {kind} rw 0 0\n")
    told = wb(root, "runs", "list")
    assert told.code == 1 and "WB-DB-511" in told.err and kind in told.err and "PostgreSQL" in told.err
    assert not file_of(root).exists()


def test_f39_a_catalog_on_a_network_drive_is_refused_before_a_run_starts(
    make_project: MakeProject, tmp_path: Path, mounts: Path
) -> None:
    root = make_project(notebooks={"one": notebook("1")}, files={"workbench.toml": '[storage]\nwarehouse = "data"'})
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {root}/data nfs4 rw 0 0\n")
    with Project.open(root) as project, pytest.raises(StorageError, match=r"WB-DB-511.*nfs4"):
        project.run("notebooks/one.ipynb", executor="inline")
    with Project.open(root) as project:
        assert project.runs.list() == ()


def test_f39_the_innermost_mount_counts(mounts: Path) -> None:
    mounts.write_text(
        "/dev/sda / ext4 rw 0 0\nserver:/x /net\\040drive nfs4 rw 0 0\n/dev/sdb /net\\040drive/in ext4 rw 0 0\n"
    )
    with pytest.raises(StorageError, match=r"WB-DB-511.*nfs4"):
        network.refuse_network(Path("/net drive/project"))
    network.refuse_network(Path("/net drive/in/project"))
    network.refuse_network(Path("/netdrive"))


def test_f39_a_system_that_lists_no_mounts_is_taken_at_its_word(mounts: Path) -> None:
    network.refuse_network(Path("/home"))
