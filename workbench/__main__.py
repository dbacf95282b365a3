"""``wb``, ``workbench`` and ``python -m workbench``: from here on an interrupt ends with words, not a traceback."""

from __future__ import annotations

import sys


def main() -> None:
    """Run one command of the command line; imports nothing before an interrupt is heeded."""
    try:
        from workbench.ui.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("WB-RUN-190: stopped - you interrupted the command.\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
