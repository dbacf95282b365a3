"""Kernels: that those a plan needs are installed, before anything starts, and which of them can be forked."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.model.errors import NotebookError, did_you_mean
from workbench.model.plan import Action, PlannedStep

OWN_PYTHON = ("python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}")
"""Programs that stand for the interpreter that runs us, by a rule of jupyter_client."""
LAUNCH = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
PROVISIONER = "workbench-provisioner"


def installed() -> dict[str, str]:
    """Kernel name → folder of its specification."""
    from jupyter_client.kernelspec import KernelSpecManager

    return dict(KernelSpecManager().find_kernel_specs())


def _at_hand(kernel: str) -> Path | None:
    """The specification of that name where Jupyter looks first; costs nothing like asking jupyter_client."""
    from jupyter_core.paths import jupyter_path

    files = (Path(folder) / kernel / "kernel.json" for folder in jupyter_path("kernels"))
    return next((file for file in files if file.is_file()), None)


@lru_cache(maxsize=64)
def why_cold(kernel: str) -> str:
    """Why a kernel of that name cannot be forked from a process of this interpreter; empty when it can."""
    if sys.platform != "linux":
        return "kernels are forked on Linux only"
    file = _at_hand(kernel)
    if file is None:
        return "its kernelspec is none of this environment"
    try:
        spec: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        program, *arguments = spec["argv"]
    except (OSError, ValueError, KeyError):
        return f"{file} cannot be read"
    if program not in (*OWN_PYTHON, sys.executable) or arguments != LAUNCH:
        return "it is another interpreter, or not ipykernel"
    provisioner = spec.get("metadata", {}).get("kernel_provisioner", {}).get("provisioner_name", PROVISIONER)
    if spec.get("env") or spec.get("interrupt_mode", "signal") != "signal" or provisioner != PROVISIONER:
        return "its kernelspec sets an environment, an interrupt mode or a provisioner"
    return ""


def check(steps: Iterable[PlannedStep]) -> None:
    """Raises NotebookError (WB-RUN-141) when a step that may run needs a kernel that is not there."""
    needed = [step for step in steps if step.action is not Action.SKIP and _at_hand(step.kernel) is None]
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
