"""What tests of attempts share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from execution_orders import Outcome, carry_out, order_of

from workbench.execution.inline import InlineExecutor
from workbench.execution.local import LocalExecutor


@pytest.fixture(scope="session")
def local() -> Iterator[LocalExecutor]:
    """The executor of this machine, with a template that the tests of a session share."""
    executor = LocalExecutor()
    yield executor
    executor.close()


@pytest.fixture
def attempt(local: LocalExecutor, tmp_path: Path) -> Callable[..., Outcome]:
    """Carries out a notebook of the given cells on the local executor; see ``order_of``."""
    return lambda *cells, **more: carry_out(local, order_of(tmp_path / "a1", *cells, **more))


@pytest.fixture(params=["local", "inline"])
def attempt_anywhere(request: pytest.FixtureRequest, local: LocalExecutor, tmp_path: Path) -> Callable[..., Outcome]:
    """The same on each executor."""
    executor: Any = local if request.param == "local" else InlineExecutor()
    return lambda *cells, **more: carry_out(executor, order_of(tmp_path / "a1", *cells, **more))
