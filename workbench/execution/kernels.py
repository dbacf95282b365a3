"""Kernels: that those a plan needs are installed, before anything starts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from workbench.model.errors import NotebookError, did_you_mean
from workbench.model.plan import Action, PlannedStep


def installed() -> dict[str, str]:
    """Kernel name → folder of its specification."""
    from jupyter_client.kernelspec import KernelSpecManager

    return dict(KernelSpecManager().find_kernel_specs())


def _at_hand(kernel: str) -> bool:
    """Whether a specification of that name lies where Jupyter looks first; costs nothing like asking jupyter_client."""
    from jupyter_core.paths import jupyter_path

    return any((Path(folder) / kernel / "kernel.json").is_file() for folder in jupyter_path("kernels"))


def check(steps: Iterable[PlannedStep]) -> None:
    """Raises NotebookError (WB-RUN-141) when a step that may run needs a kernel that is not there."""
    needed = [step for step in steps if step.action is not Action.SKIP and not _at_hand(step.kernel)]
    if not needed:
        return
    kernels = installed()
    for step in needed:
        if step.kernel not in kernels:
            raise NotebookError(
                "WB-RUN-141",
                f'{step.notebook} wants the kernel "{step.kernel}", which is not installed',
                cause=f"installed: {', '.join(sorted(kernels)) or 'none'}." + did_you_mean(step.kernel, kernels),
                kept="Nothing was started.",
                next="install the kernel, or choose another one in JupyterLab and save the notebook",
            )
