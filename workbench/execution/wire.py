"""What a runner and a template must agree upon before either has imported anything else."""

from __future__ import annotations

END = b"\n"
"""What follows every message between a runner, its template and its guardians, but for the one that cancels."""
IMPORTING, PRELOADED, UNFIT = "importing", "preloaded.json", "unfit.json"
"""Files of a template's folder: the module it imports now, all that it has imported, and the one that spoilt it."""
TEMPLATE = "import sys; del sys.path[0]; from workbench.execution.seats import template; template.main(*sys.argv[1:])"
"""How a template is started; what lies in the current folder is not on its path."""
