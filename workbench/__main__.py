"""``wb``, ``workbench`` and ``python -m workbench``: from here on an interrupt ends with words, not a traceback."""

from __future__ import annotations

import gc
import sys

RUNNING = ("run", "backfill")
"""Commands that run notebooks, if all goes well."""
ELSEWHERE = {"-h", "--help", "inline", "dask"}
"""Words that say that no notebook runs in processes of this machine."""
GARBAGE = 20_000
"""New objects until Python looks for cycles among them; by default it does so hundreds of times in a short command."""


def main() -> None:
    """Run one command of the command line; imports nothing before an interrupt is heeded."""
    gc.set_threshold(GARBAGE, 20, 20)
    try:
        if sys.argv[1:2] and sys.argv[1] in RUNNING and not ELSEWHERE.intersection(sys.argv):
            from workbench.execution.seats import spring

            spring.begin()
        from workbench.ui.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("WB-RUN-190: stopped - you interrupted the command.\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
