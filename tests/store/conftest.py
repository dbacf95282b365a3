"""A store of its own for every test, and commands typed at the project around one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_terminal import Said, Wb

from workbench.store.transaction import Store
from workbench.ui.cli.app import main


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as opened:
        yield opened


@pytest.fixture
def wb(capsys: pytest.CaptureFixture[str]) -> Wb:
    """Types ``wb`` with arguments for the project in a folder, in this process."""

    def run(root: Path, *arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--project", str(root), *arguments])
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run
